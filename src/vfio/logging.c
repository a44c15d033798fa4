// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feature.h"
#include "migctl/logging.h"

_Static_assert(sizeof(struct mig_dirty_range) == sizeof(struct uapi_logging_range) &&
		       offsetof(struct mig_dirty_range, length) ==
			       offsetof(struct uapi_logging_range, length),
	       "ranges are handed over as they are");

enum request {
	START,
	STOP,
	REPORT,
};

static const char *const verbs[] = {
	[START] = "starting DMA logging of",
	[STOP] = "stopping DMA logging of",
	[REPORT] = "asking for the DMA log of",
};

#define EVERY (1u << START | 1u << STOP | 1u << REPORT)

/* What an errno means here: the core's checks, then what mlx5, pds and the uapi's text say. */
static const struct {
	unsigned int requests;
	int err;
	enum mig_kind kind;
	const char *why;
	const char *hint;
} reasons[] = {
	{ EVERY, ENOTTY, MIG_KIND_NO_MIGRATION, "its driver does not log DMA",
	  "the IOMMU may track dirty pages instead: see what `vfio-migctl dirty DEVICE probe` "
	  "says of it" },
	{ 1u << START, EINVAL, MIG_KIND_NAK,
	  "the driver does not take these ranges or this page size, or logs already",
	  "stop it first if it was started before, align the ranges to the page size, and try "
	  "another --page-size" },
	{ 1u << START, EBUSY, MIG_KIND_NAK, "it logs already",
	  "stop it first: vfio-migctl dirty DEVICE stop" },
	{ 1u << START, EEXIST, MIG_KIND_NAK, "it logs already",
	  "stop it first: vfio-migctl dirty DEVICE stop" },
	{ 1u << START, E2BIG, MIG_KIND_NAK, "too many ranges",
	  "name fewer and larger ones: the device logs what lies between them, too" },
	{ 1u << START | 1u << REPORT, EOVERFLOW, MIG_KIND_NAK,
	  "a range does not end within the addresses of this kernel", "name a lower one" },
	{ 1u << START, EOPNOTSUPP, MIG_KIND_NAK, "the device cannot log what was asked for",
	  "try larger, smaller or fewer ranges, or a larger --page-size" },
	{ 1u << START, ENOMEM, MIG_KIND_FAILED,
	  "no memory for the log, in the host or in the device",
	  "name fewer ranges, or a larger --page-size" },
	{ 1u << REPORT, EINVAL, MIG_KIND_NAK,
	  "it does not log, or does not take this range or page size",
	  "start it first, in the same command or through the same hold" },
	{ 1u << REPORT, EOPNOTSUPP, MIG_KIND_FAILED,
	  "this kernel cannot report: it was built without CONFIG_IOMMUFD, and so without the "
	  "code that fills bitmaps",
	  "run a kernel with CONFIG_IOMMUFD; starting and stopping work without" },
	{ 1u << REPORT, EIO, MIG_KIND_FAILED,
	  "the device has lost its log: what is not known to be clean is dirty",
	  "stop it and start again" },
	{ 1u << STOP, EINVAL, MIG_KIND_NAK, "it does not log", "there is nothing to stop" },
	{ EVERY, ENOTCONN, MIG_KIND_FAILED, "the driver of its PF has gone",
	  "bind the PF to its driver again" },
};

static int explain(const struct mig_device *device, enum request request, int ret,
		   struct mig_error *error)
{
	if (!mig_sys_is_stuck(device->sys)) {
		for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
			const char *name = mig_errno_name(-ret);

			if (reasons[i].err != -ret || !(reasons[i].requests & 1u << request))
				continue;
			mig_error_set(error, reasons[i].kind, -ret, "%s %s: %s (%s)",
				      verbs[request], device->name, reasons[i].why, name);
			mig_error_hint(error, "%s", reasons[i].hint);
			return ret;
		}
	}
	return mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret, "%s %s", verbs[request],
			     device->name);
}

size_t mig_logging_max_ranges(void)
{
	long page = sysconf(_SC_PAGESIZE);

	return (page > 0 ? (size_t)page : 4096) / sizeof(struct uapi_logging_range);
}

int mig_logging_start(struct mig_device *device, const struct mig_dirty_range *ranges, size_t count,
		      uint64_t *page_size, struct mig_error *error)
{
	/* The kernel reads them when it comes to it: they outlive a call that does not return. */
	struct mig_dirty_range *copy = calloc(count ? count : 1, sizeof(*copy));
	struct uapi_feature_logging_start request = { .page_size = *page_size,
						      .num_ranges = (uint32_t)count,
						      .ranges = (uintptr_t)copy };
	int ret;

	if (!copy)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	if (count)
		memcpy(copy, ranges, count * sizeof(*copy));
	ret = feature_call(device, &request.header, sizeof(request),
			   UAPI_FEATURE_SET | UAPI_FEATURE_DMA_LOGGING_START);
	if (!mig_sys_is_stuck(device->sys))
		free(copy);
	if (ret < 0)
		return explain(device, START, ret, error);
	*page_size = request.page_size;
	return 0;
}

int mig_logging_stop(struct mig_device *device, struct mig_error *error)
{
	struct uapi_feature request;
	int ret = feature_call(device, &request, sizeof(request),
			       UAPI_FEATURE_SET | UAPI_FEATURE_DMA_LOGGING_STOP);

	return ret < 0 ? explain(device, STOP, ret, error) : 0;
}

int mig_logging_bitmap_init(struct mig_logging_bitmap *bitmap, struct mig_error *error)
{
	/* Aligned, for the kernel's window to begin where it does and to be all of it. */
	bitmap->words = aligned_alloc(MIG_DIRTY_PAGE_MIN, MIG_LOGGING_BITMAP);
	if (!bitmap->words)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	return 0;
}

void mig_logging_bitmap_clear(struct mig_logging_bitmap *bitmap, const struct mig_sys *sys)
{
	if (!mig_sys_is_stuck(sys))
		free(bitmap->words);
	bitmap->words = NULL;
}

#define BITS ((uint64_t)MIG_LOGGING_BITMAP * 8)
#define BITS_PER_PAGE ((uint64_t)MIG_DIRTY_PAGE_MIN * 8)

int mig_logging_report(struct mig_device *device, struct mig_logging_bitmap *bitmap,
		       const struct mig_dirty_range *range, uint64_t page_size,
		       struct mig_error *error)
{
	struct uapi_feature_logging_report request = { .iova = range->iova,
						       .length = range->length,
						       .page_size = page_size,
						       .bitmap = (uintptr_t)bitmap->words };
	/* The kernel refuses a smaller page before it looks at the bitmap. */
	uint64_t unit = page_size < MIG_DIRTY_PAGE_MIN ? MIG_DIRTY_PAGE_MIN : page_size;
	uint64_t pages = range->length / unit + !!(range->length % unit);
	size_t zeroed = (size_t)(pages / BITS_PER_PAGE + 1) * MIG_DIRTY_PAGE_MIN;
	int ret;

	if (pages > BITS)
		return mig_error_set(error, MIG_KIND_FAILED, E2BIG,
				     "%llu pages are more than one report of %s can tell",
				     (unsigned long long)pages, device->name);
	memset(bitmap->words, 0, zeroed < MIG_LOGGING_BITMAP ? zeroed : MIG_LOGGING_BITMAP);
	ret = feature_call(device, &request.header, sizeof(request),
			   UAPI_FEATURE_GET | UAPI_FEATURE_DMA_LOGGING_REPORT);
	return ret < 0 ? explain(device, REPORT, ret, error) : 0;
}

int mig_logging_read(struct mig_device *device, struct mig_logging_bitmap *bitmap,
		     const struct mig_dirty_range *range, uint64_t page_size,
		     const volatile sig_atomic_t *stop, struct mig_dirty *dirty,
		     struct mig_error *error)
{
	uint64_t most = page_size > UINT64_MAX / BITS ? range->length : BITS * page_size;
	int ret = 0;

	for (uint64_t at = 0; !ret && at < range->length;) {
		struct mig_dirty_range piece = { .iova = range->iova + at,
						 .length = range->length - at };

		if (*stop)
			return mig_error_set(error, MIG_KIND_FAILED, EINTR,
					     "interrupted while %s %s", verbs[REPORT],
					     device->name);
		if (piece.length > most)
			piece.length = most;
		ret = mig_logging_report(device, bitmap, &piece, page_size, error);
		if (ret)
			return ret;
		if (mig_dirty_take(dirty, piece.iova,
				   piece.length / page_size + !!(piece.length % page_size),
				   page_size, bitmap->words))
			return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
		at += piece.length;
	}
	return ret;
}
