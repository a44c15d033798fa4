// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <time.h>

#include "clock.h"
#include "migctl/logging.h"

static bool is_page_size(uint64_t size)
{
	return size && !(size & (size - 1));
}

/* A driver may want larger pages than the least; larger ones than the ranges have are no use. */
static int start_least(struct mig_device *device, const struct mig_dirty_range *ranges,
		       size_t count, uint64_t *page_size, uint64_t *asked, struct mig_error *error)
{
	uint64_t most = mig_dirty_grain(ranges, count, (uint64_t)1 << 30);
	struct mig_error first;
	int ret = -EINVAL;

	for (*asked = MIG_DIRTY_PAGE_MIN; ret == -EINVAL && *asked <= most; *asked *= 2) {
		*page_size = *asked;
		ret = mig_logging_start(device, ranges, count, page_size, error);
		if (*asked == MIG_DIRTY_PAGE_MIN)
			first = *error;
		if (!ret || mig_sys_is_stuck(device->sys))
			return ret;
	}
	/* All were refused alike: it was not the page size. */
	*asked = MIG_DIRTY_PAGE_MIN;
	if (ret == -EINVAL)
		*error = first;
	return ret;
}

int mig_logging_begin(struct mig_device *device, const struct mig_dirty_range *ranges, size_t count,
		      uint64_t *page_size, uint64_t *asked, struct mig_error *error)
{
	struct mig_error ignored;
	int ret;

	*asked = *page_size;
	ret = *asked ? mig_logging_start(device, ranges, count, page_size, error)
		     : start_least(device, ranges, count, page_size, asked, error);
	if (ret || is_page_size(*page_size))
		return ret;
	mig_error_set(error, MIG_KIND_FAILED, EPROTO,
		      "asked to log at pages of %llu bytes, the driver of %s says that it logs at "
		      "pages of %llu, which is no page size",
		      (unsigned long long)*asked, device->name, (unsigned long long)*page_size);
	mig_error_hint(error, "logging was stopped again; it is a defect of the driver");
	/* Whatever it says to that, the error stays this one, unless it does not come back. */
	if (mig_logging_stop(device, &ignored) && mig_sys_is_stuck(device->sys))
		*error = ignored;
	return -EPROTO;
}

/* In short naps, for a signal may come just before one. */
#define NAP_NS 20000000u

static int nap_until(uint64_t end, const volatile sig_atomic_t *stop)
{
	for (uint64_t now = now_ns(); now < end; now = now_ns()) {
		uint64_t nap = end - now < NAP_NS ? end - now : NAP_NS;

		if (*stop)
			return -EINTR;
		nanosleep(&(struct timespec){ .tv_nsec = (long)nap }, NULL);
	}
	return *stop ? -EINTR : 0;
}

static int take_sample(struct mig_device *device, struct mig_logging_bitmap *bitmap,
		       const struct mig_logging_watch *watch, const volatile sig_atomic_t *stop,
		       uint64_t *since, struct mig_dirty_rate *rate, struct mig_error *error)
{
	struct mig_dirty_sample sample;
	struct mig_dirty dirty;
	uint64_t now;
	int ret = 0;

	mig_dirty_init(&dirty, 0);
	for (size_t i = 0; i < watch->count && !ret; i++)
		ret = mig_logging_read(device, bitmap, &watch->ranges[i], watch->page_size, stop,
				       &dirty, error);
	if (ret)
		return ret;
	now = now_ns();
	sample = (struct mig_dirty_sample){ .usec = (now - *since) / 1000,
					    .pages = dirty.pages,
					    .bytes = dirty.bytes };
	*since = now;
	rate->stray += dirty.stray;
	if (mig_dirty_rate_add(rate, &sample))
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	return 0;
}

int mig_logging_watch(struct mig_device *device, const struct mig_logging_watch *watch,
		      const volatile sig_atomic_t *stop, struct mig_dirty_rate *rate,
		      struct mig_error *error)
{
	uint64_t begin = now_ns(), since = begin, end = begin + (uint64_t)(watch->seconds * 1e9);
	struct mig_logging_bitmap bitmap;
	int ret = mig_logging_bitmap_init(&bitmap, error);

	for (size_t i = 1; !ret && since < end; i++) {
		uint64_t due = begin + (uint64_t)(watch->interval * 1e9 * (double)i);

		ret = nap_until(due < end ? due : end, stop);
		if (!ret)
			ret = take_sample(device, &bitmap, watch, stop, &since, rate, error);
		if (ret == -EINTR && *stop)
			mig_error_set(error, MIG_KIND_FAILED, EINTR,
				      "interrupted after %zu samples of what %s dirties",
				      rate->count, device->name);
	}
	mig_logging_bitmap_clear(&bitmap, device->sys);
	return ret;
}
