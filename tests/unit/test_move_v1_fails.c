// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving by the v1 protocol, where the device or a call fails, and how the device is left. */
#include "test_move_v1_save.h"

static void test_refused_states(void **state)
{
	static const char letters[] = "PCM";

	(void)state;
	for (size_t i = 0; i < COUNT(letters) - 1; i++) {
		const struct script_call calls[] = { GET(letters[i]) };

		assert_int_equal(SAVE(calls), -EPERM);
		ONLY(MIG_KIND_REFUSED);
		assert_true(has_words(error.hint));
		assert_int_equal(taken.end, -EPERM);
		went("");
		done();
	}
	for (uint32_t raw = 5; raw <= 7; raw++) {
		const struct script_call calls[] = { GET_RAW(raw) };

		assert_int_equal(SAVE(calls), -EPERM);
		ONLY(MIG_KIND_REFUSED);
		done();
	}
}

static void test_state_unreadable(void **state)
{
	const struct script_call calls[] = { CALL_(PREAD, DEVICE, 4, -EIO, .offset = AT) };

	(void)state;
	assert_int_equal(SAVE(calls), -EIO);
	ONLY(MIG_KIND_FAILED);
	assert_int_equal(taken.end, -EIO);
	assert_false(move.seen);
	done();
}

static void test_nak(void **state)
{
	const struct script_call calls[] = { GET('R'), PUT('C', -EBUSY), GET('R'), GET('R') };

	(void)state;
	brought_back(SAVE(calls), MIG_KIND_NAK, EBUSY);
}

/* i40e's way is not to have the register from the first; this one had it. */
static void test_offset_lost(void **state)
{
	const struct script_call calls[] = {
		OUT, WINDOW(10), DATA(0x20, 10, 10), PENDING(10), REGISTER(0x10, -EFAULT), HOME
	};

	(void)state;
	brought_back(SAVE(calls), MIG_KIND_FAILED, EFAULT);
}

static void test_eio(void **state)
{
	const struct script_call data[] = { OUT, WINDOW(10), DATA(0x20, 10, -EIO), HOME };
	const struct script_call pending[] = { OUT, REGISTER(8, -ENODEV), HOME };
	const struct script_call offset[] = { OUT, PENDING(9), REGISTER(0x10, -EIO), HOME };
	const struct script_call size[] = { OUT, PENDING(9), OFFSET(0x20), REGISTER(0x18, -EIO),
					    HOME };

	(void)state;
	brought_back(SAVE(data), MIG_KIND_FAILED, EIO);
	brought_back(SAVE(pending), MIG_KIND_FAILED, ENODEV);
	brought_back(SAVE(offset), MIG_KIND_FAILED, EIO);
	brought_back(SAVE(size), MIG_KIND_FAILED, EIO);
}

/* From _ERROR nothing is written: it is for the reset. */
static void test_faulted_in_data(void **state)
{
	const struct script_call calls[] = { OUT, WINDOW(10), DATA(0x20, 10, -EIO), GET('E') };

	(void)state;
	assert_int_equal(SAVE(calls), -EIO);
	ONLY(MIG_KIND_FAULTED);
	says("reading the data");
	says("left in error");
	assert_true(move.left);
	is_in('E');
	went("C");
	done();
}

/* Nor when the data was whole, and the device faulted without a word. */
static void test_faulted_by_itself(void **state)
{
	const struct script_call after[] = { OUT, PENDING(0), GET('E'), GET('E') };
	const struct script_call pre_copy[] = { GET('R'), GO('P'), PENDING(0), GET('E'), GET('E') };

	(void)state;
	assert_int_equal(SAVE(after), -EIO);
	ONLY(MIG_KIND_FAULTED);
	assert_true(move.left);
	went("C");
	done();
	options.precopy = true;
	options.until_seconds = 60;
	assert_int_equal(SAVE(pre_copy), -EIO);
	ONLY(MIG_KIND_FAULTED);
	went("P");
	done();
}

static void test_faulted_in_transition(void **state)
{
	const struct script_call calls[] = { GET('R'), PUT('C', -EIO), GET('E'), GET('E') };

	(void)state;
	assert_int_equal(SAVE(calls), -EIO);
	ONLY(MIG_KIND_FAULTED);
	assert_true(move.left);
	done();
}

static void test_pre_copy_fails(void **state)
{
	const struct script_call data[] = { GET('R'), GO('P'), WINDOW(10), DATA(0x20, 10, -EIO),
					    GET('P'), GO('R') };
	const struct script_call leaving[] = { GET('R'),         GO('P'),  PENDING(0), GET('P'),
					       PUT('C', -EBUSY), GET('P'), GET('P'),   GO('R') };
	const struct script_call lacking[] = { GET('R'), PUT('P', -EINVAL), GET('R'), GET('R') };

	(void)state;
	options.precopy = true;
	options.until_seconds = 60;
	brought_back(SAVE(data), MIG_KIND_FAILED, EIO);
	brought_back(SAVE(leaving), MIG_KIND_NAK, EBUSY);
	assert_int_equal(SAVE(lacking), -EINVAL);
	assert_non_null(strstr(error.hint, "--no-precopy"));
	brought_back(-EINVAL, MIG_KIND_NAK, EINVAL);
}

/* The first error stays; how the device is left, its kind and the end of its text say. */
static void test_way_back_fails(void **state)
{
	const struct script_call nak[] = { OUT,      WINDOW(10),       DATA(0x20, 10, -EIO),
					   GET('C'), PUT('S', -EBUSY), GET('C') };
	const struct script_call halfway[] = { OUT,      WINDOW(10), DATA(0x20, 10, -EIO),
					       GET('C'), GO('S'),    PUT('R', -EBUSY),
					       GET('S') };
	const struct script_call faults[] = { OUT,      WINDOW(10),       DATA(0x20, 10, -EIO),
					      GET('C'), PUT('S', -EBUSY), GET('E') };
	const struct script_call unknown[] = { OUT, WINDOW(10), DATA(0x20, 10, -EIO),
					       CALL_(PREAD, DEVICE, 4, -EIO, .offset = AT) };

	(void)state;
	assert_int_equal(SAVE(nak), -EIO);
	ONLY(MIG_KIND_ASTRAY);
	says("reading the data");
	says("left in stop-copy");
	assert_true(move.left);
	done();
	assert_int_equal(SAVE(halfway), -EIO);
	ONLY(MIG_KIND_ASTRAY);
	says("left in stop");
	done();
	assert_int_equal(SAVE(faults), -EIO);
	ONLY(MIG_KIND_FAULTED);
	says("left in error");
	done();
	assert_int_equal(SAVE(unknown), -EIO);
	ONLY(MIG_KIND_ASTRAY);
	says("cannot be read");
	assert_true(move.left);
	done();
}

static void test_copy_faults(void **state)
{
	static uint8_t memory[0x1000];
	const struct script_call calls[] = { OUT,
					     PENDING(10),
					     OFFSET(0x1000),
					     SIZE(10),
					     CALL_(MAP, DEVICE, 0x1000, 0, .offset = AT + 0x1000,
						   .reply = memory),
					     CALL_(COPY, 0, 10, -EFAULT),
					     HOME };

	(void)state;
	port.region.mmap = true;
	port.region.areas = 1;
	port.region.area[0] = (struct mig_area){ 0x1000, 0x1000 };
	brought_back(SAVE(calls), MIG_KIND_FAILED, EFAULT);
}

/* The signal lets the running batch end; then the device goes back. */
static void test_interrupted(void **state)
{
	const struct script_call in_data[] = { OUT,
					       WINDOW(10),
					       DATA(0x20, 10, 10, .during = interrupt),
					       PENDING(10),
					       OFFSET(0x20),
					       SIZE(10),
					       DATA(0x20, 10, 10),
					       PENDING(10),
					       OFFSET(0x20),
					       SIZE(10),
					       HOME };
	const struct script_call between[] = {
		GET('R'),
		GO('P'),
		PENDING(0),
		CALL_(PREAD, DEVICE, 4, 4, .offset = AT, RAW(V1_RAW('P')), .during = interrupt),
		GET('P'),
		GO('R')
	};

	(void)state;
	assert_int_equal(SAVE(in_data), -EINTR);
	says("interrupted");
	brought_back(-EINTR, MIG_KIND_FAILED, EINTR);
	options.precopy = true;
	options.until_seconds = 60;
	brought_back(SAVE(between), MIG_KIND_FAILED, EINTR);
}

/* No space left where it goes: that is for the other side to tell, not for us. */
static void test_other_side(void **state)
{
	const struct script_call calls[] = { OUT, HOME };
	const struct script_call hangs[] = { OUT, CALL_(PREAD, DEVICE, 4, 0, .offset = AT,
							.stuck = true) };
	const struct script_call stays[] = { OUT, GET('C'), PUT('S', -EBUSY), GET('C') };

	(void)state;
	fails_first = ENOSPC;
	assert_int_equal(SAVE(calls), -ENOSPC);
	assert_true(move.other_side);
	assert_false(move.left);
	ONLY(MIG_KIND_OK);
	is_in('R');
	done();
	/* But what became of the device is for us. */
	assert_int_equal(SAVE(stays), -ENOSPC);
	assert_true(move.other_side);
	assert_true(move.left);
	ONLY(MIG_KIND_ASTRAY);
	says("left in stop-copy");
	assert_memory_equal(error.text, "dev: ", 5); /* nothing was said before */
	done();
	assert_int_equal(SAVE(hangs), -ENOSPC);
	ONLY(MIG_KIND_TIMEOUT);
	assert_memory_equal(error.text, "reading", 7);
	assert_true(move.left);
	done();
	fails_first = EINTR; /* no signal of ours */
	assert_int_equal(SAVE(calls), -EINTR);
	assert_true(move.other_side);
	ONLY(MIG_KIND_OK);
	done();
}

/* A call that passes its deadline is the last one. */
static void test_no_answer(void **state)
{
	const struct script_call data[] = { OUT, WINDOW(10), DATA(0x20, 10, 0, .stuck = true) };
	const struct script_call put[] = { GET('R'), PUT('C', 0) };
	const struct script_call back[] = { OUT, WINDOW(10), DATA(0x20, 10, -EIO),
					    CALL_(PREAD, DEVICE, 4, 0, .offset = AT,
						  .stuck = true) };
	struct script_call hangs[COUNT(put)];

	(void)state;
	assert_int_equal(SAVE(data), -ETIMEDOUT);
	ONLY(MIG_KIND_TIMEOUT);
	says("2.5 s");
	assert_true(move.left);
	assert_int_equal(script.after_stuck, 0);
	done();
	memcpy(hangs, put, sizeof(put));
	hangs[1].stuck = true;
	assert_int_equal(SAVE(hangs), -ETIMEDOUT);
	ONLY(MIG_KIND_TIMEOUT);
	assert_int_equal(script.after_stuck, 0);
	done();
	assert_int_equal(SAVE(back), -EIO);
	ONLY(MIG_KIND_TIMEOUT);
	says("reading the data");
	assert_true(has_words(error.hint));
	assert_int_equal(script.after_stuck, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_refused_states, reset_options),
		cmocka_unit_test_setup(test_state_unreadable, reset_options),
		cmocka_unit_test_setup(test_nak, reset_options),
		cmocka_unit_test_setup(test_offset_lost, reset_options),
		cmocka_unit_test_setup(test_eio, reset_options),
		cmocka_unit_test_setup(test_faulted_in_data, reset_options),
		cmocka_unit_test_setup(test_faulted_by_itself, reset_options),
		cmocka_unit_test_setup(test_faulted_in_transition, reset_options),
		cmocka_unit_test_setup(test_pre_copy_fails, reset_options),
		cmocka_unit_test_setup(test_way_back_fails, reset_options),
		cmocka_unit_test_setup(test_copy_faults, reset_options),
		cmocka_unit_test_setup(test_interrupted, reset_options),
		cmocka_unit_test_setup(test_other_side, reset_options),
		cmocka_unit_test_setup(test_no_answer, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
