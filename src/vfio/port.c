// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "probe.h"

int mig_port_open(struct mig_port *port, struct mig_device *device, struct mig_error *error)
{
	const char *found = NULL;
	int ret;

	memset(port, 0, sizeof(*port));
	port->device = device;
	port->data_fd = -1;
	ret = mig_proto_v2_probe(port, error);
	if (!ret)
		ret = mig_proto_v1_probe(port, &found, error);
	if (ret)
		return ret < 0 ? ret : 0;
	mig_error_set(error, MIG_KIND_NO_MIGRATION, ENOTTY,
		      "%s has no migration interface: the driver does not answer "
		      "VFIO_DEVICE_FEATURE_MIGRATION (v2), and %s (v1)",
		      device->name, found ? found : "none of its regions is a migration region");
	error->cause = MIG_CAUSE_NO_PROTOCOL;
	return -ENOTTY;
}

void mig_port_close(struct mig_port *port)
{
	/* A stuck seam cannot close it: the task left behind holds it. */
	if (port->data_fd >= 0 && !mig_sys_is_stuck(port->device->sys))
		port->device->sys->ops->close(port->device->sys, port->data_fd);
	port->data_fd = -1;
}
