// SPDX-License-Identifier: GPL-2.0-or-later
/* Restoring by the v1 protocol, and what is done with a device that got a part. */
#include "test_move_fake.h"

#define RESTORE(calls, pieces) \
	run_restore(&mig_proto_v1, calls, COUNT(calls), pieces, COUNT(pieces), 0)
/* Found, and found again once there is something to load. */
#define FOUND GET('R'), GET('R')
#define IN FOUND, GO('M')
/* A failure in RESUMING: a look, the reset, another look. */
#define RESCUE GET('M'), RESET, GET('R')

static void was_reset(int ret, enum mig_kind kind, int err)
{
	assert_int_equal(ret, -err);
	ONLY(kind);
	assert_true(move.touched);
	assert_true(move.reset_attempted);
	assert_int_equal(move.reset_outcome, MIG_OUTCOME_ACCEPTED);
	assert_false(move.left);
	is_in('R');
	says("was reset, and is running");
	done();
}

static void test_does_not_fit(void **state)
{
	const struct piece pieces[] = { { .size = 10 }, { .size = 100 } };
	const struct script_call first[] = { IN, OFFSET(REGION - 9), RESCUE };
	const struct script_call later[] = { IN,
					     OFFSET(REGION - 20),
					     PUT_DATA(REGION - 20, 10, 10),
					     PUT_SIZE(10, 8),
					     OFFSET(REGION - 20),
					     RESCUE };
	const struct script_call header[] = { IN, OFFSET(0x18), RESCUE };
	const struct script_call far[] = { IN, OFFSET(UINT64_MAX - 3), RESCUE };

	(void)state;
	was_reset(RESTORE(first, one), MIG_KIND_FAILED, EPROTO);
	was_reset(RESTORE(later, pieces), MIG_KIND_FAILED, EPROTO);
	was_reset(RESTORE(header, one), MIG_KIND_FAILED, EPROTO);
	was_reset(RESTORE(far, one), MIG_KIND_FAILED, EPROTO);
}

static void test_large_does_not_fit(void **state)
{
	const struct piece pieces[] = { { .size = MIB, .more = true },
					{ .size = MIB, .more = true },
					{ .size = MIB, .more = true },
					{ .size = MIB } };
	const struct script_call calls[] = { IN,
					     OFFSET(0x20),
					     PUT_DATA(0x20, MIB, MIB),
					     PUT_DATA(0x20 + MIB, MIB, MIB),
					     PUT_DATA(0x20 + 2 * MIB, MIB, MIB),
					     RESCUE };

	(void)state;
	was_reset(RESTORE(calls, pieces), MIG_KIND_FAILED, EPROTO);
}

static void test_refused_data(void **state)
{
	const struct script_call offset[] = { IN, REGISTER(0x10, -EIO), RESCUE };
	const struct script_call zero[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, 0), RESCUE };
	const struct script_call data[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, -EINVAL), RESCUE };
	const struct script_call size[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, 10),
					    PUT_SIZE(10, -EINVAL), RESCUE };
	const struct script_call part[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, 10),
					    PUT_SIZE(10, 4), RESCUE };
	const struct script_call none[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, 10),
					    PUT_SIZE(10, 0), RESCUE };

	(void)state;
	was_reset(RESTORE(offset, one), MIG_KIND_FAILED, EIO);
	was_reset(RESTORE(zero, one), MIG_KIND_FAILED, EPROTO);
	was_reset(RESTORE(data, one), MIG_KIND_FAILED, EINVAL);
	was_reset(RESTORE(size, one), MIG_KIND_FAILED, EINVAL);
	was_reset(RESTORE(part, one), MIG_KIND_FAILED, EPROTO);
	was_reset(RESTORE(none, one), MIG_KIND_FAILED, EPROTO);
}

/* The file that ends within a transaction never runs. */
static void test_part_of_a_transaction(void **state)
{
	const struct piece pieces[] = { { .size = 10, .more = true } };
	const struct script_call calls[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, 10), RESCUE };

	(void)state;
	was_reset(RESTORE(calls, pieces), MIG_KIND_BAD_STATE, EIO);
}

/* The signal in the middle, and at the very end: what is not loaded yet is never loaded. */
static void test_interrupted(void **state)
{
	const struct script_call early[] = { FOUND, PUT('M', 4),
					     CALL_(PREAD, DEVICE, 4, 4, .offset = AT,
						   RAW(V1_RAW('M')), .during = interrupt),
					     RESCUE };
	const struct script_call late[] = { IN,
					    OFFSET(0x20),
					    PUT_DATA(0x20, 10, 10),
					    PUT_SIZE(10, 8),
					    CALL_(PREAD, DEVICE, 4, 4, .offset = AT,
						  RAW(V1_RAW('M')), .during = interrupt),
					    RESCUE };

	(void)state;
	was_reset(RESTORE(early, one), MIG_KIND_FAILED, EINTR);
	was_reset(RESTORE(late, one), MIG_KIND_FAILED, EINTR);
}

static void test_load_refused(void **state)
{
	const struct script_call nak[] = { IN,
					   OFFSET(0x20),
					   PUT_DATA(0x20, 10, 10),
					   PUT_SIZE(10, 8),
					   GET('M'),
					   PUT('S', -EINVAL),
					   GET('M'),
					   RESCUE };
	const struct script_call fault[] = { IN,
					     OFFSET(0x20),
					     PUT_DATA(0x20, 10, 10),
					     PUT_SIZE(10, 8),
					     GET('M'),
					     PUT('S', -EINVAL),
					     GET('E'),
					     GET('E'),
					     RESET,
					     GET('R') };
	const struct script_call itself[] = {
		IN,    OFFSET(0x20), PUT_DATA(0x20, 10, 10), PUT_SIZE(10, 8), GET('E'), GET('E'),
		RESET, GET('R')
	};

	(void)state;
	was_reset(RESTORE(nak, one), MIG_KIND_NAK, EINVAL);
	was_reset(RESTORE(fault, one), MIG_KIND_FAULTED, EINVAL);
	was_reset(RESTORE(itself, one), MIG_KIND_FAULTED, EIO);
}

static void test_no_reset(void **state)
{
	const struct script_call calls[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, -EIO), GET('M') };

	(void)state;
	resets = false;
	assert_int_equal(RESTORE(calls, one), -EIO);
	ONLY(MIG_KIND_ASTRAY);
	says("writing the data");
	says("no reset");
	says("left in resuming");
	assert_non_null(strstr(error.hint, "unbind"));
	assert_true(move.left);
	assert_false(move.reset_attempted);
	done();
}

static void test_reset_fails(void **state)
{
	static const struct {
		int answer;
		char after;
		enum mig_outcome outcome;
		enum mig_kind kind;
	} cases[] = { { -EIO, 'M', MIG_OUTCOME_NAK, MIG_KIND_ASTRAY },
		      { -EIO, 'E', MIG_OUTCOME_FAULTED, MIG_KIND_FAULTED },
		      { 0, 'E', MIG_OUTCOME_FAULTED, MIG_KIND_FAULTED },
		      { 0, 'S', MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY },
		      { -EIO, 'R', MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_call calls[] = { IN,
						     OFFSET(0x20),
						     PUT_DATA(0x20, 10, -EIO),
						     GET('M'),
						     IOCTL_(DEVICE, VFIO_DEVICE_RESET,
							    cases[i].answer),
						     GET(cases[i].after) };

		assert_int_equal(RESTORE(calls, one), -EIO);
		ONLY(cases[i].kind);
		assert_int_equal(move.reset_outcome, cases[i].outcome);
		assert_true(move.reset_attempted && move.left);
		says("writing the data");
		is_in(cases[i].after);
		done();
	}
}

/* The file turned out to be damaged: we reset, the other side tells why. */
static void test_damage_in_the_middle(void **state)
{
	const struct script_call calls[] = {
		FOUND, PUT('M', 4),
		CALL_(PREAD, DEVICE, 4, 4, .offset = AT, RAW(V1_RAW('M')), .during = damage), RESCUE
	};

	(void)state;
	assert_int_equal(run_restore(&mig_proto_v1, calls, COUNT(calls), one, 1, -1), -EILSEQ);
	assert_true(move.other_side && move.touched && move.reset_attempted);
	assert_int_equal(move.reset_outcome, MIG_OUTCOME_ACCEPTED);
	ONLY(MIG_KIND_OK);
	assert_string_equal(error.text, "");
	is_in('R');
	done();
}

static void test_no_answer(void **state)
{
	const struct script_call data[] = { IN, OFFSET(0x20),
					    PUT_DATA(0x20, 10, 0, .stuck = true) };
	const struct script_call reset[] = { IN, OFFSET(0x20), PUT_DATA(0x20, 10, -EIO), GET('M'),
					     IOCTL_(DEVICE, VFIO_DEVICE_RESET, 0, .stuck = true) };

	(void)state;
	assert_int_equal(RESTORE(data, one), -ETIMEDOUT);
	ONLY(MIG_KIND_TIMEOUT);
	assert_true(move.left);
	assert_false(move.reset_attempted);
	assert_int_equal(script.after_stuck, 0);
	done();
	assert_int_equal(RESTORE(reset, one), -EIO);
	ONLY(MIG_KIND_TIMEOUT);
	says("writing the data");
	assert_int_equal(move.reset_outcome, MIG_OUTCOME_TIMEOUT);
	assert_int_equal(script.after_stuck, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_does_not_fit, reset_options),
		cmocka_unit_test_setup(test_large_does_not_fit, reset_options),
		cmocka_unit_test_setup(test_refused_data, reset_options),
		cmocka_unit_test_setup(test_part_of_a_transaction, reset_options),
		cmocka_unit_test_setup(test_interrupted, reset_options),
		cmocka_unit_test_setup(test_load_refused, reset_options),
		cmocka_unit_test_setup(test_no_reset, reset_options),
		cmocka_unit_test_setup(test_reset_fails, reset_options),
		cmocka_unit_test_setup(test_damage_in_the_middle, reset_options),
		cmocka_unit_test_setup(test_no_answer, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
