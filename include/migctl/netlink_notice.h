/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells that devlink has announced something, of whatever device: a port or
 * its function was set, a health reporter saw an error or recovered. What it
 * was is asked anew (migctl/netlink_devlink.h): a driver need not announce all.
 */
#ifndef MIGCTL_NETLINK_NOTICE_H
#define MIGCTL_NETLINK_NOTICE_H

#include <stdbool.h>

#include "migctl/error.h"
#include "migctl/sysfs.h"

struct mig_notices;

/* In our own network namespace, where the instances are. -errno with *error; -ENOENT: this kernel
 * has no devlink. */
int mig_notices_open(const struct mig_host *host, struct mig_notices **notices,
		     struct mig_error *error);
/* To poll(2) for POLLIN; it stays theirs. */
int mig_notices_fd(const struct mig_notices *notices);
/* Has there been any since the last call, or were some lost? Never waits. */
bool mig_notices_seen(struct mig_notices *notices);
/* NULL is well. */
void mig_notices_close(struct mig_notices *notices);

#endif
