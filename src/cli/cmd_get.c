// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

static int run(struct cli *cli)
{
	struct mig_style out = cli_stdout(cli);
	struct mig_state_record record = { .seen = false };
	struct cli_session session;
	int ret = cli_session_open(&session, cli, cli->words[0]);

	if (!ret) {
		record.protocol = session.port.proto->id;
		record.seen = !session.port.proto->get(&session.port, &record.state, &cli->error);
	}
	if (record.seen)
		cli_session_blame_state(&session, record.state);
	cli_session_close(&session);
	record.head = cli_session_head(&session);
	if (cli->options.json)
		cli_printed(cli, mig_json_get(&out, &record));
	else
		mig_text_get(&out, &record);
	return cli_end(cli, record.head.stuck);
}

static const int keys[] = { CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_get = {
	.name = "get",
	.args = "DEVICE",
	.summary = "One word: the state",
	.touches = "opens",
	.min = 1,
	.max = 1,
	.words = { CLI_WORD_DEVICE },
	.keys = keys,
	.run = run,
};
