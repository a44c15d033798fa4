// SPDX-License-Identifier: GPL-2.0-or-later
/* Damage of every kind is found, named, and never given out as data. */
#include <inttypes.h>

#include "test_saved_file.h"

#define NOTE SAVED_TYPE('N', 'O', 'T', 'E')

/* What `small` holds, and the longest part of it that a damaged one may give out. */
static const char original[] = "first piece, second and third";

/* Every kind of block, with padding: META, DATA, NOTE, DATA with MORE, DATA, an empty DATA, END. */
static void small(struct file *file)
{
	file_begin(file, meta_of_tests());
	file_data(file, original, 11, false);
	file_data(file, original + 11, 8, true);
	file_data(file, original + 19, 10, false);
	file_data(file, NULL, 0, false);
	file_end(file);
	file_insert(file, block_at(file, 2), NOTE, 0, "hello", 5);
	assert_true(forge(file->bytes, file->size, FORGE_ALL));
}

/* Refused; and what was given out before that is what was saved. */
static void is_damaged(const struct file *file, const char *what, size_t at)
{
	struct outcome outcome = file_outcome(file);

	if (outcome.ret != -EBADMSG)
		fail_msg("%s %zu: %d instead of damage", what, at, outcome.ret);
	assert_int_equal(outcome.error.kind, MIG_KIND_BAD_STATE);
	assert_true(has_words(outcome.error.text) && has_words(outcome.error.hint));
	assert_in_range(outcome.size, 0, sizeof(original) - 1);
	assert_memory_equal(outcome.data, original, outcome.size);
	assert_int_equal(outcome.totals.bytes, outcome.size);
	free(outcome.data);
}

static void test_whole(void **state)
{
	struct outcome outcome;
	struct file file;

	(void)state;
	small(&file);
	outcome = file_outcome(&file);
	assert_int_equal(outcome.ret, 0);
	assert_int_equal(outcome.pieces, 4);
	assert_int_equal(outcome.totals.transactions, 3);
	assert_int_equal(outcome.size, sizeof(original) - 1);
	assert_memory_equal(outcome.data, original, outcome.size);
	free(outcome.data);
	file_clear(&file);
}

static void test_flips(void **state)
{
	struct file file;

	(void)state;
	small(&file);
	for (size_t at = 0; at < file.size; at++) {
		for (int bit = 0; bit < 8; bit++) {
			file.bytes[at] ^= (uint8_t)(1 << bit);
			is_damaged(&file, "a flipped bit in byte", at);
			file.bytes[at] ^= (uint8_t)(1 << bit);
		}
		file.bytes[at] ^= 0xff;
		is_damaged(&file, "all bits flipped of byte", at);
		file.bytes[at] ^= 0xff;
	}
	file_clear(&file);
}

static void test_truncated(void **state)
{
	struct file file;
	size_t whole;

	(void)state;
	small(&file);
	whole = file.size;
	for (file.size = 0; file.size < whole; file.size++) {
		char where[64];

		snprintf(where, sizeof(where), "ends at byte %zu", file.size);
		if (file.size == 0)
			FILE_REFUSED(&file, "no saved state", "empty");
		else if (file.size < SAVED_MAGIC_SIZE)
			FILE_REFUSED(&file, "no saved state");
		else
			FILE_REFUSED(&file, where);
		is_damaged(&file, "cut to", file.size);
	}
	file_clear(&file);
}

static void test_truncated_says_where(void **state)
{
	struct file file;
	size_t data;

	(void)state;
	small(&file);
	data = block_at(&file, 1);
	file.size = 12;
	FILE_REFUSED(&file, "in the file header");
	file.size = data;
	FILE_REFUSED(&file, "after 1 blocks, expected block 1");
	file.size = data + 5;
	FILE_REFUSED(&file, "in the header of block 1 at byte");
	file.size = data + MIG_SAVED_BLOCK_HEADER + 5;
	FILE_REFUSED(&file, "in the payload of block 1 (DATA)");
	file.size = data + MIG_SAVED_BLOCK_HEADER + 11;
	FILE_REFUSED(&file, "in the padding of block 1 (DATA)");
	file_clear(&file);
}

/* The checks are right for each block; lost, doubled and swapped ones are found all the same. */
static void test_rearranged(void **state)
{
	struct file file, other;
	unsigned int blocks = 7;

	(void)state;
	small(&file);
	other.bytes = malloc(FILE_ROOM);
	assert_non_null(other.bytes);
	for (unsigned int n = 0; n < blocks; n++) {
		size_t at = block_at(&file, n), size = block_size(file.bytes + at);

		memcpy(other.bytes, file.bytes, file.size);
		other.size = file.size;
		file_remove(&other, at, size);
		is_damaged(&other, "without block", n);
		memcpy(other.bytes, file.bytes, at + size);
		memcpy(other.bytes + at + size, file.bytes + at, file.size - at);
		other.size = file.size + size;
		is_damaged(&other, "with twice the block", n);
		for (unsigned int m = n + 1; m < blocks; m++) {
			size_t to = block_at(&file, m), second = block_size(file.bytes + to);

			memcpy(other.bytes, file.bytes, file.size);
			other.size = file.size;
			memcpy(other.bytes + at, file.bytes + to, second);
			memcpy(other.bytes + at + second, file.bytes + at + size, to - at - size);
			memcpy(other.bytes + to + second - size, file.bytes + at, size);
			is_damaged(&other, "swapped block", n);
		}
	}
	free(other.bytes);
	file_clear(&file);
}

/* A block of another state in the same place, as good as the one that was there: END finds it. */
static void test_grafted(void **state)
{
	struct mig_saved_meta meta = *meta_of_tests();
	struct file file, other;
	unsigned int blocks = 7;

	(void)state;
	memcpy(meta.device, "101f", 5);
	small(&file);
	file_begin(&other, &meta);
	file_data(&other, "FIRST PIECE", 11, false);
	file_data(&other, " SECOND ", 8, true);
	file_data(&other, "and THIRD.", 10, false);
	file_data(&other, NULL, 0, false);
	file_end(&other);
	file_insert(&other, block_at(&other, 2), NOTE, 0, "HELLO", 5);
	assert_true(forge(other.bytes, other.size, FORGE_ALL));
	assert_int_equal(other.size, file.size);
	for (unsigned int n = 0; n < blocks; n++) {
		size_t at = block_at(&file, n), size = block_size(file.bytes + at);
		uint8_t kept[512];

		assert_in_range(size, 1, sizeof(kept));
		if (!memcmp(file.bytes + at, other.bytes + at, size))
			fail_msg("block %u is no graft", n);
		memcpy(kept, file.bytes + at, size);
		memcpy(file.bytes + at, other.bytes + at, size);
		FILE_REFUSED(&file, "is damaged");
		memcpy(file.bytes + at, kept, size);
	}
	file_clear(&other);
	file_clear(&file);
}

static void test_appended(void **state)
{
	struct file file;
	char where[64];

	(void)state;
	small(&file);
	snprintf(where, sizeof(where), "byte %zu", file.size);
	file.bytes[file.size++] = 0;
	FILE_REFUSED(&file, "block 6 (END) at byte", "more follows it", where);
	file_clear(&file);
}

static void test_not_ours(void **state)
{
	static const uint8_t text_mode[] = "\211MIG\n\032\n\1\0\0\0\0\0\0\0";
	static const struct {
		const void *bytes;
		size_t size;
		const char *word, *hint;
	} rows[] = {
		{ "", 0, "empty", "fail" },
		{ "\211MIG", 4, "does not begin", "vfio-migctl save" },
		{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16, "does not begin", "vfio-migctl save" },
		{ text_mode, 15, "does not begin", "text mode" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct memory memory = { .bytes = rows[i].bytes, .size = rows[i].size };
		struct outcome outcome = memory_outcome(&memory);

		REFUSED(&outcome, "no saved state of vfio-migctl", rows[i].word);
		if (!strstr(outcome.error.hint, rows[i].hint))
			fail_msg("the hint is \"%s\"", outcome.error.hint);
		free(outcome.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),      cmocka_unit_test(test_flips),
		cmocka_unit_test(test_truncated),  cmocka_unit_test(test_truncated_says_where),
		cmocka_unit_test(test_rearranged), cmocka_unit_test(test_grafted),
		cmocka_unit_test(test_appended),   cmocka_unit_test(test_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
