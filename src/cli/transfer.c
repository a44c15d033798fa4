// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "migctl/netlink_devlink.h"
#include "transfer.h"

/* 8 MiB: enough for one side to go on while the other writes, and it stays that much. */
#define SLOTS 8

void cli_transfer_init(struct cli_transfer *transfer, struct cli *cli, const char *path)
{
	memset(transfer, 0, sizeof(*transfer));
	transfer->cli = cli;
	transfer->session.cli = cli; /* also when it is never opened */
	cli_fallout_init(&transfer->snap);
	transfer->record.path = path;
}

int cli_transfer_open(struct cli_transfer *transfer)
{
	struct cli *cli = transfer->cli;
	int ret = cli_session_enter(&transfer->session);

	if (ret)
		return ret;
	transfer->record.base.protocol = transfer->session.port.proto->id;
	transfer->ring = mig_ring_open(SLOTS, &cli_interrupted);
	if (!transfer->ring)
		return mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM,
				     "out of memory for the buffers of the transfer");
	return cli_fallout_begin(&transfer->snap, &transfer->session, true);
}

#define SET(field, ...) snprintf(field, sizeof(field), __VA_ARGS__)

void cli_target_meta(const struct mig_target *target, struct mig_saved_meta *meta)
{
	memset(meta, 0, sizeof(*meta));
	SET(meta->name, "%.*s", (int)sizeof(meta->name) - 1, target->name);
	SET(meta->bus, "%.*s", (int)sizeof(meta->bus) - 1, target->bus);
	SET(meta->driver, "%.*s", (int)sizeof(meta->driver) - 1, target->driver);
	if (!target->described || !target->ids.valid)
		return;
	SET(meta->vendor, "%04x", target->ids.vendor);
	SET(meta->device, "%04x", target->ids.device);
	SET(meta->subsystem_vendor, "%04x", target->ids.subvendor);
	SET(meta->subsystem_device, "%04x", target->ids.subdevice);
}

void cli_target_firmware(const struct mig_host *host, const struct mig_target *target,
			 struct mig_saved_meta *meta)
{
	struct mig_devlink devlink;
	struct mig_error ignored;

	if (!target->is_vf || mig_devlink_read(host, target, &devlink, &ignored))
		return;
	SET(meta->firmware_version, "%s", devlink.info.firmware);
	SET(meta->firmware_psid, "%s", devlink.info.psid);
}

void cli_transfer_meta(const struct cli_transfer *transfer, struct mig_saved_meta *meta)
{
	const struct cli_session *session = &transfer->session;
	struct utsname machine;
	time_t now = time(NULL);
	struct tm utc;

	cli_target_meta(&session->target, meta);
	cli_target_firmware(&transfer->cli->host, &session->target, meta);
	meta->protocol = session->port.proto->id;
	meta->caps = session->port.caps;
	if (!uname(&machine)) {
		SET(meta->host, "%.*s", (int)sizeof(meta->host) - 1, machine.nodename);
		SET(meta->kernel, "%.*s", (int)sizeof(meta->kernel) - 1, machine.release);
	}
	if (gmtime_r(&now, &utc))
		strftime(meta->saved_at, sizeof(meta->saved_at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	SET(meta->tool, "%s", MIGCTL_VERSION);
}

struct mig_move_options cli_transfer_options(const struct cli *cli)
{
	return (struct mig_move_options){
		.leave_stopped = cli->options.leave_stopped,
		.rate = cli->options.rate,
		.precopy = !cli->options.no_precopy,
		.until_bytes = cli->options.until_bytes,
		.until_seconds = cli->options.until_seconds,
	};
}

void cli_transfer_blame(struct cli_transfer *transfer, const struct mig_error *why)
{
	const struct mig_move *move = &transfer->move;
	struct mig_error *error = &transfer->cli->error;
	char text[MIG_STATE_TEXT];

	/* How the device was left is worse than why; the file can be made again. */
	if (move->left) {
		mig_error_add(error, "; it began with: %s", why->text);
		return;
	}
	*error = *why;
	if (move->reset_attempted)
		mig_error_add(error, "; %s was reset, and %s%s", transfer->session.record.name,
			      move->seen ? "is " : "its state cannot be read",
			      move->seen ? mig_reading_name(move->last, text) : "");
}

/* The fault that a restore has reset the device out of is told as it was before. */
static void take_reset(struct mig_fallout_record *fallout, const struct mig_move *move)
{
	if (!move->reset_attempted || fallout->attempted)
		return;
	fallout->state = move->reset_from;
	fallout->attempted = true;
	fallout->outcome = move->reset_outcome;
	fallout->seen = move->seen;
	fallout->after = move->last;
}

/* What failed was told: how are the device and the file? */
static void tell_end(struct cli_transfer *transfer)
{
	const struct mig_move *move = &transfer->move;
	const char *name = transfer->session.record.name;
	struct mig_error *error = &transfer->cli->error;
	char text[MIG_STATE_TEXT];

	if (transfer->cli->stuck || error->kind == MIG_KIND_TIMEOUT)
		return;
	if (!move->touched)
		mig_error_add(error, "; %s was not touched", name);
	else if (!move->left && !move->reset_attempted && move->seen)
		mig_error_add(error, "; %s is in %s", name, mig_reading_name(move->last, text));
	if (!transfer->record.restored && strcmp(transfer->record.path, "-"))
		mig_error_add(error, ", and no file was written");
}

/* The fault stays the error; that it is over is part of what to do next. */
static void tell_recovery(struct cli_transfer *transfer)
{
	const struct mig_fallout_record *fallout = &transfer->fallout.record;
	struct mig_error *error = &transfer->cli->error;

	if (!fallout->attempted || fallout->outcome != MIG_OUTCOME_ACCEPTED)
		return;
	if (!transfer->move.reset_attempted)
		mig_error_add(error, "; it was reset then, and is running");
	mig_error_hint(error, "nothing is left to recover; the kernel log may tell the cause");
}

void cli_transfer_take(struct cli_transfer *transfer)
{
	const struct mig_move *move = &transfer->move;
	struct mig_move_record *record = &transfer->record;
	struct mig_error *error = &transfer->cli->error;
	/* Neither side failed: all of it came through. */
	bool whole = error->kind == MIG_KIND_OK;

	record->moved = true;
	record->bytes = move->bytes;
	record->chunks = whole ? transfer->totals.transactions : move->transactions;
	record->usec = move->usec;
	record->stop_usec = move->stop_usec;
	record->load_usec = move->load_usec;
	record->precopy_rounds = move->precopy_rounds;
	memcpy(record->phases, move->phases, sizeof(record->phases));
	record->bars = transfer->cli->options.phases;
	record->base.seen = move->seen;
	record->base.state = move->last;
	if (whole)
		record->digest = mig_digest_text(transfer->totals.digest, transfer->digest);
	else
		tell_end(transfer);
	if (error->kind != MIG_KIND_FAULTED)
		return;
	cli_fallout_collect(&transfer->fallout, &transfer->session, &transfer->snap, error->err,
			    &record->base);
	take_reset(&transfer->fallout.record, move);
	tell_recovery(transfer);
	record->fallout = &transfer->fallout.record;
}

int cli_transfer_end(struct cli_transfer *transfer, bool joined, struct mig_style out)
{
	struct mig_move_record *record = &transfer->record;
	struct cli *cli = transfer->cli;
	int status;

	cli_fallout_end(&transfer->snap, &transfer->session);
	cli_progress_end(&transfer->progress);
	cli_session_close(&transfer->session);
	record->base.head = cli_session_head(&transfer->session);
	record->base.head.error = cli->error.kind == MIG_KIND_OK ? NULL : &cli->error;
	cli->signal = cli_interrupted;
	/* A driver that is late may still write to a buffer. */
	if (transfer->ring && joined && !cli->stuck)
		mig_ring_close(transfer->ring);
	if (cli->options.json)
		cli_printed(cli, mig_json_move(&out, record));
	else if (!cli->options.quiet || out.out != stderr)
		mig_text_move(&out, record);
	status = cli_end(cli, record->base.head.stuck);
	cli_fallout_clear(&transfer->fallout);
	mig_move_clear(&transfer->move);
	return status;
}
