// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/stride.h"

static struct mig_error error;
static struct mig_stride *strides;
static size_t count;

static int parse(const char *words)
{
	memset(&error, 0, sizeof(error));
	strides = NULL;
	return mig_strides_parse(words, &strides, &count, &error);
}

/* Every step that a walk may tell is taken again. */
static void test_there_and_back(void **state)
{
	static const char all[] = "stop,running,stop-copy,resuming,running-p2p,pre-copy,"
				  "pre-copy-p2p,read:100,drain,write:4294967295,write-all,"
				  "precopy-info,data-size,get,reset,close,reopen";
	char text[sizeof(all)], cut[8];

	(void)state;
	assert_int_equal(parse(all), 0);
	assert_int_equal(count, 7 + MIG_STRIDE_KINDS - 1);
	assert_int_equal(strides[0].kind, MIG_STRIDE_SET);
	assert_int_equal(strides[0].state, MIG_STATE_STOP);
	assert_int_equal(strides[7].kind, MIG_STRIDE_READ);
	assert_int_equal(strides[7].amount, 100);
	assert_true(strides[9].amount == UINT32_MAX);
	for (size_t i = 7; i < count; i++)
		assert_int_equal(strides[i].kind, i - 7 + MIG_STRIDE_READ);
	assert_int_equal(mig_strides_text(strides, count, text, sizeof(text)), strlen(all));
	assert_string_equal(text, all);
	/* Cut where there is no room, and how much there would have to be. */
	assert_int_equal(mig_strides_text(strides, count, cut, sizeof(cut)), strlen(all));
	assert_string_equal(cut, "stop,ru");
	assert_int_equal(mig_strides_text(strides, 0, cut, sizeof(cut)), 0);
	assert_string_equal(cut, "");
	free(strides);
}

static void test_states_as_elsewhere(void **state)
{
	(void)state;
	assert_int_equal(parse("STOP_COPY"), 0);
	assert_int_equal(strides[0].state, MIG_STATE_STOP_COPY);
	free(strides);
}

static void test_no_steps(void **state)
{
	static const char *const wrong[] = { "",
					     ",",
					     "stop,",
					     ",stop",
					     "stop,,stop",
					     "error",
					     "invalid",
					     "read",
					     "read:",
					     "read:0",
					     "read:-1",
					     "read: 1",
					     "read:1x",
					     "read:4294967296",
					     "read:99999999999999999999",
					     "write",
					     "drain:1",
					     "drain:",
					     "rea:1",
					     "readx:1",
					     "write-all:3",
					     "jump",
					     "stop;running",
					     "a-word-that-is-longer-than-any-step-of-a-walk" };

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (parse(wrong[i]) != -EINVAL)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_null(strides);
		assert_int_equal(error.kind, MIG_KIND_USAGE);
		assert_true(has_words(error.text) && has_words(error.hint));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_states_as_elsewhere),
		cmocka_unit_test(test_no_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
