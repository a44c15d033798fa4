/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The preflight: why a device is or is not migratable, one question at a time.
 * Passive: reads sysfs, /proc, /dev and the kernel log. What devlink tells, and
 * what only an open device does, is given by whoever asked.
 */
#ifndef MIGCTL_CHECKS_H
#define MIGCTL_CHECKS_H

#include "migctl/devlink.h"
#include "migctl/record.h"
#include "migctl/target.h"

/* What an open device told, or why it could not be opened. */
struct mig_check_opened {
	bool tried;             /* false: nobody asked, the rest is not known */
	struct mig_error error; /* of opening; MIG_KIND_OK, or NO_MIGRATION: it was open */
	enum mig_protocol protocol;
	unsigned int caps;
	int dma_logging; /* 1, 0, -1: unknown */
	int reset;       /* likewise: VFIO_DEVICE_FLAGS_RESET */
	bool held; /* looked into through a hold of ours: the state is what that was told to */
	bool seen;
	struct mig_reading first; /* the state it was in when it was opened */
};

/* All devices that one run is about. */
struct mig_check_job {
	struct mig_target *targets;            /* are described while they are judged */
	const struct mig_check_opened *opened; /* one each; NULL: none was opened */
	const struct mig_devlink *devlinks;    /* one each; NULL: devlink was not asked */
	size_t count;
	/* They were named, so they may well be meant for one virtual machine. */
	bool named;
	bool vf_token; /* one is at hand */
	/* What each is (one each), and devices of another host to compare with; NULL: none. */
	const struct mig_saved_meta *metas, *against;
	size_t against_count;
};

struct mig_checks; /* what is read once for all devices: holders, the kernel log, ... */

/* NULL: no memory. The job is the caller's, and must outlive it. */
struct mig_checks *mig_checks_open(const struct mig_host *host, const struct mig_check_job *job);
void mig_checks_close(struct mig_checks *checks);

/* More, when there is something to compare with. */
size_t mig_checks_count(const struct mig_check_job *job);
/*
 * Judges the device of that index by every check, in order. items has room for
 * mig_checks_count(); their strings become the caller's, for
 * mig_check_items_clear(). -ENOMEM.
 */
int mig_checks_judge(struct mig_checks *checks, size_t index, struct mig_check_item *items);
void mig_check_items_clear(struct mig_check_item *items, size_t count);
enum mig_check_verdict mig_check_worst(const struct mig_check_item *items, size_t count);

#endif
