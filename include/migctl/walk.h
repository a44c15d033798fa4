/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan carried out on a device, step by step, and the record of what was
 * asked, done, seen and timed. Words come later, in report.
 */
#ifndef MIGCTL_WALK_H
#define MIGCTL_WALK_H

#include <signal.h>

#include "migctl/plan.h"
#include "migctl/proto.h"
#include "migctl/record.h"

/* Steps are on the heap: mig_walk_clear() frees them. */
struct mig_walk {
	size_t count;
	struct mig_step *steps;
	enum mig_outcome outcome; /* that of the last step */
	bool interrupted;         /* a signal came between steps */
	bool seen;                /* the last reading; false: the state is not known */
	struct mig_reading last;
};

/*
 * Carries out the plan until a step is neither accepted nor a noop, or *stop
 * is set. first is the state that the plan was made from, as read. Returns 0
 * when all was done; else -errno, with *error for the step that ended it; the
 * record is good in every case.
 */
int mig_walk_run(struct mig_walk *walk, struct mig_port *port, const struct mig_plan *plan,
		 struct mig_reading first, const volatile sig_atomic_t *stop,
		 struct mig_error *error);
/* The same record of what would be written (--dry-run), or of a refusal. */
int mig_walk_plan(struct mig_walk *walk, const struct mig_plan *plan, struct mig_reading first,
		  bool refused, struct mig_error *error);
void mig_walk_clear(struct mig_walk *walk);

#endif
