// SPDX-License-Identifier: GPL-2.0-or-later
/* Pre-copy by the v2 protocol. */
#include "test_move_v2_save.h"

#define PRE V2_GET('R'), NO_SIZE, V2_GO('P', DATA_FD)

/* The peer-to-peer states on the way, as the kernel has it; no new data_fd out of pre-copy. */
static void test_pre_copy(void **state)
{
	const struct script_call calls[] = {
		PRE,           READ(MIB, 100), READ(100, -ENOMSG), PRECOPY(0, 0),
		V2_GET('P'),   V2_GO('p', -1), V2_GO('C', -1),     READ(MIB, 50),
		READ(50, 0),   V2_GET('C'),    V2_GO('S', -1),     V2_GO('r', -1),
		V2_GO('R', -1)
	};

	(void)state;
	port.caps = MIG_CAPS_ALL;
	options.precopy = true;
	options.until_seconds = 60;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(move.precopy_rounds, 1);
	went("PpCSrR");
	assert_int_equal(taken.sizes[0], 100); /* a phase ends a piece */
	all_is_well(150, 2);
}

/* mtty says 0 where others say ENOMSG; a round that ends in a piece goes on in it. */
static void test_rounds(void **state)
{
	const struct script_call calls[] = { PRE,
					     READ(MIB, 100, .reply = "a", .reply_size = 1),
					     READ(100, 0),
					     PRECOPY(1, 0), /* initial_bytes have to be out */
					     READ(100, -ENOMSG),
					     PRECOPY(0, 11), /* more than is to be left */
					     READ(100, 11),
					     READ(11, -ENOMSG),
					     PRECOPY(0, 10),
					     V2_GET('P'),
					     V2_GO('C', -1),
					     READ(MIB, 0),
					     HOME };

	(void)state;
	options.precopy = true;
	options.until_bytes = 10;
	options.until_seconds = 60;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(move.precopy_rounds, 3);
	assert_int_equal(taken.sizes[0], 111);
	all_is_well(111, 1);
}

static void test_time_is_over(void **state)
{
	const struct script_call calls[] = { PRE,          PRECOPY(7, 7),
					     V2_GET('P'),  V2_GO('C', -1),
					     READ(MIB, 0), HOME };

	(void)state;
	options.precopy = true;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(move.precopy_rounds, 0);
	all_is_well(0, 0);
}

/* While it has data for ever there is no end of a round, only one of the time. */
static void test_endless_round(void **state)
{
	const struct script_call calls[] = { PRE,
					     READ(MIB, MIB),
					     READ(MIB, MIB),
					     READ(MIB, MIB),
					     READ(MIB, MIB, .during = time_passes),
					     PRECOPY(7, 7),
					     V2_GET('P'),
					     V2_GO('C', -1),
					     READ(MIB, 0),
					     HOME };

	(void)state;
	options.precopy = true;
	options.until_seconds = 0.05;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(move.precopy_rounds, 0);
	all_is_well(4 * (uint64_t)MIB, 4);
}

/* Nor is there one when little is pending: so that is asked for now and then, and ends it. */
static void test_endless_round_of_little(void **state)
{
	const struct script_call calls[] = { PRE,
					     READ(MIB, MIB),
					     READ(MIB, MIB, .during = time_passes),
					     PRECOPY(1, 0),
					     READ(MIB, MIB),
					     READ(MIB, MIB, .during = time_passes),
					     PRECOPY(0, 11),
					     READ(MIB, 7, .during = time_passes),
					     PRECOPY(0, 10),
					     V2_GET('P'),
					     V2_GO('C', -1),
					     READ(MIB, 10),
					     READ(10, 0),
					     HOME };

	(void)state;
	options.precopy = true;
	options.until_bytes = 10;
	options.until_seconds = 60;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(move.precopy_rounds, 0);
	all_is_well(4 * (uint64_t)MIB + 17, 6);
}

/* One that does not tell what is pending has pending what it gives. */
static void test_long_round_without_info(void **state)
{
	const struct script_call calls[] = { PRE,
					     READ(MIB, 100, .during = time_passes),
					     IOCTL_(DATA_FD, PRECOPY_INFO, -ENOTTY),
					     READ(100, 100),
					     READ(100, -ENOMSG),
					     IOCTL_(DATA_FD, PRECOPY_INFO, -ENOTTY),
					     V2_GET('P'),
					     V2_GO('C', -1),
					     READ(MIB, 0),
					     HOME };

	(void)state;
	options.precopy = true;
	options.until_bytes = MIB;
	options.until_seconds = 60;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(move.precopy_rounds, 1);
	all_is_well(200, 1);
}

/* Only what ended is a round: not what the time ended, here while the rate has it wait. */
static void test_time_is_over_between_rounds(void **state)
{
	const struct script_call calls[] = {
		PRE,         READ(MIB, MIB), READ(MIB, -ENOMSG), PRECOPY(7, 7), PRECOPY(7, 7),
		V2_GET('P'), V2_GO('C', -1), READ(MIB, 0),       HOME
	};

	(void)state;
	options.precopy = true;
	options.rate = 8 * MIB;
	options.until_seconds = 0.1;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(move.precopy_rounds, 1);
	all_is_well(MIB, 1);
}

static void test_no_precopy_info(void **state)
{
	static const int answers[] = { -EINVAL, -ENOTTY };

	(void)state;
	options.precopy = true;
	options.until_seconds = 60;
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct script_call calls[] = {
			PRE,         READ(MIB, -ENOMSG), IOCTL_(DATA_FD, PRECOPY_INFO, answers[i]),
			V2_GET('P'), V2_GO('C', -1),     READ(MIB, 0),
			HOME
		};

		assert_int_equal(SAVE(calls), 0);
		all_is_well(0, 0);
	}
}

static void test_precopy_info_fails(void **state)
{
	const struct script_call calls[] = { PRE, READ(MIB, -ENOMSG),
					     IOCTL_(DATA_FD, PRECOPY_INFO, -ENODEV), V2_GET('P'),
					     V2_GO('R', -1) };

	(void)state;
	options.precopy = true;
	options.until_seconds = 60;
	brought_back(SAVE(calls), MIG_KIND_FAILED, ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pre_copy, reset_options),
		cmocka_unit_test_setup(test_rounds, reset_options),
		cmocka_unit_test_setup(test_time_is_over, reset_options),
		cmocka_unit_test_setup(test_endless_round, reset_options),
		cmocka_unit_test_setup(test_endless_round_of_little, reset_options),
		cmocka_unit_test_setup(test_long_round_without_info, reset_options),
		cmocka_unit_test_setup(test_time_is_over_between_rounds, reset_options),
		cmocka_unit_test_setup(test_no_precopy_info, reset_options),
		cmocka_unit_test_setup(test_precopy_info_fails, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
