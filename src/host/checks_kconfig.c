// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of the running kernel, as distributions leave it beside
 * the kernel (/boot/config-RELEASE) or its modules (config). /proc/config.gz is
 * not read: who has it alone is told where the option would be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "checks.h"

static enum checks_kconfig search(FILE *file, const char *option)
{
	enum checks_kconfig found = CHECKS_KCONFIG_ABSENT;
	size_t length = strlen(option), size = 0;
	char *line = NULL;

	while (found == CHECKS_KCONFIG_ABSENT && getline(&line, &size, file) > 0) {
		if (!strncmp(line, "# ", 2) && !strncmp(line + 2, option, length) &&
		    !strncmp(line + 2 + length, " is not set", 11))
			found = CHECKS_KCONFIG_OFF;
		else if (!strncmp(line, option, length) && line[length] == '=')
			found = line[length + 1] == 'm'   ? CHECKS_KCONFIG_MODULE
				: line[length + 1] == 'y' ? CHECKS_KCONFIG_BUILTIN
							  : CHECKS_KCONFIG_OFF;
	}
	free(line);
	return found;
}

enum checks_kconfig checks_kconfig_read(const struct mig_host *host, const char *option,
					char path[MIG_PATH_SIZE])
{
	enum checks_kconfig found;
	struct utsname name;
	FILE *file = NULL;

	path[0] = '\0';
	if (uname(&name))
		return CHECKS_KCONFIG_UNREADABLE;
	if (!mig_path(path, "%s/%s/config", host->modules, name.release))
		file = fopen(path, "re");
	if (!file && !mig_path(path, "%s/config-%s", host->boot, name.release))
		file = fopen(path, "re");
	if (!file)
		return CHECKS_KCONFIG_UNREADABLE;
	found = search(file, option);
	fclose(file);
	return found;
}
