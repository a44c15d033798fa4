// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * v1, restoring: data_offset is read, the data written there, and data_size
 * tells the driver to take it. In the order and with the transactions of the
 * saving side; so one is told of once its last piece is there.
 */
#include <errno.h>
#include <inttypes.h>

#include "move_v1.h"

/*
 * From the stage that is next, through the slots shown; as on the saving side
 * each window is taken to be where the last one was, and only as far as that
 * fits. A piece of nothing begins no batch, and none goes beyond one.
 */
static size_t compose(struct mig_mover *mover)
{
	struct mover_v1 *v1 = &mover->v1;
	enum mover_stage stage = v1->stage;
	uint64_t done = v1->done;
	size_t count = 0, at = mover->used;
	unsigned int slot = 0;

	while (slot < mover->shown && count < MOVER_CALLS) {
		const struct mig_slot *piece = mover->slots[slot];
		struct mig_call *call = mover_v1_register(mover, count, stage);

		if (stage == MOVER_SIZE) {
			call->kind = MIG_CALL_PWRITE;
			v1->words[count++] = done;
			done = 0;
			slot++;
			stage = v1->no_offset ? MOVER_DATA : MOVER_OFFSET;
			continue;
		}
		if (slot && !piece->size)
			break;
		if (stage == MOVER_OFFSET) {
			count++;
			if (!v1->valid)
				break;
			call->until_other = true;
			call->value = v1->offset;
			stage = MOVER_DATA;
			continue;
		}
		if (piece->size - at > mover->port->region.size - v1->offset - done)
			break;
		mover_v1_data(mover, call, slot, at, done);
		done += call->size;
		count++;
		at = 0;
		slot += piece->more;
		stage = piece->more ? MOVER_DATA : MOVER_SIZE;
	}
	return count;
}

/* *through: the slots that are given. */
static int take(struct mig_mover *mover, size_t i, unsigned int *through)
{
	const struct mig_call *call = &mover->calls[i];
	struct mover_v1 *v1 = &mover->v1;
	enum mover_stage stage = v1->stages[i];

	if (call->result == -EINTR)
		return 0;
	if (stage == MOVER_OFFSET)
		return mover_v1_offset(mover, call, v1->words[i], MOVER_DATA);
	if (call->result < 0)
		return mover_error(mover, (int)call->result,
				   stage == MOVER_SIZE ? "writing data_size of"
						       : "writing the data of");
	if (stage == MOVER_SIZE) {
		if ((size_t)call->result != call->size)
			return mover_broken(mover, "of the 8 bytes of data_size it took %zd",
					    call->result);
		v1->done = 0;
		v1->stage = MOVER_OFFSET;
		mover->move->transactions++;
		++*through;
		return 0;
	}
	if (!call->result)
		return mover_broken(mover, "it took nothing of %zu bytes of data", call->size);
	mover->used += (size_t)call->result;
	v1->done += (uint64_t)call->result;
	mover->move->bytes += (uint64_t)call->result;
	if ((size_t)call->result < call->size)
		return 0; /* the rest is for the next batch */
	mover->used = 0;
	if (mover->slots[*through]->more)
		++*through;
	else
		v1->stage = MOVER_SIZE;
	return 0;
}

/* True: the first piece is of nothing, and through. */
static bool skip(struct mig_mover *mover)
{
	struct mover_v1 *v1 = &mover->v1;
	const struct mig_slot *piece = mover->slots[0];

	if (piece->size || v1->stage == MOVER_SIZE)
		return false;
	if (!piece->more && v1->done) {
		v1->stage = MOVER_SIZE; /* it ends a transaction */
		return false;
	}
	mig_ring_empty(mover->ring, 1);
	return true;
}

int mover_v1_feed(struct mig_mover *mover)
{
	struct mover_v1 *v1 = &mover->v1;
	unsigned int through = 0;
	int ret = 0, made;

	if (skip(mover))
		return 0;
	if (v1->stage == MOVER_OFFSET && v1->no_offset)
		v1->stage = MOVER_DATA;
	if (v1->stage == MOVER_DATA)
		ret = mover_v1_fits(mover, v1->offset,
				    v1->done + mover->slots[0]->size - mover->used);
	if (ret)
		return ret;
	made = mover_batch(mover, compose(mover));
	for (int i = 0; !ret && i < made; i++)
		ret = take(mover, (size_t)i, &through);
	mig_ring_empty(mover->ring, through);
	return made < 0 ? made : ret;
}

bool mover_v1_whole(const struct mig_mover *mover)
{
	return !mover->v1.done;
}
