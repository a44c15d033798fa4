/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state in files and pipes: the thread on the other side of the ring.
 *
 * A file is written under a temporary name beside the final one (0600, no link
 * followed), made durable and renamed; after a failure nothing is left.
 */
#ifndef MIGCTL_STATEFILE_H
#define MIGCTL_STATEFILE_H

#include "migctl/ring.h"
#include "migctl/saved.h"

struct mig_out_options {
	/*
	 * "-": standard output, which must be no terminal. A FIFO or a character
	 * device is written as it is. Kept, not copied; so is the input's.
	 */
	const char *path;
	bool force;    /* replace what is there */
	bool raw;      /* the driver's bytes alone */
	bool compress; /* zstd around all of it */
	int level;     /* of zstd, 1 to 19; 0: its default */
	/* What waits or writes ends with -EINTR soon after it is set. May be NULL. */
	const volatile sig_atomic_t *stop;
};

struct mig_out;

/*
 * Before the device is touched: -EEXIST, -ENOTTY (a terminal), no such folder,
 * no libzstd … all with *error. Nothing is visible under the final name yet.
 */
int mig_out_open(struct mig_out **out, const struct mig_out_options *options,
		 struct mig_error *error);
/* Starts the thread that empties the ring; meta is copied. It ends the ring by mig_ring_fail(). */
int mig_out_start(struct mig_out *out, struct mig_ring *ring, const struct mig_saved_meta *meta,
		  struct mig_error *error);
/* Instead of a ring: the next bytes of a raw output, written on this thread. Not counted. */
int mig_out_put(struct mig_out *out, const void *data, size_t size, struct mig_error *error);
/*
 * After mig_ring_end(ring, 0), or after the last put: waits, makes it durable
 * and gives it its name. When that cannot be done, or the thread failed (also
 * before the ring's end): the reason. totals may be NULL.
 */
int mig_out_finish(struct mig_out *out, struct mig_saved_totals *totals, struct mig_error *error);
/*
 * Frees everything, and removes the file unless it was finished. Where there
 * is a ring it has to be ended before. A thread that does not come back from a
 * pipe within a moment is left behind, with its memory and the ring: false, and
 * then the ring must not be closed either. out may be NULL.
 */
bool mig_out_discard(struct mig_out *out);

struct mig_in;

/* "-" is standard input, which must be no terminal. Not ours: see mig_in_meta(). stop as above. */
int mig_in_open(struct mig_in **in, const char *path, const volatile sig_atomic_t *stop,
		struct mig_error *error);
/* Can it be read from the beginning again? A regular file. */
bool mig_in_twice(const struct mig_in *in);
/*
 * Reads up to the data, decompressing where that is needed. Damage here and
 * below is MIG_KIND_BAD_STATE with -EBADMSG, another version's with
 * -EPROTONOSUPPORT; all other errors are of reading.
 */
int mig_in_meta(struct mig_in *in, struct mig_saved_meta *meta, struct mig_error *error);
/*
 * Only where it can be read twice: all of it is read and checked, and it
 * stands at its beginning again. What is read afterwards has to be the same.
 * totals may be NULL, here and below.
 */
int mig_in_check(struct mig_in *in, struct mig_saved_totals *totals, struct mig_error *error);
/*
 * The rest of it on this thread, piece by piece, each as it was checked. After
 * damage, *totals is of what came before it.
 */
typedef int mig_in_piece(void *context, const uint8_t *data, const struct mig_saved_piece *piece,
			 struct mig_error *error);
int mig_in_each(struct mig_in *in, mig_in_piece *take, void *context,
		struct mig_saved_totals *totals, struct mig_error *error);
/* Starts the thread that fills the ring and ends it: with the errno as above when that is bad. */
int mig_in_start(struct mig_in *in, struct mig_ring *ring, struct mig_error *error);
/*
 * Waits for it: 0 when all was read, its error if it had one. -ECANCELED: the
 * other side wanted no more. A thread that is left behind as above: -EINTR.
 */
int mig_in_finish(struct mig_in *in, struct mig_saved_totals *totals, struct mig_error *error);
/* false: see mig_out_discard(). in may be NULL. */
bool mig_in_close(struct mig_in *in);

#endif
