// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cli.h"

int cli_debugfs_open(const struct mig_host *host, struct mig_sys *sys,
		     const struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (mig_path(path, "%s/kernel/debug/vfio/%s/migration/state", host->sysfs, target->name))
		return -ENOENT;
	return sys->ops->openat(sys, AT_FDCWD, path, O_RDONLY);
}

bool cli_debugfs_parse(const char *text, struct mig_reading *reading)
{
	char word[CLI_DEBUGFS_TEXT];
	enum mig_state state;

	*reading = (struct mig_reading){ .state = MIG_STATE_INVALID };
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, "\n"), text);
	if (!mig_state_parse(word, &state))
		return false;
	*reading = mig_v2_reading(mig_v2_wire(state));
	return true;
}

int cli_debugfs_state(const struct mig_host *host, struct mig_sys *sys,
		      const struct mig_target *target, struct mig_reading *reading)
{
	char text[CLI_DEBUGFS_TEXT] = "";
	int fd = cli_debugfs_open(host, sys, target);
	ssize_t len;

	*reading = (struct mig_reading){ .state = MIG_STATE_INVALID };
	if (fd < 0)
		return fd;
	len = sys->ops->pread(sys, fd, text, sizeof(text) - 1, 0);
	sys->ops->close(sys, fd);
	if (len < 0)
		return (int)len;
	return cli_debugfs_parse(text, reading) ? 0 : -EINVAL;
}
