// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "migctl/ring.h"

/* How often who waits looks at *stop: a few times a second. */
#define LOOK_NS 200000000
/* Of the kernel's large pages on x86; elsewhere they may be others, and the advice is lost. */
#define LARGE_PAGE (2u << 20)

/* filled and emptied count from the beginning: slot n is the one at n modulo count. */
struct mig_ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const volatile sig_atomic_t *stop;
	uint64_t filled, emptied;
	bool ended, failed;
	int end_err, fail_err; /* positive */
	unsigned int count;
	uint8_t *memory;
	struct mig_slot slots[];
};

struct mig_ring *mig_ring_open(unsigned int slots, const volatile sig_atomic_t *stop)
{
	struct mig_ring *ring = calloc(1, sizeof(*ring) + slots * sizeof(*ring->slots));
	size_t size = (size_t)slots * MIG_SLOT_SIZE;
	pthread_condattr_t monotonic;

	if (!ring)
		return NULL;
	ring->memory = aligned_alloc(LARGE_PAGE, (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
	if (!ring->memory) {
		free(ring);
		return NULL;
	}
	/* A few faults at the first touch, not thousands. */
	madvise(ring->memory, size, MADV_HUGEPAGE);
	ring->stop = stop;
	ring->count = slots;
	for (unsigned int i = 0; i < slots; i++)
		ring->slots[i].data = ring->memory + (size_t)i * MIG_SLOT_SIZE;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&ring->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return ring;
}

void mig_ring_close(struct mig_ring *ring)
{
	if (!ring)
		return;
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	free(ring->memory);
	free(ring);
}

void mig_ring_reset(struct mig_ring *ring)
{
	ring->filled = ring->emptied = 0;
	ring->ended = ring->failed = false;
	ring->end_err = ring->fail_err = 0;
}

unsigned int mig_ring_slots(const struct mig_ring *ring)
{
	return ring->count;
}

/* A while, or until something changed. False: *stop is set. */
static bool wait_a_while(struct mig_ring *ring)
{
	struct timespec until;

	/* The handler may run on the other thread. */
	if (ring->stop && __atomic_load_n(ring->stop, __ATOMIC_RELAXED))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&ring->changed, &ring->lock, &until);
	return true;
}

static void show(struct mig_ring *ring, struct mig_slot **slots, uint64_t from, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		slots[i] = &ring->slots[(from + i) % ring->count];
}

int mig_ring_free(struct mig_ring *ring, struct mig_slot **slots, unsigned int count)
{
	int ret = 0;

	pthread_mutex_lock(&ring->lock);
	while (!ret && !ring->failed && ring->count - (ring->filled - ring->emptied) < count)
		if (!wait_a_while(ring))
			ret = -EINTR;
	if (ring->failed)
		ret = -ring->fail_err;
	if (!ret)
		show(ring, slots, ring->filled, count);
	pthread_mutex_unlock(&ring->lock);
	return ret;
}

void mig_ring_fill(struct mig_ring *ring, unsigned int count)
{
	pthread_mutex_lock(&ring->lock);
	ring->filled += count;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void mig_ring_end(struct mig_ring *ring, int err)
{
	pthread_mutex_lock(&ring->lock);
	ring->ended = true;
	ring->end_err = err;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

int mig_ring_full(struct mig_ring *ring, struct mig_slot **slots, unsigned int count)
{
	uint64_t full;
	int ret = 0;

	pthread_mutex_lock(&ring->lock);
	while (!ret && !ring->ended && ring->filled - ring->emptied < count)
		if (!wait_a_while(ring))
			ret = -EINTR;
	/* What came before an end with an error is a part of nothing: not to be taken. */
	if (ring->ended && ring->end_err)
		ret = -ring->end_err;
	if (!ret) {
		full = ring->filled - ring->emptied;
		ret = (int)(full < count ? full : count);
		show(ring, slots, ring->emptied, (unsigned int)ret);
	}
	pthread_mutex_unlock(&ring->lock);
	return ret;
}

void mig_ring_empty(struct mig_ring *ring, unsigned int count)
{
	pthread_mutex_lock(&ring->lock);
	ring->emptied += count;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void mig_ring_fail(struct mig_ring *ring, int err)
{
	pthread_mutex_lock(&ring->lock);
	ring->failed = true;
	ring->fail_err = err;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}
