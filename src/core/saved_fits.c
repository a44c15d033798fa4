// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "migctl/escape.h"
#include "saved_form.h"

#define ROW(what, member) \
	{ \
		what, offsetof(struct mig_saved_meta, member) \
	}

struct row {
	const char *what;
	size_t at;
};

/* In the order of what makes a device another kind of device most. */
static const struct row kind[] = {
	ROW("bus", bus),
	ROW("vendor id", vendor),
	ROW("device id", device),
	ROW("subsystem vendor id", subsystem_vendor),
	ROW("subsystem device id", subsystem_device),
	ROW("driver", driver),
};

static const struct row firmware[] = {
	ROW("firmware version", firmware_version),
	ROW("firmware PSID", firmware_psid),
};

static int differs(struct mig_error *error, const char *what, const char *saved, const char *here)
{
	char there[256], mine[256];

	return mig_error_set(error, MIG_KIND_BAD_STATE, EXDEV,
			     "another %s: the state was saved with %s, the device has %s", what,
			     mig_escape(there, sizeof(there), saved),
			     mig_escape(mine, sizeof(mine), here));
}

static int compare(const struct row *rows, size_t count, const struct mig_saved_meta *meta,
		   const struct mig_saved_meta *here, struct mig_error *error)
{
	for (size_t i = 0; i < count; i++) {
		const char *saved = (const char *)meta + rows[i].at;
		const char *mine = (const char *)here + rows[i].at;

		if (saved[0] && mine[0] && strcmp(saved, mine))
			return differs(error, rows[i].what, saved, mine);
	}
	return 0;
}

static int compare_protocol(const struct mig_saved_meta *meta, const struct mig_saved_meta *here,
			    struct mig_error *error)
{
	unsigned int lacking = meta->caps & ~here->caps;

	if (meta->protocol == MIG_PROTOCOL_NONE || here->protocol == MIG_PROTOCOL_NONE)
		return 0;
	if (meta->protocol != here->protocol)
		return differs(error, "protocol", mig_protocol_name(meta->protocol),
			       mig_protocol_name(here->protocol));
	for (unsigned int cap = 1; cap <= MIG_CAPS_ALL; cap <<= 1)
		if (lacking & cap)
			return mig_error_set(error, MIG_KIND_BAD_STATE, EXDEV,
					     "the state was saved with the capability %s, "
					     "which the device has not",
					     mig_cap_name(cap));
	return 0;
}

int mig_saved_fits(const struct mig_saved_meta *meta, const struct mig_saved_meta *here,
		   struct mig_error *error)
{
	int ret = compare(kind, sizeof(kind) / sizeof(*kind), meta, here, error);

	if (!ret)
		ret = compare_protocol(meta, here, error);
	if (ret) {
		mig_error_hint(error, "restore it to a device of the same kind and driver; "
				      "--force overrides this");
		return ret;
	}
	ret = compare(firmware, sizeof(firmware) / sizeof(*firmware), meta, here, error);
	if (ret)
		mig_error_hint(error, "give both devices the same firmware; --force overrides "
				      "this, and the driver may still refuse the state");
	return ret;
}
