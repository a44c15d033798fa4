/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's view of a fault (migctl/fallout.h), made a record. */
#ifndef MIGCTL_CLI_FALLOUT_H
#define MIGCTL_CLI_FALLOUT_H

#include "cli.h"
#include "migctl/fallout.h"

struct cli_fallout {
	struct mig_fallout host;
	struct mig_aer_record aer[MIG_FALLOUT_AER_MAX];
	struct mig_fallout_record record;
	char message[sizeof(((struct mig_error *)NULL)->text)];
};

/* A mig_fallout_status with the deadline of the seam, which is the context. */
int cli_fallout_status(void *context, const char *path);

/*
 * Gathers what is known of a fault that ended in this reading; the write said
 * err. With --reset-on-error it tries to recover, and updates *last to what
 * the device shows then. cli->error stays that of the fault.
 */
void cli_fallout_collect(struct cli_fallout *fallout, struct cli_session *session,
			 struct mig_fallout_snap *snap, int err, struct mig_state_record *last);
void cli_fallout_clear(struct cli_fallout *fallout);

#endif
