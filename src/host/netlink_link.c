// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netlink_link.h"
#include "target_find.h"

static bool is_representor(const struct nlattr *attr)
{
	char name[64];

	return netlink_string(attr, name, sizeof(name)) && target_is_representor(name);
}

static void parse_parent(const struct nlattr *const *table, char pci[32])
{
	char bus[8], name[32];

	if (netlink_string(table[IFLA_PARENT_DEV_BUS_NAME], bus, sizeof(bus)) &&
	    !strcmp(bus, "pci") && netlink_string(table[IFLA_PARENT_DEV_NAME], name, sizeof(name)))
		mig_target_parse_bdf(name, pci);
}

static bool parse(const struct nlmsghdr *message, const struct nlattr **table,
		  struct netlink_link *link)
{
	struct ifinfomsg info;

	memset(link, 0, sizeof(*link));
	if (message->nlmsg_type != RTM_NEWLINK || !netlink_header(message, sizeof(info)))
		return false;
	memcpy(&info, netlink_header(message, sizeof(info)), sizeof(info));
	netlink_attributes(table, IFLA_MAX, message, sizeof(info));
	link->link.index = info.ifi_index;
	link->has_mac = info.ifi_type == ARPHRD_ETHER && table[IFLA_ADDRESS] &&
			nla_len(table[IFLA_ADDRESS]) == sizeof(link->mac) &&
			netlink_bytes(table[IFLA_ADDRESS], link->mac, sizeof(link->mac));
	return info.ifi_index > 0 &&
	       netlink_string(table[IFLA_IFNAME], link->link.name, sizeof(link->link.name));
}

bool netlink_link_parse(const struct nlmsghdr *message, struct netlink_link *link)
{
	const struct nlattr *table[IFLA_MAX + 1];

	if (!parse(message, table, link))
		return false;
	parse_parent(table, link->link.pci);
	link->representor = is_representor(table[IFLA_PHYS_PORT_NAME]);
	return true;
}

/*
 * One of a VF's structs: all begin with the VF's number, and have to agree on
 * it. *vf is -1 until the first one has told it.
 */
static bool vf_struct(const struct nlattr *attr, void *value, size_t size, int *vf)
{
	uint32_t number;

	if (!netlink_bytes(attr, value, size))
		return false;
	memcpy(&number, value, sizeof(number));
	if (*vf < 0 && number <= UINT16_MAX)
		*vf = (int)number;
	return *vf >= 0 && number == (uint32_t)*vf;
}

static void parse_vlan(const struct nlattr *const *table, struct mig_nic_record *nic)
{
	const struct nlattr *list[IFLA_VF_VLAN_INFO_MAX + 1];
	struct ifla_vf_vlan_info info;
	struct ifla_vf_vlan old;

	nic->vlan = nic->qos = nic->vlan_proto = -1;
	netlink_nested(list, IFLA_VF_VLAN_INFO_MAX, table[IFLA_VF_VLAN_LIST]);
	if (vf_struct(list[IFLA_VF_VLAN_INFO], &info, sizeof(info), &nic->vf) && info.vlan < 4096 &&
	    info.qos < 8) {
		nic->vlan = (int)info.vlan;
		nic->qos = (int)info.qos;
		nic->vlan_proto = ntohs(info.vlan_proto);
	} else if (vf_struct(table[IFLA_VF_VLAN], &old, sizeof(old), &nic->vf) && old.vlan < 4096 &&
		   old.qos < 8) {
		nic->vlan = (int)old.vlan;
		nic->qos = (int)old.qos;
	}
}

/* Trust and spoof check: drivers that do not tell leave the kernel's -1. */
static int parse_switch(const struct nlattr *attr, int *vf)
{
	struct ifla_vf_trust value;

	_Static_assert(sizeof(struct ifla_vf_spoofchk) == sizeof(value), "one form for both");
	if (!vf_struct(attr, &value, sizeof(value), vf) || value.setting > 1)
		return -1;
	return (int)value.setting;
}

static enum mig_vf_link parse_link_state(const struct nlattr *attr, int *vf)
{
	struct ifla_vf_link_state value;

	if (!vf_struct(attr, &value, sizeof(value), vf))
		return MIG_VF_LINK_UNKNOWN;
	switch (value.link_state) {
	case IFLA_VF_LINK_STATE_AUTO:
		return MIG_VF_LINK_AUTO;
	case IFLA_VF_LINK_STATE_ENABLE:
		return MIG_VF_LINK_ENABLE;
	case IFLA_VF_LINK_STATE_DISABLE:
		return MIG_VF_LINK_DISABLE;
	default:
		return MIG_VF_LINK_UNKNOWN;
	}
}

/* All of them or none: half of the counters would be compared with each other. */
static bool parse_counters(const struct nlattr *nest, struct mig_vf_counters *counters)
{
	const struct nlattr *table[IFLA_VF_STATS_MAX + 1];

	netlink_nested(table, IFLA_VF_STATS_MAX, nest);
	return netlink_u64(table[IFLA_VF_STATS_RX_PACKETS], &counters->rx_packets) &&
	       netlink_u64(table[IFLA_VF_STATS_TX_PACKETS], &counters->tx_packets) &&
	       netlink_u64(table[IFLA_VF_STATS_RX_BYTES], &counters->rx_bytes) &&
	       netlink_u64(table[IFLA_VF_STATS_TX_BYTES], &counters->tx_bytes) &&
	       netlink_u64(table[IFLA_VF_STATS_BROADCAST], &counters->broadcast) &&
	       netlink_u64(table[IFLA_VF_STATS_MULTICAST], &counters->multicast) &&
	       netlink_u64(table[IFLA_VF_STATS_RX_DROPPED], &counters->rx_dropped) &&
	       netlink_u64(table[IFLA_VF_STATS_TX_DROPPED], &counters->tx_dropped);
}

/* False: not one struct tells which VF it is of. */
static bool parse_vf(const struct nlattr *nest, const struct netlink_link *link,
		     struct mig_nic_record *nic)
{
	const struct nlattr *table[IFLA_VF_MAX + 1];
	struct ifla_vf_mac mac;
	struct ifla_vf_rate rate;

	*nic = (struct mig_nic_record){ .vf = -1 };
	memcpy(nic->pf_netdev, link->link.name, sizeof(nic->pf_netdev));
	netlink_nested(table, IFLA_VF_MAX, nest);
	/* The kernel's 32 bytes say nothing of how many are the address: that of the PF does. */
	if (vf_struct(table[IFLA_VF_MAC], &mac, sizeof(mac.vf) + sizeof(nic->mac), &nic->vf) &&
	    link->has_mac) {
		nic->mac_known = true;
		memcpy(nic->mac, mac.mac, sizeof(nic->mac));
	}
	parse_vlan(table, nic);
	nic->trust = parse_switch(table[IFLA_VF_TRUST], &nic->vf);
	nic->spoofchk = parse_switch(table[IFLA_VF_SPOOFCHK], &nic->vf);
	nic->link = parse_link_state(table[IFLA_VF_LINK_STATE], &nic->vf);
	nic->rates_known = vf_struct(table[IFLA_VF_RATE], &rate, sizeof(rate), &nic->vf);
	if (nic->rates_known) {
		nic->min_rate = rate.min_tx_rate;
		nic->max_rate = rate.max_tx_rate;
	}
	nic->counted = parse_counters(table[IFLA_VF_STATS], &nic->counters);
	return nic->vf >= 0;
}

/*
 * rtnl_fill_vf() ends the list with nla_nest_end(), which keeps the low 16 bits
 * of its length: with more than some 170 VFs that is too little, and what
 * follows the list would be read out of its middle. So the VFs are counted, by
 * IFLA_NUM_VF, which stands before the list, and its length is not asked.
 */
void netlink_link_vfs(const struct nlmsghdr *message, netlink_vf_visit *visit, void *context)
{
	const struct nlattr *table[IFLA_MAX + 1], *list;
	struct netlink_link link;
	struct mig_nic_record nic;
	struct nlattr *attr;
	uint32_t count;
	int left;

	if (!parse(message, table, &link))
		return;
	list = table[IFLA_VFINFO_LIST];
	if (!list || !netlink_u32(table[IFLA_NUM_VF], &count))
		return;
	attr = nla_data(list);
	left = (int)((const char *)message + message->nlmsg_len - (const char *)attr);
	for (; count && nla_ok(attr, left) && nla_type(attr) == IFLA_VF_INFO; count--) {
		if (parse_vf(attr, &link, &nic) && !visit(context, &nic))
			return;
		attr = nla_next(attr, &left);
	}
}
