// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "migctl/netlink_uevent.h"

static const char *const actions[] = {
	[MIG_UEVENT_ADD] = "add",   [MIG_UEVENT_REMOVE] = "remove", [MIG_UEVENT_CHANGE] = "change",
	[MIG_UEVENT_BIND] = "bind", [MIG_UEVENT_UNBIND] = "unbind", [MIG_UEVENT_OTHER] = "other",
};

const char *mig_uevent_action_name(enum mig_uevent_action action)
{
	return actions[action];
}

static enum mig_uevent_action action_of(const char *word, size_t len)
{
	for (int i = 0; i < MIG_UEVENT_OTHER; i++)
		if (strlen(actions[i]) == len && !memcmp(actions[i], word, len))
			return (enum mig_uevent_action)i;
	return MIG_UEVENT_OTHER;
}

/* It will be part of a path. */
static bool is_file_name(const char *name)
{
	return name[0] && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..");
}

static bool copy(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (len >= size)
		return false;
	memcpy(to, from, len + 1);
	return true;
}

static bool parse_head(const char *head, struct mig_uevent *event)
{
	const char *at = strchr(head, '@'), *name;

	if (!at || at == head || at[1] != '/')
		return false;
	event->action = action_of(head, (size_t)(at - head));
	name = strrchr(at, '/') + 1;
	return is_file_name(name) && copy(event->name, sizeof(event->name), name);
}

static void parse_pair(const char *pair, struct mig_uevent *event)
{
	const struct {
		const char *key;
		char *value;
		size_t size;
	} known[] = {
		{ "SUBSYSTEM=", event->subsystem, sizeof(event->subsystem) },
		{ "DRIVER=", event->driver, sizeof(event->driver) },
		{ "ERROR_EVENT=", event->recovery, sizeof(event->recovery) },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t len = strlen(known[i].key);

		if (!strncmp(pair, known[i].key, len) && !known[i].value[0] &&
		    is_file_name(pair + len))
			copy(known[i].value, known[i].size, pair + len);
	}
}

bool mig_uevent_parse(const char *data, size_t size, struct mig_uevent *event)
{
	const char *end = data + size;

	memset(event, 0, sizeof(*event));
	if (!size || end[-1])
		return false;
	if (!parse_head(data, event))
		return false;
	for (const char *at = data + strlen(data) + 1; at < end; at += strlen(at) + 1)
		parse_pair(at, event);
	return true;
}
