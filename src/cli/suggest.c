// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"

#define WORD_MAX 40

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits, two letters exchanged counting as one, for fingers do that. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[WORD_MAX + 1][WORD_MAX + 1], a_len = strlen(a), b_len = strlen(b);

	for (size_t i = 0; i <= a_len; i++)
		rows[i][0] = i;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = least(rows[i - 1][j], rows[i][j - 1]) + 1;

			best = least(best, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = least(best, rows[i - 2][j - 2] + 1);
			rows[i][j] = best;
		}
	}
	return rows[a_len][b_len];
}

const char *cli_suggest(const char *word, const char *const *known, size_t count)
{
	const char *nearest = NULL;
	size_t best = 3; /* further away it is another word */

	if (!*word || strlen(word) > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t far;

		if (strlen(known[i]) > WORD_MAX)
			continue;
		far = distance(word, known[i]);
		/* Nor is it a mistyped word when most of its letters differ. */
		if (far < best && far < strlen(known[i]) / 2 + 1) {
			best = far;
			nearest = known[i];
		}
	}
	return nearest;
}

int cli_unknown(struct mig_error *error, const char *what, const char *word,
		const char *const *known, size_t count)
{
	const char *nearest = cli_suggest(word, known, count);
	size_t used = 0;

	mig_error_set(error, MIG_KIND_USAGE, 0, "unknown %s \"%.60s\"%s", what, word,
		      strlen(word) > 60 ? "..." : "");
	if (nearest) {
		mig_error_hint(error, "did you mean \"%s\"?", nearest);
		return -EINVAL;
	}
	for (size_t i = 0; i < count && used < sizeof(error->hint); i++)
		used += (size_t)snprintf(error->hint + used, sizeof(error->hint) - used, "%s%s",
					 i ? ", " : "one of: ", known[i]);
	return -EINVAL;
}

int cli_parse_state(const char *word, enum mig_state *state, struct mig_error *error)
{
	const char *names[MIG_STATE_COUNT];

	if (mig_state_parse(word, state))
		return 0;
	for (int i = 0; i < MIG_STATE_COUNT; i++)
		names[i] = mig_state_name((enum mig_state)i);
	return cli_unknown(error, "state", word, names, MIG_STATE_COUNT);
}
