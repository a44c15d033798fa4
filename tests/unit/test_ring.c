// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring between two threads. */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "migctl/ring.h"

static volatile sig_atomic_t stop;

struct emptier {
	struct mig_ring *ring;
	unsigned int count; /* slots at a time */
	uint64_t next;      /* the number that the next slot is to have */
	uint64_t fail_at;   /* gives up when it meets this one; 0: never */
	long pause_ns;      /* between two looks */
	int end;            /* what the last look said */
	pthread_t thread;
};

static void number(struct mig_slot *slot, uint64_t n)
{
	memcpy(slot->data, &n, sizeof(n));
	slot->size = n % MIG_SLOT_SIZE;
	slot->more = n % 3 == 0;
}

static void is_number(const struct mig_slot *slot, uint64_t n)
{
	uint64_t found;

	memcpy(&found, slot->data, sizeof(found));
	if (found != n || slot->size != n % MIG_SLOT_SIZE || slot->more != (n % 3 == 0))
		abort(); /* cmocka's asserts are for its own thread */
}

static void *empty_all(void *argument)
{
	struct emptier *emptier = argument;
	struct mig_slot *slots[8];

	for (;;) {
		int got = mig_ring_full(emptier->ring, slots, emptier->count);

		if (got <= 0) {
			emptier->end = got;
			return NULL;
		}
		for (int i = 0; i < got; i++)
			is_number(slots[i], emptier->next++);
		if (emptier->fail_at && emptier->next > emptier->fail_at) {
			mig_ring_fail(emptier->ring, ENOSPC);
			return NULL;
		}
		mig_ring_empty(emptier->ring, (unsigned int)got);
		if (emptier->pause_ns)
			nanosleep(&(struct timespec){ .tv_nsec = emptier->pause_ns }, NULL);
	}
}

static void begin(struct emptier *emptier, unsigned int slots)
{
	stop = 0;
	emptier->ring = mig_ring_open(slots, &stop);
	assert_non_null(emptier->ring);
	assert_int_equal(mig_ring_slots(emptier->ring), slots);
	assert_int_equal(pthread_create(&emptier->thread, NULL, empty_all, emptier), 0);
}

static void end(struct emptier *emptier)
{
	pthread_join(emptier->thread, NULL);
	mig_ring_close(emptier->ring);
}

/* Fills them up to a number, count at a time; what the ring said if it was not 0. */
static int fill_up_to(struct mig_ring *ring, uint64_t from, uint64_t to, unsigned int count)
{
	struct mig_slot *slots[8];

	while (from < to) {
		int ret = mig_ring_free(ring, slots, count);
		unsigned int use = to - from < count ? (unsigned int)(to - from) : count;

		if (ret)
			return ret;
		for (unsigned int i = 0; i < use; i++)
			number(slots[i], from++);
		mig_ring_fill(ring, use);
	}
	return 0;
}

/* Every size of step on both sides, many times around. */
static void test_order(void **state)
{
	(void)state;
	for (unsigned int slots = 2; slots <= 8; slots += 2) {
		for (unsigned int in = 1; in <= slots / 2; in++) {
			for (unsigned int out = 1; out <= slots / 2; out++) {
				struct emptier emptier = { .count = out };

				begin(&emptier, slots);
				assert_int_equal(fill_up_to(emptier.ring, 0, 1001, in), 0);
				mig_ring_end(emptier.ring, 0);
				end(&emptier);
				assert_int_equal(emptier.next, 1001);
				assert_int_equal(emptier.end, 0);
			}
		}
	}
}

/* Who fills waits for room: nothing is overwritten that was not yet taken. */
static void test_slow_emptier(void **state)
{
	struct emptier emptier = { .count = 2, .pause_ns = 2000000 };

	(void)state;
	begin(&emptier, 4);
	assert_int_equal(fill_up_to(emptier.ring, 0, 50, 2), 0);
	mig_ring_end(emptier.ring, 0);
	end(&emptier);
	assert_int_equal(emptier.next, 50);
}

/* Slots asked for and not filled are shown again. */
static void test_shown_again(void **state)
{
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_slot *first[2], *again[2], *full[2];

	(void)state;
	assert_int_equal(mig_ring_free(ring, first, 2), 0);
	assert_ptr_not_equal(first[0], first[1]);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal((uintptr_t)first[i]->data % 4096, 0);
		memset(first[i]->data, (int)i, MIG_SLOT_SIZE);
	}
	assert_int_equal(mig_ring_free(ring, again, 2), 0);
	assert_ptr_equal(first[0], again[0]);
	mig_ring_fill(ring, 1);
	assert_int_equal(mig_ring_free(ring, again, 2), 0);
	assert_ptr_equal(first[1], again[0]);
	assert_int_equal(mig_ring_full(ring, full, 1), 1);
	assert_ptr_equal(full[0], first[0]);
	assert_int_equal(mig_ring_full(ring, full, 1), 1); /* it stays until it is emptied */
	assert_ptr_equal(full[0], first[0]);
	mig_ring_close(ring);
}

/* More was asked for than comes: the rest, then nothing. */
static void test_rest(void **state)
{
	struct mig_ring *ring = mig_ring_open(8, NULL);
	struct mig_slot *slots[4];

	(void)state;
	assert_int_equal(fill_up_to(ring, 0, 3, 1), 0);
	mig_ring_end(ring, 0);
	assert_int_equal(mig_ring_full(ring, slots, 4), 3);
	mig_ring_empty(ring, 3);
	assert_int_equal(mig_ring_full(ring, slots, 4), 0);
	assert_int_equal(mig_ring_full(ring, slots, 4), 0);
	mig_ring_close(ring);
}

/* What came before an error is not taken for a whole. */
static void test_end_with_error(void **state)
{
	struct emptier emptier = { .count = 1 };
	struct mig_slot *slots[1];
	struct mig_ring *ring;

	(void)state;
	begin(&emptier, 2);
	mig_ring_end(emptier.ring, EIO);
	end(&emptier);
	assert_int_equal(emptier.end, -EIO);
	ring = mig_ring_open(2, NULL);
	assert_int_equal(fill_up_to(ring, 0, 1, 1), 0);
	mig_ring_end(ring, EILSEQ);
	assert_int_equal(mig_ring_full(ring, slots, 1), -EILSEQ);
	mig_ring_close(ring);
}

static void test_fail(void **state)
{
	struct emptier emptier = { .count = 1, .fail_at = 7 };
	struct mig_slot *slots[1];

	(void)state;
	begin(&emptier, 2);
	assert_int_equal(fill_up_to(emptier.ring, 0, UINT64_MAX, 1), -ENOSPC);
	assert_int_equal(mig_ring_free(emptier.ring, slots, 1), -ENOSPC);
	end(&emptier);
	/* Room or not: who gave up before the first slot is heard at the first slot. */
	emptier.ring = mig_ring_open(2, NULL);
	mig_ring_fail(emptier.ring, EPIPE);
	assert_int_equal(mig_ring_free(emptier.ring, slots, 1), -EPIPE);
	mig_ring_close(emptier.ring);
}

static void *fail_later(void *ring)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	mig_ring_fail(ring, EPIPE);
	return NULL;
}

static void *fill_later(void *ring)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	mig_ring_fill(ring, 1);
	return NULL;
}

/* Who waits hears of what happens while it waits, and of no less than it asked for. */
static void test_waiting(void **state)
{
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_slot *slots[2];
	pthread_t thread;

	(void)state;
	assert_int_equal(fill_up_to(ring, 0, 1, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, fill_later, ring), 0);
	assert_int_equal(mig_ring_full(ring, slots, 2), 2);
	pthread_join(thread, NULL);
	assert_int_equal(fill_up_to(ring, 2, 4, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, fail_later, ring), 0);
	assert_int_equal(mig_ring_free(ring, slots, 1), -EPIPE);
	pthread_join(thread, NULL);
	mig_ring_close(ring);
}

static void *stop_later(void *argument)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	return argument;
}

/* Nobody fills, nobody empties, and the signal came to another thread. */
static void test_stop(void **state)
{
	struct mig_ring *ring = mig_ring_open(2, &stop);
	struct mig_slot *slots[1];
	pthread_t thread;

	(void)state;
	for (int filling = 0; filling < 2; filling++) {
		stop = 0;
		if (filling)
			assert_int_equal(fill_up_to(ring, 0, 2, 1), 0);
		assert_int_equal(pthread_create(&thread, NULL, stop_later, NULL), 0);
		assert_int_equal(filling ? mig_ring_free(ring, slots, 1)
					 : mig_ring_full(ring, slots, 1),
				 -EINTR);
		pthread_join(thread, NULL);
	}
	mig_ring_close(ring);
	stop = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),          cmocka_unit_test(test_slow_emptier),
		cmocka_unit_test(test_shown_again),    cmocka_unit_test(test_rest),
		cmocka_unit_test(test_end_with_error), cmocka_unit_test(test_fail),
		cmocka_unit_test(test_waiting),        cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
