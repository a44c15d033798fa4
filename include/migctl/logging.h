/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA logging: the device notes which pages it writes, and tells
 * (VFIO_DEVICE_FEATURE 6, 7 and 8, Linux 6.1). It belongs to the open device
 * and ends when that is closed; it has nothing to do with device_state.
 *
 * Authority: include/uapi/linux/vfio.h, and for what is refused and how
 * vfio_ioctl_device_feature_logging_start(), _report() and _stop().
 */
#ifndef MIGCTL_LOGGING_H
#define MIGCTL_LOGGING_H

#include <signal.h>

#include "migctl/device.h"
#include "migctl/dirty.h"

/* So many ranges fit a page of the kernel's memory; it takes no more. */
size_t mig_logging_max_ranges(void);

/*
 * The requests as they are: what is asked is not checked, for it may be wanted
 * wrong. Each returns 0 or -errno with *error, which explains the errno:
 * MIG_KIND_NO_MIGRATION no driver that logs, MIG_KIND_NAK refused as asked.
 * Whether it logs at all, mig_port_dma_logging() asks.
 *
 * start: *page_size is a hint, and afterwards what the driver took, which is
 * not to be trusted to be a page size.
 */
int mig_logging_start(struct mig_device *device, const struct mig_dirty_range *ranges, size_t count,
		      uint64_t *page_size, struct mig_error *error);
int mig_logging_stop(struct mig_device *device, struct mig_error *error);

/*
 * So much of bitmap the kernel pins at a time (iova_bitmap_get()); asked for
 * more, some kernels have lost bits where two such windows meet.
 */
#define MIG_LOGGING_BITMAP ((size_t)2 * 1024 * 1024)

/*
 * What a report is written into; from its first report to its last it is for
 * one device, and once that's seam is stuck it is never freed.
 */
struct mig_logging_bitmap {
	uint64_t *words; /* MIG_LOGGING_BITMAP bytes */
};

int mig_logging_bitmap_init(struct mig_logging_bitmap *bitmap, struct mig_error *error);
void mig_logging_bitmap_clear(struct mig_logging_bitmap *bitmap, const struct mig_sys *sys);
/*
 * One request; the bitmap is zeroed before it. What is told is cleared in the
 * device: whoever else relies on its log does not hear of these pages again.
 * -E2BIG, and nothing asked, for more pages than the bitmap has bits.
 */
int mig_logging_report(struct mig_device *device, struct mig_logging_bitmap *bitmap,
		       const struct mig_dirty_range *range, uint64_t page_size,
		       struct mig_error *error);
/*
 * A range of any length, in as many requests as that takes; page_size is a good
 * one. -EINTR: *stop was set before one of them. After a failure, too, *dirty has
 * what was told until then, which the device has forgotten.
 */
int mig_logging_read(struct mig_device *device, struct mig_logging_bitmap *bitmap,
		     const struct mig_dirty_range *range, uint64_t page_size,
		     const volatile sig_atomic_t *stop, struct mig_dirty *dirty,
		     struct mig_error *error);

/*
 * Start, with the page size found out: *page_size as asked, or, from 0, the
 * least that the driver takes and the ranges allow. Afterwards what it logs at;
 * *asked what it was asked for. A driver that then names no page size is
 * stopped again, -EPROTO.
 */
int mig_logging_begin(struct mig_device *device, const struct mig_dirty_range *ranges, size_t count,
		      uint64_t *page_size, uint64_t *asked, struct mig_error *error);

struct mig_logging_watch {
	const struct mig_dirty_range *ranges; /* checked */
	size_t count;
	uint64_t page_size; /* of the reports; a good one */
	double seconds, interval;
};

/*
 * Asks every interval, of a device that logs, and keeps the samples: so many
 * as there is time for. -EINTR when *stop was set; samples are good then, too.
 */
int mig_logging_watch(struct mig_device *device, const struct mig_logging_watch *watch,
		      const volatile sig_atomic_t *stop, struct mig_dirty_rate *rate,
		      struct mig_error *error);

#endif
