// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words for shell completion, one a line. The completion script asks for them
 * instead of reading help texts. Passive: no device is opened, and a state is
 * read only where VFIO's debugfs shows it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "migctl/inventory.h"

/* In place of words: a name of a file goes here, which the shell knows better. */
#define FILE_WORD "<FILE>"

static int list_commands(void)
{
	for (size_t i = 0; i < cli_command_count; i++)
		puts(cli_commands[i]->name);
	return 0;
}

static const struct cli_command *find(const char *name)
{
	for (size_t i = 0; name && i < cli_command_count; i++)
		if (!strcmp(cli_commands[i]->name, name))
			return cli_commands[i];
	return NULL;
}

static int list_options(const char *name)
{
	struct argp_option list[CLI_OPTIONS_MAX];

	cli_options_list(find(name), list);
	for (const struct argp_option *option = list; option->name || option->key || option->doc;
	     option++) {
		if (!option->name)
			continue;
		printf("--%s%s\n", option->name,
		       option->arg && !(option->flags & OPTION_ARG_OPTIONAL) ? "=" : "");
		if (option->key < 0x80)
			printf("-%c\n", option->key);
	}
	return 0;
}

/* Every list that --caps takes: all have stop-copy, the lowest bit. */
static void list_caps(void)
{
	for (unsigned int caps = MIG_CAP_STOP_COPY; caps <= MIG_CAPS_ALL; caps += 2) {
		for (unsigned int cap = MIG_CAP_STOP_COPY; cap <= caps; cap <<= 1)
			if (caps & cap)
				printf("%s%s", cap == MIG_CAP_STOP_COPY ? "" : ",",
				       mig_cap_name(cap));
		putchar('\n');
	}
}

/* A name that a shell would take apart is no help to complete. */
static void list_device(struct mig_target *target)
{
	if (mig_name_is_plain(target->name))
		puts(target->name);
	mig_target_describe(target);
	if (target->vf_index >= 0 && mig_name_is_plain(target->pf_netdev))
		printf("%s/vf%d\n", target->pf_netdev, target->vf_index);
}

/* unbound: also what VFIO could have. */
static int list_devices(bool unbound)
{
	struct mig_inventory inventory;
	struct mig_error ignored;

	if (mig_inventory_read(&mig_host_default, unbound, &inventory, &ignored))
		return 1;
	for (size_t i = 0; i < inventory.count; i++)
		list_device(&inventory.targets[i]);
	mig_inventory_clear(&inventory);
	return 0;
}

static int visit_namespace(void *context, int dirfd, const char *name)
{
	(void)context;
	(void)dirfd;
	if (mig_name_is_plain(name))
		puts(name);
	return 0;
}

/* Those of ip-netns(8); a PID or a path the shell would not guess. */
static int list_namespaces(void)
{
	mig_sysfs_walk(mig_host_default.netns_dir, visit_namespace, NULL);
	return 0;
}

/* One name is for devices here and seconds there; without a command, for devices. */
static bool takes_device(const char *option, const char *name)
{
	struct argp_option list[CLI_OPTIONS_MAX];

	if (strcmp(option, "--for"))
		return false;
	cli_options_list(find(name), list);
	for (const struct argp_option *one = list; one->name || one->key || one->doc; one++)
		if (one->name && !strcmp(one->name, "for"))
			return one->key == CLI_KEY_FOR;
	return true;
}

/* Groups and tests, of both protocols and every capability. */
static void list_tests(enum mig_protocol protocol)
{
	const struct mig_conform_options all = { .only = NULL };
	struct mig_conform_test *tests;
	struct mig_error ignored;
	size_t count, group = 0;

	if (mig_conform_list(protocol, MIG_CAPS_ALL, &all, &tests, &count, &ignored))
		return;
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(tests[i].name, "/");

		if (!i || length != group || strncmp(tests[i].name, tests[i - 1].name, length))
			printf("%.*s\n", (int)length, tests[i].name);
		group = length;
		puts(tests[i].name);
	}
	free(tests);
}

static int list_values(const char *option, const char *command)
{
	const char *const *words = cli_option_words(option);

	if (takes_device(option, command))
		return list_devices(false);
	if (!strcmp(option, "--netns"))
		return list_namespaces();
	if (!strcmp(option, "--until"))
		for (int i = 0; i < MIG_STATE_COUNT; i++)
			puts(mig_state_name((enum mig_state)i));
	if (!strcmp(option, "--only") || !strcmp(option, "--skip")) {
		list_tests(MIG_PROTOCOL_V1);
		list_tests(MIG_PROTOCOL_V2);
	}
	if (!strcmp(option, "--raw") || !strcmp(option, "--against"))
		puts(FILE_WORD);
	else if (!strcmp(option, "--caps"))
		list_caps();
	else
		for (; words && *words; words++)
			puts(*words);
	return 0;
}

static bool debugfs_state(const char *word, enum mig_state *state, bool *stuck)
{
	struct mig_target target;
	struct mig_reading shown;
	struct mig_error ignored;
	struct mig_sys *sys;
	int ret;

	if (mig_target_find(&mig_host_default, word, &target, &ignored))
		return false;
	sys = mig_sys_open(1);
	if (!sys)
		return false;
	ret = cli_debugfs_state(&mig_host_default, sys, &target, &shown);
	*stuck = mig_sys_is_stuck(sys);
	if (!*stuck)
		mig_sys_close(sys);
	*state = shown.state;
	return !ret;
}

/*
 * What may follow a state. Neither the protocol nor the capabilities are known
 * here: v2 with all of them reaches whatever any other rules but v1's open
 * table reach, and its two blocked routes are offered by none.
 */
static void list_next(enum mig_state from)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAPS_ALL };
	struct mig_ruling ruling;

	for (int to = 0; to < MIG_STATE_COUNT; to++) {
		mig_rule(&rules, from, (enum mig_state)to, &ruling);
		if (ruling.allowed && ruling.route.count)
			puts(mig_state_name((enum mig_state)to));
	}
}

static int list_states(int count, char **words, bool *stuck)
{
	enum mig_state state;

	/* After a state word, that is where the device will be; before, where debugfs says. */
	if (count > 1) {
		if (mig_state_parse(words[count - 1], &state))
			list_next(state);
		return 0;
	}
	if (count && debugfs_state(words[0], &state, stuck)) {
		list_next(state);
		return 0;
	}
	for (int i = 0; i < MIG_STATE_COUNT; i++)
		if (i != MIG_STATE_ERROR)
			puts(mig_state_name((enum mig_state)i));
	return 0;
}

/* The words that may come next after a command's words so far. */
static int list_words(int count, char **words, bool *stuck)
{
	const struct cli_command *command = find(words[0]);
	int index = count - 1;
	enum cli_word kind;

	if (!strcmp(words[0], "help") && count == 1)
		return list_commands();
	if (!command || index >= command->max)
		return 0;
	while (index > 0 && (index > 2 || command->words[index] == CLI_WORD_NONE))
		index--;
	kind = command->words[index];
	switch (kind) {
	case CLI_WORD_NONE:
		return 0;
	case CLI_WORD_DEVICE:
		return list_devices(command->unbound);
	case CLI_WORD_STATE:
		/* Without a device before it, as in explain, every word will do. */
		return command->words[0] == CLI_WORD_DEVICE
			       ? list_states(count - 1, words + 1, stuck)
			       : list_states(0, NULL, stuck);
	case CLI_WORD_PROTOCOL:
		return list_values("--protocol", NULL);
	case CLI_WORD_SWITCH:
		for (const char *const *word = cli_switch_words; *word; word++)
			puts(*word);
		return 0;
	case CLI_WORD_LOGGING:
		for (int i = 0; i < MIG_DIRTY_ACTION_COUNT; i++)
			puts(mig_dirty_action_name((enum mig_dirty_action)i));
		return 0;
	case CLI_WORD_FILE:
		puts(FILE_WORD);
		return 0;
	}
	return 0;
}

int cli_complete(int argc, char **argv, bool *stuck)
{
	if (argc < 2 || strncmp(argv[1], "--list-", 7))
		return -1;
	if (!strcmp(argv[1], "--list-commands") && argc == 2)
		return list_commands();
	if (!strcmp(argv[1], "--list-options") && argc <= 3)
		return list_options(argc == 3 ? argv[2] : NULL);
	if (!strcmp(argv[1], "--list-values") && (argc == 3 || argc == 4))
		return list_values(argv[2], argc == 4 ? argv[3] : NULL);
	if (!strcmp(argv[1], "--list-words") && argc >= 3)
		return list_words(argc - 2, argv + 2, stuck);
	return -1;
}
