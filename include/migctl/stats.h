/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little statistics that times need. Pure; samples come in ascending
 * order. Without libm, which nothing else here needs and every start would load.
 */
#ifndef MIGCTL_STATS_H
#define MIGCTL_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The median of an even number is the middle of the two; p99 is by nearest rank. */
struct mig_summary {
	uint64_t min, median, p99, max;
};

/* False, and all 0, of no samples. */
bool mig_summarize(const uint64_t *sorted, size_t n, struct mig_summary *summary);

/*
 * How many samples fall into each of MIG_BINS, from the least to the greatest;
 * each bin is as many times wider than the one before it as any other.
 */
#define MIG_BINS 8
void mig_histogram(const uint64_t *sorted, size_t n, size_t bins[MIG_BINS]);

/*
 * Wilcoxon's and Mann and Whitney's test: are a and b from the same place, or
 * does one tend to greater values? Two-sided. Ties get the middle of their
 * ranks. Few samples are counted out, over every way to deal those very ranks;
 * for more it is the normal approximation, corrected for ties and continuity.
 */
struct mig_ranks {
	/*
	 * The least p that so many samples can give at all: when that is no
	 * less than one's alpha, there are too few to tell anything.
	 */
	double least;
	bool exact; /* counted out */
	double u;   /* of a: how often a sample of a is greater than one of b; ties are a half */
	double p;
};

/* -ENOMEM; -EINVAL: a side has no samples. */
int mig_rank_test(const uint64_t *a, size_t na, const uint64_t *b, size_t nb,
		  struct mig_ranks *ranks);

#endif
