// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "hold.h"
#include "recover.h"

/* A reset under a command that writes would spoil what it writes. False: not to be had. */
static bool take_lock(const struct hold *hold, const struct hold_item *item)
{
	const char *name = item->session.record.name;
	int ret = mig_hold_lock(item->mark);

	if (ret == -EBUSY)
		cli_note(hold->cli, "waiting for the command that writes to %s", name);
	while (ret == -EBUSY && !hold_pause(hold, 50))
		ret = mig_hold_lock(item->mark);
	return !ret;
}

static void reset(struct hold *hold, struct hold_item *item, struct mig_hold_entry *entry)
{
	struct mig_reset_record record = { .judged = false };
	char was[MIG_STATE_TEXT];
	const char *state = entry->base.seen ? mig_reading_name(entry->base.state, was)
					     : "a state that cannot be read";

	if (cli_recover(&item->session, &record))
		cli_note(hold->cli, "%s was in %s at the end", item->session.record.name, state);
	else
		cli_note(hold->cli, "%s was in %s at the end: reset, and running",
			 item->session.record.name, state);
	entry->judged = record.judged;
	entry->outcome = record.outcome;
	if (!record.base.seen)
		return;
	entry->base.seen = true;
	entry->base.state = record.base.state;
}

static void look(struct hold *hold, struct hold_item *item, struct mig_hold_entry *entry)
{
	const bool resets = hold->cli->options.reset_at_end;
	struct mig_error *error = &hold->cli->error;
	const char *name = item->session.record.name;
	/* Before the state is read, which until then may be another's half way. */
	bool locked = resets && take_lock(hold, item);
	char text[MIG_STATE_TEXT];
	int ret = cli_session_read(&item->session, &entry->base);

	if (mig_sys_is_stuck(item->session.sys) ||
	    (!ret && entry->base.state.state == MIG_STATE_RUNNING))
		return;
	/* One that cannot even tell its state is the more in need of it. */
	if (locked) {
		reset(hold, item, entry);
		return;
	}
	if (ret)
		return;
	mig_error_set(error,
		      entry->base.state.state == MIG_STATE_ERROR ? MIG_KIND_FAULTED
								 : MIG_KIND_ASTRAY,
		      0, "%s was in %s, not running, when the hold ended%s", name,
		      mig_reading_name(entry->base.state, text),
		      resets ? "; another command writes to it still" : "");
	mig_error_hint(error, "most drivers drop that state now; --reset-at-end resets");
}

/* Which of two failures a status is to tell of: _ERROR, then another state, then the rest. */
static int weight(const struct mig_error *error)
{
	switch (error->kind) {
	case MIG_KIND_OK:
		return 0;
	case MIG_KIND_FAULTED:
		return 3;
	case MIG_KIND_ASTRAY:
		return 2;
	default:
		return 1;
	}
}

/* With COMMAND the status is COMMAND's, and how the devices were left is a note. */
void hold_end(struct hold *hold)
{
	struct cli *cli = hold->cli;
	struct mig_error worst = cli->error;

	for (size_t i = 0; i < hold->count; i++) {
		struct hold_item *item = &hold->items[i];

		cli->error.kind = MIG_KIND_OK;
		look(hold, item, &hold->entries[i]);
		cli_session_close(&item->session);
		close(item->mark);
		if (cli->argv || weight(&cli->error) <= weight(&worst)) {
			if (cli->error.kind != MIG_KIND_OK)
				cli_note(cli, "%s", cli->error.text);
			continue;
		}
		if (worst.kind != MIG_KIND_OK)
			cli_note(cli, "%s", worst.text);
		worst = cli->error;
	}
	cli->error = worst;
}
