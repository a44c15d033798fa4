// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules themselves, with no device: table and explain. */
#include <json-c/json.h>

#include "json.h"

static struct json_object *state_word(enum mig_state state)
{
	return json_object_new_string(mig_state_name(state));
}

static struct json_object *pair_object(enum mig_state from, enum mig_state to)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "from", state_word(from));
	json_object_object_add(object, "to", state_word(to));
	return object;
}

static void add_rules(struct json_object *object, const struct mig_rules *rules)
{
	bool v1 = rules->protocol == MIG_PROTOCOL_V1;

	json_object_object_add(object, "protocol",
			       json_object_new_string(mig_protocol_name(rules->protocol)));
	json_object_object_add(object, "table",
			       v1 ? json_object_new_string(mig_table_name(rules->table)) : NULL);
	json_object_object_add(object, "capabilities", v1 ? NULL : json_caps(rules->caps));
}

static void add_arc_v1(struct json_object *arcs, const struct mig_rules *rules, enum mig_state from,
		       enum mig_state to)
{
	const struct mig_arc *arc = mig_table_v1_arc(rules->table, from, to);
	struct json_object *object;

	if (!arc)
		return;
	object = pair_object(from, to);
	json_object_object_add(object, "origin",
			       json_object_new_string(mig_origin_name(arc->origin)));
	json_object_object_add(object, "reason", json_object_new_string(arc->reason));
	json_object_array_add(arcs, object);
}

static void add_arc_v2(struct json_object *arcs, struct json_object *blocked,
		       const struct mig_rules *rules, enum mig_state from, enum mig_state to)
{
	struct json_object *object;
	struct mig_route route;

	if (from == to)
		return;
	object = pair_object(from, to);
	if (mig_route_v2(rules->caps, from, to, &route)) {
		json_object_object_add(object, "route", json_states(route.hops, route.count));
		json_object_array_add(arcs, object);
	} else {
		json_object_object_add(
			object, "reason",
			json_object_new_string(mig_table_v2_refusal(rules->caps, from, to)));
		json_object_array_add(blocked, object);
	}
}

/* The states that take part, v1 in the order of their wire values. */
static size_t states_of(const struct mig_rules *rules, enum mig_state states[MIG_STATE_COUNT])
{
	size_t count = 0;

	if (rules->protocol == MIG_PROTOCOL_V1) {
		for (; count < MIG_V1_STATES; count++)
			states[count] = mig_v1_states[count];
		return count;
	}
	for (int i = 0; i < MIG_STATE_COUNT; i++)
		if (mig_table_v2_supported(rules->caps, (enum mig_state)i))
			states[count++] = (enum mig_state)i;
	return count;
}

int mig_json_table(const struct mig_style *style, const struct mig_table_record *record)
{
	const struct mig_rules *rules = &record->rules;
	struct json_object *object = json_begin("table"), *arcs = json_object_new_array();
	struct json_object *blocked = json_object_new_array();
	enum mig_state states[MIG_STATE_COUNT];
	size_t count = states_of(rules, states);

	add_rules(object, rules);
	json_object_object_add(object, "states", json_states(states, count));
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			if (rules->protocol == MIG_PROTOCOL_V1)
				add_arc_v1(arcs, rules, states[i], states[j]);
			else
				add_arc_v2(arcs, blocked, rules, states[i], states[j]);
		}
	}
	json_object_object_add(object, "arcs", arcs);
	if (rules->protocol == MIG_PROTOCOL_V1)
		json_object_put(blocked);
	else
		json_object_object_add(object, "blocked", blocked);
	return json_finish(style, object, NULL, NULL);
}

int mig_json_explain(const struct mig_style *style, const struct mig_explain_record *record)
{
	const struct mig_ruling *ruling = &record->ruling;
	struct json_object *object = json_begin("explain");
	const struct mig_arc *arc = ruling->arc;

	/* Of an arc that this table lacks it is worth knowing who speaks of it. */
	if (!arc && record->rules.protocol == MIG_PROTOCOL_V1)
		arc = mig_table_v1_arc(MIG_TABLE_OPEN, record->from, record->to);

	add_rules(object, &record->rules);
	json_object_object_add(object, "from", state_word(record->from));
	json_object_object_add(object, "to", state_word(record->to));
	json_object_object_add(object, "allowed", json_object_new_boolean(ruling->allowed));
	json_object_object_add(object, "origin",
			       arc ? json_object_new_string(mig_origin_name(arc->origin)) : NULL);
	json_object_object_add(object, "reason", json_object_new_string(ruling->reason));
	/* Allowed and empty: the device is there already. */
	json_object_object_add(object, "route",
			       ruling->allowed || ruling->route.count
				       ? json_states(ruling->route.hops, ruling->route.count)
				       : NULL);
	return json_finish(style, object, record->error, NULL);
}
