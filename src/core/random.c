// SPDX-License-Identifier: GPL-2.0-or-later
#include "migctl/random.h"

uint64_t mig_random_next(struct mig_random *random)
{
	uint64_t word = random->state += 0x9e3779b97f4a7c15u;

	word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
	word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
	return word ^ (word >> 31);
}

/* Some numbers come more often by below in 2^64: nobody will see that. */
uint64_t mig_random_below(struct mig_random *random, uint64_t below)
{
	return mig_random_next(random) % below;
}
