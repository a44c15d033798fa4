/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge: what became of one write to device_state.
 *
 * The words nak and fault are Alex Williamson's, from the review this project
 * grew from: a driver can nak (write error, no state change) or fault (_ERROR
 * device state) a transition. He does not name the third case, a device that
 * ends up elsewhere; it is what v2's composed transitions do most: astray.
 */
#ifndef MIGCTL_VERDICT_H
#define MIGCTL_VERDICT_H

#include <stdbool.h>

#include "migctl/error.h"
#include "migctl/state.h"

enum mig_outcome {
	MIG_OUTCOME_ACCEPTED,
	MIG_OUTCOME_NOOP,    /* already there, nothing written */
	MIG_OUTCOME_REFUSED, /* by us: nothing written */
	MIG_OUTCOME_NAK,
	MIG_OUTCOME_ASTRAY,
	MIG_OUTCOME_FAULTED,
	MIG_OUTCOME_TIMEOUT,
	MIG_OUTCOME_PLANNED, /* --dry-run */
};

enum mig_written {
	MIG_WRITTEN_NOT, /* nothing was written */
	MIG_WRITTEN_OK,
	MIG_WRITTEN_FAILED, /* an errno, or a short or zero-length transfer */
	MIG_WRITTEN_NO_ANSWER,
};

/* A reading that may have failed. */
enum mig_seen {
	MIG_SEEN,
	MIG_SEEN_NOTHING, /* reading the state failed */
	MIG_SEEN_NO_ANSWER,
};

struct mig_attempt {
	enum mig_state before;
	enum mig_state asked;
	enum mig_written written;
	enum mig_seen seen;
	enum mig_state after; /* when seen is MIG_SEEN */
};

enum mig_outcome mig_verdict(const struct mig_attempt *attempt);

const char *mig_outcome_name(enum mig_outcome outcome);
enum mig_kind mig_outcome_kind(enum mig_outcome outcome);

#endif
