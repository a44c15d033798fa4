// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>

#include "json.h"
#include "migctl/table.h"

static struct json_object *item_object(const struct mig_conform_item *item)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_text(item->name));
	json_object_object_add(object, "verdict", json_text(mig_check_verdict_name(item->verdict)));
	json_object_object_add(object, "detail", json_text(item->detail));
	json_object_object_add(object, "authority", json_text(item->authority));
	json_object_object_add(object, "usec",
			       item->usec ? json_object_new_uint64(item->usec) : NULL);
	return object;
}

static void add_counts(struct json_object *object, const struct mig_conform_record *record)
{
	static const struct {
		const char *key;
		enum mig_check_verdict verdict;
	} counts[] = {
		{ "passed", MIG_CHECK_PASS },
		{ "failed", MIG_CHECK_FAIL },
		{ "warned", MIG_CHECK_WARN },
		{ "skipped", MIG_CHECK_SKIP },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		uint64_t count = 0;

		for (size_t j = 0; j < record->count; j++)
			count += record->items[j].verdict == counts[i].verdict;
		json_object_object_add(object, counts[i].key, json_object_new_uint64(count));
	}
}

static void add_answer(struct json_object *object, const struct mig_conform_record *record,
		       enum mig_state from, enum mig_state to)
{
	const struct mig_conform_answer *answer = NULL;

	for (size_t i = 0; i < record->answer_count && !answer; i++)
		if (record->answers[i].from == from && record->answers[i].to == to)
			answer = &record->answers[i];
	json_object_object_add(object, "outcome",
			       answer ? json_text(mig_outcome_name(answer->outcome)) : NULL);
	json_object_object_add(object, "errno",
			       answer ? json_text(mig_errno_name(answer->err)) : NULL);
}

/* Every pair of v1, what the three tables have of it, and how this driver answers. */
static struct json_object *review_array(const struct mig_conform_record *record)
{
	struct json_object *review, *pair;

	if (record->base.protocol != MIG_PROTOCOL_V1)
		return NULL;
	review = json_object_new_array();
	for (size_t i = 0; i < MIG_V1_STATES * MIG_V1_STATES; i++) {
		enum mig_state from = mig_v1_states[i / MIG_V1_STATES];
		enum mig_state to = mig_v1_states[i % MIG_V1_STATES];

		if (from == to)
			continue;
		pair = json_object_new_object();
		json_object_object_add(pair, "from", json_text(mig_state_name(from)));
		json_object_object_add(pair, "to", json_text(mig_state_name(to)));
		for (int table = MIG_TABLE_POSTED; table <= MIG_TABLE_OPEN; table++)
			json_object_object_add(
				pair, mig_table_name(table),
				json_object_new_boolean(mig_table_v1_arc(table, from, to) != NULL));
		add_answer(pair, record, from, to);
		json_object_array_add(review, pair);
	}
	return review;
}

int mig_json_conform(const struct mig_style *style, const struct mig_conform_record *record)
{
	struct json_object *object = json_begin_state(&record->base);
	struct json_object *tests = json_object_new_array();

	for (size_t i = 0; i < record->count; i++)
		json_object_array_add(tests, item_object(&record->items[i]));
	json_object_object_add(
		object, "capabilities",
		record->base.protocol == MIG_PROTOCOL_NONE ? NULL : json_caps(record->caps));
	json_object_object_add(object, "planned", json_object_new_uint64(record->planned));
	json_object_object_add(object, "tests", tests);
	add_counts(object, record);
	json_object_object_add(object, "seed",
			       record->seed ? json_object_new_uint64(record->seed) : NULL);
	json_object_object_add(object, "review", review_array(record));
	json_add_state(object, &record->base);
	return json_finish(style, object, record->base.head.error, record->base.head.stuck);
}

int mig_json_conform_list(const struct mig_style *style, const struct mig_conform_item *items,
			  size_t count, const struct mig_error *error)
{
	struct json_object *object = json_begin("conform");
	struct json_object *tests = json_object_new_array(), *test;

	for (size_t i = 0; i < count; i++) {
		test = json_object_new_object();
		json_object_object_add(test, "name", json_text(items[i].name));
		json_object_object_add(test, "protocol",
				       json_text(mig_protocol_name(items[i].protocol)));
		json_object_object_add(test, "illegal", json_object_new_boolean(items[i].illegal));
		json_object_object_add(test, "authority", json_text(items[i].authority));
		json_object_array_add(tests, test);
	}
	json_object_object_add(object, "tests", tests);
	return json_finish(style, object, error, NULL);
}
