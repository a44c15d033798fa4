// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "migctl/record.h"

static const char *const migration_names[] = {
	[MIG_MIGRATION_UNKNOWN] = "unknown",
	[MIG_MIGRATION_NONE] = "none",
	[MIG_MIGRATION_V1] = "v1",
	[MIG_MIGRATION_V2] = "v2",
};

const char *mig_migration_name(enum mig_migration migration)
{
	return migration_names[migration];
}

const char *mig_vf_link_name(enum mig_vf_link link)
{
	switch (link) {
	case MIG_VF_LINK_UNKNOWN:
		return NULL;
	case MIG_VF_LINK_AUTO:
		return "auto";
	case MIG_VF_LINK_ENABLE:
		return "enable";
	case MIG_VF_LINK_DISABLE:
		return "disable";
	}
	return NULL;
}

const char *mig_check_verdict_name(enum mig_check_verdict verdict)
{
	switch (verdict) {
	case MIG_CHECK_SKIP:
		return "skip";
	case MIG_CHECK_PASS:
		return "pass";
	case MIG_CHECK_WARN:
		return "warn";
	case MIG_CHECK_FAIL:
		return "fail";
	}
	return "?";
}

const char *mig_vlan_proto_name(int proto)
{
	return proto == 0x8100 ? "802.1Q" : proto == 0x88a8 ? "802.1ad" : NULL;
}

char *mig_mac_text(const uint8_t mac[6], char text[18])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	return text;
}

const char *mig_phase_name(enum mig_phase phase)
{
	switch (phase) {
	case MIG_PHASE_PRE_COPY:
		return "pre-copy";
	case MIG_PHASE_STOP_COPY:
		return "stop-and-copy";
	case MIG_PHASE_RESUMING:
		return "resuming";
	case MIG_PHASE_LOAD:
		return "load";
	case MIG_PHASE_BACK:
		return "back";
	}
	return "?";
}

bool mig_next_line(const char **text, char line[MIG_LINE_SIZE])
{
	size_t len = strcspn(*text, "\n");

	if (!**text)
		return false;
	snprintf(line, MIG_LINE_SIZE, "%.*s", (int)len, *text);
	*text += len + ((*text)[len] == '\n');
	return true;
}
