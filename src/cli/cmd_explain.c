// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "cli.h"
#include "rules.h"

static bool only_v2(enum mig_state state)
{
	return mig_state_in(MIG_PROTOCOL_V2, state) && !mig_state_in(MIG_PROTOCOL_V1, state);
}

static void refuse(struct cli *cli, const struct mig_explain_record *record)
{
	char route[256];

	mig_error_set(&cli->error, MIG_KIND_REFUSED, 0, "%s %s -> %s is not allowed: %s",
		      mig_protocol_name(record->rules.protocol), mig_state_name(record->from),
		      mig_state_name(record->to), record->ruling.reason);
	if (!record->ruling.route.count)
		return;
	mig_route_text(record->from, &record->ruling.route, route, sizeof(route));
	mig_error_hint(&cli->error, "a legal route is %s", route);
}

static int run(struct cli *cli)
{
	struct mig_style out = cli_stdout(cli);
	struct mig_explain_record record = { .error = NULL };

	if (cli_parse_state(cli->words[0], &record.from, &cli->error) ||
	    cli_parse_state(cli->words[1], &record.to, &cli->error) ||
	    cli_rules(cli, only_v2(record.from) || only_v2(record.to), &record.rules)) {
		if (cli->options.json)
			mig_json_error(&out, cli->command->name, &cli->error);
		return cli_end(cli, NULL);
	}
	mig_rule(&record.rules, record.from, record.to, &record.ruling);
	if (!record.ruling.allowed) {
		refuse(cli, &record);
		record.error = &cli->error;
	}
	if (cli->options.json)
		mig_json_explain(&out, &record);
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
