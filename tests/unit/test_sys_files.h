/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the real seam work on: a folder with a file and a FIFO. */
#ifndef TEST_SYS_FILES_H
#define TEST_SYS_FILES_H

#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], fifo[80], file[80];

static int make_files(void **state)
{
	int fd;

	(void)state;
	strcpy(folder, "/tmp/test_sys.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	snprintf(file, sizeof(file), "%s/file", folder);
	fd = open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "0123456789", 10) != 10 || close(fd))
		return -1;
	return mkfifo(fifo, 0600);
}

static int remove_files(void **state)
{
	(void)state;
	return unlink(fifo) || unlink(file) || rmdir(folder);
}

static size_t open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

#endif
