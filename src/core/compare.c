// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "migctl/compare.h"
#include "migctl/stats.h"

const char *mig_shift_name(enum mig_shift shift)
{
	static const char *const names[MIG_SHIFT_COUNT] = {
		[MIG_SHIFT_SAME] = "same",       [MIG_SHIFT_SLIGHT] = "slight",
		[MIG_SHIFT_FASTER] = "faster",   [MIG_SHIFT_SLOWER] = "slower",
		[MIG_SHIFT_TOO_FEW] = "too-few", [MIG_SHIFT_UNLIKE] = "unlike",
		[MIG_SHIFT_ALONE] = "alone",
	};

	return names[shift];
}

static uint64_t median_of(const struct mig_figure *figure)
{
	struct mig_summary summary;

	mig_summarize(figure->ns, figure->n, &summary);
	return summary.median;
}

/* Does B differ from A made longer or shorter by the margin, and that way? 1, 0, -errno. */
static int exceeds(const struct mig_figure *a, const struct mig_figure *b, bool slower,
		   const struct mig_compare_options *options, double alpha)
{
	uint64_t *moved = calloc(a->n, sizeof(*moved));
	unsigned int percent = 100 + options->margin;
	struct mig_ranks ranks;
	double middle = (double)a->n * (double)b->n / 2;
	int ret;

	if (!moved)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++)
		moved[i] = slower ? a->ns[i] / 100 * percent + a->ns[i] % 100 * percent / 100
				  : a->ns[i] / percent * 100 + a->ns[i] % percent * 100 / percent;
	ret = mig_rank_test(moved, a->n, b->ns, b->n, &ranks);
	free(moved);
	if (ret)
		return ret;
	return ranks.p <= alpha && (slower ? ranks.u < middle : ranks.u > middle);
}

/* Of pre-copy no two saves are quite alike: more than a hundredth is another state. */
static bool alike(uint64_t one, uint64_t other)
{
	uint64_t most = one > other ? one : other, least = one > other ? other : one;

	return most - least <= most / 100;
}

/* What needs no test, or which p it has. */
static int look(struct mig_comparison *item)
{
	const struct mig_figure *a = item->a, *b = item->b;
	struct mig_ranks ranks;
	uint64_t before;
	int ret;

	item->shift = MIG_SHIFT_ALONE;
	if (!a || !b || !a->n || !b->n)
		return 0;
	item->shift = MIG_SHIFT_UNLIKE;
	if (!alike(a->bytes, b->bytes))
		return 0;
	ret = mig_rank_test(a->ns, a->n, b->ns, b->n, &ranks);
	if (ret)
		return ret;
	before = median_of(a);
	item->change = before ? ((double)median_of(b) / (double)before - 1) * 100 : 0;
	item->p = ranks.p;
	item->exact = ranks.exact;
	item->least = ranks.least;
	item->tested = true;
	item->shift = MIG_SHIFT_SAME;
	return 0;
}

static int by_p(const void *left, const void *right)
{
	const struct mig_comparison *const *a = left, *const *b = right;

	return ((*a)->p > (*b)->p) - ((*a)->p < (*b)->p);
}

/*
 * Holm: of m figures the least p is to be m times as small, the next m - 1
 * times, ... and none is less than the one before it.
 */
static int judge(struct mig_comparison *items, size_t count,
		 const struct mig_compare_options *options)
{
	struct mig_comparison *order[2 * MIG_FIGURES_MAX];
	double before = 0;
	size_t tested = 0, m = 0;

	for (size_t i = 0; i < count; i++)
		tested += items[i].tested;
	for (size_t i = 0; i < count; i++) {
		if (!items[i].tested)
			continue;
		if (items[i].least > options->alpha / (double)tested)
			items[i].shift = MIG_SHIFT_TOO_FEW;
		else
			order[m++] = &items[i];
	}
	qsort(order, m, sizeof(struct mig_comparison *), by_p);
	for (size_t i = 0; i < m; i++) {
		struct mig_comparison *item = order[i];
		double times = (double)(m - i);
		bool slower = median_of(item->b) > median_of(item->a);
		int ret;

		item->p *= times;
		if (item->p > 1)
			item->p = 1;
		if (item->p < before)
			item->p = before;
		before = item->p;
		if (item->p > options->alpha)
			continue;
		ret = exceeds(item->a, item->b, slower, options, options->alpha / times);
		if (ret < 0)
			return ret;
		item->shift = !ret     ? MIG_SHIFT_SLIGHT
			      : slower ? MIG_SHIFT_SLOWER
				       : MIG_SHIFT_FASTER;
	}
	return 0;
}

static const struct mig_figure *find(const struct mig_figures *figures,
				     const struct mig_figure *like)
{
	return mig_figures_find((struct mig_figures *)figures, like);
}

int mig_compare(const struct mig_figures *a, const struct mig_figures *b,
		const struct mig_compare_options *options,
		struct mig_comparison items[2 * MIG_FIGURES_MAX], size_t *count)
{
	int ret = 0;

	*count = 0;
	for (size_t i = 0; i < a->count; i++)
		items[(*count)++] =
			(struct mig_comparison){ .a = &a->items[i], .b = find(b, &a->items[i]) };
	for (size_t i = 0; i < b->count; i++)
		if (!find(a, &b->items[i]))
			items[(*count)++] = (struct mig_comparison){ .b = &b->items[i] };
	for (size_t i = 0; !ret && i < *count; i++)
		ret = look(&items[i]);
	return ret ? ret : judge(items, *count, options);
}
