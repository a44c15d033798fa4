// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/compare.h"

static struct mig_figures a, b;
static struct mig_comparison items[2 * MIG_FIGURES_MAX];
static size_t count;
static struct mig_compare_options options;

static int begin(void **state)
{
	(void)state;
	options = (struct mig_compare_options){ .alpha = 0.01, .margin = 10 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	mig_figures_clear(&a);
	mig_figures_clear(&b);
	return 0;
}

/* n times around the middle, in steps of a hundredth of it. */
static struct mig_figure *measure(struct mig_figures *figures, enum mig_measure what, size_t n,
				  uint64_t middle)
{
	const struct mig_figure like = { .what = what };
	struct mig_figure *figure = mig_figures_add(figures, &like);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			mig_figure_take(figure, middle + i * middle / 100 - n * middle / 200), 0);
	return figure;
}

static void compare(void)
{
	mig_figures_sort(&a);
	mig_figures_sort(&b);
	assert_int_equal(mig_compare(&a, &b, &options, items, &count), 0);
}

/* What one figure alone becomes. */
static void becomes(size_t na, uint64_t from, size_t nb, uint64_t to, enum mig_shift shift)
{
	end(NULL);
	measure(&a, MIG_MEASURE_GET, na, from);
	measure(&b, MIG_MEASURE_GET, nb, to);
	compare();
	assert_int_equal(count, 1);
	if (items[0].shift != shift)
		fail_msg("%zu of %u to %zu of %u: %s, not %s (p %g)", na, (unsigned int)from, nb,
			 (unsigned int)to, mig_shift_name(items[0].shift), mig_shift_name(shift),
			 items[0].p);
	assert_int_equal(items[0].tested, shift != MIG_SHIFT_ALONE);
}

static void test_one(void **state)
{
	(void)state;
	becomes(40, 100000, 40, 100000, MIG_SHIFT_SAME);
	becomes(40, 100000, 40, 101000, MIG_SHIFT_SAME);
	becomes(40, 100000, 40, 150000, MIG_SHIFT_SLOWER);
	becomes(40, 150000, 40, 100000, MIG_SHIFT_FASTER);
	/* The ranks see 8 % when the spread is small; 10 % are the margin. */
	becomes(9, 100000, 9, 108000, MIG_SHIFT_SLIGHT);
	becomes(9, 108000, 9, 100000, MIG_SHIFT_SLIGHT);
	becomes(9, 100000, 9, 125000, MIG_SHIFT_SLOWER);
	options.margin = 0;
	becomes(9, 100000, 9, 108000, MIG_SHIFT_SLOWER);
	becomes(9, 108000, 9, 100000, MIG_SHIFT_FASTER);
	/* 2 in C(8, 4) ways is more than 1 in 100: not even ten times as slow is to be told. */
	becomes(4, 100000, 4, 1000000, MIG_SHIFT_TOO_FEW);
	becomes(5, 100000, 5, 1000000, MIG_SHIFT_SLOWER);
	becomes(0, 1, 5, 1000, MIG_SHIFT_ALONE);
}

static void test_figures(void **state)
{
	(void)state;
	becomes(40, 100000, 40, 150000, MIG_SHIFT_SLOWER);
	assert_true(items[0].change > 49 && items[0].change < 51);
	assert_false(items[0].exact);
	becomes(10, 100000, 10, 50000, MIG_SHIFT_FASTER);
	assert_true(items[0].change > -51 && items[0].change < -49);
	assert_true(items[0].exact);
	assert_true(items[0].p > 2.0 / 184756 * 0.99 && items[0].p < 2.0 / 184756 * 1.01);
	/* What took no time has no change in per cent. */
	end(NULL);
	mig_figure_take(measure(&a, MIG_MEASURE_GET, 0, 0), 0);
	mig_figure_take(measure(&b, MIG_MEASURE_GET, 0, 0), 7);
	compare();
	assert_int_equal(items[0].shift, MIG_SHIFT_TOO_FEW);
	assert_true(items[0].change == 0);
}

/* Holm: of five figures that alone would have changed only those that stand out still have. */
static void test_many(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		measure(&a, (enum mig_measure)i, 5, 100000);
		measure(&b, (enum mig_measure)i, 5, i ? 100000 : 900000);
	}
	compare();
	assert_int_equal(count, 5);
	/* 5 and 5 give no less than 2 in 252, and 5 figures need 1 in 500. */
	assert_int_equal(items[0].shift, MIG_SHIFT_TOO_FEW);
	end(NULL);
	for (int i = 0; i < 5; i++) {
		measure(&a, (enum mig_measure)i, 7, 100000);
		measure(&b, (enum mig_measure)i, 7, i < 2 ? 900000 : 100000);
	}
	compare();
	assert_int_equal(items[0].shift, MIG_SHIFT_SLOWER);
	assert_int_equal(items[1].shift, MIG_SHIFT_SLOWER);
	assert_int_equal(items[2].shift, MIG_SHIFT_SAME);
	/* 2 in 3432, five times; the second is no less sure than the first. */
	assert_true(items[0].p > 0.00291 && items[0].p < 0.00292);
	assert_true(items[1].p == items[0].p);
	assert_true(items[2].p == 1);
}

static void test_pairs(void **state)
{
	(void)state;
	measure(&a, MIG_MEASURE_GET, 20, 100000);
	measure(&a, MIG_MEASURE_SAVE, 20, 100000)->bytes = 100;
	measure(&b, MIG_MEASURE_STOPPED, 20, 100000);
	measure(&b, MIG_MEASURE_SAVE, 20, 900000)->bytes = 200;
	compare();
	assert_int_equal(count, 3);
	assert_int_equal(items[0].shift, MIG_SHIFT_ALONE);
	assert_ptr_equal(items[0].a, &a.items[0]);
	assert_null(items[0].b);
	/* More data takes longer: that is no change of the device. */
	assert_int_equal(items[1].shift, MIG_SHIFT_UNLIKE);
	assert_int_equal(items[2].shift, MIG_SHIFT_ALONE);
	assert_null(items[2].a);
	assert_ptr_equal(items[2].b, &b.items[0]);
	/* Up to a hundredth it is the same state. */
	a.items[1].bytes = 198;
	compare();
	assert_int_equal(items[1].shift, MIG_SHIFT_SLOWER);
	a.items[1].bytes = 197;
	compare();
	assert_int_equal(items[1].shift, MIG_SHIFT_UNLIKE);
}

/* Not what was moved last: pre-copy may make that anything. */
static void test_moved(void **state)
{
	struct mig_figure *figure = measure(&a, MIG_MEASURE_SAVE, 1, 100000);

	(void)state;
	mig_figure_moved(figure, 100);
	assert_int_equal(figure->bytes, 100);
	assert_int_equal(mig_figure_take(figure, 1), 0);
	mig_figure_moved(figure, 400);
	assert_int_equal(figure->bytes, 250);
}

static void test_keys(void **state)
{
	struct mig_figures *figures = &a;
	const struct mig_figure arc = { .what = MIG_MEASURE_ARC,
					.from = MIG_STATE_STOP,
					.to = MIG_STATE_RUNNING },
				other = { .what = MIG_MEASURE_ARC,
					  .from = MIG_STATE_RUNNING,
					  .to = MIG_STATE_STOP };
	struct mig_figure chunk = { .what = MIG_MEASURE_SAVE, .chunk = 4096 };
	enum mig_measure measure_of;

	(void)state;
	assert_null(mig_figures_find(figures, &arc));
	assert_ptr_equal(mig_figures_add(figures, &arc), &a.items[0]);
	assert_ptr_equal(mig_figures_add(figures, &other), &a.items[1]);
	assert_ptr_equal(mig_figures_add(figures, &arc), &a.items[0]);
	for (chunk.chunk = 1; a.count < MIG_FIGURES_MAX; chunk.chunk++)
		assert_non_null(mig_figures_add(figures, &chunk));
	assert_null(mig_figures_add(figures, &chunk));
	assert_non_null(mig_figures_add(figures, &other));
	for (int i = 0; i < MIG_MEASURE_COUNT; i++) {
		assert_true(mig_measure_parse(mig_measure_name((enum mig_measure)i), &measure_of));
		assert_int_equal(measure_of, i);
	}
	assert_false(mig_measure_parse("arcs", &measure_of));
	for (size_t i = 0; i < MIG_SAMPLES_MAX; i++)
		assert_int_equal(mig_figure_take(&a.items[0], i), 0);
	assert_int_equal(mig_figure_take(&a.items[0], 1), -E2BIG);
	assert_int_equal(a.items[0].n, MIG_SAMPLES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one, begin, end),
		cmocka_unit_test_setup_teardown(test_figures, begin, end),
		cmocka_unit_test_setup_teardown(test_many, begin, end),
		cmocka_unit_test_setup_teardown(test_pairs, begin, end),
		cmocka_unit_test_setup_teardown(test_moved, begin, end),
		cmocka_unit_test_setup_teardown(test_keys, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
