// SPDX-License-Identifier: GPL-2.0-or-later
#include "migctl/table.h"

/* The capabilities a device must announce before it has the state. */
static const unsigned int needs[MIG_STATE_COUNT] = {
	[MIG_STATE_STOP] = MIG_CAP_STOP_COPY,
	[MIG_STATE_RUNNING] = MIG_CAP_STOP_COPY,
	[MIG_STATE_STOP_COPY] = MIG_CAP_STOP_COPY,
	[MIG_STATE_RESUMING] = MIG_CAP_STOP_COPY,
	[MIG_STATE_RUNNING_P2P] = MIG_CAP_STOP_COPY | MIG_CAP_P2P,
	[MIG_STATE_PRE_COPY] = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY,
	[MIG_STATE_PRE_COPY_P2P] = MIG_CAP_STOP_COPY | MIG_CAP_P2P | MIG_CAP_PRE_COPY,
};

#define TO(state, hop) [MIG_STATE_##state] = MIG_STATE_##hop

/*
 * next_hop[from][towards]. Stored, not searched: the kernel's routes are not
 * the shortest ones (PRE_COPY to STOP_COPY goes by way of PRE_COPY_P2P when
 * the device has it), and a search would find the two routes that the kernel
 * blocks. A missing entry is MIG_STATE_ERROR, which is 0: there is no way. So
 * ERROR has neither a row nor a column.
 */
static const enum mig_state next_hop[MIG_STATE_COUNT][MIG_STATE_COUNT] = {
	[MIG_STATE_STOP] = {
		TO(STOP, STOP),
		TO(RUNNING, RUNNING_P2P),
		TO(STOP_COPY, STOP_COPY),
		TO(RESUMING, RESUMING),
		TO(RUNNING_P2P, RUNNING_P2P),
		TO(PRE_COPY, RUNNING_P2P),
		TO(PRE_COPY_P2P, RUNNING_P2P),
	},
	[MIG_STATE_RUNNING] = {
		TO(STOP, RUNNING_P2P),
		TO(RUNNING, RUNNING),
		TO(STOP_COPY, RUNNING_P2P),
		TO(RESUMING, RUNNING_P2P),
		TO(RUNNING_P2P, RUNNING_P2P),
		TO(PRE_COPY, PRE_COPY),
		TO(PRE_COPY_P2P, RUNNING_P2P),
	},
	/* The two PRE_COPY entries are not here: see mig_table_v2_hazard(). */
	[MIG_STATE_STOP_COPY] = {
		TO(STOP, STOP),
		TO(RUNNING, STOP),
		TO(STOP_COPY, STOP_COPY),
		TO(RESUMING, STOP),
		TO(RUNNING_P2P, STOP),
	},
	[MIG_STATE_RESUMING] = {
		TO(STOP, STOP),
		TO(RUNNING, STOP),
		TO(STOP_COPY, STOP),
		TO(RESUMING, RESUMING),
		TO(RUNNING_P2P, STOP),
		TO(PRE_COPY, STOP),
		TO(PRE_COPY_P2P, STOP),
	},
	[MIG_STATE_RUNNING_P2P] = {
		TO(STOP, STOP),
		TO(RUNNING, RUNNING),
		TO(STOP_COPY, STOP),
		TO(RESUMING, STOP),
		TO(RUNNING_P2P, RUNNING_P2P),
		TO(PRE_COPY, RUNNING),
		TO(PRE_COPY_P2P, PRE_COPY_P2P),
	},
	[MIG_STATE_PRE_COPY] = {
		TO(STOP, RUNNING),
		TO(RUNNING, RUNNING),
		TO(STOP_COPY, PRE_COPY_P2P),
		TO(RESUMING, RUNNING),
		TO(RUNNING_P2P, RUNNING),
		TO(PRE_COPY, PRE_COPY),
		TO(PRE_COPY_P2P, PRE_COPY_P2P),
	},
	[MIG_STATE_PRE_COPY_P2P] = {
		TO(STOP, RUNNING_P2P),
		TO(RUNNING, RUNNING_P2P),
		TO(STOP_COPY, STOP_COPY),
		TO(RESUMING, RUNNING_P2P),
		TO(RUNNING_P2P, RUNNING_P2P),
		TO(PRE_COPY, PRE_COPY),
		TO(PRE_COPY_P2P, PRE_COPY_P2P),
	},
};

bool mig_table_v2_supported(unsigned int caps, enum mig_state state)
{
	return state > MIG_STATE_ERROR && state < MIG_STATE_COUNT &&
	       (caps & needs[state]) == needs[state];
}

enum mig_state mig_table_v2_next(unsigned int caps, enum mig_state from, enum mig_state to)
{
	enum mig_state hop;

	if (!mig_table_v2_supported(caps, from) || !mig_table_v2_supported(caps, to))
		return MIG_STATE_ERROR;
	/* States that the device lacks are passed over, towards the same end. */
	for (hop = next_hop[from][to]; hop != MIG_STATE_ERROR; hop = next_hop[hop][to])
		if (mig_table_v2_supported(caps, hop))
			break;
	return hop;
}

const char *mig_table_v2_refusal(unsigned int caps, enum mig_state from, enum mig_state to)
{
	const char *hazard = mig_table_v2_hazard(caps, from, to);

	if (hazard)
		return hazard;
	if (from == to)
		return "the same state is no transition";
	if (to == MIG_STATE_ERROR)
		return "ERROR is never a target: only a driver may fault a device";
	if (!mig_table_v2_supported(caps, to))
		return "the device does not announce the capability that the state needs; "
		       "the kernel answers EINVAL";
	return "there is no way in the kernel's table";
}

const char *mig_table_v2_hazard(unsigned int caps, enum mig_state from, enum mig_state to)
{
	/* WARN_ON() in vfio_mig_get_next_state(): a panic where panic_on_warn is set. */
	if (from == MIG_STATE_ERROR)
		return "ERROR is left only by VFIO_DEVICE_RESET; a request from there trips a "
		       "kernel warning";
	/* The same warning: it also wants a state that is in the table and has its flags. */
	if (from >= MIG_STATE_COUNT)
		return "the device shows a state that no header defines; a request from there "
		       "trips "
		       "a kernel warning";
	if (!mig_table_v2_supported(caps, from))
		return "a device with these capabilities is never in the state to be left; a "
		       "request from there trips a kernel warning";
	/*
	 * Linux 6.2 up to the fix of 2026 (a26b499b757c): the table names
	 * STOP_COPY as its own next hop here, and the driver's loop over next
	 * hops never ends, holding its mutex.
	 */
	if (from == MIG_STATE_STOP_COPY && (caps & MIG_CAP_PRE_COPY) &&
	    (to == MIG_STATE_PRE_COPY || to == MIG_STATE_PRE_COPY_P2P))
		return "saving cannot go back to pre-copy, and the request locks up kernels from "
		       "6.2 to the fix of 2026 for ever";
	return NULL;
}
