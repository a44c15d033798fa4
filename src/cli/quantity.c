// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
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

static bool parse_address(const char *word, uint64_t *address)
{
	char *end;

	if (word[0] != '0' || (word[1] | 0x20) != 'x')
		return cli_parse_bytes(word, address);
	/* strtoull() would take a sign, blanks or another 0x behind it. */
	if (!isxdigit((unsigned char)word[2]) || (word[3] | 0x20) == 'x')
		return false;
	errno = 0;
	*address = strtoull(word + 2, &end, 16);
	return !errno && !*end;
}

bool cli_parse_range(const char *word, size_t len, struct mig_dirty_range *range)
{
	char text[64], *middle;
	bool ends;

	if (len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	middle = strpbrk(text, "+-");
	if (!middle)
		return false;
	ends = *middle == '-';
	*middle = '\0';
	if (!parse_address(text, &range->iova) || !parse_address(middle + 1, &range->length))
		return false;
	if (!ends)
		return true;
	/* Backwards is a slip, not a range that goes round. */
	if (range->length < range->iova)
		return false;
	range->length -= range->iova;
	return true;
}
