// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cli.h"
#include "rules.h"

static bool only_v2(enum mig_state state)
{
	return mig_state_in(MIG_PROTOCOL_V2, state) && !mig_state_in(MIG_PROTOCOL_V1, state);
}

static int run(struct cli *cli)
{
	struct mig_style out = cli_stdout(cli);
	struct mig_explain_record record = { .error = NULL };

	if (cli_parse_state(cli->words[0], &record.from, &cli->error) ||
	    cli_parse_state(cli->words[1], &record.to, &cli->error) ||
	    cli_rules(cli, only_v2(record.from) || only_v2(record.to), &record.rules)) {
		if (cli->options.json)
			cli_printed(cli, mig_json_error(&out, cli->command->name, &cli->error));
		return cli_end(cli, NULL);
	}
	mig_rule(&record.rules, record.from, record.to, &record.ruling);
	if (!record.ruling.allowed) {
		mig_ruling_error(&record.rules, record.from, record.to, &record.ruling,
				 &cli->error);
		record.error = &cli->error;
	}
	if (cli->options.json)
		cli_printed(cli, mig_json_explain(&out, &record));
	else
		mig_text_explain(&out, &record);
	/* The text has the reason and the route already: no error line beside it. */
	return (int)cli->error.kind;
}

static const int keys[] = { CLI_KEY_TABLE, CLI_KEY_PROTOCOL, CLI_KEY_CAPS, 0 };

const struct cli_command cli_cmd_explain = {
	.name = "explain",
	.args = "FROM TO",
	.summary = "Allowed or not, why, whose rule, the route",
	.touches = "does not touch",
	.detail = "By v1's rules, unless --protocol v2 or --caps is given or a state is one that "
		  "only "
		  "v2 has. Exits 6 for what is not allowed.",
	.min = 2,
	.max = 2,
	.words = { CLI_WORD_STATE, CLI_WORD_STATE },
	.keys = keys,
	.run = run,
};
