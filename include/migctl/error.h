/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a failure travels: a function returns 0 or -errno and fills a
 * struct mig_error with what was tried, on what, why it failed (text) and
 * what to do next (hint). The caller owns the struct; nothing is allocated.
 */
#ifndef MIGCTL_ERROR_H
#define MIGCTL_ERROR_H

#include <stdarg.h>

/* One kind a row of the exit table, and its value is the exit status. */
enum mig_kind {
	MIG_KIND_OK = 0,
	MIG_KIND_FAILED = 1,
	MIG_KIND_USAGE = 2,
	MIG_KIND_NO_DEVICE = 3,
	MIG_KIND_BUSY = 4,
	MIG_KIND_NO_MIGRATION = 5,
	MIG_KIND_REFUSED = 6,
	MIG_KIND_NAK = 7,
	MIG_KIND_ASTRAY = 8,
	MIG_KIND_FAULTED = 9,
	MIG_KIND_TIMEOUT = 10,
	MIG_KIND_BAD_STATE = 11,
	MIG_KIND_CHECK_FAILED = 12,
};

/*
 * What only the machine around the device can explain further: the rooms that
 * know devices name the cause, and cli asks the host for offenders or holders.
 */
enum mig_cause {
	MIG_CAUSE_NONE,
	MIG_CAUSE_HELD,        /* another opener: look for the holder */
	MIG_CAUSE_NOT_VIABLE,  /* group not viable: look for siblings on host drivers */
	MIG_CAUSE_NO_NODE,     /* a node under /dev/vfio is absent */
	MIG_CAUSE_PERMISSION,  /* a node under /dev/vfio denies us */
	MIG_CAUSE_VF_TOKEN,    /* the driver asks for a VF token, or another one */
	MIG_CAUSE_NO_PROTOCOL, /* opened, but no migration interface */
};

struct mig_error {
	enum mig_kind kind;
	enum mig_cause cause;
	int err; /* positive errno, 0 when no call failed */
	char text[640];
	char hint[640];
};

/* Fills *error (hint emptied) and returns -err, or -EIO when err is 0. */
int mig_error_set(struct mig_error *error, enum mig_kind kind, int err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Goes on with the text, as far as there is room. */
void mig_error_add(struct mig_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void mig_error_hint(struct mig_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

const char *mig_kind_name(enum mig_kind kind);
/* "EBUSY"; NULL for 0 and for what the C library does not name. */
const char *mig_errno_name(int err);

#endif
