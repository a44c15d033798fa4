// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cli.h"

/* Below it the asking itself would be most of what a device does. */
#define INTERVAL_MIN 0.01

static error_t wants(struct cli *cli, const char *what, const char *arg)
{
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "%s, not \"%.60s\"", what, arg);
	return EINVAL;
}

error_t cli_options_dirty_key(struct cli *cli, int key, const char *arg)
{
	struct cli_options *options = &cli->options;

	switch (key) {
	case CLI_KEY_PAGE_SIZE:
		if (cli_parse_bytes(arg, &options->page_size) &&
		    options->page_size >= MIG_DIRTY_PAGE_MIN &&
		    !(options->page_size & (options->page_size - 1)))
			return 0;
		return wants(cli, "--page-size takes a power of two, at least 4K", arg);
	case CLI_KEY_FOR_SECONDS:
		if (cli_parse_seconds(arg, "", &options->for_seconds) &&
		    options->for_seconds >= INTERVAL_MIN)
			return 0;
		return wants(cli, "--for takes a number of seconds, at least 0.01", arg);
	case CLI_KEY_LOOK_INTERVAL:
		if (cli_parse_seconds(arg, "", &options->look_interval) &&
		    options->look_interval >= INTERVAL_MIN)
			return 0;
		return wants(cli, "--interval takes a number of seconds, at least 0.01", arg);
	case CLI_KEY_ALL_RUNS:
		options->all = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
