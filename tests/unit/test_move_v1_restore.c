// SPDX-License-Identifier: GPL-2.0-or-later
/* Restoring by the v1 protocol. */
#include "test_move_fake.h"

#define RESTORE(calls, pieces) \
	run_restore(&mig_proto_v1, calls, COUNT(calls), pieces, COUNT(pieces), 0)
/* Found, and found again once there is something to load. */
#define FOUND GET('R'), GET('R')
#define IN FOUND, GO('M')
/* The look, the load, and on. */
#define RUN GET('M'), GO('S'), GO('R')
#define BYTE(value) .expect = (const uint8_t[]){ value }, .expect_size = 1

/* In the order and by the transactions of the saving side. */
static void test_order(void **state)
{
	const struct piece pieces[] = { { .size = 10, .byte = 1 },
					{ .size = 10, .byte = 2 },
					{ .size = 3, .byte = 3 } };
	const struct script_call calls[] = { IN,
					     OFFSET(0x20), /* a batch */
					     PUT_DATA(0x20, 10, 10, BYTE(1)),
					     PUT_SIZE(10, 8),
					     OFFSET(0x20),
					     PUT_DATA(0x20, 10, 10, BYTE(2)),
					     PUT_SIZE(10, 8),
					     OFFSET(0x40), /* it moved */
					     PUT_DATA(0x40, 3, 3, BYTE(3)),
					     PUT_SIZE(3, 8),
					     RUN };

	(void)state;
	assert_int_equal(RESTORE(calls, pieces), 0);
	assert_int_equal(script.batches, 3);
	assert_int_equal(move.bytes, 23);
	assert_int_equal(move.transactions, 3);
	assert_true(move.touched);
	assert_false(move.reset_attempted);
	assert_true(move.load_usec <= move.usec);
	assert_true(move.stop_usec <= move.usec);
	went("MSR");
	is_in('R');
	done();
}

static void test_leave_stopped(void **state)
{
	const struct script_call calls[] = {
		IN, OFFSET(0x20), PUT_DATA(0x20, 10, 10), PUT_SIZE(10, 8), GET('M'), GO('S')
	};

	(void)state;
	options.leave_stopped = true;
	assert_int_equal(RESTORE(calls, one), 0);
	went("MS");
	assert_false(move.left);
	done();
}

static void test_stopped_before(void **state)
{
	const struct script_call calls[] = {
		GET('S'),        GET('S'), GO('M'), OFFSET(0x20), PUT_DATA(0x20, 10, 10),
		PUT_SIZE(10, 8), RUN
	};

	(void)state;
	assert_int_equal(RESTORE(calls, one), 0);
	done();
}

static void test_nothing(void **state)
{
	const struct script_call calls[] = { IN, RUN };

	(void)state;
	assert_int_equal(run_restore(&mig_proto_v1, calls, COUNT(calls), NULL, 0, 0), 0);
	done();
}

/* One transaction of several slots has one data_size. */
static void test_large_transaction(void **state)
{
	const struct piece pieces[] = { { .size = MIB, .more = true, .byte = 1 },
					{ .size = MIB, .more = true, .byte = 2 },
					{ .size = 5, .byte = 3 },
					{ .size = 4, .byte = 4 } };
	const struct script_call calls[] = { IN,
					     OFFSET(0x20),
					     PUT_DATA(0x20, MIB, MIB, BYTE(1)),
					     PUT_DATA(0x20 + MIB, MIB, MIB, BYTE(2)),
					     PUT_DATA(0x20 + 2 * MIB, 5, 5, BYTE(3)),
					     PUT_SIZE(2 * MIB + 5, 8),
					     OFFSET(0x20),
					     PUT_DATA(0x20, 4, 4, BYTE(4)),
					     PUT_SIZE(4, 8),
					     RUN };

	(void)state;
	assert_int_equal(RESTORE(calls, pieces), 0);
	assert_int_equal(move.transactions, 2);
	done();
}

/* What a file of another's making may hold: nothing is what is made of it. */
static void test_pieces_of_nothing(void **state)
{
	const struct piece pieces[] = { { .size = 0 },
					{ .size = 4, .more = true, .byte = 1 },
					{ .size = 0, .more = true },
					{ .size = 0 },
					{ .size = 0 },
					{ .size = 4, .byte = 2 } };
	const struct script_call calls[] = { IN,
					     OFFSET(0x20),
					     PUT_DATA(0x20, 4, 4, BYTE(1)),
					     PUT_SIZE(4, 8),
					     OFFSET(0x20),
					     PUT_DATA(0x20, 4, 4, BYTE(2)),
					     PUT_SIZE(4, 8),
					     RUN };

	(void)state;
	assert_int_equal(RESTORE(calls, pieces), 0);
	assert_int_equal(move.transactions, 2);
	done();
}

static void test_short_writes(void **state)
{
	const struct script_call calls[] = { IN,
					     REGISTER(0x10, -EINTR),
					     OFFSET(0x20),
					     PUT_DATA(0x20, 10, 4),
					     PUT_DATA(0x24, 6, -EINTR),
					     PUT_DATA(0x24, 6, 6, BYTE(7)),
					     PUT_SIZE(10, -EINTR),
					     PUT_SIZE(10, 8),
					     RUN };

	(void)state;
	assert_int_equal(RESTORE(calls, one), 0);
	assert_int_equal(move.bytes, 10);
	done();
}

static void test_i40e(void **state)
{
	const struct piece pieces[] = { { .size = 10 }, { .size = 10 } };
	const struct script_call calls[] = { IN,
					     REGISTER(0x10, -EFAULT),
					     PUT_DATA(0x20, 10, 10),
					     PUT_SIZE(10, 8),
					     PUT_DATA(0x20, 10, 10),
					     PUT_SIZE(10, 8),
					     RUN };

	(void)state;
	assert_int_equal(RESTORE(calls, pieces), 0);
	done();
}

static void test_memory(void **state)
{
	static uint8_t memory[0x1000];
	const struct script_call calls[] = { IN,
					     OFFSET(0x1010),
					     CALL_(MAP, DEVICE, 0x1000, 0, .offset = AT + 0x1000,
						   .reply = memory),
					     CALL_(COPY, 0, 10, 10),
					     PUT_SIZE(10, 8),
					     RUN };

	(void)state;
	port.region.mmap = true;
	port.region.areas = 1;
	port.region.area[0] = (struct mig_area){ 0x1000, 0x1000 };
	assert_int_equal(RESTORE(calls, one), 0);
	assert_int_equal(memory[0x0f], 0);
	assert_int_equal(memory[0x10], 7);
	assert_int_equal(memory[0x19], 7);
	assert_int_equal(memory[0x1a], 0);
	done();
}

static void test_refused_states(void **state)
{
	static const char letters[] = "PCME";

	(void)state;
	for (size_t i = 0; i < COUNT(letters) - 1; i++) {
		const struct script_call calls[] = { GET(letters[i]) };

		assert_int_equal(RESTORE(calls, one), -EPERM);
		ONLY(MIG_KIND_REFUSED);
		assert_false(move.touched);
		done();
	}
}

/* What is wrong before its first piece does not cost the device its state. */
static void test_input_bad_at_once(void **state)
{
	const struct script_call calls[] = { GET('R') };

	(void)state;
	assert_int_equal(run_restore(&mig_proto_v1, calls, COUNT(calls), one, 0, EILSEQ), -EILSEQ);
	assert_true(move.other_side);
	assert_false(move.touched);
	ONLY(MIG_KIND_OK);
	is_in('R');
	done();
}

/* While a pipe let us wait: a SET from _ERROR would be a warning of the kernel's. */
static void test_faulted_meanwhile(void **state)
{
	const struct script_call calls[] = { GET('R'), GET('E') };

	(void)state;
	assert_int_equal(RESTORE(calls, one), -EIO);
	ONLY(MIG_KIND_FAULTED);
	says("faulted by itself");
	assert_int_equal(move.count, 0);
	is_in('E');
	done();
}

/* It never was in RESUMING: nothing to be rid of. */
static void test_never_resumed(void **state)
{
	const struct script_call nak[] = { FOUND, PUT('M', -EBUSY), GET('R'), GET('R') };
	const struct script_call fault[] = { FOUND, PUT('M', -EIO), GET('E'), GET('E') };
	const struct script_call astray[] = { FOUND, PUT('M', -EIO), GET('S'), GET('S'), GO('R') };

	(void)state;
	assert_int_equal(RESTORE(nak, one), -EBUSY);
	ONLY(MIG_KIND_NAK);
	assert_false(move.touched || move.reset_attempted || move.left);
	done();
	assert_int_equal(RESTORE(fault, one), -EIO);
	ONLY(MIG_KIND_FAULTED);
	assert_true(move.touched && move.left);
	assert_false(move.reset_attempted);
	done();
	assert_int_equal(RESTORE(astray, one), -EIO);
	ONLY(MIG_KIND_ASTRAY);
	assert_false(move.reset_attempted || move.left);
	is_in('R');
	done();
}

/* Whole and loaded, only not running: no reset throws that away. */
static void test_loaded_but_stopped(void **state)
{
	const struct script_call calls[] = {
		IN,       OFFSET(0x20), PUT_DATA(0x20, 10, 10), PUT_SIZE(10, 8),
		GET('M'), GO('S'),      PUT('R', -EBUSY),       GET('S'),
		GET('S')
	};

	(void)state;
	assert_int_equal(RESTORE(calls, one), -EBUSY);
	ONLY(MIG_KIND_NAK);
	assert_true(move.left);
	assert_false(move.reset_attempted);
	is_in('S');
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_order, reset_options),
		cmocka_unit_test_setup(test_leave_stopped, reset_options),
		cmocka_unit_test_setup(test_stopped_before, reset_options),
		cmocka_unit_test_setup(test_nothing, reset_options),
		cmocka_unit_test_setup(test_large_transaction, reset_options),
		cmocka_unit_test_setup(test_pieces_of_nothing, reset_options),
		cmocka_unit_test_setup(test_short_writes, reset_options),
		cmocka_unit_test_setup(test_i40e, reset_options),
		cmocka_unit_test_setup(test_memory, reset_options),
		cmocka_unit_test_setup(test_refused_states, reset_options),
		cmocka_unit_test_setup(test_input_bad_at_once, reset_options),
		cmocka_unit_test_setup(test_faulted_meanwhile, reset_options),
		cmocka_unit_test_setup(test_never_resumed, reset_options),
		cmocka_unit_test_setup(test_loaded_but_stopped, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
