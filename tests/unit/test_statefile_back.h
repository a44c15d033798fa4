/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other way: what test_statefile.h saved, back again. */
#ifndef TEST_STATEFILE_BACK_H
#define TEST_STATEFILE_BACK_H

#include "test_statefile.h"

struct taken {
	uint64_t bytes;
	size_t transactions, pieces;
	uint64_t inside; /* of the transaction that is not complete */
};

/* Each piece is what it has to be. */
static inline int take(void *context, const uint8_t *data, const struct mig_saved_piece *piece,
		       struct mig_error *error)
{
	struct taken *taken = context;

	(void)error;
	for (size_t i = 0; i < piece->size; i++)
		if (data[i] != pattern(taken->bytes + i))
			fail_msg("byte %llu differs", (unsigned long long)taken->bytes + i);
	taken->bytes += piece->size;
	taken->inside += piece->size;
	taken->pieces++;
	if (piece->more)
		return 0;
	assert_int_equal(taken->inside, sizes[taken->transactions++]);
	taken->inside = 0;
	return 0;
}

/* What the device's side does of a restore. */
static inline int empty_all(struct mig_ring *ring, struct taken *taken)
{
	struct mig_slot *slots[2];
	int count;

	*taken = (struct taken){ 0 };
	while ((count = mig_ring_full(ring, slots, 2)) > 0) {
		for (int i = 0; i < count; i++)
			take(taken, slots[i]->data,
			     &(struct mig_saved_piece){ slots[i]->size, slots[i]->more }, NULL);
		mig_ring_empty(ring, (unsigned int)count);
	}
	return count;
}

static inline struct mig_in *open_in(const char *path, const volatile sig_atomic_t *stop)
{
	struct mig_error error;
	struct mig_in *in;

	if (mig_in_open(&in, path, stop, &error))
		fail_msg("%s", error.text);
	return in;
}

static inline void assert_all(const struct taken *taken, const struct mig_saved_totals *totals)
{
	assert_int_equal(taken->bytes, total_size());
	assert_int_equal(taken->transactions, TRANSACTIONS);
	assert_int_equal(totals->bytes, total_size());
	assert_int_equal(totals->transactions, TRANSACTIONS);
}

/* All of a restore, as the commands do it. */
static inline void restore(const char *path, const struct mig_saved_totals *saved)
{
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_in *in = open_in(path, NULL);
	struct mig_saved_totals totals;
	struct mig_saved_meta meta;
	struct mig_error error;
	struct taken taken;

	if (mig_in_twice(in)) {
		assert_int_equal(mig_in_check(in, &totals, &error), 0);
		assert_memory_equal(totals.digest, saved->digest, sizeof(totals.digest));
	}
	assert_int_equal(mig_in_meta(in, &meta, &error), 0);
	assert_string_equal(meta.name, meta_here.name);
	assert_int_equal(mig_in_start(in, ring, &error), 0);
	assert_int_equal(empty_all(ring, &taken), 0);
	assert_int_equal(mig_in_finish(in, &totals, &error), 0);
	assert_all(&taken, &totals);
	assert_memory_equal(totals.digest, saved->digest, sizeof(totals.digest));
	assert_true(mig_in_close(in));
	mig_ring_close(ring);
}

#endif
