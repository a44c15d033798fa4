// SPDX-License-Identifier: GPL-2.0-or-later
/* Restoring by the v2 protocol: a stream into the data_fd. */
#include "test_move_fake.h"

#define RESTORE(calls, pieces) \
	run_restore(&mig_proto_v2, calls, COUNT(calls), pieces, COUNT(pieces), 0)
/* Found, and found again once there is something to load. */
#define FOUND V2_GET('R'), V2_GET('R')
#define IN FOUND, V2_GO('S', -1), V2_GO('M', DATA_FD)
#define RUN V2_GET('M'), V2_GO('S', -1), V2_GO('R', -1)
#define RESCUE V2_GET('M'), RESET, V2_GET('R')
#define BYTE(value) .expect = (const uint8_t[]){ value }, .expect_size = 1

static void was_reset(int ret, enum mig_kind kind, int err)
{
	assert_int_equal(ret, -err);
	ONLY(kind);
	assert_true(move.touched && move.reset_attempted);
	assert_int_equal(move.reset_outcome, MIG_OUTCOME_ACCEPTED);
	assert_false(move.left);
	is_in('R');
	/* The transfer is over before the reset. */
	assert_int_equal(script.closed_count, 1);
	says("was reset, and is running");
	done();
}

static void test_stream(void **state)
{
	const struct piece pieces[] = { { .size = MIB, .byte = 1 },
					{ .size = MIB, .byte = 2 },
					{ .size = 0 },
					{ .size = 3, .byte = 3 } };
	const struct script_call calls[] = { IN, WRITE(MIB, MIB, BYTE(1)), WRITE(MIB, MIB, BYTE(2)),
					     WRITE(3, 3, BYTE(3)), RUN };

	(void)state;
	assert_int_equal(RESTORE(calls, pieces), 0);
	assert_int_equal(move.bytes, 2 * MIB + 3);
	went("SMSR");
	is_in('R');
	done();
}

static void test_short_writes(void **state)
{
	const struct piece pieces[] = { { .size = 10, .byte = 7 }, { .size = 4, .byte = 8 } };
	const struct script_call calls[] = { IN,
					     WRITE(10, 4, BYTE(7)),
					     WRITE(6, -EINTR),
					     WRITE(6, -EAGAIN),
					     WRITE(6, 6, BYTE(7)),
					     WRITE(4, 3, BYTE(8)),
					     WRITE(1, 1, BYTE(8)),
					     RUN };

	(void)state;
	assert_int_equal(RESTORE(calls, pieces), 0);
	assert_int_equal(move.bytes, 14);
	assert_int_equal(move.transactions, 2);
	done();
}

static void test_nothing(void **state)
{
	const struct script_call calls[] = { IN, RUN };

	(void)state;
	assert_int_equal(run_restore(&mig_proto_v2, calls, COUNT(calls), NULL, 0, 0), 0);
	done();
}

static void test_refused_data(void **state)
{
	const struct script_call zero[] = { IN, WRITE(10, 0), RESCUE };
	const struct script_call eio[] = { IN, WRITE(10, -EIO), RESCUE };

	(void)state;
	was_reset(RESTORE(zero, one), MIG_KIND_FAILED, EPROTO);
	was_reset(RESTORE(eio, one), MIG_KIND_FAILED, EIO);
}

static void test_load_refused(void **state)
{
	const struct script_call calls[] = { IN,          WRITE(10, 10),
					     V2_GET('M'), V2_SET('S', -1, -EINVAL),
					     V2_GET('M'), RESCUE };

	(void)state;
	was_reset(RESTORE(calls, one), MIG_KIND_NAK, EINVAL);
}

static void test_no_data_fd(void **state)
{
	const struct script_call calls[] = { FOUND, V2_GO('S', -1), V2_GO('M', -1), RESCUE };

	(void)state;
	assert_int_equal(RESTORE(calls, one), -EPROTO);
	says("no data_fd");
	assert_true(move.reset_attempted);
	done();
}

/* On the way to RESUMING it only stopped. */
static void test_nak_on_the_way(void **state)
{
	const struct script_call calls[] = { FOUND,       V2_GO('S', -1), V2_SET('M', -1, -EBUSY),
					     V2_GET('S'), V2_GET('S'),    V2_GO('R', -1) };

	(void)state;
	assert_int_equal(RESTORE(calls, one), -EBUSY);
	ONLY(MIG_KIND_NAK);
	assert_true(move.touched);
	assert_false(move.reset_attempted || move.left);
	is_in('R');
	done();
}

/* The driver does not let go of its file: even so nothing more is asked of it. */
static void test_close_hangs(void **state)
{
	const struct script_call calls[] = { IN, WRITE(10, -EIO), V2_GET('M') };

	(void)state;
	close_hangs = true;
	assert_int_equal(RESTORE(calls, one), -EIO);
	ONLY(MIG_KIND_TIMEOUT);
	says("writing the data_fd");
	assert_int_equal(script.after_stuck, 0);
	assert_false(move.reset_attempted);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stream, reset_options),
		cmocka_unit_test_setup(test_short_writes, reset_options),
		cmocka_unit_test_setup(test_nothing, reset_options),
		cmocka_unit_test_setup(test_refused_data, reset_options),
		cmocka_unit_test_setup(test_load_refused, reset_options),
		cmocka_unit_test_setup(test_no_data_fd, reset_options),
		cmocka_unit_test_setup(test_nak_on_the_way, reset_options),
		cmocka_unit_test_setup(test_close_hangs, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
