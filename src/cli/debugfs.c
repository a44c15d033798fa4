// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cli.h"

int cli_debugfs_state(const struct mig_host *host, struct mig_sys *sys,
		      const struct mig_target *target, struct mig_reading *reading)
{
	char path[MIG_PATH_SIZE], text[32] = "";
	enum mig_state state;
	ssize_t len;
	int fd;

	*reading = (struct mig_reading){ .state = MIG_STATE_INVALID };
	if (mig_path(path, "%s/kernel/debug/vfio/%s/migration/state", host->sysfs, target->name))
		return -ENOENT;
	fd = sys->ops->openat(sys, AT_FDCWD, path, O_RDONLY);
	if (fd < 0)
		return fd;
	len = sys->ops->pread(sys, fd, text, sizeof(text) - 1, 0);
	sys->ops->close(sys, fd);
	if (len < 0)
		return (int)len;
	/* The kernel's word, "STOP_COPY"; for a value that it does not know, "Invalid". */
	text[strcspn(text, "\n")] = '\0';
	if (!mig_state_parse(text, &state))
		return -EINVAL;
	*reading = mig_v2_reading(mig_v2_wire(state));
	return 0;
}
