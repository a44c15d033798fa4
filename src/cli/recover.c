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

static void tell(struct cli_session *session, const struct mig_reset_record *record, int reset,
		 const struct mig_error *unread)
{
	const char *errname = reset ? mig_errno_name(-reset) : "success";
	char text[MIG_STATE_TEXT];

	mig_error_set(&session->cli->error, mig_outcome_kind(record->outcome),
		      unread && !reset ? unread->err : -reset,
		      "VFIO_DEVICE_RESET of %s: the driver said %s, and the state %s%s",
		      session->record.name, errname ? errname : "error",
		      unread ? "is unknown: " : "is not running but ",
		      unread ? unread->text : mig_reading_name(record->base.state, text));
	if (record->outcome == MIG_OUTCOME_NAK)
		mig_error_set(
			&session->cli->error, MIG_KIND_NAK, -reset,
			"the driver of %s refused VFIO_DEVICE_RESET (%s); the state is still %s",
			session->record.name, errname ? errname : "error",
			mig_reading_name(record->base.state, text));
	mig_error_hint(&session->cli->error,
		       "unbind the device from its VFIO driver and bind it again");
}

/* The reset itself and the look afterwards. */
static int reset_and_look(struct cli_session *session, struct mig_reading before,
			  struct mig_reset_record *record)
{
	struct mig_error *error = &session->cli->error, unread;
	struct mig_port *port = &session->port;
	int reset = mig_device_reset(&session->device, error), got;

	record->judged = true;
	record->usec = session->sys->elapsed_ns / 1000;
	record->outcome = MIG_OUTCOME_TIMEOUT;
	if (mig_sys_is_stuck(session->sys))
		return reset;
	got = port->proto->get(port, &record->base.state, &unread);
	record->base.seen = !got;
	if (mig_sys_is_stuck(session->sys)) {
		*error = unread;
		return got;
	}
	record->outcome = judge(reset, before, record->base.seen, record->base.state);
	if (record->outcome == MIG_OUTCOME_ACCEPTED) {
		error->kind = MIG_KIND_OK;
		return 0;
	}
	tell(session, record, reset, got ? &unread : NULL);
	return reset ? reset : -EIO;
}

int cli_recover(struct cli_session *session, struct mig_reset_record *record)
{
	struct mig_error *error = &session->cli->error;
	struct mig_port *port = &session->port;
	/* A device that cannot even tell its state is the more in need of it. */
	struct mig_reading before = { .state = MIG_STATE_INVALID, .raw = ~0u };
	int ret = port->proto->get(port, &before, error);

	if (mig_sys_is_stuck(session->sys))
		return ret;
	/* The transfer under way ends with the reset; its descriptor is dead. */
	ret = mig_port_close(port, error);
	if (!ret)
		ret = mig_device_info(&session->device, error);
	if (ret)
		return ret;
	if (!mig_device_can_reset(&session->device))
		return mig_device_reset(&session->device, error); /* says so */
	return reset_and_look(session, before, record);
}
