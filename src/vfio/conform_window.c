// SPDX-License-Identifier: GPL-2.0-or-later
/* v1: the window through which data is saved, asked for more than once at each step. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "conform_window.h"
#include "uapi.h"

#define HEADER sizeof(struct uapi_v1_header)
#define REGISTER(name) offsetof(struct uapi_v1_header, name), #name
/* pending_bytes above 0 and a window of nothing: mlx5's last one was. */
#define EMPTY_MAX 64
/* What may come beyond what pending_bytes said at first. */
#define BEYOND_MAX (1u << 20)

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
const struct mig_area *conform_mapped(const struct mig_region *region, uint64_t offset,
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

static int check_place(struct conform *conform, const struct conform_window *window)
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
	else if (conform_mapped(region, window->offset, window->size) && window->offset % page)
		conform_fail(conform,
			     "data_offset 0x%" PRIx64
			     " is in the mapped part of the region, and not page aligned",
			     window->offset);
	else
		return 0;
	return -1;
}

/* pending_bytes: 0: *window has it; -1: judged. */
int conform_pending(struct conform *conform, struct image *image, struct conform_window *window)
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
int conform_window(struct conform *conform, struct image *image, struct conform_window *window)
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
int conform_take(struct conform *conform, struct image *image, const struct conform_window *window)
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
	conform_skip(conform, "%s", error.text);
	return -1;
}

/* After a window was taken, what is pending has fallen; a device at rest gets no new state. */
static int check_fall(struct conform *conform, uint64_t before, const struct conform_window *window,
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
int conform_save_windows(struct conform *conform, struct image *image)
{
	struct conform_window window = { 0 };
	uint64_t announced = 0, before = 0, taken = 0;
	unsigned int empty = 0;

	image->size = image->window_count = 0;
	for (bool first = true;; first = false) {
		if (conform_over(conform) || conform_pending(conform, image, &window))
			return -1;
		if (first)
			announced = window.pending;
		else if (check_fall(conform, before, &window, taken))
			return -1;
		if (!window.pending)
			break;
		if (conform_window(conform, image, &window) ||
		    conform_take(conform, image, &window))
			return -1;
		if (window.offset % sizeof(uint64_t))
			conform_warn(conform, "data_offset 0x%" PRIx64 " is not aligned to 8 bytes",
				     window.offset);
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
