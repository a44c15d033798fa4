// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "cli.h"
#include "migctl/stride.h"

static error_t parse_number(struct cli *cli, const char *option, const char *arg, uint64_t most,
			    uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(arg, &end, 0);
	/* strtoull(3) takes a sign and blanks, and wraps the number. */
	if (!errno && end != arg && !*end && arg[0] >= '0' && arg[0] <= '9' && *number &&
	    *number <= most)
		return 0;
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
		      "%s takes a number from 1 to %llu, not \"%.60s\"", option,
		      (unsigned long long)most, arg);
	return EINVAL;
}

/* Of the words only: which steps are legal where, the device tells. */
static error_t parse_replay(struct cli *cli, const char *arg)
{
	struct mig_stride *strides = NULL;
	size_t count;
	int ret = mig_strides_parse(arg, &strides, &count, &cli->error);

	free(strides);
	cli->options.conform.replay = arg;
	return -ret;
}

error_t cli_options_conform_key(struct cli *cli, int key, const char *arg)
{
	struct mig_conform_options *conform = &cli->options.conform;
	uint64_t number;
	error_t err;

	switch (key) {
	case CLI_KEY_ONLY:
		conform->only = arg;
		return 0;
	case CLI_KEY_SKIP:
		conform->skip = arg;
		return 0;
	case CLI_KEY_LIST:
		cli->options.list = true;
		return 0;
	case CLI_KEY_WHY:
		cli->options.why = true;
		return 0;
	case CLI_KEY_MATRIX:
		cli->options.matrix = true;
		return 0;
	case CLI_KEY_ILLEGAL:
		conform->illegal = true;
		return 0;
	case 'E':
		conform->stop_at_fail = true;
		return 0;
	case CLI_KEY_REPEAT:
		err = parse_number(cli, "--repeat", arg, 1000000, &number);
		conform->repeat = (unsigned int)number;
		return err;
	case CLI_KEY_WALK:
		return parse_number(cli, "--walk", arg, 100000000, &conform->walk);
	case CLI_KEY_SEED:
		return parse_number(cli, "--seed", arg, UINT64_MAX, &conform->seed);
	case CLI_KEY_REPLAY:
		return parse_replay(cli, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
