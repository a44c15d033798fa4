// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "netlink.h"
#include "netlink_devlink.h"

/* The highest type that is looked at. */
#define ATTR_MAX DEVLINK_ATTR_PORT_CONTROLLER_NUMBER
_Static_assert(DEVLINK_ATTR_HEALTH_REPORTER_DUMP_TS_NS < ATTR_MAX &&
		       DEVLINK_ATTR_PORT_FUNCTION < ATTR_MAX,
	       "all have a place in the table");

/* The attributes by type, if the message is about the instance. */
static bool attributes(const struct nlattr *table[ATTR_MAX + 1], const struct nlmsghdr *message,
		       const char *handle)
{
	char bus[MIG_DEVLINK_HANDLE], device[MIG_DEVLINK_HANDLE], text[2 * MIG_DEVLINK_HANDLE];

	netlink_attributes(table, ATTR_MAX, message, GENL_HDRLEN);
	if (!netlink_string(table[DEVLINK_ATTR_BUS_NAME], bus, sizeof(bus)) ||
	    !netlink_string(table[DEVLINK_ATTR_DEV_NAME], device, sizeof(device)))
		return false;
	snprintf(text, sizeof(text), "%s/%s", bus, device);
	return !strcmp(text, handle);
}

static int get_number(const struct nlattr *attr)
{
	uint16_t number;

	return netlink_u16(attr, &number) ? number : -1;
}

static enum mig_migratable migratable_of(const struct nlattr *attr)
{
	struct nla_bitfield32 caps;

	/* The kernel leaves the attribute out of a function without a single capability. */
	if (!attr)
		return MIG_MIGRATABLE_UNSUPPORTED;
	if (!netlink_bytes(attr, &caps, sizeof(caps)))
		return MIG_MIGRATABLE_UNKNOWN;
	if (!(caps.selector & DEVLINK_FN_CAP_MIGRATABLE))
		return MIG_MIGRATABLE_UNSUPPORTED;
	return caps.value & DEVLINK_FN_CAP_MIGRATABLE ? MIG_MIGRATABLE_ON : MIG_MIGRATABLE_OFF;
}

static void parse_function(const struct nlattr *nest, struct devlink_port *port)
{
	const struct nlattr *table[DEVLINK_FN_ATTR_CAPS + 1], *addr;
	uint8_t value;

	netlink_nested(table, DEVLINK_FN_ATTR_CAPS, nest);
	addr = table[DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR];
	if (addr && (size_t)nla_len(addr) <= sizeof(port->hw_addr)) {
		port->hw_addr_size = (size_t)nla_len(addr);
		memcpy(port->hw_addr, nla_data(addr), port->hw_addr_size);
	}
	if (netlink_u8(table[DEVLINK_PORT_FN_ATTR_STATE], &value)) {
		if (value == DEVLINK_PORT_FN_STATE_ACTIVE)
			port->state = MIG_FUNCTION_ACTIVE;
		else if (value == DEVLINK_PORT_FN_STATE_INACTIVE)
			port->state = MIG_FUNCTION_INACTIVE;
	}
	if (netlink_u8(table[DEVLINK_PORT_FN_ATTR_OPSTATE], &value)) {
		if (value == DEVLINK_PORT_FN_OPSTATE_ATTACHED)
			port->opstate = MIG_OPSTATE_ATTACHED;
		else if (value == DEVLINK_PORT_FN_OPSTATE_DETACHED)
			port->opstate = MIG_OPSTATE_DETACHED;
	}
	port->migratable = migratable_of(table[DEVLINK_FN_ATTR_CAPS]);
}

bool devlink_parse_port(const struct nlmsghdr *message, const char *handle,
			struct devlink_port *port)
{
	const struct nlattr *table[ATTR_MAX + 1];
	struct mig_devlink_port *it = &port->port;
	uint8_t external;

	memset(port, 0, sizeof(*port));
	if (!attributes(table, message, handle) ||
	    !netlink_u32(table[DEVLINK_ATTR_PORT_INDEX], &it->index) ||
	    !netlink_u16(table[DEVLINK_ATTR_PORT_FLAVOUR], &it->flavour))
		return false;
	it->pf = get_number(table[DEVLINK_ATTR_PORT_PCI_PF_NUMBER]);
	it->vf = get_number(table[DEVLINK_ATTR_PORT_PCI_VF_NUMBER]);
	netlink_u32(table[DEVLINK_ATTR_PORT_CONTROLLER_NUMBER], &it->controller);
	it->external = netlink_u8(table[DEVLINK_ATTR_PORT_EXTERNAL], &external) && external;
	netlink_u32(table[DEVLINK_ATTR_PORT_NETDEV_IFINDEX], &it->ifindex);
	netlink_string(table[DEVLINK_ATTR_PORT_NETDEV_NAME], it->netdev, sizeof(it->netdev));
	parse_function(table[DEVLINK_ATTR_PORT_FUNCTION], port);
	return true;
}

bool devlink_parse_eswitch(const struct nlmsghdr *message, const char *handle,
			   enum mig_eswitch *eswitch)
{
	const struct nlattr *table[ATTR_MAX + 1];
	uint16_t mode;

	if (!attributes(table, message, handle) ||
	    !netlink_u16(table[DEVLINK_ATTR_ESWITCH_MODE], &mode))
		return false;
	*eswitch = MIG_ESWITCH_UNKNOWN;
	if (mode == DEVLINK_ESWITCH_MODE_LEGACY)
		*eswitch = MIG_ESWITCH_LEGACY;
	else if (mode == DEVLINK_ESWITCH_MODE_SWITCHDEV)
		*eswitch = MIG_ESWITCH_SWITCHDEV;
	return true;
}

/*
 * The names are those of Documentation/networking/devlink/devlink-info.rst.
 * *rank is that of the firmware's name so far: the lowest is kept.
 */
static void take_version(const struct nlattr *nest, struct mig_devlink_info *info, size_t *rank)
{
	static const char *const firmware[] = { "fw.version", "fw", "fw.mgmt" };
	const struct nlattr *table[DEVLINK_ATTR_INFO_VERSION_VALUE + 1];
	const struct nlattr *value;
	char name[MIG_DEVLINK_TEXT];

	netlink_nested(table, DEVLINK_ATTR_INFO_VERSION_VALUE, nest);
	value = table[DEVLINK_ATTR_INFO_VERSION_VALUE];
	if (!netlink_string(table[DEVLINK_ATTR_INFO_VERSION_NAME], name, sizeof(name)))
		return;
	if (!strcmp(name, "fw.psid"))
		netlink_string(value, info->psid, sizeof(info->psid));
	for (size_t i = 0; i < *rank && i < sizeof(firmware) / sizeof(*firmware); i++)
		if (!strcmp(name, firmware[i]) &&
		    netlink_string(value, info->firmware, sizeof(info->firmware)))
			*rank = i;
}

/* There is a nest for each version: no table holds them. What is stored, but not running, is none.
 */
bool devlink_parse_info(const struct nlmsghdr *message, const char *handle,
			struct mig_devlink_info *info)
{
	const struct nlattr *table[ATTR_MAX + 1];
	struct nlattr *attr;
	size_t rank = SIZE_MAX;
	int left;

	memset(info, 0, sizeof(*info));
	if (!attributes(table, message, handle))
		return false;
	netlink_string(table[DEVLINK_ATTR_INFO_DRIVER_NAME], info->driver, sizeof(info->driver));
	netlink_string(table[DEVLINK_ATTR_INFO_SERIAL_NUMBER], info->serial, sizeof(info->serial));
	attr = (struct nlattr *)((char *)message + NLMSG_HDRLEN + GENL_HDRLEN);
	left = (int)message->nlmsg_len - (int)(NLMSG_HDRLEN + GENL_HDRLEN);
	for (; nla_ok(attr, left); attr = nla_next(attr, &left))
		if (nla_type(attr) == DEVLINK_ATTR_INFO_VERSION_FIXED ||
		    nla_type(attr) == DEVLINK_ATTR_INFO_VERSION_RUNNING)
			take_version(attr, info, &rank);
	return true;
}

/* The states are no part of the uapi: include/net/devlink.h has them, 0 and 1. */
bool devlink_parse_reporter(const struct nlmsghdr *message, const char *handle,
			    struct devlink_reporter *reporter)
{
	const struct nlattr *table[ATTR_MAX + 1], *nest[ATTR_MAX + 1];
	struct mig_devlink_health *health = &reporter->health;
	uint8_t state;

	memset(reporter, 0, sizeof(*reporter));
	if (!attributes(table, message, handle))
		return false;
	netlink_nested(nest, ATTR_MAX, table[DEVLINK_ATTR_HEALTH_REPORTER]);
	if (!netlink_string(nest[DEVLINK_ATTR_HEALTH_REPORTER_NAME], health->name,
			    sizeof(health->name)))
		return false;
	health->of_port = netlink_u32(table[DEVLINK_ATTR_PORT_INDEX], &reporter->port);
	if (netlink_u8(nest[DEVLINK_ATTR_HEALTH_REPORTER_STATE], &state) && state <= 1)
		health->state = state ? MIG_HEALTH_ERROR : MIG_HEALTH_HEALTHY;
	netlink_u64(nest[DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT], &health->errors);
	netlink_u64(nest[DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT], &health->recoveries);
	netlink_u64(nest[DEVLINK_ATTR_HEALTH_REPORTER_DUMP_TS_NS], &health->dump_ns);
	return true;
}
