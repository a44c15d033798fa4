/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One look at a device from outside, and how two looks differ: what `watch`
 * tells. Plain values; who looks is cli, through host and vfio.
 */
#ifndef MIGCTL_VIEW_H
#define MIGCTL_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "migctl/devlink.h"
#include "migctl/state.h"

/* How the state was read, without opening the device. */
enum mig_view_source {
	MIG_VIEW_NONE,    /* it cannot be */
	MIG_VIEW_DEBUGFS, /* the kernel's file, where it has VFIO_DEBUGFS; v2 only */
	MIG_VIEW_HOLDER,  /* the device fd of the process that has it open, duplicated */
};

const char *mig_view_source_name(enum mig_view_source source); /* NULL for NONE */

#define MIG_VIEW_HEALTH_MAX 16

/* Texts are not escaped; "" is none. */
struct mig_view {
	bool present; /* the machine has the device; else nothing else counts */
	char driver[64];
	bool held; /* else nobody who can be seen has it open */
	int holder_pid;
	char holder_comm[64];
	enum mig_migratable migratable;
	struct mig_devlink_health health[MIG_VIEW_HEALTH_MAX];
	size_t health_count;
	bool seen; /* the state is known */
	struct mig_reading state;
	enum mig_view_source source; /* of the state; a change of it alone is no change */
};

/* In the order in which they are told. */
enum mig_change {
	MIG_CHANGE_DEVICE, /* it came or went */
	MIG_CHANGE_DRIVER,
	MIG_CHANGE_HOLDER,
	MIG_CHANGE_MIGRATABLE,
	MIG_CHANGE_HEALTH, /* of any of its reporters */
	MIG_CHANGE_STATE,
};
#define MIG_CHANGE_COUNT (MIG_CHANGE_STATE + 1)

const char *mig_change_name(enum mig_change change);

/*
 * What devlink says, into the view. What could not be read now stays as it
 * was: that is no news of the device. An instance or a port that is not there is.
 */
void mig_view_take_devlink(struct mig_view *view, const struct mig_devlink *devlink);

/*
 * What differs, and how many things do. A device that comes or goes is that
 * one change: all that is known of it comes or goes with it.
 */
size_t mig_view_diff(const struct mig_view *before, const struct mig_view *after,
		     enum mig_change changes[MIG_CHANGE_COUNT]);

#endif
