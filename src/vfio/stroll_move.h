/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a random walk that move data. 0, or -1: lost. */
#ifndef MIGCTL_STROLL_MOVE_H
#define MIGCTL_STROLL_MOVE_H

#include "image.h"
#include "stroll.h"

/* So much as there is, at most: bytes; v1, transactions. */
int stroll_read(struct stroll *stroll, uint64_t most, struct mig_answer *answer);
int stroll_write(struct stroll *stroll, size_t most, struct mig_answer *answer);

#endif
