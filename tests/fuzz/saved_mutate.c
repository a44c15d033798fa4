// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks stop a fuzzer at once. So most inputs get checks that are right after
 * they were changed, and some get whole blocks moved about.
 */
#include <string.h>

#include "../unit/saved_forge.h"
#include "fuzz.h"

#define BLOCKS 64

/* Where the blocks begin, and where the last whole one ends: how many there are. */
static size_t find_blocks(const uint8_t *data, size_t size, size_t starts[BLOCKS + 1])
{
	size_t at = MIG_SAVED_FILE_HEADER, count = 0;

	starts[0] = at;
	while (count < BLOCKS && at <= size && size - at >= MIG_SAVED_BLOCK_HEADER) {
		uint64_t length = get_le64(data + at + BLOCK_LENGTH);
		size_t left = size - at - MIG_SAVED_BLOCK_HEADER;

		if (length > left || saved_padding(length) > left - length)
			break;
		at += MIG_SAVED_BLOCK_HEADER + length + saved_padding(length);
		starts[++count] = at;
	}
	return count;
}

/* Doubles the block in front of another, or takes it out. */
static size_t move_block(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	size_t starts[BLOCKS + 1], count = find_blocks(data, size, starts), from, to, length;
	uint8_t *block;

	if (!count)
		return size;
	from = seed / 2 % count;
	to = seed / 2 / count % count;
	length = starts[from + 1] - starts[from];
	if (seed & 1) {
		memmove(data + starts[from], data + starts[from + 1], size - starts[from + 1]);
		return size - length;
	}
	if (max - size < length)
		return size;
	block = malloc(length);
	HOLDS(block);
	memcpy(block, data + starts[from], length);
	memmove(data + starts[to] + length, data + starts[to], size - starts[to]);
	memcpy(data + starts[to], block, length);
	free(block);
	return size + length;
}

/* Gives the last block that is cut off the length that is there, and a known type or not. */
static void mend_length(uint8_t *data, size_t size, unsigned int seed)
{
	static const uint32_t types[] = { TYPE_META, TYPE_DATA, TYPE_END, 0x45544f4e };
	size_t starts[BLOCKS + 1], count = find_blocks(data, size, starts), at = starts[count];

	if (at > size || size - at < MIG_SAVED_BLOCK_HEADER)
		return;
	put_le64(data + at + BLOCK_LENGTH,
		 (size - at - MIG_SAVED_BLOCK_HEADER) / MIG_SAVED_ALIGN * MIG_SAVED_ALIGN);
	if (seed & 4)
		put_le32(data + at + BLOCK_TYPE, types[seed & 3]);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	unsigned int dice = seed * 2654435761u >> 8;

	if (dice % 8 == 0)
		size = move_block(data, size, max, dice >> 3);
	else
		size = LLVMFuzzerMutate(data, size, max);
	if (dice % 5 == 0)
		mend_length(data, size, dice >> 6);
	/* All checks right; or all but one kind; or as the mutation left them. */
	if (dice % 16 < 12)
		forge(data, size, FORGE_ALL);
	else if (dice % 16 < 15)
		forge(data, size, FORGE_ALL & ~(1u << (dice >> 4) % 5));
	return size;
}
