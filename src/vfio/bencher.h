/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bench under way. */
#ifndef MIGCTL_BENCHER_H
#define MIGCTL_BENCHER_H

#include "bench_store.h"
#include "clock.h"
#include "migctl/bench.h"
#include "migctl/tour.h"

struct bencher {
	struct mig_bench *bench;
	struct mig_port *port;
	struct mig_sys *sys;
	const struct mig_bench_options *options;
	const volatile sig_atomic_t *stop;
	struct mig_error *error;
	struct mig_rules rules;
	struct mig_tour tour;
	uint64_t begun_ns;
	struct bench_store store;
	unsigned int turn; /* of the chunks, and of the ways to restore */
	/* RESUMING's arcs that were refused: a bit a state, into it from, and out of it to. */
	uint8_t no_way_in, no_way_out;
};

/* 0, or -errno with *error, unless it says otherwise. */

/* One more of what like is of; NULL with *error: no memory. */
struct mig_figure *bencher_figure(struct bencher *bencher, const struct mig_figure *like);
int bencher_take(struct bencher *bencher, const struct mig_figure *like, uint64_t ns);
/* The driver refused the arc. */
int bencher_nak(struct bencher *bencher, enum mig_state from, enum mig_state to, int err);
/* One arc, timed. 1: refused, and the device is where it was; it is closed from now on. */
int bencher_step(struct bencher *bencher, enum mig_state to);
/* Seconds until it is to end; negative: it is time. */
double bencher_left(const struct bencher *bencher);

/* bench_move.c: a save, and a restore of it; then with one of the chunks. From and to RUNNING. */
int bencher_moves(struct bencher *bencher);

#endif
