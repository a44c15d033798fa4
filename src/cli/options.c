// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "migctl/move.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

void cli_options_init(struct cli_options *options)
{
	memset(options, 0, sizeof(*options));
	options->timeout = 30;
	options->table = MIG_TABLE_REVIEWED;
	options->caps = MIG_CAPS_ALL;
	options->until_seconds = MIG_PRECOPY_SECONDS;
	options->interval = 0.2;
	options->bench.cycles = 100;
	options->bench.seconds = 30;
	options->bench.budget = -1;
	options->bench.margin = 25;
}

const char *const *cli_option_words(const char *option)
{
	static const struct {
		const char *option;
		const char *words[4];
	} known[] = {
		{ "--color", { "auto", "always", "never" } },
		{ "--table", { "posted", "reviewed", "open" } },
		{ "--protocol", { "v1", "v2" } },
		{ "--caps", { "stop-copy", "p2p", "pre-copy" } },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (!strcmp(known[i].option, option))
			return known[i].words;
	return NULL;
}

static error_t unknown_value(struct cli *cli, const char *option, const char *arg)
{
	const char *const *words = cli_option_words(option);
	size_t count = 0;

	while (words[count])
		count++;
	return -cli_unknown(&cli->error, option, arg, words, count);
}

static error_t parse_color(struct cli *cli, const char *arg)
{
	const char *const *words = cli_option_words("--color");

	if (!arg) {
		cli->options.color = CLI_COLOR_ALWAYS;
		return 0;
	}
	for (int i = 0; words[i]; i++) {
		if (!strcmp(arg, words[i])) {
			cli->options.color = (enum cli_color)i;
			return 0;
		}
	}
	return unknown_value(cli, "--color", arg);
}

static error_t wants(struct cli *cli, const char *what, const char *arg)
{
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "%s, not \"%.60s\"", what, arg);
	return EINVAL;
}

static error_t parse_timeout(struct cli *cli, const char *arg)
{
	cli->options.timeout_given = true;
	if (cli_parse_seconds(arg, "", &cli->options.timeout))
		return 0;
	return wants(cli, "--timeout takes a number of seconds", arg);
}

/* Either, or both with a comma between them. */
static error_t parse_until(struct cli *cli, const char *arg)
{
	char word[64];
	const char *at = arg;

	do {
		size_t len = strcspn(at, ",");

		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		if (len >= sizeof(word) ||
		    (!cli_parse_bytes(word, &cli->options.until_bytes) &&
		     !cli_parse_seconds(word, "s", &cli->options.until_seconds)))
			return wants(cli, "--precopy-until takes BYTES (16M) or SECONDS (10s)",
				     arg);
		at += len;
	} while (*at++);
	return 0;
}

static error_t parse_level(struct cli *cli, const char *arg)
{
	char *end;
	long level = arg ? strtol(arg, &end, 10) : 0;

	if (arg && (end == arg || *end || level < 1 || level > 19))
		return wants(cli, "--compress takes a level from 1 to 19", arg);
	cli->options.compress = true;
	cli->options.level = (int)level;
	return 0;
}

static error_t parse_rate(struct cli *cli, const char *arg)
{
	if (cli_parse_bytes(arg, &cli->options.rate) && cli->options.rate)
		return 0;
	return wants(cli, "--rate takes a number of bytes a second (16M)", arg);
}

static error_t parse_rules(struct cli *cli, int key, const char *arg)
{
	bool known;

	if (key == CLI_KEY_TABLE) {
		cli->options.table_given = true;
		if (mig_table_parse(arg, &cli->options.table))
			return 0;
		return unknown_value(cli, "--table", arg);
	}
	if (key == CLI_KEY_PROTOCOL) {
		if (mig_protocol_parse(arg, &cli->options.protocol))
			return 0;
		return unknown_value(cli, "--protocol", arg);
	}
	cli->options.caps_given = true;
	known = mig_caps_parse(arg, &cli->options.caps);
	if (known && (cli->options.caps & MIG_CAP_STOP_COPY))
		return 0;
	if (known)
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--caps \"%.60s\" lacks stop-copy",
			      arg);
	else
		unknown_value(cli, "--caps", arg);
	mig_error_hint(&cli->error, "a comma list of stop-copy, p2p and pre-copy, stop-copy always "
				    "among them");
	return EINVAL;
}

/* " vf_token=UUID" becomes part of a device's name, so it must be nothing else. */
static error_t parse_token(struct cli *cli, const char *arg)
{
	size_t len = strlen(arg);

	if (len == 36 && strspn(arg, "0123456789abcdefABCDEF-") == len && arg[8] == '-' &&
	    arg[13] == '-' && arg[18] == '-' && arg[23] == '-') {
		cli->options.vf_token = arg;
		return 0;
	}
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--vf-token takes a UUID, not \"%.60s\"",
		      arg);
	return EINVAL;
}

/* Those that have a file of their own. */
static error_t others_key(struct cli *cli, int key, const char *arg)
{
	static error_t (*const parsers[])(struct cli * cli, int key, const char *arg) = {
		cli_options_bench_key, cli_options_check_key, cli_options_conform_key,
		cli_options_dirty_key, cli_options_hold_key,  cli_options_watch_key,
	};
	error_t err = ARGP_ERR_UNKNOWN;

	for (size_t i = 0; err == ARGP_ERR_UNKNOWN && i < COUNT(parsers); i++)
		err = parsers[i](cli, key, arg);
	return err;
}

/* Those of save, restore and inspect, and every --force but that of set. */
static error_t move_key(struct cli *cli, int key, const char *arg)
{
	struct cli_options *options = &cli->options;

	switch (key) {
	case CLI_KEY_LEAVE_STOPPED:
		options->leave_stopped = true;
		return 0;
	case CLI_KEY_NO_PRECOPY:
		options->no_precopy = true;
		return 0;
	case CLI_KEY_PRECOPY_UNTIL:
		return parse_until(cli, arg);
	case CLI_KEY_COMPRESS:
		return parse_level(cli, arg);
	case CLI_KEY_RATE:
		return parse_rate(cli, arg);
	case CLI_KEY_REPLACE:
	case CLI_KEY_OVERRIDE:
	case CLI_KEY_WHILE_BOUND:
		options->force = true;
		return 0;
	case CLI_KEY_RAW:
		options->raw = true;
		return 0;
	case CLI_KEY_RAW_FILE:
		options->raw_file = arg;
		return 0;
	case CLI_KEY_FOR:
		options->for_device = arg;
		return 0;
	case CLI_KEY_HEXDUMP:
		options->hexdump = true;
		return 0;
	case CLI_KEY_PHASES:
		options->phases = true;
		return 0;
	default:
		return others_key(cli, key, arg);
	}
}

error_t cli_options_key(struct cli *cli, int key, const char *arg)
{
	struct cli_options *options = &cli->options;

	switch (key) {
	case 'j':
		options->json = true;
		return 0;
	case 'p':
		options->json = options->pretty = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case CLI_KEY_TRACE:
		options->trace = true;
		return 0;
	case CLI_KEY_COLOR:
		return parse_color(cli, arg);
	case CLI_KEY_TIMEOUT:
		return parse_timeout(cli, arg);
	case CLI_KEY_VF_TOKEN:
		return parse_token(cli, arg);
	case CLI_KEY_NETNS:
		cli->host.netns = arg;
		return 0;
	case CLI_KEY_TABLE:
	case CLI_KEY_PROTOCOL:
	case CLI_KEY_CAPS:
		return parse_rules(cli, key, arg);
	case CLI_KEY_DIRECT:
		options->direct = true;
		return 0;
	case CLI_KEY_DRY_RUN:
		options->dry_run = true;
		return 0;
	case CLI_KEY_FORCE:
		options->force = true;
		return 0;
	case CLI_KEY_RESET_ON_ERROR:
		options->reset_on_error = true;
		return 0;
	case CLI_KEY_DOT:
		options->dot = true;
		return 0;
	case CLI_KEY_ALL:
		options->all = true;
		return 0;
	default:
		return move_key(cli, key, arg);
	}
}
