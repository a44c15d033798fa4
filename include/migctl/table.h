/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The built-in tables of legal transitions.
 *
 * v1 authority: the patch "vfio: Add an API to check migration state
 * transition validity" (Yishai Hadas, 22 Sep 2021) and its review by Alex
 * Williamson, Shameer Kolothum Thodi and Kirti Wankhede. v2 authority:
 * vfio_mig_get_next_state() in drivers/vfio/vfio_main.c, Linux 6.2 and later;
 * 5.18-6.1 are the same without the PRE_COPY states.
 */
#ifndef MIGCTL_TABLE_H
#define MIGCTL_TABLE_H

#include <stddef.h>

#include "migctl/state.h"

/* The v1 tables; each one holds all the arcs of the one before it. */
enum mig_table {
	MIG_TABLE_POSTED,   /* the patch as posted: 11 arcs */
	MIG_TABLE_REVIEWED, /* and what the review confirmed: 12 arcs */
	MIG_TABLE_OPEN,     /* any of the five states to any other: 20 arcs */
};

/* Where an arc comes from, and so the first table that has it. */
enum mig_origin {
	MIG_ORIGIN_POSTED,
	MIG_ORIGIN_REVIEW,
	MIG_ORIGIN_QUESTIONED,
};

struct mig_arc {
	enum mig_origin origin;
	const char *reason;
};

/* The v1 states that take part, in the order of their wire values. */
#define MIG_V1_STATES 5
extern const enum mig_state mig_v1_states[MIG_V1_STATES];

const char *mig_table_name(enum mig_table table);
bool mig_table_parse(const char *word, enum mig_table *table);
const char *mig_origin_name(enum mig_origin origin);

/* The arc, or NULL when the table does not have it; any enum value may be asked. */
const struct mig_arc *mig_table_v1_arc(enum mig_table table, enum mig_state from,
				       enum mig_state to);
/* Why the table does not have it; only for pairs it does not have. */
const char *mig_table_v1_refusal(enum mig_table table, enum mig_state from, enum mig_state to);

/* Does a device with these capabilities have the state? */
bool mig_table_v2_supported(unsigned int caps, enum mig_state state);
/*
 * The next hop from one state towards another, as the kernel computes it for
 * a device with these capabilities; MIG_STATE_ERROR: there is no way.
 */
enum mig_state mig_table_v2_next(unsigned int caps, enum mig_state from, enum mig_state to);
/* Why there is no way; only for pairs without one. */
const char *mig_table_v2_refusal(unsigned int caps, enum mig_state from, enum mig_state to);
/*
 * Would asking the kernel itself do harm? NULL: no. Else the reason; such a
 * request is never issued, forced or not.
 */
const char *mig_table_v2_hazard(unsigned int caps, enum mig_state from, enum mig_state to);

#endif
