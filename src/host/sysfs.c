// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "migctl/sysfs.h"

const struct mig_host mig_host_default = {
	.sysfs = "/sys",
	.proc = "/proc",
	.dev = "/dev",
	.modules = "/lib/modules",
	.boot = "/boot",
	.netns_dir = "/run/netns",
};

int mig_path(char path[MIG_PATH_SIZE], const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, MIG_PATH_SIZE, format, args);
	va_end(args);
	return len < 0 || len >= MIG_PATH_SIZE ? -ENAMETOOLONG : 0;
}

int mig_sysfs_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	int ret;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	ret = len < 0 ? -errno : 0;
	close(fd);
	if (ret)
		len = 0;
	while (len > 0 && strchr(" \t\n", text[len - 1]))
		len--;
	text[len] = '\0';
	return ret;
}

int mig_sysfs_u64(const char *path, int base, uint64_t *value)
{
	char text[32], *end;
	int ret = mig_sysfs_text(path, text, sizeof(text));

	if (ret)
		return ret;
	/* strtoull() would take a sign and white space. */
	if (!strchr("0123456789abcdefABCDEF", text[0]) || !text[0])
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, base);
	return errno ? -errno : *end ? -EINVAL : 0;
}

dev_t mig_sysfs_dev(const char *path)
{
	char text[32], *end, *colon;
	unsigned long high, low;

	if (mig_sysfs_text(path, text, sizeof(text)))
		return 0;
	high = strtoul(text, &end, 10);
	if (end == text || *end != ':')
		return 0;
	colon = end;
	low = strtoul(colon + 1, &end, 10);
	return end == colon + 1 || *end ? 0 : makedev((unsigned int)high, (unsigned int)low);
}

int mig_sysfs_link(const char *path, char *name, size_t size)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	const char *last;

	name[0] = '\0';
	if (len < 0)
		return -errno;
	target[len] = '\0';
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (strlen(last) >= size)
		return -ENAMETOOLONG;
	strcpy(name, last);
	return 0;
}

bool mig_sysfs_exists(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * One getdents64(2) instead of opendir(3) and its fstat(2) and buffer: this is
 * on the way of every `get`, and the first record that is not a dot will do.
 */
int mig_sysfs_entry(const char *path, char *name, size_t size)
{
	_Alignas(struct dirent64) char buffer[1024];
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = -ENOENT;
	ssize_t len;

	name[0] = '\0';
	if (fd < 0)
		return -errno;
	len = getdents64(fd, buffer, sizeof(buffer));
	if (len < 0)
		ret = -errno;
	close(fd);
	for (ssize_t at = 0; at < len;) {
		struct dirent64 *entry = (struct dirent64 *)(buffer + at);

		at += entry->d_reclen;
		if (entry->d_name[0] == '.')
			continue;
		if (strlen(entry->d_name) >= size)
			return -ENAMETOOLONG;
		strcpy(name, entry->d_name);
		return 0;
	}
	return ret;
}

int mig_sysfs_walk(const char *path, mig_sysfs_visit *visit, void *context)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return -errno;
	while (!ret && (errno = 0, entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			ret = visit(context, dirfd(dir), entry->d_name);
	}
	if (!ret)
		ret = -errno;
	closedir(dir);
	return ret;
}
