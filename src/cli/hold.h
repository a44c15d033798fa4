/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of `hold` share. */
#ifndef MIGCTL_CLI_HOLD_H
#define MIGCTL_CLI_HOLD_H

#include "notify.h"

struct hold_item {
	struct cli_session session;
	int mark;
};

struct hold {
	struct cli *cli;
	struct hold_item *items;
	size_t count;
	struct cli_notify notify;
	struct mig_hold_entry *entries; /* of the record, one an item */
	struct mig_hold_record record;
	sigset_t signals; /* blocked while devices are open, and waited for */
	sigset_t before;  /* what was blocked before */
	int told;         /* --detach: where the parent waits; -1: nowhere */
};

/*
 * hold_detach.c: with --detach, goes on in a child; the parent returns when
 * that is ready, or has failed, with *status. True: this is the parent.
 */
bool hold_detach(struct hold *hold, int *status);
/* The devices are open: says so to all that want to know. False: end it, cli->error says why. */
bool hold_ready(struct hold *hold);

/* hold_run.c: blocks the signals that end a hold or, with COMMAND, are passed on to it. */
void hold_block(struct hold *hold);
/* Runs COMMAND to its end, or waits for a signal. The status of COMMAND; 0 without one. */
int hold_run(struct hold *hold);
/* Waits so many milliseconds; true: one of the signals came. */
bool hold_pause(const struct hold *hold, int milliseconds);

/* hold_end.c: how each device is at the end, and with --reset-at-end, makes it running. */
void hold_end(struct hold *hold);

#endif
