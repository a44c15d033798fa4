// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/dirty.h"

const char *mig_dirty_action_name(enum mig_dirty_action action)
{
	static const char *const names[MIG_DIRTY_ACTION_COUNT] = {
		[MIG_DIRTY_PROBE] = "probe",   [MIG_DIRTY_START] = "start",
		[MIG_DIRTY_REPORT] = "report", [MIG_DIRTY_STOP] = "stop",
		[MIG_DIRTY_RATE] = "rate",
	};

	return names[action];
}

const char *mig_tracked_name(enum mig_tracked tracked)
{
	static const char *const names[] = {
		[MIG_TRACKED_UNKNOWN] = "unknown",
		[MIG_TRACKED_NO] = "absent",
		[MIG_TRACKED_YES] = "present",
		[MIG_TRACKED_NOT_APPLICABLE] = "not-applicable",
	};

	return names[tracked];
}

int mig_dirty_rate_add(struct mig_dirty_rate *rate, const struct mig_dirty_sample *sample)
{
	if (!(rate->count & (rate->count - 1))) {
		size_t room = rate->count ? 2 * rate->count : 1;
		void *more = reallocarray(rate->samples, room, sizeof(*rate->samples));

		if (!more)
			return -ENOMEM;
		rate->samples = more;
	}
	rate->samples[rate->count++] = *sample;
	return 0;
}

void mig_dirty_rate_clear(struct mig_dirty_rate *rate)
{
	free(rate->samples);
	memset(rate, 0, sizeof(*rate));
}

static double a_second(uint64_t what, uint64_t usec)
{
	return usec ? (double)what * 1e6 / (double)usec : 0;
}

static int by_size(const void *one, const void *other)
{
	const double *a = one, *b = other;

	return *a < *b ? -1 : *a > *b;
}

int mig_dirty_figures(const struct mig_dirty_rate *rate, bool bytes,
		      struct mig_dirty_figures *figures)
{
	size_t count = rate->count;
	double *sorted;

	memset(figures, 0, sizeof(*figures));
	if (!count)
		return 0;
	sorted = calloc(count, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = a_second(bytes ? rate->samples[i].bytes : rate->samples[i].pages,
				     rate->samples[i].usec);
	qsort(sorted, count, sizeof(*sorted), by_size);
	figures->min = sorted[0];
	figures->median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
	figures->max = sorted[count - 1];
	free(sorted);
	return 0;
}

size_t mig_dirty_columns(const struct mig_dirty_rate *rate, double *columns, size_t most)
{
	size_t count = rate->count < most ? rate->count : most;

	for (size_t i = 0; i < count; i++) {
		uint64_t pages = 0, usec = 0;

		for (size_t at = i * rate->count / count; at < (i + 1) * rate->count / count;
		     at++) {
			pages += rate->samples[at].pages;
			usec += rate->samples[at].usec;
		}
		columns[i] = a_second(pages, usec);
	}
	return count;
}
