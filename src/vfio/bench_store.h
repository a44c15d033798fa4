/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other side of a bench's ring: a thread that keeps what is saved in
 * memory, and gives it again when that is restored.
 */
#ifndef MIGCTL_BENCH_STORE_H
#define MIGCTL_BENCH_STORE_H

#include <pthread.h>
#include <stdbool.h>

#include "migctl/ring.h"

struct bench_piece {
	size_t size;
	bool more; /* as in struct mig_slot */
};

struct bench_store {
	struct mig_ring *ring;
	uint64_t most; /* bytes to be kept at most */
	uint8_t *data;
	size_t size, room;
	struct bench_piece *pieces;
	size_t count, pieces_room;
	bool whole;   /* what was saved last is all there */
	bool full;    /* it is not, for it is too large */
	bool keep;    /* what comes is to be kept */
	size_t chunk; /* what is given: pieces of so many bytes at most; 0: as they came */
	pthread_t thread;
};

/* Takes from the ring, or gives to it, until bench_store_join(). -errno: no thread. */
int bench_store_take(struct bench_store *store, bool keep);
int bench_store_give(struct bench_store *store, size_t chunk);
void bench_store_join(struct bench_store *store);
void bench_store_clear(struct bench_store *store);

#endif
