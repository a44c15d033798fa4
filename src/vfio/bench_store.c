// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bench_store.h"

/* With room for so many at least; NULL: no memory, and it is as it was. */
static void *grow(void *memory, size_t *room, size_t wanted, size_t size)
{
	size_t more = *room ? *room : 64;
	void *grown;

	if (wanted <= *room)
		return memory;
	while (more < wanted)
		more *= 2;
	grown = reallocarray(memory, more, size);
	if (grown)
		*room = more;
	return grown;
}

static bool keep(struct bench_store *store, const struct mig_slot *slot)
{
	struct bench_piece *pieces;
	uint8_t *data;

	if (slot->size > store->most - store->size)
		return false;
	data = grow(store->data, &store->room, store->size + slot->size, 1);
	if (!data)
		return false;
	store->data = data;
	pieces = grow(store->pieces, &store->pieces_room, store->count + 1, sizeof(*pieces));
	if (!pieces)
		return false;
	store->pieces = pieces;
	memcpy(store->data + store->size, slot->data, slot->size);
	store->size += slot->size;
	pieces[store->count++] = (struct bench_piece){ .size = slot->size, .more = slot->more };
	return true;
}

/* What is too much to be kept is saved all the same. */
static void *take(void *context)
{
	struct bench_store *store = context;
	struct mig_slot *slot;
	int got;

	while ((got = mig_ring_full(store->ring, &slot, 1)) > 0) {
		if (store->keep && !store->full)
			store->full = !keep(store, slot);
		mig_ring_empty(store->ring, 1);
	}
	if (store->keep)
		store->whole = !got && !store->full;
	return NULL;
}

/* A piece in parts, which all belong to one transaction. */
static int give_piece(struct bench_store *store, const uint8_t *data,
		      const struct bench_piece *piece)
{
	size_t chunk = store->chunk && store->chunk < MIG_SLOT_SIZE ? store->chunk : MIG_SLOT_SIZE;
	size_t done = 0;

	do {
		size_t size = piece->size - done < chunk ? piece->size - done : chunk;
		struct mig_slot *slot;
		int ret = mig_ring_free(store->ring, &slot, 1);

		if (ret)
			return ret;
		memcpy(slot->data, data + done, size);
		done += size;
		slot->size = size;
		slot->more = piece->more || done < piece->size;
		mig_ring_fill(store->ring, 1);
	} while (done < piece->size);
	return 0;
}

static void *give(void *context)
{
	struct bench_store *store = context;
	size_t at = 0;
	int ret = 0;

	for (size_t i = 0; !ret && i < store->count; i++) {
		ret = give_piece(store, store->data + at, &store->pieces[i]);
		at += store->pieces[i].size;
	}
	mig_ring_end(store->ring, -ret);
	return NULL;
}

/* Without signals: they are for the thread that has a device to bring back. */
static int start(struct bench_store *store, void *(*run)(void *))
{
	sigset_t all, old;
	int err;

	mig_ring_reset(store->ring);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&store->thread, NULL, run, store);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

int bench_store_take(struct bench_store *store, bool keep_it)
{
	store->keep = keep_it;
	if (keep_it) {
		store->size = store->count = 0;
		store->whole = store->full = false;
	}
	return start(store, take);
}

int bench_store_give(struct bench_store *store, size_t chunk)
{
	store->chunk = chunk;
	return start(store, give);
}

void bench_store_join(struct bench_store *store)
{
	pthread_join(store->thread, NULL);
}

void bench_store_clear(struct bench_store *store)
{
	free(store->data);
	free(store->pieces);
}
