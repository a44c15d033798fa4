/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step of a random walk, as a value and as the word that --replay takes:
 * a state's ("stop-copy"), or "read:100", "drain", "reset" ...
 */
#ifndef MIGCTL_STRIDE_H
#define MIGCTL_STRIDE_H

#include "migctl/error.h"
#include "migctl/state.h"

enum mig_stride_kind {
	MIG_STRIDE_SET,          /* the word is the state's */
	MIG_STRIDE_READ,         /* amount: bytes; v1, transactions */
	MIG_STRIDE_DRAIN,        /* to the end, in pre-copy to the end for now */
	MIG_STRIDE_WRITE,        /* amount, as of read; of a state that the device gave */
	MIG_STRIDE_WRITE_ALL,    /* what is left of it */
	MIG_STRIDE_PRECOPY_INFO, /* v2 */
	MIG_STRIDE_DATA_SIZE,    /* v2 */
	MIG_STRIDE_GET,
	MIG_STRIDE_RESET,
	MIG_STRIDE_CLOSE, /* v2: the data_fd, before the session is over */
	MIG_STRIDE_REOPEN,
};
#define MIG_STRIDE_KINDS (MIG_STRIDE_REOPEN + 1)

struct mig_stride {
	enum mig_stride_kind kind;
	enum mig_state state; /* of SET */
	uint32_t amount;      /* of READ and WRITE, never 0; else 0 */
};

#define MIG_STRIDE_TEXT 32
const char *mig_stride_text(const struct mig_stride *stride, char text[MIG_STRIDE_TEXT]);
/* Of several, with commas between them: how much of the room it would take. */
size_t mig_strides_text(const struct mig_stride *strides, size_t count, char *text, size_t size);
/*
 * A comma list. -EINVAL with *error, MIG_KIND_USAGE: a word is no step.
 * *strides is for free(3).
 */
int mig_strides_parse(const char *words, struct mig_stride **strides, size_t *count,
		      struct mig_error *error);

#endif
