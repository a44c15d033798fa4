// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a process that leaves a task in a driver. */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "migctl/sys.h"

/* Is it one of those whose last close reaches a driver, or the lock of who writes to one? */
static bool stays(int dir, const char *name)
{
	char target[64];
	ssize_t len = readlinkat(dir, name, target, sizeof(target) - 1);

	if (len < 0)
		return false;
	target[len] = '\0';
	return !strncmp(target, "/dev/vfio", 9) || !strcmp(target, "/dev/iommu") ||
	       !strncmp(target, "anon_inode:", 11) ||
	       !strcmp(target, "/memfd:vfio-migctl-hold (deleted)");
}

void mig_sys_abandon(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!dir) {
		close_range(STDIN_FILENO, STDERR_FILENO, 0);
		return;
	}
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(dir) &&
		    !stays(dirfd(dir), entry->d_name))
			close(fd);
	}
	closedir(dir);
}
