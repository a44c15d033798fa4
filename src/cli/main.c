// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

const char *argp_program_version = "vfio-migctl " MIGCTL_VERSION;
const char *argp_program_bug_address = "the project's issue tracker";

const struct cli_command *const cli_commands[] = {
	&cli_cmd_list,  &cli_cmd_show,           &cli_cmd_get,   &cli_cmd_set,     &cli_cmd_reset,
	&cli_cmd_table, &cli_cmd_explain,        &cli_cmd_save,  &cli_cmd_restore, &cli_cmd_inspect,
	&cli_cmd_check, &cli_cmd_set_migratable, &cli_cmd_watch, &cli_cmd_conform, &cli_cmd_bench,
	&cli_cmd_dirty, &cli_cmd_hold,
};
const size_t cli_command_count = sizeof(cli_commands) / sizeof(*cli_commands);

/*
 * Errors are ours to word, as JSON too, so argp is told to be silent; it says
 * only EINVAL then, and cli_options_blame() looks for the reason. Silence goes
 * for its own --help as well, so that is ours to call.
 */
#define PARSE_FLAGS (ARGP_IN_ORDER | ARGP_NO_ERRS | ARGP_NO_HELP)

static error_t help_key(int key, struct argp_state *state)
{
	switch (key) {
	case 'h':
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, state->name);
		exit(0);
	case CLI_KEY_USAGE:
		argp_help(state->root_argp, stdout, ARGP_HELP_USAGE, state->name);
		exit(0);
	case 'V':
		puts(argp_program_version);
		exit(0);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t option_key(struct cli *cli, int key, const char *arg, struct argp_state *state)
{
	error_t err = cli_options_key(cli, key, arg);

	return err == ARGP_ERR_UNKNOWN ? help_key(key, state) : err;
}

static const char *where_words_are(enum cli_word word)
{
	switch (word) {
	case CLI_WORD_DEVICE:
		return "; `vfio-migctl list` names the devices";
	case CLI_WORD_STATE:
		return "; `vfio-migctl table` names the states";
	case CLI_WORD_SWITCH:
	case CLI_WORD_LOGGING:
	case CLI_WORD_PROTOCOL:
	case CLI_WORD_FILE:
	case CLI_WORD_NONE:
		break;
	}
	return "";
}

static error_t command_key(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (cli->command->runs && state->quoted && state->next > state->quoted) {
			cli->argv = &state->argv[state->next - 1];
			state->next = state->argc;
			return 0;
		}
		if (cli->word_count == CLI_WORDS_MAX - 1 || cli->word_count == cli->command->max) {
			mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
				      "one word too many: \"%.60s\"", arg);
			mig_error_hint(&cli->error, "usage: vfio-migctl %s %s", cli->command->name,
				       cli->command->args);
			return EINVAL;
		}
		cli->words[cli->word_count++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (cli->word_count >= cli->command->min)
			return 0;
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "%s needs %s", cli->command->name,
			      cli->command->args);
		mig_error_hint(&cli->error, "usage: vfio-migctl %s %s%s", cli->command->name,
			       cli->command->args, where_words_are(cli->command->words[0]));
		return EINVAL;
	default:
		return option_key(cli, key, arg, state);
	}
}

/* Said of every command that takes one, and once at the top. */
#define DEVICE_HELP \
	"A DEVICE is a PCI address (0000:06:00.1, 06:00.1), an mdev UUID, " \
	"group:26, vfio3, a NIC word (eth0/vf2, mac:02:00:00:00:00:01) or a " \
	"device's or network device's name; " \
	"`vfio-migctl list` shows them. Opening a PCI device resets it."

static error_t parse_command(struct cli *cli, int argc, char **argv)
{
	const struct cli_command *command = cli->command;
	struct argp_option list[CLI_OPTIONS_MAX];
	char name[64], doc[1024];
	/* Empty would leave a blank at the end of the synopsis. */
	const struct argp argp = { .options = list,
				   .parser = command_key,
				   .args_doc = *command->args ? command->args : NULL,
				   .doc = doc };
	error_t err;

	cli_options_list(command, list);
	snprintf(name, sizeof(name), "vfio-migctl %s", command->name);
	snprintf(doc, sizeof(doc), "%s (%s the device).\v%s%s%s", command->summary,
		 command->touches, command->detail ? command->detail : "",
		 command->detail && command->words[0] == CLI_WORD_DEVICE ? "\n\n" : "",
		 command->words[0] == CLI_WORD_DEVICE ? DEVICE_HELP : "");
	argv[0] = name;
	err = argp_parse(&argp, argc, argv, PARSE_FLAGS, NULL, cli);
	if (err && cli->error.kind == MIG_KIND_OK)
		cli_options_blame(cli, list, argc, argv);
	return err;
}

static int unknown_command(struct cli *cli, const char *word)
{
	const char *names[sizeof(cli_commands) / sizeof(*cli_commands)];

	for (size_t i = 0; i < cli_command_count; i++)
		names[i] = cli_commands[i]->name;
	return -cli_unknown(&cli->error, "command", word, names, cli_command_count);
}

static error_t outer_key(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;
	int at;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!strcmp(arg, "help")) {
			cli->help = true;
			return 0;
		}
		for (size_t i = 0; i < cli_command_count && !cli->command; i++)
			if (!strcmp(arg, cli_commands[i]->name))
				cli->command = cli_commands[i];
		if (!cli->command)
			return unknown_command(cli, arg);
		if (cli->help)
			return parse_command(cli, 2, (char *[]){ arg, "--help", NULL });
		/* The command has the rest of the words to itself. */
		at = state->next - 1;
		state->next = state->argc;
		return parse_command(cli, state->argc - at, state->argv + at);
	case ARGP_KEY_END:
		return cli->help ? help_key('h', state) : 0;
	case ARGP_KEY_NO_ARGS:
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "no command was given");
		mig_error_hint(&cli->error, "vfio-migctl --help lists the commands");
		return EINVAL;
	default:
		return option_key(cli, key, arg, state);
	}
}

/* The commands are listed as if they were options, so that argp aligns them. */
static void list_outer(struct argp_option list[2 * CLI_OPTIONS_MAX])
{
	size_t count = 0;

	list[count++] = (struct argp_option){ .doc = "Commands:", .group = 1 };
	for (size_t i = 0; i < cli_command_count; i++)
		list[count++] = (struct argp_option){ .name = cli_commands[i]->name,
						      .flags = OPTION_DOC | OPTION_NO_USAGE,
						      .doc = cli_commands[i]->summary,
						      .group = 1 };
	cli_options_list(NULL, &list[count]);
}

static error_t parse(struct cli *cli, int argc, char **argv)
{
	struct argp_option list[2 * CLI_OPTIONS_MAX], globals[CLI_OPTIONS_MAX];
	const struct argp argp = {
		.options = list,
		.parser = outer_key,
		.args_doc = "COMMAND [OPTION...] [DEVICE] [ARGS]",
		.doc = "Drives the migration state of VFIO devices, and says what became of it."
		       "\v" DEVICE_HELP "\n\n`vfio-migctl COMMAND --help` tells more; so does "
		       "vfio-migctl(8).",
	};
	error_t err;

	list_outer(list);
	err = argp_parse(&argp, argc, argv, PARSE_FLAGS, NULL, cli);
	if (err && cli->error.kind == MIG_KIND_OK) {
		cli_options_list(NULL, globals);
		cli_options_blame(cli, globals, argc, argv);
	}
	return err;
}

/* The parser may have stumbled before it came to --json. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		size_t len = strlen(argv[i]);

		/* Shorter than --pre it could be --protocol. */
		if ((len > 2 && !strncmp(argv[i], "--json", len)) ||
		    (len > 4 && !strncmp(argv[i], "--pretty", len)) ||
		    (argv[i][0] == '-' && argv[i][1] != '-' && strpbrk(argv[i], "jp")))
			return true;
	}
	return false;
}

static int usage_error(struct cli *cli, int argc, char **argv)
{
	struct mig_style out;

	cli->options.json |= wants_json(argc, argv);
	out = cli_stdout(cli);
	if (cli->options.json)
		cli_printed(cli, mig_json_error(&out, cli->command ? cli->command->name : NULL,
						&cli->error));
	return cli_end(cli, NULL);
}

/* At exit, for --help ends in argp: what could not be written was not said. */
static void close_stdout(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return;
	if (errno == EPIPE) {
		/* The reader has gone, as head(1) does: end as every tool does then. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	fprintf(stderr, "vfio-migctl: failed: write to standard output: %s\n", strerror(errno));
	_exit((int)MIG_KIND_FAILED);
}

/*
 * A standard stream that the caller closed would be taken by the next open(2):
 * a device as descriptor 2 would be written the trace. The modes are such that
 * using the stream fails as it would have.
 */
static void keep_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit((int)MIG_KIND_FAILED);
}

static int leave(const struct cli *cli, int status)
{
	if (!cli->stuck && !cli->signal)
		return status;
	close_stdout();
	if (cli->stuck)
		mig_sys_abandon();
	if (cli->signal) {
		signal(cli->signal, SIG_DFL);
		raise(cli->signal);
	}
	_exit(status);
}

int main(int argc, char **argv)
{
	struct cli cli = { .host = mig_host_default };
	int status;

	keep_standard_streams();
	/* A reader that goes away must not leave a device half way. */
	signal(SIGPIPE, SIG_IGN);
	atexit(close_stdout);
	status = cli_complete(argc, argv, &cli.stuck);
	if (status >= 0)
		return leave(&cli, status);
	cli_options_init(&cli.options);
	if (parse(&cli, argc, argv))
		return usage_error(&cli, argc, argv);
	cli_interrupt_mute = cli.options.quiet || cli.options.json;
	return leave(&cli, cli.command->run(&cli));
}
