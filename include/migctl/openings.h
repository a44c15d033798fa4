/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells that somebody opened or closed a VFIO node, so that who that was need
 * not be looked for all the time: inotify(7) on the nodes, which opens none.
 * A node under another name (mknod in a container) has an inode of its own
 * and is not noticed.
 */
#ifndef MIGCTL_OPENINGS_H
#define MIGCTL_OPENINGS_H

#include "migctl/target.h"

/* A descriptor of the caller's, to poll(2) for POLLIN and to close; -errno with *error. */
int mig_openings_open(struct mig_error *error);
/*
 * The nodes of the device's group and of its own. To be called when it is
 * bound: they are made then. Once more does no harm; nodes that go away are
 * forgotten. Those that cannot be watched are not.
 */
void mig_openings_add(int fd, const struct mig_host *host, const struct mig_target *target);
/* The nodes of all groups, where it matters that a process opens another. */
void mig_openings_add_all(int fd, const struct mig_host *host);
/* Has there been any since the last call? */
bool mig_openings_seen(int fd);

#endif
