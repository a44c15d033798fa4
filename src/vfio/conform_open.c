// SPDX-License-Identifier: GPL-2.0-or-later
/* What is there when a device is opened, and after its reset. */
#include "conform.h"

static void first_state(struct conform *conform)
{
	if (!conform_reopen(conform))
		conform_expect(conform, MIG_STATE_RUNNING, "after opening");
}

static const struct conform_test tests[] = {
	{ .name = "first-state-v1",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = "include/uapi/linux/vfio.h, struct vfio_device_migration_info (5.8-5.17): "
		       "_RUNNING is the default state",
	  .run = first_state },
	{ .name = "first-state",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "include/uapi/linux/vfio.h, enum vfio_device_mig_state: the device "
		       "begins in VFIO_DEVICE_STATE_RUNNING",
	  .run = first_state },
};

static void list(struct conform_list *list)
{
	conform_add_all(list, tests, sizeof(tests) / sizeof(*tests));
}

const struct conform_group conform_open = { .name = "open", .list = list };
