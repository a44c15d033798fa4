// SPDX-License-Identifier: GPL-2.0-or-later
#include <strings.h>

#include "migctl/table.h"

const enum mig_state mig_v1_states[MIG_V1_STATES] = {
	MIG_STATE_STOP,     MIG_STATE_RUNNING,  MIG_STATE_STOP_COPY,
	MIG_STATE_PRE_COPY, MIG_STATE_RESUMING,
};

#define POSTED(why) \
	{ \
		MIG_ORIGIN_POSTED, why \
	}
#define REVIEW(why) \
	{ \
		MIG_ORIGIN_REVIEW, why \
	}
#define QUESTIONED(why) \
	{ \
		MIG_ORIGIN_QUESTIONED, why \
	}

/*
 * One row a state left, one entry an arc; an arc without a reason is in no
 * table.
 *
 * _ERROR (110b) was considered and has neither a row nor a column: it is no
 * target, for a driver alone can fault a device, and no source, for only
 * VFIO_DEVICE_RESET leads out of it. The patch had that by its bound, since
 * the value is above _RESUMING; the review asked that it be said. The same
 * goes for 101b and 111b, which no header defines, and for v2's P2P states,
 * which v1 cannot express.
 */
static const struct mig_arc arcs[MIG_STATE_COUNT][MIG_STATE_COUNT] = {
	[MIG_STATE_STOP] = {
		[MIG_STATE_RUNNING] = POSTED("the way back to work, and out of a cancelled "
					     "migration without a reset"),
		[MIG_STATE_STOP_COPY] = QUESTIONED("left open by the review: Williamson asks why "
						   "only _RUNNING and _RESUMING may follow _STOP; "
						   "QEMU saved a stopped VM this way"),
		[MIG_STATE_PRE_COPY] = QUESTIONED("left open by the review: Williamson asks why "
						  "only _RUNNING and _RESUMING may follow _STOP"),
		[MIG_STATE_RESUMING] = POSTED("a stopped device may be given a saved state"),
	},
	[MIG_STATE_RUNNING] = {
		[MIG_STATE_STOP] = POSTED("the VM stops"),
		[MIG_STATE_STOP_COPY] = POSTED("a save without pre-copy"),
		[MIG_STATE_PRE_COPY] = POSTED("a save begins while the device works"),
		[MIG_STATE_RESUMING] = REVIEW("Thodi raised it, Wankhede and Williamson "
					      "confirmed it: a device starts in _RUNNING, so "
					      "the receiving side goes on from there"),
	},
	[MIG_STATE_STOP_COPY] = {
		[MIG_STATE_STOP] = POSTED("the state is saved"),
		[MIG_STATE_RUNNING] = POSTED("the migration failed and the VM goes on"),
		[MIG_STATE_PRE_COPY] = QUESTIONED("left open by the review: Williamson asks for "
						  "the rationale that stop-and-copy cannot return "
						  "to pre-copy"),
		[MIG_STATE_RESUMING] = QUESTIONED("not asked for in the review; the mlx5 driver "
						  "posted later accepted it, as it did every pair, "
						  "and v2 composes it by way of STOP"),
	},
	[MIG_STATE_PRE_COPY] = {
		[MIG_STATE_STOP] = QUESTIONED("left open by the review: Williamson asks whether "
					      "a device cannot always be stopped, at any point"),
		[MIG_STATE_RUNNING] = POSTED("the migration is cancelled"),
		[MIG_STATE_STOP_COPY] = POSTED("the VM stops and the rest is saved"),
		[MIG_STATE_RESUMING] = QUESTIONED("not asked for in the review; the mlx5 driver "
						  "posted later accepted it, as it did every pair, "
						  "and v2 composes it by way of STOP"),
	},
	[MIG_STATE_RESUMING] = {
		[MIG_STATE_STOP] = POSTED("the state is given, the device waits"),
		[MIG_STATE_RUNNING] = POSTED("the state is given and the device works on"),
		[MIG_STATE_STOP_COPY] = QUESTIONED("left open by the review: Williamson asks for "
						   "it, to validate the restored state without "
						   "starting the device"),
		[MIG_STATE_PRE_COPY] = QUESTIONED("left open by the review: Williamson asks for "
						  "it, for tracing"),
	},
};

static const char *const table_names[] = {
	[MIG_TABLE_POSTED] = "posted",
	[MIG_TABLE_REVIEWED] = "reviewed",
	[MIG_TABLE_OPEN] = "open",
};

static const char *const origin_names[] = {
	[MIG_ORIGIN_POSTED] = "posted",
	[MIG_ORIGIN_REVIEW] = "review",
	[MIG_ORIGIN_QUESTIONED] = "questioned",
};

const char *mig_table_name(enum mig_table table)
{
	return table_names[table];
}

bool mig_table_parse(const char *word, enum mig_table *table)
{
	for (int i = MIG_TABLE_POSTED; i <= MIG_TABLE_OPEN; i++) {
		if (!strcasecmp(word, table_names[i])) {
			*table = (enum mig_table)i;
			return true;
		}
	}
	return false;
}

const char *mig_origin_name(enum mig_origin origin)
{
	return origin_names[origin];
}

static bool takes_part(enum mig_state state)
{
	for (size_t i = 0; i < MIG_V1_STATES; i++)
		if (mig_v1_states[i] == state)
			return true;
	return false;
}

const struct mig_arc *mig_table_v1_arc(enum mig_table table, enum mig_state from, enum mig_state to)
{
	const struct mig_arc *arc;

	if (!takes_part(from) || !takes_part(to))
		return NULL;
	arc = &arcs[from][to];
	/* Origins and tables are in one order: an origin belongs to the table of its rank. */
	return arc->reason && (int)arc->origin <= (int)table ? arc : NULL;
}

const char *mig_table_v1_refusal(enum mig_table table, enum mig_state from, enum mig_state to)
{
	if (from == MIG_STATE_ERROR)
		return "_ERROR is left only by VFIO_DEVICE_RESET";
	if (to == MIG_STATE_ERROR)
		return "_ERROR is never a target: only a driver may fault a device";
	if (from == MIG_STATE_INVALID)
		return "the device shows a state that no header defines, so no rule leads out of "
		       "it";
	if (!takes_part(from) || !takes_part(to))
		return "the v1 protocol has no peer-to-peer states";
	if (from == to)
		return "the same state is no transition";
	if (table == MIG_TABLE_POSTED && arcs[from][to].origin == MIG_ORIGIN_REVIEW)
		return "the patch as posted lacks it; the review added it";
	return arcs[from][to].reason;
}
