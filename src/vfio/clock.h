/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGCTL_CLOCK_H
#define MIGCTL_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "raw_call.h"

/* Monotonic. From the vDSO: no system call, no errno; so the worker may ask too. */
BARE static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
