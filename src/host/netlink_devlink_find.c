// SPDX-License-Identifier: GPL-2.0-or-later
/* Of what an instance said: what is about one function. */
#include <string.h>

#include "netlink_devlink.h"

/*
 * The VF's port, if there is one and one only. A port that is external, or of
 * another controller than the local one, 0, stands for a VF of another host.
 * Where one instance has the ports of several PFs, the firmware's number of a
 * PF is that of its PCI function (mlx5, nfp); it decides only then, because in
 * a virtual machine the PF's function is another one.
 */
static const struct devlink_port *find_port(const struct devlink_instance *instance, int vf,
					    int function, bool *ambiguous)
{
	const struct devlink_port *any = NULL, *same = NULL;
	size_t many = 0, many_same = 0;

	for (size_t i = 0; i < instance->port_count; i++) {
		const struct mig_devlink_port *port = &instance->ports[i].port;

		if (port->external || port->controller || port->vf != vf)
			continue;
		any = &instance->ports[i];
		many++;
		if (port->pf == function) {
			same = any;
			many_same++;
		}
	}
	*ambiguous = many > 1 && many_same != 1;
	if (*ambiguous)
		return NULL;
	return many == 1 ? any : same;
}

static void take_health(const struct devlink_instance *instance, struct mig_devlink *devlink)
{
	devlink->health_known = instance->reporters_known;
	for (size_t i = 0; i < instance->reporter_count; i++) {
		const struct devlink_reporter *it = &instance->reporters[i];

		if (it->health.of_port && (!devlink->has_port || it->port != devlink->port.index))
			continue;
		if (devlink->health_count == MIG_DEVLINK_HEALTH_MAX) {
			devlink->health_more = true;
			return;
		}
		devlink->health[devlink->health_count++] = it->health;
	}
}

static void take_function(const struct devlink_port *port, struct mig_devlink *devlink)
{
	devlink->gap = MIG_DEVLINK_GAP_NONE;
	devlink->has_port = true;
	devlink->port = port->port;
	memcpy(devlink->hw_addr, port->hw_addr, sizeof(devlink->hw_addr));
	devlink->hw_addr_size = port->hw_addr_size;
	devlink->state = port->state;
	devlink->opstate = port->opstate;
	devlink->migratable = port->migratable;
}

static void look_for_port(const struct devlink_instance *instance, const struct mig_target *target,
			  struct mig_devlink *devlink)
{
	const struct devlink_port *port = NULL;
	size_t length = strlen(target->pf);
	bool ambiguous = false;

	if (devlink->vf >= 0 && length)
		port = find_port(instance, devlink->vf, target->pf[length - 1] - '0', &ambiguous);
	if (port) {
		take_function(port, devlink);
	} else if (ambiguous) {
		devlink->gap = MIG_DEVLINK_GAP_AMBIGUOUS;
	} else if (instance->ports_err) {
		devlink->gap = MIG_DEVLINK_GAP_UNREADABLE;
		devlink->err = instance->ports_err;
	} else {
		devlink->gap = instance->eswitch == MIG_ESWITCH_LEGACY
				       ? MIG_DEVLINK_GAP_LEGACY
				       : MIG_DEVLINK_GAP_NOT_VISIBLE;
	}
}

void devlink_tell(const struct devlink_instance *instance, const struct mig_target *target,
		  struct mig_devlink *devlink)
{
	devlink->gap = MIG_DEVLINK_GAP_NOT_VF;
	if (target->is_vf)
		look_for_port(instance, target, devlink);
	devlink->eswitch = instance->eswitch;
	devlink->eswitch_err = instance->eswitch_err;
	devlink->info = instance->info;
	take_health(instance, devlink);
}
