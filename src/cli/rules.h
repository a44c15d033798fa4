/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGCTL_CLI_RULES_H
#define MIGCTL_CLI_RULES_H

#include "cli.h"

/*
 * The rules that the options choose where no device does: v1 and its reviewed
 * table, unless --protocol, --caps or a word that only v2 has says otherwise.
 * -EINVAL, with cli->error, when they contradict each other.
 */
int cli_rules(struct cli *cli, bool v2_word, struct mig_rules *rules);

#endif
