/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To make saved states that are wrong in one thing and right in all others:
 * without this every damage would end at the first check. For the unit tests
 * and the fuzzer.
 */
#ifndef TEST_SAVED_FORGE_H
#define TEST_SAVED_FORGE_H

#include <string.h>

#include "../../src/core/saved_form.h"

enum forge {
	FORGE_FILE = 1,    /* the check of the file header */
	FORGE_HEAD = 2,    /* of the block headers */
	FORGE_PAYLOAD = 4, /* of the payloads */
	FORGE_PADDING = 8, /* zeros */
	FORGE_END = 16,    /* totals, chain and digest */
	FORGE_ALL = 31,
};

static inline uint64_t forge_payload(struct saved_count *count, uint8_t *header, uint64_t length,
				     unsigned int what)
{
	uint8_t *payload = header + MIG_SAVED_BLOCK_HEADER;
	uint32_t type = get_le32(header + BLOCK_TYPE);

	if (type == TYPE_DATA)
		return saved_count_hash(count, payload, length);
	if (type == TYPE_END && length == MIG_SAVED_END_SIZE && (what & FORGE_END))
		saved_count_end(count, payload);
	return saved_hash(payload, length, 0);
}

/* Makes right what is asked for, as far as there are whole blocks. False: no memory. */
static inline bool forge(uint8_t *bytes, size_t size, unsigned int what)
{
	struct saved_count count = { .hash = NULL };
	size_t at = MIG_SAVED_FILE_HEADER;

	if (size < at)
		return true;
	if (!saved_count_open(&count))
		return false;
	if (what & FORGE_FILE)
		put_le32(bytes + FILE_CHECK, (uint32_t)saved_hash(bytes, FILE_CHECK, 0));
	count.chain = saved_hash(bytes, MIG_SAVED_FILE_HEADER, 0);
	while (size - at >= MIG_SAVED_BLOCK_HEADER) {
		uint8_t *header = bytes + at;
		uint64_t length = get_le64(header + BLOCK_LENGTH), check;
		size_t left = size - at - MIG_SAVED_BLOCK_HEADER, padding;
		bool whole = length <= left;

		check = whole ? forge_payload(&count, header, length, what) : 0;
		if (whole && (what & FORGE_PAYLOAD))
			put_le64(header + BLOCK_CHECK, check);
		if (what & FORGE_HEAD)
			put_le64(header + BLOCK_HEAD, saved_hash(header, BLOCK_HEAD, count.blocks));
		padding = saved_padding(length);
		if (!whole || left - length < padding)
			break;
		at += MIG_SAVED_BLOCK_HEADER + length;
		if (what & FORGE_PADDING)
			memset(bytes + at, 0, padding);
		at += padding;
		saved_count_block(&count, header);
	}
	saved_hash_close(count.hash);
	return true;
}

#endif
