// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/record.h"

static void test_migration_names(void **state)
{
	(void)state;
	assert_string_equal(mig_migration_name(MIG_MIGRATION_UNKNOWN), "unknown");
	assert_string_equal(mig_migration_name(MIG_MIGRATION_NONE), "none");
	assert_string_equal(mig_migration_name(MIG_MIGRATION_V1), "v1");
	assert_string_equal(mig_migration_name(MIG_MIGRATION_V2), "v2");
}

/* lines: what must come, each ended by a '|'. */
static void splits(const char *text, const char *lines)
{
	char line[MIG_LINE_SIZE], all[256] = "";

	while (mig_next_line(&text, line)) {
		strcat(all, line);
		strcat(all, "|");
	}
	assert_string_equal(all, lines);
	assert_int_equal(*text, '\0');
	assert_false(mig_next_line(&text, line)); /* and stays at the end */
}

static void test_lines(void **state)
{
	(void)state;
	splits("", "");
	splits("one", "one|");
	splits("one\n", "one|");
	splits("one\ntwo", "one|two|");
	splits("one\ntwo\n", "one|two|");
	splits("\n", "|");
	splits("\none\n\n two\n", "|one|| two|");
}

/* A line of any length is cut, and the next one is found behind all of it. */
static void test_long_line(void **state)
{
	(void)state;
	for (size_t len = MIG_LINE_SIZE - 2; len < MIG_LINE_SIZE + 3; len++) {
		const size_t kept = len < MIG_LINE_SIZE ? len : MIG_LINE_SIZE - 1;
		char *text = malloc(len + 5), *line = malloc(MIG_LINE_SIZE);
		const char *at = text;

		assert_true(text && line);
		memset(text, 'x', len);
		strcpy(text + len, "\nend");
		assert_true(mig_next_line(&at, line));
		assert_int_equal(strlen(line), kept);
		assert_memory_equal(line, text, kept);
		assert_true(mig_next_line(&at, line));
		assert_string_equal(line, "end");
		assert_false(mig_next_line(&at, line));
		free(text); /* its end is watched by ASan */
		free(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_migration_names),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
