/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an output goes, and the name that it gets at the end. */
#ifndef STATEFILE_PLACE_H
#define STATEFILE_PLACE_H

#include <limits.h>
#include <stdbool.h>

#include "migctl/error.h"

struct statefile_place {
	int fd;
	int dir;           /* the folder of the file; -1: a stream, which has its name already */
	bool borrowed;     /* standard output, which is not ours to close */
	bool force;        /* replace what has the name */
	const char *shown; /* what the texts call it */
	char name[NAME_MAX + 1];
	char temp[32]; /* the name it has until then, in dir; "": none at all (O_TMPFILE) */
};

/*
 * "-" is standard output. What is there under another name is never followed,
 * truncated or replaced here: a FIFO or a character device is written as it
 * is, another thing is refused. path is kept, not copied.
 */
int statefile_place_open(struct statefile_place *place, const char *path, bool force,
			 struct mig_error *error);
/* Makes what was written durable, and gives it its name. */
int statefile_place_commit(struct statefile_place *place, struct mig_error *error);
/* What has not got its name is gone. The descriptor stays open for a thread that still has it. */
void statefile_place_forget(struct statefile_place *place);
/* Forgets, and closes. */
void statefile_place_close(struct statefile_place *place);

#endif
