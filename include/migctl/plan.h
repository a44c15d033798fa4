/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a `set` is going to write, settled as a whole before the first write,
 * so that a refusal always means that nothing was written.
 */
#ifndef MIGCTL_PLAN_H
#define MIGCTL_PLAN_H

#include "migctl/error.h"
#include "migctl/route.h"

struct mig_plan_step {
	enum mig_state from;
	enum mig_state to;
	bool noop;   /* already there: nothing is written */
	bool forced; /* against the rules, by --force */
};

/* Steps are on the heap: mig_plan_clear() frees them. */
struct mig_plan {
	size_t count;
	struct mig_plan_step *steps;
};

struct mig_plan_options {
	bool direct; /* v2: one write a target; the kernel composes */
	bool force;
};

/*
 * From the state the device is in, to each target in turn. -EPERM: the rules
 * forbid it; *error says which pair and why, with the legal route as the hint,
 * and the plan holds the steps up to there and, last, the refused one.
 */
int mig_plan_build(struct mig_plan *plan, const struct mig_rules *rules,
		   const struct mig_plan_options *options, enum mig_state from,
		   const enum mig_state *targets, size_t count, struct mig_error *error);
void mig_plan_clear(struct mig_plan *plan);

#endif
