// SPDX-License-Identifier: GPL-2.0-or-later
/* Inputs that are damaged, cut short, changed, not ours, or of another's zstd. */
#include "saved_forge.h"
#include "test_statefile_back.h"

/* The good pieces came; then the ring, and whoever asks, hears of it. */
static size_t assert_refused(const char *path, int err)
{
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct taken taken = { 0 };
	struct mig_saved_totals totals = { .bytes = 99 };
	struct mig_error error;
	struct mig_in *in = open_in(path, NULL);

	error.kind = MIG_KIND_OK;
	assert_int_equal(mig_in_check(in, &totals, &error), -err);
	assert_int_equal(error.kind, MIG_KIND_BAD_STATE);
	assert_int_equal(error.err, err);
	assert_non_null(strstr(error.text, path));
	assert_true(error.hint[0]);
	assert_int_equal(totals.bytes, 99);
	assert_true(mig_in_close(in));

	in = open_in(path, NULL);
	assert_int_equal(mig_in_each(in, take, &taken, NULL, &error), -err);
	assert_true(mig_in_close(in));

	in = open_in(path, NULL);
	assert_int_equal(mig_in_start(in, ring, &error), 0);
	assert_int_equal(empty_all(ring, &(struct taken){ 0 }), -err);
	error.kind = MIG_KIND_OK;
	assert_int_equal(mig_in_finish(in, &totals, &error), -err);
	assert_int_equal(error.kind, MIG_KIND_BAD_STATE);
	assert_int_equal(error.err, err);
	assert_true(mig_in_close(in));
	mig_ring_close(ring);
	return taken.pieces;
}

static size_t assert_damaged(const char *path)
{
	return assert_refused(path, EBADMSG);
}

static void test_damage(void **state)
{
	const struct folder *folder = *state;
	struct mig_saved_totals totals;
	uint8_t *bytes;
	size_t size;

	save(&(struct mig_out_options){ .path = folder->file }, &totals);
	bytes = get_file(folder->file, &size);
	/* In the payload of the fourth transaction, whose second piece comes after it. */
	bytes[500000] ^= 1;
	put_file(folder->file, bytes, size);
	assert_int_equal(assert_damaged(folder->file), 3);
	bytes[500000] ^= 1;
	put_file(folder->file, bytes, size - 1);
	assert_int_equal(assert_damaged(folder->file), TRANSACTIONS + 1);
	put_file(folder->file, bytes, size / 2);
	assert_damaged(folder->file);
	free(bytes);
}

static void test_damage_packed(void **state)
{
	const struct folder *folder = *state;
	struct mig_saved_totals totals;
	uint8_t *bytes;
	size_t size;

	save(&(struct mig_out_options){ .path = folder->file, .compress = true, .level = 5 },
	     &totals);
	restore(folder->file, &totals);
	bytes = get_file(folder->file, &size);
	assert_true(size < total_size());
	bytes[size / 2] ^= 1;
	put_file(folder->file, bytes, size);
	assert_damaged(folder->file);
	bytes[size / 2] ^= 1;
	/* Its last bytes are the frame's checksum: all of ours is there before it. */
	bytes[size - 1] ^= 1;
	put_file(folder->file, bytes, size);
	assert_int_equal(assert_damaged(folder->file), TRANSACTIONS + 1);
	bytes[size - 1] ^= 1;
	put_file(folder->file, bytes, size - 1);
	assert_int_equal(assert_damaged(folder->file), TRANSACTIONS + 1);
	put_file(folder->file, bytes, size / 2);
	assert_damaged(folder->file);
	put_file(folder->file, bytes, size);
	restore(folder->file, &totals);
	free(bytes);
}

/* Bytes that only follow each other, as pzstd(1) and cat(1) make frames: an empty one, ours twice.
 */
static void test_frames(void **state)
{
	static const uint8_t skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c' };
	const struct folder *folder = *state;
	struct mig_saved_totals totals;
	uint8_t *bytes, *joined;
	size_t size;

	save(&(struct mig_out_options){ .path = folder->file, .compress = true }, &totals);
	bytes = get_file(folder->file, &size);
	joined = malloc(2 * size + sizeof(skippable));
	assert_non_null(joined);
	memcpy(joined, skippable, sizeof(skippable));
	memcpy(joined + sizeof(skippable), bytes, size);
	put_file(folder->file, joined, size + sizeof(skippable));
	restore(folder->file, &totals);
	memcpy(joined + sizeof(skippable) + size, bytes, size);
	put_file(folder->file, joined, 2 * size + sizeof(skippable));
	assert_int_equal(assert_damaged(folder->file), TRANSACTIONS + 1);
	free(joined);
	free(bytes);
}

/*
 * A frame of somebody else's, by hand (RFC 8878, 3.1.1): a window of 2 MiB, no
 * checksum, and blocks of 100000 bytes that are not compressed. Nothing comes
 * after its last block, most of which is still to be given out when that was read.
 */
static void test_plain_frame(void **state)
{
	static const uint8_t begin[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58 };
	const size_t block = 100000;
	const struct folder *folder = *state;
	struct mig_saved_totals totals;
	uint8_t *bytes, *frame;
	size_t size, used = sizeof(begin);

	save(&(struct mig_out_options){ .path = folder->file }, &totals);
	bytes = get_file(folder->file, &size);
	frame = malloc(2 * size);
	assert_non_null(frame);
	memcpy(frame, begin, sizeof(begin));
	for (size_t at = 0; at < size; at += block) {
		size_t part = size - at < block ? size - at : block;
		size_t header = part << 3 | (at + part == size);

		for (int i = 0; i < 3; i++)
			frame[used++] = (uint8_t)(header >> 8 * i);
		memcpy(frame + used, bytes + at, part);
		used += part;
	}
	put_file(folder->file, frame, used);
	restore(folder->file, &totals);
	put_file(folder->file, frame, used - 1);
	assert_damaged(folder->file);
	free(frame);
	free(bytes);
}

/* What a later version has to say is not damage: not in the file header, nor after some data. */
static void test_another_version(void **state)
{
	const struct folder *folder = *state;
	struct mig_saved_totals totals;
	size_t size, at = MIG_SAVED_FILE_HEADER;
	struct mig_saved_meta meta;
	struct mig_error error;
	struct mig_in *in;
	uint8_t *bytes;

	save(&(struct mig_out_options){ .path = folder->file }, &totals);
	bytes = get_file(folder->file, &size);
	for (int i = 0; i < 4; i++) { /* META and three transactions */
		uint64_t length = get_le64(bytes + at + BLOCK_LENGTH);

		at += MIG_SAVED_BLOCK_HEADER + length + saved_padding(length);
	}
	put_le32(bytes + at + BLOCK_TYPE, SAVED_TYPE('L', 'A', 'T', 'E'));
	assert_true(forge(bytes, size, FORGE_HEAD));
	put_file(folder->file, bytes, size);
	assert_int_equal(assert_refused(folder->file, EPROTONOSUPPORT), 3);

	put_le32(bytes + FILE_VERSION, MIG_SAVED_VERSION + 1);
	assert_true(forge(bytes, size, FORGE_FILE));
	put_file(folder->file, bytes, size);
	in = open_in(folder->file, NULL);
	assert_int_equal(mig_in_meta(in, &meta, &error), -EPROTONOSUPPORT);
	assert_int_equal(error.kind, MIG_KIND_BAD_STATE);
	assert_int_equal(error.err, EPROTONOSUPPORT);
	assert_true(mig_in_close(in));
	free(bytes);
}

/* The file that was checked is another by the time it is loaded, and is whole as well. */
static void test_changed(void **state)
{
	const struct folder *folder = *state;
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_slot *slots[1];
	uint64_t at = 5;
	int count;
	struct mig_saved_totals totals;
	struct mig_error error;
	struct mig_out *out;
	uint8_t *bytes;
	size_t size;
	struct mig_in *in;

	assert_int_equal(
		mig_out_open(&out, &(struct mig_out_options){ .path = folder->file }, &error), 0);
	assert_int_equal(mig_out_start(out, ring, &meta_here, &error), 0);
	assert_int_equal(fill_one(ring, &at, 4096), 0);
	mig_ring_end(ring, 0);
	assert_int_equal(mig_out_finish(out, NULL, &error), 0);
	assert_true(mig_out_discard(out));
	mig_ring_close(ring);
	bytes = get_file(folder->file, &size);

	save(&(struct mig_out_options){ .path = folder->file, .force = true }, &totals);
	ring = mig_ring_open(4, NULL);
	in = open_in(folder->file, NULL);
	assert_int_equal(mig_in_check(in, NULL, &error), 0);
	put_file(folder->file, bytes, size);
	assert_int_equal(mig_in_start(in, ring, &error), 0);
	while ((count = mig_ring_full(ring, slots, 1)) > 0)
		mig_ring_empty(ring, 1);
	assert_int_equal(count, -EBADMSG);
	error.kind = MIG_KIND_OK;
	assert_int_equal(mig_in_finish(in, &totals, &error), -EBADMSG);
	assert_int_equal(error.kind, MIG_KIND_BAD_STATE);
	assert_non_null(strstr(error.text, "changed"));
	assert_true(mig_in_close(in));
	mig_ring_close(ring);
	free(bytes);
}

static void test_not_ours(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} files[] = { { "", 0 },
		      { "abc", 3 },
		      { "not a saved state, but long enough", 34 },
		      { "\x28\xb5\x2f\xfd", 4 } };
	const struct folder *folder = *state;
	struct mig_saved_meta meta;
	struct mig_error error;
	struct mig_in *in;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		put_file(folder->file, files[i].text, files[i].size);
		in = open_in(folder->file, NULL);
		error.kind = MIG_KIND_OK;
		assert_int_equal(mig_in_meta(in, &meta, &error), -EBADMSG);
		assert_int_equal(error.kind, MIG_KIND_BAD_STATE);
		assert_non_null(strstr(error.text, folder->file));
		assert_true(mig_in_close(in));
	}
	assert_int_equal(mig_in_open(&in, folder->root, NULL, &error), -EISDIR);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_int_equal(unlink(folder->file), 0);
	assert_int_equal(mig_in_open(&in, folder->file, NULL, &error), -ENOENT);
	assert_non_null(strstr(error.text, folder->file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_damage),          FOLDER_TEST(test_damage_packed),
		FOLDER_TEST(test_frames),          FOLDER_TEST(test_plain_frame),
		FOLDER_TEST(test_another_version), FOLDER_TEST(test_changed),
		FOLDER_TEST(test_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
