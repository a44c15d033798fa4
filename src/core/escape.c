// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "migctl/escape.h"

/*
 * The length of the UTF-8 character at text, 0 when there is none: overlong
 * forms, surrogates and what is above U+10FFFF are not UTF-8 (RFC 3629, 4).
 */
static size_t utf8_length(const unsigned char *text)
{
	unsigned int c = text[0], low = 0x80, high = 0xbf;
	size_t len;

	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		len = 2;
	else if (c >= 0xe0 && c <= 0xef)
		len = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		len = 4;
	else
		return 0;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if (text[1] < low || text[1] > high)
		return 0;
	/* A NUL is no continuation byte, so this stops at the string's end. */
	for (size_t i = 2; i < len; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return 0;
	return len;
}

/* U+0080 to U+009F are control characters too: a terminal may take them as CSI and kin. */
static bool is_control(const unsigned char *text)
{
	return text[0] < 0x20 || text[0] == 0x7f || (text[0] == 0xc2 && text[1] < 0xa0);
}

char *mig_escape(char *out, size_t size, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t used = 0;

	while (*at) {
		size_t len = utf8_length(at);

		if (len && !is_control(at)) {
			if (used + len >= size)
				break;
			memcpy(out + used, at, len);
			used += len;
			at += len;
			continue;
		}
		if (used + 4 >= size)
			break;
		used += (size_t)sprintf(out + used, "\\x%02x", *at++);
	}
	out[used] = '\0';
	return out;
}

bool mig_name_is_plain(const char *name)
{
	return name[0] && name[0] != '-' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789:._+@,-")] == '\0';
}
