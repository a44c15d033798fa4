// SPDX-License-Identifier: GPL-2.0-or-later
/* VFIO_DEVICE_RESET from each state: to RUNNING, the session gone, and all is usable again. */
#include <stdio.h>

#include "conform.h"
#include "image.h"

/* What a session gave is not to be had, nor given, after it was ended. */
static int is_dead(struct conform *conform, bool in)
{
	struct image *image = image_open();
	const char *doing = in ? "writing the data_fd of" : "reading the data_fd of";
	ssize_t moved;

	if (!image) {
		conform_skip(conform, "out of memory");
		return -1;
	}
	image->piece[0] = 0;
	moved = image_call(image, conform->sys, in ? MIG_CALL_WRITE : MIG_CALL_READ,
			   conform->port->data_fd, 1, 0);
	image_close(image, conform->sys);
	if (conform_stuck(conform, (int)moved, doing))
		return -1;
	if (moved > 0)
		conform_fail(conform, "after the reset, the data_fd %s data",
			     in ? "takes" : "gives");
	else if (!moved)
		conform_warn(conform, "after the reset, the data_fd gives its end, and no errno");
	return 0;
}

/* -1: judged already. */
static int reset(struct conform *conform, const char *when)
{
	if (conform_reset(conform))
		return -1;
	if (!conform->err)
		return conform_expect(conform, MIG_STATE_RUNNING, when);
	conform_fail(conform, "%s the driver said %s", when, mig_errno_name(conform->err));
	return -1;
}

static void from_state(struct conform *conform)
{
	struct mig_port *port = conform->port;
	enum mig_state from = conform->test->from;

	if (conform_go(conform, from) || reset(conform, "after the reset"))
		return;
	if (port->data_fd >= 0 && is_dead(conform, from == MIG_STATE_RESUMING))
		return;
	if (mig_port_close(port, conform->error)) {
		conform->lost = true;
		return;
	}
	if (!reset(conform, "after a second reset") && !conform_go(conform, MIG_STATE_STOP))
		conform_go(conform, MIG_STATE_RUNNING);
}

static const struct conform_test v1 = {
	.authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		     "a reset recovers the device, and _RUNNING is its default state",
	.needs_reset = true,
	.run = from_state,
};

static const struct conform_test v2 = {
	.authority = "include/uapi/linux/vfio.h, enum vfio_device_mig_state: VFIO_DEVICE_RESET "
		     "leads back to RUNNING, and is what aborts a session of RESUMING",
	.needs_reset = true,
	.run = from_state,
};

static void list(struct conform_list *list)
{
	bool is_v1 = conform_list_protocol(list) == MIG_PROTOCOL_V1;

	for (int from = 0; from < MIG_STATE_COUNT; from++) {
		char name[MIG_CONFORM_NAME];

		if (from == MIG_STATE_ERROR || !mig_state_in(conform_list_protocol(list), from) ||
		    (!is_v1 && !mig_table_v2_supported(conform_list_caps(list), from)))
			continue;
		snprintf(name, sizeof(name), "from-%s", mig_state_name(from));
		conform_add(list, is_v1 ? &v1 : &v2, name, from, MIG_STATE_RUNNING);
	}
}

const struct conform_group conform_reset_group = { .name = "reset", .list = list };
