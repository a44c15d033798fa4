// SPDX-License-Identifier: GPL-2.0-or-later
/* What the device makes of a load that is no good: a part of one, a spoilt one, one that is given
 * up. */
#include <errno.h>
#include <string.h>

#include "conform_load.h"
#include "uapi.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
/* Anything smaller has no room for a sum that would tell. */
#define SUMMED 64

/*
 * A driver may go to ERROR for each of them, and only a reset gives a load up:
 * so all of them need one. What was taken is not to come alive, nor to be what
 * the next test begins with.
 */
static void taken(struct conform *conform)
{
	conform_reset(conform);
}

/* mlx5 and qat see what is there, and not what is missing: the header only says that it should. */
static void truncated(struct conform *conform)
{
	bool v1 = conform->port->proto->id == MIG_PROTOCOL_V1;
	const struct image *image = conform->image;

	if (conform_begin_load(conform))
		return;
	if (image->size < 2 || (v1 && image->window_count < 2)) {
		conform_skip(conform, "its state of %zu bytes in %zu transactions has no part",
			     image->size, image->window_count);
		return;
	}
	if (conform_load_part(conform) ||
	    conform_leave(conform, "leaving resuming with a part of a load"))
		return;
	if (v1)
		conform_warn(conform, "a load without its last transaction is taken");
	else
		conform_warn(conform, "%zu of %zu bytes are taken for a whole state",
			     image->size / 2, image->size);
	taken(conform);
}

static void corrupted(struct conform *conform)
{
	struct image *image;
	int err;

	if (conform_begin_load(conform))
		return;
	image = conform_copy_image(conform);
	if (!image)
		return;
	if (image->size < SUMMED) {
		conform_skip(conform, "its state of %zu bytes has no room for a sum", image->size);
		goto out;
	}
	image->data[image->size / 2] ^= 0x10;
	err = conform_load(conform, image);
	if (err > 0)
		conform_note(conform, "%s, when it was written", mig_errno_name(err));
	if (!err && !conform_leave(conform, "leaving resuming with a spoilt load")) {
		conform_warn(conform, "a state with a bit turned over in the middle is taken");
		taken(conform);
	}
out:
	image_close(image, conform->sys);
}

static void nothing(struct conform *conform)
{
	int ret;

	if (conform_begin_load(conform))
		return;
	ret = conform_leave(conform, "leaving resuming with nothing loaded");
	if (ret)
		return;
	conform_note(conform, "it is taken");
	taken(conform);
}

/* More than the state has. */
static void too_much(struct conform *conform)
{
	struct image *image;
	int err;

	if (conform_begin_load(conform))
		return;
	image = conform_copy_image(conform);
	if (!image)
		return;
	err = conform_load(conform, image);
	if (err > 0)
		conform_fail(conform, "its own state is refused: %s", mig_errno_name(err));
	if (err)
		goto out;
	image->size = image->size > SUMMED ? SUMMED : image->size;
	if (image->window_count)
		image->windows[0] = image->size;
	image->window_count = image->window_count ? 1 : 0;
	if (!image->size) {
		conform_skip(conform, "its state has no bytes");
		goto out;
	}
	err = conform_load(conform, image);
	if (err > 0)
		conform_note(conform, "%s, when it was written", mig_errno_name(err));
	if (!err && !conform_leave(conform, "leaving resuming with bytes behind the end")) {
		conform_warn(conform, "%zu bytes behind the end of a state are taken", image->size);
		taken(conform);
	}
out:
	image_close(image, conform->sys);
}

/* In RESUMING a reset is the way out, and what was half loaded is gone. */
static void reset_aborts(struct conform *conform)
{
	struct image *image = NULL;
	char text[MIG_STATE_TEXT];
	struct mig_reading now;

	if (conform_begin_load(conform))
		return;
	image = conform_copy_image(conform);
	if (!image)
		return;
	/* In whole transactions, where there are some. */
	if (image->window_count > 1)
		image->size -= image->windows[--image->window_count];
	else if (!image->window_count)
		image->size /= 2;
	if (conform_load(conform, image) < 0 || conform_reset(conform) ||
	    conform_get(conform, &now))
		goto out;
	if (conform->err || now.state != MIG_STATE_RUNNING)
		conform_fail(conform, "reset said %s, and the state is %s",
			     conform->err ? mig_errno_name(conform->err) : "success",
			     mig_reading_name(now, text));
	else if (!mig_port_close(conform->port, conform->error) && !conform_begin_save(conform) &&
		 !conform_save(conform, image) && image->size != conform->image->size)
		conform_warn(conform, "its state has %zu bytes then, and had %zu", image->size,
			     conform->image->size);
out:
	image_close(image, conform->sys);
}

/* v1: a transaction that says it is larger than the region. */
static void size_beyond(struct conform *conform)
{
	struct mig_port *port = conform->port;
	struct image *image;
	uint64_t size = port->region.size + 1;
	ssize_t put;

	if (conform_begin_load(conform))
		return;
	image = conform_image(conform);
	if (!image)
		return;
	put = image_call(
		image, conform->sys, MIG_CALL_PREAD, port->device->fd, sizeof(size),
		(off_t)(port->region.offset + offsetof(struct uapi_v1_header, data_offset)));
	if (conform_stuck(conform, (int)put, "reading data_offset of"))
		goto out;
	memcpy(image->piece, &size, sizeof(size));
	put = image_call(image, conform->sys, MIG_CALL_PWRITE, port->device->fd, sizeof(size),
			 (off_t)(port->region.offset + offsetof(struct uapi_v1_header, data_size)));
	if (!conform_stuck(conform, (int)put, "writing data_size of") && put >= 0)
		conform_fail(conform, "a transaction of %llu bytes is taken, in a region of %llu",
			     (unsigned long long)size, (unsigned long long)port->region.size);
out:
	image_close(image, conform->sys);
}

#define STATES "include/uapi/linux/vfio.h, enum vfio_device_mig_state: "
#define V1 "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
#define MAY_FAIL \
	V1 "the driver can fail the next write for an error in what it was given; that it must " \
	   "is said nowhere"
#define INVALID \
	STATES "what is found to be incomplete, inconsistent or invalid makes the driver fail " \
	       "RESUMING -> STOP, and it may go to ERROR"

const struct conform_test conform_resume_bad[] = {
	{ .name = "nothing",
	  .protocol = MIG_PROTOCOL_V2,
	  .needs_reset = true,
	  .authority = INVALID "; of nothing at all drivers think differently",
	  .run = nothing },
	{ .name = "truncated",
	  .protocol = MIG_PROTOCOL_V2,
	  .needs_reset = true,
	  .authority = INVALID "; that it checks for that is a \"should\"",
	  .run = truncated },
	{ .name = "corrupted",
	  .protocol = MIG_PROTOCOL_V2,
	  .needs_reset = true,
	  .authority = INVALID "; that it has to find every turned bit is said nowhere",
	  .run = corrupted },
	{ .name = "too-much",
	  .protocol = MIG_PROTOCOL_V2,
	  .needs_reset = true,
	  .authority = INVALID,
	  .run = too_much },
	{ .name = "reset-aborts",
	  .protocol = MIG_PROTOCOL_V2,
	  .needs_reset = true,
	  .authority = STATES "to abort a RESUMING session the device must be reset",
	  .run = reset_aborts },
	{ .name = "nothing",
	  .protocol = MIG_PROTOCOL_V1,
	  .needs_reset = true,
	  .authority =
		  V1 "the driver may fail a write for what it finds wrong, and nothing is said "
		     "of a load of nothing",
	  .run = nothing },
	{ .name = "truncated",
	  .protocol = MIG_PROTOCOL_V1,
	  .needs_reset = true,
	  .authority = MAY_FAIL,
	  .run = truncated },
	{ .name = "corrupted",
	  .protocol = MIG_PROTOCOL_V1,
	  .needs_reset = true,
	  .authority = MAY_FAIL,
	  .run = corrupted },
	{ .name = "too-much",
	  .protocol = MIG_PROTOCOL_V1,
	  .needs_reset = true,
	  .authority = MAY_FAIL,
	  .run = too_much },
	{ .name = "reset-aborts",
	  .protocol = MIG_PROTOCOL_V1,
	  .needs_reset = true,
	  .authority = V1 "the device reset leads back to _RUNNING",
	  .run = reset_aborts },
	{ .name = "size-beyond-region",
	  .protocol = MIG_PROTOCOL_V1,
	  .needs_reset = true,
	  .illegal = true,
	  .authority = V1 "data_size is what was written to the region from data_offset on, and so "
			  "never more than it has",
	  .run = size_beyond },
};
const size_t conform_resume_bad_count = COUNT(conform_resume_bad);
