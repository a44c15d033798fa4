// SPDX-License-Identifier: GPL-2.0-or-later
/* v2: the data is a stream, read from or written to the data_fd. */
#include <errno.h>

#include "mover.h"

#define RETRY_NS 2000000u
/* For so long pre-copy is read before its end: one that always has data says ENOMSG never. */
#define ROUND_NS 100000000u

static void begin(struct mig_mover *mover)
{
	mover->grain = MIG_SLOT_SIZE;
}

/*
 * Slots are filled whole, whatever the driver gives at a time. One that gives
 * little gets as many calls of that size as go into a batch, and the last is
 * for all that has room: should it give more by now, that shows it.
 */
static size_t compose_reads(struct mig_mover *mover)
{
	size_t count = 0, at = mover->used, most = mover_chunk(mover), size;

	for (unsigned int i = 0; i < mover->shown; i++, at = 0) {
		for (; at < MIG_SLOT_SIZE && count < MOVER_CALLS; at += size) {
			size = MIG_SLOT_SIZE - at;
			if (size > mover->grain && count < MOVER_CALLS - 1)
				size = mover->grain;
			if (size > most)
				size = most;
			mover->calls[count++] =
				(struct mig_call){ .kind = MIG_CALL_READ,
						   .fd = mover->port->data_fd,
						   .buffer = mover->slots[i]->data + at,
						   .size = size };
		}
	}
	return count;
}

static void take_reads(struct mig_mover *mover, size_t made)
{
	const struct mig_call *last = &mover->calls[made - 1];
	unsigned int full = 0;

	for (size_t i = 0; i < made && mover->calls[i].result > 0; i++) {
		mover->used += (size_t)mover->calls[i].result;
		mover->move->bytes += (uint64_t)mover->calls[i].result;
		if (mover->used < MIG_SLOT_SIZE)
			continue;
		mover->slots[full]->size = MIG_SLOT_SIZE;
		mover->slots[full++]->more = false;
		mover->used = 0;
	}
	mover->move->transactions += full;
	mover_fill(mover, full);
	if (last->result > 0 && (size_t)last->result < last->size)
		mover->grain = (size_t)last->result;
	else if (last->result > 0 && last->size > mover->grain)
		mover->grain = MIG_SLOT_SIZE;
}

/* 1: there may be more; 0: there is no more, for now or for ever. */
static int read_some(struct mig_mover *mover)
{
	int made = mover_batch(mover, compose_reads(mover));
	ssize_t result;

	if (made < 0)
		return made;
	take_reads(mover, (size_t)made);
	result = mover->calls[made - 1].result;
	if (result > 0 || result == -EINTR)
		return 1;
	if (!result || (result == -ENOMSG && mover->progress.phase == MIG_PHASE_PRE_COPY))
		return 0;
	if (result == -EAGAIN) {
		int ret = mover_nap(mover, RETRY_NS);

		return ret ? ret : 1;
	}
	mover_error(mover, (int)result, "reading the data_fd of");
	if (result == -ENODEV)
		mig_error_add(mover->error, " (the driver ended the session)");
	return (int)result;
}

static int drain(struct mig_mover *mover)
{
	bool pre_copy = mover->progress.phase == MIG_PHASE_PRE_COPY;
	uint64_t begun = now_ns();
	int ret;

	mover->over = false;
	do {
		ret = mover_pause(mover);
		if (ret)
			return ret;
		if (pre_copy && now_ns() >= mover->leave_ns)
			return 0;
		ret = mover_free(mover);
		if (!ret)
			ret = read_some(mover);
	} while (ret > 0 && !(pre_copy && now_ns() - begun >= ROUND_NS));
	mover->over = !ret;
	return ret < 0 ? ret : 0;
}

static int left(struct mig_mover *mover, struct mig_precopy *left)
{
	int ret = mig_port_precopy(mover->port, left, mover->error);

	/* A driver that does not tell: what it has no more of is over, what it gives goes on. */
	if ((ret == -ENODATA || ret == -ENOTTY) && !mig_sys_is_stuck(mover->sys)) {
		mover->error->kind = MIG_KIND_OK;
		*left = (struct mig_precopy){ .dirty_bytes = mover->over ? 0 : UINT64_MAX };
		return 0;
	}
	return ret;
}

/* Pieces of nothing are left out: to a driver, writing one would look like an end. */
static size_t compose_writes(struct mig_mover *mover)
{
	size_t count = 0, at = mover->used;

	while (count < mover->shown && mover->slots[count]->size > at) {
		mover->calls[count] = (struct mig_call){ .kind = MIG_CALL_WRITE,
							 .fd = mover->port->data_fd,
							 .buffer = mover->slots[count]->data + at,
							 .size = mover->slots[count]->size - at };
		count++;
		at = 0;
	}
	return count;
}

static void take_writes(struct mig_mover *mover, size_t made)
{
	unsigned int through = 0;

	for (size_t i = 0; i < made && mover->calls[i].result > 0; i++) {
		mover->used += (size_t)mover->calls[i].result;
		mover->move->bytes += (uint64_t)mover->calls[i].result;
		if (mover->used < mover->slots[i]->size)
			break;
		mover->used = 0;
		through++;
	}
	mover->move->transactions += through;
	mig_ring_empty(mover->ring, through);
}

static int feed(struct mig_mover *mover)
{
	size_t count = compose_writes(mover);
	const struct mig_call *last;
	int made;

	if (!count) {
		mig_ring_empty(mover->ring, 1);
		return 0;
	}
	made = mover_batch(mover, count);
	if (made < 0)
		return made;
	take_writes(mover, (size_t)made);
	last = &mover->calls[made - 1];
	if (last->result > 0 || last->result == -EINTR)
		return 0;
	if (last->result == -EAGAIN)
		return mover_nap(mover, RETRY_NS);
	if (!last->result)
		return mover_broken(mover, "write(2) to the data_fd took nothing of %zu bytes",
				    last->size);
	return mover_error(mover, (int)last->result, "writing the data_fd of");
}

static bool whole(const struct mig_mover *mover)
{
	(void)mover;
	return true; /* a stream has no transactions */
}

static void end(struct mig_mover *mover)
{
	(void)mover;
}

const struct mig_mover_ops mig_mover_v2 = {
	.begin = begin,
	.drain = drain,
	.left = left,
	.feed = feed,
	.whole = whole,
	.end = end,
};
