// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "saved_form.h"

const char *mig_digest_text(const uint8_t digest[16], char text[MIG_DIGEST_TEXT])
{
	int used = sprintf(text, "xxh3-128:");

	for (int i = 0; i < 16; i++)
		used += sprintf(text + used, "%02x", digest[i]);
	return text;
}

bool saved_count_open(struct saved_count *count)
{
	count->hash = saved_hash_open();
	if (!count->hash)
		return false;
	saved_hash_begin128(count->hash);
	saved_hash_get128(count->hash, count->digest);
	return true;
}

void saved_count_totals(const struct saved_count *count, struct mig_saved_totals *totals)
{
	totals->bytes = count->bytes;
	totals->transactions = count->transactions;
	memcpy(totals->digest, count->digest, sizeof(count->digest));
}

void saved_count_end(const struct saved_count *count, uint8_t end[MIG_SAVED_END_SIZE])
{
	put_le64(end + END_BYTES, count->bytes);
	put_le64(end + END_TRANSACTIONS, count->transactions);
	put_le64(end + END_BLOCKS, count->blocks);
	put_le64(end + END_CHAIN, count->chain);
	memcpy(end + END_DIGEST, count->digest, sizeof(count->digest));
}

uint64_t saved_count_hash(struct saved_count *count, const void *piece, size_t size)
{
	saved_hash_add128(count->hash, piece, size);
	return saved_hash_get128(count->hash, count->hashed);
}

void saved_count_block(struct saved_count *count, const uint8_t header[MIG_SAVED_BLOCK_HEADER])
{
	count->chain = saved_hash(header, MIG_SAVED_BLOCK_HEADER, count->chain);
	count->blocks++;
	if (get_le32(header + BLOCK_TYPE) != TYPE_DATA)
		return;
	memcpy(count->digest, count->hashed, sizeof(count->digest));
	count->bytes += get_le64(header + BLOCK_LENGTH);
	count->transactions += !(get_le32(header + BLOCK_FLAGS) & FLAG_DATA_MORE);
}
