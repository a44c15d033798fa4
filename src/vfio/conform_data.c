// SPDX-License-Identifier: GPL-2.0-or-later
/* What the device gives when it is saved: that it ends, that it is whole, and that looking takes
 * nothing. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "conform_save.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *outcome(ssize_t ret, char text[32])
{
	const char *name = ret < 0 ? mig_errno_name((int)-ret) : NULL;

	if (name)
		return name;
	snprintf(text, 32, ret < 0 ? "errno %zd" : "%zd bytes", ret < 0 ? -ret : ret);
	return text;
}

/* The end is one for good: twice more. */
static void ask_again(struct conform *conform, struct image *image)
{
	char text[32];

	for (int i = 0; i < 2; i++) {
		ssize_t got = image_stream(image, conform->sys, MIG_CALL_READ,
					   conform->port->data_fd, IMAGE_PIECE);

		if (conform_stuck(conform, (int)got, "reading the data_fd of"))
			return;
		if (got) {
			conform_fail(conform,
				     "after the end of %zu bytes, which has to last, a read gave "
				     "%s",
				     image->size, outcome(got, text));
			return;
		}
	}
	if (!conform_expect(conform, MIG_STATE_STOP_COPY, "with the stream read to its end"))
		conform_note(conform, "%zu bytes", image->size);
}

static void drains(struct conform *conform)
{
	struct image *image;

	if (conform_begin_save(conform))
		return;
	image = conform_image(conform);
	if (image && !conform_save(conform, image))
		ask_again(conform, image);
	image_close(image, conform->sys);
}

/* A call that is to be refused on a data_fd; *got is what it said. -1: lost. */
static int misuse(struct conform *conform, struct image *image, enum mig_call_kind kind,
		  size_t size, ssize_t *got)
{
	*got = image_call(image, conform->sys, kind, conform->port->data_fd, size, 0);
	return conform_stuck(conform, (int)*got, "misusing the data_fd of") ? -1 : 0;
}

static void stream_fd(struct conform *conform)
{
	struct image *image;
	ssize_t at_zero, wrong = 0, empty = 0;
	char text[32];

	if (conform_begin_save(conform))
		return;
	image = conform_image(conform);
	if (!image)
		return;
	if (misuse(conform, image, MIG_CALL_PREAD, 1, &at_zero) ||
	    misuse(conform, image, MIG_CALL_WRITE, 1, &wrong) ||
	    misuse(conform, image, MIG_CALL_READ, 0, &empty))
		goto out;
	if (wrong >= 0)
		conform_fail(conform, "write(2) to the data_fd of a save gave %s",
			     outcome(wrong, text));
	else if (at_zero >= 0)
		conform_warn(conform,
			     "pread(2) of the data_fd gave %s: the kernel's drivers open a stream, "
			     "which has no offsets",
			     outcome(at_zero, text));
	else if (empty)
		conform_warn(conform, "a read(2) of no bytes gave %s", outcome(empty, text));
out:
	image_close(image, conform->sys);
}

static void repeatable(struct conform *conform)
{
	bool v1 = conform->port->proto->id == MIG_PROTOCOL_V1;
	struct conform_sizes sizes;

	/* v1 has no legal way from STOP to stop-and-copy: it has to run between. */
	if (conform_save_twice(conform, v1 ? MIG_STATE_RUNNING : MIG_STATE_STOP, &sizes))
		return;
	conform_warn(conform,
		     "saved twice %s, its state has %zu and %zu bytes, and they differ at byte %zu",
		     v1 ? "and not used between" : "without leaving stop", sizes.before,
		     sizes.after, sizes.at);
}

static void any_size(struct conform *conform)
{
	const struct conform_trial trial = { .base = MIG_STATE_STOP, .step = conform_odd_step };

	conform_judge_trial(conform, &trial, "read in pieces of 1, 37 and 65521 bytes");
}

/* About half of what there is, as one call or one window gives it. */
static int read_half(struct conform *conform, struct image *scratch)
{
	size_t half = conform->image->size / 2;
	ssize_t got;

	if (!half)
		return 0;
	if (half > IMAGE_PIECE)
		half = IMAGE_PIECE;
	got = image_stream(scratch, conform->sys, MIG_CALL_READ, conform->port->data_fd, half);
	if (conform_stuck(conform, (int)got, "reading the data_fd of"))
		return -1;
	if (got >= 0)
		return 0;
	conform_fail(conform, "reading the data_fd failed: %s", mig_errno_name((int)-got));
	return -1;
}

static int leave_half(struct conform *conform, struct image *scratch)
{
	return conform_begin_save(conform) ? -1 : read_half(conform, scratch);
}

static void aborted(struct conform *conform)
{
	const struct conform_trial trial = { .base = MIG_STATE_STOP, .disturb = leave_half };

	conform_judge_trial(conform, &trial, "after a save that was left half read");
}

/* 0; -1: there is none, and the test is judged. */
static int ask_size(struct conform *conform, uint64_t *size)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret = conform->port->proto->size(conform->port, size, &error);

	if (conform_stuck(conform, ret, "asking the data size of"))
		return -1;
	if (ret == -ENODATA)
		conform_skip(conform, "the kernel is older than MIG_DATA_SIZE");
	else if (ret)
		conform_fail(conform, "in stop-copy it failed: %s", error.text);
	return ret ? -1 : 0;
}

static void size_estimate(struct conform *conform)
{
	struct image *image;
	uint64_t size;

	if (conform_begin_save(conform) || ask_size(conform, &size))
		return;
	image = conform_image(conform);
	if (image && !conform_save(conform, image)) {
		conform_note(conform, "%" PRIu64 " bytes were expected, and %zu came", size,
			     image->size);
		/* mlx5's is that of its state, without the headers before each part of it. */
		if (size < image->size && image->size - size > size / 8)
			conform_warn(conform,
				     "%" PRIu64 " bytes were expected, and %zu came: who budgets "
				     "the downtime is misled",
				     size, image->size);
	}
	image_close(image, conform->sys);
}

/* The session is over, by a write that took the device out of it: no byte comes any more. */
static void read_dead(struct conform *conform, enum mig_state from, enum mig_state to)
{
	struct image *image;
	char text[32];
	ssize_t got;

	if (conform_set(conform, to))
		return;
	if (conform->err || conform->after.state != to) {
		conform_skip(conform, "%s was not reached", mig_state_name(to));
		return;
	}
	if (conform->port->dead_fd < 0) {
		conform_skip(conform, "%s had no data_fd", mig_state_name(from));
		return;
	}
	image = conform_image(conform);
	if (!image)
		return;
	got = image_call(image, conform->sys, MIG_CALL_READ, conform->port->dead_fd, IMAGE_PIECE,
			 0);
	if (conform_stuck(conform, (int)got, "reading the old data_fd of"))
		;
	else if (got > 0 || (!got && conform->image && conform->image->size))
		conform_fail(conform,
			     "%s -> %s ends the session, and a read of its data_fd then gave %s",
			     mig_state_name(from), mig_state_name(to),
			     got ? outcome(got, text) : "the end, as if the state were whole");
	image_close(image, conform->sys);
}

static void dead_after_stop_copy(struct conform *conform)
{
	if (!conform_begin_save(conform))
		read_dead(conform, MIG_STATE_STOP_COPY, MIG_STATE_STOP);
}

static void dead_after_pre_copy(struct conform *conform)
{
	if (!conform_go(conform, MIG_STATE_PRE_COPY))
		read_dead(conform, MIG_STATE_PRE_COPY, MIG_STATE_RUNNING);
}

/* Who loses interest closes: the device stays, and saves again. */
static void closed_early(struct conform *conform)
{
	struct mig_port *port = conform->port;
	struct image *image;
	int ret;

	if (conform_begin_save(conform))
		return;
	ret = conform->sys->ops->close(conform->sys, port->data_fd);
	port->data_fd = -1;
	if (conform_stuck(conform, ret, "closing the data_fd of") ||
	    conform_expect(conform, MIG_STATE_STOP_COPY, "with its data_fd closed") ||
	    conform_go(conform, MIG_STATE_STOP) || conform_begin_save(conform))
		return;
	image = conform_image(conform);
	if (image && !conform_save(conform, image) && conform->image &&
	    image->size < conform->image->size)
		conform_warn(conform,
			     "the save after one whose data_fd was closed early has %zu bytes, not "
			     "%zu",
			     image->size, conform->image->size);
	image_close(image, conform->sys);
}

#define UAPI "include/uapi/linux/vfio.h, "

static const struct conform_test tests[] = {
	{ .name = "drains",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = UAPI "struct vfio_precopy_info: in STOP_COPY the end of the stream is for "
			    "good, each read gives 0 from then on, and never ENOMSG",
	  .run = drains },
	{ .name = "stream-fd",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "drivers/vfio/pci/mlx5/main.c, stream_open: the data_fd of a save is opened "
		       "to be read, as a stream, by this and every other driver of the kernel",
	  .run = stream_fd },
	{ .name = "repeatable",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = UAPI "enum vfio_device_mig_state: in STOP the device must not change its "
			    "internal state; that it is written down in the same way each time is "
			    "promised nowhere",
	  .run = repeatable },
	{ .name = "any-size",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = UAPI "struct vfio_device_feature_mig_state: what flows over the data_fd is "
			    "a stream of bytes, of which only the order has to be kept",
	  .run = any_size },
	{ .name = "kept-across-abort",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = UAPI "enum vfio_device_mig_state: STOP_COPY behaves as STOP, in which the "
			    "device must not change its internal state",
	  .run = aborted },
	{ .name = "size-estimate",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = UAPI "struct vfio_device_feature_mig_data_size: the estimated length that "
			    "is needed to complete stop copy",
	  .run = size_estimate },
	{ .name = "dead-after-stop-copy",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = UAPI "enum vfio_device_mig_state: STOP_COPY -> STOP terminates the data "
			    "transfer session",
	  .run = dead_after_stop_copy },
	{ .name = "dead-after-pre-copy",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = UAPI "enum vfio_device_mig_state: PRE_COPY -> RUNNING terminates the data "
			    "transfer session",
	  .run = dead_after_pre_copy },
	{ .name = "closed-early",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority =
		  UAPI "struct vfio_device_feature_mig_state: the user closes the data_fd when "
		       "it is finished; the driver changes no state but when asked to",
	  .run = closed_early },
	{ .name = "repeatable",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		       "data is opaque; that one state is written down in the same way each time "
		       "is promised nowhere, and the device ran between",
	  .run = repeatable },
};

static void list(struct conform_list *list)
{
	conform_add_all(list, tests, COUNT(tests));
	conform_add_all(list, conform_data_precopy, conform_data_precopy_count);
	conform_add_all(list, conform_data_windows, conform_data_windows_count);
}

const struct conform_group conform_data = { .name = "data", .list = list };
