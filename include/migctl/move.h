/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device state on its way: out of a device into a ring (save), out of a ring
 * into a device (restore), with the transitions around it. Both protocols.
 *
 * Whatever happens, the device is brought back to the state it was found in,
 * or reset, or the record says how it was left.
 */
#ifndef MIGCTL_MOVE_H
#define MIGCTL_MOVE_H

#include <signal.h>

#include "migctl/proto.h"
#include "migctl/record.h"
#include "migctl/ring.h"

struct mig_progress {
	enum mig_phase phase;
	uint64_t bytes; /* so far, of all phases */
	bool total_known;
	uint64_t total;        /* an estimate, by the driver */
	uint64_t usec;         /* since the beginning */
	uint64_t stopped_usec; /* how long the device has been stopped by us; 0: it is not */
};

/* Called between batches of calls on the device, by the thread that called run. */
struct mig_watcher {
	void (*progress)(struct mig_watcher *watcher, const struct mig_progress *progress);
};

struct mig_move_options {
	bool leave_stopped;
	uint64_t rate;  /* bytes a second, 0: as fast as it goes */
	size_t chunk;   /* save: bytes a call at most, up to MIG_SLOT_SIZE; 0: that */
	uint64_t total; /* restore: bytes that will come, for the progress; 0: not known */
	/* save only */
	bool precopy;         /* where the device has it */
	uint64_t until_bytes; /* leave pre-copy when no more than this is pending */
	double until_seconds; /* or after so long */
	bool load_running;    /* restore, v1: by RESUMING -> RUNNING, without STOP */
};
/* When the caller has no wish: as long as a VMM would wait at most. */
#define MIG_PRECOPY_SECONDS 60.0

struct mig_move {
	struct mig_step *steps; /* every transition, in order; mig_move_clear() frees it */
	size_t count;
	bool seen; /* the last reading of the state; false: not known */
	struct mig_reading last;
	uint64_t bytes;
	uint64_t data_ns;        /* in the calls that moved them, by the driver's side */
	uint64_t transactions;   /* v1: as the driver made them; v2: slots filled */
	uint64_t precopy_rounds; /* how often pre-copy was drained until it had no more for now */
	uint64_t usec;           /* the whole of it */
	/* Not running, by us. Save: until its data was out; restore: until it ran, or the end. */
	uint64_t stop_usec;
	uint64_t load_usec; /* restore: out of RESUMING */
	struct mig_phase_record phases[MIG_PHASE_COUNT];
	/*
	 * The ring's other side failed, and knows why: *error is not filled, unless
	 * left is set; it is about that then.
	 */
	bool other_side;
	bool left;            /* not brought back to where it was found: last says where it is */
	bool touched;         /* the device left the state it was found in */
	bool reset_attempted; /* restore: to be rid of a part */
	struct mig_reading reset_from;
	enum mig_outcome reset_outcome;
};

/*
 * From RUNNING (or a stopped state: STOP, RUNNING_P2P) through pre-copy and
 * stop-and-copy back to where it was, or to STOP. Ends the ring in every case.
 * 0, or -errno with *error and move->other_side as said; *move is good always.
 * -EINTR with MIG_KIND_FAILED: *stop was set, and the device was brought back.
 */
int mig_move_save(struct mig_move *move, struct mig_port *port,
		  const struct mig_move_options *options, struct mig_ring *ring,
		  const volatile sig_atomic_t *stop, struct mig_watcher *watcher,
		  struct mig_error *error);
/*
 * To RESUMING, all of the ring into the device, to STOP (the load), to RUNNING.
 * If the ring ends with an error, *stop is set, or the device refuses the
 * data, it is reset: what is left in RESUMING is a part. A device that cannot
 * be reset is left there, and *error says so.
 */
int mig_move_restore(struct mig_move *move, struct mig_port *port,
		     const struct mig_move_options *options, struct mig_ring *ring,
		     const volatile sig_atomic_t *stop, struct mig_watcher *watcher,
		     struct mig_error *error);
void mig_move_clear(struct mig_move *move);

#endif
