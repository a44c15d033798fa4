// SPDX-License-Identifier: GPL-2.0-or-later
/* Pre-copy by the v1 protocol. */
#include "test_move_v1_save.h"

static void test_pre_copy(void **state)
{
	const struct script_call calls[] = {
		GET('R'),
		GO('P'),
		PENDING(100),
		OFFSET(0x20),
		SIZE(100),
		DATA(0x20, 100, 100),
		PENDING(0),
		GET('P'), /* and then the rest, where the first read is of pending_bytes */
		GO('C'),
		PENDING(50),
		OFFSET(0x40),
		SIZE(50),
		DATA(0x40, 50, 50),
		PENDING(0),
		HOME
	};

	(void)state;
	options.precopy = true;
	options.until_seconds = 60;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(150, 2);
	assert_int_equal(move.precopy_rounds, 1);
	went("PCSR");
	is_in('R');
	done();
}

/*
 * data_size of a window was read: its data must be taken before pending_bytes
 * is read again, and that acknowledges it before the phase is left.
 */
static void test_pre_copy_leaves_no_window(void **state)
{
	const struct script_call by_bytes[] = {
		GET('R'),
		GO('P'),
		PENDING(300),
		OFFSET(0x20),
		SIZE(100),
		DATA(0x20, 100, 100),
		PENDING(200),
		OFFSET(0x20),
		SIZE(100),
		DATA(0x20, 100, 100),
		PENDING(140),
		OFFSET(0x20),
		SIZE(100), /* 140 are few enough, but the window is open */
		DATA(0x20, 100, 100),
		PENDING(40),
		GET('P'),
		GO('C'),
		PENDING(0),
		HOME
	};
	const struct script_call by_time[] = { GET('R'), GO('P'),    PENDING(300), GET('P'),
					       GO('C'),  PENDING(0), HOME };

	(void)state;
	options.precopy = true;
	options.until_bytes = 150;
	options.until_seconds = 60;
	assert_int_equal(SAVE(by_bytes), 0);
	all_is_well(300, 3);
	assert_int_equal(move.precopy_rounds, 1);
	done();
	options.until_bytes = 0;
	options.until_seconds = 0;
	assert_int_equal(SAVE(by_time), 0);
	all_is_well(0, 0);
	assert_int_equal(move.precopy_rounds, 0);
	done();
}

/*
 * One that never has nothing pending is left all the same, when little is: as
 * it is then, not as it was before the window that is open yet was taken.
 */
static void test_pre_copy_never_ends(void **state)
{
	const struct script_call window[] = { OFFSET(0x20), SIZE(100), DATA(0x20, 100, 100) };
	const uint64_t pending[] = { 900, 900, 500, 700, 900, 600, 120, 800, 300, 120, 150 };
	struct script_call calls[64] = { GET('R'), GO('P') };
	const struct script_call end[] = { GET('P'), GO('C'), PENDING(0), HOME };
	size_t count = 3;

	(void)state;
	options.precopy = true;
	options.until_bytes = 150;
	options.until_seconds = 60;
	for (size_t i = 0; i < COUNT(pending); i++) {
		calls[count++] =
			(struct script_call)REGISTER(8, 8, .reply = &pending[i], .reply_size = 8);
		if (i + 1 == COUNT(pending))
			break;
		memcpy(calls + count, window, sizeof(window));
		count += COUNT(window);
	}
	memcpy(calls + count, end, sizeof(end));
	assert_int_equal(run_save(&mig_proto_v1, calls, count + COUNT(end)), 0);
	all_is_well(1000, 10);
	assert_int_equal(move.precopy_rounds, 1);
	done();
}

/* A device at work has data again and again; what has no more for now is not asked without pause.
 */
static void test_pre_copy_rounds(void **state)
{
	const struct script_call calls[] = {
		GET('R'),    GO('P'),      PENDING(30), OFFSET(0x20),
		SIZE(0), /* none yet: mlx5's end no */
		PENDING(30), OFFSET(0x20), SIZE(30),    DATA(0x20, 30, 30),
		PENDING(30), OFFSET(0x20), SIZE(0), /* its stale count: an end */
		GET('P'),    GO('C'),      PENDING(0),  HOME
	};

	(void)state;
	options.precopy = true;
	options.until_seconds = 60;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(30, 1);
	done();
}

/* What one phase left says nothing of the next: 100 promised bytes are waited for, and told of. */
static void test_phases_are_apart(void **state)
{
	const struct script_call calls[] = { GET('R'),
					     GO('P'),
					     PENDING(100),
					     OFFSET(0x20),
					     SIZE(100),
					     DATA(0x20, 100, 100),
					     PENDING(0),
					     GET('P'),
					     GO('C'),
					     PENDING(100),
					     OFFSET(0x20),
					     SIZE(0),
					     PENDING(100),
					     OFFSET(0x20),
					     SIZE(100),
					     DATA(0x20, 100, 90, .during = time_passes),
					     DATA(0x20 + 90, 10, 10),
					     PENDING(0),
					     HOME };

	(void)state;
	options.precopy = true;
	options.until_seconds = 60;
	watcher = &watching;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(200, 2);
	assert_in_range(seen_count, 2, 64);
	assert_int_equal(seen[0].phase, MIG_PHASE_PRE_COPY);
	assert_int_equal(seen[0].stopped_usec, 0);
	assert_false(seen[0].total_known);
	assert_int_equal(seen[seen_count - 1].phase, MIG_PHASE_STOP_COPY);
	assert_true(seen[seen_count - 1].total_known && seen[seen_count - 1].stopped_usec > 0);
	assert_int_equal(seen[seen_count - 1].total, 200);
	assert_int_equal(seen[seen_count - 1].bytes, 190);
	done();
}

static void test_no_pre_copy(void **state)
{
	const struct script_call calls[] = { OUT, PENDING(0), HOME };

	(void)state;
	port.caps = MIG_CAP_STOP_COPY;
	options.precopy = true;
	assert_int_equal(SAVE(calls), 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pre_copy, reset_options),
		cmocka_unit_test_setup(test_pre_copy_leaves_no_window, reset_options),
		cmocka_unit_test_setup(test_pre_copy_never_ends, reset_options),
		cmocka_unit_test_setup(test_pre_copy_rounds, reset_options),
		cmocka_unit_test_setup(test_phases_are_apart, reset_options),
		cmocka_unit_test_setup(test_no_pre_copy, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
