// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "migctl/hold.h"

#define MARK_NAME "vfio-migctl-hold"
/* What /proc/PID/fd shows of it: memfd_create(2), and it is in no folder. */
#define MARK_LINK "/memfd:" MARK_NAME " (deleted)"
#define MARK_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
/* The device's name is the rest: it may have any byte but a NUL. */
#define MARK_TEXT "vfio-migctl hold 1\nfd %d\n%s"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u /* Linux 6.3 */
#endif

static int make_mark(void)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int mark = memfd_create(MARK_NAME, flags | MFD_NOEXEC_SEAL);

	return mark < 0 && errno == EINVAL ? memfd_create(MARK_NAME, flags) : mark;
}

int mig_hold_mark(const char *device, int fd, int *mark, struct mig_error *error)
{
	char text[MIG_NAME_SIZE + 64];
	int len = snprintf(text, sizeof(text), MARK_TEXT, fd, device);
	int err;

	*mark = len < (int)sizeof(text) ? make_mark() : (errno = ENAMETOOLONG, -1);
	if (*mark >= 0 && write(*mark, text, (size_t)len) == len &&
	    !fcntl(*mark, F_ADD_SEALS, MARK_SEALS))
		return 0;
	err = errno ? errno : EIO;
	if (*mark >= 0)
		close(*mark);
	*mark = -1;
	return mig_error_set(error, MIG_KIND_FAILED, err,
			     "cannot make the mark of the hold of %s: %s", device, strerror(err));
}

/* The descriptor that the text names, when it is of this device; else -1. */
static int parse(const char *text, const char *device)
{
	char expected[MIG_NAME_SIZE + 64], *end;
	const char *number = strstr(text, "\nfd ");
	long fd;

	if (!number || number[4] < '0' || number[4] > '9')
		return -1;
	fd = strtol(number + 4, &end, 10);
	if (*end != '\n' || fd > 0x7fffffff)
		return -1;
	/* Written anew and compared: it is in our words in every byte, or it is not ours. */
	snprintf(expected, sizeof(expected), MARK_TEXT, (int)fd, device);
	return strcmp(text, expected) ? -1 : (int)fd;
}

struct search {
	const struct mig_host *host;
	const char *device;
	struct mig_hold *hold;
};

static bool is_mark_link(int dirfd, const char *path)
{
	char link[sizeof(MARK_LINK) + 1];
	ssize_t len = readlinkat(dirfd, path, link, sizeof(link));

	return len == (ssize_t)strlen(MARK_LINK) && !memcmp(link, MARK_LINK, (size_t)len);
}

/*
 * The number can be of another file by the time it is opened, and opening a
 * node or a FIFO has effects: O_PATH opens nothing, and what it got is looked
 * at before that is opened. Root's or our own: nobody else makes us believe
 * that a descriptor is a device's.
 */
static int open_mark(const struct mig_host *host, int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_PATH | O_CLOEXEC), mark = -1, err = 0;
	char path[MIG_PATH_SIZE];
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (!st.st_uid || st.st_uid == geteuid()) &&
	    !mig_path(path, "%s/self/fd/%d", host->proc, fd) && is_mark_link(AT_FDCWD, path)) {
		mark = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		err = errno;
	} else {
		err = ENOENT;
	}
	close(fd);
	return mark < 0 ? -err : mark;
}

static int visit(void *context, int dirfd, const char *name)
{
	struct search *search = context;
	char text[MIG_NAME_SIZE + 64];
	int mark, seals;
	ssize_t len;

	if (!is_mark_link(dirfd, name))
		return 0;
	mark = open_mark(search->host, dirfd, name);
	if (mark < 0)
		return mark == -EACCES || mark == -EPERM ? mark : 0;
	seals = fcntl(mark, F_GET_SEALS);
	len = seals >= 0 && (seals & MARK_SEALS) == MARK_SEALS
		      ? pread(mark, text, sizeof(text) - 1, 0)
		      : -1;
	text[len > 0 ? len : 0] = '\0';
	search->hold->fd = parse(text, search->device);
	if (search->hold->fd < 0) {
		close(mark);
		return 0;
	}
	search->hold->mark = mark;
	return 1;
}

int mig_hold_find(const struct mig_host *host, pid_t pid, const char *device, struct mig_hold *hold)
{
	struct search search = { .host = host, .device = device, .hold = hold };
	char path[MIG_PATH_SIZE];
	int ret = mig_path(path, "%s/%d/fd", host->proc, pid);

	*hold = (struct mig_hold){ .fd = -1, .mark = -1 };
	if (!ret)
		ret = mig_sysfs_walk(path, visit, &search);
	if (ret == 1)
		return 0;
	return ret ? ret : -ENOENT;
}

bool mig_hold_is(const struct mig_host *host, pid_t pid, const char *device)
{
	struct mig_hold hold;

	if (mig_hold_find(host, pid, device, &hold))
		return false;
	close(hold.mark);
	return true;
}

/* Of the open file, so those that opened it by /proc and who made it exclude each other. */
int mig_hold_lock(int mark)
{
	if (!flock(mark, LOCK_EX | LOCK_NB))
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}
