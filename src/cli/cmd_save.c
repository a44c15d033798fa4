// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "migctl/statefile.h"
#include "transfer.h"

struct save {
	struct cli_transfer transfer; /* has the session */
	struct mig_out *out;
};

static int open_out(struct save *save, const char *path)
{
	struct cli *cli = save->transfer.cli;
	const struct mig_style talk = cli_stderr(cli);
	const struct mig_out_options how = { .path = path,
					     .force = cli->options.force,
					     .raw = cli->options.raw,
					     .compress = cli->options.compress,
					     .level = cli->options.level,
					     .stop = &cli_interrupted };

	if (!strcmp(path, "-") && cli->options.json) {
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
			      "--json and the saved state both want standard output");
		mig_error_hint(&cli->error, "give a FILE, or leave --json out: the report then "
					    "goes to standard error");
		/* Who reads the state does not read the JSON. */
		mig_text_error(&talk, &cli->error, NULL);
		return -EINVAL;
	}
	if (cli->options.raw)
		cli_note(cli, "the driver's bytes alone: `restore` cannot take them");
	return mig_out_open(&save->out, &how, &cli->error);
}

static void work(struct save *save, const char *word)
{
	struct cli_transfer *transfer = &save->transfer;
	struct cli *cli = transfer->cli;
	const struct mig_move_options how = cli_transfer_options(cli);
	struct mig_saved_meta meta;
	struct mig_error why;
	int ret;

	if (cli_session_find(&transfer->session, cli, word) || cli_transfer_open(transfer))
		return;
	cli_transfer_meta(transfer, &meta);
	if (mig_out_start(save->out, transfer->ring, &meta, &cli->error))
		return;
	ret = mig_move_save(&transfer->move, &transfer->session.port, &how, transfer->ring,
			    &cli_interrupted, cli_progress_begin(&transfer->progress, cli),
			    &cli->error);
	if ((!ret || transfer->move.other_side) &&
	    mig_out_finish(save->out, &transfer->totals, &why))
		cli_transfer_blame(transfer, &why);
	cli_transfer_take(transfer);
}

static int run(struct cli *cli)
{
	const char *path = cli->words[1];
	struct save save = { .out = NULL };
	bool joined;

	cli_transfer_init(&save.transfer, cli, path);
	/* Before there is anything to leave behind. */
	cli_interrupt_catch();
	if (!open_out(&save, path))
		work(&save, cli->words[0]);
	joined = mig_out_discard(save.out);
	/* Where the state itself goes to standard output, what is said of it does not. */
	return cli_transfer_end(&save.transfer, joined,
				strcmp(path, "-") || cli->options.json ? cli_stdout(cli)
								       : cli_stderr(cli));
}

static const int keys[] = { CLI_KEY_NO_PRECOPY,
			    CLI_KEY_PRECOPY_UNTIL,
			    CLI_KEY_LEAVE_STOPPED,
			    CLI_KEY_REPLACE,
			    CLI_KEY_COMPRESS,
			    CLI_KEY_RATE,
			    CLI_KEY_RAW,
			    CLI_KEY_PHASES,
			    CLI_KEY_RESET_ON_ERROR,
			    CLI_KEY_VF_TOKEN,
			    0 };

const struct cli_command cli_cmd_save = {
	.name = "save",
	.args = "DEVICE FILE|-",
	.summary = "Saves the device's state to FILE, or to standard output",
	.touches = "changes",
	.detail =
		"The device is taken through pre-copy, where it has that, and stop-and-copy, and "
		"runs again afterwards. FILE appears when all of it is there, and not before. The "
		"form is that of vfio-migctl-state(5).",
	.min = 2,
	.max = 2,
	.words = { CLI_WORD_DEVICE, CLI_WORD_FILE },
	.describes = true,
	.keys = keys,
	.run = run,
};
