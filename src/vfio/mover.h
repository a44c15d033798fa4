/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What saving and restoring have in common, and what either protocol does its
 * own way. A mover lives on the heap: calls that are stuck may write to it yet.
 */
#ifndef MIGCTL_MOVER_H
#define MIGCTL_MOVER_H

#include "clock.h"
#include "migctl/move.h"
#include "uapi.h"

/* Slots that one batch of calls works on at most, and calls in it. */
#define MOVER_SLOTS 8
#define MOVER_CALLS 64

/* v1: what is to be done next. Saving goes pending, offset, size, data; restoring offset, data,
 * size. */
enum mover_stage {
	MOVER_PENDING,
	MOVER_OFFSET,
	MOVER_SIZE,
	MOVER_DATA,
};

struct mover_v1 {
	enum mover_stage stage;
	enum mover_stage stages[MOVER_CALLS]; /* of the calls of the batch */
	uint64_t words[MOVER_CALLS];          /* what their registers hold */
	bool no_offset;                       /* data_offset cannot be read: i40e */
	/* The window: valid once it was held against the region. */
	bool valid;
	uint64_t offset, size;
	uint64_t done;      /* bytes of its data so far; restoring: of the transaction */
	uint64_t last_size; /* of the window before */
	uint64_t pending;
	bool pending_known; /* in this phase */
	bool ended;         /* of this phase: nothing is pending */
	unsigned int empties;
	uint64_t least, windows_since, bytes_since; /* since pending_bytes was the least */
	struct {
		bool tried;
		void *at;
	} maps[MIG_SPARSE_MAX];
};

struct mig_mover {
	struct mig_move *move;
	struct mig_port *port;
	struct mig_sys *sys;
	const struct mig_move_options *options;
	struct mig_ring *ring;
	const volatile sig_atomic_t *stop;
	struct mig_watcher *watcher; /* may be NULL */
	struct mig_error *error;
	struct mig_reading first;
	bool restores;
	bool resumed; /* it has been in RESUMING */
	bool loaded;  /* and left it for good */
	bool over;    /* pre-copy: there was no more for now */
	bool stopped; /* by us, since stopped_ns */
	struct mig_progress progress;
	bool phased;
	uint64_t phase_ns, phase_bytes; /* as the phase began */
	uint64_t begun_ns, told_ns, data_ns, stopped_ns, leave_ns;
	/* The ring's, as last shown; used: how much of the first is full, or is given already. */
	struct mig_slot *slots[MOVER_SLOTS];
	unsigned int shown;
	size_t used;
	size_t grain; /* v2: what the driver gives at a time */
	struct mig_call calls[MOVER_CALLS];
	struct mover_v1 v1;
};

/* 0 or -errno with *error, unless it says otherwise. */
struct mig_mover_ops {
	/* In a phase, before its first data: what the phase before left is forgotten. */
	void (*begin)(struct mig_mover *mover);
	/*
	 * The data of a phase into the ring: stop-and-copy to its end, pre-copy
	 * until there is no more for now (mover->over), it is to be left, or left()
	 * is to be asked again.
	 */
	int (*drain)(struct mig_mover *mover);
	/* What pre-copy has still. */
	int (*left)(struct mig_mover *mover, struct mig_precopy *left);
	/* Of the slots shown some to the device; those that are through are emptied. */
	int (*feed)(struct mig_mover *mover);
	/* Everything the ring had was fed: is it a whole number of transactions? */
	bool (*whole)(const struct mig_mover *mover);
	void (*end)(struct mig_mover *mover);
};

extern const struct mig_mover_ops mig_mover_v1;
extern const struct mig_mover_ops mig_mover_v2;

/*
 * The work, by a copy of the mover on the heap that knows the first state; when
 * it fails, the device is brought back.
 */
int mover_run(const struct mig_mover *like, int (*work)(struct mig_mover *mover));
/*
 * Along the route that the rules have, each step recorded in move. stoppable:
 * *stop is looked at between the steps.
 */
int mover_go(struct mig_mover *mover, enum mig_state target, bool stoppable);
/*
 * Reads the state again before it is written: a device that faulted while its
 * data was moved must not be asked to go anywhere.
 */
int mover_look(struct mig_mover *mover);
/* The device has stopped for as long as it has to: the data is out, or it runs. */
void mover_stopped(struct mig_mover *mover);
/* Between batches: tells of the progress, keeps to the rate, looks at *stop. */
int mover_pause(struct mig_mover *mover);
int mover_nap(struct mig_mover *mover, uint64_t ns);
/* What one call of a save asks for at most. */
size_t mover_chunk(const struct mig_mover *mover);
/* The first count of mover->calls: how many were made. */
int mover_batch(struct mig_mover *mover, size_t count);
/* How many slots a batch is to work on: half of the ring, less when the rate is low. */
unsigned int mover_room(const struct mig_mover *mover);
int mover_free(struct mig_mover *mover);
/* The first count of them are full; slots[0] is the one after them. */
void mover_fill(struct mig_mover *mover, unsigned int count);
/* The first slot as far as it is used. */
void mover_flush(struct mig_mover *mover);
/* *error for the ring's other side, or for us when *stop is set. Returns ret. */
int mover_ring_error(struct mig_mover *mover, int ret);
int mover_error(struct mig_mover *mover, int ret, const char *doing);
/* What the driver shows breaks the protocol. */
int mover_broken(struct mig_mover *mover, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* 0, or -EPERM: a transfer does not begin in the first state. */
int mover_may_begin(struct mig_mover *mover, const char *doing);
int mover_enter(struct mig_mover *mover, enum mig_phase phase);
/* From here on time and bytes are this phase's. */
void mover_phase(struct mig_mover *mover, enum mig_phase phase);

/* After a failure: back to the first state, or reset; the first error stays, and says how it went.
 */
void mover_back(struct mig_mover *mover);

#endif
