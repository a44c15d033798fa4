// SPDX-License-Identifier: GPL-2.0-or-later
/* v2 pre-copy: its end for now, what it says of itself, and how it goes over into STOP_COPY. */
#include <errno.h>
#include <inttypes.h>

#include "conform_save.h"
#include "uapi.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
/* A busy device can have something new for ever; these do not fill an image. */
#define READS_MAX 512u
_Static_assert(IMAGE_MAX / IMAGE_PIECE > READS_MAX, "an end is told before that");
/* What came between a look and a read is looked at again so often. */
#define TRIES 3

static int begin(struct conform *conform, enum mig_state state)
{
	if (conform_go(conform, state))
		return -1;
	if (conform->port->data_fd >= 0)
		return 0;
	conform_fail(conform, "%s was reached, and the driver gave no data_fd",
		     mig_state_name(state));
	return -1;
}

/* argsz of the whole structure, or less. 0; 1: refused, with *err; -1: lost. */
static int ask_info(struct conform *conform, struct uapi_precopy_info *info, uint32_t argsz,
		    int *err)
{
	struct mig_sys *sys = conform->sys;
	int ret;

	*info = (struct uapi_precopy_info){ .argsz = argsz };
	ret = sys->ops->ioctl(sys, conform->port->data_fd, UAPI_MIG_GET_PRECOPY_INFO, info,
			      sizeof(*info));
	if (conform_stuck(conform, ret, "VFIO_MIG_GET_PRECOPY_INFO of"))
		return -1;
	*err = ret < 0 ? -ret : 0;
	return ret < 0;
}

/* That has to be answered. */
static int want_info(struct conform *conform, struct uapi_precopy_info *info, const char *when)
{
	int err, ret = ask_info(conform, info, sizeof(*info), &err);

	if (ret > 0)
		conform_fail(conform, "%s VFIO_MIG_GET_PRECOPY_INFO failed: %s", when,
			     mig_errno_name(err));
	return ret ? -1 : 0;
}

/* One read, kept. Its result; -EPROTO where the test is judged or lost. */
static ssize_t read_piece(struct conform *conform, struct image *image)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	ssize_t got = image_stream(image, conform->sys, MIG_CALL_READ, conform->port->data_fd,
				   IMAGE_PIECE);

	if (conform_stuck(conform, (int)got, "reading the data_fd of"))
		return -EPROTO;
	if (got <= 0 || !image_keep(image, (size_t)got, &error))
		return got;
	conform_skip(conform, "%s", error.text);
	return -EPROTO;
}

/* To the end for now: 0 or -ENOMSG, as the driver said it; -EPROTO: judged. 1: it has no end. */
static ssize_t drain(struct conform *conform, struct image *image)
{
	for (unsigned int i = 0; i < READS_MAX; i++) {
		ssize_t got = read_piece(conform, image);

		if (!got || got == -ENOMSG || got == -EPROTO)
			return got;
		if (got < 0) {
			conform_fail(conform, "a read in pre-copy failed: %s",
				     mig_errno_name((int)-got));
			return -EPROTO;
		}
	}
	return 1;
}

/* The end for now was told: is there really nothing announced? */
static void check_end(struct conform *conform, struct image *image)
{
	struct uapi_precopy_info info;

	for (int i = 0; i < TRIES; i++) {
		ssize_t got;

		if (want_info(conform, &info, "at the end for now,"))
			return;
		if (!info.initial_bytes && !info.dirty_bytes)
			return;
		/* It may have become dirty since the read. */
		got = drain(conform, image);
		if (got == -EPROTO || got == 1)
			return;
	}
	if (info.initial_bytes)
		conform_fail(conform, "no more for now, said a read, and initial_bytes is %" PRIu64,
			     (uint64_t)info.initial_bytes);
	else
		conform_warn(conform, "no more for now, said a read, and dirty_bytes is %" PRIu64,
			     (uint64_t)info.dirty_bytes);
}

static void end_for_now(struct conform *conform)
{
	struct image *image;
	ssize_t end;

	if (begin(conform, MIG_STATE_PRE_COPY))
		return;
	image = conform_image(conform);
	if (!image)
		return;
	end = drain(conform, image);
	if (!end || end == -ENOMSG)
		check_end(conform, image);
	if (!end)
		conform_warn(conform, "a read gave 0, which is the end of all, and not ENOMSG for "
				      "no more for now");
	else if (end == 1)
		conform_note(conform, "%u reads, and there was always more", READS_MAX);
	else if (end == -ENOMSG)
		conform_note(conform, "%zu bytes", image->size);
	image_close(image, conform->sys);
}

static void info_valid(struct conform *conform)
{
	struct uapi_precopy_info info;
	int err = 0;

	if (begin(conform, MIG_STATE_PRE_COPY) || want_info(conform, &info, "in pre-copy") ||
	    ask_info(conform, &info, sizeof(info) - sizeof(info.dirty_bytes), &err) < 0)
		return;
	if (err != EINVAL)
		conform_fail(conform,
			     "VFIO_MIG_GET_PRECOPY_INFO with an argsz that has no room for "
			     "dirty_bytes said %s",
			     err ? mig_errno_name(err) : "success");
	if (!(conform->port->caps & MIG_CAP_P2P))
		return;
	if (!begin(conform, MIG_STATE_PRE_COPY_P2P))
		want_info(conform, &info, "in pre-copy-p2p");
}

/* Not in STOP_COPY, come from pre-copy or not. */
static void info_elsewhere(struct conform *conform)
{
	static const enum mig_state before[] = { MIG_STATE_PRE_COPY, MIG_STATE_STOP };

	for (size_t i = 0; i < COUNT(before); i++) {
		struct uapi_precopy_info info;
		int err, ret;

		if (conform_go(conform, before[i]) || begin(conform, MIG_STATE_STOP_COPY))
			return;
		ret = ask_info(conform, &info, sizeof(info), &err);
		if (ret < 0)
			return;
		if (!ret) {
			conform_fail(conform,
				     "in stop-copy, come from %s, VFIO_MIG_GET_PRECOPY_INFO is "
				     "answered",
				     mig_state_name(before[i]));
			return;
		}
		if (err != EINVAL)
			conform_warn(conform, "in stop-copy it said %s, and not EINVAL",
				     mig_errno_name(err));
	}
}

static void initial_bytes(struct conform *conform)
{
	struct uapi_precopy_info info, later;
	struct image *image;
	ssize_t got;

	if (begin(conform, MIG_STATE_PRE_COPY) || want_info(conform, &info, "in pre-copy"))
		return;
	image = conform_image(conform);
	got = image ? read_piece(conform, image) : -EPROTO;
	if (got > 0 && !want_info(conform, &later, "after a read")) {
		conform_note(conform, "%" PRIu64 " bytes, and %" PRIu64 " after a read of %zd",
			     (uint64_t)info.initial_bytes, (uint64_t)later.initial_bytes, got);
		if (!info.initial_bytes)
			conform_fail(conform, "it begins with 0, and there were %zd bytes to read",
				     got);
		else if (later.initial_bytes >= info.initial_bytes)
			conform_fail(
				conform,
				"it was %" PRIu64 ", and %" PRIu64 " after a read of %zd bytes",
				(uint64_t)info.initial_bytes, (uint64_t)later.initial_bytes, got);
	} else if (got <= 0 && got != -EPROTO && info.initial_bytes) {
		conform_fail(conform, "it begins with %" PRIu64 ", and the first read gave %s",
			     (uint64_t)info.initial_bytes, got ? mig_errno_name((int)-got) : "0");
	} else if (got <= 0 && got != -EPROTO) {
		conform_note(conform, "it has nothing for pre-copy");
	}
	image_close(image, conform->sys);
}

/* One session from pre-copy on: the same descriptor, no second one, and an end. */
static void one_session(struct conform *conform)
{
	struct mig_port *port = conform->port;
	struct image *image;
	size_t early;
	int fd;

	if (begin(conform, MIG_STATE_PRE_COPY))
		return;
	fd = port->data_fd;
	image = conform_image(conform);
	if (!image || read_piece(conform, image) == -EPROTO ||
	    conform_set(conform, MIG_STATE_STOP_COPY))
		goto out;
	early = image->size;
	if (conform->err || conform->after.state != MIG_STATE_STOP_COPY)
		conform_fail(conform, "pre-copy -> stop-copy: the driver said %s",
			     conform->err ? mig_errno_name(conform->err) : "success");
	else if (port->dead_fd >= 0 || port->data_fd != fd)
		conform_fail(conform, "pre-copy -> stop-copy gave a second data_fd, where the "
				      "session goes on with the first");
	else if (!conform_save_rest(conform, image))
		conform_note(conform, "%zu bytes in pre-copy, %zu after it", early,
			     image->size - early);
out:
	image_close(image, conform->sys);
}

static int leave_pre_copy(struct conform *conform, struct image *scratch)
{
	if (begin(conform, MIG_STATE_PRE_COPY))
		return -1;
	scratch->size = 0;
	return read_piece(conform, scratch) == -EPROTO ? -1 : 0;
}

static void aborted(struct conform *conform)
{
	const struct conform_trial trial = { .base = MIG_STATE_RUNNING,
					     .disturb = leave_pre_copy,
					     .runs = true };

	conform_judge_trial(conform, &trial, "after a pre-copy that was left half read");
}

#define INFO "include/uapi/linux/vfio.h, struct vfio_precopy_info: "
#define STATES "include/uapi/linux/vfio.h, enum vfio_device_mig_state: "

const struct conform_test conform_data_precopy[] = {
	{ .name = "pre-copy-end",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = INFO "ENOMSG is the temporary end of the stream, reached when initial_bytes "
			    "and dirty_bytes are both 0",
	  .run = end_for_now },
	{ .name = "pre-copy-info",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = INFO "VFIO_MIG_GET_PRECOPY_INFO is mandatory with PRE_COPY, and valid in "
			    "its states; too small an argsz is EINVAL with every driver",
	  .run = info_valid },
	{ .name = "pre-copy-info-elsewhere",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = INFO "EINVAL in any state but those of PRE_COPY",
	  .run = info_elsewhere },
	{ .name = "initial-bytes",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = INFO "initial_bytes is not 0 at first, and falls as data is read",
	  .run = initial_bytes },
	{ .name = "one-session",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = STATES "the saving group of states shares one session; moving between them "
			      "does not affect its fd",
	  .run = one_session },
	{ .name = "kept-across-pre-copy",
	  .protocol = MIG_PROTOCOL_V2,
	  .caps = MIG_CAP_PRE_COPY,
	  .authority = STATES "the arc into PRE_COPY does not change the device's operation, the "
			      "one back ends the session; of how its state is written down then, "
			      "nothing is said",
	  .run = aborted },
};
const size_t conform_data_precopy_count = COUNT(conform_data_precopy);
