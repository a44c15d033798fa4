// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Saved states that another program made after the man page (golden/make.py),
 * and that every later version has to read: what users have stored.
 */
#include "test_saved_file.h"

static void read_golden(const char *name, struct file *file)
{
	char path[512];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", TEST_GOLDEN, name);
	stream = fopen(path, "rb");
	if (!stream)
		fail_msg("%s: %s", path, strerror(errno));
	memset(file, 0, sizeof(*file));
	file->bytes = malloc(FILE_ROOM);
	assert_non_null(file->bytes);
	file->size = fread(file->bytes, 1, FILE_ROOM, stream);
	fclose(stream);
}

static void is_version_1(const char *name)
{
	static const char digest[] = "xxh3-128:09bf09c1ced15ac814394e5e041dde39";
	static const size_t sizes[] = { 5, 0, 256, 8 };
	struct outcome outcome;
	char text[MIG_DIGEST_TEXT];
	struct file file;

	read_golden(name, &file);
	outcome = file_outcome(&file);
	if (outcome.ret)
		fail_msg("%s: %s", name, outcome.error.text);
	assert_memory_equal(&outcome.meta, meta_of_tests(), sizeof(outcome.meta));
	assert_int_equal(outcome.pieces, COUNT(sizes));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(outcome.sizes[i], sizes[i]);
		assert_int_equal(outcome.more[i], i == 2);
	}
	assert_int_equal(outcome.size, 269);
	assert_memory_equal(outcome.data, "first", 5);
	for (size_t i = 0; i < 256; i++)
		assert_int_equal(outcome.data[5 + i], i);
	assert_memory_equal(outcome.data + 261, "the rest", 8);
	assert_int_equal(outcome.totals.bytes, 269);
	assert_int_equal(outcome.totals.transactions, 3);
	assert_string_equal(mig_digest_text(outcome.totals.digest, text), digest);
	free(outcome.data);
	file_clear(&file);
}

static void test_version_1(void **state)
{
	(void)state;
	is_version_1("v1.state");
}

static void test_version_1_optional(void **state)
{
	(void)state;
	is_version_1("v1-optional.state");
}

/* This one need not hold for ever: a later version may write more. */
static void test_written_alike(void **state)
{
	struct file golden, file;
	uint8_t bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	read_golden("v1.state", &golden);
	file_begin(&file, meta_of_tests());
	file_data(&file, "first", 5, false);
	file_data(&file, NULL, 0, false);
	file_data(&file, bytes, sizeof(bytes), true);
	file_data(&file, "the rest", 8, false);
	file_end(&file);
	assert_int_equal(file.size, golden.size);
	assert_memory_equal(file.bytes, golden.bytes, golden.size);
	file_clear(&file);
	file_clear(&golden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_1),
		cmocka_unit_test(test_version_1_optional),
		cmocka_unit_test(test_written_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
