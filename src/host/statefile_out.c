// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "migctl/statefile.h"
#include "statefile_place.h"
#include "statefile_thread.h"
#include "statefile_zstd.h"

_Static_assert(MIG_SLOT_SIZE == MIG_SAVED_BLOCK_MAX, "a slot is what one block holds");

#define SLOTS_MAX 16 /* that one writev(2) takes */

struct mig_out {
	struct statefile_place place;
	struct statefile_pack *pack; /* NULL: not compressed */
	struct mig_saved_writer *writer;
	const volatile sig_atomic_t *stop;
	bool raw;
	uint64_t written;
	struct mig_ring *ring;
	struct statefile_thread thread;
	/* The thread's, until it is over. */
	int ret;
	struct mig_error error;
	struct mig_saved_totals totals;
	size_t begin_size;
	uint8_t begin[MIG_SAVED_BEGIN_MAX];
};

static int no_memory(struct mig_error *error)
{
	return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory for the output");
}

int mig_out_open(struct mig_out **opened, const struct mig_out_options *options,
		 struct mig_error *error)
{
	struct mig_out *out = calloc(1, sizeof(*out));
	int ret;

	if (!out)
		return no_memory(error);
	out->stop = options->stop;
	out->raw = options->raw;
	ret = statefile_place_open(&out->place, options->path, options->force, error);
	if (!ret && options->compress)
		ret = statefile_pack_open(&out->pack, options->level, error);
	if (!ret) {
		out->writer = mig_saved_writer_open();
		ret = out->writer ? 0 : no_memory(error);
	}
	if (ret)
		mig_out_discard(out);
	else
		*opened = out;
	return ret;
}

static bool given_up(const struct mig_out *out)
{
	return statefile_given_up(&out->thread.quit, out->stop);
}

static int interrupted(struct mig_out *out)
{
	return mig_error_set(&out->error, MIG_KIND_FAILED, EINTR,
			     "interrupted after %" PRIu64 " bytes of %.300s", out->written,
			     out->place.shown);
}

static void hint_space(struct mig_out *out)
{
	bool could_pack = out->ring && !out->pack;
	struct statfs fs;
	struct stat st;
	uint64_t room;

	/* A pipe or a device is on no filesystem of its own. */
	if (fstat(out->place.fd, &st) || !S_ISREG(st.st_mode) || fstatfs(out->place.fd, &fs))
		return;
	/* With what this file took, which it gives back. */
	room = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize + (uint64_t)st.st_blocks * 512;
	mig_error_hint(&out->error,
		       "there is room for %" PRIu64 " MiB: make more, or save elsewhere%s",
		       room >> 20, could_pack ? ", or make it smaller with --compress" : "");
}

static int cannot_write(struct mig_out *out, int err)
{
	int ret = mig_error_set(&out->error, MIG_KIND_FAILED, err,
				"cannot write to %.300s after %" PRIu64 " bytes: %s",
				out->place.shown, out->written, strerror(err));

	if (err == EPIPE)
		mig_error_hint(&out->error, "what was to read it has ended: see what it said");
	else if (err == EFBIG)
		mig_error_hint(&out->error, "see ulimit -f, and what the filesystem can hold");
	else if (err == ENOSPC || err == EDQUOT)
		hint_space(out);
	else if (err == EIO)
		mig_error_hint(&out->error, "see the kernel log for the reason");
	return ret;
}

/* iov is used up. A stream that we were given may be non-blocking. */
static int write_all(struct mig_out *out, struct iovec *iov, int count)
{
	struct pollfd room = { .fd = out->place.fd, .events = POLLOUT };
	size_t done = 0;

	for (;;) {
		ssize_t ret;

		for (; count && done >= iov->iov_len; iov++, count--)
			done -= iov->iov_len;
		if (!count)
			return 0;
		iov->iov_base = (uint8_t *)iov->iov_base + done;
		iov->iov_len -= done;
		if (given_up(out))
			return interrupted(out);
		ret = writev(out->place.fd, iov, count);
		if (ret < 0 && errno == EAGAIN)
			poll(&room, 1, STATEFILE_LOOK_MS);
		else if (!ret || (ret < 0 && errno != EINTR))
			return cannot_write(out, ret ? errno : EIO);
		done = ret > 0 ? (size_t)ret : 0;
		out->written += done;
	}
}

static int write_packed(void *context, const void *data, size_t size)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };

	return write_all(context, &iov, 1);
}

static int pack(struct mig_out *out, const void *data, size_t size, bool last)
{
	int ret = statefile_pack_put(out->pack, data, size, last, write_packed, out);
	if (ret && out->error.kind == MIG_KIND_OK)
		no_memory(&out->error);
	return ret;
}

static int put(struct mig_out *out, struct iovec *iov, int count)
{
	int ret = 0;

	if (!out->pack)
		return write_all(out, iov, count);
	for (int i = 0; !ret && i < count; i++)
		ret = pack(out, iov[i].iov_base, iov[i].iov_len, false);
	return ret;
}

static int put_slots(struct mig_out *out, struct mig_slot *const *slots, int count)
{
	static const uint8_t zeros[MIG_SAVED_ALIGN];
	uint8_t headers[SLOTS_MAX][MIG_SAVED_BLOCK_HEADER];
	struct iovec iov[3 * SLOTS_MAX];
	int used = 0;

	for (int i = 0; i < count; i++) {
		const struct mig_slot *slot = slots[i];
		unsigned int padding =
			mig_saved_data(out->writer, slot->data, slot->size, slot->more, headers[i]);

		if (!out->raw)
			iov[used++] = (struct iovec){ headers[i], sizeof(headers[i]) };
		iov[used++] = (struct iovec){ slot->data, slot->size };
		if (!out->raw)
			iov[used++] = (struct iovec){ (void *)zeros, padding };
	}
	return put(out, iov, used);
}

static int put_end(struct mig_out *out)
{
	uint8_t block[MIG_SAVED_END_BLOCK];
	struct iovec iov = { block, sizeof(block) };
	int ret = 0;

	mig_saved_end(out->writer, block, &out->totals);
	if (!out->raw)
		ret = put(out, &iov, 1);
	if (!ret && out->pack)
		ret = pack(out, NULL, 0, true);
	return ret;
}

static int empty_ring(struct mig_out *out)
{
	unsigned int half = mig_ring_slots(out->ring) / 2;
	struct mig_slot *slots[SLOTS_MAX];
	struct iovec begin = { out->begin, out->begin_size };
	int count, ret = out->raw ? 0 : put(out, &begin, 1);

	if (ret)
		return ret;
	while ((count = mig_ring_full(out->ring, slots, half < SLOTS_MAX ? half : SLOTS_MAX)) > 0) {
		ret = put_slots(out, slots, count);
		if (ret)
			return ret;
		mig_ring_empty(out->ring, (unsigned int)count);
	}
	if (count == -EINTR)
		return interrupted(out);
	if (count)
		return mig_error_set(&out->error, MIG_KIND_FAILED, -count,
				     "%.300s is not complete: the device's side ended with %s",
				     out->place.shown, strerror(-count));
	return put_end(out);
}

static void *run(void *context)
{
	struct mig_out *out = context;
	int ret = empty_ring(out);

	out->ret = ret;
	atomic_store(&out->thread.over, true);
	if (ret)
		mig_ring_fail(out->ring, -ret);
	return NULL;
}

int mig_out_start(struct mig_out *out, struct mig_ring *ring, const struct mig_saved_meta *meta,
		  struct mig_error *error)
{
	long size = mig_saved_begin(out->writer, meta, out->begin, sizeof(out->begin));
	int ret;

	if (size < 0)
		return mig_error_set(error, MIG_KIND_FAILED, (int)-size,
				     "cannot say in %.300s what it is of: %s", out->place.shown,
				     strerror((int)-size));
	out->begin_size = (size_t)size;
	out->ring = ring;
	ret = statefile_thread_start(&out->thread, run, out);
	if (ret)
		return mig_error_set(error, MIG_KIND_FAILED, -ret,
				     "cannot start the thread that writes %.300s: %s",
				     out->place.shown, strerror(-ret));
	return 0;
}

int mig_out_put(struct mig_out *out, const void *data, size_t size, struct mig_error *error)
{
	struct iovec iov = { (void *)data, size };
	int ret = put(out, &iov, 1);

	if (ret)
		*error = out->error;
	return ret;
}

/* The last of what the thread, or the last put, has to do. */
static int complete(struct mig_out *out)
{
	if (!out->thread.started)
		return out->pack ? pack(out, NULL, 0, true) : 0;
	while (!statefile_thread_join(&out->thread, STATEFILE_LOOK_MS))
		if (given_up(out))
			return -EINTR;
	return out->ret;
}

int mig_out_finish(struct mig_out *out, struct mig_saved_totals *totals, struct mig_error *error)
{
	int ret = complete(out);

	if (ret == -EINTR)
		return mig_error_set(error, MIG_KIND_FAILED, EINTR,
				     "interrupted while %.300s was being written",
				     out->place.shown);
	if (ret) {
		*error = out->error;
		return ret;
	}
	ret = statefile_place_commit(&out->place, error);
	if (!ret && totals)
		*totals = out->totals;
	return ret;
}

bool mig_out_discard(struct mig_out *out)
{
	if (!out)
		return true;
	if (!statefile_thread_quit(&out->thread)) {
		statefile_place_forget(&out->place);
		return false;
	}
	statefile_place_close(&out->place);
	statefile_pack_close(out->pack);
	mig_saved_writer_close(out->writer);
	free(out);
	return true;
}
