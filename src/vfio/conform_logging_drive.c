// SPDX-License-Identifier: GPL-2.0-or-later
/* How the tests of DMA logging drive it. */
#include <errno.h>

#include "conform_logging.h"

const struct mig_dirty_range logging_gigabyte = { .iova = 0, .length = 1u << 30 };

bool logging_possible(struct conform *conform)
{
	int ret = mig_port_dma_logging(conform->port);

	if (conform_stuck(conform, ret, "asking for the DMA logging of"))
		return false;
	if (!ret)
		conform_skip(conform, "the driver does not log DMA");
	else if (ret < 0)
		conform_fail(conform, "the probe for DMA logging failed with %s",
			     mig_errno_name(-ret));
	return ret > 0;
}

int logging_start(struct conform *conform, const struct mig_dirty_range *ranges, size_t count,
		  uint64_t *page_size)
{
	struct mig_error error;

	conform->err = -mig_logging_start(conform->port->device, ranges, count, page_size, &error);
	return conform_stuck(conform, -conform->err, "starting the DMA logging of") ? -1 : 0;
}

int logging_stop(struct conform *conform)
{
	struct mig_error error;

	conform->err = -mig_logging_stop(conform->port->device, &error);
	return conform_stuck(conform, -conform->err, "stopping the DMA logging of") ? -1 : 0;
}

int logging_try(struct conform *conform, const struct mig_dirty_range *ranges, size_t count,
		uint64_t *page_size)
{
	uint64_t asked = *page_size;

	if (logging_start(conform, ranges, count, page_size))
		return -1;
	if (!conform->err)
		return 0;
	*page_size = asked;
	if (conform_reopen(conform))
		return -1;
	return logging_start(conform, ranges, count, page_size);
}

int logging_begin(struct conform *conform, const struct mig_dirty_range *ranges, size_t count,
		  uint64_t *page_size)
{
	uint64_t asked = *page_size;

	if (!logging_possible(conform) || logging_try(conform, ranges, count, page_size))
		return -1;
	if (!conform->err)
		return 0;
	conform_fail(conform, "%zu range%s at pages of %llu bytes: the driver said %s", count,
		     count == 1 ? "" : "s", (unsigned long long)asked,
		     mig_errno_name(conform->err));
	return -1;
}

int logging_begin_gigabyte(struct conform *conform)
{
	uint64_t page_size = MIG_DIRTY_PAGE_MIN;

	return logging_begin(conform, &logging_gigabyte, 1, &page_size);
}

int logging_report(struct conform *conform, const struct mig_dirty_range *range, uint64_t page_size,
		   struct mig_dirty *dirty)
{
	struct mig_logging_bitmap bitmap;
	struct mig_error error;
	int ret;

	mig_dirty_init(dirty, 0);
	if (mig_logging_bitmap_init(&bitmap, &error)) {
		conform_skip(conform, "out of memory");
		return -1;
	}
	ret = mig_logging_report(conform->port->device, &bitmap, range, page_size, &error);
	conform->err = -ret;
	/* Pages are counted of the good requests alone. */
	if (!ret && page_size >= MIG_DIRTY_PAGE_MIN && range->length)
		mig_dirty_take(dirty, range->iova, range->length / page_size, page_size,
			       bitmap.words);
	mig_logging_bitmap_clear(&bitmap, conform->sys);
	if (conform_stuck(conform, ret, "asking for the DMA log of"))
		return -1;
	if (ret == -EOPNOTSUPP) {
		conform_skip(conform, "the kernel cannot report: no CONFIG_IOMMUFD");
		return -1;
	}
	if (dirty->stray)
		conform_fail(conform, "a report set %llu bits that belong to no page asked for",
			     (unsigned long long)dirty->stray);
	return 0;
}

int logging_reported(struct conform *conform, const struct mig_dirty_range *range,
		     uint64_t page_size, const char *when, struct mig_dirty *dirty)
{
	if (logging_report(conform, range, page_size, dirty))
		return -1;
	if (!conform->err)
		return 0;
	conform_fail(conform, "a report %s failed with %s", when, mig_errno_name(conform->err));
	return -1;
}

void logging_end(struct conform *conform)
{
	if (!logging_stop(conform) && conform->err)
		conform_fail(conform, "stopping what was started failed with %s",
			     mig_errno_name(conform->err));
}
