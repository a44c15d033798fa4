// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving by the v1 protocol, where the driver breaks it: each guard, and how the device is left. */
#include "test_move_v1_save.h"

static void bad_window(uint64_t offset, uint64_t size, const char *word)
{
	const struct script_call calls[] = { OUT, PENDING(100), OFFSET(offset), SIZE(size), HOME };

	assert_int_equal(SAVE(calls), -EPROTO);
	says(word);
	brought_back(-EPROTO, MIG_KIND_FAILED, EPROTO);
}

static void test_offset_in_header(void **state)
{
	(void)state;
	bad_window(0, 10, "0x0 lies in the header");
	bad_window(0x1f, 10, "0x1f lies in the header");
}

static void test_window_outside_region(void **state)
{
	(void)state;
	bad_window(REGION - 9, 10, "do not fit");
	bad_window(REGION, 1, "do not fit");
	bad_window(REGION + 1, 1, "do not fit");
	bad_window(0x20, REGION - 0x1f, "do not fit");
	bad_window(0x20, UINT64_MAX, "do not fit");
	bad_window(UINT64_MAX, 0x30, "do not fit");
	bad_window(UINT64_MAX - 0xf, 0x30, "do not fit");
}

/* A later window is held against the region as the first one was. */
static void test_later_window_outside(void **state)
{
	const struct script_call offset[] = { OUT,         WINDOW(10),         DATA(0x20, 10, 10),
					      PENDING(10), OFFSET(REGION - 5), SIZE(10),
					      HOME };
	const struct script_call size[] = { OUT,         WINDOW(10),   DATA(0x20, 10, 10),
					    PENDING(10), OFFSET(0x20), SIZE(REGION),
					    HOME };

	(void)state;
	brought_back(SAVE(offset), MIG_KIND_FAILED, EPROTO);
	brought_back(SAVE(size), MIG_KIND_FAILED, EPROTO);
}

static void test_short_registers(void **state)
{
	const struct script_call pending[] = { OUT, REGISTER(8, 4), HOME };
	const struct script_call offset[] = { OUT, PENDING(9), REGISTER(0x10, 0), HOME };
	const struct script_call size[] = { OUT, PENDING(9), OFFSET(0x20), REGISTER(0x18, 4),
					    HOME };

	(void)state;
	brought_back(SAVE(pending), MIG_KIND_FAILED, EPROTO);
	brought_back(SAVE(offset), MIG_KIND_FAILED, EPROTO);
	brought_back(SAVE(size), MIG_KIND_FAILED, EPROTO);
}

/* mlx5's nothing is an end where nothing can be left; beyond the last window something is. */
static void test_no_pending(void **state)
{
	const struct script_call end[] = {
		OUT,          WINDOW(100), DATA(0x20, 100, 100), PENDING(100),
		OFFSET(0x20), SIZE(60),    DATA(0x20, 60, 60),   PENDING(60),
		OFFSET(0x20), SIZE(60),    DATA(0x20, 60, 60),   REGISTER(8, 0),
		HOME
	};
	const struct script_call loss[] = { OUT,       PENDING(101),         OFFSET(0x20),
					    SIZE(100), DATA(0x20, 100, 100), REGISTER(8, 0),
					    HOME };
	/* A window of nothing has nothing of what is pending. */
	const struct script_call empty[] = { OUT,     PENDING(1),     OFFSET(0x20),
					     SIZE(0), REGISTER(8, 0), HOME };

	(void)state;
	assert_int_equal(SAVE(end), 0);
	assert_int_equal(move.bytes, 220);
	done();
	assert_int_equal(SAVE(loss), -EPROTO);
	says("pending_bytes has 0 of its 8 bytes");
	brought_back(-EPROTO, MIG_KIND_FAILED, EPROTO);
	brought_back(SAVE(empty), MIG_KIND_FAILED, EPROTO);
}

static void test_data_less_than_promised(void **state)
{
	const struct script_call calls[] = { OUT, WINDOW(100), DATA(0x20, 100, 60),
					     DATA(0x20 + 60, 40, 0), HOME };

	(void)state;
	brought_back(SAVE(calls), MIG_KIND_FAILED, EPROTO);
}

/* What no system call should answer is not believed either. */
static void test_more_than_asked(void **state)
{
	const struct script_call calls[] = { OUT, WINDOW(100), DATA(0x20, 100, 101), HOME };

	(void)state;
	brought_back(SAVE(calls), MIG_KIND_FAILED, EPROTO);
}

/* Windows of nothing, again and again, although bytes were promised. */
static void test_empty_windows(void **state)
{
	struct script_call calls[3 + 16 * 3 + 5] = { OUT };
	const struct script_call window[] = { PENDING(5000), OFFSET(0x20), SIZE(0) };
	const struct script_call back[] = { HOME };
	size_t count = 3;

	(void)state;
	for (int i = 0; i < 16; i++, count += 3)
		memcpy(calls + count, window, sizeof(window));
	memcpy(calls + count, back, sizeof(back));
	assert_int_equal(SAVE(calls), -EPROTO);
	says("never ends");
	brought_back(-EPROTO, MIG_KIND_FAILED, EPROTO);
}

/* A window of n bytes so often; pending_bytes falls by `less` each time. */
static int endless(size_t size, size_t windows, uint64_t less, const struct script_call *end,
		   size_t end_count)
{
	struct script_call *calls = calloc(3 + 4 * windows + 1 + end_count, sizeof(*calls));
	uint64_t *pending = calloc(windows + 1, sizeof(*pending));
	const struct script_call out[] = { OUT }, offset = OFFSET(0x20), length = SIZE(size);
	size_t count = 3;
	int ret;

	assert_true(calls && pending);
	memcpy(calls, out, sizeof(out));
	for (size_t i = 0; i <= windows; i++) {
		pending[i] = 1000000 - i * less;
		calls[count++] =
			(struct script_call)REGISTER(8, 8, .reply = &pending[i], .reply_size = 8);
		if (i == windows)
			break;
		calls[count++] = offset;
		calls[count++] = length;
		calls[count++] = (struct script_call)DATA(0x20, size, (long)size);
	}
	memcpy(calls + count, end, end_count * sizeof(*end));
	ret = run_save(&mig_proto_v1, calls, count + end_count);
	script_end(&script);
	free(calls);
	free(pending);
	return ret;
}

static void test_pending_never_shrinks(void **state)
{
	/* What follows in the same batch is made before it is noticed. */
	const struct script_call small[] = { OFFSET(0x20), SIZE(16 * 1024), HOME };
	const struct script_call end[] = { OFFSET(0x20), SIZE(64 * 1024), HOME };
	const struct script_call large[] = { OFFSET(0x20), SIZE(512 * 1024), HOME };

	(void)state;
	ring_slots = 2;
	assert_int_equal(endless(64 * 1024, 1024, 0, end, COUNT(end)), -EPROTO);
	says("never ends");
	brought_back(-EPROTO, MIG_KIND_FAILED, EPROTO);
	/* Small windows: there have to be as many as 64 MiB are. */
	assert_int_equal(endless(16 * 1024, 4096, 0, small, COUNT(small)), -EPROTO);
	assert_int_equal(move.bytes, 64 * MIB);
	mig_move_clear(&move);
	/* Large ones: there have to be 1024. */
	assert_int_equal(endless(512 * 1024, 1024, 0, large, COUNT(large)), -EPROTO);
	assert_int_equal(move.transactions, 1024);
	mig_move_clear(&move);
}

/* As long as it shrinks, if only by a byte, there is patience without end. */
static void test_pending_shrinks_slowly(void **state)
{
	const struct script_call end[] = { OFFSET(0x20), SIZE(64 * 1024),
					   DATA(0x20, 64 * 1024, 64 * 1024), PENDING(0), HOME };

	(void)state;
	ring_slots = 2;
	assert_int_equal(endless(64 * 1024, 2000, 1, end, COUNT(end)), 0);
	mig_move_clear(&move);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_offset_in_header, reset_options),
		cmocka_unit_test_setup(test_window_outside_region, reset_options),
		cmocka_unit_test_setup(test_later_window_outside, reset_options),
		cmocka_unit_test_setup(test_short_registers, reset_options),
		cmocka_unit_test_setup(test_no_pending, reset_options),
		cmocka_unit_test_setup(test_data_less_than_promised, reset_options),
		cmocka_unit_test_setup(test_more_than_asked, reset_options),
		cmocka_unit_test_setup(test_empty_windows, reset_options),
		cmocka_unit_test_setup(test_pending_never_shrinks, reset_options),
		cmocka_unit_test_setup(test_pending_shrinks_slowly, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
