/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of the storm: chance, and what the drivers do. See storm.c. */
#ifndef STORM_H
#define STORM_H

#include <stdint.h>

/* Simulated devices s0 to s3. */
#define DEVICES 4
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

int64_t now_ms(void);

extern uint64_t seed;
void chance_begin(uint64_t seed);
uint64_t below(uint64_t bound);
const char *any_state(void);

/* What was written to the simulator, and what it did not take. */
extern unsigned long written, not_taken;

/* One change of one device; and what went away comes back when it can. */
void weather_change(void);
/* All is well again: what hangs goes on. */
void weather_calm(void);
/* The latest changes, on stdout. */
void weather_tell(void);

#endif
