// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving: pre-copy, stop-and-copy, and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mover.h"

/* Between two looks at a device at work that has no more for now. */
#define IDLE_NS 10000000u
/* In seconds; what is longer would not fit the clock's nanoseconds. */
#define LONG_WHILE 1e9

static int refuse(struct mig_mover *mover, const char *doing)
{
	char text[MIG_STATE_TEXT];

	mig_error_set(mover->error, MIG_KIND_REFUSED, 0,
		      "%s is in %s: %s begins in running, running-p2p or stop",
		      mover->port->device->name, mig_reading_name(mover->first, text), doing);
	mig_error_hint(mover->error, "`reset` should bring it to running");
	return -EPERM;
}

int mover_may_begin(struct mig_mover *mover, const char *doing)
{
	switch (mover->first.state) {
	case MIG_STATE_STOP:
	case MIG_STATE_RUNNING:
	case MIG_STATE_RUNNING_P2P:
		return 0;
	case MIG_STATE_ERROR:
	case MIG_STATE_STOP_COPY:
	case MIG_STATE_RESUMING:
	case MIG_STATE_PRE_COPY:
	case MIG_STATE_PRE_COPY_P2P:
	case MIG_STATE_INVALID:
		break;
	}
	return refuse(mover, doing);
}

/* Into a phase, and whatever it takes to move data there. */
int mover_enter(struct mig_mover *mover, enum mig_phase phase)
{
	static const enum mig_state states[] = {
		[MIG_PHASE_PRE_COPY] = MIG_STATE_PRE_COPY,
		[MIG_PHASE_STOP_COPY] = MIG_STATE_STOP_COPY,
		[MIG_PHASE_RESUMING] = MIG_STATE_RESUMING,
		[MIG_PHASE_LOAD] = MIG_STATE_STOP,
	};
	const struct mig_port *port = mover->port;
	int ret;

	mover_phase(mover, phase);
	ret = mover_go(mover, states[phase], true);
	if (ret)
		return ret;
	port->proto->mover->begin(mover);
	if (port->proto->id == MIG_PROTOCOL_V2 && port->data_fd < 0)
		return mover_broken(mover, "no data_fd came with %s",
				    mig_state_name(states[phase]));
	return 0;
}

static int pre_copy(struct mig_mover *mover)
{
	const struct mig_mover_ops *ops = mover->port->proto->mover;
	const struct mig_move_options *options = mover->options;
	struct mig_move *move = mover->move;
	struct mig_precopy left;
	int ret = mover_enter(mover, MIG_PHASE_PRE_COPY);

	if (ret && mover->error->kind == MIG_KIND_NAK && mover->port->proto->id == MIG_PROTOCOL_V1)
		mig_error_hint(mover->error, "a v1 driver does not say whether it has pre-copy; "
					     "--no-precopy saves without it");
	mover->leave_ns =
		now_ns() + (uint64_t)((options->until_seconds < LONG_WHILE ? options->until_seconds
									   : LONG_WHILE) *
				      1e9);
	while (!ret) {
		uint64_t before = move->bytes;

		ret = ops->drain(mover);
		if (ret)
			break;
		move->precopy_rounds += mover->over;
		ret = ops->left(mover, &left);
		if (ret || now_ns() >= mover->leave_ns ||
		    (!left.initial_bytes && left.dirty_bytes <= options->until_bytes))
			break;
		if (move->bytes == before)
			ret = mover_nap(mover, IDLE_NS);
	}
	if (ret)
		return ret;
	mover_flush(mover);
	return mover_look(mover);
}

static void expect_size(struct mig_mover *mover)
{
	struct mig_error ignored;

	mover->progress.total_known =
		!mover->port->proto->size(mover->port, &mover->progress.total, &ignored);
}

static int save(struct mig_mover *mover)
{
	const struct mig_port *port = mover->port;
	int ret = mover_may_begin(mover, "saving");

	if (ret)
		return ret;
	expect_size(mover);
	if (mover->options->precopy && (port->caps & MIG_CAP_PRE_COPY) &&
	    mover->first.state == MIG_STATE_RUNNING) {
		ret = pre_copy(mover);
		if (ret)
			return ret;
	}
	ret = mover_enter(mover, MIG_PHASE_STOP_COPY);
	if (!ret)
		ret = port->proto->mover->drain(mover);
	if (ret)
		return ret;
	mover_flush(mover);
	mover_stopped(mover);
	mover_phase(mover, MIG_PHASE_BACK);
	ret = mover_look(mover);
	/* All of it is there: from here on a signal finds nothing to spare. */
	if (!ret)
		ret = mover_go(mover, MIG_STATE_STOP, false);
	if (!ret && !mover->options->leave_stopped && mover->first.state != MIG_STATE_STOP)
		ret = mover_go(mover, mover->first.state, false);
	return ret;
}

int mig_move_save(struct mig_move *move, struct mig_port *port,
		  const struct mig_move_options *options, struct mig_ring *ring,
		  const volatile sig_atomic_t *stop, struct mig_watcher *watcher,
		  struct mig_error *error)
{
	const struct mig_mover like = { .move = move,
					.port = port,
					.options = options,
					.ring = ring,
					.stop = stop,
					.watcher = watcher,
					.error = error };
	int ret = mover_run(&like, save);

	mig_ring_end(ring, -ret);
	return ret;
}

void mig_move_clear(struct mig_move *move)
{
	free(move->steps);
	memset(move, 0, sizeof(*move));
}
