// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const struct argp_option global_options[] = {
	{ NULL, 0, NULL, 0, "Global options, before or after the command:", 2 },
	{ "json", 'j', NULL, 0, "One JSON object on standard output", 2 },
	{ "pretty", 'p', NULL, 0, "--json with line breaks", 2 },
	{ "quiet", 'q', NULL, 0, "No notes on standard error, only errors", 2 },
	{ "verbose", 'v', NULL, 0, "More notes on standard error", 2 },
	{ "trace", CLI_KEY_TRACE, NULL, 0,
	  "Every system call on the device, decoded, on standard error", 2 },
	{ "color", CLI_KEY_COLOR, "WHEN", OPTION_ARG_OPTIONAL,
	  "auto (default), always or never; NO_COLOR is respected", 2 },
	{ "timeout", CLI_KEY_TIMEOUT, "SECONDS", 0,
	  "Give each driver call this long (default 30; 0: no limit)", 2 },
	{ "help", 'h', NULL, 0, "This help", 2 },
	{ "usage", CLI_KEY_USAGE, NULL, 0, "The synopsis alone", 2 },
	{ "version", 'V', NULL, 0, "The version", 2 },
};

static const struct argp_option command_options[] = {
	{ "table", CLI_KEY_TABLE, "TABLE", 0,
	  "v1: the table to go by: posted, reviewed (default) or open", 1 },
	{ "protocol", CLI_KEY_PROTOCOL, "PROTOCOL", 0, "v1 or v2", 1 },
	{ "caps", CLI_KEY_CAPS, "LIST", 0,
	  "v2: what the device announces: stop-copy,p2p,pre-copy (default all three)", 1 },
	{ "direct", CLI_KEY_DIRECT, NULL, 0, "v2: one write per STATE, routed by the kernel", 1 },
	{ "dry-run", CLI_KEY_DRY_RUN, NULL, 0, "Say what would be written, write nothing", 1 },
	{ "force", CLI_KEY_FORCE, NULL, 0,
	  "Write what the table forbids, but never what harms the kernel", 1 },
	{ "reset-on-error", CLI_KEY_RESET_ON_ERROR, NULL, 0,
	  "Recover from _ERROR by VFIO_DEVICE_RESET", 1 },
	{ "vf-token", CLI_KEY_VF_TOKEN, "UUID", 0, "The VF token that the PF's VFIO user has set",
	  1 },
	{ "dot", CLI_KEY_DOT, NULL, 0, "The table as a graph for Graphviz", 1 },
	{ "all", CLI_KEY_ALL, NULL, 0,
	  "Also PCI devices that VFIO could have and another driver has, or none", 1 },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

void cli_options_init(struct cli_options *options)
{
	memset(options, 0, sizeof(*options));
	options->timeout = 30;
	options->table = MIG_TABLE_REVIEWED;
	options->caps = MIG_CAPS_ALL;
}

void cli_options_list(const struct cli_command *command, struct argp_option list[CLI_OPTIONS_MAX])
{
	size_t count = 0;

	for (const int *key = command ? command->keys : NULL; key && *key; key++)
		for (size_t i = 0; i < COUNT(command_options); i++)
			if (command_options[i].key == *key)
				list[count++] = command_options[i];
	for (size_t i = 0; i < COUNT(global_options); i++)
		list[count++] = global_options[i];
	memset(&list[count], 0, sizeof(*list));
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

static error_t parse_timeout(struct cli *cli, const char *arg)
{
	char *end;
	double seconds = strtod(arg, &end);

	/* A year is more patience than anyone has, and fits every clock. */
	if (end == arg || *end || !isfinite(seconds) || seconds < 0 || seconds > 3.2e7) {
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
			      "--timeout takes a number of seconds, not \"%.60s\"", arg);
		return EINVAL;
	}
	cli->options.timeout = seconds;
	return 0;
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
		return ARGP_ERR_UNKNOWN;
	}
}

static size_t long_names(const struct argp_option *list, const char *names[CLI_OPTIONS_MAX])
{
	size_t count = 0;

	for (; list->name || list->key || list->doc; list++)
		if (list->name)
			names[count++] = list->name;
	return count;
}

static const struct argp_option *find_long(const struct argp_option *list, const char *name,
					   size_t len, size_t *matches)
{
	const struct argp_option *found = NULL;

	*matches = 0;
	for (; list->name || list->key || list->doc; list++) {
		if (!list->name || strncmp(list->name, name, len))
			continue;
		found = list;
		if (strlen(list->name) == len) {
			*matches = 1;
			break;
		}
		++*matches;
	}
	return found;
}

/* Known elsewhere: to another command, or to the one that is yet to come. */
static bool blame_place(struct cli *cli, const char *name)
{
	char owners[160] = "";
	size_t used = 0;

	for (size_t i = 0; i < cli_command_count && used < sizeof(owners); i++) {
		struct argp_option own[CLI_OPTIONS_MAX];
		size_t matches;

		cli_options_list(cli_commands[i], own);
		if (find_long(own, name, strlen(name), &matches) && matches == 1)
			used += (size_t)snprintf(owners + used, sizeof(owners) - used, "%s%s",
						 used ? ", " : "", cli_commands[i]->name);
	}
	if (!used)
		return false;
	if (cli->command)
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "%s has no option --%s",
			      cli->command->name, name);
	else
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--%s goes after the command", name);
	mig_error_hint(&cli->error, "--%s belongs to: %s", name, owners);
	return true;
}

static void blame_unknown(struct cli *cli, const struct argp_option *list, const char *name)
{
	const char *names[CLI_OPTIONS_MAX];
	size_t count = long_names(list, names);
	const char *nearest;

	if (blame_place(cli, name))
		return;
	/* Before the command, those of any command may have been meant. */
	for (size_t i = 0; !cli->command && i < COUNT(command_options); i++)
		names[count++] = command_options[i].name;
	nearest = cli_suggest(name, names, count);
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "unknown option --%s", name);
	if (nearest)
		mig_error_hint(&cli->error, "did you mean --%s?", nearest);
	else
		mig_error_hint(&cli->error, "--help lists the options");
}

static bool blame_long(struct cli *cli, const struct argp_option *list, const char *word, bool last)
{
	size_t len = strcspn(word + 2, "="), matches;
	const struct argp_option *option = find_long(list, word + 2, len, &matches);
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)(len < 60 ? len : 60), word + 2);
	if (!matches) {
		blame_unknown(cli, list, name);
		return true;
	}
	if (matches > 1)
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--%s could be several options",
			      name);
	else if (option && option->arg && !(option->flags & OPTION_ARG_OPTIONAL) && last &&
		 !word[2 + len])
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--%s needs a value: %s",
			      option->name, option->arg);
	else if ((!option || !option->arg) && word[2 + len])
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--%s takes no value", name);
	else
		return false;
	return true;
}

static bool blame_short(struct cli *cli, const struct argp_option *list, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct argp_option *option = list;

		while ((option->name || option->key || option->doc) && option->key != *letter)
			option++;
		if (option->key == *letter)
			continue;
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "unknown option -%.1s", letter);
		mig_error_hint(&cli->error, "--help lists the options");
		return true;
	}
	return false;
}

void cli_options_blame(struct cli *cli, const struct argp_option *list, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			continue;
		if (argv[i][1] == '-' ? blame_long(cli, list, argv[i], i == argc - 1)
				      : blame_short(cli, list, argv[i]))
			return;
	}
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "the options cannot be read");
	mig_error_hint(&cli->error, "--help lists them");
}
