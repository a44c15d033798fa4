/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A round trip through a protocol's states that passes every arc a driver
 * implements at least once. Pure; who goes asks for one step at a time, for a
 * driver may refuse an arc on the way.
 */
#ifndef MIGCTL_TOUR_H
#define MIGCTL_TOUR_H

#include "migctl/route.h"

/* A bit a state: those that may follow, and of these the ones not passed yet. */
struct mig_tour {
	uint8_t open[MIG_STATE_COUNT];
	uint8_t todo[MIG_STATE_COUNT];
};

/*
 * Is it one arc, which the driver itself carries out? v2: the next hop is the
 * target; v1: the rules' table has it. Never one that harms the kernel.
 */
bool mig_tour_arc(const struct mig_rules *rules, enum mig_state from, enum mig_state to);

/* All of the rules' arcs are open but those of RESUMING, which takes data to leave it. */
void mig_tour_open(struct mig_tour *tour, const struct mig_rules *rules);
/* All that are open are still to be passed. */
void mig_tour_begin(struct mig_tour *tour);
/* The driver refuses it: the ways around it are taken. */
void mig_tour_close(struct mig_tour *tour, enum mig_state from, enum mig_state to);
/* It ended with no way home: what home cannot be reached from is not entered again. */
void mig_tour_wall(struct mig_tour *tour, enum mig_state home);
/*
 * Where to go next: the nearest arc that was not passed, then home; what is
 * returned is taken to be passed. False: home with all that can be reached
 * done, or there is no way home.
 */
bool mig_tour_next(struct mig_tour *tour, enum mig_state at, enum mig_state home,
		   enum mig_state *to);

#endif
