// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fallout_log.h"
#include "migctl/fallout.h"

static const char *const severities[MIG_FALLOUT_SEVERITIES] = { "correctable", "nonfatal",
								"fatal" };

/* The first 64 bytes of configuration space are readable by everyone. */
static int read_plainly(void *context, const char *path)
{
	unsigned char bytes[2];
	ssize_t len;
	int fd;

	(void)context;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = pread(fd, bytes, sizeof(bytes), MIG_FALLOUT_STATUS_OFFSET);
	close(fd);
	return len == sizeof(bytes) ? bytes[0] | bytes[1] << 8 : -1;
}

static int read_status(const struct mig_fallout_snap *snap)
{
	char path[MIG_PATH_SIZE];

	if (!snap->pci || mig_path(path, "%s/config", snap->target->syspath))
		return -1;
	return snap->read(snap->context, path);
}

static bool read_aer(const char *syspath, int severity, char *text, size_t size)
{
	char path[MIG_PATH_SIZE];

	return !mig_path(path, "%s/aer_dev_%s", syspath, severities[severity]) &&
	       !mig_sysfs_text(path, text, size);
}

void mig_fallout_begin(const struct mig_host *host, const struct mig_target *target,
		       mig_fallout_status *read, void *context, struct mig_fallout_snap *snap)
{
	char path[MIG_PATH_SIZE];

	snap->target = target;
	snap->read = read ? read : read_plainly;
	snap->context = context;
	snap->pci = !strcmp(target->bus, "pci");
	snap->status = read_status(snap);
	for (int i = 0; i < MIG_FALLOUT_SEVERITIES; i++)
		snap->aer_known[i] = snap->pci && read_aer(target->syspath, i, snap->aer[i],
							   sizeof(snap->aer[i]));
	snap->kmsg_fd = -1;
	if (!mig_path(path, "%s/kmsg", host->dev))
		snap->kmsg_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (snap->kmsg_fd >= 0)
		lseek(snap->kmsg_fd, 0, SEEK_END);
}

/* One "name count" of a line; false when it is something else. */
static bool parse_counter(const char *line, size_t len, char *name, size_t size, uint64_t *count)
{
	char copy[80], *space, *end;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	space = strrchr(copy, ' ');
	if (!space || space == copy || space[1] < '0' || space[1] > '9')
		return false;
	*space = '\0';
	if (strlen(copy) >= size)
		return false;
	errno = 0;
	*count = strtoull(space + 1, &end, 10);
	strcpy(name, copy);
	return !errno && !*end;
}

/* A counter that was not there counts from 0: unnamed bits are shown only once they are set. */
static uint64_t counter_before(const char *text, const char *name)
{
	char other[48];
	uint64_t count;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (parse_counter(text, len, other, sizeof(other), &count) && !strcmp(other, name))
			return count;
		text += len + (text[len] == '\n');
	}
	return 0;
}

static void compare_aer(const struct mig_fallout_snap *snap, int severity, const char *now,
			struct mig_fallout *fallout)
{
	while (*now && fallout->aer_count < MIG_FALLOUT_AER_MAX) {
		struct mig_aer_delta *delta = &fallout->aer[fallout->aer_count];
		size_t len = strcspn(now, "\n");
		uint64_t count, before;

		if (parse_counter(now, len, delta->name, sizeof(delta->name), &count)) {
			before = counter_before(snap->aer[severity], delta->name);
			/* Smaller: the device was removed and found again, and counts anew. */
			delta->delta = count >= before ? count - before : count;
			delta->severity = severities[severity];
			fallout->aer_count += delta->delta != 0;
		}
		now += len + (now[len] == '\n');
	}
}

void mig_fallout_collect(struct mig_fallout_snap *snap, struct mig_fallout *fallout)
{
	memset(fallout, 0, sizeof(*fallout));
	fallout->pci = snap->pci;
	fallout->status_before = snap->status;
	fallout->status = read_status(snap);
	for (int i = 0; i < MIG_FALLOUT_SEVERITIES; i++) {
		char now[sizeof(snap->aer[i])];

		if (!snap->aer_known[i] || !read_aer(snap->target->syspath, i, now, sizeof(now)))
			continue;
		fallout->aer_known = true;
		compare_aer(snap, i, now, fallout);
	}
	if (snap->kmsg_fd < 0)
		return;
	fallout->log_known = true;
	fallout_log_collect(snap->kmsg_fd, snap->target, fallout);
}

void mig_fallout_clear(struct mig_fallout *fallout)
{
	for (size_t i = 0; i < fallout->log_count; i++)
		free(fallout->log[i]);
	memset(fallout, 0, sizeof(*fallout));
}

void mig_fallout_end(struct mig_fallout_snap *snap)
{
	if (snap->kmsg_fd >= 0)
		close(snap->kmsg_fd);
	snap->kmsg_fd = -1;
}

const char *mig_fallout_status_error(int status, unsigned int n)
{
	static const struct {
		int bit;
		const char *name;
	} errors[] = {
		{ 0x0100, "master data parity error" }, { 0x0800, "signaled target abort" },
		{ 0x1000, "received target abort" },    { 0x2000, "received master abort" },
		{ 0x4000, "signaled system error" },    { 0x8000, "detected parity error" },
	};

	for (size_t i = 0; status >= 0 && i < sizeof(errors) / sizeof(*errors); i++)
		if (status & errors[i].bit && n-- == 0)
			return errors[i].name;
	return NULL;
}
