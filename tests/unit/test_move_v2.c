// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving by the v2 protocol: a stream out of the data_fd. */
#include "test_move_v2_save.h"

#define OUT V2_GET('R'), NO_SIZE, V2_GO('S', -1), V2_GO('C', DATA_FD)

static void test_stream(void **state)
{
	const struct script_call calls[] = { OUT,
					     READ(MIB, MIB), /* a batch: half of the ring */
					     READ(MIB, MIB, .during = time_passes),
					     READ(MIB, MIB), /* a batch, however late */
					     READ(MIB, 0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	went("SCSR");
	assert_int_equal(script.batches, 2);
	assert_int_equal(script.closed_count, 1);
	assert_int_equal(script.closed[0], DATA_FD); /* before the device runs again */
	all_is_well(3 * (uint64_t)MIB, 3);
}

static void test_nothing(void **state)
{
	const struct script_call calls[] = { OUT, READ(MIB, 0), HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(0, 0);
}

/*
 * Slots are filled whole, however little the driver gives at a time; what it
 * gave last is what it is asked for, and the last call of a batch for the rest.
 */
static void test_short_reads(void **state)
{
	const size_t grain = MIB / 2 + 1, rest = MIB - grain;
	const struct script_call calls[] = { OUT,
					     READ(MIB, grain, .reply = "a", .reply_size = 1),
					     READ(rest, rest),
					     READ(grain, grain, .reply = "b", .reply_size = 1),
					     READ(rest, rest - 7), /* less still */
					     READ(7, 7),
					     READ(rest - 7, rest - 7, .reply = "c",
						  .reply_size = 1),
					     READ(rest - 7, 3),
					     READ(3, 0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(taken.sizes[0], MIB);
	assert_int_equal(taken.sizes[1], MIB);
	assert_int_equal(taken.sizes[2], rest - 4);
	assert_memory_equal(taken.first, "abc", 3);
	all_is_well(2 * (uint64_t)MIB + rest - 4, 3);
}

/* A driver of small reads, and then of large ones: the last call of a batch finds out. */
static void test_small_reads(void **state)
{
	struct script_call calls[128] = { OUT, READ(MIB, 4096) };
	const struct script_call end[] = { READ(MIB, 0), HOME }, small = READ(4096, 4096);
	size_t count = 7;

	(void)state;
	ring_slots = 2;
	for (int i = 0; i < 63; i++)
		calls[count++] = small;
	calls[count++] = (struct script_call)READ(MIB - 64 * 4096, MIB - 64 * 4096);
	memcpy(calls + count, end, sizeof(end));
	assert_int_equal(run_save(&mig_proto_v2, calls, count + COUNT(end)), 0);
	assert_int_equal(script.batches, 3);
	all_is_well(MIB, 1);
}

/* The end comes in a batch that has filled a slot and begun the next one. */
static void test_ends_in_second_slot(void **state)
{
	const size_t half = MIB / 2;
	const struct script_call calls[] = { OUT,
					     READ(MIB, half, .reply = "a", .reply_size = 1),
					     READ(half, half),
					     READ(half, half, .reply = "b", .reply_size = 1),
					     READ(half, 0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	assert_int_equal(taken.sizes[0], MIB);
	assert_int_equal(taken.sizes[1], half);
	assert_memory_equal(taken.first, "ab", 2);
	all_is_well(MIB + half, 2);
}

static void test_try_again(void **state)
{
	const struct script_call calls[] = { OUT,          READ(MIB, -EINTR), READ(MIB, -EAGAIN),
					     READ(MIB, 5), READ(5, -EINTR),   READ(5, 0),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), 0);
	all_is_well(5, 1);
}

static void test_read_fails(void **state)
{
	const struct script_call eio[] = { OUT, READ(MIB, 10), READ(10, -EIO), HOME };
	const struct script_call ended[] = { OUT, READ(MIB, -ENODEV), HOME };
	/* In stop-and-copy it is no end. */
	const struct script_call nomsg[] = { OUT, READ(MIB, -ENOMSG), HOME };

	(void)state;
	brought_back(SAVE(eio), MIG_KIND_FAILED, EIO);
	assert_int_equal(SAVE(ended), -ENODEV);
	says("ended the session");
	brought_back(-ENODEV, MIG_KIND_FAILED, ENODEV);
	brought_back(SAVE(nomsg), MIG_KIND_FAILED, ENOMSG);
}

static void test_faulted(void **state)
{
	const struct script_call calls[] = { OUT, READ(MIB, -EIO), V2_GET('E') };

	(void)state;
	assert_int_equal(SAVE(calls), -EIO);
	ONLY(MIG_KIND_FAULTED);
	assert_true(move.left);
	went("SC");
	done();
}

static void test_no_data_fd(void **state)
{
	const struct script_call calls[] = { V2_GET('R'), NO_SIZE, V2_GO('S', -1), V2_GO('C', -1),
					     HOME };

	(void)state;
	assert_int_equal(SAVE(calls), -EPROTO);
	says("no data_fd");
	brought_back(-EPROTO, MIG_KIND_FAILED, EPROTO);
}

/* Half of a composed way was gone: back by what is legal from there. */
static void test_nak_on_the_way(void **state)
{
	const struct script_call calls[] = { V2_GET('R'),    NO_SIZE,
					     V2_GO('S', -1), V2_SET('C', -1, -EBUSY),
					     V2_GET('S'),    V2_GET('S'),
					     V2_GO('R', -1) };

	(void)state;
	brought_back(SAVE(calls), MIG_KIND_NAK, EBUSY);
}

static void test_p2p_before(void **state)
{
	const struct script_call calls[] = { V2_GET('r'),         NO_SIZE,       V2_GO('S', -1),
					     V2_GO('C', DATA_FD), READ(MIB, 0),  V2_GET('C'),
					     V2_GO('S', -1),      V2_GO('r', -1) };

	(void)state;
	port.caps = MIG_CAPS_ALL;
	options.precopy = true;
	assert_int_equal(SAVE(calls), 0);
	is_in('r');
	done();
}

/* The way to stop is walked a step at a time, and the signal is looked at between them. */
static void test_interrupted(void **state)
{
	const struct script_call calls[] = {
		V2_GET('R'), NO_SIZE,     IOCTL_(DEVICE, FEATURE, 0, .during = interrupt),
		V2_GET('S'), V2_GET('S'), V2_GO('R', -1)
	};

	(void)state;
	brought_back(SAVE(calls), MIG_KIND_FAILED, EINTR);
}

/* 2 MiB at 8 MiB a second; it is told of meanwhile, with the driver's estimate. */
static void test_rate_and_progress(void **state)
{
	const struct script_call calls[] = { V2_GET('R'),    V2_SIZE(2 * MIB),
					     V2_GO('S', -1), V2_GO('C', DATA_FD),
					     READ(MIB, MIB), READ(MIB, MIB),
					     READ(MIB, 0),   HOME };

	(void)state;
	watcher = &watching;
	options.rate = 8 * MIB;
	assert_int_equal(SAVE(calls), 0);
	assert_in_range(move.usec, 250000, 5000000);
	assert_in_range(move.stop_usec, 250000, move.usec);
	assert_in_range(seen_count, 2, 6 + move.usec / 100000);
	assert_int_equal(seen[0].bytes, 0);
	assert_int_equal(seen[1].bytes, 2 * MIB);
	assert_int_equal(seen[1].phase, MIG_PHASE_STOP_COPY);
	assert_true(seen[1].total_known && seen[1].stopped_usec > 0);
	assert_int_equal(seen[1].total, 2 * MIB);
	all_is_well(2 * MIB, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stream, reset_options),
		cmocka_unit_test_setup(test_nothing, reset_options),
		cmocka_unit_test_setup(test_short_reads, reset_options),
		cmocka_unit_test_setup(test_small_reads, reset_options),
		cmocka_unit_test_setup(test_ends_in_second_slot, reset_options),
		cmocka_unit_test_setup(test_try_again, reset_options),
		cmocka_unit_test_setup(test_read_fails, reset_options),
		cmocka_unit_test_setup(test_faulted, reset_options),
		cmocka_unit_test_setup(test_no_data_fd, reset_options),
		cmocka_unit_test_setup(test_nak_on_the_way, reset_options),
		cmocka_unit_test_setup(test_p2p_before, reset_options),
		cmocka_unit_test_setup(test_interrupted, reset_options),
		cmocka_unit_test_setup(test_rate_and_progress, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
