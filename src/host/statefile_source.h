/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of an input, decompressed where needed, as the reader of the saved form wants them. */
#ifndef STATEFILE_SOURCE_H
#define STATEFILE_SOURCE_H

#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "migctl/saved.h"
#include "statefile_zstd.h"

#define STATEFILE_AHEAD (64u * 1024u)

struct statefile_source {
	struct mig_saved_input input; /* first: it is what the reader knows of us */
	const char *shown;            /* what the texts call it */
	int fd;
	bool borrowed; /* standard input, which is not ours to close */
	bool regular;  /* can be read again */
	off_t start;   /* standard input need not be at its file's beginning */
	/* Reading ends with -EINTR soon after one of them is set; stop may be NULL. */
	const volatile sig_atomic_t *stop;
	const atomic_bool *quit;
	struct statefile_unpack *unpack; /* NULL: not compressed */
	struct mig_error why;            /* of its own failure; kind OK: it had none */
	uint64_t got;                    /* bytes read so far */
	size_t from, to;                 /* what of ahead is not used yet */
	uint8_t ahead[STATEFILE_AHEAD];
};

/* "-" is standard input. What is here stays as it is until close, on failure too. */
int statefile_source_open(struct statefile_source *source, const char *path,
			  struct mig_error *error);
/* Once before anything is read: what is it? */
int statefile_source_begin(struct statefile_source *source, struct mig_error *error);
/* To where it was opened, and to be begun again. */
int statefile_source_rewind(struct statefile_source *source, struct mig_error *error);
void statefile_source_close(struct statefile_source *source);

#endif
