// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cli.h"
#include "rules.h"

static int pick(struct cli *cli, struct mig_rules *rules)
{
	static const char *const protocols[] = { "v1", "v2" };
	enum mig_protocol word;

	if (cli->word_count) {
		if (!mig_protocol_parse(cli->words[0], &word))
			return cli_unknown(&cli->error, "protocol", cli->words[0], protocols, 2);
		if (cli->options.protocol != MIG_PROTOCOL_NONE && cli->options.protocol != word)
			return mig_error_set(&cli->error, MIG_KIND_USAGE, EINVAL,
					     "two protocols were named");
		cli->options.protocol = word;
	}
	return cli_rules(cli, false, rules);
}

static int run(struct cli *cli)
{
	struct mig_style out = cli_stdout(cli);
	struct mig_table_record record;

	if (pick(cli, &record.rules)) {
		if (cli->options.json)
			cli_printed(cli, mig_json_error(&out, cli->command->name, &cli->error));
		return cli_end(cli, NULL);
	}
	if (cli->options.dot && cli->options.json) {
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
			      "--dot and --json exclude each other");
		cli_printed(cli, mig_json_error(&out, cli->command->name, &cli->error));
	} else if (cli->options.dot) {
		mig_dot_table(stdout, &record);
	} else if (cli->options.json) {
		cli_printed(cli, mig_json_table(&out, &record));
	} else {
		mig_text_table(&out, &record);
	}
	return cli_end(cli, NULL);
}

static const int keys[] = { CLI_KEY_TABLE, CLI_KEY_PROTOCOL, CLI_KEY_CAPS, CLI_KEY_DOT, 0 };

const struct cli_command cli_cmd_table = {
	.name = "table",
	.args = "[v1|v2]",
	.summary = "The built-in table of transitions",
	.touches = "does not touch",
	.detail = "v1, unless v2 is named or --caps is given. v2 lists every route that the kernel "
		  "composes; its --dot draws only the arcs that the driver implements.",
	.min = 0,
	.max = 1,
	.words = { CLI_WORD_PROTOCOL },
	.keys = keys,
	.run = run,
};
