// SPDX-License-Identifier: GPL-2.0-or-later
/* v1: the window through which data is saved, asked for more than once at each step. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conform_save.h"
#include "uapi.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEADER sizeof(struct uapi_v1_header)
#define REGISTER(name) offsetof(struct uapi_v1_header, name), #name
/* pending_bytes above 0 and a window of nothing: mlx5's last one was. */
#define EMPTY_MAX 64
/* What may come beyond what pending_bytes said at first. */
#define BEYOND_MAX (1u << 20)

struct window {
	uint64_t pending, offset, size;
};

/* Twice, at once: what the second read says counts, and *other whether that was the same. */
static int ask(struct conform *conform, struct image *image, size_t offset, const char *name,
	       uint64_t *value, uint64_t *first)
{
	for (int i = 0; i < 2; i++) {
		ssize_t got =
			image_call(image, conform->sys, MIG_CALL_PREAD, conform->port->device->fd,
				   sizeof(*value), (off_t)(conform->port->region.offset + offset));

		if (conform_stuck(conform, (int)got, "reading the migration region of"))
			return -1;
		if (got != (ssize_t)sizeof(*value)) {
			conform_fail(conform, "reading %s gave %s", name,
				     got < 0 ? mig_errno_name((int)-got) : "less than its 8 bytes");
			return -1;
		}
		if (i)
			*first = *value;
		memcpy(value, image->piece, sizeof(*value));
	}
	return 0;
}

static bool inside_header(uint64_t offset)
{
	return offset < HEADER;
}

/* Is that much of the region, from there, in a part that is announced as mapped? */
static const struct mig_area *mapped(const struct mig_region *region, uint64_t offset,
				     uint64_t size)
{
	for (size_t i = 0; region->mmap && i < region->areas; i++) {
		const struct mig_area *area = &region->area[i];

		if (offset >= area->offset && size <= area->size &&
		    offset - area->offset <= area->size - size)
			return area;
	}
	return NULL;
}

static int check_place(struct conform *conform, const struct window *window)
{
	const struct mig_region *region = &conform->port->region;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (inside_header(window->offset))
		conform_fail(conform, "data_offset is 0x%" PRIx64 ", which is in the header",
			     window->offset);
	else if (window->offset > region->size || window->size > region->size - window->offset)
		conform_fail(conform,
			     "%" PRIu64 " bytes at data_offset 0x%" PRIx64
			     " do not fit in the region of %" PRIu64,
			     window->size, window->offset, region->size);
	else if (mapped(region, window->offset, window->size) && window->offset % page)
		conform_fail(conform,
			     "data_offset 0x%" PRIx64
			     " is in the mapped part of the region, and not page aligned",
			     window->offset);
	else {
		if (window->offset % sizeof(uint64_t))
			conform_warn(conform, "data_offset 0x%" PRIx64 " is not aligned to 8 bytes",
				     window->offset);
		return 0;
	}
	return -1;
}

/* pending_bytes: 0: *window has it; -1: judged. */
static int ask_pending(struct conform *conform, struct image *image, struct window *window)
{
	uint64_t first;

	if (ask(conform, image, REGISTER(pending_bytes), &window->pending, &first))
		return -1;
	if (first != window->pending && conform->run->last.state == MIG_STATE_STOP_COPY)
		conform_warn(conform,
			     "pending_bytes was %" PRIu64 ", and %" PRIu64
			     " when it was read again at once: reading it has no side effects",
			     first, window->pending);
	return 0;
}

/* Makes the next window ready and looks at it. 0, or -1: judged. */
static int ask_window(struct conform *conform, struct image *image, struct window *window)
{
	uint64_t offset, size;

	if (ask(conform, image, REGISTER(data_offset), &window->offset, &offset) ||
	    ask(conform, image, REGISTER(data_size), &window->size, &size))
		return -1;
	if (offset != window->offset || size != window->size) {
		conform_fail(conform,
			     "%s is another when it is read twice: 0x%" PRIx64 " and 0x%" PRIx64,
			     offset != window->offset ? "data_offset" : "data_size",
			     offset != window->offset ? offset : size,
			     offset != window->offset ? window->offset : window->size);
		return -1;
	}
	return check_place(conform, window);
}

/* Keeps what the window has. */
static int take(struct conform *conform, struct image *image, const struct window *window)
{
	struct mig_port *port = conform->port;
	struct mig_error error = { .kind = MIG_KIND_OK };

	for (uint64_t done = 0; done < window->size;) {
		uint64_t left = window->size - done;
		ssize_t got = image_call(image, conform->sys, MIG_CALL_PREAD, port->device->fd,
					 left < IMAGE_PIECE ? (size_t)left : IMAGE_PIECE,
					 (off_t)(port->region.offset + window->offset + done));

		if (conform_stuck(conform, (int)got, "reading the data of"))
			return -1;
		if (got <= 0) {
			conform_fail(conform, "reading the data of a window gave %s",
				     got ? mig_errno_name((int)-got) : "0 bytes");
			return -1;
		}
		if (image_keep(image, (size_t)got, &error)) {
			conform_skip(conform, "%s", error.text);
			return -1;
		}
		done += (uint64_t)got;
	}
	if (!window->size || !image_add_window(image, (size_t)window->size, &error))
		return 0;
	conform_fail(conform, "%s", error.text);
	return -1;
}

/* After a window was taken, what is pending has fallen; a device at rest gets no new state. */
static int check_fall(struct conform *conform, uint64_t before, const struct window *window,
		      uint64_t taken)
{
	if (!taken || window->pending < before)
		return 0;
	conform_fail(conform,
		     "pending_bytes was %" PRIu64 ", %" PRIu64
		     " bytes were taken, and it is %" PRIu64,
		     before, taken, window->pending);
	return -1;
}

/* What came against what was announced. */
static void check_sum(struct conform *conform, uint64_t announced, const struct image *image)
{
	conform_note(conform, "%zu bytes in %zu windows", image->size, image->window_count);
	if (image->size < announced)
		conform_fail(conform,
			     "pending_bytes was %" PRIu64 " at first, and is 0 after %zu bytes",
			     announced, image->size);
	else if (image->size > announced)
		conform_warn(conform, "pending_bytes was %" PRIu64 " at first, and %zu bytes came",
			     announced, image->size);
}

/* In stop-and-copy, each register twice, to the end. */
static int save_patiently(struct conform *conform, struct image *image)
{
	struct window window = { 0 };
	uint64_t announced = 0, before = 0, taken = 0;
	unsigned int empty = 0;

	image->size = image->window_count = 0;
	for (bool first = true;; first = false) {
		if (conform_over(conform) || ask_pending(conform, image, &window))
			return -1;
		if (first)
			announced = window.pending;
		else if (check_fall(conform, before, &window, taken))
			return -1;
		if (!window.pending)
			break;
		if (ask_window(conform, image, &window) || take(conform, image, &window))
			return -1;
		before = window.pending;
		taken = window.size;
		if (!taken && ++empty == EMPTY_MAX) {
			conform_fail(conform, "pending_bytes stays %" PRIu64 ", with empty windows",
				     window.pending);
			return -1;
		}
		if (image->size > announced && image->size - announced > BEYOND_MAX) {
			conform_fail(conform,
				     "pending_bytes was %" PRIu64 " at first, and there is no end "
				     "after %zu bytes",
				     announced, image->size);
			return -1;
		}
	}
	if (empty)
		conform_warn(conform, "pending_bytes was above 0, and the window empty");
	check_sum(conform, announced, image);
	return 0;
}

static void windows(struct conform *conform)
{
	struct image *image;

	if (conform_go(conform, MIG_STATE_STOP_COPY))
		return;
	image = conform_image(conform);
	if (image && !save_patiently(conform, image))
		conform_expect(conform, MIG_STATE_STOP_COPY, "with the data read to its end");
	image_close(image, conform->sys);
}

static void registers_again(struct conform *conform)
{
	const struct conform_trial trial = { .base = MIG_STATE_RUNNING, .save = save_patiently };

	conform_judge_trial(conform, &trial, "saved with each register read twice");
}

/* Up to the first window: 0, with *window; -1: there is none, or judged. */
static int first_window(struct conform *conform, struct image *image, enum mig_state state,
			struct window *window)
{
	if (conform_go(conform, state) || ask_pending(conform, image, window))
		return -1;
	if (window->pending)
		return ask_window(conform, image, window);
	conform_note(conform, "it has nothing to give in %s", mig_state_name(state));
	return -1;
}

/* A window that is read twice, and kept once. */
static void data_again(struct conform *conform)
{
	struct image *image = conform_image(conform);
	struct window window;
	size_t half;

	if (!image || first_window(conform, image, MIG_STATE_STOP_COPY, &window) ||
	    take(conform, image, &window) || take(conform, image, &window))
		goto out;
	half = image->size / 2;
	if (half && memcmp(image->data, image->data + half, half) != 0)
		conform_warn(conform, "a window of %zu bytes is another when it is read again",
			     half);
out:
	image_close(image, conform->sys);
}

/* What memory says, against what read(2) does. */
static void compare_mapped(struct conform *conform, const struct mig_area *area,
			   const struct window *window, struct image *image)
{
	struct mig_sys *sys = conform->sys;
	void *at;
	int ret = sys->ops->map(sys, conform->port->device->fd, area->size, PROT_READ,
				(off_t)(conform->port->region.offset + area->offset), &at);

	if (conform_stuck(conform, ret, "mapping the data of"))
		return;
	if (ret) {
		conform_fail(conform, "the part that is announced cannot be mapped: %s",
			     mig_errno_name(-ret));
		return;
	}
	/* Through the seam: a mapping can fault. */
	image->call = (struct mig_call){ .kind = MIG_CALL_COPY,
					 .buffer = image->piece,
					 .from = (uint8_t *)at + (window->offset - area->offset),
					 .size = image->size };
	ret = sys->ops->batch(sys, &image->call, 1);
	if (conform_stuck(conform, ret, "copying the mapped data of"))
		return;
	if (ret < 1 || image->call.result != (ssize_t)image->size)
		conform_fail(conform, "the mapped window cannot be read");
	else if (memcmp(image->piece, image->data, image->size) != 0)
		conform_fail(conform, "mapped, the window has other data than by read(2)");
	ret = sys->ops->unmap(sys, at, area->size);
	conform_stuck(conform, ret, "unmapping the data of");
}

static void mapped_window(struct conform *conform)
{
	struct image *image;
	struct window window;
	const struct mig_area *area;

	if (!conform->port->region.mmap || !conform->port->region.areas) {
		conform_skip(conform, "no part of the region is announced as mapped");
		return;
	}
	image = conform_image(conform);
	if (!image || first_window(conform, image, MIG_STATE_STOP_COPY, &window))
		goto out;
	area = mapped(&conform->port->region, window.offset, window.size);
	if (!area) {
		conform_note(conform, "its window is not in the mapped part");
		goto out;
	}
	if (window.size > IMAGE_PIECE)
		window.size = IMAGE_PIECE;
	if (!take(conform, image, &window))
		compare_mapped(conform, area, &window, image);
out:
	image_close(image, conform->sys);
}

static int leave_half(struct conform *conform, struct image *scratch, enum mig_state state)
{
	struct window window;

	scratch->size = 0;
	if (conform_go(conform, state) || ask_pending(conform, scratch, &window))
		return -1;
	if (!window.pending)
		return 0;
	if (ask_window(conform, scratch, &window))
		return -1;
	window.size /= 2;
	return take(conform, scratch, &window);
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
	const struct conform_trial trial = { .base = MIG_STATE_RUNNING, .disturb = leave_pre_copy };

	conform_judge_trial(conform, &trial, "after a pre-copy that was left half read");
}

/* Pre-copy left with bytes pending: what is left comes in stop-and-copy, to an end. */
static void pre_copy_left(struct conform *conform)
{
	struct image *image = conform_image(conform);
	struct window window;

	if (!image || conform_go(conform, MIG_STATE_PRE_COPY) ||
	    ask_pending(conform, image, &window))
		goto out;
	if (window.pending &&
	    (ask_window(conform, image, &window) || take(conform, image, &window)))
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
