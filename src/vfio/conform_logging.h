/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of DMA logging share. Where a call gives -1, the test is judged. */
#ifndef MIGCTL_VFIO_CONFORM_LOGGING_H
#define MIGCTL_VFIO_CONFORM_LOGGING_H

#include "conform.h"
#include "migctl/logging.h"

/* From 0, of whole pages for every page size that a device may have. */
extern const struct mig_dirty_range logging_gigabyte;

/* False: the device is lost, or has no log, and the test is judged. */
bool logging_possible(struct conform *conform);
/* 0 whatever the driver said, which is in conform->err. */
int logging_start(struct conform *conform, const struct mig_dirty_range *ranges, size_t count,
		  uint64_t *page_size);
int logging_stop(struct conform *conform);
/*
 * The same, whatever the test before has left: that a stop did not stop is for
 * one test to say, and closing the device ends the log.
 */
int logging_try(struct conform *conform, const struct mig_dirty_range *ranges, size_t count,
		uint64_t *page_size);
/* And it has to succeed. */
int logging_begin(struct conform *conform, const struct mig_dirty_range *ranges, size_t count,
		  uint64_t *page_size);
int logging_begin_gigabyte(struct conform *conform);
/*
 * One report, of which only what was dirty is counted. 0 whatever the driver
 * said; -1 also where the kernel cannot report.
 */
int logging_report(struct conform *conform, const struct mig_dirty_range *range, uint64_t page_size,
		   struct mig_dirty *dirty);
/* The same, and it has to succeed. when: "in stop". */
int logging_reported(struct conform *conform, const struct mig_dirty_range *range,
		     uint64_t page_size, const char *when, struct mig_dirty *dirty);
/* Stops what was started, which has to succeed. */
void logging_end(struct conform *conform);

/* conform_logging_illegal.c: what a driver, or the kernel for it, has to refuse. */
void logging_stop_idle(struct conform *conform);
void logging_start_twice(struct conform *conform);
void logging_report_idle(struct conform *conform);
void logging_report_outside(struct conform *conform);
void logging_start_bad(struct conform *conform);
void logging_report_bad(struct conform *conform);

#endif
