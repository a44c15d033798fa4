/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved states in memory: written piece by piece, read back, and changed in between. */
#ifndef TEST_SAVED_FILE_H
#define TEST_SAVED_FILE_H

#include "unit.h"

#include "saved_forge.h"

/* Room for the largest test: two pieces and what is around them. */
#define FILE_ROOM (MIG_SAVED_BEGIN_MAX + 3 * (MIG_SAVED_BLOCK_MAX + 64))

struct file {
	uint8_t *bytes;
	size_t size;
	struct mig_saved_writer *writer;
	struct mig_saved_totals totals; /* after file_end() */
};

static inline const struct mig_saved_meta *meta_of_tests(void)
{
	static const struct mig_saved_meta meta = {
		.name = "0000:06:00.1",
		.bus = "pci",
		.driver = "mlx5_vfio_pci",
		.vendor = "15b3",
		.device = "101e",
		.subsystem_vendor = "15b3",
		.subsystem_device = "0042",
		.firmware_version = "22.36.1010",
		.firmware_psid = "MT_0000000359",
		.host = "alpha",
		.kernel = "6.12.1",
		.saved_at = "2026-11-22T10:11:12Z",
		.tool = "0.1.0",
		.protocol = MIG_PROTOCOL_V2,
		.caps = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY,
	};

	return &meta;
}

static inline void file_begin(struct file *file, const struct mig_saved_meta *meta)
{
	long size;

	file->bytes = malloc(FILE_ROOM);
	assert_non_null(file->bytes);
	file->writer = mig_saved_writer_open();
	assert_non_null(file->writer);
	size = mig_saved_begin(file->writer, meta, file->bytes, MIG_SAVED_BEGIN_MAX);
	assert_in_range(size, 1, MIG_SAVED_BEGIN_MAX);
	file->size = (size_t)size;
}

static inline void file_data(struct file *file, const void *piece, size_t size, bool more)
{
	unsigned int padding =
		mig_saved_data(file->writer, piece, size, more, file->bytes + file->size);

	file->size += MIG_SAVED_BLOCK_HEADER;
	if (size)
		memcpy(file->bytes + file->size, piece, size);
	file->size += size;
	memset(file->bytes + file->size, 0, padding);
	file->size += padding;
}

static inline void file_end(struct file *file)
{
	mig_saved_end(file->writer, file->bytes + file->size, &file->totals);
	file->size += MIG_SAVED_END_BLOCK;
	mig_saved_writer_close(file->writer);
	file->writer = NULL;
}

static inline void file_clear(struct file *file)
{
	mig_saved_writer_close(file->writer);
	free(file->bytes);
}

static inline size_t block_size(const uint8_t *header)
{
	uint64_t length = get_le64(header + BLOCK_LENGTH);

	return MIG_SAVED_BLOCK_HEADER + length + saved_padding(length);
}

/* Where block number n begins. */
static inline size_t block_at(const struct file *file, unsigned int n)
{
	size_t at = MIG_SAVED_FILE_HEADER;

	while (n--)
		at += block_size(file->bytes + at);
	assert_in_range(at, 0, file->size);
	return at;
}

/* A block of any kind before what is at `at`; its checks are forge()'s to make. */
static inline void file_insert(struct file *file, size_t at, uint32_t type, uint32_t flags,
			       const void *payload, uint64_t length)
{
	size_t size = MIG_SAVED_BLOCK_HEADER + length + saved_padding(length);
	uint8_t *header = file->bytes + at;

	assert_in_range(file->size + size, 0, FILE_ROOM);
	memmove(header + size, header, file->size - at);
	memset(header, 0, size);
	put_le32(header + BLOCK_TYPE, type);
	put_le32(header + BLOCK_FLAGS, flags);
	put_le64(header + BLOCK_LENGTH, length);
	if (length)
		memcpy(header + MIG_SAVED_BLOCK_HEADER, payload, length);
	file->size += size;
}

static inline void file_remove(struct file *file, size_t at, size_t size)
{
	memmove(file->bytes + at, file->bytes + at + size, file->size - at - size);
	file->size -= size;
}

/* ---- reading */

struct memory {
	struct mig_saved_input input;
	const uint8_t *bytes;
	size_t size, at;
	unsigned int fail_at; /* the call that fails, from 1; 0: none */
	int fail;             /* with this */
};

static inline long memory_read(struct mig_saved_input *input, void *buffer, size_t size)
{
	struct memory *memory = (struct memory *)input;
	size_t left = memory->size - memory->at;

	if (memory->fail_at && !--memory->fail_at)
		return -memory->fail;
	if (size > left)
		size = left;
	if (size)
		memcpy(buffer, memory->bytes + memory->at, size);
	memory->at += size;
	return (long)size;
}

struct outcome {
	int ret; /* of the last call */
	struct mig_saved_meta meta;
	struct mig_saved_totals totals; /* of the END, or so far */
	struct mig_error error;
	uint8_t *data; /* what came, without frames; free() it */
	size_t size, room;
	unsigned int pieces;
	bool more[8]; /* of the first pieces */
	size_t sizes[8];
};

static inline void outcome_pieces(struct outcome *outcome, struct mig_saved_reader *reader)
{
	/* malloc(), so that ASan sees a byte too far. */
	uint8_t *buffer = malloc(MIG_SAVED_BLOCK_MAX);
	struct mig_saved_piece piece;

	assert_non_null(buffer);
	for (;;) {
		outcome->ret = mig_saved_read_piece(reader, buffer, &piece, &outcome->totals,
						    &outcome->error);
		if (outcome->ret != 1)
			break;
		assert_in_range(piece.size, 0, MIG_SAVED_BLOCK_MAX);
		assert_in_range(outcome->size + piece.size, 0, outcome->room);
		if (piece.size)
			memcpy(outcome->data + outcome->size, buffer, piece.size);
		outcome->size += piece.size;
		if (outcome->pieces < COUNT(outcome->more)) {
			outcome->more[outcome->pieces] = piece.more;
			outcome->sizes[outcome->pieces] = piece.size;
		}
		outcome->pieces++;
	}
	free(buffer);
}

static inline struct outcome memory_outcome(struct memory *memory)
{
	/* No more can come than there is. */
	struct outcome outcome = { .data = malloc(memory->size + 1), .room = memory->size };
	struct mig_saved_reader *reader;

	assert_non_null(outcome.data);
	memory->input.read = memory_read;
	memset(&outcome.meta, 0xa5, sizeof(outcome.meta));
	reader = mig_saved_reader_open(&memory->input);
	assert_non_null(reader);
	outcome.ret = mig_saved_read_meta(reader, &outcome.meta, &outcome.error);
	if (!outcome.ret)
		outcome_pieces(&outcome, reader);
	if (outcome.ret)
		mig_saved_so_far(reader, &outcome.totals);
	mig_saved_reader_close(reader);
	return outcome;
}

static inline struct outcome file_outcome(const struct file *file)
{
	struct memory memory = { .bytes = file->bytes, .size = file->size };

	return memory_outcome(&memory);
}

/*
 * It is refused, as damaged or as another version's, whichever is said; and all
 * the words (a list ended by NULL) are in it.
 */
static inline void is_refused(const struct outcome *outcome, const char *const *words)
{
	bool newer = strstr(outcome->error.text, "is of another version");

	if (outcome->ret != (newer ? -EPROTONOSUPPORT : -EBADMSG))
		fail_msg("%d as \"%s\" (%s)", outcome->ret, outcome->error.text,
			 words[0] ? words[0] : "");
	assert_int_equal(outcome->error.kind, MIG_KIND_BAD_STATE);
	assert_int_equal(outcome->error.err, -outcome->ret);
	assert_true(has_words(outcome->error.hint));
	for (; *words; words++)
		if (!strstr(outcome->error.text, *words))
			fail_msg("\"%s\" does not say \"%s\"", outcome->error.text, *words);
}

#define REFUSED(outcome, ...) is_refused((outcome), (const char *const[]){ __VA_ARGS__, NULL })

static inline void file_refused(const struct file *file, const char *const *words)
{
	struct outcome outcome = file_outcome(file);

	is_refused(&outcome, words);
	free(outcome.data);
}

#define FILE_REFUSED(file, ...) file_refused((file), (const char *const[]){ __VA_ARGS__, NULL })

#endif
