// SPDX-License-Identifier: GPL-2.0-or-later
/* What the device makes of its own state when it is loaded again. */
#include <errno.h>

#include "conform_load.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int round_trip(struct conform *conform)
{
	if (conform_begin_load(conform) || conform_feed(conform))
		return -1;
	if (conform_set(conform, conform_beyond(conform)))
		return -1;
	if (!conform->err && conform->after.state == conform_beyond(conform))
		return 0;
	conform_fail(conform, "a state that it gave is refused: %s",
		     conform->err ? mig_errno_name(conform->err) : "another state was reached");
	return -1;
}

/* What was saved comes out again: what changed meanwhile by itself is no fault. */
static void equal_again(struct conform *conform, struct image *image)
{
	size_t at;

	if (conform_begin_save(conform) || conform_save(conform, image))
		return;
	if (image->size != conform->image->size)
		conform_warn(conform, "%zu bytes were loaded, and %zu saved then",
			     conform->image->size, image->size);
	else if (!conform_same(image, conform->image, &at))
		conform_warn(conform,
			     "what is saved after the load differs from what was loaded at byte "
			     "%zu of %zu",
			     at, image->size);
}

static void whole(struct conform *conform)
{
	struct conform_sizes sizes;
	struct image *image;
	int steady = 1;

	/* v1 has to run before it can be saved again: is it the same then, without a load? */
	if (conform->port->proto->id == MIG_PROTOCOL_V1)
		steady = conform_save_twice(conform, MIG_STATE_RUNNING, &sizes);
	if (steady < 0)
		return;
	image = conform_image(conform);
	if (!image || round_trip(conform))
		goto out;
	if (steady)
		equal_again(conform, image);
	else
		conform_note(conform, "not compared: its state is another each time it is saved");
out:
	image_close(image, conform->sys);
}

static void any_size(struct conform *conform)
{
	struct image *image;
	int err;

	if (conform_begin_load(conform))
		return;
	image = conform_copy_image(conform);
	if (!image)
		return;
	image->step = conform_odd_step;
	err = conform_load(conform, image);
	image->step = NULL;
	if (err > 0)
		conform_fail(conform, "written in pieces of 1, 37 and 65521 bytes: %s",
			     mig_errno_name(err));
	if (!err && !conform_leave(conform, "leaving resuming"))
		equal_again(conform, image);
	else if (!err && conform->err)
		conform_fail(conform,
			     "a state that was written in pieces of 1, 37 and 65521 bytes is "
			     "refused: %s",
			     mig_errno_name(conform->err));
	image_close(image, conform->sys);
}

/* The stream that begins in pre-copy is the one of a live migration. */
static void from_pre_copy(struct conform *conform)
{
	struct image *image = conform_image(conform);
	bool v1 = conform->port->proto->id == MIG_PROTOCOL_V1;
	struct mig_error error = { .kind = MIG_KIND_OK };
	ssize_t got;
	int err;

	if (!image || conform_go(conform, MIG_STATE_PRE_COPY))
		goto out;
	if (!v1) {
		got = image_stream(image, conform->sys, MIG_CALL_READ, conform->port->data_fd,
				   IMAGE_PIECE);
		if (conform_stuck(conform, (int)got, "reading the data_fd of") ||
		    (got > 0 && image_keep(image, (size_t)got, &error)))
			goto out;
	}
	if (conform_go(conform, MIG_STATE_STOP_COPY) || conform_save_rest(conform, image) ||
	    conform_begin_load(conform))
		goto out;
	err = conform_load(conform, image);
	if (err > 0)
		conform_fail(conform, "what was saved from pre-copy on is refused: %s",
			     mig_errno_name(err));
	if (!err && conform_leave(conform, "leaving resuming") > 0)
		conform_fail(conform, "what was saved from pre-copy on is refused: %s",
			     mig_errno_name(conform->err));
out:
	image_close(image, conform->sys);
}

/* The session is over: what is written is not taken. */
static void dead_fd(struct conform *conform)
{
	struct image *image;
	ssize_t put;

	if (conform_begin_load(conform) || conform_feed(conform) ||
	    conform_set(conform, MIG_STATE_STOP))
		return;
	if (conform->err || conform->port->dead_fd < 0) {
		conform_skip(conform, "resuming was not left");
		return;
	}
	image = conform_image(conform);
	if (!image)
		return;
	put = image_call(image, conform->sys, MIG_CALL_WRITE, conform->port->dead_fd, 1, 0);
	if (!conform_stuck(conform, (int)put, "writing the old data_fd of") && put >= 0)
		conform_fail(conform,
			     "resuming -> stop ends the session, and its data_fd took %zd byte "
			     "then",
			     put);
	image_close(image, conform->sys);
}

static void stream_fd(struct conform *conform)
{
	struct image *image;
	ssize_t wrong, at_zero;

	if (conform_begin_load(conform))
		return;
	image = conform_image(conform);
	if (!image)
		return;
	wrong = image_call(image, conform->sys, MIG_CALL_READ, conform->port->data_fd, 1, 0);
	if (conform_stuck(conform, (int)wrong, "reading the data_fd of"))
		goto out;
	/* Of no bytes: were it taken, the load would be spoilt. */
	at_zero = image_call(image, conform->sys, MIG_CALL_PWRITE, conform->port->data_fd, 0, 0);
	if (conform_stuck(conform, (int)at_zero, "writing the data_fd of"))
		goto out;
	if (wrong >= 0)
		conform_fail(conform, "read(2) of the data_fd of a load gave %zd bytes", wrong);
	else if (at_zero >= 0)
		conform_warn(conform, "pwrite(2) to the data_fd is taken: the kernel's drivers "
				      "open a stream, which has no offsets");
out:
	image_close(image, conform->sys);
}

#define STATES "include/uapi/linux/vfio.h, enum vfio_device_mig_state: "
#define FEATURE "include/uapi/linux/vfio.h, struct vfio_device_feature_mig_state: "
#define V1 "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "

static const struct conform_test tests[] = {
	{ .name = "round-trip",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority =
		  STATES "RESUMING loads what one data_fd gave; on RESUMING -> STOP it becomes "
			 "the device's state, which STOP does not change",
	  .run = whole },
	{ .name = "any-size",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = FEATURE "the user need not keep the segmentation of the stream when it is "
			       "written",
	  .run = any_size },
	{ .name = "from-pre-copy",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = STATES "the stream that is loaded is all that one data_fd gave while saving",
	  .run = from_pre_copy },
	{ .name = "stream-fd",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "drivers/vfio/pci/mlx5/main.c, stream_open: the data_fd of a load is opened "
		       "to be written, as a stream, by this and every other driver of the kernel",
	  .run = stream_fd },
	{ .name = "dead-after-load",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = STATES "leaving RESUMING terminates the data transfer session",
	  .run = dead_fd },
	{ .name = "round-trip",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority =
		  V1 "in _RESUMING the data that was saved resumes the device, from the change "
		     "to _RUNNING on",
	  .run = whole },
	{ .name = "from-pre-copy",
	  .protocol = MIG_PROTOCOL_V1,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority =
		  V1 "pre-copy may be left without a byte taken; stop-and-copy then has it all",
	  .run = from_pre_copy },
};

static void list(struct conform_list *list)
{
	conform_add_all(list, tests, COUNT(tests));
	conform_add_all(list, conform_resume_bad, conform_resume_bad_count);
}

const struct conform_group conform_resume = { .name = "resume", .list = list };
