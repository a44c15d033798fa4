/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One vocabulary of device states over both migration protocols.
 *
 * Authority: include/uapi/linux/vfio.h of Linux 5.8-5.17 (v1: bits of
 * device_state in the migration region) and of 5.18+ (v2: enum
 * vfio_device_mig_state).
 */
#ifndef MIGCTL_STATE_H
#define MIGCTL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mig_protocol {
	MIG_PROTOCOL_NONE,
	MIG_PROTOCOL_V1,
	MIG_PROTOCOL_V2,
};

/* The order is that of the v2 wire values, so that tables line up with uapi. */
enum mig_state {
	MIG_STATE_ERROR,
	MIG_STATE_STOP,
	MIG_STATE_RUNNING,
	MIG_STATE_STOP_COPY,
	MIG_STATE_RESUMING,
	MIG_STATE_RUNNING_P2P,
	MIG_STATE_PRE_COPY,
	MIG_STATE_PRE_COPY_P2P,
	/* What a driver shows and no header defines; only ever read. */
	MIG_STATE_INVALID,
};

/* How many of them have a name and a place in a table. */
#define MIG_STATE_COUNT MIG_STATE_INVALID

/* The flags of VFIO_DEVICE_FEATURE_MIGRATION; v1 knows all but P2P. */
enum mig_cap {
	MIG_CAP_STOP_COPY = 1 << 0,
	MIG_CAP_P2P = 1 << 1,
	MIG_CAP_PRE_COPY = 1 << 2,
};
#define MIG_CAPS_ALL (MIG_CAP_STOP_COPY | MIG_CAP_P2P | MIG_CAP_PRE_COPY)

/* A state as it was read: the word and the number it came from. */
struct mig_reading {
	enum mig_state state;
	uint32_t raw;
};

/* Room for any state's text, "invalid(0xffffffff)" being the longest. */
#define MIG_STATE_TEXT 24

/* v1: bits of device_state. Bits 3-31 are reserved and must be preserved. */
#define MIG_V1_RUNNING 0x1u
#define MIG_V1_SAVING 0x2u
#define MIG_V1_RESUMING 0x4u
#define MIG_V1_MASK 0x7u

const char *mig_protocol_name(enum mig_protocol protocol); /* "v1", "v2", "none" */
bool mig_protocol_parse(const char *word, enum mig_protocol *protocol);

/* The word on the command line and in JSON; never NULL. */
const char *mig_state_name(enum mig_state state);
/* The same for a reading: what no header defines comes out as invalid(0xN). */
const char *mig_reading_name(struct mig_reading reading, char text[MIG_STATE_TEXT]);
/* Case-blind, '-' and '_' alike. False: not a state's word. */
bool mig_state_parse(const char *word, enum mig_state *state);
/* Does this protocol have the state at all? Never true of MIG_STATE_INVALID. */
bool mig_state_in(enum mig_protocol protocol, enum mig_state state);

struct mig_reading mig_v1_reading(uint32_t raw);
struct mig_reading mig_v2_reading(uint32_t raw);
/*
 * The value to write. v1: the three state bits, reserved bits not included;
 * the state must be one that mig_state_in() grants the protocol.
 */
uint32_t mig_v1_wire(enum mig_state state);
uint32_t mig_v2_wire(enum mig_state state);

/* "stop-copy", "p2p", "pre-copy": one bit only; NULL for any other value. */
const char *mig_cap_name(unsigned int cap);
/* A comma list of them. False: a word is none of them. */
bool mig_caps_parse(const char *list, unsigned int *caps);

#endif
