// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "migctl/statefile.h"
#include "transfer.h"

struct restore {
	struct cli_transfer transfer; /* has the session */
	struct mig_in *in;
	struct mig_saved_meta meta;
	struct mig_saved_totals expected; /* bytes 0: a pipe does not tell before */
};

/* All that can be known of the input before the device is touched. */
static int read_ahead(struct restore *restore, const char *path)
{
	struct mig_error *error = &restore->transfer.cli->error;
	int ret = mig_in_open(&restore->in, path, &cli_interrupted, error);

	if (!ret && mig_in_twice(restore->in))
		ret = mig_in_check(restore->in, &restore->expected, error);
	if (!ret)
		ret = mig_in_meta(restore->in, &restore->meta, error);
	return ret;
}

static int check_identity(struct restore *restore, const struct mig_saved_meta *here)
{
	struct cli *cli = restore->transfer.cli;
	struct mig_error differs;

	if (!mig_saved_fits(&restore->meta, here, &differs))
		return 0;
	if (!cli->options.force) {
		cli->error = differs;
		return -EXDEV;
	}
	cli_note(cli, "by --force, although %s", differs.text);
	return 0;
}

/* What sysfs tells comes first: the wrong file is not to cost the device the reset of an opening.
 */
static int open_device(struct restore *restore, const char *word)
{
	struct cli_transfer *transfer = &restore->transfer;
	struct mig_saved_meta here;
	int ret = cli_session_find(&transfer->session, transfer->cli, word);

	if (ret)
		return ret;
	cli_target_meta(&transfer->session.target, &here);
	cli_target_firmware(&transfer->cli->host, &transfer->session.target, &here);
	ret = check_identity(restore, &here);
	if (!ret)
		ret = cli_transfer_open(transfer);
	if (ret)
		return ret;
	/* And now what the driver tells: the rest was compared. */
	memset(&here, 0, sizeof(here));
	here.protocol = transfer->session.port.proto->id;
	here.caps = transfer->session.port.caps;
	return check_identity(restore, &here);
}

static void work(struct restore *restore, const char *word)
{
	struct cli_transfer *transfer = &restore->transfer;
	struct cli *cli = transfer->cli;
	struct mig_move_options how = cli_transfer_options(cli);
	struct mig_error why;
	int ret;

	if (open_device(restore, word) || mig_in_start(restore->in, transfer->ring, &cli->error))
		return;
	how.total = restore->expected.bytes;
	ret = mig_move_restore(&transfer->move, &transfer->session.port, &how, transfer->ring,
			       &cli_interrupted, cli_progress_begin(&transfer->progress, cli),
			       &cli->error);
	if ((!ret || transfer->move.other_side) &&
	    mig_in_finish(restore->in, &transfer->totals, &why))
		cli_transfer_blame(transfer, &why);
	cli_transfer_take(transfer);
}

static int run(struct cli *cli)
{
	struct restore restore = { .in = NULL };
	bool joined;

	cli_transfer_init(&restore.transfer, cli, cli->words[1]);
	restore.transfer.record.restored = true;
	cli_interrupt_catch();
	if (!read_ahead(&restore, cli->words[1]))
		work(&restore, cli->words[0]);
	joined = mig_in_close(restore.in);
	return cli_transfer_end(&restore.transfer, joined, cli_stdout(cli));
}

static const int keys[] = { CLI_KEY_LEAVE_STOPPED,
			    CLI_KEY_OVERRIDE,
			    CLI_KEY_RATE,
			    CLI_KEY_PHASES,
			    CLI_KEY_RESET_ON_ERROR,
			    CLI_KEY_VF_TOKEN,
			    0 };

const struct cli_command cli_cmd_restore = {
	.name = "restore",
	.args = "DEVICE FILE|-",
	.summary = "Loads a saved state from FILE, or from standard input",
	.touches = "changes",
	.detail =
		"A FILE is checked from end to end before the device is touched, a pipe as it is "
		"read. When it is damaged or the device refuses it, the device is reset: it never "
		"runs on with a part. What was saved from another kind of device is refused.",
	.min = 2,
	.max = 2,
	.words = { CLI_WORD_DEVICE, CLI_WORD_FILE },
	.describes = true,
	.keys = keys,
	.run = run,
};
