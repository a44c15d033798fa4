/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libFuzzer calls, and calls by name only. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
/* libFuzzer's own mutation, for a custom one to begin with. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* Not assert(): that a thing holds is what is tested here, in every build. */
#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition); \
			abort(); \
		} \
	} while (0)

#endif
