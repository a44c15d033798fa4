// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/plan.h"

static const struct mig_rules v1 = { .protocol = MIG_PROTOCOL_V1, .table = MIG_TABLE_REVIEWED };
static const struct mig_rules v2 = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAPS_ALL };
static const struct mig_plan_options plainly, by_force = { .force = true },
					      directly = { .direct = true };

static struct mig_plan plan;
static struct mig_error error;

/* letters: the state the device is in, then the targets. */
static int build(const struct mig_rules *rules, const struct mig_plan_options *options,
		 const char *letters)
{
	enum mig_state targets[16];
	size_t count = 0;

	memset(&plan, 0xa5, sizeof(plan));
	memset(&error, 0, sizeof(error));
	for (const char *at = letters + 1; *at; at++)
		targets[count++] = letter_state(*at);
	return mig_plan_build(&plan, rules, options, letter_state(letters[0]), targets, count,
			      &error);
}

/* Steps as "RS" pairs; '=' follows a noop, '!' a forced one. */
static void plan_is(const char *expected)
{
	char text[256] = "", step[8];

	for (size_t i = 0; i < plan.count; i++) {
		snprintf(step, sizeof(step), "%s%c%c%s%s", i ? " " : "",
			 state_letter(plan.steps[i].from), state_letter(plan.steps[i].to),
			 plan.steps[i].noop ? "=" : "", plan.steps[i].forced ? "!" : "");
		strcat(text, step);
	}
	assert_string_equal(text, expected);
	mig_plan_clear(&plan);
	assert_int_equal(plan.count, 0);
	assert_null(plan.steps);
}

static void goes(const struct mig_rules *rules, const struct mig_plan_options *options,
		 const char *letters, const char *expected)
{
	if (build(rules, options, letters))
		fail_msg("%s: %s", letters, error.text);
	plan_is(expected);
}

static void refused(const struct mig_rules *rules, const struct mig_plan_options *options,
		    const char *letters, const char *steps)
{
	assert_int_equal(build(rules, options, letters), -EPERM);
	assert_int_equal(error.kind, MIG_KIND_REFUSED);
	assert_int_equal(error.err, 0);
	assert_true(has_words(error.text));
	plan_is(steps);
}

static void test_v1(void **state)
{
	(void)state;
	goes(&v1, &plainly, "RPCSR", "RP PC CS SR");
	goes(&v1, &plainly, "RM", "RM");
	goes(&v1, &directly, "RPCS", "RP PC CS");
	goes(&v1, &plainly, "R", "");
}

static void test_v2_walks_arcs(void **state)
{
	(void)state;
	goes(&v2, &plainly, "RPC", "RP Pp pC");
	goes(&v2, &plainly, "MP", "MS Sr rR RP");
	goes(&v2, &plainly, "RSR", "Rr rS Sr rR");
	goes(&v2, &directly, "RPCS", "RP PC CS");
	goes(&v2, &directly, "MP", "MP");
}

static void test_noop(void **state)
{
	(void)state;
	goes(&v1, &plainly, "RR", "RR=");
	goes(&v2, &plainly, "RRSS", "RR= Rr rS SS=");
	goes(&v2, &directly, "SSR", "SS= SR");
	goes(&v1, &by_force, "RRR", "RR= RR=");
	/* Being in _ERROR is no wish that could be fulfilled. */
	refused(&v1, &plainly, "EE", "EE!");
	refused(&v2, &plainly, "EE", "EE!");
}

/* The whole is settled before the first write: the last of many refuses it. */
static void test_refused_as_a_whole(void **state)
{
	(void)state;
	refused(&v1, &plainly, "RPCSC", "RP PC CS SC!");
	refused(&v1, &plainly, "PSR", "PS!");
	refused(&v2, &plainly, "RSCP", "Rr rS SC CP!");
	refused(&v2, &directly, "RCP", "RC CP!");
}

static void test_forced(void **state)
{
	(void)state;
	goes(&v1, &by_force, "PSR", "PS! SR");
	goes(&v1, &by_force, "RE", "RE!");
	goes(&v2, &by_force, "RE", "RE!");
	goes(&v2, &by_force, "RPC", "RP Pp pC");
}

static void test_hazards_never_forced(void **state)
{
	static const struct mig_plan_options both = { .direct = true, .force = true };

	(void)state;
	refused(&v2, &by_force, "CP", "CP!");
	refused(&v2, &both, "Cp", "Cp!");
	refused(&v2, &by_force, "ER", "ER!");
	refused(&v1, &by_force, "ER", "ER!");
	refused(&v1, &both, "PCES", "PC CE! ES!");
	refused(&v2, &both, "RCP", "RC CP!");
	assert_non_null(strstr(error.text, "locks up"));
	/* After a forced step into _ERROR nothing may follow. */
	refused(&v2, &both, "RER", "RE! ER!");
}

/* v1 has no bits for the P2P states: writing them would write _STOP. */
static void test_inexpressible_never_forced(void **state)
{
	(void)state;
	refused(&v1, &by_force, "Rr", "Rr!");
	refused(&v1, &by_force, "RPp", "RP Pp!");
	assert_non_null(strstr(error.text, "peer-to-peer"));
}

static void test_words(void **state)
{
	(void)state;
	assert_int_equal(build(&v1, &plainly, "PS"), -EPERM);
	mig_plan_clear(&plan);
	assert_non_null(strstr(error.text, "pre-copy -> stop"));
	assert_non_null(strstr(error.text, "v1"));
	assert_non_null(strstr(error.text, "table reviewed"));
	assert_non_null(strstr(error.text, "Williamson"));
	assert_non_null(strstr(error.hint, "pre-copy -> running -> stop"));
	assert_non_null(strstr(error.hint, "--table open"));
	assert_int_equal(build(&v1, &plainly, "ER"), -EPERM);
	mig_plan_clear(&plan);
	assert_non_null(strstr(error.hint, "reset"));
	assert_null(strstr(error.hint, "->"));
	assert_int_equal(build(&v2, &plainly, "CP"), -EPERM);
	mig_plan_clear(&plan);
	assert_non_null(strstr(error.text, "v2 stop-copy -> pre-copy"));
	assert_null(strstr(error.text, "table"));
	assert_non_null(strstr(error.hint, "name stop in between"));
}

static void test_many(void **state)
{
	enum mig_state targets[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++)
		targets[i] = i % 2 ? MIG_STATE_RUNNING : MIG_STATE_RESUMING;
	assert_int_equal(mig_plan_build(&plan, &v2, &plainly, MIG_STATE_RUNNING, targets,
					COUNT(targets), &error),
			 0);
	assert_int_equal(plan.count, 3 * COUNT(targets)); /* RrSM, MSrR */
	mig_plan_clear(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v2_walks_arcs),
		cmocka_unit_test(test_noop),
		cmocka_unit_test(test_refused_as_a_whole),
		cmocka_unit_test(test_forced),
		cmocka_unit_test(test_hazards_never_forced),
		cmocka_unit_test(test_inexpressible_never_forced),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
