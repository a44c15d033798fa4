/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May one state follow another, by which rule, and along which route.
 * Pure: values in, values out; the strings are static.
 */
#ifndef MIGCTL_ROUTE_H
#define MIGCTL_ROUTE_H

#include "migctl/error.h"
#include "migctl/table.h"

/* The longest route visits each of a protocol's states once. */
#define MIG_ROUTE_MAX (MIG_STATE_COUNT - 1)

/* The states after the first one, the last being the target. */
struct mig_route {
	size_t count;
	enum mig_state hops[MIG_ROUTE_MAX];
};

/* What decides: a protocol, and for v1 the table, for v2 the capabilities. */
struct mig_rules {
	enum mig_protocol protocol;
	enum mig_table table;
	unsigned int caps;
};

struct mig_ruling {
	bool allowed;
	const char *reason;        /* why, or why not; never NULL */
	const char *hazard;        /* never issued, not even forced; else NULL */
	const struct mig_arc *arc; /* v1 and an arc of the table; else NULL */
	/*
	 * Allowed: what is passed on the way (v1: the target alone), nothing
	 * when it is there already. Not allowed: the legal route where there is
	 * one, else count 0.
	 */
	struct mig_route route;
};

void mig_rule(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
	      struct mig_ruling *ruling);

/*
 * A refusal as an error, MIG_KIND_REFUSED: which pair, why, and as the hint the
 * legal route, the table that has the arc, or the reset. Returns -EPERM.
 */
int mig_ruling_error(const struct mig_rules *rules, enum mig_state from, enum mig_state to,
		     const struct mig_ruling *ruling, struct mig_error *error);

/* False, and an empty route, when there is none; from == to has none. */
bool mig_route_v1(enum mig_table table, enum mig_state from, enum mig_state to,
		  struct mig_route *route);
bool mig_route_v2(unsigned int caps, enum mig_state from, enum mig_state to,
		  struct mig_route *route);

/* "from -> a -> b", cut to the room there is. */
void mig_route_text(enum mig_state from, const struct mig_route *route, char *text, size_t size);

#endif
