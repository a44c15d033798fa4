// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

static int run(struct cli *cli)
{
	struct mig_state_record record = { .seen = false };
	struct cli_session session;
	int ret = cli_session_open(&session, cli, cli->words[0]);

	if (!ret && !cli_session_read(&session, &record))
		cli_session_blame_state(&session, record.state);
	return cli_session_end(&session, &record, &record.head, mig_json_get, mig_text_get);
}

static const int keys[] = { CLI_KEY_ATTACH, CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_get = {
	.name = "get",
	.args = "DEVICE",
	.summary = "One word: the state",
	.touches = "opens",
	.min = 1,
	.max = 1,
	.words = { CLI_WORD_DEVICE },
	.keys = keys,
	.reads = true,
	.run = run,
};
