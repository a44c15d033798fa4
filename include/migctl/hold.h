/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mark of `hold`: a memfd beside the device's descriptor in the same
 * process, sealed so that it stays what it was, which says that the device is
 * there for our other commands and which descriptor is its. It is the
 * lock between those that write, too, and goes when the process does. A v1
 * device has one only when the layout of its region was checked.
 */
#ifndef MIGCTL_HOLD_H
#define MIGCTL_HOLD_H

#include "migctl/target.h"

/* Makes the mark for fd, by which this process has the device open; *mark is the caller's. */
int mig_hold_mark(const char *device, int fd, int *mark, struct mig_error *error);

struct mig_hold {
	int fd;   /* the device's, in that process */
	int mark; /* the mark's, in ours; owned */
};

/*
 * The mark that process pid has for the device. -ENOENT: it has none, or one
 * that is not sealed, not in our words, or neither root's nor our own user's;
 * -EACCES: it does not let us look.
 */
int mig_hold_find(const struct mig_host *host, pid_t pid, const char *device,
		  struct mig_hold *hold);
/* Whether it has one that is good. */
bool mig_hold_is(const struct mig_host *host, pid_t pid, const char *device);
/*
 * Until the descriptor is closed, no other of our commands writes to the
 * device. -EBUSY: one does. Also for who made the mark.
 */
int mig_hold_lock(int mark);

#endif
