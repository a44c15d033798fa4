/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine around a device says of the time of an operation on it:
 * devlink's health before and after, and what the kernel announced meanwhile.
 * What cannot be known is unknown, never an error.
 */
#ifndef MIGCTL_AROUND_H
#define MIGCTL_AROUND_H

#include "migctl/devlink.h"
#include "migctl/netlink_uevent.h"
#include "migctl/target.h"

struct mig_devlinks;

#define MIG_AROUND_EVENTS 32

struct mig_around {
	const struct mig_target *target; /* the caller's; must outlive this */
	struct mig_devlinks *devlinks;   /* owned; NULL: it is not of a bus that devlink knows */
	struct mig_devlink before;
	struct mig_uevents *uevents; /* owned; NULL: they cannot be listened to */
};

struct mig_around_news {
	bool health_known; /* before, too */
	struct mig_devlink after;
	bool events_known;
	struct mig_uevent events[MIG_AROUND_EVENTS]; /* of this device only */
	size_t event_count;
	bool events_lost; /* or had no room */
};

/* The target must be described. */
void mig_around_begin(const struct mig_host *host, const struct mig_target *target,
		      struct mig_around *around);
/* May be called again: events go on where they were. */
void mig_around_collect(struct mig_around *around, struct mig_around_news *news);
/* Also of what is all zeroes. */
void mig_around_end(struct mig_around *around);

#endif
