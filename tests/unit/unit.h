/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cmocka wants included before itself, and words common to the tests. */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migctl/state.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Past the last enumerator too: what a driver shows is no promise. */
#define STATES_AND_BEYOND 12

/*
 * Routes are written as words, a letter a state, as in the notes of the
 * review; the P2P states are the small letters.
 */
static inline enum mig_state letter_state(char letter)
{
	switch (letter) {
	case 'E':
		return MIG_STATE_ERROR;
	case 'S':
		return MIG_STATE_STOP;
	case 'R':
		return MIG_STATE_RUNNING;
	case 'C':
		return MIG_STATE_STOP_COPY;
	case 'M':
		return MIG_STATE_RESUMING;
	case 'P':
		return MIG_STATE_PRE_COPY;
	case 'r':
		return MIG_STATE_RUNNING_P2P;
	case 'p':
		return MIG_STATE_PRE_COPY_P2P;
	}
	fail_msg("no state has the letter %c", letter);
	return MIG_STATE_INVALID;
}

static inline char state_letter(enum mig_state state)
{
	return (unsigned int)state < MIG_STATE_COUNT ? "ESRCMrPp"[state] : '?';
}

static inline bool has_words(const char *text)
{
	return text && text[0] && text[strspn(text, " ")];
}

#endif
