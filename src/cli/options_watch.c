// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cli.h"

/* Below it the looking itself would be most of what a small machine does. */
#define INTERVAL_MIN 0.01

error_t cli_options_watch_key(struct cli *cli, int key, const char *arg)
{
	struct cli_options *options = &cli->options;

	switch (key) {
	case CLI_KEY_INTERVAL:
		if (cli_parse_seconds(arg, "", &options->interval) &&
		    options->interval >= INTERVAL_MIN)
			return 0;
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
			      "--interval takes a number of seconds, at least %g, not \"%.60s\"",
			      INTERVAL_MIN, arg);
		return EINVAL;
	case CLI_KEY_UNTIL:
		options->until_given = true;
		return -cli_parse_state(arg, &options->until, &cli->error);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
