// SPDX-License-Identifier: GPL-2.0-or-later
/* After argp gave up in silence: which word it stumbled over, and what was meant. */
#include <errno.h>
#include <string.h>

#include "cli.h"

/* Of all commands, with what they share counted with each. */
#define CLI_OPTIONS_ALL 1024

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
	const char *names[CLI_OPTIONS_ALL];
	size_t count = long_names(list, names);
	const char *nearest;

	if (blame_place(cli, name))
		return;
	/* Before the command, those of any command may have been meant. */
	for (size_t i = 0; !cli->command && i < cli_command_count; i++) {
		struct argp_option own[CLI_OPTIONS_MAX];

		cli_options_list(cli_commands[i], own);
		if (count + CLI_OPTIONS_MAX <= CLI_OPTIONS_ALL)
			count += long_names(own, &names[count]);
	}
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
