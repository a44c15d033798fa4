// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "move_v1.h"

#define HEADER sizeof(struct uapi_v1_header)

struct mig_call *mover_v1_register(struct mig_mover *mover, size_t i, enum mover_stage stage)
{
	static const size_t offsets[] = {
		[MOVER_PENDING] = offsetof(struct uapi_v1_header, pending_bytes),
		[MOVER_OFFSET] = offsetof(struct uapi_v1_header, data_offset),
		[MOVER_SIZE] = offsetof(struct uapi_v1_header, data_size),
		[MOVER_DATA] = 0,
	};
	struct mig_call *call = &mover->calls[i];

	mover->v1.stages[i] = stage;
	*call = (struct mig_call){ .kind = MIG_CALL_PREAD,
				   .fd = mover->port->device->fd,
				   .buffer = &mover->v1.words[i],
				   .size = sizeof(mover->v1.words[i]),
				   .offset = (off_t)(mover->port->region.offset + offsets[stage]) };
	return call;
}

/* The address of that much of the region; NULL: it is not to be had. */
static uint8_t *memory(struct mig_mover *mover, uint64_t offset, uint64_t size)
{
	const struct mig_region *region = &mover->port->region;
	int prot = mover->restores ? PROT_READ | PROT_WRITE : PROT_READ;

	for (size_t i = 0; region->mmap && i < region->areas; i++) {
		const struct mig_area *area = &region->area[i];
		uint64_t start = region->offset + area->offset;

		if (offset < area->offset || size > area->size ||
		    offset - area->offset > area->size - size)
			continue;
		/* Once: a driver that refuses the mapping has read(2) and write(2) still. */
		if (!mover->v1.maps[i].tried && !(start % (uint64_t)sysconf(_SC_PAGESIZE)))
			mover->sys->ops->map(mover->sys, mover->port->device->fd, area->size, prot,
					     (off_t)start, &mover->v1.maps[i].at);
		mover->v1.maps[i].tried = true;
		if (mover->v1.maps[i].at)
			return (uint8_t *)mover->v1.maps[i].at + (offset - area->offset);
	}
	return NULL;
}

void mover_v1_data(struct mig_mover *mover, struct mig_call *call, unsigned int slot, size_t at,
		   uint64_t done)
{
	struct mover_v1 *v1 = &mover->v1;
	struct mig_slot *piece = mover->slots[slot];
	uint64_t left = mover->restores ? piece->size - at : v1->size - done;
	uint8_t *window;

	call->kind = mover->restores ? MIG_CALL_PWRITE : MIG_CALL_PREAD;
	call->buffer = piece->data + at;
	/* Saving, a slot takes no more than one call gives. */
	call->size = (mover->restores ? MIG_SLOT_SIZE : mover_chunk(mover)) - at;
	if (call->size > left)
		call->size = (size_t)left;
	window = memory(mover, v1->offset + done, call->size);
	if (!window) {
		call->offset = (off_t)(mover->port->region.offset + v1->offset + done);
		return;
	}
	call->kind = MIG_CALL_COPY;
	call->from = mover->restores ? call->buffer : window;
	if (mover->restores)
		call->buffer = window;
}

int mover_v1_offset(struct mig_mover *mover, const struct mig_call *call, uint64_t offset,
		    enum mover_stage next)
{
	struct mover_v1 *v1 = &mover->v1;

	/*
	 * The i40e driver of the RFC has no such register, and its data behind the
	 * header. Of one that could be read before it is a failure like any other.
	 */
	if (call->result == -EFAULT && !v1->offset) {
		v1->no_offset = true;
		offset = HEADER;
	} else if (call->result < 0) {
		return mover_error(mover, (int)call->result, "reading data_offset of");
	} else if (call->result != sizeof(offset)) {
		return mover_broken(mover, "data_offset has %zd of its 8 bytes", call->result);
	}
	if (offset != v1->offset)
		v1->valid = false;
	v1->offset = offset;
	v1->stage = next;
	return 0;
}

int mover_v1_fits(struct mig_mover *mover, uint64_t offset, uint64_t size)
{
	uint64_t end = mover->port->region.size;

	mover->v1.valid = false;
	if (offset < HEADER)
		return mover_broken(mover, "data_offset 0x%" PRIx64 " lies in the header", offset);
	/* Whose fault that is cannot be told. */
	if (mover->restores && offset <= end && size > end - offset)
		return mig_error_set(mover->error, MIG_KIND_FAILED, EPROTO,
				     "a saved transaction of %" PRIu64
				     " bytes does not fit at data_offset 0x%" PRIx64
				     " into the region of %s (0x%" PRIx64
				     " bytes): it was saved from another kind of device, or the "
				     "driver breaks the protocol",
				     size, offset, mover->port->device->name, end);
	if (offset > end || size > end - offset)
		return mover_broken(mover,
				    "%" PRIu64 " bytes at data_offset 0x%" PRIx64
				    " do not fit into a region of 0x%" PRIx64 " bytes",
				    size, offset, end);
	mover->v1.valid = true;
	return 0;
}

void mover_v1_end(struct mig_mover *mover)
{
	for (size_t i = 0; i < MIG_SPARSE_MAX; i++)
		if (mover->v1.maps[i].at && !mig_sys_is_stuck(mover->sys))
			mover->sys->ops->unmap(mover->sys, mover->v1.maps[i].at,
					       mover->port->region.area[i].size);
}
