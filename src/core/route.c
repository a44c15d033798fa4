// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "migctl/route.h"

/*
 * Breadth first from the target backwards would find the same lengths, but
 * forwards in state order it also settles which of several is named.
 */
bool mig_route_v1(enum mig_table table, enum mig_state from, enum mig_state to,
		  struct mig_route *route)
{
	enum mig_state queue[MIG_STATE_COUNT], came_from[MIG_STATE_COUNT];
	bool met[MIG_STATE_COUNT] = { false };
	size_t head = 0, tail = 0;

	route->count = 0;
	if (from == to || from >= MIG_STATE_COUNT || to >= MIG_STATE_COUNT)
		return false;
	met[from] = true;
	for (queue[tail++] = from; head < tail && !met[to]; head++) {
		for (size_t i = 0; i < MIG_V1_STATES; i++) {
			enum mig_state next = mig_v1_states[i];

			if (met[next] || !mig_table_v1_arc(table, queue[head], next))
				continue;
			met[next] = true;
			came_from[next] = queue[head];
			queue[tail++] = next;
		}
	}
	if (!met[to])
		return false;
	for (enum mig_state at = to; at != from; at = came_from[at]) {
		memmove(route->hops + 1, route->hops, route->count * sizeof(*route->hops));
		route->hops[0] = at;
		route->count++;
	}
	return true;
}

bool mig_route_v2(unsigned int caps, enum mig_state from, enum mig_state to,
		  struct mig_route *route)
{
	route->count = 0;
	if (from == to)
		return false;
	for (enum mig_state at = from; at != to;) {
		at = mig_table_v2_next(caps, at, to);
		/* The bound is for a table that were wrong; this one has no loop. */
		if (at == MIG_STATE_ERROR || route->count == MIG_ROUTE_MAX) {
			route->count = 0;
			return false;
		}
		route->hops[route->count++] = at;
	}
	return true;
}

static void rule_v1(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
		    struct mig_ruling *ruling)
{
	/* What a driver does with a write from _ERROR no header says; the way out is the reset. */
	if (from == MIG_STATE_ERROR)
		ruling->hazard = mig_table_v1_refusal(rules->table, from, to);
	ruling->arc = mig_table_v1_arc(rules->table, from, to);
	ruling->allowed = ruling->arc;
	ruling->reason =
		ruling->arc ? ruling->arc->reason : mig_table_v1_refusal(rules->table, from, to);
	mig_route_v1(rules->table, from, to, &ruling->route);
}

static void rule_v2(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
		    struct mig_ruling *ruling)
{
	ruling->hazard = mig_table_v2_hazard(rules->caps, from, to);
	ruling->allowed = mig_route_v2(rules->caps, from, to, &ruling->route);
	if (!ruling->allowed)
		ruling->reason = mig_table_v2_refusal(rules->caps, from, to);
	else if (ruling->route.count == 1)
		ruling->reason = "an arc that the driver itself implements";
	else
		ruling->reason = "composed by the kernel out of the driver's arcs";
}

/* No arc, and so in no table. _ERROR is never a target, not even where the device is. */
static bool stays(const struct mig_rules *rules, enum mig_state from, enum mig_state to)
{
	if (from != to || from == MIG_STATE_ERROR || from >= MIG_STATE_COUNT)
		return false;
	return rules->protocol == MIG_PROTOCOL_V2 ? mig_table_v2_supported(rules->caps, from)
						  : mig_state_in(rules->protocol, from);
}

void mig_rule(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
	      struct mig_ruling *ruling)
{
	memset(ruling, 0, sizeof(*ruling));
	if (stays(rules, from, to)) {
		ruling->allowed = true;
		ruling->reason = "no transition: nothing is written";
		return;
	}
	switch (rules->protocol) {
	case MIG_PROTOCOL_NONE:
		ruling->reason = "the device has no migration interface";
		return;
	case MIG_PROTOCOL_V1:
		rule_v1(rules, from, to, ruling);
		return;
	case MIG_PROTOCOL_V2:
		rule_v2(rules, from, to, ruling);
		return;
	}
}

void mig_route_text(enum mig_state from, const struct mig_route *route, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s", mig_state_name(from));

	for (size_t i = 0; i < route->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, " -> %s",
					 mig_state_name(route->hops[i]));
}

/* Two routes where there is no single one, as stop-copy -> stop and stop -> pre-copy. */
static bool route_by(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
		     enum mig_state *by)
{
	struct mig_route first, second;

	for (int state = 0; state < MIG_STATE_COUNT; state++) {
		*by = (enum mig_state)state;
		if (rules->protocol == MIG_PROTOCOL_V2 &&
		    mig_route_v2(rules->caps, from, *by, &first) &&
		    mig_route_v2(rules->caps, *by, to, &second))
			return true;
	}
	return false;
}

static void hint(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
		 const struct mig_ruling *ruling, struct mig_error *error)
{
	bool open =
		rules->protocol == MIG_PROTOCOL_V1 && mig_table_v1_arc(MIG_TABLE_OPEN, from, to);
	enum mig_state by;
	char route[256];

	if (from == MIG_STATE_ERROR || from == MIG_STATE_INVALID) {
		mig_error_hint(error, from == MIG_STATE_ERROR
					      ? "recover with `reset`, or `set --reset-on-error`"
					      : "`reset` should bring it to running");
	} else if (ruling->route.count) {
		mig_route_text(from, &ruling->route, route, sizeof(route));
		mig_error_hint(error, "a legal route is %s%s", route,
			       open ? "; --table open has the transition itself" : "");
	} else if (route_by(rules, from, to, &by)) {
		mig_error_hint(error,
			       "name %s in between: there is a way from %s to it, and on to %s",
			       mig_state_name(by), mig_state_name(from), mig_state_name(to));
	}
}

int mig_ruling_error(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
		     const struct mig_ruling *ruling, struct mig_error *error)
{
	bool v1 = rules->protocol == MIG_PROTOCOL_V1;

	mig_error_set(error, MIG_KIND_REFUSED, 0, "%s %s -> %s is not allowed%s%s: %s",
		      mig_protocol_name(rules->protocol), mig_state_name(from), mig_state_name(to),
		      v1 ? " by the table " : "", v1 ? mig_table_name(rules->table) : "",
		      ruling->reason);
	hint(rules, from, to, ruling, error);
	return -EPERM;
}
