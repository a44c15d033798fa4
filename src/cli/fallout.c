// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <string.h>

#include "fallout.h"
#include "recover.h"

static void fill(struct cli_fallout *fallout)
{
	struct mig_fallout_record *record = &fallout->record;
	const struct mig_fallout *host = &fallout->host;

	for (size_t i = 0; i < host->aer_count; i++)
		fallout->aer[i] = (struct mig_aer_record){ .severity = host->aer[i].severity,
							   .name = host->aer[i].name,
							   .delta = host->aer[i].delta };
	record->pci = host->pci;
	record->status = host->status;
	for (unsigned int i = 0; host->status >= 0 && i < 8; i++) {
		int fresh = host->status_before < 0 ? host->status
						    : host->status & ~host->status_before;

		record->pci_errors[i] = mig_fallout_status_error(fresh, i);
		if (!record->pci_errors[i])
			break;
		record->pci_error_count++;
	}
	record->aer_known = host->aer_known;
	record->aer = fallout->aer;
	record->aer_count = host->aer_count;
	record->log_known = host->log_known;
	record->log = (const char *const *)host->log;
	record->log_count = host->log_count;
	record->log_dropped = host->log_dropped;
}

int cli_fallout_status(void *context, const char *path)
{
	struct mig_sys *sys = context;
	unsigned char bytes[2];
	ssize_t len;
	int fd = sys->ops->openat(sys, AT_FDCWD, path, O_RDONLY);

	if (fd < 0)
		return -1;
	len = sys->ops->pread(sys, fd, bytes, sizeof(bytes), MIG_FALLOUT_STATUS_OFFSET);
	sys->ops->close(sys, fd);
	return len == sizeof(bytes) ? bytes[0] | bytes[1] << 8 : -1;
}

static void recover(struct cli_fallout *fallout, struct cli_session *session,
		    struct mig_state_record *last)
{
	struct mig_error *error = &session->cli->error, fault = *error;
	struct mig_fallout_record *record = &fallout->record;
	struct mig_reset_record reset = { .judged = false };

	cli_recover(session, &reset);
	if (!reset.judged) {
		/* No reset was made: the hint says why, the fault stays the error. */
		mig_error_hint(&fault, "%s", error->text);
		*error = fault;
		return;
	}
	record->attempted = true;
	record->outcome = reset.outcome;
	record->seen = reset.base.seen;
	record->after = reset.base.state;
	last->seen = reset.base.seen;
	last->state = reset.base.state;
	/* A call that does not come back outranks the fault: the device is lost to us. */
	if (reset.outcome != MIG_OUTCOME_TIMEOUT)
		*error = fault;
}

void cli_fallout_collect(struct cli_fallout *fallout, struct cli_session *session,
			 struct mig_fallout_snap *snap, int err, struct mig_state_record *last)
{
	struct mig_error *error = &session->cli->error, ignored;
	struct mig_fallout_record *record = &fallout->record;

	memset(fallout, 0, sizeof(*fallout));
	mig_fallout_collect(snap, &fallout->host);
	fill(fallout);
	record->state = last->state;
	record->err = err;
	snprintf(fallout->message, sizeof(fallout->message), "%s", error->text);
	record->message = fallout->message;
	record->reset_known = !mig_device_info(&session->device, &ignored);
	record->reset_offered = mig_device_can_reset(&session->device);
	/* What a restore could not load it has reset already. */
	if (last->seen && last->state.state != MIG_STATE_ERROR)
		return;
	if (session->cli->options.reset_on_error && !cli_interrupted)
		recover(fallout, session, last);
	else if (record->reset_known && !record->reset_offered)
		mig_error_hint(error, "the device offers no reset: unbind it from its VFIO driver "
				      "and bind it again");
	else
		mig_error_hint(error, "recover with: vfio-migctl reset %s, or set --reset-on-error",
			       session->record.name);
}

void cli_fallout_clear(struct cli_fallout *fallout)
{
	mig_fallout_clear(&fallout->host);
}
