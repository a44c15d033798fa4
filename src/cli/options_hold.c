// SPDX-License-Identifier: GPL-2.0-or-later
/* Options of what goes through another process's open device, and of hold. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

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

error_t cli_options_hold_key(struct cli *cli, int key, const char *arg)
{
	switch (key) {
	case CLI_KEY_ATTACH:
		return parse_attach(cli, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
