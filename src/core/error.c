// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "migctl/error.h"

static const char *const kind_names[] = {
	[MIG_KIND_OK] = "ok",
	[MIG_KIND_FAILED] = "failed",
	[MIG_KIND_USAGE] = "usage",
	[MIG_KIND_NO_DEVICE] = "no-device",
	[MIG_KIND_BUSY] = "busy",
	[MIG_KIND_NO_MIGRATION] = "no-migration",
	[MIG_KIND_REFUSED] = "refused",
	[MIG_KIND_NAK] = "nak",
	[MIG_KIND_ASTRAY] = "astray",
	[MIG_KIND_FAULTED] = "faulted",
	[MIG_KIND_TIMEOUT] = "timeout",
	[MIG_KIND_BAD_STATE] = "bad-state",
	[MIG_KIND_CHECK_FAILED] = "check-failed",
};

int mig_error_set(struct mig_error *error, enum mig_kind kind, int err, const char *format, ...)
{
	va_list args;

	error->kind = kind;
	error->cause = MIG_CAUSE_NONE;
	error->err = err;
	error->hint[0] = '\0';
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return err ? -err : -EIO;
}

void mig_error_add(struct mig_error *error, const char *format, ...)
{
	size_t used = strlen(error->text);
	va_list args;

	va_start(args, format);
	vsnprintf(error->text + used, sizeof(error->text) - used, format, args);
	va_end(args);
}

void mig_error_hint(struct mig_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->hint, sizeof(error->hint), format, args);
	va_end(args);
}

const char *mig_kind_name(enum mig_kind kind)
{
	return kind_names[kind];
}

const char *mig_errno_name(int err)
{
	return err ? strerrorname_np(err) : NULL;
}
