// SPDX-License-Identifier: GPL-2.0-or-later
/* What is written comes back, to the byte and in the same transactions. */
#include "test_saved_file.h"

#define CHUNK MIG_SAVED_BLOCK_MAX

static uint8_t *noise(size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	uint32_t x = 12345;

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
	return bytes;
}

/* Transactions of these sizes, each cut at the chunk as a save would. */
static void write_transactions(struct file *file, const uint8_t *bytes, const size_t *sizes,
			       size_t count)
{
	file_begin(file, meta_of_tests());
	for (size_t i = 0; i < count; i++) {
		size_t left = sizes[i];

		for (; left > CHUNK; left -= CHUNK, bytes += CHUNK)
			file_data(file, bytes, CHUNK, true);
		file_data(file, bytes, left, false);
		bytes += left;
	}
	file_end(file);
}

static void come_back(const size_t *sizes, size_t count)
{
	struct outcome outcome;
	struct file file;
	size_t total = 0;
	uint8_t *bytes;

	for (size_t i = 0; i < count; i++)
		total += sizes[i];
	bytes = noise(total);
	write_transactions(&file, bytes, sizes, count);
	assert_int_equal(file.size % MIG_SAVED_ALIGN, 0);
	assert_int_equal(file.totals.bytes, total);
	assert_int_equal(file.totals.transactions, count);
	outcome = file_outcome(&file);
	assert_int_equal(outcome.ret, 0);
	assert_memory_equal(&outcome.meta, meta_of_tests(), sizeof(outcome.meta));
	assert_int_equal(outcome.size, total);
	assert_memory_equal(outcome.data, bytes, total);
	assert_memory_equal(&outcome.totals, &file.totals, sizeof(file.totals));
	for (size_t i = 0, piece = 0; i < count; i++, piece++) {
		size_t size = outcome.sizes[piece];

		while (outcome.more[piece])
			size += outcome.sizes[++piece];
		assert_int_equal(size, sizes[i]);
	}
	free(outcome.data);
	free(bytes);
	file_clear(&file);
}

#define COME_BACK(...) \
	come_back((const size_t[]){ __VA_ARGS__ }, COUNT(((const size_t[]){ __VA_ARGS__ })))

static void test_sizes(void **state)
{
	(void)state;
	come_back(NULL, 0);
	for (size_t size = 0; size < 40; size++)
		COME_BACK(size);
	COME_BACK(4095);
	COME_BACK(CHUNK - 1);
	COME_BACK(CHUNK);
	COME_BACK(CHUNK + 1);
	COME_BACK(2 * CHUNK);
	COME_BACK(2 * CHUNK + 1);
}

static void test_transactions(void **state)
{
	(void)state;
	COME_BACK(0, 0, 0);
	COME_BACK(1, 2, 3, 4, 5);
	COME_BACK(7, 0, CHUNK, 0, 9);
	COME_BACK(CHUNK + 5, 1, CHUNK - 1);
}

/* The digest is of the driver's bytes alone, whatever the transactions. */
static void test_digest(void **state)
{
	/* As xxhsum -H2 and others have it. */
	static const char empty[] = "xxh3-128:99aa06d3014798d86001c324468d497f";
	static const char abc[] = "xxh3-128:06b05ab6733a618578af5f94892f3950";
	char text[MIG_DIGEST_TEXT];
	struct file file;

	(void)state;
	file_begin(&file, meta_of_tests());
	file_end(&file);
	assert_string_equal(mig_digest_text(file.totals.digest, text), empty);
	file_clear(&file);
	file_begin(&file, meta_of_tests());
	file_data(&file, "a", 1, false);
	file_data(&file, "b", 1, true);
	file_data(&file, "c", 1, false);
	file_end(&file);
	assert_string_equal(mig_digest_text(file.totals.digest, text), abc);
	file_clear(&file);
}

static void test_room(void **state)
{
	struct mig_saved_writer *writer;
	struct file file;
	uint8_t *exact;

	(void)state;
	file_begin(&file, meta_of_tests());
	for (size_t size = 0; size <= file.size; size++) {
		exact = malloc(size ? size : 1);
		assert_non_null(exact);
		writer = mig_saved_writer_open();
		assert_non_null(writer);
		assert_int_equal(mig_saved_begin(writer, meta_of_tests(), exact, size),
				 size < file.size ? -ENOSPC : (long)size);
		mig_saved_writer_close(writer);
		free(exact);
	}
	file_clear(&file);
}

/* Every call of the input fails once: its errno comes out, and no damage is claimed. */
static void test_input_fails(void **state)
{
	struct file file;
	unsigned int calls = 0;

	(void)state;
	file_begin(&file, meta_of_tests());
	file_data(&file, "12345", 5, false);
	file_end(&file);
	file_insert(&file, block_at(&file, 1), SAVED_TYPE('N', 'O', 'T', 'E'), 0, "hello", 5);
	assert_true(forge(file.bytes, file.size, FORGE_ALL));
	for (;;) {
		struct memory memory = {
			.bytes = file.bytes, .size = file.size, .fail_at = ++calls, .fail = EIO
		};
		struct outcome outcome = memory_outcome(&memory);

		free(outcome.data);
		if (memory.fail_at) /* there are not so many */
			break;
		assert_int_equal(outcome.ret, -EIO);
		assert_int_equal(outcome.error.kind, MIG_KIND_FAILED);
		assert_int_equal(outcome.error.err, EIO);
		assert_non_null(strstr(outcome.error.text, "Input/output error"));
	}
	/* The file header; four blocks of header, payload and (all but END) padding; the end. */
	assert_int_equal(calls - 1, 1 + 4 * 3 - 1 + 1);
	file_clear(&file);
}

static void test_input_damaged(void **state)
{
	struct memory memory = { .fail_at = 1, .fail = EBADMSG };
	struct outcome outcome = memory_outcome(&memory);

	(void)state;
	REFUSED(&outcome, "does not decompress", "byte 0");
	free(outcome.data);
}

/* A part was good when it was given, and is counted. */
static void test_so_far(void **state)
{
	struct outcome outcome;
	struct file file;

	(void)state;
	file_begin(&file, meta_of_tests());
	file_data(&file, "first", 5, false);
	file_data(&file, "second", 6, false);
	file_end(&file);
	file.bytes[block_at(&file, 2) + MIG_SAVED_BLOCK_HEADER] ^= 1;
	outcome = file_outcome(&file);
	REFUSED(&outcome, "block 2 (DATA)");
	assert_int_equal(outcome.pieces, 1);
	assert_int_equal(outcome.totals.bytes, 5);
	assert_int_equal(outcome.totals.transactions, 1);
	free(outcome.data);
	file_clear(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),       cmocka_unit_test(test_transactions),
		cmocka_unit_test(test_digest),      cmocka_unit_test(test_room),
		cmocka_unit_test(test_input_fails), cmocka_unit_test(test_input_damaged),
		cmocka_unit_test(test_so_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
