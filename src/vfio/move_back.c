// SPDX-License-Identifier: GPL-2.0-or-later
/* After a failure: the device is brought back, reset, or it is said how it is left. */
#include <stdio.h>

#include "mover.h"

static void hint(struct mig_mover *mover)
{
	const struct mig_device *device = mover->port->device;
	const char *rebind = "unbind the device from its VFIO driver and bind it again";

	if (mover->move->reset_attempted)
		mig_error_hint(mover->error, "the reset did not help: %s", rebind);
	else if (device->informed && !mig_device_can_reset(device))
		mig_error_hint(mover->error, "%s", rebind);
	else
		mig_error_hint(mover->error, "`reset` should bring it to running");
}

/*
 * It is not where it was found, and this is why. The first error stays, but
 * its kind is the exit status, and so tells of the device.
 */
static void leave(struct mig_mover *mover, enum mig_kind kind, const char *why)
{
	struct mig_move *move = mover->move;
	char text[MIG_STATE_TEXT];

	move->left = true;
	if (move->other_side)
		mig_error_set(mover->error, kind, 0, "%s", mover->port->device->name);
	mover->error->kind = kind;
	mig_error_add(
		mover->error, "%s %s, and it is left in %s", move->other_side ? ":" : ";", why,
		move->seen ? mig_reading_name(move->last, text) : "a state that cannot be read");
	hint(mover);
}

/* Now it is this that has to be told of, and what may still be done about it. */
static void no_answer(struct mig_mover *mover, const struct mig_error *failed)
{
	struct mig_error *error = mover->error;

	mover->move->left = true;
	mover->move->seen = false;
	if (mover->move->other_side) {
		*error = *failed;
		return;
	}
	error->kind = MIG_KIND_TIMEOUT;
	mig_error_add(error, "; then %s", failed->text);
	mig_error_hint(error, "%s", failed->hint);
}

/* False: even that got no answer. */
static bool read_state(struct mig_mover *mover)
{
	struct mig_move *move = mover->move;
	struct mig_error failed;

	move->seen = !mover->port->proto->get(mover->port, &move->last, &failed);
	if (!mig_sys_is_stuck(mover->sys))
		return true;
	no_answer(mover, &failed);
	return false;
}

static enum mig_outcome judge_reset(int reset, bool known, struct mig_reading before,
				    const struct mig_move *move)
{
	if (!move->seen)
		return MIG_OUTCOME_ASTRAY;
	if (move->last.state == MIG_STATE_ERROR)
		return MIG_OUTCOME_FAULTED;
	if (!reset && move->last.state == MIG_STATE_RUNNING)
		return MIG_OUTCOME_ACCEPTED;
	if (reset && known && move->last.state == before.state)
		return MIG_OUTCOME_NAK;
	return MIG_OUTCOME_ASTRAY;
}

/* What it was given is a part, or was refused: it must never run on that. */
static void reset(struct mig_mover *mover)
{
	struct mig_device *device = mover->port->device;
	struct mig_reading before = mover->move->last;
	struct mig_move *move = mover->move;
	bool known = move->seen;
	struct mig_error failed;
	int ret = mig_port_close(mover->port, &failed);

	if (!ret)
		ret = mig_device_info(device, &failed);
	if (mig_sys_is_stuck(mover->sys)) {
		no_answer(mover, &failed);
		return;
	}
	if (ret || !mig_device_can_reset(device)) {
		leave(mover, MIG_KIND_ASTRAY,
		      "it holds a part of a state and offers no reset to be rid of it");
		return;
	}
	move->reset_attempted = true;
	move->reset_from = before;
	ret = mig_device_reset(device, &failed);
	move->reset_outcome = MIG_OUTCOME_TIMEOUT;
	if (mig_sys_is_stuck(mover->sys))
		no_answer(mover, &failed);
	else if (read_state(mover))
		move->reset_outcome = judge_reset(ret, known, before, move);
	if (move->reset_outcome == MIG_OUTCOME_TIMEOUT)
		return;
	if (move->reset_outcome == MIG_OUTCOME_ACCEPTED) {
		if (!move->other_side)
			mig_error_add(mover->error, "; the device was reset, and is running");
		return;
	}
	leave(mover,
	      move->reset_outcome == MIG_OUTCOME_FAULTED ? MIG_KIND_FAULTED : MIG_KIND_ASTRAY,
	      ret ? failed.text : "VFIO_DEVICE_RESET was said to go well");
}

/* By the ways that the tables have, whatever became of the signal. */
static void undo(struct mig_mover *mover)
{
	const struct mig_move *move = mover->move;
	struct mig_error first = *mover->error, failed;
	char why[512];
	int ret = 0;

	if (!move->seen) {
		leave(mover, MIG_KIND_ASTRAY, "it cannot be brought back");
		return;
	}
	/* As QEMU ends a save, and v2's only way: saving stops before anything runs. */
	if (move->last.state == MIG_STATE_STOP_COPY)
		ret = mover_go(mover, MIG_STATE_STOP, false);
	if (!ret && move->last.state != mover->first.state)
		ret = mover_go(mover, mover->first.state, false);
	failed = *mover->error;
	*mover->error = first;
	if (!ret)
		return;
	if (mig_sys_is_stuck(mover->sys)) {
		no_answer(mover, &failed);
		return;
	}
	snprintf(why, sizeof(why), "bringing it back failed too: %.450s", failed.text);
	leave(mover, failed.kind == MIG_KIND_FAULTED ? MIG_KIND_FAULTED : MIG_KIND_ASTRAY, why);
}

void mover_back(struct mig_mover *mover)
{
	struct mig_move *move = mover->move;

	if (mig_sys_is_stuck(mover->sys)) {
		move->left = move->touched;
		move->seen = false;
		return;
	}
	/* Nothing was written yet, or all of it went well but the last step. */
	if (!move->count || !read_state(mover))
		return;
	if (mover->loaded) {
		move->left = true;
		return;
	}
	if (mover->resumed || (move->seen && move->last.state == MIG_STATE_RESUMING)) {
		reset(mover);
		return;
	}
	if (move->seen && move->last.state == MIG_STATE_ERROR) {
		bool known = mover->error->kind == MIG_KIND_FAULTED && !move->other_side;

		if (!known)
			leave(mover, MIG_KIND_FAULTED, "the device faulted");
		move->left = true;
		return;
	}
	undo(mover);
}
