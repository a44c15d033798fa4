// SPDX-License-Identifier: GPL-2.0-or-later
/* The model of a random walk: what is legal when, and what a device may answer. */
#include "unit.h"

#include "migctl/model.h"

static struct mig_model model;
static struct mig_answer answer;
static char text[MIG_MODEL_TEXT];

static void begin(enum mig_protocol protocol, unsigned int caps)
{
	model = (struct mig_model){
		.rules = { .protocol = protocol, .table = MIG_TABLE_REVIEWED, .caps = caps },
		.resets = true,
		.drains = true,
		.loads = true,
		.first = MIG_STATE_RUNNING
	};
	mig_model_begin(&model);
}

static void begin_v2(void)
{
	begin(MIG_PROTOCOL_V2, MIG_CAPS_ALL);
}

static bool allows(const char *word)
{
	struct mig_error error;
	struct mig_stride *stride;
	size_t count;
	bool yes;

	assert_int_equal(mig_strides_parse(word, &stride, &count, &error), 0);
	yes = mig_model_allows(&model, stride);
	free(stride);
	return yes;
}

static enum mig_stray judge(const char *word)
{
	struct mig_error error;
	struct mig_stride *stride;
	enum mig_stray stray;
	size_t count;

	assert_int_equal(mig_strides_parse(word, &stride, &count, &error), 0);
	text[0] = '\0';
	stray = mig_model_judge(&model, stride, &answer, text);
	assert_true((stray != MIG_STRAY_NONE) == has_words(text));
	free(stride);
	return stray;
}

/* A SET that answers so: the state afterwards, and whether a data_fd came. */
static enum mig_stray set(const char *word, int err, char after, bool new_fd)
{
	answer = (struct mig_answer){ .err = err,
				      .before.state = model.state,
				      .after.state = letter_state(after),
				      .new_fd = new_fd };
	return judge(word);
}

static void well(const char *word, char after, bool new_fd)
{
	assert_true(allows(word));
	assert_int_equal(set(word, 0, after, new_fd), MIG_STRAY_NONE);
	assert_int_equal(state_letter(model.state), after);
}

static enum mig_stray says(const char *word, struct mig_answer said)
{
	answer = said;
	return judge(word);
}

static void test_sessions(void **state)
{
	(void)state;
	begin_v2();
	well("pre-copy", 'P', true);
	well("pre-copy", 'P', false); /* the same state is no transition */
	well("pre-copy-p2p", 'p', false);
	well("stop-copy", 'C', false);
	assert_int_equal(model.session, 1);
	well("resuming", 'M', true); /* by way of stop */
	assert_int_equal(model.session, 2);
	assert_int_equal(says("write-all", (struct mig_answer){ .whole = true }), MIG_STRAY_NONE);
	well("pre-copy", 'P', true);
	well("running", 'R', false);
	assert_int_equal(model.session, 3);
	assert_int_equal(set("stop-copy", 0, 'C', false), MIG_STRAY_FD);
	begin_v2();
	assert_int_equal(set("stop", 0, 'S', true), MIG_STRAY_FD);
	begin_v2();
	well("pre-copy", 'P', true);
	assert_int_equal(set("stop-copy", 0, 'C', true), MIG_STRAY_FD);
}

static void test_elsewhere_and_refused(void **state)
{
	(void)state;
	begin_v2();
	assert_int_equal(set("stop", 0, 'R', false), MIG_STRAY_ELSEWHERE);
	assert_string_equal(text, "after running -> stop the state is running, not stop");
	assert_int_equal(set("stop", EINVAL, 'R', false), MIG_STRAY_REFUSED);
	assert_string_equal(text, "running -> stop: the driver said EINVAL, and the state is "
				  "running");
	answer = (struct mig_answer){ .before.state = MIG_STATE_ERROR,
				      .after.state = MIG_STATE_STOP };
	assert_int_equal(judge("stop"), MIG_STRAY_MOVED);
	assert_int_equal(judge("get"), MIG_STRAY_MOVED);
	answer.before.state = MIG_STATE_RUNNING;
	assert_int_equal(judge("get"), MIG_STRAY_NONE);
	answer.alive = true;
	assert_int_equal(judge("stop"), MIG_STRAY_ALIVE);
}

/* What never is to be asked for, and what makes no sense. */
static void test_legal(void **state)
{
	(void)state;
	begin_v2();
	assert_false(allows("read:1") || allows("drain") || allows("write:1") ||
		     allows("write-all") || allows("precopy-info") || allows("close"));
	assert_true(allows("get") && allows("data-size") && allows("reset") && allows("reopen"));
	well("stop-copy", 'C', true);
	assert_false(allows("pre-copy") || allows("pre-copy-p2p")); /* the lockup */
	assert_true(allows("read:1") && allows("drain") && allows("close"));
	assert_false(allows("precopy-info"));
	assert_int_equal(says("close", (struct mig_answer){ .err = 0 }), MIG_STRAY_NONE);
	assert_false(allows("read:1") || allows("close"));
	begin(MIG_PROTOCOL_V2, MIG_CAP_STOP_COPY);
	assert_false(allows("pre-copy") || allows("running-p2p"));
	begin(MIG_PROTOCOL_V1, MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY);
	assert_false(allows("running") || allows("data-size") || allows("running-p2p"));
	well("stop", 'S', false);
	assert_false(allows("stop-copy")); /* in no table but the open one */
	begin_v2();
	model.loads = model.drains = false;
	assert_false(allows("resuming"));
	well("stop-copy", 'C', true);
	assert_true(allows("read:1"));
	assert_false(allows("drain"));
}

/* A part of a load is given up by a reset, and where there is none, not at all. */
static void test_part_of_a_load(void **state)
{
	(void)state;
	begin_v2();
	well("resuming", 'M', true);
	assert_int_equal(says("write:9", (struct mig_answer){ .moved = 9 }), MIG_STRAY_NONE);
	assert_int_equal(set("running", EINVAL, 'M', false), MIG_STRAY_NONE);
	assert_false(allows("write-all") || allows("stop") || allows("get") || allows("reopen"));
	answer = (struct mig_answer){ .after.state = MIG_STATE_RUNNING };
	assert_int_equal(judge("reset"), MIG_STRAY_NONE);
	well("resuming", 'M', true);
	assert_int_equal(set("running", EINVAL, 'S', false), MIG_STRAY_REFUSED);
	assert_int_equal(set("running", 0, 'R', false), MIG_STRAY_NONE); /* resume/ tells that */
	begin_v2();
	model.resets = false;
	well("resuming", 'M', true);
	assert_false(allows("stop") || allows("close") || allows("reset") || allows("reopen"));
	assert_int_equal(says("write-all", (struct mig_answer){ .whole = true }), MIG_STRAY_NONE);
	assert_false(allows("write:1"));
	assert_true(allows("stop") && allows("close"));
	assert_int_equal(set("stop", EINVAL, 'M', false), MIG_STRAY_REFUSED);
	assert_non_null(strstr(text, "all of a state that it gave"));
}

/* Of a state of no bytes all is written at once; some drivers want some data all the same. */
static void test_empty(void **state)
{
	(void)state;
	begin_v2();
	model.empty = true;
	well("resuming", 'M', true);
	assert_false(allows("write:1") || allows("write-all"));
	well("stop", 'S', false);
	well("resuming", 'M', true);
	assert_int_equal(set("stop", EINVAL, 'M', false), MIG_STRAY_NONE);
	assert_true(allows("reset"));
	assert_false(allows("stop"));
}

static void test_data(void **state)
{
	(void)state;
	begin_v2();
	well("pre-copy", 'P', true);
	assert_int_equal(says("drain", (struct mig_answer){ .moved = 5, .end = true }),
			 MIG_STRAY_NONE);
	assert_int_equal(says("read:3", (struct mig_answer){ .moved = 3 }), MIG_STRAY_NONE);
	well("stop-copy", 'C', false);
	assert_false(model.ended);
	assert_int_equal(says("read:3", (struct mig_answer){ .moved = 3 }), MIG_STRAY_NONE);
	assert_int_equal(says("drain", (struct mig_answer){ .moved = 5, .endless = true }),
			 MIG_STRAY_ENDLESS);
	assert_int_equal(says("drain", (struct mig_answer){ .moved = 5, .end = true }),
			 MIG_STRAY_NONE);
	assert_true(model.ended);
	assert_int_equal(says("read:3", (struct mig_answer){ .end = true }), MIG_STRAY_NONE);
	assert_int_equal(says("read:3", (struct mig_answer){ .moved = 1 }), MIG_STRAY_AFTER_END);
	assert_int_equal(says("read:3", (struct mig_answer){ .err = EIO }), MIG_STRAY_READ);
	assert_non_null(strstr(text, "EIO"));
	well("resuming", 'M', true);
	assert_int_equal(says("write:3", (struct mig_answer){ .err = ENOSPC, .what = "full" }),
			 MIG_STRAY_WRITE);
	assert_non_null(strstr(text, "full"));
}

static void test_figures(void **state)
{
	(void)state;
	begin_v2();
	assert_int_equal(says("data-size", (struct mig_answer){ .err = ENODATA }), MIG_STRAY_NONE);
	assert_int_equal(says("data-size", (struct mig_answer){ .err = EIO }), MIG_STRAY_SIZE);
	well("pre-copy", 'P', true);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 9 }), MIG_STRAY_NONE);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 8 }), MIG_STRAY_NONE);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 9 }), MIG_STRAY_INFO);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .err = EIO }), MIG_STRAY_INFO);
	assert_int_equal(says("drain", (struct mig_answer){ .end = true }), MIG_STRAY_NONE);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 1 }), MIG_STRAY_INFO);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 0 }), MIG_STRAY_NONE);
	well("running", 'R', false);
	well("pre-copy", 'P', true); /* another session */
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 10 }),
			 MIG_STRAY_NONE);
	/* With P2P DMA stopped it may know of less. */
	well("pre-copy-p2p", 'p', false);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 4 }), MIG_STRAY_NONE);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 5 }), MIG_STRAY_NONE);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .err = EIO }), MIG_STRAY_INFO);
	well("pre-copy", 'P', false);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 10 }),
			 MIG_STRAY_NONE);
	assert_int_equal(says("precopy-info", (struct mig_answer){ .initial = 11 }),
			 MIG_STRAY_INFO);
}

static void test_reset_and_reopen(void **state)
{
	(void)state;
	begin_v2();
	answer = (struct mig_answer){ .after.state = MIG_STATE_STOP };
	assert_int_equal(judge("reset"), MIG_STRAY_RESET);
	assert_int_equal(judge("reopen"), MIG_STRAY_REOPENED);
	model.first = MIG_STATE_STOP; /* the i40e of the RFC */
	assert_int_equal(judge("reopen"), MIG_STRAY_NONE);
	assert_int_equal(model.state, MIG_STATE_STOP);
	answer = (struct mig_answer){ .err = EIO, .after.state = MIG_STATE_RUNNING };
	assert_int_equal(judge("reset"), MIG_STRAY_RESET);
	answer = (struct mig_answer){ .alive = true, .after.state = MIG_STATE_RUNNING };
	assert_int_equal(judge("reset"), MIG_STRAY_ALIVE);
	/* The state may stay over close; its session does not. */
	begin_v2();
	well("pre-copy", 'P', true);
	answer = (struct mig_answer){ .after.state = MIG_STATE_PRE_COPY };
	assert_int_equal(judge("reopen"), MIG_STRAY_NONE);
	assert_false(allows("read:1") || allows("stop-copy"));
	assert_true(allows("reset"));
}

/* v1 announces nothing: what a driver lacks it naks, but not what it did before. */
static void test_v1_naks(void **state)
{
	(void)state;
	begin(MIG_PROTOCOL_V1, MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY);
	assert_int_equal(set("pre-copy", EINVAL, 'R', false), MIG_STRAY_NONE);
	assert_int_equal(model.state, MIG_STATE_RUNNING);
	assert_false(allows("pre-copy"));
	well("stop", 'S', false);
	well("running", 'R', false);
	assert_int_equal(set("stop", EBUSY, 'R', false), MIG_STRAY_REFUSED);
	assert_int_equal(set("stop-copy", EIO, 'E', false), MIG_STRAY_REFUSED);
	answer = (struct mig_answer){ .err = EIO,
				      .cut = true,
				      .before.state = MIG_STATE_RUNNING,
				      .after.state = MIG_STATE_RUNNING };
	assert_int_equal(judge("stop-copy"), MIG_STRAY_REFUSED); /* 0 bytes are no nak */
	well("resuming", 'M', false);
	assert_int_equal(says("write-all", (struct mig_answer){ .whole = true }), MIG_STRAY_NONE);
	assert_int_equal(set("stop", EINVAL, 'M', false), MIG_STRAY_REFUSED);
	begin_v2();
	assert_int_equal(set("pre-copy", EINVAL, 'R', false), MIG_STRAY_REFUSED);
}

/* By chance every kind of step and every state comes, all of them legal, the same by the seed. */
static void test_choose(void **state)
{
	bool kinds[MIG_STRIDE_KINDS] = { false }, states[MIG_STATE_COUNT] = { false };
	struct mig_random random = { .state = 42 }, again = { .state = 42 };

	(void)state;
	begin_v2();
	for (int i = 0; i < 5000; i++) {
		struct mig_stride stride = mig_model_choose(&model, &random);
		struct mig_stride same = mig_model_choose(&model, &again);
		enum mig_state to = stride.state;

		assert_memory_equal(&stride, &same, sizeof(stride));
		assert_true(mig_model_allows(&model, &stride));
		kinds[stride.kind] = true;
		answer = (struct mig_answer){ .before.state = model.state,
					      .after.state = MIG_STATE_RUNNING,
					      .whole = stride.kind == MIG_STRIDE_WRITE_ALL };
		if (stride.kind == MIG_STRIDE_SET) {
			answer.after.state = to;
			answer.new_fd = to != model.state &&
					(to == MIG_STATE_RESUMING ||
					 (mig_model_saves(to) && !mig_model_saves(model.state)));
		}
		assert_int_equal(mig_model_judge(&model, &stride, &answer, text), MIG_STRAY_NONE);
		states[model.state] = true;
	}
	for (size_t i = 0; i < MIG_STRIDE_KINDS; i++)
		assert_true(kinds[i]);
	for (size_t i = MIG_STATE_STOP; i < MIG_STATE_COUNT; i++)
		assert_true(states[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions), cmocka_unit_test(test_elsewhere_and_refused),
		cmocka_unit_test(test_legal),    cmocka_unit_test(test_part_of_a_load),
		cmocka_unit_test(test_empty),    cmocka_unit_test(test_data),
		cmocka_unit_test(test_figures),  cmocka_unit_test(test_reset_and_reopen),
		cmocka_unit_test(test_v1_naks),  cmocka_unit_test(test_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
