// SPDX-License-Identifier: GPL-2.0-or-later
/* DMA logging asked for wrongly. Whatever is made of it, the log works afterwards. */
#include "conform_logging.h"

/* Whatever it says to that, it has to log when it is asked to. */
void logging_stop_idle(struct conform *conform)
{
	if (logging_begin_gigabyte(conform))
		return;
	logging_end(conform);
	if (conform_over(conform) || logging_stop(conform))
		return;
	if (conform->err)
		conform_note(conform, "it answers with %s", mig_errno_name(conform->err));
	if (!logging_begin_gigabyte(conform))
		logging_end(conform);
}

void logging_start_twice(struct conform *conform)
{
	uint64_t page_size = MIG_DIRTY_PAGE_MIN;
	struct mig_dirty dirty;

	if (logging_begin_gigabyte(conform) ||
	    logging_start(conform, &logging_gigabyte, 1, &page_size))
		return;
	if (!conform->err)
		conform_fail(conform, "a second start, before a stop, succeeded");
	else
		logging_reported(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN,
				 "of what was started, after a second start was refused,", &dirty);
	logging_end(conform);
}

/* Never begun, and no more. */
void logging_report_idle(struct conform *conform)
{
	struct mig_dirty dirty;

	if (!logging_possible(conform) || conform_reopen(conform) ||
	    logging_report(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN, &dirty))
		return;
	if (!conform->err)
		conform_fail(conform, "a report before any start succeeded");
	if (logging_begin_gigabyte(conform))
		return;
	logging_end(conform);
	if (conform_over(conform) ||
	    logging_report(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN, &dirty))
		return;
	if (!conform->err)
		conform_fail(conform, "a report after the stop succeeded");
}

/*
 * Nothing says what comes of it. The log goes on; or, after an error, which
 * uapi lets a log not survive, it can be begun anew.
 */
void logging_report_outside(struct conform *conform)
{
	const struct mig_dirty_range half = { .iova = logging_gigabyte.length / 2,
					      .length = logging_gigabyte.length };
	struct mig_dirty dirty;

	if (logging_begin_gigabyte(conform))
		return;
	if (!logging_report(conform, &half, MIG_DIRTY_PAGE_MIN, &dirty)) {
		conform_note(conform, "it says %s",
			     conform->err ? mig_errno_name(conform->err) : "success");
		if (conform->err) {
			logging_end(conform);
			if (conform_over(conform) || logging_begin_gigabyte(conform))
				return;
		}
		logging_reported(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN,
				 "of what was started, after one of more,", &dirty);
	}
	logging_end(conform);
}

/*
 * For the kernel's core to refuse, but for those that it leaves to the driver.
 * An empty range, which passes it, has pds trip over a warning of the kernel.
 */
void logging_start_bad(struct conform *conform)
{
	static const struct {
		const char *what;
		struct mig_dirty_range ranges[2];
		size_t count;
		uint64_t page_size;
		enum mig_check_verdict taken; /* when the driver does not mind */
	} bad[] = {
		{ "without a range", { { 0, 0 } }, 0, 4096, MIG_CHECK_FAIL },
		{ "with ranges that overlap",
		  { { 0, 1 << 20 }, { 1 << 16, 1 << 20 } },
		  2,
		  4096,
		  MIG_CHECK_FAIL },
		{ "with a range that is not aligned", { { 2048, 4096 } }, 1, 4096, MIG_CHECK_FAIL },
		{ "with a range that ends in a page", { { 0, 6144 } }, 1, 4096, MIG_CHECK_FAIL },
		{ "with a range that ends beyond 2^64",
		  { { ~(uint64_t)4095, 8192 } },
		  1,
		  4096,
		  MIG_CHECK_FAIL },
		{ "at pages of 0 bytes", { { 4096, 4096 } }, 1, 0, MIG_CHECK_FAIL },
		{ "at pages of 3 bytes", { { 0, 4096 } }, 1, 3, MIG_CHECK_WARN },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad) && !conform_over(conform); i++) {
		uint64_t page_size = bad[i].page_size;

		if (!logging_possible(conform) ||
		    logging_start(conform, bad[i].ranges, bad[i].count, &page_size))
			return;
		if (conform->err)
			continue;
		if (bad[i].taken == MIG_CHECK_FAIL)
			conform_fail(conform, "a start %s succeeded", bad[i].what);
		else if (bad[i].taken == MIG_CHECK_WARN)
			conform_warn(conform, "a start %s succeeded", bad[i].what);
		if (logging_stop(conform))
			return;
	}
	/* None of it is to keep it from the good one. */
	if (!conform_over(conform) && !logging_begin_gigabyte(conform))
		logging_end(conform);
}

void logging_report_bad(struct conform *conform)
{
	static const struct {
		const char *what;
		struct mig_dirty_range range;
		uint64_t page_size;
	} bad[] = {
		{ "in pages of 0 bytes", { 0, 1 << 20 }, 0 },
		{ "in pages of 3 bytes", { 0, 1 << 20 }, 3 },
		{ "in pages of 2048 bytes", { 0, 1 << 20 }, 2048 },
		{ "in pages of 12288 bytes", { 0, 12288 }, 12288 },
		{ "of a range that ends beyond 2^64", { ~(uint64_t)4095, 8192 }, 4096 },
	};
	struct mig_dirty dirty;

	if (logging_begin_gigabyte(conform))
		return;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (logging_report(conform, &bad[i].range, bad[i].page_size, &dirty))
			break;
		if (!conform->err)
			conform_fail(conform, "a report %s succeeded", bad[i].what);
	}
	logging_end(conform);
}
