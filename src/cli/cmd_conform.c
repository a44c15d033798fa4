// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli.h"

struct conform {
	struct cli *cli;
	struct cli_session session;
	struct mig_conform_host host;
	struct mig_conform_test *tests;
	struct mig_conform run;
	struct mig_conform_record record;
	bool streams;  /* TAP, as the tests end */
	int unwritten; /* why that could not go on, an errno; 0: it could */
};

static struct conform *of(struct mig_conform_host *host)
{
	return (struct conform *)((char *)host - offsetof(struct conform, host));
}

static int reopen(struct mig_conform_host *host, struct mig_error *error)
{
	struct conform *conform = of(host);
	int ret = cli_session_reopen(&conform->session);

	if (ret)
		*error = conform->cli->error;
	return ret;
}

static void tell(struct mig_conform_host *host, size_t number, const struct mig_conform_item *item)
{
	struct conform *conform = of(host);
	const struct mig_style out = cli_stdout(conform->cli);

	if (!conform->streams)
		return;
	errno = 0;
	mig_tap_item(&out, number, item, conform->record.why);
	if (!ferror(stdout))
		return;
	/* Nobody would see the rest: it ends as if a signal had come, with the device brought back.
	 */
	conform->unwritten = errno ? errno : EIO;
	conform->streams = false;
	cli_interrupted = SIGPIPE;
}

/* A reader that has gone wants no error; main ends us by SIGPIPE then. */
static void blame_stdout(struct conform *conform)
{
	struct cli *cli = conform->cli;

	cli->error.kind = MIG_KIND_OK;
	if (conform->unwritten != EPIPE) {
		cli->signal = 0;
		mig_error_set(&cli->error, MIG_KIND_FAILED, conform->unwritten,
			      "write to standard output: %s", strerror(conform->unwritten));
	}
	/* It has been told: main would tell it again. */
	clearerr(stdout);
}

/* Which failed, when all were run. */
static void conclude(struct conform *conform)
{
	const struct mig_conform *run = &conform->run;
	const char *first = NULL;
	bool illegal = false;
	size_t failed = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (run->items[i].verdict != MIG_CHECK_FAIL)
			continue;
		if (failed++)
			continue;
		first = run->items[i].name;
		illegal = run->items[i].illegal;
	}
	if (!failed)
		return;
	mig_error_set(&conform->cli->error, MIG_KIND_CHECK_FAILED, 0,
		      "%s: %zu of %zu tests failed, the first: %s", conform->session.record.name,
		      failed, run->count, first);
	if (!strcmp(first, "walk/random"))
		mig_error_hint(
			&conform->cli->error,
			"--only=walk --replay=STEPS --trace shows the calls, the STEPS being "
			"those named with the failure");
	else
		mig_error_hint(&conform->cli->error,
			       "--only %s%s --trace shows the calls; --why says who asks for it",
			       first, illegal ? " --illegal" : "");
}

static void work(struct conform *conform)
{
	struct cli *cli = conform->cli;
	const struct mig_style out = cli_stdout(cli);
	struct mig_conform_record *record = &conform->record;
	struct mig_port *port = &conform->session.port;
	int ret = cli_session_find(&conform->session, cli, cli->words[0]);

	/* Never by a device that another has open: its state is that one's. */
	if (ret || cli_session_enter_alone(&conform->session))
		return;
	record->base.protocol = port->proto->id;
	record->caps = port->caps;
	if (mig_conform_list(port->proto->id, port->caps, &cli->options.conform, &conform->tests,
			     &record->planned, &cli->error))
		return;
	if (!record->planned) {
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
			      "no test is left: --skip leaves out all that --only names");
		return;
	}
	if (conform->streams)
		mig_tap_begin(&out, record->planned);
	if (conform->streams && record->seed)
		mig_tap_seed(&out, record->seed);
	ret = mig_conform_run(&conform->run, port, conform->tests, record->planned,
			      &cli->options.conform, &conform->host, &cli_interrupted, &cli->error);
	record->items = conform->run.items;
	record->count = conform->run.count;
	record->answers = conform->run.answers;
	record->answer_count = conform->run.answer_count;
	record->base.seen = conform->run.seen;
	record->base.state = conform->run.last;
	if (ret && conform->streams)
		mig_tap_bail(&out, &cli->error);
	if (!ret)
		conclude(conform);
}

/* Of one protocol, behind those that are there already. */
static int add_listed(struct cli *cli, enum mig_protocol protocol, struct mig_conform_item **items,
		      size_t *count)
{
	struct mig_conform_test *tests;
	struct mig_conform_item *more;
	size_t found;
	int ret = mig_conform_list(protocol, cli->options.caps, &cli->options.conform, &tests,
				   &found, &cli->error);

	if (ret)
		return ret;
	more = reallocarray(*items, *count + found + 1, sizeof(*more));
	for (size_t i = 0; more && i < found; i++)
		more[*count + i] = (struct mig_conform_item){ .authority = tests[i].authority,
							      .protocol = protocol,
							      .illegal = tests[i].illegal };
	for (size_t i = 0; more && i < found; i++)
		more[*count + i].name = strdup(tests[i].name);
	free(tests);
	if (!more)
		return mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	*items = more;
	*count += found;
	return 0;
}

static int list(struct cli *cli)
{
	static const enum mig_protocol protocols[] = { MIG_PROTOCOL_V1, MIG_PROTOCOL_V2 };
	const struct mig_style out = cli_stdout(cli);
	struct mig_conform_item *items = NULL;
	bool found = false;
	size_t count = 0;

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (cli->options.protocol == MIG_PROTOCOL_NONE ||
		    cli->options.protocol == protocols[i])
			found |= !add_listed(cli, protocols[i], &items, &count);
	/* A name of one protocol's need not be one of the other's. */
	if (found)
		cli->error.kind = MIG_KIND_OK;
	if (cli->options.json)
		cli_printed(cli,
			    mig_json_conform_list(&out, items, count, found ? NULL : &cli->error));
	else if (found)
		mig_text_conform_list(&out, items, count, cli->options.why);
	for (size_t i = 0; i < count; i++)
		free((char *)items[i].name);
	free(items);
	return cli_end(cli, NULL);
}

/* One that is easily typed again, and that JSON's numbers hold. Gives the walk's, 0 without one. */
static uint64_t choose_seed(struct mig_conform_options *options)
{
	uint32_t number;

	if (!options->walk)
		return 0;
	while (!options->seed) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			number = 1;
		options->seed = number;
	}
	return options->seed;
}

/* What cannot be meant together, and would be passed over without a word. */
static int check_words(struct cli *cli)
{
	const struct mig_conform_options *options = &cli->options.conform;
	struct mig_error *error = &cli->error;

	if (!cli->word_count) {
		mig_error_set(error, MIG_KIND_USAGE, 0, "conform wants a DEVICE");
		mig_error_hint(error, "vfio-migctl list shows them; conform --list needs none");
	} else if (cli->options.protocol != MIG_PROTOCOL_NONE || cli->options.caps_given) {
		mig_error_set(error, MIG_KIND_USAGE, 0, "--protocol and --caps are for --list");
		mig_error_hint(error, "a DEVICE has its own: leave them out");
	} else if (options->replay && (options->walk || options->seed)) {
		mig_error_set(error, MIG_KIND_USAGE, 0,
			      "--replay walks the steps it is given: no --walk, no --seed");
	} else if (options->seed && !options->walk) {
		mig_error_set(error, MIG_KIND_USAGE, 0, "--seed is of a walk: give --walk N, too");
	} else {
		return 0;
	}
	return -EINVAL;
}

static int run(struct cli *cli)
{
	struct conform conform = { .cli = cli,
				   .host = { .reopen = reopen, .tell = tell },
				   .streams = !cli->options.json && !cli->options.matrix };
	const struct mig_style out = cli_stdout(cli);
	struct mig_conform_record *record = &conform.record;
	int status;

	if (cli->options.list)
		return list(cli);
	if (check_words(cli)) {
		record->base.head.command = cli->command->name;
		record->base.head.error = &cli->error;
		if (cli->options.json)
			cli_printed(cli, mig_json_conform(&out, record));
		return cli_end(cli, NULL);
	}
	record->why = cli->options.why;
	record->seed = choose_seed(&cli->options.conform);
	cli_interrupt_catch();
	work(&conform);
	cli_session_close(&conform.session);
	cli->signal = cli_interrupted;
	if (conform.unwritten && !cli->stuck)
		blame_stdout(&conform);
	record->base.head = cli_session_head(&conform.session);
	if (cli->options.json)
		cli_printed(cli, mig_json_conform(&out, record));
	else if (cli->options.matrix && record->planned)
		mig_text_conform(&out, record);
	status = cli_end(cli, record->base.head.stuck);
	mig_conform_clear(&conform.run);
	free(conform.tests);
	return status;
}

static const int keys[] = { CLI_KEY_ONLY, CLI_KEY_SKIP,     CLI_KEY_LIST,
			    CLI_KEY_WHY,  CLI_KEY_MATRIX,   CLI_KEY_ILLEGAL,
			    'E',          CLI_KEY_REPEAT,   CLI_KEY_WALK,
			    CLI_KEY_SEED, CLI_KEY_REPLAY,   CLI_KEY_PROTOCOL,
			    CLI_KEY_CAPS, CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_conform = {
	.name = "conform",
	.args = "DEVICE",
	.summary = "Holds the driver to the protocol, and reports as TAP",
	.touches = "changes",
	.detail = "Each test begins in running and cites who asks for it (--why). Exit status 12 "
		  "when one failed. The device is brought back after each, and at the end to where "
		  "it was found. --protocol and --caps are for --list, which needs no DEVICE.",
	.min = 0,
	.max = 1,
	.words = { CLI_WORD_DEVICE },
	.keys = keys,
	.run = run,
};
