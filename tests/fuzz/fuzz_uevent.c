// SPDX-License-Identifier: GPL-2.0-or-later
/* A message of the kobject socket, on memory of its exact size. */
#include <string.h>

#include "fuzz.h"
#include "migctl/netlink_uevent.h"

static void check_name(const char *name, size_t size)
{
	HOLDS(strnlen(name, size) < size);
	HOLDS(!strchr(name, '/') && strcmp(name, ".") && strcmp(name, ".."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mig_uevent event;
	char *exact = malloc(size ? size : 1);

	HOLDS(exact);
	if (size)
		memcpy(exact, data, size);
	if (mig_uevent_parse(exact, size, &event)) {
		HOLDS(event.name[0]);
		HOLDS(event.action <= MIG_UEVENT_OTHER);
		check_name(event.name, sizeof(event.name));
		check_name(event.subsystem, sizeof(event.subsystem));
		check_name(event.driver, sizeof(event.driver));
		check_name(event.recovery, sizeof(event.recovery));
	}
	free(exact);
	return 0;
}
