/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the reader of the saved form has to say when it does not go on: where,
 * what was there, what was expected, what to do. All return -EBADMSG with
 * MIG_KIND_BAD_STATE, unless said otherwise.
 */
#ifndef MIGCTL_CORE_SAVED_WRONG_H
#define MIGCTL_CORE_SAVED_WRONG_H

#include "saved_form.h"

/* A block whose header is being read, or was. */
struct saved_block {
	uint64_t number, at;
	uint8_t header[MIG_SAVED_BLOCK_HEADER];
	uint32_t type; /* 0: not known yet */
	uint32_t flags;
	uint64_t length;
	uint64_t check;
};

/* Damage; block is NULL for the file header. */
int saved_wrong(struct mig_error *error, const struct saved_block *block, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* It may well be whole, but another version made it: -EPROTONOSUPPORT. */
int saved_wrong_newer(struct mig_error *error, const struct saved_block *block, const char *format,
		      ...) __attribute__((format(printf, 3, 4)));
/* It ends at byte at, in part of the block; NULL: where the block would begin. */
int saved_wrong_end(struct mig_error *error, const struct saved_block *block, uint64_t at,
		    const char *part);
/* It does not begin as ours do. */
int saved_wrong_magic(struct mig_error *error, const uint8_t *bytes, size_t size);
/*
 * The input failed with ret at byte at: ret, MIG_KIND_FAILED. -EBADMSG is what
 * an input says that decompresses and cannot: that is damage too.
 */
int saved_wrong_input(struct mig_error *error, int ret, uint64_t at);

#endif
