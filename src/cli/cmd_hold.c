// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * State belongs to the open device, so a runbook whose steps are commands of
 * their own needs somebody who keeps it open. Each device has a mark beside it
 * (migctl/hold.h) by which the others find their way in.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hold.h"

/* Each is opened on its own, and a group has one opener. */
static int check_others(struct hold *hold, const struct cli_session *session)
{
	struct mig_error *error = &hold->cli->error;

	for (size_t i = 0; i < hold->count; i++) {
		const struct mig_target *other = &hold->items[i].session.target;

		if (!strcmp(other->name, session->target.name))
			return mig_error_set(error, MIG_KIND_USAGE, EINVAL, "%s is named twice",
					     session->record.name);
		if (other->group < 0 || other->group != session->target.group ||
		    other->named_cdev || session->target.named_cdev)
			continue;
		mig_error_set(error, MIG_KIND_USAGE, EINVAL,
			      "%s and %s are in one IOMMU group, which has one opener",
			      hold->items[i].session.record.name, session->record.name);
		mig_error_hint(error, "name them by their own nodes, vfio3, where the kernel has "
				      "them");
		return -EINVAL;
	}
	return 0;
}

/* Other commands, which cannot check it beside each other, rely on that it was checked here. */
static int check_layout(const struct cli_session *session)
{
	struct mig_error *error = &session->cli->error;

	if (!session->port.unchecked)
		return 0;
	mig_error_set(error, MIG_KIND_REFUSED, EPERM,
		      "%s was found saving, or did not tell its state, when it was opened: it "
		      "cannot be checked whether its migration region has the layout of the v1 "
		      "protocol",
		      session->record.name);
	mig_error_hint(error, "unbind the device from its VFIO driver and bind it again");
	return -EPERM;
}

static int open_one(struct hold *hold, const char *word)
{
	struct hold_item *item = &hold->items[hold->count];
	struct cli_session *session = &item->session;
	int ret = cli_session_find(session, hold->cli, word);

	if (!ret)
		ret = check_others(hold, session);
	if (!ret)
		ret = cli_session_enter_alone(session);
	if (!ret)
		ret = check_layout(session);
	if (!ret)
		ret = mig_hold_mark(session->target.name, session->device.fd, &item->mark,
				    &hold->cli->error);
	if (ret) {
		cli_session_close(session);
		return ret;
	}
	/* What waits for calls would show as a second holder. */
	mig_sys_rest(session->real);
	hold->entries[hold->count++].base.head.device = &session->record;
	return 0;
}

static int open_all(struct hold *hold)
{
	const struct cli *cli = hold->cli;
	int ret = 0;

	for (int i = 0; !ret && i < cli->word_count; i++)
		ret = open_one(hold, cli->words[i]);
	return ret;
}

static void close_all(struct hold *hold)
{
	for (size_t i = 0; i < hold->count; i++) {
		cli_session_close(&hold->items[i].session);
		close(hold->items[i].mark);
	}
}

static int finish(struct hold *hold, int status)
{
	struct cli *cli = hold->cli;
	const struct mig_style out = cli_stdout(cli);
	const struct mig_stuck_record *stuck = NULL;
	int own;

	/* All the items: one whose opening is stuck is not counted. */
	for (int i = 0; i < cli->word_count && cli->stuck && !stuck; i++)
		if (hold->items[i].session.stuck.task)
			stuck = &hold->items[i].session.stuck;
	hold->record.error = cli->error.kind == MIG_KIND_OK ? NULL : &cli->error;
	hold->record.count = hold->count;
	hold->record.stuck = stuck;
	if (cli->options.json)
		cli_printed(cli, mig_json_hold(&out, &hold->record));
	own = cli_end(cli, stuck);
	return cli->argv && hold->record.ready ? status : own;
}

static int hold_devices(struct hold *hold)
{
	int status = 0;

	hold->record.pid = getpid();
	cli_notify_open(&hold->notify, hold->cli);
	if (open_all(hold)) {
		close_all(hold);
		return finish(hold, 0);
	}
	hold_block(hold);
	hold->record.ready = true;
	hold->record.count = hold->count;
	if (hold_ready(hold))
		status = hold_run(hold);
	cli_notify_send(&hold->notify, hold->cli, "STOPPING=1");
	hold_end(hold);
	return finish(hold, status);
}

static int run(struct cli *cli)
{
	struct hold hold = { .cli = cli, .told = -1 };
	int status;

	hold.record.command = cli->command->name;
	hold.items = calloc((size_t)cli->word_count, sizeof(*hold.items));
	hold.entries = calloc((size_t)cli->word_count, sizeof(*hold.entries));
	hold.record.entries = hold.entries;
	if (!hold.items || !hold.entries)
		mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	else if (cli->options.detach && cli->argv)
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0,
			      "--detach is for a hold without COMMAND");
	else
		cli_ready_check(cli);
	if (cli->error.kind != MIG_KIND_OK)
		status = finish(&hold, 0);
	else if (hold_detach(&hold, &status))
		status = cli->error.kind == MIG_KIND_OK ? status : finish(&hold, 0);
	else
		status = hold_devices(&hold);
	/* A driver that is late may still look into what a session has. */
	if (!cli->stuck) {
		free(hold.items);
		free(hold.entries);
	}
	return status;
}

static const int keys[] = { CLI_KEY_DETACH, CLI_KEY_READY_FD, CLI_KEY_RESET_AT_END,
			    CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_hold = {
	.name = "hold",
	.args = "DEVICE... [-- COMMAND [ARG...]]",
	.summary = "Keeps devices open, so that state lasts between commands",
	.touches = "opens",
	.detail = "Until COMMAND ends, whose status it then has, or until a signal. Meanwhile get, "
		  "show, set, reset, save and restore find the hold by themselves and work on what "
		  "it has open. At the end, devices that are not running are reported.",
	.min = 1,
	.max = CLI_WORDS_MAX,
	.words = { CLI_WORD_DEVICE },
	.keys = keys,
	.runs = true,
	.run = run,
};
