// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

static const struct {
	enum mig_state state;
	const char *name;
	const char *c_name;
	int v1; /* wire value, -1: not in v1 */
} states[] = {
	{ MIG_STATE_ERROR, "error", "ERROR", 6 },
	{ MIG_STATE_STOP, "stop", "STOP", 0 },
	{ MIG_STATE_RUNNING, "running", "RUNNING", 1 },
	{ MIG_STATE_STOP_COPY, "stop-copy", "STOP_COPY", 2 },
	{ MIG_STATE_RESUMING, "resuming", "RESUMING", 4 },
	{ MIG_STATE_RUNNING_P2P, "running-p2p", "RUNNING_P2P", -1 },
	{ MIG_STATE_PRE_COPY, "pre-copy", "PRE_COPY", 3 },
	{ MIG_STATE_PRE_COPY_P2P, "pre-copy-p2p", "PRE_COPY_P2P", -1 },
};

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(COUNT(states), MIG_STATE_COUNT);
	for (size_t i = 0; i < COUNT(states); i++)
		assert_string_equal(mig_state_name(states[i].state), states[i].name);
	assert_string_equal(mig_state_name(MIG_STATE_INVALID), "invalid");
	assert_string_equal(mig_protocol_name(MIG_PROTOCOL_NONE), "none");
	assert_string_equal(mig_protocol_name(MIG_PROTOCOL_V1), "v1");
	assert_string_equal(mig_protocol_name(MIG_PROTOCOL_V2), "v2");
}

static void parses_as(const char *word, enum mig_state expected)
{
	enum mig_state got = MIG_STATE_INVALID;

	if (!mig_state_parse(word, &got))
		fail_msg("\"%s\" is not taken for a state", word);
	assert_int_equal(got, expected);
}

static void test_parse(void **state)
{
	static const char *const not_states[] = {
		"",        " ",          "stop ",         " stop",     "stopp",       "sto",
		"invalid", "stop--copy", "stopcopy",      "stop copy", "p2p",         "running-p2",
		"_stop",   "0",          "pre-copy-p2p-", "\xe9rror",  "stop-copy\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		parses_as(states[i].name, states[i].state);
		parses_as(states[i].c_name, states[i].state);
	}
	parses_as("Stop_Copy", MIG_STATE_STOP_COPY);
	parses_as("PRE-copy_P2p", MIG_STATE_PRE_COPY_P2P);
	for (size_t i = 0; i < COUNT(not_states); i++) {
		enum mig_state untouched = MIG_STATE_RUNNING;

		if (mig_state_parse(not_states[i], &untouched))
			fail_msg("\"%s\" is taken for a state", not_states[i]);
		assert_int_equal(untouched, MIG_STATE_RUNNING);
	}
}

static void test_protocol_parse(void **state)
{
	enum mig_protocol protocol = MIG_PROTOCOL_NONE;

	(void)state;
	assert_true(mig_protocol_parse("v1", &protocol));
	assert_int_equal(protocol, MIG_PROTOCOL_V1);
	assert_true(mig_protocol_parse("V2", &protocol));
	assert_int_equal(protocol, MIG_PROTOCOL_V2);
	assert_false(mig_protocol_parse("v3", &protocol));
	assert_false(mig_protocol_parse("none", &protocol));
	assert_false(mig_protocol_parse("", &protocol));
	assert_int_equal(protocol, MIG_PROTOCOL_V2);
}

static void reads_as(struct mig_reading reading, enum mig_state expected, uint32_t raw,
		     const char *name)
{
	char text[MIG_STATE_TEXT];

	assert_int_equal(reading.state, expected);
	assert_int_equal(reading.raw, raw);
	assert_string_equal(mig_reading_name(reading, text), name);
}

static void test_v1_raw(void **state)
{
	/* Bits 3-31 are reserved: whatever stands there, the low three decide. */
	static const uint32_t reserved[] = { 0, 0x8, 0x10, 0x80000000, 0xfffffff8, 0x12345678 };
	static const enum mig_state of_bits[8] = {
		MIG_STATE_STOP,     MIG_STATE_RUNNING, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY,
		MIG_STATE_RESUMING, MIG_STATE_INVALID, MIG_STATE_ERROR,     MIG_STATE_INVALID,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(reserved); i++) {
		for (uint32_t bits = 0; bits < 8; bits++) {
			uint32_t raw = reserved[i] | bits;
			char invalid[32];

			snprintf(invalid, sizeof(invalid), "invalid(0x%x)", raw);
			reads_as(mig_v1_reading(raw), of_bits[bits], raw,
				 of_bits[bits] == MIG_STATE_INVALID
					 ? invalid
					 : mig_state_name(of_bits[bits]));
		}
	}
	reads_as(mig_v1_reading(5), MIG_STATE_INVALID, 5, "invalid(0x5)");
	reads_as(mig_v1_reading(UINT32_MAX), MIG_STATE_INVALID, UINT32_MAX, "invalid(0xffffffff)");
}

static void test_v2_raw(void **state)
{
	(void)state;
	for (uint32_t raw = 0; raw < COUNT(states); raw++)
		reads_as(mig_v2_reading(raw), states[raw].state, raw, states[raw].name);
	reads_as(mig_v2_reading(8), MIG_STATE_INVALID, 8, "invalid(0x8)");
	reads_as(mig_v2_reading(0x10001), MIG_STATE_INVALID, 0x10001, "invalid(0x10001)");
	reads_as(mig_v2_reading(UINT32_MAX), MIG_STATE_INVALID, UINT32_MAX, "invalid(0xffffffff)");
}

static void test_wire(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		assert_int_equal(mig_v2_wire(states[i].state), i);
		assert_true(mig_state_in(MIG_PROTOCOL_V2, states[i].state));
		assert_false(mig_state_in(MIG_PROTOCOL_NONE, states[i].state));
		assert_int_equal(mig_state_in(MIG_PROTOCOL_V1, states[i].state), states[i].v1 >= 0);
		if (states[i].v1 >= 0)
			assert_int_equal(mig_v1_wire(states[i].state), states[i].v1);
	}
	for (int protocol = MIG_PROTOCOL_NONE; protocol <= MIG_PROTOCOL_V2; protocol++)
		assert_false(mig_state_in((enum mig_protocol)protocol, MIG_STATE_INVALID));
}

static void test_caps(void **state)
{
	static const struct {
		const char *list;
		unsigned int caps;
	} good[] = {
		{ "stop-copy", 1 },          { "p2p", 2 },
		{ "pre-copy", 4 },           { "stop-copy,p2p,pre-copy", 7 },
		{ "PRE_COPY,Stop-Copy", 5 }, { "p2p,p2p", 2 },
	};
	static const char *const bad[] = {
		"",     ",",    "stop-copy,", ",p2p",        "p2p,,p2p",
		"stop", "p2p ", "all",        "running-p2p", "p2p;pre-copy"
	};
	unsigned int caps;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(mig_caps_parse(good[i].list, &caps));
		assert_int_equal(caps, good[i].caps);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (mig_caps_parse(bad[i], &caps))
			fail_msg("\"%s\" is taken for capabilities", bad[i]);
	assert_string_equal(mig_cap_name(1), "stop-copy");
	assert_string_equal(mig_cap_name(2), "p2p");
	assert_string_equal(mig_cap_name(4), "pre-copy");
	assert_null(mig_cap_name(0));
	assert_null(mig_cap_name(3));
	assert_null(mig_cap_name(8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),          cmocka_unit_test(test_parse),
		cmocka_unit_test(test_protocol_parse), cmocka_unit_test(test_v1_raw),
		cmocka_unit_test(test_v2_raw),         cmocka_unit_test(test_wire),
		cmocka_unit_test(test_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
