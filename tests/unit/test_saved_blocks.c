// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a block may say when all checks are right: such a state was made by
 * another version, by a program that is wrong, or by someone who means harm.
 */
#include "test_saved_file.h"

#define NOTE SAVED_TYPE('N', 'O', 'T', 'E')

/* META, DATA of 5 bytes, END: what each test changes one thing of. */
static void simple(struct file *file)
{
	file_begin(file, meta_of_tests());
	file_data(file, "12345", 5, false);
	file_end(file);
}

static void reforge(struct file *file)
{
	assert_true(forge(file->bytes, file->size, FORGE_ALL));
}

static void test_optional_is_skipped(void **state)
{
	static const uint64_t lengths[] = {
		0, 1, 8, 4095, 4096, 4097, 5000, MIG_SAVED_BLOCK_MAX - 1, MIG_SAVED_BLOCK_MAX
	};
	uint8_t *payload = calloc(1, MIG_SAVED_BLOCK_MAX);

	(void)state;
	assert_non_null(payload);
	/* 0 is a type like others; so are letters that are none. */
	for (size_t i = 0; i < COUNT(lengths); i++) {
		for (unsigned int n = 1; n <= 2; n++) {
			/* What other flags mean there is the type's own affair. */
			static const uint32_t flags[] = { 0, 2, 0xfffffffe };
			static const uint32_t types[] = { NOTE, 0, 0xffffffff };
			struct outcome outcome;
			struct file file;

			simple(&file);
			file_insert(&file, block_at(&file, n), types[i % 3], flags[i % 3], payload,
				    lengths[i]);
			reforge(&file);
			outcome = file_outcome(&file);
			assert_int_equal(outcome.ret, 0);
			assert_int_equal(outcome.pieces, 1);
			assert_memory_equal(outcome.data, "12345", 5);
			free(outcome.data);
			if (lengths[i]) {
				size_t at = block_at(&file, n) + MIG_SAVED_BLOCK_HEADER;

				file.bytes[at + lengths[i] - 1] ^= 1;
				FILE_REFUSED(&file, "check of its payload");
			}
			file_clear(&file);
		}
	}
	free(payload);
}

static void test_required_is_refused(void **state)
{
	struct file file;

	(void)state;
	simple(&file);
	file_insert(&file, block_at(&file, 2), NOTE, FLAG_REQUIRED, "hello", 5);
	reforge(&file);
	FILE_REFUSED(&file, "another version", "block 2 (NOTE) at byte", "must be understood");
	file_clear(&file);
	simple(&file);
	file_insert(&file, block_at(&file, 1), 0x01020304, FLAG_REQUIRED, NULL, 0);
	reforge(&file);
	FILE_REFUSED(&file, "block 1 (type 0x01020304) at byte");
	file_clear(&file);
}

/* The order of blocks. */

static void test_first_is_meta(void **state)
{
	struct file file;

	(void)state;
	simple(&file);
	file_remove(&file, block_at(&file, 0), block_size(file.bytes + block_at(&file, 0)));
	reforge(&file);
	FILE_REFUSED(&file, "block 0 (DATA) at byte 16", "expected META");
	file_remove(&file, block_at(&file, 0), block_size(file.bytes + block_at(&file, 0)));
	reforge(&file);
	FILE_REFUSED(&file, "block 0 (END) at byte 16", "expected META");
	file_clear(&file);
	simple(&file);
	file_insert(&file, block_at(&file, 0), NOTE, 0, "hello", 5);
	reforge(&file);
	FILE_REFUSED(&file, "block 0 (NOTE) at byte 16", "expected META");
	file_clear(&file);
}

static void test_second_meta(void **state)
{
	struct file file;

	(void)state;
	simple(&file);
	file_insert(&file, block_at(&file, 2), TYPE_META, FLAG_REQUIRED, "{}", 2);
	reforge(&file);
	FILE_REFUSED(&file, "block 2 (META) at byte", "the second");
	file_clear(&file);
}

static void test_more_dangles(void **state)
{
	struct file file;

	(void)state;
	simple(&file);
	put_le32(file.bytes + block_at(&file, 1) + BLOCK_FLAGS, FLAG_REQUIRED | FLAG_DATA_MORE);
	reforge(&file);
	FILE_REFUSED(&file, "block 2 (END) at byte", "not complete");
	file_clear(&file);
}

static void test_no_end(void **state)
{
	struct file file;

	(void)state;
	simple(&file);
	file.size = block_at(&file, 2);
	FILE_REFUSED(&file, "ends at byte", "after 2 blocks");
	file_clear(&file);
}

/* One field of a header is changed, and all checks are made for it. */
static void field_is_refused(unsigned int n, int field, uint64_t value, const char *const *words)
{
	struct file file;
	uint8_t *at;

	simple(&file);
	at = file.bytes + block_at(&file, n) + field;
	if (field == BLOCK_LENGTH)
		put_le64(at, value);
	else
		put_le32(at, (uint32_t)value);
	reforge(&file);
	file_refused(&file, words);
	file_clear(&file);
}

#define FIELD_REFUSED(n, field, value, ...) \
	field_is_refused((n), (field), (value), (const char *const[]){ __VA_ARGS__, NULL })

static void test_flags(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 3; n++) {
		FIELD_REFUSED(n, BLOCK_FLAGS, 0, "is damaged", "flags are 0x0", "REQUIRED");
		for (unsigned int bit = n == 1 ? 2 : 1; bit < 32; bit++) {
			char flags[32];

			snprintf(flags, sizeof(flags), "flags are 0x%x", 1u << bit | 1);
			FIELD_REFUSED(n, BLOCK_FLAGS, 1u << bit | 1, "another version", flags);
		}
	}
}

static void test_lengths(void **state)
{
	static const uint64_t huge[] = { MIG_SAVED_BLOCK_MAX + 1, UINT32_MAX, 1ull << 32, INT64_MAX,
					 UINT64_MAX - 7,          UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(huge); i++) {
		FIELD_REFUSED(0, BLOCK_LENGTH, huge[i], "block 0 (META)", "expected at most 65536");
		FIELD_REFUSED(1, BLOCK_LENGTH, huge[i], "(DATA)", "expected at most 1048576");
		FIELD_REFUSED(2, BLOCK_LENGTH, huge[i], "(END)", "expected 48");
	}
	FIELD_REFUSED(0, BLOCK_LENGTH, MIG_SAVED_META_MAX + 1, "expected at most 65536");
	FIELD_REFUSED(2, BLOCK_LENGTH, 40, "its length is 40, expected 48");
	FIELD_REFUSED(2, BLOCK_LENGTH, 56, "its length is 56, expected 48");
}

/* A length is looked at before anything is read or skipped by it. */
static void test_length_of_unknown(void **state)
{
	struct memory memory;
	struct outcome outcome;
	struct file file;
	size_t at;

	(void)state;
	simple(&file);
	at = block_at(&file, 1);
	file_insert(&file, at, NOTE, 0, NULL, 0);
	put_le64(file.bytes + at + BLOCK_LENGTH, MIG_SAVED_BLOCK_MAX + 1);
	reforge(&file);
	memory = (struct memory){ .bytes = file.bytes, .size = file.size };
	outcome = memory_outcome(&memory);
	REFUSED(&outcome, "block 1 (NOTE)", "its length is 1048577, expected at most 1048576");
	assert_int_equal(memory.at, at + MIG_SAVED_BLOCK_HEADER);
	free(outcome.data);
	file_clear(&file);
}

static void test_padding(void **state)
{
	struct file file;
	size_t at;

	(void)state;
	simple(&file);
	at = block_at(&file, 1) + MIG_SAVED_BLOCK_HEADER + 5;
	for (size_t i = 0; i < 3; i++) {
		char where[64];

		file.bytes[at + i] = 1;
		snprintf(where, sizeof(where), "its padding has 0x01 at byte %zu", at + i);
		FILE_REFUSED(&file, "block 1 (DATA)", where);
		file.bytes[at + i] = 0;
	}
	file_clear(&file);
}

static void test_version(void **state)
{
	static const uint32_t versions[] = { 0, 2, UINT32_MAX };
	struct file file;

	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		char version[64];

		simple(&file);
		put_le32(file.bytes + FILE_VERSION, versions[i]);
		FILE_REFUSED(&file, "damaged", "the check in its file header");
		reforge(&file);
		snprintf(version, sizeof(version), "its version is %u, expected 1", versions[i]);
		FILE_REFUSED(&file, "another version", version);
		file_clear(&file);
	}
}

/* END says something else than what came, with a check that is right. */
static void test_end_disagrees(void **state)
{
	static const struct {
		int at;
		const char *words;
	} rows[] = {
		{ END_BYTES, "bytes of the driver, expected 5" },
		{ END_TRANSACTIONS, "transactions, expected 1" },
		{ END_BLOCKS, "blocks before it, expected 2" },
		{ END_CHAIN, "its chain is 0x" },
		{ END_DIGEST, "its digest is xxh3-128:" },
		{ END_DIGEST + 15, "its digest is xxh3-128:" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct file file;

		simple(&file);
		file.bytes[block_at(&file, 2) + MIG_SAVED_BLOCK_HEADER + (size_t)rows[i].at] ^= 1;
		assert_true(forge(file.bytes, file.size, FORGE_ALL & ~FORGE_END));
		FILE_REFUSED(&file, "block 2 (END) at byte", rows[i].words);
		file_clear(&file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_optional_is_skipped),
		cmocka_unit_test(test_required_is_refused),
		cmocka_unit_test(test_first_is_meta),
		cmocka_unit_test(test_second_meta),
		cmocka_unit_test(test_more_dangles),
		cmocka_unit_test(test_no_end),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_length_of_unknown),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_end_disagrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
