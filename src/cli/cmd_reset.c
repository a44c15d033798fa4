// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cli.h"
#include "recover.h"

static int run(struct cli *cli)
{
	struct mig_reset_record record = { .judged = false };
	struct mig_style out = cli_stdout(cli);
	struct cli_session session;
	int ret;

	cli_interrupt_catch();
	ret = cli_session_open(&session, cli, cli->words[0]);
	if (!ret && !cli_interrupted) {
		record.base.protocol = session.port.proto->id;
		cli_recover(&session, &record);
	}
	cli_session_close(&session);
	cli->signal = cli_interrupted;
	record.base.head = cli_session_head(&session);
	if (cli->options.json)
		cli_printed(cli, mig_json_reset(&out, &record));
	else
		mig_text_reset(&out, &record);
	return cli_end(cli, record.base.head.stuck);
}

static const int keys[] = { CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_reset = {
	.name = "reset",
	.args = "DEVICE",
	.summary = "VFIO_DEVICE_RESET, then reads the state",
	.touches = "changes",
	.min = 1,
	.max = 1,
	.words = { CLI_WORD_DEVICE },
	.keys = keys,
	.run = run,
};
