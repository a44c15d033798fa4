// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/random.h"

/* The numbers that SplitMix64 is known by: a seed walks the same on every machine. */
static void test_known(void **state)
{
	static const uint64_t known[] = { 6457827717110365317u, 3203168211198807973u,
					  9817491932198370423u, 4593380528125082431u,
					  16408922859458223821u };
	struct mig_random random = { .state = 1234567 };

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		assert_true(mig_random_next(&random) == known[i]);
}

static void test_below(void **state)
{
	struct mig_random one = { .state = 7 }, other = { .state = 7 }, third = { .state = 8 };
	bool seen[6] = { false }, differs = false;

	(void)state;
	for (int i = 0; i < 200; i++) {
		uint64_t number = mig_random_below(&one, COUNT(seen));

		assert_in_range(number, 0, COUNT(seen) - 1);
		assert_int_equal(number, mig_random_below(&other, COUNT(seen)));
		differs |= number != mig_random_below(&third, COUNT(seen));
		seen[number] = true;
	}
	for (size_t i = 0; i < COUNT(seen); i++)
		assert_true(seen[i]);
	assert_true(differs);
	assert_int_equal(mig_random_below(&one, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
