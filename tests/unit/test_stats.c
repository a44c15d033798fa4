// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures here are published, counted by hand, or erfc()'s of a C library. */
#include "unit.h"

#include "migctl/stats.h"

#define LIST(...) (const uint64_t[]){ __VA_ARGS__ }, sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8

static void near(double value, double expected)
{
	double off = value > expected ? value - expected : expected - value;

	if (off > expected * 1e-6)
		fail_msg("%.12g is not %.12g", value, expected);
}

static void rank(const uint64_t *a, size_t na, const uint64_t *b, size_t nb,
		 struct mig_ranks *ranks)
{
	struct mig_ranks other;

	assert_int_equal(mig_rank_test(a, na, b, nb, ranks), 0);
	/* Whoever is first, it is the same difference. */
	assert_int_equal(mig_rank_test(b, nb, a, na, &other), 0);
	near(other.p, ranks->p);
	near(other.u + 1, (double)na * (double)nb - ranks->u + 1);
	assert_int_equal(other.exact, ranks->exact);
}

static void summary_is(const uint64_t *ns, size_t n, uint64_t min, uint64_t median, uint64_t p99,
		       uint64_t max)
{
	struct mig_summary summary;

	assert_true(mig_summarize(ns, n, &summary));
	assert_int_equal(summary.min, min);
	assert_int_equal(summary.median, median);
	assert_int_equal(summary.p99, p99);
	assert_int_equal(summary.max, max);
}

static void test_summary(void **state)
{
	struct mig_summary summary = { .max = 7 };
	uint64_t many[1000];

	(void)state;
	summary_is(LIST(5), 5, 5, 5, 5);
	summary_is(LIST(5, 8), 5, 6, 8, 8);
	summary_is(LIST(5, 8, 100), 5, 8, 100, 100);
	summary_is(LIST(UINT64_MAX - 1, UINT64_MAX), UINT64_MAX - 1, UINT64_MAX - 1, UINT64_MAX,
		   UINT64_MAX);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = i + 1;
	/* Nearest rank: the least value that 99 in 100 do not exceed. */
	summary_is(many, 99, 1, 50, 99, 99);
	summary_is(many, 100, 1, 50, 99, 100);
	summary_is(many, 101, 1, 51, 100, 101);
	summary_is(many, 1000, 1, 500, 990, 1000);
	assert_false(mig_summarize(many, 0, &summary));
	assert_int_equal(summary.max, 0);
}

static void bins_are(const uint64_t *ns, size_t n, const size_t expected[MIG_BINS])
{
	size_t bins[MIG_BINS];

	mig_histogram(ns, n, bins);
	for (int i = 0; i < MIG_BINS; i++)
		if (bins[i] != expected[i])
			fail_msg("bin %d has %zu, not %zu", i, bins[i], expected[i]);
}

static void test_histogram(void **state)
{
	(void)state;
	bins_are(NULL, 0, (const size_t[MIG_BINS]){ 0 });
	bins_are(LIST(7, 7, 7), (const size_t[MIG_BINS]){ 3 });
	bins_are(LIST(0), (const size_t[MIG_BINS]){ 1 });
	/* From 1 to 256 each bin is a doubling. */
	bins_are(LIST(1, 3, 6, 7, 12, 24, 48, 96, 100, 200, 256),
		 (const size_t[MIG_BINS]){ 1, 1, 2, 1, 1, 1, 2, 2 });
	bins_are(LIST(0, 200, 256), (const size_t[MIG_BINS]){ [0] = 1, [7] = 2 });
	bins_are(LIST(1, UINT64_MAX), (const size_t[MIG_BINS]){ [0] = 1, [7] = 1 });
}

static void test_exact(void **state)
{
	struct mig_ranks ranks;

	(void)state;
	rank(LIST(1, 2, 3), LIST(4, 5, 6), &ranks);
	assert_true(ranks.exact);
	near(ranks.u + 1, 1);
	near(ranks.p, 2.0 / 20);
	near(ranks.least, 2.0 / 20);
	rank(LIST(1, 2, 3, 4), LIST(5, 6, 7, 8), &ranks);
	near(ranks.p, 2.0 / 70);
	rank(LIST(1, 4), LIST(2, 3), &ranks);
	near(ranks.p, 1);
	rank(LIST(1), LIST(2), &ranks);
	near(ranks.p, 1);
	near(ranks.least, 1);
	/* Hollander and Wolfe (1973), p. 69: permeability of membranes; W = 35, one-sided 0.1272.
	 */
	rank(LIST(73, 80, 83, 104, 138, 145, 146, 164, 189, 191), LIST(74, 88, 90, 115, 121),
	     &ranks);
	assert_true(ranks.exact);
	near(ranks.u, 35);
	near(ranks.p, 2.0 * 382 / 3003);
}

static void test_exact_ties(void **state)
{
	struct mig_ranks ranks;

	(void)state;
	/* The ranks 1 3 3 3 5.5 5.5: of the 20 threes 3 have the sum 7, and 3 have 14. */
	rank(LIST(1, 2, 2), LIST(2, 3, 3), &ranks);
	assert_true(ranks.exact);
	near(ranks.p, 6.0 / 20);
	near(ranks.u, 1);
	rank(LIST(5, 5, 5, 5), LIST(5, 5, 5), &ranks);
	near(ranks.p, 1);
	near(ranks.u, 6);
	/* A group of its own each: as without ties. */
	rank(LIST(1, 1, 1, 1, 1), LIST(2, 2, 2, 2, 2), &ranks);
	near(ranks.p, 2.0 / 252);
	/* One against many is counted out, too: 2 of 101 places are the farthest. */
	uint64_t many[100];
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = i;
	rank(LIST(1000), many, COUNT(many), &ranks);
	assert_true(ranks.exact);
	near(ranks.p, 2.0 / 101);
	near(ranks.least, 2.0 / 101);
}

static void fill(uint64_t *values, uint64_t divisor, uint64_t offset)
{
	for (uint64_t i = 0; i < 100; i++)
		values[i] = i / divisor + offset;
}

static void test_normal(void **state)
{
	static const struct {
		uint64_t divisor, offset;
		double u, p;
	} cases[] = {
		{ 1, 1, 4900.5, 0.808854177966 },
		{ 1, 20, 3200, 1.0975218016957e-05 },
		{ 1, 100, 0, 2.562143669163e-34 },
		{ 10, 1, 4050, 0.0197652998104 },
		{ 1000, 0, 5000, 1 },
	};
	uint64_t a[100], b[100];
	struct mig_ranks ranks;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		fill(a, cases[i].divisor, 0);
		fill(b, cases[i].divisor, cases[i].offset);
		rank(a, 100, b, 100, &ranks);
		assert_false(ranks.exact);
		near(ranks.u + 1, cases[i].u + 1);
		near(ranks.p, cases[i].p);
		assert_true(ranks.least < 1e-50);
	}
	fill(b, 1, 45);
	fill(a, 1, 0);
	rank(a, 60, b, 60, &ranks);
	near(ranks.p, 8.392100771844612e-19);
}

/* The largest that is counted out, by all of its 2104098963720 ways; then by the normal. */
static void test_both(void **state)
{
	struct mig_ranks ranks;
	uint64_t a[100], b[100];

	(void)state;
	fill(a, 1, 0);
	fill(b, 1, 5);
	rank(a, 22, b, 22, &ranks);
	assert_true(ranks.exact);
	near(ranks.p, 0.021359365010352536);
	rank(a, 23, b, 23, &ranks);
	assert_false(ranks.exact);
}

static void test_nothing(void **state)
{
	struct mig_ranks ranks;

	(void)state;
	assert_int_equal(mig_rank_test(NULL, 0, LIST(1), &ranks), -EINVAL);
	assert_int_equal(mig_rank_test(LIST(1), NULL, 0, &ranks), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary), cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_exact),   cmocka_unit_test(test_exact_ties),
		cmocka_unit_test(test_normal),  cmocka_unit_test(test_both),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
