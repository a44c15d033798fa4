/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What save and restore share: the device at one end, and its report. */
#ifndef MIGCTL_CLI_TRANSFER_H
#define MIGCTL_CLI_TRANSFER_H

#include "cli.h"
#include "fallout.h"
#include "migctl/move.h"
#include "migctl/saved.h"

struct cli_progress {
	struct mig_watcher watcher; /* first: it is what the mover knows of us */
	bool terminal;
	bool shown;
	uint64_t last_usec; /* of the last line */
	bool sampled;
	double rate; /* MiB a second, at the last sample */
	uint64_t sample_usec, sample_bytes;
};

/* NULL: nobody wants to see it. */
struct mig_watcher *cli_progress_begin(struct cli_progress *progress, const struct cli *cli);
/* Takes a line that was being rewritten away. */
void cli_progress_end(const struct cli_progress *progress);

struct cli_transfer {
	struct cli *cli;
	struct cli_session session;
	struct cli_fallout_snap snap;
	struct mig_ring *ring; /* NULL: none yet */
	struct cli_progress progress;
	struct mig_move move;
	struct mig_saved_totals totals;
	char digest[MIG_DIGEST_TEXT];
	struct cli_fallout fallout;
	struct mig_move_record record;
};

void cli_transfer_init(struct cli_transfer *transfer, struct cli *cli, const char *path);
/* Opens the device that cli_session_find() has found, and the ring. */
int cli_transfer_open(struct cli_transfer *transfer);
/* This device and this machine, as the saved form has them. */
void cli_transfer_meta(const struct cli_transfer *transfer, struct mig_saved_meta *meta);
/* What of the device alone says whether a saved state is for it; passive. */
void cli_target_meta(const struct mig_target *target, struct mig_saved_meta *meta);
/* A VF's PF is asked for its firmware too, by devlink. */
void cli_target_firmware(const struct mig_host *host, const struct mig_target *target,
			 struct mig_saved_meta *meta);
struct mig_move_options cli_transfer_options(const struct cli *cli);
/* The file's side failed, and why: the error of the whole, unless the device was lost over it. */
void cli_transfer_blame(struct cli_transfer *transfer, const struct mig_error *why);
/* After the move: what became of it and, of a fault, its fallout. */
void cli_transfer_take(struct cli_transfer *transfer);
/* Closes the device; the report goes to out. joined: no thread uses the ring any more. */
int cli_transfer_end(struct cli_transfer *transfer, bool joined, struct mig_style out);

#endif
