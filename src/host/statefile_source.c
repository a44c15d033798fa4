// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "statefile_source.h"
#include "statefile_thread.h"

/*
 * How much is read ahead of what was asked for. Behind a large piece only the
 * next block's header: all that is read ahead has to be copied.
 */
#define AHEAD STATEFILE_AHEAD
#define AHEAD_LITTLE 4096u

static int interrupted(struct statefile_source *source)
{
	return mig_error_set(&source->why, MIG_KIND_FAILED, EINTR,
			     "interrupted after %" PRIu64 " bytes of %.300s", source->got,
			     source->shown);
}

/*
 * As many bytes as there are; 0 at the end; -errno with source->why. Only a regular
 * file is read without asking first: whoever feeds a pipe may be in no hurry.
 */
static ssize_t fetch(struct statefile_source *source, const struct iovec *iov, int count)
{
	struct pollfd some = { .fd = source->fd, .events = POLLIN };

	for (;;) {
		ssize_t ret;

		if (statefile_given_up(source->quit, source->stop))
			return interrupted(source);
		if (!source->regular && poll(&some, 1, STATEFILE_LOOK_MS) <= 0)
			continue;
		ret = readv(source->fd, iov, count);
		if (ret >= 0) {
			source->got += (uint64_t)ret;
			return ret;
		}
		if (errno != EINTR && errno != EAGAIN)
			return mig_error_set(&source->why, MIG_KIND_FAILED, errno,
					     "cannot read %.300s after %" PRIu64 " bytes: %s",
					     source->shown, source->got, strerror(errno));
	}
}

static size_t use_ahead(struct statefile_source *source, void *buffer, size_t size)
{
	size_t have = source->to - source->from;

	if (have > size)
		have = size;
	memcpy(buffer, source->ahead + source->from, have);
	source->from += have;
	return have;
}

/* struct mig_saved_input's, uncompressed: a piece goes straight to where it is wanted. */
static long get_plain(struct statefile_source *source, void *buffer, size_t size)
{
	size_t done = use_ahead(source, buffer, size);

	while (done < size) {
		size_t left = size - done;
		struct iovec iov[2] = {
			{ (uint8_t *)buffer + done, left },
			{ source->ahead, left < AHEAD ? AHEAD : AHEAD_LITTLE },
		};
		ssize_t got = fetch(source, iov, 2);

		if (got < 0)
			return got;
		if (!got)
			break;
		source->from = 0;
		source->to = (size_t)got > left ? (size_t)got - left : 0;
		done += (size_t)got - source->to;
	}
	return (long)done;
}

static ssize_t get_packed(void *context, void *buffer, size_t size)
{
	struct iovec iov = { buffer, size };
	struct statefile_source *source = context;
	size_t done = use_ahead(source, buffer, size);

	return done ? (ssize_t)done : fetch(source, &iov, 1);
}

static long get(struct mig_saved_input *input, void *buffer, size_t size)
{
	struct statefile_source *source = (struct statefile_source *)input;
	const char *why = "";
	long ret;

	if (!source->unpack)
		return get_plain(source, buffer, size);
	ret = statefile_unpack_get(source->unpack, buffer, size, get_packed, source, &why);
	/* Some filesystems report damage of their own by the same number. */
	if (ret == -EBADMSG && source->why.kind == MIG_KIND_OK) {
		mig_error_set(&source->why, MIG_KIND_BAD_STATE, EBADMSG,
			      "%.300s is damaged: zstd, within its first %" PRIu64 " bytes: %s",
			      source->shown, source->got, why);
		mig_error_hint(&source->why,
			       "copy it again and compare sha256sum(1) on both sides, or "
			       "save it again");
	}
	return ret;
}

static int cannot_open(const struct statefile_source *source, int err, struct mig_error *error)
{
	int ret = mig_error_set(error, MIG_KIND_FAILED, err, "cannot open %.300s: %s",
				source->shown, strerror(err));

	if (err == ENOENT)
		mig_error_hint(error, "see the name; vfio-migctl save DEVICE FILE makes one");
	else if (err == EACCES)
		mig_error_hint(error, "saved state is its owner's alone: be that user, or root");
	return ret;
}

int statefile_source_open(struct statefile_source *source, const char *path,
			  struct mig_error *error)
{
	struct stat st;
	int ret = 0;

	source->input.read = get;
	source->borrowed = !strcmp(path, "-");
	source->shown = source->borrowed ? "standard input" : path;
	source->fd = source->borrowed ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (source->fd < 0 || fstat(source->fd, &st)) {
		ret = cannot_open(source, errno, error);
	} else if (S_ISDIR(st.st_mode)) {
		ret = mig_error_set(error, MIG_KIND_FAILED, EISDIR,
				    "%.300s is a folder, and no saved state", source->shown);
	} else if (isatty(source->fd)) {
		ret = mig_error_set(error, MIG_KIND_USAGE, ENOTTY,
				    "%.300s is a terminal, and device state is no text",
				    source->shown);
		mig_error_hint(error, "give the name of a file, or send it through a pipe");
	}
	if (ret)
		return ret;
	source->start = S_ISREG(st.st_mode) ? lseek(source->fd, 0, SEEK_CUR) : -1;
	source->regular = source->start >= 0;
	if (source->regular)
		posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

/* What it looks at stays to be read. */
int statefile_source_begin(struct statefile_source *source, struct mig_error *error)
{
	source->from = source->to = 0;
	while (source->to < STATEFILE_MAGIC_SIZE) {
		struct iovec iov = { source->ahead + source->to, AHEAD - source->to };
		ssize_t got = fetch(source, &iov, 1);

		if (got < 0) {
			*error = source->why;
			return (int)got;
		}
		if (!got)
			return 0;
		source->to += (size_t)got;
	}
	return statefile_is_packed(source->ahead) ? statefile_unpack_open(&source->unpack, error)
						  : 0;
}

int statefile_source_rewind(struct statefile_source *source, struct mig_error *error)
{
	statefile_unpack_close(source->unpack);
	source->unpack = NULL;
	source->got = 0;
	if (lseek(source->fd, source->start, SEEK_SET) >= 0)
		return 0;
	return mig_error_set(error, MIG_KIND_FAILED, errno,
			     "cannot read %.300s from the beginning again: %s", source->shown,
			     strerror(errno));
}

void statefile_source_close(struct statefile_source *source)
{
	statefile_unpack_close(source->unpack);
	if (source->fd >= 0 && !source->borrowed)
		close(source->fd);
}
