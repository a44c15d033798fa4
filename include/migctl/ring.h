/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The belt between the thread that talks to the device and the one that talks
 * to the file: a ring of page-aligned buffers, filled in order by one thread
 * and emptied in order by the other. Memory stays the same whatever the size
 * of what goes through.
 */
#ifndef MIGCTL_RING_H
#define MIGCTL_RING_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one slot holds, and the most that one block of the saved form does. */
#define MIG_SLOT_SIZE (1024u * 1024u)

/*
 * A piece of what the driver gave or is to get. In v1 the sizes of the
 * transactions are part of the state: one larger than a slot goes on in the
 * next.
 */
struct mig_slot {
	uint8_t *data; /* MIG_SLOT_SIZE bytes, page-aligned; the ring's */
	size_t size;   /* how many of them are used; 0 is a piece too */
	bool more;     /* the same transaction goes on in the next slot */
};

struct mig_ring;

/*
 * NULL: no memory. slots is even, and at least 2. Whoever waits looks at *stop
 * a few times a second, and gets -EINTR once it is set; NULL: nothing to look at.
 */
struct mig_ring *mig_ring_open(unsigned int slots, const volatile sig_atomic_t *stop);
/* After both sides are done. Not once a call of the seam is stuck: it may write to a slot still. */
void mig_ring_close(struct mig_ring *ring);
/* As it was when it was opened; after both sides are done, likewise. */
void mig_ring_reset(struct mig_ring *ring);
unsigned int mig_ring_slots(const struct mig_ring *ring);

/*
 * The filling side. Waits until count slots are free (at most half of the
 * ring), and shows them in order; they stay ours. -errno: the other side has
 * given up with it, now or earlier.
 */
int mig_ring_free(struct mig_ring *ring, struct mig_slot **slots, unsigned int count);
/* The first count of them are full. */
void mig_ring_fill(struct mig_ring *ring, unsigned int count);
/* No more will come; err is 0, or the positive errno that all ended with. Once. */
void mig_ring_end(struct mig_ring *ring, int err);

/*
 * The emptying side. Waits until count slots are full or all has come, and
 * shows as many, in order: how many, 0 after the last, -errno when the other
 * side ended with one.
 */
int mig_ring_full(struct mig_ring *ring, struct mig_slot **slots, unsigned int count);
void mig_ring_empty(struct mig_ring *ring, unsigned int count);
/* Nothing more will be taken: what the filling side gets is -err. */
void mig_ring_fail(struct mig_ring *ring, int err);

#endif
