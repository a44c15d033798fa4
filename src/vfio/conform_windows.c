// SPDX-License-Identifier: GPL-2.0-or-later
/* The tests of data of v1: its windows, and what is left when one is not read. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conform_window.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void windows(struct conform *conform)
{
	struct image *image;

	if (conform_go(conform, MIG_STATE_STOP_COPY))
		return;
	image = conform_image(conform);
	if (image && !conform_save_windows(conform, image))
		conform_expect(conform, MIG_STATE_STOP_COPY, "with the data read to its end");
	image_close(image, conform->sys);
}

static void registers_again(struct conform *conform)
{
	const struct conform_trial trial = { .base = MIG_STATE_RUNNING,
					     .save = conform_save_windows };

	conform_judge_trial(conform, &trial, "saved with each register read twice");
}

/* Up to the first window: 0, with *window; -1: there is none, or judged. */
static int first_window(struct conform *conform, struct image *image, enum mig_state state,
			struct conform_window *window)
{
	if (conform_go(conform, state) || conform_pending(conform, image, window))
		return -1;
	if (window->pending)
		return conform_window(conform, image, window);
	conform_note(conform, "it has nothing to give in %s", mig_state_name(state));
	return -1;
}

/* A window that is read twice, and kept once. */
static void data_again(struct conform *conform)
{
	struct image *image = conform_image(conform);
	struct conform_window window;
	size_t half;

	if (!image || first_window(conform, image, MIG_STATE_STOP_COPY, &window) ||
	    conform_take(conform, image, &window) || conform_take(conform, image, &window))
		goto out;
	half = image->size / 2;
	if (half && memcmp(image->data, image->data + half, half) != 0)
		conform_warn(conform, "a window of %zu bytes is another when it is read again",
			     half);
out:
	image_close(image, conform->sys);
}

/* What memory says, against what read(2) does. image has the window. */
static void compare_mapped(struct conform *conform, const struct conform_window *window,
			   struct image *image)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = conform->port->region.offset + window->offset, before = start % page;
	size_t size = (size_t)((before + image->size + page - 1) / page * page);
	struct mig_sys *sys = conform->sys;
	void *at;
	int ret = sys->ops->map(sys, conform->port->device->fd, size, PROT_READ,
				(off_t)(start - before), &at);

	if (conform_stuck(conform, ret, "mapping the data of"))
		return;
	if (ret) {
		conform_fail(conform, "the window cannot be mapped, as is announced: %s",
			     mig_errno_name(-ret));
		return;
	}
	/* Through the seam: a mapping can fault. */
	image->call = (struct mig_call){ .kind = MIG_CALL_COPY,
					 .buffer = image->piece,
					 .from = (uint8_t *)at + before,
					 .size = image->size };
	ret = sys->ops->batch(sys, &image->call, 1);
	if (conform_stuck(conform, ret, "copying the mapped data of"))
		return;
	if (ret < 1 || image->call.result != (ssize_t)image->size)
		conform_fail(conform, "the mapped window cannot be read");
	else if (memcmp(image->piece, image->data, image->size) != 0)
		conform_fail(conform, "mapped, the window has other data than by read(2)");
	ret = sys->ops->unmap(sys, at, size);
	conform_stuck(conform, ret, "unmapping the data of");
}

static void mapped_window(struct conform *conform)
{
	const struct mig_region *region = &conform->port->region;
	struct conform_window window;
	struct image *image;

	if (!region->mmap || !region->areas) {
		conform_skip(conform, "no part of the region is announced as mapped");
		return;
	}
	image = conform_image(conform);
	if (!image || first_window(conform, image, MIG_STATE_STOP_COPY, &window))
		goto out;
	if (!window.size || !conform_mapped(region, window.offset, window.size)) {
		conform_note(conform, "its window is not in the mapped part");
		goto out;
	}
	if (window.size > IMAGE_PIECE)
		window.size = IMAGE_PIECE;
	if (!conform_take(conform, image, &window))
		compare_mapped(conform, &window, image);
out:
	image_close(image, conform->sys);
}

static int leave_half(struct conform *conform, struct image *scratch, enum mig_state state)
{
	struct conform_window window;

	scratch->size = 0;
	if (conform_go(conform, state) || conform_pending(conform, scratch, &window))
		return -1;
	if (!window.pending)
		return 0;
	if (conform_window(conform, scratch, &window))
		return -1;
	window.size /= 2;
	return conform_take(conform, scratch, &window);
}

static int leave_stop_copy(struct conform *conform, struct image *scratch)
{
	return leave_half(conform, scratch, MIG_STATE_STOP_COPY);
}

static int leave_pre_copy(struct conform *conform, struct image *scratch)
{
	return leave_half(conform, scratch, MIG_STATE_PRE_COPY);
}

static void aborted(struct conform *conform)
{
	const struct conform_trial trial = { .base = MIG_STATE_RUNNING,
					     .disturb = leave_stop_copy };

	conform_judge_trial(conform, &trial, "after a stop-and-copy that was left half read");
}

static void aborted_pre_copy(struct conform *conform)
{
	const struct conform_trial trial = { .base = MIG_STATE_RUNNING,
					     .disturb = leave_pre_copy,
					     .runs = true };

	conform_judge_trial(conform, &trial, "after a pre-copy that was left half read");
}

/* Pre-copy left with bytes pending: what is left comes in stop-and-copy, to an end. */
static void pre_copy_left(struct conform *conform)
{
	struct image *image = conform_image(conform);
	struct conform_window window;

	if (!image || conform_go(conform, MIG_STATE_PRE_COPY) ||
	    conform_pending(conform, image, &window))
		goto out;
	if (window.pending &&
	    (conform_window(conform, image, &window) || conform_take(conform, image, &window)))
		goto out;
	if (!conform_go(conform, MIG_STATE_STOP_COPY) && !conform_save_rest(conform, image))
		conform_note(conform, "%zu bytes in all", image->size);
out:
	image_close(image, conform->sys);
}

#define V1 "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "

const struct conform_test conform_data_windows[] = {
	{ .name = "windows",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "pending_bytes is what is still to be migrated, down to 0 in "
			  "stop-and-copy; data_offset is never 0, and data_size bytes from there "
			  "are in the region; each reads the same when it is read again",
	  .run = windows },
	{ .name = "registers-again",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "reading pending_bytes again has no side effects; data_offset and "
			  "data_size read again are those of the current buffer",
	  .run = registers_again },
	{ .name = "window-again",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "it is the next read of pending_bytes that tells the driver that the "
			  "data was read; that it can be read twice before is promised nowhere",
	  .run = data_again },
	{ .name = "mapped-window",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "the data section can be trapped or mapped, and the user need not map it",
	  .run = mapped_window },
	{ .name = "kept-across-abort",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "the user need not take all the data before a transition, and a device "
			  "that goes back to _RUNNING is the one that was to be saved",
	  .run = aborted },
	{ .name = "kept-across-pre-copy",
	  .protocol = MIG_PROTOCOL_V1,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = V1 "in pre-copy the device is running, and what was not taken then is no "
			  "loss to it",
	  .run = aborted_pre_copy },
	{ .name = "pre-copy-left-pending",
	  .protocol = MIG_PROTOCOL_V1,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = V1 "pre-copy goes over into stop-and-copy regardless of the number of "
			  "pending bytes, which are then read down to 0",
	  .run = pre_copy_left },
};
const size_t conform_data_windows_count = COUNT(conform_data_windows);
