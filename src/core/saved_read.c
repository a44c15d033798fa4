// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order is always the same: a block's header is believed once its check
 * agrees, its length once it is within bounds, its payload once its check
 * agrees; and all of it once END does.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "saved_form.h"
#include "saved_wrong.h"

struct mig_saved_reader {
	struct mig_saved_input *input;
	struct saved_count count;
	struct saved_hash *skipped;
	uint64_t at; /* bytes read so far */
	bool more;   /* the transaction of the last DATA is not complete */
};

struct mig_saved_reader *mig_saved_reader_open(struct mig_saved_input *input)
{
	struct mig_saved_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->input = input;
	reader->skipped = saved_hash_open();
	if (!reader->skipped || !saved_count_open(&reader->count)) {
		mig_saved_reader_close(reader);
		return NULL;
	}
	return reader;
}

void mig_saved_reader_close(struct mig_saved_reader *reader)
{
	if (!reader)
		return;
	saved_hash_close(reader->count.hash);
	saved_hash_close(reader->skipped);
	free(reader);
}

void mig_saved_so_far(const struct mig_saved_reader *reader, struct mig_saved_totals *totals)
{
	saved_count_totals(&reader->count, totals);
}

/* How many bytes came, fewer than size only at the end; -errno with *error. */
static long take(struct mig_saved_reader *reader, void *buffer, size_t size,
		 struct mig_error *error)
{
	long got = size ? reader->input->read(reader->input, buffer, size) : 0;

	if (got < 0)
		return saved_wrong_input(error, (int)got, reader->at);
	reader->at += (uint64_t)got;
	return got;
}

/* All of it, or the block is cut off. */
static int take_part(struct mig_saved_reader *reader, const struct saved_block *block, void *buffer,
		     size_t size, const char *part, struct mig_error *error)
{
	long got = take(reader, buffer, size, error);

	if (got < 0)
		return (int)got;
	return (size_t)got == size ? 0 : saved_wrong_end(error, block, reader->at, part);
}

static int read_file_header(struct mig_saved_reader *reader, struct mig_error *error)
{
	uint8_t header[MIG_SAVED_FILE_HEADER];
	long got = take(reader, header, sizeof(header), error);
	uint32_t check, version;

	if (got < 0)
		return (int)got;
	if (got < SAVED_MAGIC_SIZE || memcmp(header, SAVED_MAGIC, SAVED_MAGIC_SIZE))
		return saved_wrong_magic(error, header, (size_t)got);
	if (got < (long)sizeof(header))
		return saved_wrong_end(error, NULL, reader->at, "the file header");
	check = get_le32(header + FILE_CHECK);
	version = get_le32(header + FILE_VERSION);
	if (check != (uint32_t)saved_hash(header, FILE_CHECK, 0))
		return saved_wrong(error, NULL,
				   "the check in its file header is 0x%08" PRIx32
				   ", expected 0x%08" PRIx32,
				   check, (uint32_t)saved_hash(header, FILE_CHECK, 0));
	if (version != MIG_SAVED_VERSION)
		return saved_wrong_newer(error, NULL, "its version is %" PRIu32 ", expected %u",
					 version, MIG_SAVED_VERSION);
	reader->count.chain = saved_hash(header, sizeof(header), 0);
	return 0;
}

static int read_header(struct mig_saved_reader *reader, struct saved_block *block,
		       struct mig_error *error)
{
	uint64_t expected, head;
	long got;

	block->number = reader->count.blocks;
	block->at = reader->at;
	block->type = 0;
	got = take(reader, block->header, sizeof(block->header), error);
	if (got < 0)
		return (int)got;
	if (got < (long)sizeof(block->header))
		return saved_wrong_end(error, block, reader->at, got ? "the header" : NULL);
	head = get_le64(block->header + BLOCK_HEAD);
	expected = saved_hash(block->header, BLOCK_HEAD, block->number);
	if (head != expected)
		return saved_wrong(error, block,
				   "the check of its header is 0x%016" PRIx64
				   ", expected 0x%016" PRIx64,
				   head, expected);
	block->type = get_le32(block->header + BLOCK_TYPE);
	block->flags = get_le32(block->header + BLOCK_FLAGS);
	block->length = get_le64(block->header + BLOCK_LENGTH);
	block->check = get_le64(block->header + BLOCK_CHECK);
	return 0;
}

static int check_bounds(const struct saved_block *block, uint64_t most, struct mig_error *error)
{
	if (block->length > most)
		return saved_wrong(error, block,
				   "its length is %" PRIu64 ", expected at most %" PRIu64,
				   block->length, most);
	return 0;
}

static int check_flags(const struct saved_block *block, uint32_t known, struct mig_error *error)
{
	if (!(block->flags & FLAG_REQUIRED))
		return saved_wrong(error, block,
				   "its flags are 0x%" PRIx32 ", expected REQUIRED (0x1) in them",
				   block->flags);
	if (block->flags & ~known)
		return saved_wrong_newer(
			error, block, "its flags are 0x%" PRIx32 ", expected none but 0x%" PRIx32,
			block->flags, known);
	return 0;
}

/* What every block ends with, once its payload was read. */
static int finish_block(struct mig_saved_reader *reader, const struct saved_block *block,
			uint64_t check, struct mig_error *error)
{
	uint8_t padding[MIG_SAVED_ALIGN];
	size_t size = saved_padding(block->length);
	int ret;

	if (block->check != check)
		return saved_wrong(error, block,
				   "the check of its payload is 0x%016" PRIx64
				   ", expected 0x%016" PRIx64,
				   block->check, check);
	ret = take_part(reader, block, padding, size, "the padding", error);
	for (size_t i = 0; !ret && i < size; i++)
		if (padding[i])
			ret = saved_wrong(error, block,
					  "its padding has 0x%02x at byte %" PRIu64
					  ", expected 0x00",
					  padding[i], reader->at - size + i);
	return ret;
}

static int parse_meta(const struct saved_block *block, const uint8_t *text,
		      struct mig_saved_meta *meta, struct mig_error *error)
{
	char why[SAVED_WHY];
	int ret = saved_meta_read(text, (size_t)block->length, meta, why);

	if (!ret)
		return 0;
	if (ret == -EPROTONOSUPPORT)
		return saved_wrong_newer(error, block, "%s", why);
	if (ret == -EBADMSG)
		return saved_wrong(error, block, "%s", why);
	return mig_error_set(error, MIG_KIND_FAILED, -ret, "%s for the saved metadata", why);
}

int mig_saved_read_meta(struct mig_saved_reader *reader, struct mig_saved_meta *meta,
			struct mig_error *error)
{
	struct saved_block block;
	uint8_t *text;
	int ret = read_file_header(reader, error);

	if (!ret)
		ret = read_header(reader, &block, error);
	if (!ret && block.type != TYPE_META)
		ret = saved_wrong(error, &block, "it is the first block, expected META");
	if (!ret)
		ret = check_flags(&block, FLAG_REQUIRED, error);
	if (!ret)
		ret = check_bounds(&block, MIG_SAVED_META_MAX, error);
	if (ret)
		return ret;
	text = malloc(MIG_SAVED_META_MAX);
	if (!text)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM,
				     "out of memory for the saved metadata");
	ret = take_part(reader, &block, text, (size_t)block.length, "the payload", error);
	if (!ret)
		ret = finish_block(reader, &block, saved_hash(text, (size_t)block.length, 0),
				   error);
	if (!ret)
		ret = parse_meta(&block, text, meta, error);
	free(text);
	if (!ret)
		saved_count_block(&reader->count, block.header);
	return ret;
}

static int skip_block(struct mig_saved_reader *reader, const struct saved_block *block,
		      struct mig_error *error)
{
	uint8_t bytes[4096];
	uint64_t left = block->length;

	if (block->flags & FLAG_REQUIRED)
		return saved_wrong_newer(error, block,
					 "its type is not known, and it must be understood "
					 "(flag REQUIRED)");
	if (check_bounds(block, MIG_SAVED_BLOCK_MAX, error))
		return -EBADMSG;
	saved_hash_begin64(reader->skipped);
	while (left) {
		size_t size = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);
		int ret = take_part(reader, block, bytes, size, "the payload", error);

		if (ret)
			return ret;
		saved_hash_add64(reader->skipped, bytes, size);
		left -= size;
	}
	return finish_block(reader, block, saved_hash_get64(reader->skipped), error);
}

static int read_data(struct mig_saved_reader *reader, const struct saved_block *block, void *buffer,
		     struct mig_saved_piece *piece, struct mig_error *error)
{
	int ret = check_flags(block, FLAG_REQUIRED | FLAG_DATA_MORE, error);

	if (!ret)
		ret = check_bounds(block, MIG_SAVED_BLOCK_MAX, error);
	if (!ret)
		ret = take_part(reader, block, buffer, (size_t)block->length, "the payload", error);
	if (ret)
		return ret;
	piece->size = (size_t)block->length;
	piece->more = block->flags & FLAG_DATA_MORE;
	reader->more = piece->more;
	return finish_block(reader, block, saved_count_hash(&reader->count, buffer, piece->size),
			    error);
}

/* Its own check agrees; now what it says of all before it. */
static int compare_end(const struct saved_block *block, const uint8_t *end, const uint8_t *expected,
		       struct mig_error *error)
{
	static const struct {
		int at;
		const char *what;
	} numbers[] = {
		{ END_BYTES, "bytes of the driver" },
		{ END_TRANSACTIONS, "transactions" },
		{ END_BLOCKS, "blocks before it" },
	};
	char there[MIG_DIGEST_TEXT], here[MIG_DIGEST_TEXT];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		uint64_t counted = get_le64(expected + numbers[i].at);
		uint64_t said = get_le64(end + numbers[i].at);

		if (said != counted)
			return saved_wrong(error, block,
					   "it counts %" PRIu64 " %s, expected %" PRIu64, said,
					   numbers[i].what, counted);
	}
	if (memcmp(end + END_DIGEST, expected + END_DIGEST, 16))
		return saved_wrong(error, block, "its digest is %s, expected %s",
				   mig_digest_text(end + END_DIGEST, there),
				   mig_digest_text(expected + END_DIGEST, here));
	if (memcmp(end + END_CHAIN, expected + END_CHAIN, 8))
		return saved_wrong(error, block,
				   "its chain is 0x%016" PRIx64 ", expected 0x%016" PRIx64,
				   get_le64(end + END_CHAIN), get_le64(expected + END_CHAIN));
	return 0;
}

static int read_end(struct mig_saved_reader *reader, const struct saved_block *block,
		    struct mig_error *error)
{
	uint8_t end[MIG_SAVED_END_SIZE], expected[MIG_SAVED_END_SIZE], beyond;
	int ret = check_flags(block, FLAG_REQUIRED, error);
	long got;

	if (ret)
		return ret;
	if (block->length != sizeof(end))
		return saved_wrong(error, block, "its length is %" PRIu64 ", expected %u",
				   block->length, MIG_SAVED_END_SIZE);
	ret = take_part(reader, block, end, sizeof(end), "the payload", error);
	if (!ret)
		ret = finish_block(reader, block, saved_hash(end, sizeof(end), 0), error);
	if (ret)
		return ret;
	saved_count_end(&reader->count, expected);
	ret = compare_end(block, end, expected, error);
	if (ret)
		return ret;
	if (reader->more)
		return saved_wrong(error, block,
				   "the last transaction is not complete, "
				   "expected another DATA block");
	got = take(reader, &beyond, 1, error);
	if (got > 0)
		return saved_wrong(error, block,
				   "more follows it at byte %" PRIu64 ", expected the end",
				   reader->at - 1);
	return (int)got;
}

int mig_saved_read_piece(struct mig_saved_reader *reader, void *buffer,
			 struct mig_saved_piece *piece, struct mig_saved_totals *totals,
			 struct mig_error *error)
{
	for (;;) {
		struct saved_block block;
		int ret = read_header(reader, &block, error);

		if (ret)
			return ret;
		if (block.type == TYPE_END) {
			ret = read_end(reader, &block, error);
			if (!ret && totals)
				saved_count_totals(&reader->count, totals);
			return ret;
		}
		if (block.type == TYPE_META)
			return saved_wrong(error, &block, "it is the second, expected one");
		if (block.type == TYPE_DATA)
			ret = read_data(reader, &block, buffer, piece, error);
		else
			ret = skip_block(reader, &block, error);
		if (ret)
			return ret;
		saved_count_block(&reader->count, block.header);
		if (block.type == TYPE_DATA)
			return 1;
	}
}
