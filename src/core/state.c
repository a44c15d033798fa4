// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "migctl/state.h"

static const char *const protocol_names[] = {
	[MIG_PROTOCOL_NONE] = "none",
	[MIG_PROTOCOL_V1] = "v1",
	[MIG_PROTOCOL_V2] = "v2",
};

static const char *const state_names[] = {
	[MIG_STATE_ERROR] = "error",       [MIG_STATE_STOP] = "stop",
	[MIG_STATE_RUNNING] = "running",   [MIG_STATE_STOP_COPY] = "stop-copy",
	[MIG_STATE_RESUMING] = "resuming", [MIG_STATE_RUNNING_P2P] = "running-p2p",
	[MIG_STATE_PRE_COPY] = "pre-copy", [MIG_STATE_PRE_COPY_P2P] = "pre-copy-p2p",
	[MIG_STATE_INVALID] = "invalid",
};

/* v1 wire values; the P2P states and anything else do not exist there. */
static const uint32_t v1_wire[MIG_STATE_COUNT] = {
	[MIG_STATE_ERROR] = MIG_V1_SAVING | MIG_V1_RESUMING,
	[MIG_STATE_STOP] = 0,
	[MIG_STATE_RUNNING] = MIG_V1_RUNNING,
	[MIG_STATE_STOP_COPY] = MIG_V1_SAVING,
	[MIG_STATE_RESUMING] = MIG_V1_RESUMING,
	[MIG_STATE_PRE_COPY] = MIG_V1_SAVING | MIG_V1_RUNNING,
};

const char *mig_protocol_name(enum mig_protocol protocol)
{
	return protocol_names[protocol];
}

bool mig_protocol_parse(const char *word, enum mig_protocol *protocol)
{
	if (!strcasecmp(word, "v1"))
		*protocol = MIG_PROTOCOL_V1;
	else if (!strcasecmp(word, "v2"))
		*protocol = MIG_PROTOCOL_V2;
	else
		return false;
	return true;
}

const char *mig_state_name(enum mig_state state)
{
	return state_names[state];
}

const char *mig_reading_name(struct mig_reading reading, char text[MIG_STATE_TEXT])
{
	if (reading.state != MIG_STATE_INVALID)
		return state_names[reading.state];
	snprintf(text, MIG_STATE_TEXT, "invalid(0x%x)", reading.raw);
	return text;
}

/* Not strcasecmp(): '-' and '_' are one letter here, as users mix C and CLI. */
static bool same_word(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = a[i] == '_' ? '-' : a[i];

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if (c != b[i])
			return false;
	}
	return b[len] == '\0';
}

bool mig_state_parse(const char *word, enum mig_state *state)
{
	for (int i = 0; i < MIG_STATE_COUNT; i++) {
		if (strlen(word) == strlen(state_names[i]) &&
		    same_word(word, state_names[i], strlen(word))) {
			*state = (enum mig_state)i;
			return true;
		}
	}
	return false;
}

bool mig_state_in(enum mig_protocol protocol, enum mig_state state)
{
	if (state == MIG_STATE_INVALID)
		return false;
	switch (protocol) {
	case MIG_PROTOCOL_NONE:
		return false;
	case MIG_PROTOCOL_V1:
		/* _STOP is the one state whose v1 value is 0. */
		return state == MIG_STATE_STOP || v1_wire[state];
	case MIG_PROTOCOL_V2:
		return true;
	}
	return false;
}

struct mig_reading mig_v1_reading(uint32_t raw)
{
	struct mig_reading reading = { MIG_STATE_INVALID, raw };

	for (int i = 0; i < MIG_STATE_COUNT; i++)
		if (mig_state_in(MIG_PROTOCOL_V1, (enum mig_state)i) &&
		    v1_wire[i] == (raw & MIG_V1_MASK))
			reading.state = (enum mig_state)i;
	return reading;
}

struct mig_reading mig_v2_reading(uint32_t raw)
{
	struct mig_reading reading = { MIG_STATE_INVALID, raw };

	if (raw < MIG_STATE_COUNT)
		reading.state = (enum mig_state)raw;
	return reading;
}

uint32_t mig_v1_wire(enum mig_state state)
{
	return v1_wire[state];
}

uint32_t mig_v2_wire(enum mig_state state)
{
	return (uint32_t)state;
}

static const struct {
	unsigned int cap;
	const char *name;
} cap_names[] = {
	{ MIG_CAP_STOP_COPY, "stop-copy" },
	{ MIG_CAP_P2P, "p2p" },
	{ MIG_CAP_PRE_COPY, "pre-copy" },
};

const char *mig_cap_name(unsigned int cap)
{
	for (size_t i = 0; i < sizeof(cap_names) / sizeof(*cap_names); i++)
		if (cap_names[i].cap == cap)
			return cap_names[i].name;
	return NULL;
}

bool mig_caps_parse(const char *list, unsigned int *caps)
{
	*caps = 0;
	for (;;) {
		size_t len = strcspn(list, ",");
		unsigned int found = 0;

		for (size_t i = 0; i < sizeof(cap_names) / sizeof(*cap_names); i++)
			if (len == strlen(cap_names[i].name) &&
			    same_word(list, cap_names[i].name, len))
				found = cap_names[i].cap;
		if (!found)
			return false;
		*caps |= found;
		if (!list[len])
			return true;
		list += len + 1;
	}
}
