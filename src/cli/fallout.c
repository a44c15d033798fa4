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

/* A mig_fallout_status with the deadline of the seam, which is the context. */
static int read_status(void *context, const char *path)
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

void cli_fallout_init(struct cli_fallout_snap *snap)
{
	memset(snap, 0, sizeof(*snap));
	snap->host.kmsg_fd = -1;
	mig_irqs_init(&snap->irqs);
}

int cli_fallout_begin(struct cli_fallout_snap *snap, struct cli_session *session, bool writes)
{
	struct mig_target *target = &session->target;
	const struct mig_host *host = &session->cli->host;

	/* devlink numbers a VF by what sysfs says of its PF. */
	if (!target->described && !strcmp(target->bus, "pci"))
		mig_target_describe(target);
	mig_fallout_begin(host, target, read_status, session->sys, &snap->host);
	mig_around_begin(host, target, &snap->around);
	if (!writes)
		return 0;
	return mig_irqs_arm(&snap->irqs, &session->device, &session->cli->error);
}

void cli_fallout_end(struct cli_fallout_snap *snap, struct cli_session *session)
{
	struct mig_error error = { .kind = MIG_KIND_OK };

	if (session->opened)
		mig_irqs_disarm(&snap->irqs, &session->device, &error);
	/* An error that came before says more than the one at the end. */
	if (session->cli->error.kind == MIG_KIND_OK)
		session->cli->error = error;
	mig_around_end(&snap->around);
	mig_fallout_end(&snap->host);
}

static void take_around(struct cli_fallout *fallout, struct cli_fallout_snap *snap)
{
	struct mig_fallout_record *record = &fallout->record;
	struct mig_around_news *news = &fallout->news;

	mig_around_collect(&snap->around, news);
	if (news->health_known) {
		record->devlink_before = &snap->around.before;
		record->devlink_after = &news->after;
	}
	for (size_t i = 0; i < news->event_count; i++) {
		const struct mig_uevent *event = &news->events[i];

		fallout->events[i] = (struct mig_event_record){
			.action = mig_uevent_action_name(event->action),
			.driver = event->driver[0] ? event->driver : NULL,
			.recovery = event->recovery[0] ? event->recovery : NULL,
		};
	}
	record->events_known = news->events_known;
	record->events = fallout->events;
	record->event_count = news->event_count;
	record->events_lost = news->events_lost;
}

/*
 * Who opened the device has not begun to log: nothing is lost. Whether another
 * one logs cannot be asked: a report takes the pages that it tells of.
 */
static int logging_lost(struct cli_session *session)
{
	if (!session->device.shared)
		return 0;
	if (mig_sys_is_stuck(session->sys) || mig_port_dma_logging(&session->port))
		return -1;
	return 0;
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
			 struct cli_fallout_snap *snap, int err, struct mig_state_record *last)
{
	struct mig_error *error = &session->cli->error, ignored;
	struct mig_fallout_record *record = &fallout->record;

	memset(fallout, 0, sizeof(*fallout));
	mig_fallout_collect(&snap->host, &fallout->host);
	fill(fallout);
	take_around(fallout, snap);
	record->error_interrupts = mig_irqs_take(&snap->irqs, MIG_IRQ_ERROR);
	record->request_interrupts = mig_irqs_take(&snap->irqs, MIG_IRQ_REQUEST);
	record->logging_lost = logging_lost(session);
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
