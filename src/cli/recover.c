// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "recover.h"

/* Not mig_verdict(): no state was written, and RUNNING before proves nothing after a failure. */
static enum mig_outcome judge(int reset, struct mig_reading before, bool seen,
			      struct mig_reading after)
{
	if (!seen)
		return MIG_OUTCOME_ASTRAY;
	if (after.state == MIG_STATE_ERROR)
		return MIG_OUTCOME_FAULTED;
	if (reset)
		return after.raw == before.raw ? MIG_OUTCOME_NAK : MIG_OUTCOME_ASTRAY;
	/* uapi: a reset brings the device back to RUNNING. */
	return after.state == MIG_STATE_RUNNING ? MIG_OUTCOME_ACCEPTED : MIG_OUTCOME_ASTRAY;
}

static void tell(struct cli_session *session, const struct mig_reset_record *record, int reset)
{
	const char *errname = reset ? mig_errno_name(-reset) : "success";
	char text[MIG_STATE_TEXT];

	mig_error_set(
		&session->cli->error, mig_outcome_kind(record->outcome), -reset,
		"VFIO_DEVICE_RESET of %s: the driver said %s, and the state is %s, not running",
		session->record.name, errname ? errname : "error",
		record->base.seen ? mig_reading_name(record->base.state, text) : "unreadable");
	if (record->outcome == MIG_OUTCOME_NAK)
		mig_error_set(
			&session->cli->error, MIG_KIND_NAK, -reset,
			"the driver of %s refused VFIO_DEVICE_RESET (%s); the state is still %s",
			session->record.name, errname ? errname : "error",
			mig_reading_name(record->base.state, text));
	mig_error_hint(&session->cli->error,
		       "unbind the device from its VFIO driver and bind it again");
}

int cli_recover(struct cli_session *session, struct mig_reset_record *record)
{
	struct mig_error *error = &session->cli->error, ignored;
	struct mig_port *port = &session->port;
	/* A device that cannot even tell its state is the more in need of it. */
	struct mig_reading before = { .state = MIG_STATE_INVALID, .raw = ~0u };
	int reset, got = port->proto->get(port, &before, error);

	if (mig_sys_is_stuck(session->sys))
		return got;
	/* The transfer under way ends with the reset; its descriptor is dead. */
	mig_port_close(port);
	reset = mig_device_reset(&session->device, error);
	record->usec = session->sys->elapsed_ns / 1000;
	if (mig_sys_is_stuck(session->sys)) {
		record->judged = true;
		record->outcome = MIG_OUTCOME_TIMEOUT;
		return reset;
	}
	if (reset == -ENOTSUP)
		return reset;
	got = port->proto->get(port, &record->base.state, reset ? &ignored : error);
	record->judged = true;
	record->base.seen = !got;
	if (mig_sys_is_stuck(session->sys)) {
		record->outcome = MIG_OUTCOME_TIMEOUT;
		*error = reset ? ignored : *error;
		return -ETIMEDOUT;
	}
	record->outcome = judge(reset, before, record->base.seen, record->base.state);
	if (record->outcome == MIG_OUTCOME_ACCEPTED) {
		error->kind = MIG_KIND_OK;
		return 0;
	}
	tell(session, record, reset);
	return reset ? reset : -EIO;
}
