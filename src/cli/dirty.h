/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of `dirty` share. */
#ifndef MIGCTL_CLI_DIRTY_H
#define MIGCTL_CLI_DIRTY_H

#include "cli.h"

struct dirty {
	struct cli *cli;
	struct cli_session session;
	struct mig_dirty_range *ranges; /* of all the actions, one after the other */
	struct mig_dirty_step steps[CLI_WORDS_MAX];
	size_t count;
	/* The log outlives this run, or is from before it: a hold must have the device. */
	bool needs_hold;
	uint64_t grain; /* of the logging that goes on, as it was started; 0: not by us */
	bool logs;      /* it goes on, and we have started it */
	struct mig_dirty_record record;
};

/*
 * dirty_words.c: the words behind DEVICE into steps, checked as far as that
 * goes without a device. -EINVAL with cli->error.
 */
int dirty_parse(struct dirty *dirty);

#endif
