// SPDX-License-Identifier: GPL-2.0-or-later
/* The walk that ends before its plan does. */
#include "test_walk_fake.h"

/* Nothing after the step that failed is written. */
static void ends(const struct turn *turn, int ret, enum mig_outcome outcome, enum mig_kind kind)
{
	assert_int_equal(run("RSC", turn, 1), ret);
	assert_int_equal(sets, 1);
	assert_int_equal(walk.count, 1);
	assert_int_equal(walk.outcome, outcome);
	assert_int_equal(walk.steps[0].outcome, outcome);
	assert_int_equal(error.kind, kind);
	assert_int_equal(walk.interrupted, false);
}

static void test_nak(void **state)
{
	static const struct turn turn = { .set = -EBUSY, .after = MIG_STATE_RUNNING };

	(void)state;
	ends(&turn, -EBUSY, MIG_OUTCOME_NAK, MIG_KIND_NAK);
	step_is(0, MIG_OUTCOME_NAK, EBUSY, true, MIG_STATE_RUNNING);
	assert_int_equal(error.err, EBUSY);
	assert_non_null(strstr(error.text, "running -> stop"));
	assert_non_null(strstr(error.text, "EBUSY"));
	done();
}

static void test_astray(void **state)
{
	static const struct turn silently = { .after = MIG_STATE_RUNNING },
				 elsewhere = { .set = -EIO, .after = MIG_STATE_RUNNING_P2P },
				 invalid = { .after = 9 }, unseen = { .get = -EFAULT },
				 neither = { .set = -EBUSY, .get = -EIO };

	(void)state;
	ends(&silently, -EIO, MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY);
	step_is(0, MIG_OUTCOME_ASTRAY, 0, true, MIG_STATE_RUNNING);
	assert_non_null(strstr(error.text, "success"));
	done();
	ends(&elsewhere, -EIO, MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY);
	assert_non_null(strstr(error.text, "running-p2p"));
	done();
	ends(&invalid, -EIO, MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY);
	assert_non_null(strstr(error.text, "invalid(0x9)"));
	assert_int_equal(walk.last.raw, 9);
	done();
	ends(&unseen, -EIO, MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY);
	step_is(0, MIG_OUTCOME_ASTRAY, 0, false, MIG_STATE_ERROR);
	assert_false(walk.seen);
	assert_int_equal(error.err, EFAULT); /* why it is not known */
	assert_non_null(strstr(error.text, "unknown: reading"));
	assert_non_null(strstr(error.text, "success"));
	done();
	ends(&neither, -EBUSY, MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY);
	assert_int_equal(error.err, EBUSY); /* the write's, not the reading's */
	assert_non_null(strstr(error.text, "EBUSY"));
	assert_non_null(strstr(error.text, "unknown: reading"));
	assert_false(walk.seen);
	done();
}

static void test_faulted(void **state)
{
	static const struct turn told = { .set = -EIO, .after = MIG_STATE_ERROR },
				 untold = { .after = MIG_STATE_ERROR };

	(void)state;
	ends(&told, -EIO, MIG_OUTCOME_FAULTED, MIG_KIND_FAULTED);
	assert_non_null(strstr(error.text, "EIO"));
	assert_int_equal(walk.last.state, MIG_STATE_ERROR);
	done();
	ends(&untold, -EIO, MIG_OUTCOME_FAULTED, MIG_KIND_FAULTED);
	assert_int_equal(error.err, 0);
	done();
}

/* It failed the write and moved all the same: the errno is kept, nothing else. */
static void test_accepted_with_errno(void **state)
{
	static const struct turn list[] = { { .set = -EIO, .after = MIG_STATE_STOP },
					    { .after = MIG_STATE_STOP_COPY } };

	(void)state;
	assert_int_equal(run("RSC", list, COUNT(list)), 0);
	step_is(0, MIG_OUTCOME_ACCEPTED, EIO, true, MIG_STATE_STOP);
	step_is(1, MIG_OUTCOME_ACCEPTED, 0, true, MIG_STATE_STOP_COPY);
	assert_int_equal(error.kind, MIG_KIND_OK); /* else the run's exit status is wrong */
	assert_string_equal(error.text, "");
	done();
}

static void test_timeout(void **state)
{
	static const struct turn write = { .set_hangs = true }, reading = { .get_hangs = true },
				 both = { .set = -EIO, .get_hangs = true };

	(void)state;
	ends(&write, -ETIMEDOUT, MIG_OUTCOME_TIMEOUT, MIG_KIND_TIMEOUT);
	step_is(0, MIG_OUTCOME_TIMEOUT, 0, false, MIG_STATE_ERROR); /* no errno was returned */
	assert_int_equal(walk.steps[0].usec, 2500000);              /* the deadline */
	assert_int_equal(gets, 0);
	assert_false(walk.seen);
	assert_non_null(strstr(error.text, "writing"));
	assert_non_null(strstr(error.hint, "4242"));
	done();
	ends(&reading, -ETIMEDOUT, MIG_OUTCOME_TIMEOUT, MIG_KIND_TIMEOUT);
	assert_int_equal(walk.steps[0].usec, 41); /* the write had come back */
	assert_false(walk.seen);
	assert_non_null(strstr(error.text, "reading"));
	assert_int_equal(walk.steps[0].err, 0); /* the write itself went well */
	done();
	ends(&both, -ETIMEDOUT, MIG_OUTCOME_TIMEOUT, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.text, "reading"));
	assert_int_equal(walk.steps[0].err, EIO);
	done();
}

/* A transfer that was cut short has no errno, and is told in bytes. */
static void test_short_write(void **state)
{
	static const struct turn
		nak = { .set = -EIO, .short_write = true, .after = MIG_STATE_RUNNING },
		astray = { .set = -EIO,
			   .short_write = true,
			   .took = 3,
			   .after = MIG_STATE_RUNNING_P2P },
		fault = { .set = -EIO, .short_write = true, .took = 2, .after = MIG_STATE_ERROR },
		moved = { .set = -EIO, .short_write = true, .after = MIG_STATE_STOP };

	(void)state;
	ends(&nak, -EIO, MIG_OUTCOME_NAK, MIG_KIND_NAK);
	step_is(0, MIG_OUTCOME_NAK, 0, true, MIG_STATE_RUNNING);
	assert_int_equal(error.err, 0);
	assert_non_null(strstr(error.text, "(0 of 4 bytes written)"));
	done();
	ends(&astray, -EIO, MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY);
	step_is(0, MIG_OUTCOME_ASTRAY, 0, true, MIG_STATE_RUNNING_P2P);
	assert_non_null(strstr(error.text, "3 of 4 bytes written"));
	done();
	ends(&fault, -EIO, MIG_OUTCOME_FAULTED, MIG_KIND_FAULTED);
	step_is(0, MIG_OUTCOME_FAULTED, 0, true, MIG_STATE_ERROR);
	assert_int_equal(error.err, 0);
	assert_non_null(strstr(error.text, "2 of 4 bytes written"));
	done();
	assert_int_equal(run("RS", &moved, 1), 0);
	step_is(0, MIG_OUTCOME_ACCEPTED, 0, true, MIG_STATE_STOP);
	assert_string_equal(error.text, "");
	done();
}

/* The release hangs: the step stands, the walk ends, and the state is known. */
static void test_settling_hangs(void **state)
{
	static const struct turn list[] = {
		{ .after = MIG_STATE_STOP, .ends_transfer = true, .close_hangs = true }
	};

	(void)state;
	assert_int_equal(run("RSC", list, COUNT(list)), -ETIMEDOUT);
	assert_int_equal(sets, 1);
	assert_int_equal(walk.count, 1);
	step_is(0, MIG_OUTCOME_ACCEPTED, 0, true, MIG_STATE_STOP);
	assert_int_equal(walk.outcome, MIG_OUTCOME_ACCEPTED);
	assert_true(walk.seen);
	assert_int_equal(walk.last.state, MIG_STATE_STOP);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.text, "data_fd"));
	assert_non_null(strstr(error.text, "no answer"));
	assert_non_null(strstr(error.hint, "4242"));
	assert_int_equal(port.dead_fd, -1);
	assert_int_equal(script.after_stuck, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nak),
		cmocka_unit_test(test_astray),
		cmocka_unit_test(test_faulted),
		cmocka_unit_test(test_accepted_with_errno),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_short_write),
		cmocka_unit_test(test_settling_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
