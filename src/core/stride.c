// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/stride.h"

static const char *const words[MIG_STRIDE_KINDS] = {
	[MIG_STRIDE_READ] = "read",
	[MIG_STRIDE_DRAIN] = "drain",
	[MIG_STRIDE_WRITE] = "write",
	[MIG_STRIDE_WRITE_ALL] = "write-all",
	[MIG_STRIDE_PRECOPY_INFO] = "precopy-info",
	[MIG_STRIDE_DATA_SIZE] = "data-size",
	[MIG_STRIDE_GET] = "get",
	[MIG_STRIDE_RESET] = "reset",
	[MIG_STRIDE_CLOSE] = "close",
	[MIG_STRIDE_REOPEN] = "reopen",
};

static bool has_amount(enum mig_stride_kind kind)
{
	return kind == MIG_STRIDE_READ || kind == MIG_STRIDE_WRITE;
}

const char *mig_stride_text(const struct mig_stride *stride, char text[MIG_STRIDE_TEXT])
{
	const char *word = words[stride->kind];

	if (stride->kind == MIG_STRIDE_SET)
		word = mig_state_name(stride->state);
	if (has_amount(stride->kind))
		snprintf(text, MIG_STRIDE_TEXT, "%s:%" PRIu32, word, stride->amount);
	else
		snprintf(text, MIG_STRIDE_TEXT, "%s", word);
	return text;
}

size_t mig_strides_text(const struct mig_stride *strides, size_t count, char *text, size_t size)
{
	size_t used = 0;

	if (size)
		text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		char word[MIG_STRIDE_TEXT];

		used += (size_t)snprintf(used < size ? text + used : NULL,
					 used < size ? size - used : 0, "%s%s", i ? "," : "",
					 mig_stride_text(&strides[i], word));
	}
	return used;
}

/* "100", from 1 on and no sign. */
static bool parse_amount(const char *word, uint32_t *amount)
{
	unsigned long long number;
	char *end;

	if (word[0] < '0' || word[0] > '9')
		return false;
	errno = 0;
	number = strtoull(word, &end, 10);
	*amount = (uint32_t)number;
	return !errno && !*end && number && number <= UINT32_MAX;
}

static bool parse_word(const char *word, struct mig_stride *stride)
{
	size_t length = strcspn(word, ":");

	*stride = (struct mig_stride){ .kind = MIG_STRIDE_SET };
	if (mig_state_parse(word, &stride->state))
		return stride->state != MIG_STATE_ERROR;
	for (int kind = MIG_STRIDE_READ; kind < MIG_STRIDE_KINDS; kind++) {
		*stride = (struct mig_stride){ .kind = (enum mig_stride_kind)kind };
		if (strlen(words[kind]) != length || strncmp(words[kind], word, length) != 0)
			continue;
		if (has_amount(stride->kind))
			return word[length] && parse_amount(word + length + 1, &stride->amount);
		return !word[length];
	}
	return false;
}

static int unknown(const char *word, struct mig_error *error)
{
	mig_error_set(error, MIG_KIND_USAGE, 0, "\"%s\" is no step of a walk", word);
	mig_error_hint(error, "a state to be set, read:N, drain, write:N, write-all, precopy-info, "
			      "data-size, get, reset, close or reopen, with commas between them");
	return -EINVAL;
}

int mig_strides_parse(const char *list, struct mig_stride **strides, size_t *count,
		      struct mig_error *error)
{
	struct mig_stride *room;
	size_t most = 1;

	for (const char *at = list; *at; at++)
		most += *at == ',';
	room = calloc(most, sizeof(*room));
	if (!room)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory for the steps");
	*count = 0;
	for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		char word[MIG_STRIDE_TEXT];
		int length = (int)strcspn(at, ",");
		int wrote = snprintf(word, sizeof(word), "%.*s", length, at);

		if (wrote >= (int)sizeof(word) || !parse_word(word, &room[*count])) {
			free(room);
			return unknown(word, error);
		}
		++*count;
	}
	*strides = room;
	return 0;
}
