// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of a process's descriptors are of a device. */
#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "holder_of.h"

bool holder_fd_device(const struct mig_host *host, pid_t pid, const char *fd,
		      char name[MIG_NAME_SIZE])
{
	static const char field[] = "vfio-device-syspath:";
	char path[MIG_PATH_SIZE], info[2048];
	char *line, *last;

	if (mig_path(path, "%s/%d/fdinfo/%s", host->proc, pid, fd) ||
	    mig_sysfs_text(path, info, sizeof(info)))
		return false;
	line = strstr(info, field);
	if (!line)
		return false;
	line[strcspn(line, "\n")] = '\0';
	last = strrchr(line, '/');
	if (!last || !last[1] || strlen(last + 1) >= MIG_NAME_SIZE)
		return false;
	strcpy(name, last + 1);
	return true;
}

static enum mig_fd_match match_fdinfo(const struct mig_host *host, pid_t pid, int fd,
				      const struct mig_target *target)
{
	char number[16], name[MIG_NAME_SIZE];

	snprintf(number, sizeof(number), "%d", fd);
	if (!holder_fd_device(host, pid, number, name))
		return MIG_FD_MAYBE;
	return strcmp(name, target->name) ? MIG_FD_OTHER : MIG_FD_SAME;
}

/* By its own node: the number tells, whatever the node is called there. */
static enum mig_fd_match match_node(const struct mig_host *host, const char *path,
				    const struct mig_target *target)
{
	dev_t number = mig_target_cdev_number(host, target);
	struct stat st;

	if (!number || stat(path, &st) || !S_ISCHR(st.st_mode) || st.st_rdev != number)
		return MIG_FD_OTHER;
	return MIG_FD_SAME;
}

bool holder_fd_link(const struct mig_host *host, pid_t pid, int fd, char path[MIG_PATH_SIZE],
		    char link[MIG_NAME_SIZE])
{
	ssize_t len;

	link[0] = '\0';
	if (mig_path(path, "%s/%d/fd/%d", host->proc, pid, fd))
		return false;
	len = readlink(path, link, MIG_NAME_SIZE - 1);
	link[len < 0 ? 0 : len] = '\0';
	return len >= 0;
}

bool mig_holder_fd_is_some(const struct mig_host *host, pid_t pid, int fd)
{
	char path[MIG_PATH_SIZE], link[MIG_NAME_SIZE];

	return holder_fd_link(host, pid, fd, path, link) && !strcmp(link, HOLDER_DEVICE_LINK);
}

enum mig_fd_match mig_holder_fd_match(const struct mig_host *host, pid_t pid, int fd,
				      const struct mig_target *target)
{
	char path[MIG_PATH_SIZE], link[MIG_NAME_SIZE];

	if (!holder_fd_link(host, pid, fd, path, link))
		return MIG_FD_OTHER;
	if (!strcmp(link, HOLDER_DEVICE_LINK))
		return match_fdinfo(host, pid, fd, target);
	/* stat(2) of what is no node at all, a pipe, say, would be wasted. */
	return link[0] == '/' ? match_node(host, path, target) : MIG_FD_OTHER;
}

struct gathering {
	const struct mig_host *host;
	pid_t pid;
	const struct mig_target *target;
	struct mig_holder_fds *found;
};

/* dup(2) gives one open file two numbers; where kcmp(2) is missing, they count as two. */
static bool known_already(const struct gathering *gathering, int fd)
{
	for (size_t i = 0; i < gathering->found->count; i++)
		if (!syscall(SYS_kcmp, gathering->pid, gathering->pid, KCMP_FILE,
			     (unsigned long)gathering->found->fds[i], (unsigned long)fd))
			return true;
	return false;
}

static int visit_fd(void *context, int dirfd, const char *name)
{
	struct gathering *gathering = context;
	struct mig_holder_fds *found = gathering->found;
	int fd = atoi(name);

	(void)dirfd;
	switch (mig_holder_fd_match(gathering->host, gathering->pid, fd, gathering->target)) {
	case MIG_FD_OTHER:
		return 0;
	case MIG_FD_SAME:
		*found = (struct mig_holder_fds){ .sure = true, .fds = { fd }, .count = 1 };
		return 1;
	case MIG_FD_MAYBE:
		if (known_already(gathering, fd))
			return 0;
		if (found->count == MIG_HOLDER_FDS_MAX)
			found->more = true;
		else
			found->fds[found->count++] = fd;
	}
	return 0;
}

int mig_holder_fds(const struct mig_host *host, pid_t pid, const struct mig_target *target,
		   struct mig_holder_fds *found)
{
	struct gathering gathering = { .host = host, .pid = pid, .target = target, .found = found };
	char path[MIG_PATH_SIZE];
	int ret = mig_path(path, "%s/%d/fd", host->proc, pid);

	*found = (struct mig_holder_fds){ .count = 0 };
	if (!ret)
		ret = mig_sysfs_walk(path, visit_fd, &gathering);
	return ret < 0 ? ret : 0;
}
