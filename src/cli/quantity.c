// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Powers of 1024, as dd(1) and qemu-img(1) read these letters; "MiB" is "M". */
static bool parse_unit(const char *word, unsigned int *shift)
{
	static const char letters[] = "KMGT";
	const char *letter;

	*shift = 0;
	if (!*word)
		return true;
	letter = strchr(letters, *word & ~0x20);
	if (!letter || !*letter || (word[1] && strcmp(word + 1, "iB")))
		return false;
	*shift = 10 * (unsigned int)(letter - letters + 1);
	return true;
}

bool cli_parse_bytes(const char *word, uint64_t *bytes)
{
	unsigned int shift;
	char *end;

	/* strtoull() takes a sign and blanks. */
	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	*bytes = strtoull(word, &end, 10);
	if (errno || !parse_unit(end, &shift) || *bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

bool cli_parse_seconds(const char *word, const char *unit, double *seconds)
{
	char *end;

	*seconds = strtod(word, &end);
	/* A year is more patience than anyone has, and fits every clock. */
	return end != word && !strcmp(end, unit) && isfinite(*seconds) && *seconds >= 0 &&
	       *seconds <= 3.2e7;
}
