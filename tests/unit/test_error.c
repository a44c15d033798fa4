// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/error.h"

/* The exit table; the position is the status. */
static const char *const kinds[] = {
	"ok",  "failed", "usage",   "no-device", "busy",      "no-migration", "refused",
	"nak", "astray", "faulted", "timeout",   "bad-state", "check-failed",
};

static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(MIG_KIND_CHECK_FAILED, COUNT(kinds) - 1);
	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_string_equal(mig_kind_name((enum mig_kind)i), kinds[i]);
	assert_int_equal(MIG_KIND_USAGE, 2);
	assert_int_equal(MIG_KIND_NO_MIGRATION, 5);
	assert_int_equal(MIG_KIND_FAULTED, 9);
	assert_int_equal(MIG_KIND_TIMEOUT, 10);
}

static void test_errno_names(void **state)
{
	(void)state;
	assert_string_equal(mig_errno_name(EBUSY), "EBUSY");
	assert_string_equal(mig_errno_name(ENOTTY), "ENOTTY");
	assert_string_equal(mig_errno_name(ENOTCONN), "ENOTCONN");
	assert_string_equal(mig_errno_name(EIO), "EIO");
	assert_null(mig_errno_name(0));
	assert_null(mig_errno_name(99999));
	assert_null(mig_errno_name(-EBUSY));
}

static void test_set(void **state)
{
	struct mig_error error;

	(void)state;
	memset(&error, 0xa5, sizeof(error));
	assert_int_equal(mig_error_set(&error, MIG_KIND_BUSY, EBUSY, "open %s: %d", "x", 3),
			 -EBUSY);
	assert_int_equal(error.kind, MIG_KIND_BUSY);
	assert_int_equal(error.cause, MIG_CAUSE_NONE);
	assert_int_equal(error.err, EBUSY);
	assert_string_equal(error.text, "open x: 3");
	assert_string_equal(error.hint, "");
	mig_error_hint(&error, "try %s", "again");
	mig_error_add(&error, "; then %d", 4);
	assert_string_equal(error.hint, "try again");
	assert_string_equal(error.text, "open x: 3; then 4");
	/* A second failure leaves nothing of the first. */
	error.cause = MIG_CAUSE_HELD;
	assert_int_equal(mig_error_set(&error, MIG_KIND_FAILED, 0, "%s", "other"), -EIO);
	assert_int_equal(error.err, 0);
	assert_int_equal(error.cause, MIG_CAUSE_NONE);
	assert_string_equal(error.hint, "");
}

static void test_truncation(void **state)
{
	struct {
		struct mig_error error;
		char canary;
	} box = { .canary = 'c' };
	char *longest = malloc(2000);

	(void)state;
	assert_non_null(longest);
	memset(longest, 'x', 1999);
	longest[1999] = '\0';
	mig_error_set(&box.error, MIG_KIND_FAILED, EIO, "%s", longest);
	assert_int_equal(strlen(box.error.text), sizeof(box.error.text) - 1);
	assert_string_equal(box.error.hint, "");
	mig_error_add(&box.error, "%s", longest);
	mig_error_hint(&box.error, "%s", longest);
	assert_int_equal(strlen(box.error.hint), sizeof(box.error.hint) - 1);
	assert_int_equal(strlen(box.error.text), sizeof(box.error.text) - 1);
	assert_int_equal(box.canary, 'c');
	free(longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_errno_names),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
