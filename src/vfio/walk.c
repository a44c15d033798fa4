// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/walk.h"

static int begin(struct mig_walk *walk, const struct mig_plan *plan, struct mig_reading first,
		 struct mig_error *error)
{
	memset(walk, 0, sizeof(*walk));
	walk->seen = true;
	walk->last = first;
	walk->outcome = MIG_OUTCOME_NOOP;
	walk->steps = calloc(plan->count ? plan->count : 1, sizeof(*walk->steps));
	if (!walk->steps)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory for the walk");
	return 0;
}

static struct mig_step *add(struct mig_walk *walk, const struct mig_plan_step *planned)
{
	struct mig_step *step = &walk->steps[walk->count++];

	step->from = planned->from;
	step->to = planned->to;
	step->forced = planned->forced;
	step->seen = true;
	step->after = walk->last;
	return step;
}

/* What the driver said goes first; what became of it is told by report. */
static void explain(const struct mig_step *step, const struct mig_port *port, int write_ret,
		    struct mig_error *error)
{
	char text[MIG_STATE_TEXT];
	const char *driver = write_ret ? mig_errno_name(-write_ret) : "success";

	switch (step->outcome) {
	case MIG_OUTCOME_NAK:
		mig_error_set(error, MIG_KIND_NAK, -write_ret,
			      "the driver of %s refused %s -> %s (%s); the state is still %s",
			      port->device->name, mig_state_name(step->from),
			      mig_state_name(step->to), driver ? driver : "error",
			      mig_reading_name(step->after, text));
		mig_error_hint(error, "see the kernel log for the driver's reason");
		return;
	case MIG_OUTCOME_ASTRAY:
		mig_error_set(
			error, MIG_KIND_ASTRAY, -write_ret,
			"%s is astray: asked %s -> %s, the driver said %s, and the state is %s",
			port->device->name, mig_state_name(step->from), mig_state_name(step->to),
			driver ? driver : "error",
			step->seen ? mig_reading_name(step->after, text) : "unreadable");
		mig_error_hint(error, "`set` goes on from there where the table allows it; `reset` "
				      "starts over");
		return;
	case MIG_OUTCOME_FAULTED:
		mig_error_set(
			error, MIG_KIND_FAULTED, -write_ret,
			"%s faulted: asked %s -> %s, the driver said %s, and the device is in "
			"_ERROR",
			port->device->name, mig_state_name(step->from), mig_state_name(step->to),
			driver ? driver : "error");
		return;
	case MIG_OUTCOME_ACCEPTED:
	case MIG_OUTCOME_NOOP:
	case MIG_OUTCOME_REFUSED:
	case MIG_OUTCOME_PLANNED:
	case MIG_OUTCOME_TIMEOUT: /* mig_sys_error() has said it already */
		return;
	}
}

static int take(struct mig_port *port, struct mig_step *step, struct mig_error *error)
{
	struct mig_attempt attempt = { .before = step->from, .asked = step->to };
	struct mig_error wrote, read;
	int ret, got;

	ret = port->proto->set(port, step->to, &wrote);
	step->usec = port->set_ns / 1000;
	step->err = ret ? -ret : 0;
	attempt.written = !ret ? MIG_WRITTEN_OK : MIG_WRITTEN_FAILED;
	if (mig_sys_is_stuck(port->device->sys)) {
		attempt.written = MIG_WRITTEN_NO_ANSWER;
		got = ret;
	} else {
		got = port->proto->get(port, &step->after, &read);
	}
	step->seen = !got;
	attempt.seen = !got ? MIG_SEEN : MIG_SEEN_NOTHING;
	if (mig_sys_is_stuck(port->device->sys))
		attempt.seen = MIG_SEEN_NO_ANSWER;
	attempt.after = step->after.state;
	step->outcome = mig_verdict(&attempt);
	/* A write that failed and moved the device all the same leaves its errno, no error. */
	if (step->outcome == MIG_OUTCOME_ACCEPTED)
		return 0;
	if (step->outcome == MIG_OUTCOME_TIMEOUT)
		*error = attempt.written == MIG_WRITTEN_NO_ANSWER ? wrote : read;
	explain(step, port, ret, error);
	return ret ? ret : -EIO;
}

int mig_walk_run(struct mig_walk *walk, struct mig_port *port, const struct mig_plan *plan,
		 struct mig_reading first, const volatile sig_atomic_t *stop,
		 struct mig_error *error)
{
	int ret = begin(walk, plan, first, error);

	for (size_t i = 0; !ret && i < plan->count; i++) {
		struct mig_step *step;

		if (*stop) {
			walk->interrupted = true;
			return mig_error_set(error, MIG_KIND_FAILED, EINTR,
					     "interrupted before %s -> %s of %s",
					     mig_state_name(plan->steps[i].from),
					     mig_state_name(plan->steps[i].to), port->device->name);
		}
		step = add(walk, &plan->steps[i]);
		if (plan->steps[i].noop)
			step->outcome = MIG_OUTCOME_NOOP;
		else
			ret = take(port, step, error);
		walk->outcome = step->outcome;
		walk->seen = step->seen;
		walk->last = step->after;
	}
	return ret;
}

int mig_walk_plan(struct mig_walk *walk, const struct mig_plan *plan, struct mig_reading first,
		  bool refused, struct mig_error *error)
{
	int ret = begin(walk, plan, first, error);

	for (size_t i = 0; !ret && i < plan->count; i++) {
		struct mig_step *step = add(walk, &plan->steps[i]);

		step->outcome = plan->steps[i].noop ? MIG_OUTCOME_NOOP : MIG_OUTCOME_PLANNED;
		if (refused && i == plan->count - 1)
			step->outcome = MIG_OUTCOME_REFUSED;
		walk->outcome = step->outcome;
	}
	return ret;
}

void mig_walk_clear(struct mig_walk *walk)
{
	free(walk->steps);
	memset(walk, 0, sizeof(*walk));
}
