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
	port->data_fd = port->dead_fd = port->set_took = -1;
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

static int drop(struct mig_port *port, int *fd, struct mig_error *error)
{
	struct mig_sys *sys = port->device->sys;
	int ret = 0;

	/* A stuck seam cannot close it: the task left behind holds it. */
	if (*fd >= 0 && !mig_sys_is_stuck(sys))
		ret = sys->ops->close(sys, *fd);
	*fd = -1;
	if (!mig_sys_is_stuck(sys) || !ret)
		return 0;
	return mig_sys_error(sys, error, MIG_KIND_FAILED, ret, "closing the data_fd of %s",
			     port->device->name);
}

int mig_port_settle(struct mig_port *port, struct mig_error *error)
{
	return drop(port, &port->dead_fd, error);
}

int mig_port_close(struct mig_port *port, struct mig_error *error)
{
	int ret = mig_port_settle(port, error);

	return ret ? ret : drop(port, &port->data_fd, error);
}
