// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "migctl/openings.h"

int mig_openings_open(struct mig_error *error)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), err = errno;

	if (fd >= 0)
		return fd;
	mig_error_set(error, MIG_KIND_FAILED, err, "inotify, to see when nodes are opened: %s",
		      strerror(err));
	if (err == EMFILE)
		mig_error_hint(error, "see fs.inotify.max_user_instances in inotify(7)");
	return -err;
}

void mig_openings_add(int fd, const struct mig_host *host, const struct mig_target *target)
{
	char path[MIG_PATH_SIZE], node[32];

	mig_target_group_node(target, node);
	if (node[0] && !mig_path(path, "%s/vfio/%s", host->dev, node))
		inotify_add_watch(fd, path, IN_OPEN | IN_CLOSE);
	if (target->cdev[0] && !mig_path(path, "%s/vfio/devices/%s", host->dev, target->cdev))
		inotify_add_watch(fd, path, IN_OPEN | IN_CLOSE);
}

void mig_openings_add_all(int fd, const struct mig_host *host)
{
	char path[MIG_PATH_SIZE];

	if (!mig_path(path, "%s/vfio", host->dev))
		inotify_add_watch(fd, path, IN_OPEN | IN_CLOSE | IN_ONLYDIR);
}

bool mig_openings_seen(int fd)
{
	/* Nothing in it is looked at: one answer is for all devices. */
	char events[4096];
	bool seen = false;

	while (read(fd, events, sizeof(events)) > 0)
		seen = true;
	return seen;
}
