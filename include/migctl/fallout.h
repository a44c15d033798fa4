/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host shows of a fault: the PCI status register, the AER counters
 * and the kernel log, all since mig_fallout_begin(). What cannot be read is
 * unknown, never an error.
 */
#ifndef MIGCTL_FALLOUT_H
#define MIGCTL_FALLOUT_H

#include "migctl/target.h"

#define MIG_FALLOUT_LOG_MAX 64
#define MIG_FALLOUT_AER_MAX 96

/* correctable, nonfatal, fatal: the counters files aer_dev_<name> */
#define MIG_FALLOUT_SEVERITIES 3

/*
 * Reads the status register from the configuration space file at path; -1:
 * unknown. The file reaches the device, and may wait for it (a reset under way
 * blocks it): who has deadlines gives this. NULL reads without one.
 */
typedef int mig_fallout_status(void *context, const char *path);
#define MIG_FALLOUT_STATUS_OFFSET 0x06

/* How things were before. Counters are kept as text: parsed only if something fails. */
struct mig_fallout_snap {
	const struct mig_target *target; /* the caller's; must outlive the snap */
	bool pci;
	int status; /* -1: unknown */
	bool aer_known[MIG_FALLOUT_SEVERITIES];
	char aer[MIG_FALLOUT_SEVERITIES][1024];
	int kmsg_fd; /* owned; -1: unreadable */
	mig_fallout_status *read;
	void *context;
};

struct mig_aer_delta {
	const char *severity; /* "correctable", "nonfatal", "fatal" */
	char name[48];        /* "RxErr", "TOTAL_ERR_COR", ... */
	uint64_t delta;       /* never 0 */
};

struct mig_fallout {
	bool pci;          /* false: it has neither status nor aer */
	int status;        /* the register, -1: unknown */
	int status_before; /* the error bits are sticky: set there means not ours */
	bool aer_known;
	struct mig_aer_delta aer[MIG_FALLOUT_AER_MAX];
	size_t aer_count;
	bool log_known;
	char *log[MIG_FALLOUT_LOG_MAX]; /* owned; the message only, not escaped */
	size_t log_count;
	size_t log_dropped; /* lines that named the device but had no room, or were overwritten */
};

void mig_fallout_begin(const struct mig_host *host, const struct mig_target *target,
		       mig_fallout_status *read, void *context, struct mig_fallout_snap *snap);
/* May be called again after more has happened: the log goes on where it was. */
void mig_fallout_collect(struct mig_fallout_snap *snap, struct mig_fallout *fallout);
void mig_fallout_clear(struct mig_fallout *fallout);
void mig_fallout_end(struct mig_fallout_snap *snap);

/*
 * The name of the n-th error bit set in a status register, NULL after the
 * last; in the words of the PCI specification.
 */
const char *mig_fallout_status_error(int status, unsigned int n);

#endif
