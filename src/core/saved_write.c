// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "saved_form.h"

struct mig_saved_writer {
	struct saved_count count;
};

struct mig_saved_writer *mig_saved_writer_open(void)
{
	struct mig_saved_writer *writer = calloc(1, sizeof(*writer));

	if (writer && !saved_count_open(&writer->count)) {
		free(writer);
		return NULL;
	}
	return writer;
}

void mig_saved_writer_close(struct mig_saved_writer *writer)
{
	if (writer)
		saved_hash_close(writer->count.hash);
	free(writer);
}

static void put_header(const struct saved_count *count, uint8_t header[MIG_SAVED_BLOCK_HEADER],
		       uint32_t type, uint32_t flags, uint64_t length, uint64_t check)
{
	put_le32(header + BLOCK_TYPE, type);
	put_le32(header + BLOCK_FLAGS, flags);
	put_le64(header + BLOCK_LENGTH, length);
	put_le64(header + BLOCK_CHECK, check);
	put_le64(header + BLOCK_HEAD, saved_hash(header, BLOCK_HEAD, count->blocks));
}

long mig_saved_begin(struct mig_saved_writer *writer, const struct mig_saved_meta *meta,
		     void *buffer, size_t size)
{
	uint8_t *file = buffer, *header = file + MIG_SAVED_FILE_HEADER;
	uint8_t *payload = header + MIG_SAVED_BLOCK_HEADER;
	size_t before = MIG_SAVED_FILE_HEADER + MIG_SAVED_BLOCK_HEADER;
	long length;

	if (size < before)
		return -ENOSPC;
	length = saved_meta_write(meta, payload, size - before);
	if (length < 0)
		return length;
	if (length > (long)MIG_SAVED_META_MAX ||
	    saved_padding((uint64_t)length) > size - before - (size_t)length)
		return -ENOSPC;
	memset(payload + length, 0, saved_padding((uint64_t)length));
	memcpy(file + FILE_MAGIC, SAVED_MAGIC, SAVED_MAGIC_SIZE);
	put_le32(file + FILE_VERSION, MIG_SAVED_VERSION);
	put_le32(file + FILE_CHECK, (uint32_t)saved_hash(file, FILE_CHECK, 0));
	writer->count.chain = saved_hash(file, MIG_SAVED_FILE_HEADER, 0);
	put_header(&writer->count, header, TYPE_META, FLAG_REQUIRED, (uint64_t)length,
		   saved_hash(payload, (size_t)length, 0));
	saved_count_block(&writer->count, header);
	return (long)before + length + (long)saved_padding((uint64_t)length);
}

unsigned int mig_saved_data(struct mig_saved_writer *writer, const void *piece, size_t size,
			    bool more, uint8_t header[MIG_SAVED_BLOCK_HEADER])
{
	uint64_t check = saved_count_hash(&writer->count, piece, size);

	put_header(&writer->count, header, TYPE_DATA, FLAG_REQUIRED | (more ? FLAG_DATA_MORE : 0),
		   size, check);
	saved_count_block(&writer->count, header);
	return saved_padding(size);
}

void mig_saved_end(struct mig_saved_writer *writer, uint8_t block[MIG_SAVED_END_BLOCK],
		   struct mig_saved_totals *totals)
{
	uint8_t *payload = block + MIG_SAVED_BLOCK_HEADER;

	saved_count_end(&writer->count, payload);
	put_header(&writer->count, block, TYPE_END, FLAG_REQUIRED, MIG_SAVED_END_SIZE,
		   saved_hash(payload, MIG_SAVED_END_SIZE, 0));
	saved_count_totals(&writer->count, totals);
}
