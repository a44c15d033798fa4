// SPDX-License-Identifier: GPL-2.0
/* Ports and their functions. */
#include "migdevlink.h"

static struct mdl_port *dl_to_port(struct devlink_port *dl)
{
	return container_of(dl, struct mdl_port, dl);
}

static int hw_addr_get(struct devlink_port *dl, u8 *addr, int *len, struct netlink_ext_ack *extack)
{
	ether_addr_copy(addr, dl_to_port(dl)->hw_addr);
	*len = ETH_ALEN;
	return 0;
}

static int hw_addr_set(struct devlink_port *dl, const u8 *addr, int len, struct netlink_ext_ack *extack)
{
	if (len != ETH_ALEN)
		return -EINVAL;
	ether_addr_copy(dl_to_port(dl)->hw_addr, addr);
	return 0;
}

static int migratable_get(struct devlink_port *dl, bool *on, struct netlink_ext_ack *extack)
{
	struct mdl_port *port = dl_to_port(dl);

	if (port->migratable == MDL_UNSUPPORTED)
		return -EOPNOTSUPP;
	*on = port->migratable == MDL_ON;
	return 0;
}

static int migratable_set(struct devlink_port *dl, bool on, struct netlink_ext_ack *extack)
{
	struct mdl_port *port = dl_to_port(dl);

	port->sets++;
	if (port->on_set == MDL_REFUSE) {
		NL_SET_ERR_MSG_FMT(extack, "%s", port->ack);
		return -(int)port->err;
	}
	if (port->migratable == MDL_UNSUPPORTED)
		return -EOPNOTSUPP;
	if (port->on_set == MDL_ALWAYS_ON)
		port->migratable = MDL_ON;
	else if (port->on_set == MDL_OBEY)
		port->migratable = on ? MDL_ON : MDL_OFF;
	return 0;
}

static int state_get(struct devlink_port *dl, enum devlink_port_fn_state *state, enum devlink_port_fn_opstate *opstate,
		     struct netlink_ext_ack *extack)
{
	struct mdl_port *port = dl_to_port(dl);

	if (port->state == MDL_NO_STATE)
		return -EOPNOTSUPP;
	*state = port->state == MDL_ACTIVE ? DEVLINK_PORT_FN_STATE_ACTIVE : DEVLINK_PORT_FN_STATE_INACTIVE;
	*opstate = port->opstate == MDL_ATTACHED ? DEVLINK_PORT_FN_OPSTATE_ATTACHED : DEVLINK_PORT_FN_OPSTATE_DETACHED;
	return 0;
}

static int state_set(struct devlink_port *dl, enum devlink_port_fn_state state, struct netlink_ext_ack *extack)
{
	struct mdl_port *port = dl_to_port(dl);

	if (port->state == MDL_NO_STATE)
		return -EOPNOTSUPP;
	port->state = state == DEVLINK_PORT_FN_STATE_ACTIVE ? MDL_ACTIVE : MDL_INACTIVE;
	return 0;
}

#define FUNCTION_OPS									\
	.port_fn_hw_addr_get = hw_addr_get, .port_fn_hw_addr_set = hw_addr_set,		\
	.port_fn_state_get = state_get, .port_fn_state_set = state_set

static const struct devlink_port_ops physical_ops;
static const struct devlink_port_ops function_ops = { FUNCTION_OPS };
static const struct devlink_port_ops migratable_ops = {
	FUNCTION_OPS, .port_fn_migratable_get = migratable_get, .port_fn_migratable_set = migratable_set,
};

static const struct devlink_port_ops *ops_of(const struct mdl_port *port)
{
	if (port->flavour == MDL_PHYSICAL)
		return &physical_ops;
	return port->flavour == MDL_VF && port->migratable != MDL_NO_OP ? &migratable_ops : &function_ops;
}

static int vnic_diagnose(struct devlink_health_reporter *reporter, struct devlink_fmsg *fmsg, struct netlink_ext_ack *extack)
{
	devlink_fmsg_u32_pair_put(fmsg, "total_error_queues", 0);
	return 0;
}

static const struct devlink_health_reporter_ops vnic_ops = { .name = "vnic", .diagnose = vnic_diagnose };

static void set_attrs(struct mdl_port *port)
{
	struct devlink_port_attrs physical = {
		.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL, .phys.port_number = port->number,
	};

	switch (port->flavour) {
	case MDL_PHYSICAL:
		devlink_port_attrs_set(&port->dl, &physical);
		break;
	case MDL_PF:
		devlink_port_attrs_pci_pf_set(&port->dl, port->controller, port->number, port->external);
		break;
	case MDL_VF:
		devlink_port_attrs_pci_vf_set(&port->dl, port->controller, port->pf, port->number, port->external);
		break;
	}
}

void mdl_port_hide(struct mdl_port *port)
{
	if (!port->registered)
		return;
	if (port->vnic)
		devl_health_reporter_destroy(port->vnic);
	port->vnic = NULL;
	devl_port_unregister(&port->dl);
	port->registered = false;
}

static int show(struct mdl_port *port)
{
	int ret;

	memset(&port->dl, 0, sizeof(port->dl));
	devlink_port_init(port->m->devlink, &port->dl);
	set_attrs(port);
	ret = devl_port_register_with_ops(port->m->devlink, &port->dl, port->index, ops_of(port));
	if (ret)
		return ret;
	port->registered = true;
	if (port->flavour != MDL_VF)
		return 0;
	port->vnic = devl_port_health_reporter_create(&port->dl, &vnic_ops, 0, port);
	ret = PTR_ERR_OR_ZERO(port->vnic);
	if (ret) {
		port->vnic = NULL;
		mdl_port_hide(port);
	}
	return ret;
}

/* In legacy mode a card has no ports for its functions, except one that says otherwise. */
static bool visible(const struct mdl_port *port)
{
	const struct mdl *m = port->m;

	return m->live && (port->flavour == MDL_PHYSICAL || m->legacy_ports || m->eswitch == MDL_SWITCHDEV);
}

int mdl_port_sync(struct mdl_port *port)
{
	if (visible(port) == port->registered)
		return 0;
	if (!port->registered)
		return show(port);
	mdl_port_hide(port);
	return 0;
}

int mdl_ports_sync(struct mdl *m)
{
	struct mdl_port *port;
	int ret = 0;

	list_for_each_entry(port, &m->ports, node)
		ret = mdl_port_sync(port) ?: ret;
	return ret;
}
