// SPDX-License-Identifier: GPL-2.0-or-later
/* Restoring: all of the ring into the device, the load, and on. */
#include <errno.h>

#include "mover.h"

/* Slots as they come; how many, 0: all has been fed. */
static int more(struct mig_mover *mover, unsigned int count)
{
	int ret = mig_ring_full(mover->ring, mover->slots, count);

	if (ret < 0)
		return mover_ring_error(mover, ret);
	mover->shown = (unsigned int)ret;
	return ret;
}

static int feed(struct mig_mover *mover)
{
	const struct mig_mover_ops *ops = mover->port->proto->mover;
	int ret;

	for (;;) {
		ret = mover_pause(mover);
		if (!ret)
			ret = more(mover, mover_room(mover));
		if (ret <= 0)
			break;
		ret = ops->feed(mover);
		if (ret)
			break;
	}
	if (!ret && !ops->whole(mover))
		return mig_error_set(mover->error, MIG_KIND_BAD_STATE, 0,
				     "the saved state ends within a transaction");
	return ret;
}

static int restore(struct mig_mover *mover)
{
	enum mig_state loads =
		mover->port->proto->id == MIG_PROTOCOL_V1 && mover->options->load_running
			? MIG_STATE_RUNNING
			: MIG_STATE_STOP;
	uint64_t begun;
	int ret = mover_may_begin(mover, "restoring");

	mover->progress.total_known = mover->options->total > 0;
	mover->progress.total = mover->options->total;

	/* What is wrong from its beginning on is not worth touching the device for. */
	if (!ret)
		ret = more(mover, 1);
	if (ret < 0)
		return ret;
	/* A pipe may have let us wait for long. */
	ret = mover_look(mover);
	if (ret)
		return ret;
	ret = mover_enter(mover, MIG_PHASE_RESUMING);
	mover->resumed = mover->move->seen && mover->move->last.state == MIG_STATE_RESUMING;
	if (!ret)
		ret = feed(mover);
	if (!ret)
		ret = mover_look(mover);
	if (ret)
		return ret;
	mover_phase(mover, MIG_PHASE_LOAD);
	mover->told_ns = 0; /* that may take its time, and is told beforehand */
	ret = mover_pause(mover);
	if (ret)
		return ret;
	begun = now_ns();
	ret = mover_go(mover, loads, false);
	mover->move->load_usec = (now_ns() - begun) / 1000;
	if (ret && mover->error->kind == MIG_KIND_NAK)
		mig_error_hint(mover->error,
			       "the driver does not take what it was given: was that saved from a "
			       "device of the same size and firmware? The kernel log may tell");
	if (ret)
		return ret;
	mover->loaded = true;
	mover_phase(mover, MIG_PHASE_BACK);
	if (mover->options->leave_stopped || loads == MIG_STATE_RUNNING)
		return 0;
	return mover_go(mover, MIG_STATE_RUNNING, false);
}

int mig_move_restore(struct mig_move *move, struct mig_port *port,
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
					.error = error,
					.restores = true };
	int ret = mover_run(&like, restore);

	if (ret)
		mig_ring_fail(ring, -ret);
	return ret;
}
