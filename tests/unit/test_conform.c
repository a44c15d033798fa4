// SPDX-License-Identifier: GPL-2.0-or-later
/* Conformance tests, each made to fail; what the engine does around them is in test_conform_run.c.
 */
#include "test_conform.h"

#define STATES "open,arcs,refusals,reset,errors"

static int conform(const char *only)
{
	const struct mig_conform_options options = { .only = only, .illegal = true };

	return conform_with(&options);
}

static void keeps_the_rules(enum mig_protocol protocol, unsigned int caps)
{
	make_fake(protocol, caps, NULL);
	assert_int_equal(conform(STATES), 0);
	for (size_t i = 0; i < run.count; i++) {
		const struct mig_conform_item *item = &run.items[i];

		if (item->verdict == MIG_CHECK_SKIP && strstr(item->name, "-not-announced"))
			continue;
		if (item->verdict != MIG_CHECK_PASS)
			fail_msg("caps %u: %s: %s", caps, item->name, item->detail);
	}
	assert_false(run.failed);
	assert_int_equal(fake.state, MIG_STATE_RUNNING);
	assert_int_equal(fake.descriptors, 0);
	done();
}

static void test_clean(void **state)
{
	(void)state;
	for (unsigned int caps = 1; caps <= MIG_CAPS_ALL; caps += 2)
		keeps_the_rules(MIG_PROTOCOL_V2, caps);
	keeps_the_rules(MIG_PROTOCOL_V1, MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY);
}

static const struct {
	const char *name; /* of the test that has to find it */
	enum mig_check_verdict verdict;
	const char *says;
	enum mig_protocol protocol;
	unsigned int lacks; /* capabilities */
	struct wrong wrong;
} defects[] = {
#define V1 MIG_PROTOCOL_V1
#define V2 MIG_PROTOCOL_V2
#define FAIL MIG_CHECK_FAIL
#define WARN MIG_CHECK_WARN
#define ARC(a, b) .from = MIG_STATE_##a, .to = MIG_STATE_##b
	{ "open/first-state", FAIL, "stop, not running", V2, 0, { .opens_stopped = true } },
	{ "open/first-state", FAIL, "stop, not running", V1, 0, { .opens_stopped = true } },
	{ "open/state-not-kept", WARN, "is stop", V2, 0, { .keeps = true } },
	{ "open/state-not-kept", FAIL, "is stop", V1, 0, { .keeps = true } },
	{ "open/get", FAIL, ", then ", V2, 0, { .restless = true } },
	{ "open/get", FAIL, "then as", V1, 0, { .restless = true } },
	{ "open/get", FAIL, "data_fd 3", V2, 0, { .get_fd = true } },
	{ "open/capabilities", FAIL, "STOP_COPY", V2, 0, { .flags = 1 } },
	{ "open/capabilities", FAIL, "when it was opened", V2, 0, { .flags = 4 } },
	{ "open/capabilities", WARN, "does not know", V2, 0, { .flags = 1u << 5 } },
	{ "open/probe", FAIL, "after a probe", V2, 0, { .probe_acts = true } },
	{ "open/probe", FAIL, "ENOTTY", V2, 0, { .probe_fails = true } },
	{ "open/data-size", FAIL, "EIO", V2, 0, { .size_fails = true } },
	{ "open/data-size", MIG_CHECK_SKIP, "older", V2, 0, { .no_size = true } },
	{ "arcs/running-to-stop",
	  FAIL,
	  "EBUSY, and the state is running",
	  V2,
	  0,
	  { ARC(RUNNING, RUNNING_P2P), .err = EBUSY, .lands = MIG_STATE_RUNNING } },
	{ "arcs/running-to-stop",
	  FAIL,
	  "success, and the state is error",
	  V2,
	  0,
	  { ARC(RUNNING_P2P, STOP), .lands = MIG_STATE_ERROR } },
	{ "arcs/running-to-running-p2p",
	  FAIL,
	  "EIO, and the state is resuming, which is not on",
	  V2,
	  0,
	  { ARC(RUNNING, RUNNING_P2P), .err = EIO, .lands = MIG_STATE_RESUMING } },
	{ "arcs/running-to-stop",
	  FAIL,
	  "EIO, and the state is stop",
	  V2,
	  0,
	  { ARC(RUNNING_P2P, STOP), .err = EIO, .lands = MIG_STATE_STOP } },
	{ "arcs/stop-to-stop", WARN, "EINVAL", V2, 0, { ARC(STOP, STOP), .err = EINVAL } },
	{ "arcs/stop-to-stop-copy", FAIL, "no data_fd", V2, 0, { .keeps_fd = true } },
	{ "arcs/stop-to-running", FAIL, "a data_fd came", V2, 0, { .gives_fd = true } },
	{ "arcs/stop-to-stop", FAIL, "a data_fd came", V2, 0, { .gives_fd = true } },
	{ "arcs/running-to-stop",
	  WARN,
	  "EBUSY",
	  V1,
	  0,
	  { ARC(RUNNING, STOP), .err = EBUSY, .lands = MIG_STATE_RUNNING } },
	{ "arcs/stop-to-running",
	  MIG_CHECK_SKIP,
	  "does not go to stop",
	  V1,
	  0,
	  { ARC(RUNNING, STOP), .err = EBUSY, .lands = MIG_STATE_RUNNING } },
	{ "arcs/running-to-resuming",
	  WARN,
	  "EINVAL",
	  V1,
	  0,
	  { ARC(RUNNING, RESUMING), .err = EINVAL, .lands = MIG_STATE_RUNNING } },
	{ "arcs/running-to-stop",
	  FAIL,
	  "0 of 4 bytes",
	  V1,
	  0,
	  { ARC(RUNNING, STOP), .err = EBUSY, .lands = MIG_STATE_RUNNING, .short_write = true } },
	{ "arcs/running-to-stop",
	  FAIL,
	  "EIO, and the state is resuming",
	  V1,
	  0,
	  { ARC(RUNNING, STOP), .err = EIO, .lands = MIG_STATE_RESUMING } },
	{ "arcs/running-to-stop",
	  FAIL,
	  "success, and the state is running",
	  V1,
	  0,
	  { ARC(RUNNING, STOP), .lands = MIG_STATE_RUNNING } },
	{ "arcs/pre-copy-to-stop",
	  FAIL,
	  "EIO, and the state is error",
	  V1,
	  0,
	  { ARC(PRE_COPY, STOP), .err = EIO, .lands = MIG_STATE_ERROR } },
	{ "arcs/pre-copy-to-stop",
	  MIG_CHECK_PASS,
	  "nak: EPERM",
	  V1,
	  0,
	  { ARC(PRE_COPY, STOP), .err = EPERM, .lands = MIG_STATE_PRE_COPY } },
	{ "refusals/error-state", FAIL, "success", V2, 0, { .takes_any = true } },
	{ "refusals/no-state", FAIL, "EINVAL, and the state is stop", V2, 0, { .moves = true } },
	{ "refusals/running-p2p-not-announced",
	  FAIL,
	  "success",
	  V2,
	  MIG_CAP_P2P,
	  { .takes_any = true } },
	{ "refusals/pre-copy-not-announced",
	  FAIL,
	  "EINVAL, and",
	  V2,
	  MIG_CAP_PRE_COPY,
	  { .moves = true } },
	{ "refusals/argsz", FAIL, "argsz 8", V2, 0, { .short_argsz = true } },
	{ "refusals/flags", FAIL, "GET and SET", V2, 0, { .any_flags = true } },
	{ "refusals/invalid-101b", FAIL, "success", V1, 0, { .takes_any = true } },
	{ "refusals/invalid-111b",
	  FAIL,
	  "EINVAL, and the state is stop",
	  V1,
	  0,
	  { .moves = true } },
	{ "refusals/error-110b", FAIL, "0 of 4 bytes", V1, 0, { .silent = true } },
	{ "refusals/reserved-bit", WARN, "stays changed", V1, 0, { .bits = true } },
	{ "refusals/reserved-bit", FAIL, "0 of 4 bytes", V1, 0, { .silent = true } },
	{ "refusals/leave-error", FAIL, "success", V1, 0, { .error_left = true } },
	{ "reset/from-stop", FAIL, "stop, not running", V2, 0, { .reset_stops = true } },
	{ "reset/from-stop", FAIL, "EIO", V2, 0, { .reset_fails = true } },
	{ "reset/from-stop", FAIL, "after a second reset", V1, 0, { .reset_twice = true } },
	{ "reset/from-stop-copy", FAIL, "gives data", V2, 0, { .fd_lives = true } },
	{ "reset/from-resuming", FAIL, "takes data", V2, 0, { .fd_lives = true } },
	{ "errors/short-load-to-stop",
	  FAIL,
	  "running, which is not on the way",
	  V2,
	  0,
	  { .part_moves = true } },
	{ "errors/short-load-to-running", FAIL, "0 of 4 bytes", V1, 0, { .silent = true } },
};

static void test_defects(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(defects); i++) {
		const struct mig_conform_item *item;
		unsigned int caps = MIG_CAPS_ALL & ~defects[i].lacks;

		if (defects[i].protocol == V1)
			caps = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY;
		make_fake(defects[i].protocol, caps, &defects[i].wrong);
		/* Whether the device can be brought back is not asked here. */
		if (conform(defects[i].name) && !run.count)
			fail_msg("%zu, %s: %s", i, defects[i].name, error.text);
		item = find(defects[i].name);
		if (item->verdict != defects[i].verdict || !item->detail ||
		    !strstr(item->detail, defects[i].says))
			fail_msg("%zu, %s: %s: %s", i, item->name,
				 mig_check_verdict_name(item->verdict),
				 item->detail ? item->detail : "nothing");
		assert_int_equal(run.failed, defects[i].verdict == FAIL);
		assert_int_equal(fake.descriptors, 0);
		done();
	}
}

/* The answers to the review are those of the driver. */
static void test_answers(void **state)
{
	const struct wrong wrong = { ARC(STOP, PRE_COPY), .err = EPERM, .lands = MIG_STATE_STOP };
	size_t naks = 0;

	(void)state;
	make_fake(V1, MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY, &wrong);
	assert_int_equal(conform("arcs"), 0);
	assert_int_equal(run.answer_count, 20);
	for (size_t i = 0; i < run.answer_count; i++) {
		const struct mig_conform_answer *answer = &run.answers[i];
		bool nak = answer->from == MIG_STATE_STOP && answer->to == MIG_STATE_PRE_COPY;

		assert_int_equal(answer->outcome, nak ? MIG_OUTCOME_NAK : MIG_OUTCOME_ACCEPTED);
		assert_int_equal(answer->err, nak ? EPERM : 0);
		naks += nak;
	}
	assert_int_equal(naks, 1);
	done();
}

/* A driver after the table as posted loads all the same, by way of STOP. */
static void test_posted(void **state)
{
	const struct wrong wrong = { ARC(RUNNING, RESUMING), .err = EINVAL,
				     .lands = MIG_STATE_RUNNING };

	(void)state;
	make_fake(V1, MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY, &wrong);
	assert_int_equal(conform("arcs"), 0);
	assert_int_equal(find("arcs/running-to-resuming")->verdict, WARN);
	assert_int_equal(find("arcs/resuming-to-stop")->verdict, MIG_CHECK_PASS);
	done();
}

/* What one test changed is not the driver's fault in the next. */
static void test_reserved_bit(void **state)
{
	const struct wrong wrong = { .bits = true };

	(void)state;
	make_fake(V1, MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY, &wrong);
	assert_int_equal(conform("refusals/reserved-bit,region/reserved-bits"), 0);
	assert_int_equal(find("refusals/reserved-bit")->verdict, WARN);
	assert_int_equal(find("region/reserved-bits")->verdict, MIG_CHECK_PASS);
	assert_int_equal(fake.reserved, 0);
	done();
}

/* A load that is no good may lead to ERROR: without a reset it is not asked for. */
static void test_without_reset(void **state)
{
	const struct wrong wrong = { .part_faults = true };

	(void)state;
	for (unsigned int caps = 1; caps <= MIG_CAPS_ALL; caps += 2) {
		make_fake(V2, caps, &wrong);
		device.flags = 0;
		assert_int_equal(
			conform("errors,resume/truncated,resume/nothing,resume/round-trip"), 0);
		assert_int_equal(find("errors/short-load-to-stop")->verdict, MIG_CHECK_SKIP);
		assert_int_equal(find("resume/truncated")->verdict, MIG_CHECK_SKIP);
		assert_int_equal(find("resume/nothing")->verdict, MIG_CHECK_SKIP);
		assert_int_equal(find("resume/round-trip")->verdict, MIG_CHECK_PASS);
		assert_false(run.failed);
		assert_int_equal(fake.state, MIG_STATE_RUNNING);
		done();
	}
}

/* One that goes to ERROR by itself breaks a rule, and is asked for nothing there. */
static void test_faults_by_itself(void **state)
{
	static const char *const names[] = { "arcs/running-to-stop", "refusals/no-state" };
	size_t found[COUNT(names)] = { 0 };

	(void)state;
	for (size_t at = 1; at < 80; at++) {
		const struct wrong wrong = { .faults = at };

		make_fake(V2, MIG_CAPS_ALL, &wrong);
		assert_int_equal(conform("arcs/running-to-stop,refusals/no-state"), 0);
		for (size_t i = 0; i < COUNT(names); i++) {
			assert_int_not_equal(find(names[i])->verdict, MIG_CHECK_SKIP);
			if (find(names[i])->verdict == FAIL)
				found[i] += !!strstr(find(names[i])->detail, "has become error");
		}
		assert_int_equal(fake.state, MIG_STATE_RUNNING);
		done();
	}
	assert_true(found[0] && found[1]);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_defects),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_posted),
		cmocka_unit_test(test_without_reset),
		cmocka_unit_test(test_reserved_bit),
		cmocka_unit_test(test_faults_by_itself),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
