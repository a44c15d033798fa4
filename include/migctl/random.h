/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream of numbers from a seed, the same on every machine: a walk that was
 * seen to fail in one place is to be walked in another. No C library promises
 * that of random(3), and nrand48(3) takes 48 bits of a seed only.
 */
#ifndef MIGCTL_RANDOM_H
#define MIGCTL_RANDOM_H

#include <stdint.h>

struct mig_random {
	uint64_t state; /* the seed, at first */
};

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014 (SplitMix64). */
uint64_t mig_random_next(struct mig_random *random);
/* From 0 to below - 1; below is not 0. */
uint64_t mig_random_below(struct mig_random *random, uint64_t below);

#endif
