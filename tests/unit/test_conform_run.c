// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine around conformance tests: what is chosen, what ends a run, how the device is left. */
#include "test_conform.h"

#define V2 MIG_PROTOCOL_V2
#define ARC(a, b) .from = MIG_STATE_##a, .to = MIG_STATE_##b

/* Which are chosen of v2 with all capabilities, in their order, as words. */
static void chosen_are(const char *only, const char *skip, const char *names)
{
	const struct mig_conform_options options = { .only = only, .skip = skip };
	char text[1024] = "";

	assert_int_equal(mig_conform_list(V2, MIG_CAPS_ALL, &options, &tests, &test_count, &error),
			 0);
	for (size_t i = 0; i < test_count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			 tests[i].name);
	assert_string_equal(text, names);
	free(tests);
	tests = NULL;
}

static void test_chosen(void **state)
{
	const struct mig_conform_options wrong[] = {
		{ .only = "open,nix" }, { .skip = "arcs/nix" }, { .only = "" }, { .only = "open," }
	};

	(void)state;
	chosen_are("open", "open/[a-f]*", "open/state-not-kept open/get open/probe");
	chosen_are("reset/from-stop,open/get", NULL, "open/get reset/from-stop");
	chosen_are("arcs/stop-to-*", "*copy*,arcs/*-resuming",
		   "arcs/stop-to-stop arcs/stop-to-running arcs/stop-to-running-p2p");
	chosen_are("open", "open", "");
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(
			mig_conform_list(V2, MIG_CAPS_ALL, &wrong[i], &tests, &test_count, &error),
			-EINVAL);
		assert_int_equal(error.kind, MIG_KIND_USAGE);
	}
}

/* Whose rule it is: "FILE, WHAT: the rule". */
static void test_authorities(void **state)
{
	const struct mig_conform_options all = { .only = NULL };

	(void)state;
	for (int protocol = MIG_PROTOCOL_V1; protocol <= MIG_PROTOCOL_V2; protocol++) {
		assert_int_equal(
			mig_conform_list(protocol, MIG_CAPS_ALL, &all, &tests, &test_count, &error),
			0);
		assert_true(test_count > 50);
		for (size_t i = 0; i < test_count; i++) {
			const char *rule = strstr(tests[i].authority, ": ");

			if (!rule || !has_words(rule + 2) || !has_words(tests[i].authority) ||
			    !strchr(tests[i].name, '/'))
				fail_msg("%s: %s", tests[i].name, tests[i].authority);
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(tests[i].name, tests[j].name);
		}
		free(tests);
		tests = NULL;
	}
}

static void test_stops_at_fail(void **state)
{
	const struct wrong wrong = { ARC(RUNNING, RUNNING_P2P), .err = EIO,
				     .lands = MIG_STATE_RUNNING };
	const struct mig_conform_options options = { .only = "open/get,arcs",
						     .stop_at_fail = true };

	(void)state;
	make_fake(V2, MIG_CAPS_ALL, &wrong);
	assert_int_equal(conform_with(&options), 0);
	assert_true(run.failed);
	assert_true(run.count < test_count);
	assert_int_equal(run.items[run.count - 1].verdict, MIG_CHECK_FAIL);
	assert_int_equal(told, run.count);
	done();
}

/* The third time only; the worst counts, and says when. */
static void test_repeats(void **state)
{
	const struct wrong wrong = { ARC(RUNNING, RUNNING_P2P), .err = EIO,
				     .lands = MIG_STATE_RUNNING,
				     .after = 3 }; /* one of them in the preparation */
	const struct mig_conform_options options = { .only = "arcs/running-to-running-p2p",
						     .repeat = 5 };
	const struct mig_conform_item *item;

	(void)state;
	make_fake(V2, MIG_CAPS_ALL, &wrong);
	assert_int_equal(conform_with(&options), 0);
	item = find(options.only);
	assert_int_equal(item->verdict, MIG_CHECK_FAIL);
	assert_non_null(strstr(item->detail, "EIO, and the state is running"));
	assert_non_null(strstr(item->detail, "in repetition 3 of 5"));
	done();
}

/* A signal within the fourth test: it says nothing, and the device is brought home. */
static void test_interrupted(void **state)
{
	const struct mig_conform_options options = { .only = "arcs" };

	(void)state;
	make_fake(V2, MIG_CAPS_ALL, NULL);
	stop_at = 3;
	assert_int_equal(conform_with(&options), -EINTR);
	stop_at = 0;
	assert_int_equal(run.count, 3);
	assert_int_equal(told, 3);
	assert_int_equal(error.err, EINTR);
	assert_non_null(strstr(error.text, "3 of"));
	assert_int_equal(fake.state, MIG_STATE_RUNNING);
	assert_int_equal(fake.descriptors, 0);
	done();
}

/* Without a reset, and with a way out that the driver does not go. */
static void test_lost(void **state)
{
	const struct wrong wrong = { ARC(RUNNING_P2P, RUNNING), .err = EIO,
				     .lands = MIG_STATE_RUNNING_P2P, .after = 1, .keeps = true };
	const struct mig_conform_options options = { .only = "arcs" };

	(void)state;
	make_fake(V2, MIG_CAPS_ALL, &wrong);
	device.flags = 0;
	assert_int_equal(conform_with(&options), -EIO);
	assert_int_equal(error.kind, MIG_KIND_ASTRAY);
	assert_non_null(strstr(error.text, "running-p2p"));
	assert_true(run.seen);
	assert_int_equal(run.last.state, MIG_STATE_RUNNING_P2P);
	assert_true(run.count < test_count);
	done();
	/* With one, nothing is lost. */
	make_fake(V2, MIG_CAPS_ALL, &wrong);
	assert_int_equal(conform_with(&options), 0);
	assert_int_equal(run.count, test_count);
	assert_true(fake.resets > 0);
	assert_int_equal(fake.state, MIG_STATE_RUNNING);
	done();
}

/* What neither the rules nor a reset bring back begins anew when it is opened anew. */
static void test_reopened(void **state)
{
	const struct wrong stuck = { ARC(RUNNING_P2P, RUNNING), .err = EIO,
				     .lands = MIG_STATE_RUNNING_P2P, .after = 1 };
	const struct wrong faulty = { ARC(STOP, STOP_COPY), .err = EIO, .lands = MIG_STATE_ERROR,
				      .after = 1, .reset_fails = true };
	const struct mig_conform_options options = { .only = "arcs" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		make_fake(V2, MIG_CAPS_ALL, i ? &faulty : &stuck);
		if (!i)
			device.flags = 0;
		assert_int_equal(conform_with(&options), 0);
		assert_int_equal(run.count, test_count);
		assert_true(run.failed);
		assert_int_equal(fake.state, MIG_STATE_RUNNING);
		done();
	}
}

/* No call is made after one that hangs: the fake fails the test if there is. */
static void test_hangs(void **state)
{
	const struct wrong wrong = { ARC(STOP, STOP_COPY), .hangs = true, .lands = MIG_STATE_STOP,
				     .after = 1 };
	const struct mig_conform_options options = { .only = "arcs" };

	(void)state;
	make_fake(V2, MIG_CAPS_ALL, &wrong);
	assert_int_equal(conform_with(&options), -EIO);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_false(run.seen);
	assert_int_equal(run.items[run.count - 1].verdict, MIG_CHECK_FAIL);
	assert_int_equal(told, run.count);
	done();
}

static void test_as_found(void **state)
{
	const struct mig_conform_options options = { .only = "arcs" };

	(void)state;
	make_fake(V2, MIG_CAPS_ALL, NULL);
	fake.state = MIG_STATE_STOP;
	assert_int_equal(conform_with(&options), 0);
	assert_int_equal(fake.state, MIG_STATE_STOP);
	assert_int_equal(run.last.state, MIG_STATE_STOP);
	done();
	make_fake(V2, MIG_CAPS_ALL, NULL);
	fake.state = MIG_STATE_ERROR;
	assert_int_equal(conform_with(&options), 0);
	assert_false(run.failed);
	assert_int_equal(fake.state, MIG_STATE_RUNNING);
	done();
	make_fake(V2, MIG_CAPS_ALL, NULL);
	device.flags = 0;
	fake.state = MIG_STATE_ERROR;
	assert_int_equal(conform_with(&options), -EPERM);
	assert_int_equal(error.kind, MIG_KIND_REFUSED);
	assert_int_equal(run.count, 0);
	assert_int_equal(fake.sets, 0);
	done();
}

/* What a device has not, or was not to be asked, is skipped, with the reason. */
static void test_unmet(void **state)
{
	static const struct {
		const char *name, *says;
	} skipped[] = {
		{ "refusals/error-state", "--illegal" },
		{ "reset/from-stop", "no reset" },
		{ "reset/from-resuming", "no reset" },
	};
	const struct mig_conform_options options = { .only = "arcs,refusals,reset" };

	(void)state;
	make_fake(V2, MIG_CAPS_ALL, NULL);
	device.flags = 0;
	assert_int_equal(conform_with(&options), 0);
	for (size_t i = 0; i < COUNT(skipped); i++) {
		assert_int_equal(find(skipped[i].name)->verdict, MIG_CHECK_SKIP);
		assert_non_null(strstr(find(skipped[i].name)->detail, skipped[i].says));
	}
	assert_int_equal(find("arcs/resuming-to-stop")->verdict, MIG_CHECK_PASS);
	assert_int_equal(fake.resets, 0);
	assert_false(run.failed);
	done();
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(test_chosen),        cmocka_unit_test(test_authorities),
		cmocka_unit_test(test_stops_at_fail), cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_interrupted),   cmocka_unit_test(test_lost),
		cmocka_unit_test(test_reopened),      cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_as_found),      cmocka_unit_test(test_unmet),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
