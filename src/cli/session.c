// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "migctl/escape.h"

void cli_record_device(const struct mig_target *target, struct mig_device_record *record)
{
	memset(record, 0, sizeof(*record));
	record->name = target->name;
	record->bus = target->bus[0] ? target->bus : NULL;
	record->driver = target->driver[0] ? target->driver : NULL;
	record->group = target->group;
	record->cdev = target->cdev[0] ? target->cdev : NULL;
	if (target->described && target->is_vf && target->pf_netdev[0] && target->vf_index >= 0) {
		record->pf_netdev = target->pf_netdev;
		record->vf = target->vf_index;
	}
}

static void trace_line(void *context, const char *line)
{
	char text[2100];

	(void)context;
	fprintf(stderr, "trace: %s\n", mig_escape(text, sizeof(text), line));
}

int cli_sys_open(struct cli *cli, double seconds, struct mig_sys **real, struct mig_sys **sys)
{
	*real = mig_sys_open(seconds);
	*sys = *real;
	if (*real && cli->options.trace)
		*sys = mig_sys_trace_open(*real, trace_line, NULL);
	if (*sys)
		return 0;
	mig_sys_close(*real);
	*real = NULL;
	return mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
}

static int open_device(struct cli_session *session)
{
	const struct mig_target *target = &session->target;
	const struct mig_where where = {
		.name = target->name,
		.group = target->group,
		.noiommu = target->noiommu,
		.cdev = target->cdev[0] ? target->cdev : NULL,
		.cdev_number = mig_target_cdev_number(&mig_host_default, target),
		.by_cdev = target->named_cdev,
		.vf_token = session->cli->options.vf_token,
	};
	struct mig_error *error = &session->cli->error;
	int ret;

	if (target->named_cdev && !target->cdev[0]) {
		mig_error_set(error, MIG_KIND_NO_DEVICE, ENOENT,
			      "%s has no node under /dev/vfio/devices: this kernel has no "
			      "VFIO_DEVICE_CDEV",
			      target->name);
		mig_error_hint(error, "name the device itself, %s, to open it by its group",
			       target->name);
		return -ENOENT;
	}
	ret = mig_device_open(&session->device, session->sys, &where, error);
	if (ret)
		return ret;
	session->opened = true;
	if (session->cli->options.verbose)
		cli_note(session->cli, "%s was opened by its %s", session->record.name,
			 session->device.group_fd >= 0 ? "IOMMU group" : "own node and iommufd");
	return 0;
}

int cli_session_find(struct cli_session *session, struct cli *cli, const char *word)
{
	struct mig_error *error = &cli->error;
	int ret;

	memset(session, 0, sizeof(*session));
	session->cli = cli;
	ret = mig_target_find(&cli->host, word, &session->target, error);
	if (ret) {
		cli_fault_suggest(&mig_host_default, word, error);
		return ret;
	}
	/* The PF's name costs a few reads of sysfs, and only VFs have one. */
	if (cli->options.json || cli->command->describes)
		mig_target_describe(&session->target);
	cli_record_device(&session->target, &session->record);
	session->found = true;
	ret = mig_target_require_bound(&mig_host_default, &session->target, error);
	if (ret && error->cause != MIG_CAUSE_NONE)
		cli_fault_explain(&mig_host_default, &session->target, error);
	return ret;
}

/* By whom a device may be come by. */
enum way {
	WAY_ANY,
	WAY_ALONE, /* nobody else has it */
	WAY_HELD,  /* a hold has */
};

/* A hold is looked for when the device is busy: one that is free costs no call more. */
static int come_by(struct cli_session *session, enum way way)
{
	int ret, held;

	if (session->cli->options.attach)
		return cli_attach(session);
	if (way == WAY_HELD)
		return cli_attach_hold(session);
	ret = open_device(session);
	if (!ret || way == WAY_ALONE || session->cli->error.cause != MIG_CAUSE_HELD)
		return ret;
	held = cli_attach_hold(session);
	return held == -ENOENT ? ret : held;
}

/*
 * The task left in a call that did not come back still writes: the mark stays
 * open in it (mig_sys_abandon()), and with it the lock, until the driver lets go.
 */
static void drop_lock(struct cli_session *session)
{
	if (!session->locked)
		return;
	if (!mig_sys_is_stuck(session->real) || session->real->stuck->ended)
		close(session->hold.mark);
	session->locked = false;
}

/*
 * Of v1 another layout goes by the same type, and whether it has that cannot be
 * asked beside its user: nothing is written to what may be no device_state.
 */
static int refuse_unchecked(struct cli_session *session)
{
	struct mig_error *error = &session->cli->error;

	mig_error_set(error, MIG_KIND_REFUSED, EPERM,
		      "the layout of the migration region of %s cannot be checked while another "
		      "process uses it, and a write could hit something else: nothing was written",
		      session->record.name);
	mig_error_hint(error, "end its user first, or have it open by vfio-migctl hold");
	return -EPERM;
}

static int enter_port(struct cli_session *session)
{
	int ret = mig_port_open(&session->port, &session->device, &session->cli->error);
	bool checked;

	if (ret || session->port.proto->id != MIG_PROTOCOL_V1 || session->via == CLI_VIA_OPEN)
		return ret;
	/* A hold has checked it before it made its mark. */
	checked = session->via == CLI_VIA_HOLD || !session->port.unchecked;
	session->via_record.layout_checked = checked;
	if (checked)
		return 0;
	if (!cli_reads(session->cli))
		return refuse_unchecked(session);
	cli_note(session->cli,
		 "the layout of the migration region of %s cannot be verified while it is in use: "
		 "what is shown takes it for that of the v1 protocol",
		 session->record.name);
	return 0;
}

static int enter(struct cli_session *session, enum way way)
{
	struct mig_error *error = &session->cli->error;
	int ret = cli_sys_open(session->cli, session->cli->options.timeout, &session->real,
			       &session->sys);

	if (!ret)
		ret = come_by(session, way);
	if (!ret && session->via != CLI_VIA_DEBUGFS) {
		ret = enter_port(session);
		session->ported = !ret;
	}
	if (ret && error->cause != MIG_CAUSE_NONE)
		cli_fault_explain(&mig_host_default, &session->target, error);
	return ret;
}

int cli_session_enter(struct cli_session *session)
{
	return enter(session, WAY_ANY);
}

int cli_session_enter_alone(struct cli_session *session)
{
	return enter(session, WAY_ALONE);
}

int cli_session_enter_held(struct cli_session *session)
{
	return enter(session, WAY_HELD);
}

int cli_session_open(struct cli_session *session, struct cli *cli, const char *word)
{
	int ret = cli_session_find(session, cli, word);

	return ret ? ret : cli_session_enter(session);
}

int cli_session_reopen(struct cli_session *session)
{
	struct mig_error *error = &session->cli->error;
	int ret;

	session->ported = false;
	ret = mig_port_close(&session->port, error);
	session->opened = false;
	if (!ret)
		ret = mig_device_close(&session->device, error);
	if (!ret)
		ret = open_device(session);
	if (!ret)
		ret = enter_port(session);
	session->ported = !ret;
	return ret;
}

int cli_session_read(struct cli_session *session, struct mig_state_record *record)
{
	int ret = 0;

	if (session->via == CLI_VIA_DEBUGFS) {
		record->protocol = MIG_PROTOCOL_V2;
		record->state = session->shown;
	} else {
		record->protocol = session->port.proto->id;
		ret = session->port.proto->get(&session->port, &record->state,
					       &session->cli->error);
	}
	record->seen = !ret;
	return ret;
}

void cli_session_close(struct cli_session *session)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct cli *cli = session->cli;

	if (session->ported)
		mig_port_close(&session->port, &error);
	if (session->opened && error.kind == MIG_KIND_OK)
		mig_device_close(&session->device, &error);
	drop_lock(session);
	/* An error that came before says more than the one at the end. */
	if (cli->error.kind == MIG_KIND_OK)
		cli->error = error;
	if (session->real && mig_sys_is_stuck(session->real)) {
		session->stuck = (struct mig_stuck_record){
			.task = (int)session->real->stuck->task,
			.ended = session->real->stuck->ended,
			.stack = session->real->stuck->stack,
		};
		cli->stuck = true;
		return;
	}
	if (session->sys != session->real)
		mig_sys_trace_close(session->sys);
	mig_sys_close(session->real);
	session->real = session->sys = NULL;
}

struct mig_head_record cli_session_head(struct cli_session *session)
{
	struct cli *cli = session->cli;

	return (struct mig_head_record){
		.command = cli->command->name,
		.device = session->found ? &session->record : NULL,
		.error = cli->error.kind == MIG_KIND_OK ? NULL : &cli->error,
		.stuck = cli->stuck ? &session->stuck : NULL,
		.via = session->via == CLI_VIA_OPEN ? NULL : &session->via_record,
	};
}

void cli_session_blame_state(struct cli_session *session, struct mig_reading reading)
{
	struct mig_error *error = &session->cli->error;

	if (reading.state != MIG_STATE_ERROR)
		return;
	mig_error_set(error, MIG_KIND_FAULTED, 0, "%s is in _ERROR", session->record.name);
	mig_error_hint(error, "only a reset leads out of it: vfio-migctl reset %s",
		       session->record.name);
}

void cli_session_note_first(const struct cli_session *session, struct mig_reading first)
{
	char text[MIG_STATE_TEXT];

	if (session->via == CLI_VIA_OPEN && first.state != MIG_STATE_RUNNING &&
	    first.state != MIG_STATE_ERROR)
		cli_note(session->cli,
			 "the first state after opening is %s, not running: left over from an "
			 "earlier user, or the driver's own",
			 mig_reading_name(first, text));
}
