// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "rules.h"

int cli_rules(struct cli *cli, bool v2_word, struct mig_rules *rules)
{
	const struct cli_options *options = &cli->options;

	*rules = (struct mig_rules){ .protocol = options->protocol,
				     .table = options->table,
				     .caps = options->caps };
	if (rules->protocol == MIG_PROTOCOL_NONE)
		rules->protocol = (options->caps_given || v2_word) && !options->table_given
					  ? MIG_PROTOCOL_V2
					  : MIG_PROTOCOL_V1;
	if (rules->protocol == MIG_PROTOCOL_V2 && options->table_given)
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--table is of v1 only");
	else if (rules->protocol == MIG_PROTOCOL_V1 && options->caps_given)
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--caps is of v2 only");
	else
		return 0;
	mig_error_hint(&cli->error, "leave it out, or give another --protocol");
	return -EINVAL;
}
