// SPDX-License-Identifier: GPL-2.0-or-later
/* The walk over a protocol whose answers are written down beforehand. */
#include "script.h"

#include "migctl/walk.h"

struct turn {
	int set; /* what the write says; set_ret of a hang is -ETIMEDOUT */
	bool set_hangs;
	int get;
	bool get_hangs;
	enum mig_state after;
};

static const struct turn *turns;
static size_t turn_count, sets, gets;
static enum mig_state asked[8];
static volatile sig_atomic_t stop;
static size_t stop_after; /* the signal comes during this write; 0: none */

static struct script script;
static struct mig_device device;
static struct mig_port port;
static struct mig_plan plan;
static struct mig_walk walk;
static struct mig_error error;

static int answer(int ret, bool hangs, const char *what, struct mig_error *err)
{
	if (hangs) {
		script.stuck = (struct mig_stuck){
			.stuck = true, .call = "ioctl", .seconds = 2.5, .task = 4242
		};
		ret = -ETIMEDOUT;
	}
	return mig_sys_error(&script.sys, err, MIG_KIND_FAILED, ret, "%s", what);
}

static int fake_set(struct mig_port *p, enum mig_state state, struct mig_error *err)
{
	const struct turn *turn = &turns[sets];

	assert_true(sets < turn_count);
	assert_int_equal(gets, sets); /* each write is followed by one reading */
	asked[sets++] = state;
	p->set_ns = 41999;
	if (stop_after && sets == stop_after)
		stop = 1;
	return turn->set || turn->set_hangs ? answer(turn->set, turn->set_hangs, "writing", err)
					    : 0;
}

static int fake_get(struct mig_port *p, struct mig_reading *reading, struct mig_error *err)
{
	const struct turn *turn = &turns[gets++];

	(void)p;
	assert_int_equal(gets, sets);
	if (turn->get || turn->get_hangs)
		return answer(turn->get, turn->get_hangs, "reading", err);
	*reading = mig_v2_reading(turn->after);
	return 0;
}

static const struct mig_proto fake = { .id = MIG_PROTOCOL_V2, .get = fake_get, .set = fake_set };

/* letters: where the device is, then the targets. */
static int run(const char *letters, const struct turn *list, size_t count)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAPS_ALL };
	const struct mig_plan_options options = { .direct = true, .force = true };
	enum mig_state targets[8];
	size_t n = 0;
	int ret;

	for (const char *at = letters + 1; *at; at++)
		targets[n++] = letter_state(*at);
	assert_int_equal(mig_plan_build(&plan, &rules, &options, letter_state(letters[0]), targets,
					n, &error),
			 0);
	turns = list;
	turn_count = count;
	sets = gets = 0;
	stop = 0;
	script_begin(&script, NULL, 0);
	device = (struct mig_device){ .sys = &script.sys, .fd = 12, .name = "dev" };
	port = (struct mig_port){ .proto = &fake, .device = &device, .data_fd = -1 };
	memset(&error, 0, sizeof(error));
	memset(&walk, 0xa5, sizeof(walk));
	ret = mig_walk_run(&walk, &port, &plan, mig_v2_reading(letter_state(letters[0])), &stop,
			   &error);
	mig_plan_clear(&plan);
	return ret;
}

static void done(void)
{
	mig_walk_clear(&walk);
	assert_null(walk.steps);
}

static void step_is(size_t i, enum mig_outcome outcome, int err, bool seen, enum mig_state after)
{
	assert_true(i < walk.count);
	assert_int_equal(walk.steps[i].outcome, outcome);
	assert_int_equal(walk.steps[i].err, err);
	assert_int_equal(walk.steps[i].seen, seen);
	if (seen)
		assert_int_equal(walk.steps[i].after.state, after);
}

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
				 invalid = { .after = 9 }, unseen = { .get = -EIO },
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
	assert_non_null(strstr(error.text, "unreadable"));
	done();
	ends(&neither, -EBUSY, MIG_OUTCOME_ASTRAY, MIG_KIND_ASTRAY);
	assert_int_equal(error.err, EBUSY); /* the write's, not the reading's */
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
	assert_int_equal(gets, 0);
	assert_false(walk.seen);
	assert_non_null(strstr(error.text, "writing"));
	assert_non_null(strstr(error.hint, "4242"));
	done();
	ends(&reading, -EIO, MIG_OUTCOME_TIMEOUT, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.text, "reading"));
	assert_int_equal(walk.steps[0].err, 0); /* the write itself went well */
	done();
	ends(&both, -EIO, MIG_OUTCOME_TIMEOUT, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.text, "reading"));
	assert_int_equal(walk.steps[0].err, EIO);
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
		cmocka_unit_test(test_nak),      cmocka_unit_test(test_astray),
		cmocka_unit_test(test_faulted),  cmocka_unit_test(test_accepted_with_errno),
		cmocka_unit_test(test_timeout),  cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_planned),  cmocka_unit_test(test_forced_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
