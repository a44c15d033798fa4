// SPDX-License-Identifier: GPL-2.0-or-later
/* The walk where all goes well, is only planned, or is interrupted. */
#include "test_walk_fake.h"

static void test_accepted(void **state)
{
	static const struct turn list[] = { { .after = MIG_STATE_PRE_COPY },
					    { .after = MIG_STATE_STOP_COPY } };

	(void)state;
	assert_int_equal(run("RPC", list, COUNT(list)), 0);
	assert_int_equal(walk.count, 2);
	step_is(0, MIG_OUTCOME_ACCEPTED, 0, true, MIG_STATE_PRE_COPY);
	step_is(1, MIG_OUTCOME_ACCEPTED, 0, true, MIG_STATE_STOP_COPY);
	assert_int_equal(walk.steps[0].from, MIG_STATE_RUNNING);
	assert_int_equal(walk.steps[0].to, MIG_STATE_PRE_COPY);
	assert_int_equal(walk.steps[1].from, MIG_STATE_PRE_COPY);
	assert_int_equal(walk.steps[0].from_raw, 2);
	assert_int_equal(walk.steps[1].from_raw, 6);
	assert_int_equal(before[0], 2);
	assert_int_equal(before[1], 6); /* what was read after the step before */
	assert_int_equal(walk.steps[0].usec, 41);
	assert_false(walk.steps[0].forced);
	assert_int_equal(walk.outcome, MIG_OUTCOME_ACCEPTED);
	assert_true(walk.seen);
	assert_int_equal(walk.last.state, MIG_STATE_STOP_COPY);
	assert_int_equal(walk.last.raw, 3);
	assert_false(walk.interrupted);
	assert_int_equal(asked[0], MIG_STATE_PRE_COPY);
	assert_int_equal(asked[1], MIG_STATE_STOP_COPY);
	done();
}

static void test_noop(void **state)
{
	static const struct turn list[] = { { .after = MIG_STATE_STOP } };

	(void)state;
	assert_int_equal(run("RR", NULL, 0), 0);
	step_is(0, MIG_OUTCOME_NOOP, 0, true, MIG_STATE_RUNNING);
	assert_int_equal(sets, 0);
	assert_int_equal(walk.outcome, MIG_OUTCOME_NOOP);
	done();
	assert_int_equal(run("RRS", list, 1), 0);
	step_is(0, MIG_OUTCOME_NOOP, 0, true, MIG_STATE_RUNNING);
	step_is(1, MIG_OUTCOME_ACCEPTED, 0, true, MIG_STATE_STOP);
	assert_int_equal(sets, 1);
	done();
	assert_int_equal(run("R", NULL, 0), 0); /* no target at all */
	assert_int_equal(walk.count, 0);
	assert_int_equal(walk.outcome, MIG_OUTCOME_NOOP);
	done();
}

/* A transfer that a step ends is closed after its reading, before the next write. */
static void test_settles(void **state)
{
	static const struct turn list[] = { { .after = MIG_STATE_STOP, .ends_transfer = true },
					    { .after = MIG_STATE_STOP_COPY } };

	(void)state;
	assert_int_equal(run("RSC", list, COUNT(list)), 0);
	assert_int_equal(script.closed_count, 1);
	assert_int_equal(script.closed[0], DATA);
	script_end(&script);
	done();
}

static void test_interrupted(void **state)
{
	static const struct turn list[] = { { .after = MIG_STATE_STOP } };

	(void)state;
	stop_after = 1;
	assert_int_equal(run("RSC", list, 1), -EINTR);
	stop_after = 0;
	assert_true(walk.interrupted);
	assert_int_equal(walk.count, 1); /* the running one is finished */
	step_is(0, MIG_OUTCOME_ACCEPTED, 0, true, MIG_STATE_STOP);
	assert_int_equal(walk.last.state, MIG_STATE_STOP);
	assert_int_equal(error.err, EINTR);
	assert_non_null(strstr(error.text, "stop -> stop-copy"));
	done();
	/* The last one is done before it is looked at again: nothing is missing. */
	stop_after = 1;
	assert_int_equal(run("RS", list, 1), 0);
	stop_after = 0;
	assert_false(walk.interrupted);
	done();
}

static void test_planned(void **state)
{
	static const enum mig_state targets[] = { MIG_STATE_RUNNING, MIG_STATE_PRE_COPY,
						  MIG_STATE_STOP };
	static const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V1,
						.table = MIG_TABLE_POSTED };
	static const struct mig_plan_options plainly;
	const struct mig_reading first = mig_v1_reading(0x11);

	(void)state;
	assert_int_equal(
		mig_plan_build(&plan, &rules, &plainly, MIG_STATE_RUNNING, targets, 2, &error), 0);
	assert_int_equal(mig_walk_plan(&walk, &plan, first, false, &error), 0);
	mig_plan_clear(&plan);
	assert_int_equal(walk.count, 2);
	step_is(0, MIG_OUTCOME_NOOP, 0, true, MIG_STATE_RUNNING);
	step_is(1, MIG_OUTCOME_PLANNED, 0, true, MIG_STATE_RUNNING); /* where it still is */
	assert_int_equal(walk.outcome, MIG_OUTCOME_PLANNED);
	assert_int_equal(walk.last.raw, 0x11);
	done();
	assert_int_equal(
		mig_plan_build(&plan, &rules, &plainly, MIG_STATE_RUNNING, targets, 3, &error),
		-EPERM);
	assert_int_equal(mig_walk_plan(&walk, &plan, first, true, &error), 0);
	mig_plan_clear(&plan);
	assert_int_equal(walk.count, 3);
	step_is(1, MIG_OUTCOME_PLANNED, 0, true, MIG_STATE_RUNNING);
	step_is(2, MIG_OUTCOME_REFUSED, 0, true, MIG_STATE_RUNNING);
	assert_int_equal(walk.outcome, MIG_OUTCOME_REFUSED);
	done();
}

static void test_forced_is_recorded(void **state)
{
	static const struct turn turn = { .set = -EINVAL, .after = MIG_STATE_RUNNING };

	(void)state;
	assert_int_equal(run("RE", &turn, 1), -EINVAL);
	assert_true(walk.steps[0].forced);
	assert_int_equal(walk.outcome, MIG_OUTCOME_NAK);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted), cmocka_unit_test(test_noop),
		cmocka_unit_test(test_settles),  cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_planned),  cmocka_unit_test(test_forced_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
