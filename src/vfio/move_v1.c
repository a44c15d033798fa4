// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * v1: the data goes through a window in the migration region, one transaction
 * at a time, in the order that the specification and QEMU have: pending_bytes,
 * data_offset, data_size, the data. Reading pending_bytes again acknowledges
 * a window of which data_size was read; so between these two reads all of its
 * data must have been taken, and none of it twice: hisi_acc forgets what was
 * read.
 */
#include <errno.h>
#include <inttypes.h>

#include "move_v1.h"

/* Give up only when both went by and pending_bytes was never less than before. */
#define PATIENCE_BYTES (64u * 1024 * 1024)
#define PATIENCE_WINDOWS 1024u
/* The same for windows of nothing. */
#define PATIENCE_EMPTY 16u
#define EMPTY_NS 1000000u

static void begin(struct mig_mover *mover)
{
	struct mover_v1 *v1 = &mover->v1;

	v1->stage = mover->restores ? MOVER_OFFSET : MOVER_PENDING;
	v1->pending_known = v1->ended = false;
	v1->last_size = v1->empties = 0;
	v1->least = UINT64_MAX;
	v1->windows_since = v1->bytes_since = 0;
}

static bool pre_copy(const struct mig_mover *mover)
{
	return mover->progress.phase == MIG_PHASE_PRE_COPY;
}

/*
 * From the stage that is next, through as many windows as there are slots for,
 * taking it that each is where and as large as the one before: where one is
 * not, the batch ends by itself. acknowledge: end at pending_bytes.
 */
static size_t compose(struct mig_mover *mover, bool acknowledge)
{
	struct mover_v1 *v1 = &mover->v1;
	enum mover_stage stage = v1->stage;
	size_t count = 0, at = mover->used;
	uint64_t done = v1->done;
	unsigned int slot = 0;

	while (count < MOVER_CALLS && (stage != MOVER_DATA || slot < mover->shown)) {
		struct mig_call *call = mover_v1_register(mover, count++, stage);

		switch (stage) {
		case MOVER_PENDING:
			call->until_zero = true;
			if (acknowledge)
				return count;
			stage = v1->no_offset ? MOVER_SIZE : MOVER_OFFSET;
			continue;
		case MOVER_OFFSET:
			call->until_other = v1->valid;
			call->value = v1->offset;
			stage = MOVER_SIZE;
			continue;
		case MOVER_SIZE:
			if (!v1->valid)
				return count;
			call->until_other = true;
			call->value = v1->size;
			stage = MOVER_DATA;
			continue;
		case MOVER_DATA:
			mover_v1_data(mover, call, slot, at, done);
			done += call->size;
			at = 0;
			slot++;
			if (done < v1->size)
				continue;
			done = 0;
			stage = MOVER_PENDING;
		}
	}
	return count;
}

static int take_pending(struct mig_mover *mover, const struct mig_call *call, uint64_t pending)
{
	struct mover_v1 *v1 = &mover->v1;

	/*
	 * mlx5 as posted reads as nothing where nothing is to be saved. Of bytes
	 * that were promised beyond the window before it would be a loss.
	 */
	if (!call->result && (!v1->pending_known || v1->pending <= v1->last_size))
		pending = 0;
	else if (call->result != sizeof(pending))
		return mover_broken(mover, "pending_bytes has %zd of its 8 bytes", call->result);
	v1->pending = pending;
	v1->stage = v1->no_offset ? MOVER_SIZE : MOVER_OFFSET;
	if (!v1->pending_known && !pre_copy(mover)) {
		mover->progress.total_known = true;
		mover->progress.total = mover->move->bytes + pending;
		if (mover->progress.total < pending)
			mover->progress.total = UINT64_MAX;
	}
	v1->pending_known = true;
	if (!pending) {
		v1->ended = true;
		v1->stage = MOVER_PENDING;
	}
	if (pending < v1->least) {
		v1->least = pending;
		v1->windows_since = v1->bytes_since = 0;
	}
	/* In pre-copy that is how a device at work looks; there, time is the bound. */
	if (!pre_copy(mover) && v1->windows_since >= PATIENCE_WINDOWS &&
	    v1->bytes_since >= PATIENCE_BYTES)
		return mover_broken(mover,
				    "data that never ends: pending_bytes is %" PRIu64
				    ", no less than %" PRIu64 " bytes ago",
				    pending, v1->bytes_since);
	return 0;
}

/*
 * Nothing, although pending_bytes was not 0. The posted mlx5 driver counts the
 * window before it once more, so that is an end; what goes beyond is a
 * promise, and is waited for.
 */
static int take_empty(struct mig_mover *mover)
{
	struct mover_v1 *v1 = &mover->v1;

	v1->stage = MOVER_PENDING;
	if (v1->pending <= v1->last_size) {
		v1->pending = 0;
		v1->ended = true;
		return 0;
	}
	if (!pre_copy(mover) && ++v1->empties >= PATIENCE_EMPTY)
		return mover_broken(mover,
				    "data that never ends: pending_bytes is %" PRIu64
				    ", and data_size is 0",
				    v1->pending);
	return mover_nap(mover, EMPTY_NS);
}

static int take_size(struct mig_mover *mover, const struct mig_call *call, uint64_t size)
{
	struct mover_v1 *v1 = &mover->v1;

	if (call->result != sizeof(size))
		return mover_broken(mover, "data_size has %zd of its 8 bytes", call->result);
	if (!size)
		return take_empty(mover);
	v1->size = size;
	v1->stage = MOVER_DATA;
	v1->empties = 0;
	return mover_v1_fits(mover, v1->offset, size);
}

/* *full: the slots that were filled by the batch so far. */
static int take_data(struct mig_mover *mover, const struct mig_call *call, unsigned int *full)
{
	struct mover_v1 *v1 = &mover->v1;
	struct mig_slot *slot = mover->slots[*full];

	if (!call->result)
		return mover_broken(mover,
				    "of the %" PRIu64 " bytes of a window it gives only %" PRIu64,
				    v1->size, v1->done);
	mover->used += (size_t)call->result;
	v1->done += (uint64_t)call->result;
	mover->move->bytes += (uint64_t)call->result;
	v1->bytes_since += (uint64_t)call->result;
	if ((size_t)call->result < call->size)
		return 0; /* the rest is asked for next */
	slot->size = mover->used;
	slot->more = v1->done < v1->size;
	mover->used = 0;
	++*full;
	if (slot->more)
		return 0;
	v1->done = 0;
	v1->last_size = v1->size;
	v1->windows_since++;
	v1->stage = MOVER_PENDING;
	mover->move->transactions++;
	return 0;
}

static int take(struct mig_mover *mover, size_t i, unsigned int *full)
{
	static const char *const doing[] = {
		[MOVER_PENDING] = "reading pending_bytes of",
		[MOVER_OFFSET] = "reading data_offset of",
		[MOVER_SIZE] = "reading data_size of",
		[MOVER_DATA] = "reading the data of",
	};
	const struct mig_call *call = &mover->calls[i];
	enum mover_stage stage = mover->v1.stages[i];
	uint64_t word = mover->v1.words[i];

	if (call->result == -EINTR)
		return 0;
	if (stage == MOVER_OFFSET)
		return mover_v1_offset(mover, call, word, MOVER_SIZE);
	if (call->result < 0)
		return mover_error(mover, (int)call->result, doing[stage]);
	if (stage == MOVER_PENDING)
		return take_pending(mover, call, word);
	if (stage == MOVER_SIZE)
		return take_size(mover, call, word);
	return take_data(mover, call, full);
}

static int windows(struct mig_mover *mover, bool acknowledge)
{
	int made = mover_batch(mover, compose(mover, acknowledge)), ret = 0;
	unsigned int full = 0;

	for (int i = 0; !ret && i < made; i++)
		ret = take(mover, (size_t)i, &full);
	mover_fill(mover, full);
	return made < 0 ? made : ret;
}

static int drain(struct mig_mover *mover)
{
	struct mover_v1 *v1 = &mover->v1;
	int ret = 0;

	v1->ended = false;
	while (!ret && !v1->ended) {
		bool few, leave;

		ret = mover_pause(mover);
		if (ret)
			break;
		few = v1->pending_known && v1->pending <= mover->options->until_bytes;
		leave = pre_copy(mover) && (few || now_ns() >= mover->leave_ns);
		/* Not out of a window: what was begun is taken and acknowledged. */
		if (leave && (v1->stage == MOVER_OFFSET || v1->stage == MOVER_SIZE)) {
			mover->over = few;
			return 0;
		}
		ret = mover_free(mover);
		if (!ret)
			ret = windows(mover, leave);
	}
	mover->over = !ret;
	return ret;
}

static int left(struct mig_mover *mover, struct mig_precopy *left)
{
	*left = (struct mig_precopy){ .dirty_bytes = mover->v1.pending };
	return 0;
}

const struct mig_mover_ops mig_mover_v1 = {
	.begin = begin,
	.drain = drain,
	.left = left,
	.feed = mover_v1_feed,
	.whole = mover_v1_whole,
	.end = mover_v1_end,
};
