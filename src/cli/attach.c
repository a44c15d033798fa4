// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --attach: a group has one opener, and this is the way to look at a device
 * that is in use. A duplicate of the user's descriptor answers as his own
 * does; it keeps the group busy until it is closed, so it is at once.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static void take_via(struct cli_session *session, enum cli_via via, const char *how)
{
	session->via = via;
	session->via_record.how = how;
	session->via_record.doubt =
		via == CLI_VIA_ATTACH && session->doubt[0] ? session->doubt : NULL;
	session->via_record.layout_checked = -1;
	cli_record_holder(&session->holder, &session->via_record.holder);
}

static int nobody(struct cli_session *session, const struct mig_holders *holders)
{
	const struct cli_options *options = &session->cli->options;
	struct mig_error *error = &session->cli->error;
	const char *name = session->record.name;

	if (options->attach_pid)
		mig_error_set(error, MIG_KIND_FAILED, ESRCH,
			      "process %d is not seen to have %s open", (int)options->attach_pid,
			      name);
	else
		mig_error_set(error, MIG_KIND_FAILED, ESRCH, "no process is seen to have %s open",
			      name);
	mig_error_hint(error, "leave --attach out to open it, or name another PID; "
			      "`vfio-migctl list` names the holders");
	if (!holders->incomplete)
		return -ESRCH;
	error->kind = MIG_KIND_NO_DEVICE;
	error->err = EACCES;
	mig_error_add(error, ", and some hide what they have open");
	mig_error_hint(error, "run it as root, with CAP_SYS_PTRACE");
	return -EACCES;
}

/* A process with the group and without the device is no way to it: the next may be. */
static int attach_any(struct cli_session *session, const struct mig_holders *holders)
{
	pid_t wanted = session->cli->options.attach_pid, tried = 0;
	int ret = -ESRCH;

	for (size_t i = 0; i < holders->count; i++) {
		const struct mig_holder *holder = &holders->items[i];

		if (holder->pid == tried || (wanted && holder->pid != wanted) ||
		    !mig_holder_has(holder, &session->target))
			continue;
		tried = holder->pid;
		session->holder = *holder;
		ret = cli_attach_which(session, holders, holder);
		if (!ret || mig_sys_is_stuck(session->sys))
			return ret;
	}
	return tried ? ret : nobody(session, holders);
}

/* The numbers that it has must be those of the processes that we would ask for. */
static int check_proc(struct mig_error *error)
{
	char path[MIG_PATH_SIZE], self[32], pid[32];
	int ret = mig_path(path, "%s/self", mig_host_default.proc);

	if (!ret)
		ret = mig_sysfs_link(path, self, sizeof(self));
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (!ret && !strcmp(self, pid))
		return 0;
	mig_error_set(error, MIG_KIND_FAILED, ESRCH,
		      "%s is not there, or of another PID namespace than ours: it cannot be told "
		      "who holds the device",
		      mig_host_default.proc);
	return -ESRCH;
}

/* What kept us from the descriptor stays the error, when debugfs does not help either. */
static int try_debugfs(struct cli_session *session, int ret)
{
	struct mig_error *error = &session->cli->error;
	const char *name = session->record.name;
	int shown = cli_debugfs_state(&mig_host_default, session->sys, &session->target,
				      &session->shown);

	if (!shown) {
		cli_note(session->cli, "%s; the state is that in debugfs", error->text);
		error->kind = MIG_KIND_OK;
		take_via(session, CLI_VIA_DEBUGFS, "debugfs");
		return 0;
	}
	if (mig_sys_is_stuck(session->sys))
		return mig_sys_error(session->sys, error, MIG_KIND_FAILED, shown,
				     "reading the state of %s in debugfs", name);
	if (shown == -ENOENT)
		mig_error_add(error,
			      "; and debugfs does not show its state: no "
			      "CONFIG_VFIO_DEBUGFS, debugfs not mounted, or not a v2 driver");
	else
		mig_error_add(error, "; and its state in debugfs cannot be read: %s",
			      strerror(-shown));
	return ret;
}

/* A change that its user does not know of. */
static int refuse(struct cli_session *session, const struct mig_holders *holders)
{
	struct mig_error *error = &session->cli->error;
	char text[CLI_HOLDER_TEXT];

	for (size_t i = 0; i < holders->count; i++) {
		const struct mig_holder *holder = &holders->items[i];

		if (!mig_holder_has(holder, &session->target))
			continue;
		mig_error_set(error, MIG_KIND_REFUSED, EBUSY,
			      "%s is in use by %s, which would not know of a change: a VM's device "
			      "stops answering under it, and a migration of its own breaks",
			      session->record.name, cli_holder_text(holder, text));
		mig_error_hint(error, "end it first, or add --force to write all the same");
		return -EBUSY;
	}
	return nobody(session, holders);
}

/* Those that only read need no lock; what another is writing they may see half way. */
static int lock(struct cli_session *session, const struct mig_holder *holder)
{
	struct mig_error *error = &session->cli->error;
	int ret = cli_reads(session->cli) ? 0 : mig_hold_lock(session->hold.mark);

	session->locked = !ret && !cli_reads(session->cli);
	if (!session->locked)
		close(session->hold.mark);
	if (!ret)
		return 0;
	mig_error_set(error, ret == -EBUSY ? MIG_KIND_BUSY : MIG_KIND_FAILED, -ret,
		      "another command is writing to %s through the hold of process %d",
		      session->record.name, holder->pid);
	mig_error_hint(error, "wait until it is done");
	return ret;
}

static int try_hold(struct cli_session *session, const struct mig_holder *holder)
{
	struct mig_error *error = &session->cli->error;
	int ret =
		mig_hold_find(&mig_host_default, holder->pid, session->target.name, &session->hold);

	if (ret)
		return -ENOENT;
	ret = lock(session, holder);
	if (!ret)
		ret = cli_attach_fd(session, holder->pid, session->hold.fd, MIG_FD_MAYBE);
	if (ret)
		return ret;
	error->kind = MIG_KIND_OK;
	error->cause = MIG_CAUSE_NONE;
	/* Nobody else moves a transfer on while we have the lock. */
	session->device.shared = !session->locked;
	session->holder = *holder;
	take_via(session, CLI_VIA_HOLD, "hold");
	if (session->cli->options.verbose)
		cli_note(session->cli, "%s is reached through the hold of process %d",
			 session->record.name, holder->pid);
	return 0;
}

static int any_hold(struct cli_session *session, const struct mig_holders *holders)
{
	pid_t wanted = session->cli->options.attach_pid;
	int ret = -ENOENT;

	for (size_t i = 0; ret == -ENOENT && i < holders->count; i++)
		if (mig_holder_has(&holders->items[i], &session->target) &&
		    (!wanted || wanted == holders->items[i].pid))
			ret = try_hold(session, &holders->items[i]);
	return ret;
}

static int attach(struct cli_session *session, const struct mig_holders *holders)
{
	const struct cli *cli = session->cli;
	char text[CLI_HOLDER_TEXT];
	int ret = any_hold(session, holders);

	if (ret != -ENOENT)
		return ret;
	if (!cli_reads(cli) && !cli->options.force)
		return refuse(session, holders);
	ret = attach_any(session, holders);
	if (ret)
		return ret;
	/* What another holder, or descriptor, was not good for is no error any more. */
	session->cli->error.kind = MIG_KIND_OK;
	take_via(session, CLI_VIA_ATTACH, "attach");
	if (session->doubt[0])
		cli_note(cli, "not certain that this is %s: %s", session->record.name,
			 session->doubt);
	if (cli->options.verbose || !cli_reads(cli))
		cli_note(cli, "%s is reached through %s%s", session->record.name,
			 cli_holder_text(&session->holder, text),
			 cli_reads(cli) ? "" : ", which does not know of what is written");
	return 0;
}

int cli_attach(struct cli_session *session)
{
	const pid_t except[] = { getpid(), 0 };
	struct mig_error *error = &session->cli->error;
	struct mig_holders holders;
	int ret = check_proc(error);

	if (ret)
		return ret;
	ret = mig_holders_scan(&mig_host_default, except, &holders);
	if (ret)
		return mig_error_set(error, MIG_KIND_FAILED, -ret, "cannot list the processes: %s",
				     strerror(-ret));
	ret = attach(session, &holders);
	mig_holders_clear(&holders);
	if (ret && ret != -ESRCH && cli_reads(session->cli) && !mig_sys_is_stuck(session->sys))
		ret = try_debugfs(session, ret);
	return ret;
}

int cli_attach_hold(struct cli_session *session)
{
	const pid_t except[] = { getpid(), 0 };
	struct mig_holders holders;
	struct mig_error ignored;
	int ret = -ENOENT;

	if (check_proc(&ignored) || mig_holders_scan(&mig_host_default, except, &holders))
		return -ENOENT;
	ret = any_hold(session, &holders);
	mig_holders_clear(&holders);
	return ret;
}
