// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
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
	step->from_raw = walk->last.raw;
	step->to = planned->to;
	step->forced = planned->forced;
	step->seen = true;
	step->after = walk->last;
	return step;
}

/* What the driver made of the write, in a few words. */
static const char *driver_said(const struct mig_step *step, const struct mig_port *port,
			       char text[32])
{
	const char *name = mig_errno_name(step->err);

	if (step->err)
		return name ? name : "error";
	if (port->set_took < 0 || port->set_took == (int)sizeof(uint32_t))
		return "success";
	snprintf(text, 32, "%d of 4 bytes written", port->set_took);
	return text;
}

/* mlx5 and its kin say ENOTCONN when the PF's side has gone (mlx5vf_cmd_*()). */
static void hint_refusal(struct mig_error *error, int err, const char *name)
{
	if (err == ENOTCONN)
		mig_error_hint(
			error,
			"the PF's driver went away or its VFs were disabled: bring that back "
			"and bind the VF anew; vfio-migctl check %s tells what is missing",
			name);
	else
		mig_error_hint(error, "see the kernel log for the driver's reason");
}

/* unread: why the state could not be read again, NULL: it was. */
static void explain(const struct mig_step *step, const struct mig_port *port,
		    const struct mig_error *unread, struct mig_error *error)
{
	const char *name = port->device->name, *from = mig_state_name(step->from);
	const char *to = mig_state_name(step->to);
	char said[32], text[MIG_STATE_TEXT];

	switch (step->outcome) {
	case MIG_OUTCOME_NAK:
		mig_error_set(error, MIG_KIND_NAK, step->err,
			      "the driver of %s refused %s -> %s (%s); the state is still %s", name,
			      from, to, driver_said(step, port, said),
			      mig_reading_name(step->after, text));
		hint_refusal(error, step->err, name);
		return;
	case MIG_OUTCOME_ASTRAY:
		mig_error_set(
			error, MIG_KIND_ASTRAY, unread && !step->err ? unread->err : step->err,
			"%s is astray: asked %s -> %s, the driver said %s, and the state %s%s",
			name, from, to, driver_said(step, port, said),
			unread ? "is unknown: " : "is ",
			unread ? unread->text : mig_reading_name(step->after, text));
		mig_error_hint(error, "most drivers start in running when the device is opened "
				      "again; `reset` makes sure of it");
		return;
	case MIG_OUTCOME_FAULTED:
		mig_error_set(
			error, MIG_KIND_FAULTED, step->err,
			"%s faulted: asked %s -> %s, the driver said %s, and the device is in "
			"_ERROR",
			name, from, to, driver_said(step, port, said));
		return;
	case MIG_OUTCOME_ACCEPTED:
	case MIG_OUTCOME_NOOP:
	case MIG_OUTCOME_REFUSED:
	case MIG_OUTCOME_PLANNED:
	case MIG_OUTCOME_TIMEOUT: /* mig_sys_error() has said it already */
		return;
	}
}

/* Fills the step; *wrote and *read are for the calls that failed. */
static struct mig_attempt write_and_look(struct mig_port *port, struct mig_reading now,
					 struct mig_step *step, struct mig_error *wrote,
					 struct mig_error *read)
{
	struct mig_attempt attempt = { .before = step->from,
				       .asked = step->to,
				       .written = MIG_WRITTEN_OK,
				       .seen = MIG_SEEN_NO_ANSWER };
	int ret = port->proto->set(port, now, step->to, wrote);

	step->seen = false;
	step->nsec = port->set_ns;
	step->usec = port->set_ns / 1000;
	if (mig_sys_is_stuck(port->device->sys)) {
		attempt.written = MIG_WRITTEN_NO_ANSWER;
		return attempt;
	}
	if (ret) {
		attempt.written = MIG_WRITTEN_FAILED;
		/* A short transfer has no errno: nothing returned one. */
		step->err = port->set_took < 0 ? -ret : 0;
	}
	ret = port->proto->get(port, &step->after, read);
	if (mig_sys_is_stuck(port->device->sys))
		return attempt;
	step->seen = !ret;
	attempt.seen = ret ? MIG_SEEN_NOTHING : MIG_SEEN;
	attempt.after = step->after.state;
	return attempt;
}

static int take(struct mig_port *port, struct mig_reading now, struct mig_step *step,
		struct mig_error *error)
{
	struct mig_error wrote, read;
	struct mig_attempt attempt = write_and_look(port, now, step, &wrote, &read);

	step->outcome = mig_verdict(&attempt);
	/* A write that failed and moved the device all the same leaves its errno, no error. */
	if (step->outcome == MIG_OUTCOME_ACCEPTED)
		return mig_port_settle(port, error);
	if (step->outcome == MIG_OUTCOME_TIMEOUT) {
		*error = attempt.written == MIG_WRITTEN_NO_ANSWER ? wrote : read;
		return -ETIMEDOUT;
	}
	explain(step, port, step->seen ? NULL : &read, error);
	return step->err ? -step->err : -EIO;
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
			ret = take(port, walk->last, step, error);
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
