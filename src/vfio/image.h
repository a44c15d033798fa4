/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A saved state in memory, as the driver gave it, byte for byte and window for
 * window: what a load needs that is no more than a part of something else. Of
 * bounded size; what is to be kept or is large goes through migctl/move.h.
 */
#ifndef MIGCTL_IMAGE_H
#define MIGCTL_IMAGE_H

#include <signal.h>

#include "migctl/proto.h"

#define IMAGE_MAX (64u * 1024u * 1024u)
/* v1: in windows of 256 bytes it is full. */
#define IMAGE_WINDOWS_MAX (IMAGE_MAX / 256u)
/* What one call moves; the seam has no buffer of its own for reads and writes. */
#define IMAGE_PIECE 65536u

struct image {
	uint8_t *data;
	size_t size, room;
	size_t *windows; /* v1: the sizes of the transactions, in order */
	size_t window_count, window_room;
	/* What one call asks for at this offset, IMAGE_PIECE at most; NULL: that much. */
	size_t (*step)(size_t at);
	/* NULL, or a flag: when it is set, what is under way is given up with -EINTR. */
	const volatile sig_atomic_t *stop;
	/* A call that is stuck may write to it still: then all of this is left to it. */
	struct mig_call call;
	uint8_t piece[IMAGE_PIECE];
};

/* NULL: no memory. */
struct image *image_open(void);
/* Takes NULL, and leaves it alone when a call of the seam is stuck. */
void image_close(struct image *image, const struct mig_sys *sys);

/* One read(2), write(2), pread(2) or pwrite(2) of at most IMAGE_PIECE, through image->piece. */
ssize_t image_call(struct image *image, struct mig_sys *sys, enum mig_call_kind kind, int fd,
		   size_t size, off_t offset);
/*
 * read(2) or write(2) likewise, again when it says EINTR. Signals are held while
 * a call is made, so that is the driver's own; one that says nothing else has it
 * returned.
 */
#define IMAGE_EINTR_MAX 64
ssize_t image_stream(struct image *image, struct mig_sys *sys, enum mig_call_kind kind, int fd,
		     size_t size);

/*
 * Puts what the last image_call() read at the end. -EFBIG: it would pass
 * IMAGE_MAX. -EINTR: *stop.
 */
int image_keep(struct image *image, size_t size, struct mig_error *error);

/*
 * Of a device in STOP_COPY: all that it gives, to the end. -EFBIG: more than
 * IMAGE_MAX, or than IMAGE_WINDOWS_MAX transactions. -EPROTO: v1, a window that is not in the
 * region.
 */
int image_save(struct image *image, struct mig_port *port, struct mig_error *error);
/* Likewise, behind what is there already: of pre-copy, say. */
int image_save_rest(struct image *image, struct mig_port *port, struct mig_error *error);
/* v1: one more transaction of this size. */
int image_add_window(struct image *image, size_t size, struct mig_error *error);
/* v1, saving: the next transaction, put at the end. 0: nothing is pending; -errno. */
enum {
	IMAGE_MORE = 1,
	IMAGE_EMPTY = 2, /* it was of no bytes */
};
/* A driver that always has some more, of nothing: more than any has in one state. */
#define IMAGE_EMPTY_MAX 64
int image_window(struct image *image, struct mig_port *port, struct mig_error *error);
/* Into a device in RESUMING, from *at of the image on: v2, most bytes; v1, one transaction. */
int image_put(struct image *image, struct mig_port *port, size_t most, size_t *at,
	      struct mig_error *error);
int image_put_window(struct image *image, struct mig_port *port, size_t window, size_t *at,
		     struct mig_error *error);
/* Into a device in RESUMING; all of it is taken, or -errno. */
int image_load(struct image *image, struct mig_port *port, struct mig_error *error);

#endif
