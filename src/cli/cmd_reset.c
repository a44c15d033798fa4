// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cli.h"
#include "recover.h"

static int run(struct cli *cli)
{
	struct mig_reset_record record = { .judged = false };
	struct cli_session session;
	int ret;

	cli_interrupt_catch();
	ret = cli_session_open(&session, cli, cli->words[0]);
	if (!ret && !cli_interrupted) {
		record.base.protocol = session.port.proto->id;
		cli_recover(&session, &record);
	}
	ret = cli_session_end(&session, &record, &record.base.head, mig_json_reset, mig_text_reset);
	cli->signal = cli_interrupted;
	return ret;
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
