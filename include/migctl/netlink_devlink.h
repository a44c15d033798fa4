/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking devlink (generic netlink) about a device. Passive but for
 * mig_devlink_set_migratable(); never asks for a health dump, because asking
 * makes one.
 *
 * A VF is found among its PF's ports by flavour, PF, VF and controller number,
 * as sysfs (physfn, virtfnN) numbers it.
 */
#ifndef MIGCTL_NETLINK_DEVLINK_H
#define MIGCTL_NETLINK_DEVLINK_H

#include "migctl/devlink.h"
#include "migctl/error.h"
#include "migctl/target.h"

/*
 * One socket, and what each PF's instance said: asked once, whatever number of
 * its VFs is read. For one thread.
 */
struct mig_devlinks;

/*
 * An instance is looked for in our own network namespace, where it stays when
 * its netdev is moved, and then in host->netns; nothing else of host is used.
 * -errno with *error only for a namespace that cannot be entered, and
 * memory: a kernel without devlink is knowledge (MIG_DEVLINK_GAP_NO_FAMILY).
 */
int mig_devlinks_open(const struct mig_host *host, struct mig_devlinks **devlinks,
		      struct mig_error *error);
/* NULL is taken. */
void mig_devlinks_close(struct mig_devlinks *devlinks);
/*
 * The target must be described. What cannot be known is a gap or an unknown,
 * never an error. A device that is no VF has its own instance's facts, if any.
 */
void mig_devlinks_read(struct mig_devlinks *devlinks, const struct mig_target *target,
		       struct mig_devlink *devlink);
/* Forgets what was said, not the socket: the next read asks again. */
void mig_devlinks_forget(struct mig_devlinks *devlinks);

/* The three above for one device. -errno as mig_devlinks_open(). */
int mig_devlink_read(const struct mig_host *host, const struct mig_target *target,
		     struct mig_devlink *devlink, struct mig_error *error);

/*
 * Sets migratable of a VF's port and reads it back: *devlink is how it is then.
 * 0 (*outcome ACCEPTED, or NOOP: it was so, nothing written), else -errno with
 * *error, which has the kernel's extended ack word for word, and the remedy as
 * its hint:
 *   MIG_KIND_NO_DEVICE     no port, or no permission (*outcome REFUSED: nothing
 *                          was written)
 *   MIG_KIND_REFUSED       the VF is bound to a driver, and force is false
 *   MIG_KIND_NO_MIGRATION  the port does not support it, and still does not
 *   MIG_KIND_NAK           refused, and it did not change
 *   MIG_KIND_ASTRAY        it is not as asked: older kernels ignore what they
 *                          do not know, and drivers have turned on what they
 *                          were told to turn off
 *   MIG_KIND_TIMEOUT, MIG_KIND_FAILED
 */
int mig_devlink_set_migratable(const struct mig_host *host, const struct mig_target *target,
			       bool on, bool force, struct mig_devlink *devlink,
			       enum mig_outcome *outcome, struct mig_error *error);

#endif
