/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of `watch` share. */
#ifndef MIGCTL_CLI_WATCH_H
#define MIGCTL_CLI_WATCH_H

#include "cli.h"
#include "migctl/netlink_devlink.h"
#include "migctl/netlink_notice.h"
#include "migctl/netlink_uevent.h"
#include "migctl/view.h"

#define WATCH_NEVER UINT64_MAX
#define WATCH_SECOND 1000000000ull

#define WATCH_ROUND 64

/* Several reads made in one go; a driver that is late may still write into it. */
struct watch_round {
	struct mig_call calls[WATCH_ROUND];
	char texts[WATCH_ROUND][CLI_DEBUGFS_TEXT];
};

struct watch_attach;

struct watch_device {
	struct mig_target target;
	struct mig_view view;        /* as it was told last */
	const char *reason;          /* why the state is not known, static; NULL: it is */
	int debugfs_fd;              /* owned; -1: there is no such file, or it is not wanted */
	struct watch_attach *attach; /* owned; the way through its holder, NULL: none */
	/* A call that did not come back, owned; NULL: none. No other is made meanwhile. */
	struct mig_sys *stuck;
	struct watch_round *round;   /* owned: what that call was to read into; or NULL */
	uint64_t retry_ns;           /* nor is one before this */
	char text[CLI_DEBUGFS_TEXT]; /* what the file said last; "" when that was no state */
};

/* What is looked up now and then, and when something is noticed. */
struct watch_look {
	bool noticed;
	uint64_t at_ns;    /* of the last time */
	uint64_t cost_ns;  /* and how much of a processor it took */
	uint64_t paid_ns;  /* when all of them will have been worth their cost */
	uint64_t quiet_ns; /* between two when nothing is noticed */
};

struct watch {
	struct cli *cli;
	struct mig_style out;
	bool all; /* no DEVICE was named: those that are bound, and become so */
	struct watch_device *devices;
	size_t count, room;
	struct mig_uevents *uevents;
	int openings_fd;
	/* real is the seam, sys what it is called through: itself, or its trace. */
	struct mig_sys *real, *sys;
	struct watch_round *round; /* NULL before the first */
	struct watch_look holders, devlink;
	struct mig_devlinks *devlinks; /* NULL: none is wanted, or to be had */
	struct mig_notices *notices;   /* NULL: nothing is announced */
	bool mute;                     /* standard output takes no more */
};

/* Monotonic. */
uint64_t watch_now_ns(void);

/* watch_devices.c: who is watched, and what the machine says of them. */

/* Adds what the words name, or what is bound. -errno with cli->error. */
int watch_devices_begin(struct watch *watch);
void watch_devices_end(struct watch *watch);
/* Takes what the kernel has announced. -errno with cli->error: it announces no more. */
int watch_take_uevents(struct watch *watch);
/* Looks for holders if it is time to, and tells those that changed. */
void watch_take_holders(struct watch *watch);
/*
 * Is each state that was told last surely the device's own? Where its descriptor does not tell,
 * it is identified anew and read, and what changed is told.
 */
bool watch_confirm(struct watch *watch);
/* When it will be time. */
uint64_t watch_look_due(const struct watch_look *look);
/* What _begin() gives is for _end(). */
uint64_t watch_look_begin(struct watch_look *look);
void watch_look_end(struct watch_look *look, uint64_t begun);
/* Tells how what is known now differs from what was told last, which it then is. */
void watch_tell(struct watch *watch, struct watch_device *device, const struct mig_view *now);

/* watch_devlink.c: migratable and health. */

/* Only where a device is on a bus that devlink knows; costs nothing else. */
void watch_devlink_begin(struct watch *watch);
void watch_devlink_end(struct watch *watch);
/* Looks, whether or not it is time to. */
void watch_look_at_devlink(struct watch *watch, bool telling);
void watch_take_devlink(struct watch *watch);
/* -1: there is nothing to poll. */
int watch_devlink_fd(const struct watch *watch);

/* watch_attach.c: the state through the process that has the device open. */

/*
 * As they were found just now; holder is the device's, NULL: none. Gives whether the way changed:
 * the state is to be read then, and else device->reason says why not.
 */
bool watch_attach_follow(struct watch *watch, struct watch_device *device,
			 const struct mig_holders *holders, const struct mig_holder *holder);
/* Why the state may be another device's; NULL: it is this one's, or not known. */
const char *watch_attach_doubt(const struct watch_device *device);
/* Is it read through a descriptor that does not tell which device's it is? */
bool watch_attach_is_doubtful(const struct watch_device *device);
/*
 * Of such a one: has something been opened or closed since it was identified? It may be
 * another device's under the same number then, and is not to be read.
 */
bool watch_attach_is_outdated(struct watch *watch, const struct watch_device *device);
/* Duplicates, asks, closes. NULL, or why the state is not known; a stuck seam is the caller's. */
const char *watch_attach_read(struct watch *watch, struct watch_device *device,
			      struct mig_view *view);
/* After a call that did not come back in time has: as before it, where that can be. */
void watch_attach_resume(struct watch *watch, struct watch_device *device);
/* What may be left of a duplicate is closed. */
void watch_attach_end(struct watch *watch, struct watch_device *device);

/* watch_state.c: the state, from outside. */

/* Is there a seam to call through? Makes one. */
bool watch_have_seam(struct watch *watch);
/* Is it stuck in a call about this device? Then that keeps it. */
bool watch_is_stuck(struct watch *watch, struct watch_device *device);
/* Is there a way to ask for it, now or once a call is back? */
bool watch_state_readable(const struct watch_device *device);
/* After it was bound: is there a way that needs no holder? */
void watch_state_begin(struct watch *watch, struct watch_device *device);
void watch_state_end(struct watch *watch, struct watch_device *device);
/* Into view->seen, state and source, and device->reason. Waits no longer than a second. */
void watch_state_read(struct watch *watch, struct watch_device *device, struct mig_view *view);
/* Reads those of all devices, and tells which changed. */
void watch_take_states(struct watch *watch);

#endif
