// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving by the v1 protocol, where the driver keeps to it in one way or another. */
#include "test_move_v1_save.h"

/*
 * The order of the specification, each transaction a piece of its own. One
 * that is as the last one was rides along; of one that is not, data_size ends
 * the batch, and no byte was read by a wrong one.
 */
static void test_order(void **state)
{
	const struct script_call calls[] = { OUT,
					     PENDING(9000),
					     OFFSET(0x20),
					     SIZE(4096), /* a batch */
					     DATA(0x20, 4096, 4096, .reply = "a", .reply_size = 1),
					     PENDING(4904),
					     OFFSET(0x20),
					     SIZE(4096),
					     DATA(0x20, 4096, 4096, .reply = "b", .reply_size = 1),
					     PENDING(808),
					     OFFSET(0x20),
					     SIZE(808), /* a batch */
					     DATA(0x20, 808, 808, .reply = "c", .reply_size = 1),
					     PENDING(0), /* a batch */
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(9000, 3);
	assert_int_equal(script.batches, 3);
	assert_int_equal(taken.count, 3);
	assert_int_equal(taken.sizes[0], 4096);
	assert_int_equal(taken.sizes[2], 808);
	assert_memory_equal(taken.first, "abc", 3);
	assert_false(taken.more[0] || taken.more[1] || taken.more[2]);
	assert_int_equal(move.precopy_rounds, 0);
	assert_true(move.stop_usec <= move.usec);
	went("CSR");
	is_in('R');
	done();
}

static void test_nothing(void **state)
{
	const struct script_call none[] = { OUT, PENDING(0), HOME };
	/* mlx5 as posted reads as nothing. */
	const struct script_call empty[] = { OUT, REGISTER(8, 0), HOME };

	(void)state;
	assert_int_equal(SAVE(none), 0);
	all_is_well(0, 0);
	done();
	assert_int_equal(SAVE(empty), 0);
	all_is_well(0, 0);
	done();
}

static void test_leave_stopped(void **state)
{
	const struct script_call calls[] = { OUT, PENDING(0), GET('C'), GO('S') };

	(void)state;
	options.leave_stopped = true;
	assert_int_equal(SAVE(calls), 0);
	went("CS");
	is_in('S');
	assert_false(move.left);
	done();
}

/* As QEMU saved a stopped VM: S -> C, which the reviewed table does not have. */
static void test_stopped_before(void **state)
{
	const struct script_call calls[] = { GET('S'), GO('C'), PENDING(0), GET('C'), GO('S') };

	(void)state;
	options.precopy = true; /* that is for a device at work */
	assert_int_equal(SAVE(calls), 0);
	went("CS");
	assert_int_equal(move.stop_usec, 0); /* not by us */
	done();
}

static void test_reserved_bits(void **state)
{
	const struct script_call calls[] = {
		GET_RAW(0xab1),
		CALL_(PWRITE, DEVICE, 4, 4, .offset = AT, .expect = (const uint32_t[]){ 0xab2 },
		      .expect_size = 4),
		GET_RAW(0xab2),
		PENDING(0),
		GET_RAW(0xcd2),
		CALL_(PWRITE, DEVICE, 4, 4, .offset = AT, .expect = (const uint32_t[]){ 0xcd0 },
		      .expect_size = 4),
		GET_RAW(0xcd0)
	};

	(void)state;
	options.leave_stopped = true;
	assert_int_equal(SAVE(calls), 0);
	done();
}

/* More than a slot holds goes on in the next ones, and more than the ring shows in the next batch.
 */
static void test_large_window(void **state)
{
	const size_t size = 3 * MIB + 5;
	const struct script_call calls[] = { OUT,
					     PENDING(size + 7),
					     OFFSET(0x20),
					     SIZE(size),
					     DATA(0x20, MIB, MIB),
					     DATA(0x20 + MIB, MIB, MIB), /* half of the ring */
					     DATA(0x20 + 2 * MIB, MIB, MIB),
					     DATA(0x20 + 3 * MIB, 5, 5),
					     PENDING(7),
					     OFFSET(0x20),
					     SIZE(7),
					     DATA(0x20, 7, 7),
					     PENDING(0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(size + 7, 2);
	assert_int_equal(script.batches, 4);
	assert_int_equal(taken.count, 5);
	assert_true(taken.more[0] && taken.more[1] && taken.more[2]);
	assert_false(taken.more[3] || taken.more[4]);
	assert_int_equal(taken.sizes[3], 5);
	done();
}

/* What was read is never read again: only the rest is asked for. */
static void test_short_reads(void **state)
{
	const size_t size = MIB + 10;
	const struct script_call calls[] = { OUT,
					     PENDING(size),
					     OFFSET(0x20),
					     SIZE(size),
					     DATA(0x20, MIB, 1000, .reply = "a", .reply_size = 1),
					     DATA(0x20 + 1000, MIB - 1000, MIB - 1001),
					     DATA(0x20 + MIB - 1, 1, 1),
					     DATA(0x20 + MIB, 10, 9, .reply = "b", .reply_size = 1),
					     DATA(0x20 + MIB + 9, 1, -EINTR),
					     DATA(0x20 + MIB + 9, 1, 1),
					     PENDING(0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(size, 1);
	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.sizes[0], MIB);
	assert_true(taken.more[0]);
	assert_memory_equal(taken.first, "ab", 2);
	done();
}

static void test_interrupted_registers(void **state)
{
	const struct script_call calls[] = { OUT,
					     REGISTER(8, -EINTR),
					     PENDING(4),
					     REGISTER(0x10, -EINTR),
					     OFFSET(0x20),
					     REGISTER(0x18, -EINTR),
					     SIZE(4),
					     DATA(0x20, 4, 4),
					     REGISTER(8, -EINTR),
					     PENDING(0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(4, 1);
	done();
}

/* The last pending_bytes of mlx5 as posted counts the window before it; data_size 0 is the end. */
static void test_mlx5(void **state)
{
	const struct script_call calls[] = { OUT,
					     PENDING(200),
					     OFFSET(0x20),
					     SIZE(100),
					     DATA(0x20, 100, 100),
					     PENDING(200),
					     OFFSET(0x20),
					     SIZE(100),
					     DATA(0x20, 100, 100),
					     PENDING(100),
					     OFFSET(0x20),
					     SIZE(0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(200, 2);
	done();
}

/* i40e's RFC has no data_offset: it is asked once. */
static void test_i40e(void **state)
{
	const struct script_call calls[] = { OUT,      PENDING(20),        REGISTER(0x10, -EFAULT),
					     SIZE(10), DATA(0x20, 10, 10), PENDING(10),
					     SIZE(10), DATA(0x20, 10, 10), PENDING(0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(20, 2);
	done();
}

/* Each window is read where its own data_offset says, aligned or not. */
static void test_offset_moves(void **state)
{
	const struct script_call calls[] = { OUT,
					     PENDING(30),
					     OFFSET(0x21),
					     SIZE(10),
					     DATA(0x21, 10, 10),
					     PENDING(20),
					     OFFSET(0x63),
					     SIZE(10),
					     DATA(0x63, 10, 10),
					     PENDING(10),
					     OFFSET(REGION - 10),
					     SIZE(10),
					     DATA(REGION - 10, 10, 10),
					     PENDING(0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(30, 3);
	done();
}

static void announce_memory(void)
{
	port.region.mmap = true;
	port.region.areas = 1;
	port.region.area[0] = (struct mig_area){ 0x1000, 0x2000 };
}

/* Mapped once; a window that is not wholly inside is read. */
static void test_memory(void **state)
{
	static uint8_t memory[0x2000];
	const struct script_call calls[] = { OUT,
					     PENDING(30),
					     OFFSET(0x1000),
					     SIZE(10),
					     CALL_(MAP, DEVICE, 0x2000, 0, .offset = AT + 0x1000,
						   .reply = memory),
					     CALL_(COPY, 0, 10, 10),
					     PENDING(20),
					     OFFSET(0x2ff6),
					     SIZE(10),
					     CALL_(COPY, 0, 10, 10),
					     PENDING(10),
					     OFFSET(0x2ff7),
					     SIZE(10),
					     DATA(0x2ff7, 10, 10),
					     PENDING(0),
					     HOME };

	(void)state;
	memory[0] = 'x';
	memory[0x1ff6] = 'y';
	announce_memory();
	assert_int_equal(SAVE(calls), 0);
	all_is_well(30, 3);
	assert_memory_equal(taken.first, "xy", 2);
	done();
}

/* Nothing is copied from beyond what was mapped. */
static void test_window_larger_than_memory(void **state)
{
	const struct script_call calls[] = { OUT,
					     PENDING(0x2001),
					     OFFSET(0x1000),
					     SIZE(0x2001),
					     DATA(0x1000, 0x2001, 0x2001),
					     PENDING(0),
					     HOME };

	(void)state;
	announce_memory();
	assert_int_equal(SAVE(calls), 0);
	all_is_well(0x2001, 1);
	done();
}

static void test_memory_refused(void **state)
{
	const struct script_call calls[] = { OUT,
					     PENDING(20),
					     OFFSET(0x1000),
					     SIZE(10),
					     CALL_(MAP, DEVICE, 0x2000, -EINVAL,
						   .offset = AT + 0x1000),
					     DATA(0x1000, 10, 10),
					     PENDING(10),
					     OFFSET(0x1000),
					     SIZE(10),
					     DATA(0x1000, 10, 10),
					     PENDING(0),
					     HOME };

	(void)state;
	announce_memory();
	assert_int_equal(SAVE(calls), 0);
	all_is_well(20, 2);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_order, reset_options),
		cmocka_unit_test_setup(test_nothing, reset_options),
		cmocka_unit_test_setup(test_leave_stopped, reset_options),
		cmocka_unit_test_setup(test_stopped_before, reset_options),
		cmocka_unit_test_setup(test_reserved_bits, reset_options),
		cmocka_unit_test_setup(test_large_window, reset_options),
		cmocka_unit_test_setup(test_short_reads, reset_options),
		cmocka_unit_test_setup(test_interrupted_registers, reset_options),
		cmocka_unit_test_setup(test_mlx5, reset_options),
		cmocka_unit_test_setup(test_i40e, reset_options),
		cmocka_unit_test_setup(test_offset_moves, reset_options),
		cmocka_unit_test_setup(test_memory, reset_options),
		cmocka_unit_test_setup(test_window_larger_than_memory, reset_options),
		cmocka_unit_test_setup(test_memory_refused, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
