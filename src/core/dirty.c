// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/dirty.h"

#define WORD_BITS 64u

static int by_iova(const void *one, const void *other)
{
	const struct mig_dirty_range *a = one, *b = other;

	return a->iova < b->iova ? -1 : a->iova > b->iova;
}

static int check_one(const struct mig_dirty_range *range, uint64_t page_size,
		     struct mig_error *error)
{
	unsigned long long iova = range->iova, length = range->length;

	if (!length)
		return mig_error_set(error, MIG_KIND_USAGE, EINVAL, "the range at 0x%llx is empty",
				     iova);
	/* The kernel wants iova + length itself to fit: the last page of all cannot be logged. */
	if (iova + length < iova)
		return mig_error_set(error, MIG_KIND_USAGE, EINVAL,
				     "the range 0x%llx+0x%llx does not end below 2^64", iova,
				     length);
	if (page_size && ((iova | length) & (page_size - 1))) {
		mig_error_set(error, MIG_KIND_USAGE, EINVAL,
			      "the range 0x%llx+0x%llx is not of whole pages of %llu bytes", iova,
			      length, (unsigned long long)page_size);
		mig_error_hint(error, "begin and end it at a multiple of the page size");
		return -EINVAL;
	}
	return 0;
}

static int check_overlap(const struct mig_dirty_range *ranges, size_t count,
			 struct mig_error *error)
{
	struct mig_dirty_range *sorted = calloc(count, sizeof(*sorted));
	int ret = 0;

	if (!sorted)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	memcpy(sorted, ranges, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_iova);
	for (size_t i = 1; i < count && !ret; i++)
		if (sorted[i].iova - sorted[i - 1].iova < sorted[i - 1].length)
			ret = mig_error_set(error, MIG_KIND_USAGE, EINVAL,
					    "the ranges 0x%llx+0x%llx and 0x%llx+0x%llx overlap",
					    (unsigned long long)sorted[i - 1].iova,
					    (unsigned long long)sorted[i - 1].length,
					    (unsigned long long)sorted[i].iova,
					    (unsigned long long)sorted[i].length);
	free(sorted);
	return ret;
}

int mig_dirty_check(const struct mig_dirty_range *ranges, size_t count, size_t max,
		    uint64_t page_size, struct mig_error *error)
{
	int ret = 0;

	if (count > max) {
		mig_error_set(error, MIG_KIND_USAGE, EINVAL,
			      "%zu ranges are more than the %zu that the kernel takes", count, max);
		mig_error_hint(error, "name fewer and larger ones");
		return -EINVAL;
	}
	for (size_t i = 0; i < count && !ret; i++)
		ret = check_one(&ranges[i], page_size, error);
	return ret || count < 2 ? ret : check_overlap(ranges, count, error);
}

uint64_t mig_dirty_grain(const struct mig_dirty_range *ranges, size_t count, uint64_t page_size)
{
	uint64_t bits = page_size;

	for (size_t i = 0; i < count; i++)
		bits |= ranges[i].iova | ranges[i].length;
	return bits & -bits;
}

void mig_dirty_init(struct mig_dirty *dirty, size_t max)
{
	memset(dirty, 0, sizeof(*dirty));
	dirty->max = max;
}

void mig_dirty_clear(struct mig_dirty *dirty)
{
	free(dirty->runs);
	dirty->runs = NULL;
	dirty->kept = 0;
}

/* Doubled: room is the next power of two, so there is nothing to remember. */
static int keep(struct mig_dirty *dirty, uint64_t iova, uint64_t length)
{
	if (!(dirty->kept & (dirty->kept - 1))) {
		size_t room = dirty->kept ? 2 * dirty->kept : 1;
		void *more = reallocarray(dirty->runs, room, sizeof(*dirty->runs));

		if (!more)
			return -ENOMEM;
		dirty->runs = more;
	}
	dirty->runs[dirty->kept++] = (struct mig_dirty_range){ .iova = iova, .length = length };
	return 0;
}

static int add_run(struct mig_dirty *dirty, uint64_t iova, uint64_t pages, uint64_t page_size)
{
	uint64_t length = pages * page_size;
	bool goes_on = dirty->count && dirty->end == iova;
	int ret = 0;

	if (!goes_on)
		dirty->count++;
	/* The last run is among the kept ones if all are. */
	if (goes_on && dirty->kept == dirty->count)
		dirty->runs[dirty->kept - 1].length += length;
	else if (!goes_on && dirty->kept < dirty->max)
		ret = keep(dirty, iova, length);
	dirty->pages += pages;
	dirty->bytes += length;
	dirty->end = iova + length;
	return ret;
}

/* Of bit at on: how many are like the first, up to the end. */
static uint64_t alike(const uint64_t *words, uint64_t at, uint64_t end, bool set)
{
	uint64_t from = at;

	while (at < end) {
		uint64_t word = words[at / WORD_BITS] ^ (set ? ~(uint64_t)0 : 0);
		uint64_t rest = word >> (at % WORD_BITS);

		if (rest) {
			at += (unsigned int)__builtin_ctzll(rest);
			break;
		}
		at += WORD_BITS - at % WORD_BITS;
	}
	return (at < end ? at : end) - from;
}

int mig_dirty_take(struct mig_dirty *dirty, uint64_t iova, uint64_t pages, uint64_t page_size,
		   const uint64_t *words)
{
	uint64_t at = 0;
	int ret = 0;

	while (!ret && at < pages) {
		uint64_t set;

		at += alike(words, at, pages, false);
		set = alike(words, at, pages, true);
		if (set)
			ret = add_run(dirty, iova + at * page_size, set, page_size);
		at += set;
	}
	if (pages % WORD_BITS)
		dirty->stray += (unsigned int)__builtin_popcountll(words[pages / WORD_BITS] >>
								   (pages % WORD_BITS));
	return ret;
}
