/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of saved device state, as vfio-migctl-state(5) documents it. Pure:
 * bytes to values and back; whoever has a file or a pipe hands bytes over.
 *
 * All numbers are little-endian. A file header of 16 bytes, then blocks, each
 * a header of 32 bytes, its payload, and zeros up to the next multiple of 8:
 *
 *   META  once, first: a JSON object that says what was saved
 *   DATA  what the driver gave, one transaction a block; one that is larger
 *         than MIG_SAVED_BLOCK_MAX goes on in the next block (flag MORE)
 *   END   totals and digest; nothing follows it
 *
 * A block of another type is skipped, unless its REQUIRED flag is set; these
 * three have it set. A flag of these three that is not known is refused.
 *
 * The digest is XXH3-128 over the driver's bytes, front to back. The check of
 * a DATA block is the low half of that digest up to the end of its payload,
 * that of any other block XXH3-64 of its payload. The check of a block header
 * is XXH3-64 of its first 24 bytes, seeded with the block's number from 0: a
 * block that is lost, doubled or moved shows before its length is believed.
 * END has a chain over all headers too, and so ties META and the blocks that
 * are skipped to the data.
 */
#ifndef MIGCTL_SAVED_H
#define MIGCTL_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "migctl/error.h"
#include "migctl/state.h"

#define MIG_SAVED_VERSION 1u
#define MIG_SAVED_FILE_HEADER 16u
#define MIG_SAVED_BLOCK_HEADER 32u
#define MIG_SAVED_BLOCK_MAX (1024u * 1024u) /* payload of any block */
#define MIG_SAVED_META_MAX 65536u
#define MIG_SAVED_END_SIZE 48u
#define MIG_SAVED_ALIGN 8u

/* What was saved, from what, when and where. Fixed room: nothing is allocated. */
struct mig_saved_meta {
	/* "" where a thing is not known, or the device has no such thing. */
	char name[64]; /* bus address or UUID */
	char bus[16];
	char driver[64];
	char vendor[16]; /* "15b3", as sysfs has them without 0x; not PCI: "" */
	char device[16];
	char subsystem_vendor[16];
	char subsystem_device[16];
	char firmware_version[64];
	char firmware_psid[64];
	char host[65];
	char kernel[128];  /* release of the saving host */
	char saved_at[32]; /* RFC 3339, UTC */
	char tool[32];     /* version of vfio-migctl */
	enum mig_protocol protocol;
	unsigned int caps;
	bool no_migration; /* of a report of check, never of saved state: it was found to have none
			    */
};

/* Totals of what went through, for both directions. */
struct mig_saved_totals {
	uint64_t bytes;        /* of the driver */
	uint64_t transactions; /* chunks, in the words of the contract */
	uint8_t digest[16];    /* XXH3-128, canonical (big-endian) order */
};

#define MIG_DIGEST_TEXT 42 /* "xxh3-128:" and 32 hex digits */
const char *mig_digest_text(const uint8_t digest[16], char text[MIG_DIGEST_TEXT]);

/* ---- writing */

struct mig_saved_writer;                              /* has the hash's state: some 600 bytes */
struct mig_saved_writer *mig_saved_writer_open(void); /* NULL: no memory */
void mig_saved_writer_close(struct mig_saved_writer *writer);

/*
 * The file header and the META block, into buffer; how many bytes it took,
 * -ENOSPC or -ENOMEM. MIG_SAVED_BEGIN_MAX always suffices. What is not UTF-8 in
 * meta, and control characters, are written as mig_escape() has them.
 */
#define MIG_SAVED_BEGIN_MAX \
	(MIG_SAVED_FILE_HEADER + MIG_SAVED_BLOCK_HEADER + MIG_SAVED_META_MAX + MIG_SAVED_ALIGN)
long mig_saved_begin(struct mig_saved_writer *writer, const struct mig_saved_meta *meta,
		     void *buffer, size_t size);
/*
 * Hashes one piece (at most MIG_SAVED_BLOCK_MAX) and makes its header. After
 * header and piece go as many zeros as is returned (0 to 7).
 */
unsigned int mig_saved_data(struct mig_saved_writer *writer, const void *piece, size_t size,
			    bool more, uint8_t header[MIG_SAVED_BLOCK_HEADER]);
/* The END block, and what was counted. */
#define MIG_SAVED_END_BLOCK (MIG_SAVED_BLOCK_HEADER + MIG_SAVED_END_SIZE)
void mig_saved_end(struct mig_saved_writer *writer, uint8_t block[MIG_SAVED_END_BLOCK],
		   struct mig_saved_totals *totals);

/* ---- reading; nothing of what is read is trusted */

/*
 * Where the bytes come from: all of size (never 0), fewer only at the end, or
 * -errno. -EBADMSG is for one that decompresses and cannot: it is damage.
 */
struct mig_saved_input {
	long (*read)(struct mig_saved_input *input, void *buffer, size_t size);
};

struct mig_saved_reader; /* two hashes' states, some 1200 bytes */
/* NULL: no memory. The input is the caller's, and must outlive it. */
struct mig_saved_reader *mig_saved_reader_open(struct mig_saved_input *input);
void mig_saved_reader_close(struct mig_saved_reader *reader);

/*
 * Reads up to and with the META block. MIG_KIND_BAD_STATE, and *error says
 * where, in bytes of what the input gave: -EBADMSG, it is not ours or damaged;
 * -EPROTONOSUPPORT, it is of another version, and whether it is whole cannot
 * be told. -errno of the input, or -ENOMEM, as MIG_KIND_FAILED.
 * After an error there is nothing more to read. Strings of *meta may have
 * control characters: mig_escape() is for whoever prints them.
 */
int mig_saved_read_meta(struct mig_saved_reader *reader, struct mig_saved_meta *meta,
			struct mig_error *error);
/*
 * The next piece into buffer (MIG_SAVED_BLOCK_MAX bytes): 1. 0: END was met,
 * all agrees, and the input ends there; *totals (may be NULL) is good. Errors
 * as above; a piece that was returned is good whatever follows.
 */
struct mig_saved_piece {
	size_t size;
	bool more;
};
int mig_saved_read_piece(struct mig_saved_reader *reader, void *buffer,
			 struct mig_saved_piece *piece, struct mig_saved_totals *totals,
			 struct mig_error *error);
/* The pieces that were returned so far, for a report about a part. */
void mig_saved_so_far(const struct mig_saved_reader *reader, struct mig_saved_totals *totals);

/*
 * Would a device like `here` take what `meta` describes? 0, or -EXDEV with
 * MIG_KIND_BAD_STATE and the first thing that differs: bus, vendor and device
 * id, subsystem ids, driver, protocol, capabilities that the saved state used
 * and here are none, firmware where both are known. What is "" (protocol NONE)
 * in either is not compared.
 */
int mig_saved_fits(const struct mig_saved_meta *meta, const struct mig_saved_meta *here,
		   struct mig_error *error);

#endif
