// SPDX-License-Identifier: GPL-2.0-or-later
/* Options of what goes through another process's open device, and of hold. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"

static bool parse_number(const char *arg, long least, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(arg, &end, 10);
	return arg[0] >= '0' && arg[0] <= '9' && !*end && !errno && *number >= least &&
	       *number <= INT_MAX;
}

static error_t parse_attach(struct cli *cli, const char *arg)
{
	long pid = 0;

	if (arg && !parse_number(arg, 1, &pid)) {
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
			      "--attach takes the number of a process, not \"%.60s\"", arg);
		return EINVAL;
	}
	cli->options.attach = true;
	cli->options.attach_pid = (pid_t)pid;
	return 0;
}

static error_t parse_ready_fd(struct cli *cli, const char *arg)
{
	long fd;

	if (parse_number(arg, STDERR_FILENO + 1, &fd)) {
		cli->options.ready_fd = (int)fd;
		return 0;
	}
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
		      "--ready-fd takes the number of a descriptor, 3 or more, not \"%.60s\"", arg);
	return EINVAL;
}

error_t cli_options_hold_key(struct cli *cli, int key, const char *arg)
{
	switch (key) {
	case CLI_KEY_ATTACH:
		return parse_attach(cli, arg);
	case CLI_KEY_DETACH:
		cli->options.detach = true;
		return 0;
	case CLI_KEY_READY_FD:
		return parse_ready_fd(cli, arg);
	case CLI_KEY_RESET_AT_END:
		cli->options.reset_at_end = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
