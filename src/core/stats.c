// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/stats.h"

/* Above so many cells of the table, counting out takes longer than it is worth. */
#define CELLS_MAX 50000u
/* Beyond so many standard deviations p is 0 to any reader. */
#define FAR 37.0

static double root(double square)
{
	double x = square > 1 ? square : 1;

	/* Newton's, from above: each step at least halves what is too much. */
	for (int i = 0; i < 1100; i++) {
		double next = (x + square / x) / 2;

		if (next >= x)
			break;
		x = next;
	}
	return x;
}

bool mig_summarize(const uint64_t *sorted, size_t n, struct mig_summary *summary)
{
	memset(summary, 0, sizeof(*summary));
	if (!n)
		return false;
	summary->min = sorted[0];
	summary->median = sorted[n / 2];
	if (n % 2 == 0)
		summary->median = sorted[n / 2 - 1] + (sorted[n / 2] - sorted[n / 2 - 1]) / 2;
	/* The least that 99 of 100 do not exceed: rank ceil(0.99 n), counted from 1. */
	summary->p99 = sorted[n - n / 100 - 1];
	summary->max = sorted[n - 1];
	return true;
}

void mig_histogram(const uint64_t *sorted, size_t n, size_t bins[MIG_BINS])
{
	double least, edge, ratio;
	unsigned int bin = 0;

	memset(bins, 0, MIG_BINS * sizeof(*bins));
	if (!n)
		return;
	/* What took no time at all took some; there is no ratio to 0. */
	least = sorted[0] ? (double)sorted[0] : 1;
	/* The eighth root: MIG_BINS steps lead from the least to the greatest. */
	ratio = root(root(root((sorted[n - 1] ? (double)sorted[n - 1] : 1) / least)));
	edge = least * ratio;
	for (size_t i = 0; i < n; i++) {
		while (bin < MIG_BINS - 1 && (double)sorted[i] > edge) {
			edge *= ratio;
			bin++;
		}
		bins[bin]++;
	}
}

/* e to the power of -x, for x >= 0: whole powers, and the series for what is left. */
static double exp_minus(double x)
{
	double value = 1, term = 1, sum = 1;

	for (; x >= 1; x -= 1)
		value *= 0.36787944117144232160;
	for (int i = 1; i < 20; i++) {
		term *= -x / i;
		sum += term;
	}
	return value * sum;
}

/* How likely a normal variable is at least z standard deviations from its mean. */
static double beyond(double z)
{
	double density, sum = z, term = z, fraction = z;

	if (z >= FAR)
		return 0;
	density = 0.39894228040143267794 * exp_minus(z * z / 2);
	/* Near the mean by the series of what lies between; it would cancel out far from it. */
	if (z < 5) {
		for (int i = 3; i < 200; i += 2) {
			term *= z * z / i;
			sum += term;
		}
		return 1 - 2 * density * sum;
	}
	/* Laplace's continued fraction, from its end. */
	for (int i = 40; i > 0; i--)
		fraction = z + i / fraction;
	return 2 * density / fraction;
}

/* Both sides' samples in one row. Ranks are doubled, so that the middle of two is whole. */
struct row {
	size_t na, nb;
	uint64_t *ranks; /* doubled, na + nb of them */
	uint64_t sum_a;  /* of them those of a */
	double ties;     /* the sum of t^3 - t over every t that are the same */
};

static void fill_row(struct row *row, const uint64_t *a, const uint64_t *b)
{
	size_t i = 0, j = 0;

	while (i < row->na || j < row->nb) {
		size_t at = i + j, of_a = i, same;
		uint64_t value = j == row->nb || (i < row->na && a[i] <= b[j]) ? a[i] : b[j];

		while (i < row->na && a[i] == value)
			i++;
		while (j < row->nb && b[j] == value)
			j++;
		same = i + j - at;
		for (size_t k = at; k < i + j; k++)
			row->ranks[k] = 2 * at + same + 1;
		row->sum_a += (i - of_a) * (2 * at + same + 1);
		row->ties += (double)same * (double)same * (double)same - (double)same;
	}
}

/* Ways to choose k of n; exact as far as a double is. */
static double choose(size_t n, size_t k)
{
	double ways = 1;

	for (size_t i = 1; i <= k; i++)
		ways = ways * (double)(n - k + i) / (double)i;
	return ways;
}

/*
 * ways[k][s]: in how many ways k of the ranks so far have the sum s. Two-sided:
 * all sums that are as far from the mean as the one seen, or farther.
 */
static int count_out(const struct row *row, size_t few, uint64_t sum, double *p)
{
	size_t all = row->na + row->nb, width = all * (all + 1) + 1;
	double *ways = calloc((few + 1) * width, sizeof(*ways)), far = 0, total = 0;
	uint64_t mean = few * (all + 1), off = sum > mean ? sum - mean : mean - sum;

	if (!ways)
		return -ENOMEM;
	ways[0] = 1;
	for (size_t i = 0; i < all; i++)
		for (size_t k = i < few ? i + 1 : few; k > 0; k--)
			for (size_t s = width; s-- > row->ranks[i];)
				ways[k * width + s] += ways[(k - 1) * width + s - row->ranks[i]];
	for (size_t s = 0; s < width; s++) {
		double here = ways[few * width + s];

		total += here;
		if ((s > mean ? s - mean : mean - s) >= off)
			far += here;
	}
	free(ways);
	*p = far / total;
	return 0;
}

static double approximate(const struct row *row, double u)
{
	double na = (double)row->na, nb = (double)row->nb, all = na + nb;
	double variance = na * nb / 12 * (all + 1 - row->ties / (all * (all - 1)));
	double off = u > na * nb / 2 ? u - na * nb / 2 : na * nb / 2 - u;

	off -= 0.5;
	if (variance <= 0 || off <= 0)
		return 1;
	return beyond(off / root(variance));
}

int mig_rank_test(const uint64_t *a, size_t na, const uint64_t *b, size_t nb,
		  struct mig_ranks *ranks)
{
	size_t all = na + nb, few = na < nb ? na : nb;
	struct row row = { .na = na, .nb = nb };
	int ret = 0;

	memset(ranks, 0, sizeof(*ranks));
	if (!few)
		return -EINVAL;
	row.ranks = calloc(all, sizeof(*row.ranks));
	if (!row.ranks)
		return -ENOMEM;
	fill_row(&row, a, b);
	ranks->u = ((double)row.sum_a - (double)(na * (na + 1))) / 2;
	ranks->least = 2 / choose(all, few);
	ranks->exact = all < 1000 && (few + 1) * (all * (all + 1) + 1) <= CELLS_MAX;
	if (ranks->exact)
		ret = count_out(&row, few, na <= nb ? row.sum_a : all * (all + 1) - row.sum_a,
				&ranks->p);
	else
		ranks->p = approximate(&row, ranks->u);
	free(row.ranks);
	return ret;
}
