/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zstd around the saved form. The library is loaded when the first stream is
 * opened, so that whoever does without it need not have it.
 */
#ifndef STATEFILE_ZSTD_H
#define STATEFILE_ZSTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "migctl/error.h"

#define STATEFILE_LEVEL_MAX 19 /* those above it take gigabytes */

struct statefile_pack;

/* Takes all of data: 0, or -errno with an *error of its own that pack passes on. */
typedef int statefile_write(void *context, const void *data, size_t size);

/* level 0 is zstd's default. It works on threads of its own, with the caller's signal mask. */
int statefile_pack_open(struct statefile_pack **pack, int level, struct mig_error *error);
void statefile_pack_close(struct statefile_pack *pack);
/* Compresses, and writes whenever there is enough of it. last: all of it, and the frame's end. */
int statefile_pack_put(struct statefile_pack *pack, const void *data, size_t size, bool last,
		       statefile_write *write, void *context);

struct statefile_unpack;

/* How many bytes there were, as many as there are now; 0 at the end; -errno. */
typedef ssize_t statefile_read(void *context, void *buffer, size_t size);

/* Does what begins so want to be decompressed? */
#define STATEFILE_MAGIC_SIZE 4
bool statefile_is_packed(const uint8_t magic[STATEFILE_MAGIC_SIZE]);

int statefile_unpack_open(struct statefile_unpack **unpack, struct mig_error *error);
void statefile_unpack_close(struct statefile_unpack *unpack);
/*
 * All of size, fewer only at the end of the last frame. -EBADMSG: *why says
 * what is wrong with it (static); any other is that of read.
 */
long statefile_unpack_get(struct statefile_unpack *unpack, void *buffer, size_t size,
			  statefile_read *read, void *context, const char **why);

#endif
