/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's view of a fault (migctl/fallout.h), made a record. */
#ifndef MIGCTL_CLI_FALLOUT_H
#define MIGCTL_CLI_FALLOUT_H

#include "cli.h"
#include "migctl/around.h"
#include "migctl/fallout.h"
#include "migctl/irq.h"

/* How things were before, and what listens meanwhile. */
struct cli_fallout_snap {
	struct mig_fallout_snap host;
	struct mig_around around;
	struct mig_irqs irqs;
};

struct cli_fallout {
	struct mig_fallout host;
	struct mig_around_news news;
	struct mig_event_record events[MIG_AROUND_EVENTS];
	struct mig_aer_record aer[MIG_FALLOUT_AER_MAX];
	struct mig_fallout_record record;
	char message[sizeof(((struct mig_error *)NULL)->text)];
};

/* Nothing is there yet: good for cli_fallout_end(). */
void cli_fallout_init(struct cli_fallout_snap *snap);
/* Of an open device; the interrupts only where something is to be written. -ETIMEDOUT: stuck. */
int cli_fallout_begin(struct cli_fallout_snap *snap, struct cli_session *session, bool writes);
/* Before the session is closed. */
void cli_fallout_end(struct cli_fallout_snap *snap, struct cli_session *session);

/*
 * Gathers what is known of a fault that ended in this reading; the write said
 * err. With --reset-on-error it tries to recover, and updates *last to what
 * the device shows then. cli->error stays that of the fault.
 */
void cli_fallout_collect(struct cli_fallout *fallout, struct cli_session *session,
			 struct cli_fallout_snap *snap, int err, struct mig_state_record *last);
void cli_fallout_clear(struct cli_fallout *fallout);

#endif
