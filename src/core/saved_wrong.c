// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "saved_wrong.h"

#define WHERE 80

/* "block 3 (DATA) at byte 264"; a type need not be letters. */
static const char *where(const struct saved_block *block, char text[WHERE])
{
	char type[32] = "";

	if (!block)
		return "the file header";
	if (block->type) {
		int letters = 4;
		bool plain = true;

		for (int i = 0; i < 4; i++)
			plain &= block->header[i] >= ' ' && block->header[i] <= '~';
		while (letters > 1 && block->header[letters - 1] == ' ')
			letters--;
		if (plain)
			snprintf(type, sizeof(type), " (%.*s)", letters,
				 (const char *)block->header);
		else
			snprintf(type, sizeof(type), " (type 0x%08" PRIx32 ")", block->type);
	}
	snprintf(text, WHERE, "block %" PRIu64 "%s at byte %" PRIu64, block->number, type,
		 block->at);
	return text;
}

static int say(struct mig_error *error, int err, const char *verdict,
	       const struct saved_block *block, const char *format, va_list args)
{
	char why[384], place[WHERE];

	vsnprintf(why, sizeof(why), format, args);
	return mig_error_set(error, MIG_KIND_BAD_STATE, err, "the saved state %s: %s: %s", verdict,
			     where(block, place), why);
}

static void hint_copy(struct mig_error *error)
{
	mig_error_hint(error, "it was changed or cut short after it was saved, or the save did "
			      "not end: copy it again and compare sha256sum(1) on both sides, "
			      "or save it again");
}

int saved_wrong(struct mig_error *error, const struct saved_block *block, const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = say(error, EBADMSG, "is damaged", block, format, args);
	va_end(args);
	hint_copy(error);
	return ret;
}

int saved_wrong_newer(struct mig_error *error, const struct saved_block *block, const char *format,
		      ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = say(error, EPROTONOSUPPORT, "is of another version", block, format, args);
	va_end(args);
	mig_error_hint(error, "this is version " MIGCTL_VERSION
			      ": use the version of vfio-migctl that saved it");
	return ret;
}

int saved_wrong_end(struct mig_error *error, const struct saved_block *block, uint64_t at,
		    const char *part)
{
	char place[WHERE];
	int ret;

	if (!block)
		ret = mig_error_set(
			error, MIG_KIND_BAD_STATE, EBADMSG,
			"the saved state is damaged: it ends at byte %" PRIu64 ", in %s", at, part);
	else if (!part)
		ret = mig_error_set(error, MIG_KIND_BAD_STATE, EBADMSG,
				    "the saved state is damaged: it ends at byte %" PRIu64
				    " after %" PRIu64 " blocks, expected block %" PRIu64,
				    at, block->number, block->number);
	else
		ret = mig_error_set(error, MIG_KIND_BAD_STATE, EBADMSG,
				    "the saved state is damaged: it ends at byte %" PRIu64
				    ", in %s of %s",
				    at, part, where(block, place));
	hint_copy(error);
	return ret;
}

int saved_wrong_magic(struct mig_error *error, const uint8_t *bytes, size_t size)
{
	int ret = mig_error_set(error, MIG_KIND_BAD_STATE, EBADMSG,
				"this is no saved state of vfio-migctl: %s",
				size ? "it does not begin as one does" : "it is empty");

	/* The first four letters, but not the line ends that were put after them. */
	if (size >= SAVED_MAGIC_SIZE && !memcmp(bytes, SAVED_MAGIC, 4))
		mig_error_hint(error, "a transfer in text mode changed its line ends: transfer it "
				      "again in binary mode");
	else if (!size)
		mig_error_hint(error, "did the command that was to write it fail?");
	else
		mig_error_hint(error,
			       "give what `vfio-migctl save` wrote; the driver's bytes alone "
			       "(--raw) do not say what they are of");
	return ret;
}

int saved_wrong_input(struct mig_error *error, int ret, uint64_t at)
{
	if (ret == -EBADMSG) {
		mig_error_set(error, MIG_KIND_BAD_STATE, EBADMSG,
			      "the saved state is damaged: what comes after byte %" PRIu64
			      " does not decompress",
			      at);
		hint_copy(error);
		return ret;
	}
	return mig_error_set(error, MIG_KIND_FAILED, -ret,
			     "cannot read the saved state at byte %" PRIu64 ": %s", at,
			     strerror(-ret));
}
