// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

error_t cli_options_check_key(struct cli *cli, int key, const char *arg)
{
	switch (key) {
	case CLI_KEY_OPEN:
		cli->options.open = true;
		return 0;
	case CLI_KEY_AGAINST:
		cli->options.against = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
