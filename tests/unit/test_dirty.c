// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <stdlib.h>

#include "migctl/dirty.h"

#define PAGE 4096u

static struct mig_error error;

static void check_is(int expected, const char *text, const struct mig_dirty_range *ranges,
		     size_t count, uint64_t page_size)
{
	memset(&error, 0, sizeof(error));
	assert_int_equal(mig_dirty_check(ranges, count, 4, page_size, &error), expected);
	if (expected)
		assert_int_equal(error.kind, MIG_KIND_USAGE);
	if (text && !strstr(error.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, error.text);
}

#define CHECK(expected, text, page_size, ...) \
	do { \
		const struct mig_dirty_range list[] = { __VA_ARGS__ }; \
		check_is(expected, text, list, COUNT(list), page_size); \
	} while (0)

static void test_check(void **state)
{
	(void)state;
	CHECK(0, NULL, 0, { 0, 1 });
	CHECK(0, NULL, PAGE, { 0, PAGE }, { PAGE, PAGE });
	/* As far as the kernel goes: the end itself is to fit. */
	CHECK(0, NULL, PAGE, { -2ull * PAGE, PAGE });
	CHECK(-EINVAL, "below 2^64", PAGE, { -1ull * PAGE, PAGE });
	CHECK(-EINVAL, "below 2^64", 0, { 16, UINT64_MAX });
	CHECK(-EINVAL, "0x2000 is empty", 0, { 0, 1 }, { 0x2000, 0 });
	CHECK(-EINVAL, "0x2000+0x800 is not of whole pages of 4096", PAGE, { 0x2000, 0x800 });
	CHECK(-EINVAL, "0x800+0x1000 is not", PAGE, { 0x800, 0x1000 });
	/* Given in any order. */
	CHECK(-EINVAL, "0x1000+0x2000 and 0x2000+0x1000 overlap", 0, { 0x2000, 0x1000 },
	      { 0x8000, 1 }, { 0x1000, 0x2000 });
	CHECK(-EINVAL, "overlap", 0, { 0x2000, 0x1000 }, { 0x2000, 0x1000 });
	CHECK(-EINVAL, "overlap", 0, { 0, UINT64_MAX }, { UINT64_MAX - 1, 1 });
	CHECK(0, NULL, 0, { 3, 1 }, { 2, 1 }, { 1, 1 }, { 0, 1 });
	CHECK(-EINVAL, "5 ranges are more than the 4", 0, { 3, 1 }, { 2, 1 }, { 1, 1 }, { 0, 1 },
	      { 9, 1 });
}

static void test_grain(void **state)
{
	const struct mig_dirty_range ranges[] = { { 0x10000, 0x20000 }, { 0, 0x3000 } };

	(void)state;
	assert_int_equal(mig_dirty_grain(ranges, 1, 0x1000), 0x1000);
	assert_int_equal(mig_dirty_grain(ranges, 1, 0x200000), 0x10000);
	assert_int_equal(mig_dirty_grain(ranges, 2, 0x200000), 0x1000);
	assert_int_equal(mig_dirty_grain(ranges, 0, 0x200000), 0x200000);
}

static void run_is(const struct mig_dirty *dirty, size_t at, uint64_t iova, uint64_t length)
{
	assert_in_range(at, 0, dirty->kept - 1);
	assert_int_equal(dirty->runs[at].iova, iova);
	assert_int_equal(dirty->runs[at].length, length);
}

static void test_runs(void **state)
{
	/* First, last, over a word's edge, and a word that is full. */
	const uint64_t words[4] = { 1 | 1ull << 63, 1, ~0ull, 1ull << 35 };
	struct mig_dirty dirty;

	(void)state;
	mig_dirty_init(&dirty, SIZE_MAX);
	assert_int_equal(mig_dirty_take(&dirty, 0x100000, 3 * 64 + 36, PAGE, words), 0);
	assert_int_equal(dirty.count, 4);
	assert_int_equal(dirty.kept, 4);
	run_is(&dirty, 0, 0x100000, PAGE);
	run_is(&dirty, 1, 0x100000 + 63 * PAGE, 2 * PAGE);
	run_is(&dirty, 2, 0x100000 + 128 * PAGE, 64 * PAGE);
	run_is(&dirty, 3, 0x100000 + 227 * PAGE, PAGE);
	assert_int_equal(dirty.pages, 68);
	assert_int_equal(dirty.bytes, 68 * PAGE);
	assert_int_equal(dirty.stray, 0);
	/* What is adjacent goes on, what is not does not. */
	assert_int_equal(mig_dirty_take(&dirty, 0x100000 + 228 * PAGE, 64, PAGE, &words[2]), 0);
	assert_int_equal(dirty.count, 4);
	run_is(&dirty, 3, 0x100000 + 227 * PAGE, 65 * PAGE);
	assert_int_equal(mig_dirty_take(&dirty, 0x900000, 64, PAGE, &words[2]), 0);
	assert_int_equal(dirty.count, 5);
	mig_dirty_clear(&dirty);
}

/* Bits that belong to no page are told of, and are no pages. */
static void test_stray(void **state)
{
	const uint64_t word = 0xff, edge[2] = { ~0ull, 0x3 };
	struct mig_dirty dirty;

	(void)state;
	mig_dirty_init(&dirty, 8);
	assert_int_equal(mig_dirty_take(&dirty, 0, 5, 0x10000, &word), 0);
	assert_int_equal(dirty.pages, 5);
	assert_int_equal(dirty.stray, 3);
	assert_int_equal(dirty.bytes, 5 * 0x10000);
	assert_int_equal(mig_dirty_take(&dirty, 0x1000000, 65, 0x10000, edge), 0);
	assert_int_equal(dirty.pages, 70);
	assert_int_equal(dirty.stray, 4);
	mig_dirty_clear(&dirty);
}

/* Runs beyond what is kept are counted, and do not make the last kept one longer. */
static void test_bounded(void **state)
{
	const uint64_t word = 0x5555555555555555;
	struct mig_dirty dirty;

	(void)state;
	mig_dirty_init(&dirty, 3);
	assert_int_equal(mig_dirty_take(&dirty, 0, 64, PAGE, &word), 0);
	assert_int_equal(dirty.count, 32);
	assert_int_equal(dirty.kept, 3);
	run_is(&dirty, 2, 4 * PAGE, PAGE);
	assert_int_equal(mig_dirty_take(&dirty, 63 * PAGE, 1, PAGE, &word), 0);
	run_is(&dirty, 2, 4 * PAGE, PAGE);
	assert_int_equal(dirty.count, 32);
	mig_dirty_clear(&dirty);
	mig_dirty_init(&dirty, 0);
	assert_int_equal(mig_dirty_take(&dirty, 0, 64, PAGE, &word), 0);
	assert_int_equal(dirty.pages, 32);
	assert_int_equal(dirty.kept, 0);
	mig_dirty_clear(&dirty);
}

/* Every run that 70 bits can have. */
static void test_all_pairs(void **state)
{
	(void)state;
	for (unsigned int from = 0; from < 70; from++) {
		for (unsigned int to = from + 1; to <= 70; to++) {
			uint64_t words[2] = { 0, 0 };
			struct mig_dirty dirty;

			for (unsigned int bit = from; bit < to; bit++)
				words[bit / 64] |= 1ull << bit % 64;
			mig_dirty_init(&dirty, 4);
			assert_int_equal(mig_dirty_take(&dirty, 0, 70, PAGE, words), 0);
			assert_int_equal(dirty.count, 1);
			run_is(&dirty, 0, (uint64_t)from * PAGE, (uint64_t)(to - from) * PAGE);
			mig_dirty_clear(&dirty);
		}
	}
}

static void add(struct mig_dirty_rate *rate, uint64_t usec, uint64_t pages)
{
	const struct mig_dirty_sample sample = { usec, pages, pages * PAGE };

	assert_int_equal(mig_dirty_rate_add(rate, &sample), 0);
}

static void test_figures(void **state)
{
	struct mig_dirty_rate rate = { .samples = NULL };
	struct mig_dirty_figures figures;

	(void)state;
	assert_int_equal(mig_dirty_figures(&rate, false, &figures), 0);
	assert_true(figures.max == 0);
	add(&rate, 500000, 50);
	add(&rate, 1000000, 300);
	add(&rate, 250000, 5);
	assert_int_equal(mig_dirty_figures(&rate, false, &figures), 0);
	assert_true(figures.min == 20 && figures.median == 100 && figures.max == 300);
	add(&rate, 1000000, 200);
	assert_int_equal(mig_dirty_figures(&rate, true, &figures), 0);
	assert_true(figures.min == 20 * PAGE && figures.median == 150 * PAGE);
	/* No time has passed: no rate. */
	add(&rate, 0, 7);
	assert_int_equal(mig_dirty_figures(&rate, false, &figures), 0);
	assert_true(figures.min == 0);
	mig_dirty_rate_clear(&rate);
	assert_int_equal(rate.count, 0);
}

/* Each sample is in one column, and a column is the rate of all of its time. */
static void test_columns(void **state)
{
	struct mig_dirty_rate rate = { .samples = NULL };
	double columns[4];

	(void)state;
	assert_int_equal(mig_dirty_columns(&rate, columns, 4), 0);
	for (unsigned int i = 1; i <= 3; i++)
		add(&rate, 1000000, i);
	assert_int_equal(mig_dirty_columns(&rate, columns, 4), 3);
	assert_true(columns[0] == 1 && columns[1] == 2 && columns[2] == 3);
	for (unsigned int i = 4; i <= 6; i++)
		add(&rate, 3000000, 3 * i);
	assert_int_equal(mig_dirty_columns(&rate, columns, 4), 4);
	/* 1; 2 and 3; 4; 5 and 6. */
	assert_true(columns[0] == 1 && columns[1] == 2.5 && columns[2] == 4 && columns[3] == 5.5);
	assert_int_equal(mig_dirty_columns(&rate, columns, 1), 1);
	assert_true(columns[0] == (1 + 2 + 3 + 12 + 15 + 18) / 12.0);
	mig_dirty_rate_clear(&rate);
}

static void test_action_names(void **state)
{
	static const char *const names[] = { "probe", "start", "report", "stop", "rate" };

	(void)state;
	assert_int_equal(COUNT(names), MIG_DIRTY_ACTION_COUNT);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(mig_dirty_action_name((enum mig_dirty_action)i), names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),        cmocka_unit_test(test_grain),
		cmocka_unit_test(test_runs),         cmocka_unit_test(test_stray),
		cmocka_unit_test(test_bounded),      cmocka_unit_test(test_all_pairs),
		cmocka_unit_test(test_figures),      cmocka_unit_test(test_columns),
		cmocka_unit_test(test_action_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
