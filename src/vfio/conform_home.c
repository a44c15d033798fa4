// SPDX-License-Identifier: GPL-2.0-or-later
/* The way back to RUNNING, between two tests and at the end. */
#include <stdlib.h>

#include "conform.h"

/* Nothing leads home: how it is left is the last reading, and the run is over. */
static int lose(struct conform *conform, const char *why)
{
	char text[MIG_STATE_TEXT];

	if (!conform->lost) {
		mig_error_set(conform->error,
			      conform->run->last.state == MIG_STATE_ERROR ? MIG_KIND_FAULTED
									  : MIG_KIND_ASTRAY,
			      0, "%s cannot be brought back to running after %s: %s; it is in %s",
			      conform->port->device->name, conform->test->name, why,
			      mig_reading_name(conform->run->last, text));
		mig_error_hint(conform->error, "unbind the device from its driver and bind it "
					       "again; an mdev must be made anew");
	}
	conform->lost = true;
	return -1;
}

/* By the route, with a verdict of its own: what a test left behind is not what it asks. */
static bool walk_home(struct conform *conform)
{
	struct mig_conform_item *item = conform->item;
	struct mig_conform_item way = { .name = item->name, .verdict = MIG_CHECK_PASS };
	int ret;

	conform->item = &way;
	ret = conform_go(conform, MIG_STATE_RUNNING);
	conform->item = item;
	free(way.detail);
	return !ret;
}

/* By the reset, where there is one. *now: where that leads. -1: lost. */
static int reset_home(struct conform *conform, struct mig_reading *now)
{
	if (!mig_device_can_reset(conform->port->device))
		return 0;
	if (conform_reset(conform))
		return -1;
	if (conform_get(conform, now))
		return lose(conform, "its state cannot be read");
	/* That it does not lead to RUNNING is for the group of resets to say. */
	if (!conform->err && now->state != MIG_STATE_RUNNING && now->state != MIG_STATE_RESUMING &&
	    walk_home(conform))
		now->state = MIG_STATE_RUNNING;
	return conform->lost ? -1 : 0;
}

/* The kernel's drivers for PCI begin anew when they are opened, mtty does not. */
static int reopen_home(struct conform *conform)
{
	struct mig_reading now;

	if (conform_reopen(conform))
		return -1;
	if (conform_get(conform, &now))
		return lose(conform, "its state cannot be read");
	if (now.state == MIG_STATE_RUNNING)
		return 0;
	return lose(conform, mig_device_can_reset(conform->port->device)
				     ? "neither a reset nor opening it anew leads there"
				     : "it offers no reset, and opening it anew does not lead "
				       "there");
}

int conform_home(struct conform *conform)
{
	struct mig_port *port = conform->port;
	bool resets = mig_device_can_reset(port->device);
	struct mig_reading now;

	if (conform->lost || conform_get(conform, &now))
		return lose(conform, "its state cannot be read");
	/* A part of a load is not to come alive where that can be helped. */
	if (now.state != MIG_STATE_RUNNING && now.state != MIG_STATE_ERROR &&
	    now.state != MIG_STATE_INVALID && (now.state != MIG_STATE_RESUMING || !resets) &&
	    walk_home(conform))
		now.state = MIG_STATE_RUNNING;
	if (conform->lost || (now.state != MIG_STATE_RUNNING && reset_home(conform, &now)))
		return -1;
	if (now.state != MIG_STATE_RUNNING && reopen_home(conform))
		return -1;
	/* Whatever a transfer left open ends here. */
	if (mig_port_close(port, conform->error)) {
		conform->lost = true;
		return -1;
	}
	return 0;
}
