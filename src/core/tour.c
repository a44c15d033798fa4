// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "migctl/tour.h"

bool mig_tour_arc(const struct mig_rules *rules, enum mig_state from, enum mig_state to)
{
	struct mig_ruling ruling;

	if (from == to)
		return false;
	mig_rule(rules, from, to, &ruling);
	return ruling.allowed && !ruling.hazard && ruling.route.count == 1;
}

void mig_tour_open(struct mig_tour *tour, const struct mig_rules *rules)
{
	memset(tour, 0, sizeof(*tour));
	for (int from = 0; from < MIG_STATE_COUNT; from++)
		for (int to = 0; to < MIG_STATE_COUNT; to++)
			if (from != MIG_STATE_RESUMING && to != MIG_STATE_RESUMING &&
			    mig_tour_arc(rules, (enum mig_state)from, (enum mig_state)to))
				tour->open[from] |= (uint8_t)(1u << to);
}

void mig_tour_begin(struct mig_tour *tour)
{
	memcpy(tour->todo, tour->open, sizeof(tour->todo));
}

void mig_tour_close(struct mig_tour *tour, enum mig_state from, enum mig_state to)
{
	tour->open[from] &= (uint8_t) ~(1u << to);
	tour->todo[from] &= (uint8_t) ~(1u << to);
}

void mig_tour_wall(struct mig_tour *tour, enum mig_state home)
{
	unsigned int leads = 1u << home, before;

	do {
		before = leads;
		for (int from = 0; from < MIG_STATE_COUNT; from++)
			if (tour->open[from] & leads)
				leads |= 1u << from;
	} while (leads != before);
	for (int from = 0; from < MIG_STATE_COUNT; from++) {
		tour->open[from] &= (uint8_t)leads;
		tour->todo[from] &= (uint8_t)leads;
	}
}

/* The lowest state of the set. */
static enum mig_state first_of(unsigned int set)
{
	return (enum mig_state)__builtin_ctz(set);
}

/*
 * By breadth: the first hop to the nearest state that is home, or, when home is
 * MIG_STATE_INVALID, that has an arc to do.
 */
static bool nearest(const struct mig_tour *tour, enum mig_state at, enum mig_state home,
		    enum mig_state *hop)
{
	enum mig_state queue[MIG_STATE_COUNT], first[MIG_STATE_COUNT];
	uint8_t seen = (uint8_t)(1u << at);
	size_t head = 0, tail = 0;

	for (queue[tail++] = at; head < tail; head++) {
		enum mig_state here = queue[head];
		uint8_t fresh;

		if (here != at &&
		    (home == MIG_STATE_INVALID ? tour->todo[here] != 0 : here == home)) {
			*hop = first[here];
			return true;
		}
		for (fresh = (uint8_t)(tour->open[here] & ~seen); fresh; fresh &= fresh - 1) {
			enum mig_state next = first_of(fresh);

			first[next] = here == at ? next : first[here];
			seen |= (uint8_t)(1u << next);
			queue[tail++] = next;
		}
	}
	return false;
}

bool mig_tour_next(struct mig_tour *tour, enum mig_state at, enum mig_state home,
		   enum mig_state *to)
{
	unsigned int home_bit = 1u << home;

	if (at >= MIG_STATE_COUNT)
		return false;
	/* Home comes last, or what is to be done here still would take a way of its own. */
	if (tour->todo[at])
		*to = first_of(tour->todo[at] & ~home_bit ? tour->todo[at] & ~home_bit : home_bit);
	else if (!nearest(tour, at, MIG_STATE_INVALID, to) &&
		 (at == home || !nearest(tour, at, home, to)))
		return false;
	tour->todo[at] &= (uint8_t) ~(1u << *to);
	return true;
}
