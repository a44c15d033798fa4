/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of I/O virtual addresses, and what a bitmap says of them: one bit a
 * page, as VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT fills it. Pure.
 */
#ifndef MIGCTL_DIRTY_H
#define MIGCTL_DIRTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "migctl/record.h"

/* In bytes; a good one is not empty and ends below 2^64. */
struct mig_dirty_range {
	uint64_t iova;
	uint64_t length;
};

/* The least that a report may ask for (vfio_ioctl_device_feature_logging_report()). */
#define MIG_DIRTY_PAGE_MIN 4096u

/*
 * Not empty, inside 64 bits, none over another, at most max of them, aligned
 * to page_size (0: not asked); -EINVAL with MIG_KIND_USAGE for what is not.
 */
int mig_dirty_check(const struct mig_dirty_range *ranges, size_t count, size_t max,
		    uint64_t page_size, struct mig_error *error);
/* The largest power of two, no more than page_size (one itself), to which all are aligned. */
uint64_t mig_dirty_grain(const struct mig_dirty_range *ranges, size_t count, uint64_t page_size);

/*
 * What was dirty: all of it counted, and the first runs kept. Bitmaps of
 * adjacent addresses that come one after the other make one run of two.
 */
struct mig_dirty {
	size_t max;                   /* how many runs to keep; 0: only to count */
	struct mig_dirty_range *runs; /* owned */
	size_t kept;
	uint64_t count; /* of all runs */
	uint64_t pages;
	uint64_t bytes;
	uint64_t stray; /* bits that were set beyond the end of a bitmap: a driver's fault */
	uint64_t end;   /* where the last run ends; of no use outside */
};

void mig_dirty_init(struct mig_dirty *dirty, size_t max);
void mig_dirty_clear(struct mig_dirty *dirty);
/*
 * Takes a bitmap of so many pages from iova on, bit 0 of words[0] the first.
 * Whole words are looked at, the last one's rest for what is stray. -ENOMEM.
 */
int mig_dirty_take(struct mig_dirty *dirty, uint64_t iova, uint64_t pages, uint64_t page_size,
		   const uint64_t *words);

/* What was dirtied from one look to the next. */
struct mig_dirty_sample {
	uint64_t usec;
	uint64_t pages;
	uint64_t bytes;
};

struct mig_dirty_rate {
	struct mig_dirty_sample *samples; /* owned */
	size_t count;
	uint64_t stray; /* as of struct mig_dirty */
};

/* Of the samples: so much a second. */
struct mig_dirty_figures {
	double min, median, max;
};

/* -ENOMEM. */
int mig_dirty_rate_add(struct mig_dirty_rate *rate, const struct mig_dirty_sample *sample);
void mig_dirty_rate_clear(struct mig_dirty_rate *rate);
/* bytes: else of pages. All zero without samples. */
int mig_dirty_figures(const struct mig_dirty_rate *rate, bool bytes,
		      struct mig_dirty_figures *figures);
/*
 * So many columns, or one a sample where those are fewer: pages a second, of
 * adjacent samples put together. How many columns there are.
 */
size_t mig_dirty_columns(const struct mig_dirty_rate *rate, double *columns, size_t most);

/* Whether the IOMMU can track what a device dirties, by one of its two interfaces. */
enum mig_tracked {
	MIG_TRACKED_UNKNOWN,
	MIG_TRACKED_NO,
	MIG_TRACKED_YES,
	MIG_TRACKED_NOT_APPLICABLE, /* there is no IOMMU of hardware, or none at all */
};

/* "unknown", "absent", "present", "not-applicable". */
const char *mig_tracked_name(enum mig_tracked tracked);

struct mig_tracking {
	enum mig_tracked tracked;
	/* A container: page sizes, as bits, and the bytes that a bitmap may have. */
	uint64_t page_sizes;
	uint64_t max_bitmap;
	char reason[160]; /* why it is so; "": as the kernel says it */
};

enum mig_dirty_action {
	MIG_DIRTY_PROBE,
	MIG_DIRTY_START,
	MIG_DIRTY_REPORT,
	MIG_DIRTY_STOP,
	MIG_DIRTY_RATE, /* start, reports, and stop */
};
#define MIG_DIRTY_ACTION_COUNT (MIG_DIRTY_RATE + 1)

/* "probe", "start", ... */
const char *mig_dirty_action_name(enum mig_dirty_action action);

/* One action, and what came of it. */
struct mig_dirty_step {
	enum mig_dirty_action action;
	const struct mig_dirty_range *ranges; /* of start, rate and report */
	size_t count;
	bool done;               /* else it failed, or was not come to */
	uint64_t asked;          /* start, rate: for this page size, */
	uint64_t page_size;      /* and the driver logs at this one */
	uint64_t grain;          /* report, rate: a page of the report */
	struct mig_dirty *dirty; /* report: one a range, owned */
	struct mig_dirty_rate rate;
};

struct mig_dirty_record {
	struct mig_head_record head;
	int logging; /* the driver logs: 1, 0, -1: unknown */
	bool probed; /* the next two are good */
	struct mig_tracking container, iommufd;
	const struct mig_dirty_step *steps;
	size_t count;
	bool all;  /* every run was to be kept */
	bool utf8; /* the terminal shows it */
};

#endif
