/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel announces of its devices: added, removed, bound to a driver,
 * unbound, changed. A migration state is never announced.
 *
 * Authority: lib/kobject_uevent.c (the message, group 1 of netlink protocol
 * 15), drivers/base/dd.c (bind, unbind), drivers/pci/pci-driver.c
 * (pci_uevent_ers(): what a change says of PCI error recovery).
 */
#ifndef MIGCTL_NETLINK_UEVENT_H
#define MIGCTL_NETLINK_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "migctl/error.h"
#include "migctl/sysfs.h"

enum mig_uevent_action {
	MIG_UEVENT_ADD,
	MIG_UEVENT_REMOVE,
	MIG_UEVENT_CHANGE,
	MIG_UEVENT_BIND,
	MIG_UEVENT_UNBIND,
	MIG_UEVENT_OTHER, /* move, online, offline */
};

const char *mig_uevent_action_name(enum mig_uevent_action action);

/* Not escaped. Name and subsystem are file names: no slash, never "." or "..". */
struct mig_uevent {
	enum mig_uevent_action action;
	char name[MIG_NAME_SIZE]; /* the last component of the device's path */
	char subsystem[32];       /* the bus or class; "" when it is not said */
	char driver[64];          /* "" when it is not said: an unbind never says it */
	char recovery[32];        /* ERROR_EVENT of PCI error recovery: "BEGIN_RECOVERY" … */
};

/*
 * One message: "action@devpath" and "KEY=VALUE", each with its NUL. False: it
 * is none, or was cut. Of a key that comes twice the first counts.
 */
bool mig_uevent_parse(const char *data, size_t size, struct mig_uevent *event);

struct mig_uevents;

/* Announcements from here on. -errno with *error (MIG_KIND_FAILED). */
int mig_uevents_open(struct mig_uevents **uevents, struct mig_error *error);
/* To poll(2) for POLLIN; it stays theirs. */
int mig_uevents_fd(const struct mig_uevents *uevents);
/*
 * The next one; never waits. What does not come from the kernel is skipped.
 * -EAGAIN: none is there. -ENOBUFS: some were lost, and what they announced is
 * to be looked up. Another -errno: the socket is of no more use.
 */
int mig_uevents_next(struct mig_uevents *uevents, struct mig_uevent *event);
/* NULL is well. */
void mig_uevents_close(struct mig_uevents *uevents);

#endif
