/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of the saved form, which vfio-migctl-state(5) shows to others, and
 * the hashes it is checked with. For saved_*.c alone.
 */
#ifndef MIGCTL_CORE_SAVED_FORM_H
#define MIGCTL_CORE_SAVED_FORM_H

#include "migctl/saved.h"

/* As PNG has it: a byte that is no text, and line ends that a transfer in text mode breaks. */
#define SAVED_MAGIC "\211MIG\r\n\032\n"
#define SAVED_MAGIC_SIZE 8

/* Offsets in the file header. */
enum {
	FILE_MAGIC = 0,
	FILE_VERSION = 8, /* 4 */
	FILE_CHECK = 12,  /* 4: the low half of XXH3-64 of what is before it */
};

/* Offsets in a block header. */
enum {
	BLOCK_TYPE = 0,   /* 4 letters */
	BLOCK_FLAGS = 4,  /* 4 */
	BLOCK_LENGTH = 8, /* 8 */
	BLOCK_CHECK = 16, /* 8: of the payload */
	BLOCK_HEAD = 24,  /* 8: of what is before it, seeded with the block's number */
};

/* Offsets in the payload of END. */
enum {
	END_BYTES = 0,
	END_TRANSACTIONS = 8,
	END_BLOCKS = 16, /* those before it */
	END_CHAIN = 24,
	END_DIGEST = 32, /* 16, canonical order */
};

#define SAVED_TYPE(a, b, c, d) \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define TYPE_META SAVED_TYPE('M', 'E', 'T', 'A')
#define TYPE_DATA SAVED_TYPE('D', 'A', 'T', 'A')
#define TYPE_END SAVED_TYPE('E', 'N', 'D', ' ')

/* Bit 0 means the same in every block; the others are the type's own. */
#define FLAG_REQUIRED 1u
#define FLAG_DATA_MORE 2u

static inline void put_le32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static inline void put_le64(uint8_t *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static inline uint32_t get_le32(const uint8_t *from)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value |= (uint32_t)from[i] << 8 * i;
	return value;
}

static inline uint64_t get_le64(const uint8_t *from)
{
	return get_le32(from) | (uint64_t)get_le32(from + 4) << 32;
}

static inline unsigned int saved_padding(uint64_t size)
{
	return (unsigned int)(-size % MIG_SAVED_ALIGN);
}

/* XXH3-64. */
uint64_t saved_hash(const void *bytes, size_t size, uint64_t seed);

/* One XXH3 over what comes in pieces, asked for 64 or for 128 bits, not both. */
struct saved_hash;
struct saved_hash *saved_hash_open(void); /* NULL: no memory */
void saved_hash_close(struct saved_hash *hash);
void saved_hash_begin64(struct saved_hash *hash);
void saved_hash_add64(struct saved_hash *hash, const void *bytes, size_t size);
uint64_t saved_hash_get64(const struct saved_hash *hash);
void saved_hash_begin128(struct saved_hash *hash);
void saved_hash_add128(struct saved_hash *hash, const void *bytes, size_t size);
/* So far; more can be added after it. Returns the low half. */
uint64_t saved_hash_get128(const struct saved_hash *hash, uint8_t digest[16]);

/*
 * What both directions count. The chain ties the file header and all block
 * headers, and by their checks all payloads, to END: it is XXH3-64 of the file
 * header, then of each block header, seeded with the chain before it.
 */
struct saved_count {
	struct saved_hash *hash; /* of the driver's bytes */
	uint8_t hashed[16];      /* the digest with the piece hashed last */
	uint8_t digest[16];      /* of what was counted */
	uint64_t chain;
	uint64_t blocks;
	uint64_t bytes;
	uint64_t transactions;
};

/* Of a zeroed one; false: no memory. Its hash is to be closed. */
bool saved_count_open(struct saved_count *count);
/* Before the header of a DATA block: its piece. Returns the block's check. */
uint64_t saved_count_hash(struct saved_count *count, const void *piece, size_t size);
void saved_count_block(struct saved_count *count, const uint8_t header[MIG_SAVED_BLOCK_HEADER]);
void saved_count_totals(const struct saved_count *count, struct mig_saved_totals *totals);
/* The payload of END, as it must be after what was counted. */
void saved_count_end(const struct saved_count *count, uint8_t end[MIG_SAVED_END_SIZE]);

/*
 * The META payload. Writing: its length, -ENOSPC or -ENOMEM. Reading: 0; or
 * -ENOMEM, -EBADMSG (damage), -EPROTONOSUPPORT (newer than this) with why.
 */
#define SAVED_WHY 256
long saved_meta_write(const struct mig_saved_meta *meta, uint8_t *text, size_t size);
int saved_meta_read(const uint8_t *text, size_t size, struct mig_saved_meta *meta,
		    char why[SAVED_WHY]);

#endif
