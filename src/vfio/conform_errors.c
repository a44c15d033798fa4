// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a request leaves the device that fails. A legal one that does: to leave
 * RESUMING with a part of a load, where a driver finds that.
 */
#include <stdio.h>

#include "conform_load.h"
#include "migctl/route.h"

static void judge(struct conform *conform, enum mig_state to)
{
	char text[MIG_STATE_TEXT], said[CONFORM_SAID];

	if (!conform->err && conform->after.state == to)
		conform_skip(conform, "a part of a load is accepted, so nothing fails");
	else if (!conform->err)
		conform_fail(conform, "the driver said success, and the state is %s",
			     mig_reading_name(conform->after, text));
	else if (conform->port->set_took >= 0)
		conform_fail(conform, "the driver took %s, which is no errno",
			     conform_said(conform, said));
	else if (!conform_on_path(conform, to))
		conform_fail(conform,
			     "the driver said %s, and the state is %s, which is not on the way",
			     conform_said(conform, said), mig_reading_name(conform->after, text));
	else
		conform_note(conform, "%s, and the state is %s", conform_said(conform, said),
			     mig_reading_name(conform->after, text));
}

static void short_load(struct conform *conform)
{
	if (conform_begin_load(conform) || conform_load_part(conform) ||
	    conform_set(conform, conform->test->to))
		return;
	judge(conform, conform->test->to);
	/* What was loaded is not to come alive, nor to be what the next test begins with. */
	conform_reset(conform);
}

static const struct conform_test v1 = {
	.authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		     "a write that fails has an errno, and the state is the one before or _ERROR",
	.needs_reset = true,
	.run = short_load,
};

static const struct conform_test v2 = {
	.authority = "include/uapi/linux/vfio.h, vfio_device_feature_mig_state: after a failure "
		     "the state is the original one or another on the way of the transition, or "
		     "ERROR",
	.needs_reset = true, /* to go to ERROR is the driver's right */
	.run = short_load,
};

static void list(struct conform_list *list)
{
	const struct mig_rules rules = { .protocol = conform_list_protocol(list),
					 .table = MIG_TABLE_REVIEWED,
					 .caps = conform_list_caps(list) };

	for (int to = 0; to < MIG_STATE_COUNT; to++) {
		struct mig_ruling ruling;
		char name[MIG_CONFORM_NAME];

		mig_rule(&rules, MIG_STATE_RESUMING, to, &ruling);
		if (to == MIG_STATE_RESUMING || !ruling.allowed)
			continue;
		snprintf(name, sizeof(name), "short-load-to-%s", mig_state_name(to));
		conform_add(list, rules.protocol == MIG_PROTOCOL_V1 ? &v1 : &v2, name,
			    MIG_STATE_RESUMING, to);
	}
}

const struct conform_group conform_errors = { .name = "errors", .list = list };
