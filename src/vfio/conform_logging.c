// SPDX-License-Identifier: GPL-2.0-or-later
/* DMA logging: started, reported, stopped. */
#include <stdio.h>
#include <stdlib.h>

#include "conform_logging.h"

static bool is_page_size(uint64_t size)
{
	return size && !(size & (size - 1));
}

/*
 * The hint need not be taken; what is taken is to be said. None of 1 GiB: pds
 * has no bit then for a page of it, and trips over a warning of the kernel
 * (pds_vfio_dirty_alloc_bitmaps).
 */
static void start_pages(struct conform *conform)
{
	static const uint64_t hints[] = { 4096, 8192, 65536, 2u << 20 };

	if (!logging_possible(conform))
		return;
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints) && !conform_over(conform); i++) {
		uint64_t page_size = hints[i];

		if (logging_try(conform, &logging_gigabyte, 1, &page_size))
			return;
		if (conform->err) {
			conform_warn(
				conform,
				"asked for pages of %llu bytes it said %s: it may choose others, "
				"and need not refuse",
				(unsigned long long)hints[i], mig_errno_name(conform->err));
			continue;
		}
		if (!is_page_size(page_size))
			conform_fail(conform,
				     "asked for pages of %llu bytes, it says that it logs at %llu, "
				     "which is no page size",
				     (unsigned long long)hints[i], (unsigned long long)page_size);
		else if (!i)
			conform_note(conform, "asked for pages of 4096 bytes, it logs at %llu",
				     (unsigned long long)page_size);
		logging_end(conform);
	}
}

/*
 * As many as fit a page of memory are promised. How much address space they
 * have is not: all in all no more than in every other test of the group.
 */
static void start_ranges(struct conform *conform)
{
	size_t count = mig_logging_max_ranges();
	uint64_t length = logging_gigabyte.length / count;
	struct mig_dirty_range *ranges = calloc(count, sizeof(*ranges));
	uint64_t page_size = MIG_DIRTY_PAGE_MIN;

	for (size_t i = 0; ranges && i < count; i++)
		ranges[i] = (struct mig_dirty_range){ .iova = i * 2 * length, .length = length };
	if (!ranges)
		conform_skip(conform, "out of memory");
	else if (!logging_begin(conform, ranges, count, &page_size))
		logging_end(conform);
	free(ranges);
}

static void restart(struct conform *conform)
{
	uint64_t page_size = MIG_DIRTY_PAGE_MIN;

	if (logging_begin_gigabyte(conform))
		return;
	logging_end(conform);
	if (conform_over(conform) || logging_start(conform, &logging_gigabyte, 1, &page_size))
		return;
	if (conform->err)
		conform_fail(conform, "after a start and a stop, the next start failed with %s",
			     mig_errno_name(conform->err));
	else
		logging_end(conform);
}

static void close_ends(struct conform *conform)
{
	uint64_t page_size = MIG_DIRTY_PAGE_MIN;

	if (logging_begin_gigabyte(conform) || conform_reopen(conform) ||
	    logging_start(conform, &logging_gigabyte, 1, &page_size))
		return;
	if (conform->err)
		conform_fail(conform, "after the device was closed, a start failed with %s",
			     mig_errno_name(conform->err));
	/* In either case it logs now. */
	logging_end(conform);
}

static void report_plain(struct conform *conform)
{
	const struct mig_dirty_range part = { .iova = 1u << 20, .length = 1u << 20 };
	struct mig_dirty dirty;

	if (logging_begin_gigabyte(conform))
		return;
	if (!logging_reported(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN, "of what was started",
			      &dirty) &&
	    !logging_reported(conform, &part, MIG_DIRTY_PAGE_MIN, "of a part of it", &dirty))
		conform_expect(conform, MIG_STATE_RUNNING, "after reports");
	logging_end(conform);
}

static void report_pages(struct conform *conform)
{
	static const uint64_t sizes[] = { 4096, 65536, 2u << 20, 1u << 30 };
	struct mig_dirty dirty;
	char when[64];

	if (logging_begin_gigabyte(conform))
		return;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes) && !conform_over(conform); i++) {
		snprintf(when, sizeof(when), "in pages of %llu bytes",
			 (unsigned long long)sizes[i]);
		if (logging_reported(conform, &logging_gigabyte, sizes[i], when, &dirty))
			break;
		if (dirty.pages > logging_gigabyte.length / sizes[i])
			conform_fail(conform, "a report %s has more pages than were asked for",
				     when);
	}
	logging_end(conform);
}

/* A device in STOP writes nothing more: what it told once it does not tell again. */
static void report_clears(struct conform *conform)
{
	struct mig_dirty dirty, again;

	/* There once more, where it had to be opened anew to begin. */
	if (conform_go(conform, MIG_STATE_STOP) || logging_begin_gigabyte(conform))
		return;
	if (!conform_go(conform, MIG_STATE_STOP) &&
	    !logging_reported(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN, "in stop", &dirty) &&
	    !logging_reported(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN, "in stop", &again)) {
		if (again.pages)
			conform_fail(conform,
				     "in stop it told of %llu dirty pages, and when asked again of "
				     "%llu",
				     (unsigned long long)dirty.pages,
				     (unsigned long long)again.pages);
		else if (!dirty.pages)
			conform_note(conform, "it had written nothing: no page was there to clear");
	}
	logging_end(conform);
}

static void with_state(struct conform *conform)
{
	static const enum mig_state states[] = { MIG_STATE_STOP, MIG_STATE_RUNNING };
	struct mig_dirty dirty;
	char when[64];

	if (logging_begin_gigabyte(conform))
		return;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		snprintf(when, sizeof(when), "after the way to %s", mig_state_name(states[i]));
		if (conform_go(conform, states[i]) ||
		    logging_reported(conform, &logging_gigabyte, MIG_DIRTY_PAGE_MIN, when, &dirty))
			break;
	}
	logging_end(conform);
}

#define UAPI "include/uapi/linux/vfio.h, VFIO_DEVICE_FEATURE_DMA_LOGGING_"
#define CORE "drivers/vfio/vfio_main.c, vfio_ioctl_device_feature_logging_"

static const struct conform_test tests[] = {
	{ .name = "page-sizes",
	  .authority = UAPI "START: the page size is a hint, and the one taken is handed back",
	  .run = start_pages },
	{ .name = "ranges",
	  .authority = UAPI "START: as many ranges as fit a page of memory are taken",
	  .run = start_ranges },
	{ .name = "restart",
	  .authority = UAPI "STOP: ends what START has begun, and another start may follow",
	  .run = restart },
	{ .name = "close-ends-it",
	  .authority = "drivers/vfio/pci/mlx5/cmd.c, mlx5vf_cmd_close_migratable: to close the "
		       "device ends its log",
	  .run = close_ends },
	{ .name = "report",
	  .authority = UAPI "REPORT: of any range that is logged, and no transition of state",
	  .run = report_plain },
	{ .name = "report-page-sizes",
	  .authority = UAPI "REPORT: in pages of any power of two, whatever START was given",
	  .run = report_pages },
	{ .name = "report-clears",
	  .authority = UAPI "REPORT: what is told is cleared",
	  .run = report_clears },
	{ .name = "not-by-state",
	  .authority = UAPI "START: not connected to the device's migration state",
	  .run = with_state },
	{ .name = "start-twice",
	  .authority = UAPI "START: another start is not allowed before the stop",
	  .illegal = true,
	  .run = logging_start_twice },
	{ .name = "report-idle",
	  .authority = UAPI "REPORT: an error when logging is not enabled",
	  .illegal = true,
	  .run = logging_report_idle },
	{ .name = "stop-idle",
	  .authority = UAPI "STOP: matches a start; drivers answer success or EINVAL without one",
	  .illegal = true,
	  .run = logging_stop_idle },
	{ .name = "report-outside",
	  .authority = UAPI "REPORT: of the given range, which nothing holds to that of START",
	  .illegal = true,
	  .run = logging_report_outside },
	{ .name = "start-bad",
	  .authority = CORE "start(): no range, overlap, alignment and overflow are refused",
	  .illegal = true,
	  .run = logging_start_bad },
	{ .name = "report-bad",
	  .authority = CORE "report(): page sizes below 4 KiB or no power of two, and overflow, "
			    "are refused",
	  .illegal = true,
	  .run = logging_report_bad },
};

static void list(struct conform_list *list)
{
	/* A feature ioctl, as v2 is: drivers of v1 are older than it. */
	if (conform_list_protocol(list) == MIG_PROTOCOL_V2)
		conform_add_all(list, tests, sizeof(tests) / sizeof(*tests));
}

const struct conform_group conform_logging = { .name = "logging", .list = list };
