// SPDX-License-Identifier: GPL-2.0-or-later
/* Links and their VFs, as rtnl_fill_ifinfo() makes them, and as nobody should. */
#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "unit.h"

#include "netlink_forge.h"

#include "../../src/host/netlink_link.h"

static const uint8_t pf_mac[6] = { 0x02, 0, 0, 0, 0, 0xff };

static void begin_link(struct forge *forge)
{
	const struct ifinfomsg info = { .ifi_type = ARPHRD_ETHER, .ifi_index = 4 };

	forge->size = 0;
	forge_message(forge, RTM_NEWLINK, 0, &info, sizeof(info));
	forge_string(forge, IFLA_IFNAME, "eth0");
	forge_attr(forge, IFLA_ADDRESS, pf_mac, sizeof(pf_mac));
}

static void end_link(struct forge *forge)
{
	forge_string(forge, IFLA_PARENT_DEV_NAME, "0000:06:00.0");
	forge_string(forge, IFLA_PARENT_DEV_BUS_NAME, "pci");
}

static struct ifla_vf_mac mac_of(uint32_t vf)
{
	struct ifla_vf_mac mac = { .vf = vf,
				   .mac = { 0x02, 0, 0, 0, (uint8_t)(vf >> 8), (uint8_t)vf } };

	/* What the driver left behind the six bytes. */
	memset(mac.mac + 6, 0xee, sizeof(mac.mac) - 6);
	return mac;
}

/* All that the kernel tells of a VF. */
static void whole_vf(struct forge *forge, uint32_t vf)
{
	const struct ifla_vf_mac mac = mac_of(vf);
	const struct ifla_vf_vlan vlan = { vf, 100, 3 };
	const struct ifla_vf_vlan_info info = { vf, 200, 5, htons(0x88a8) };
	const struct ifla_vf_rate rate = { vf, 10, 1000 };
	const struct ifla_vf_spoofchk spoofchk = { vf, 1 };
	const struct ifla_vf_link_state link = { vf, IFLA_VF_LINK_STATE_DISABLE };
	const struct ifla_vf_trust trust = { vf, 0 };
	size_t nest = forge_begin(forge, IFLA_VF_INFO), inner;

	forge_attr(forge, IFLA_VF_MAC, &mac, sizeof(mac));
	forge_attr(forge, IFLA_VF_BROADCAST, (struct ifla_vf_broadcast[1]){ 0 },
		   sizeof(struct ifla_vf_broadcast));
	forge_attr(forge, IFLA_VF_VLAN, &vlan, sizeof(vlan));
	forge_attr(forge, IFLA_VF_RATE, &rate, sizeof(rate));
	forge_attr(forge, IFLA_VF_SPOOFCHK, &spoofchk, sizeof(spoofchk));
	forge_attr(forge, IFLA_VF_LINK_STATE, &link, sizeof(link));
	forge_attr(forge, IFLA_VF_TRUST, &trust, sizeof(trust));
	inner = forge_begin(forge, IFLA_VF_VLAN_LIST);
	forge_attr(forge, IFLA_VF_VLAN_INFO, &info, sizeof(info));
	forge_end(forge, inner);
	inner = forge_begin(forge, IFLA_VF_STATS);
	for (int i = 0; i <= IFLA_VF_STATS_TX_DROPPED; i++) {
		const uint64_t value = 1000 * (vf + 1) + (uint64_t)i;

		if (i == IFLA_VF_STATS_PAD)
			forge_attr(forge, i, "", 0);
		else
			forge_attr(forge, i, &value, sizeof(value));
	}
	forge_end(forge, inner);
	forge_end(forge, nest);
}

/* Room for all, so that a loop without an end would be seen. */
struct visited {
	size_t count;
	struct mig_nic_record last, all[600];
	int stop_at; /* -1: never */
};

static bool visit(void *context, const struct mig_nic_record *nic)
{
	struct visited *visited = context;

	assert_true(visited->count < COUNT(visited->all));
	visited->last = visited->all[visited->count++] = *nic;
	return nic->vf != visited->stop_at;
}

static struct forge forge;
static struct visited visited;

static size_t vfs(void)
{
	visited = (struct visited){ .stop_at = -1 };
	netlink_link_vfs(forge_last(&forge), visit, &visited);
	return visited.count;
}

static void test_a_link(void **state)
{
	struct netlink_link link;

	(void)state;
	begin_link(&forge);
	end_link(&forge);
	assert_true(netlink_link_parse(forge_last(&forge), &link));
	assert_int_equal(link.link.index, 4);
	assert_string_equal(link.link.name, "eth0");
	assert_string_equal(link.link.pci, "0000:06:00.0");
	assert_true(link.has_mac);
	assert_memory_equal(link.mac, pf_mac, 6);
	assert_false(link.representor);
	/* Cut anywhere, it is a shorter link or none, and nothing beyond is read. */
	for (uint32_t len = NLMSG_HDRLEN; len < forge.size; len++) {
		void *copy = malloc(len);

		memcpy(copy, forge.bytes, len);
		((struct nlmsghdr *)copy)->nlmsg_len = len;
		if (netlink_link_parse(copy, &link))
			assert_string_equal(link.link.name, "eth0");
		assert_string_not_equal(link.link.pci, "0000:06:00.0");
		free(copy);
	}
}

static void test_what_is_no_link(void **state)
{
	struct ifinfomsg info = { .ifi_type = ARPHRD_ETHER };
	struct netlink_link link;

	(void)state;
	begin_link(&forge);
	forge_last(&forge)->nlmsg_type = RTM_DELLINK;
	assert_false(netlink_link_parse(forge_last(&forge), &link));
	forge.size = 0;
	forge_message(&forge, RTM_NEWLINK, 0, &info, sizeof(info));
	forge_string(&forge, IFLA_IFNAME, "eth0");
	assert_false(netlink_link_parse(forge_last(&forge), &link));
	info.ifi_index = 4;
	forge.size = 0;
	forge_message(&forge, RTM_NEWLINK, 0, &info, sizeof(info));
	forge_attr(&forge, IFLA_IFNAME, "eth0", 4);
	assert_false(netlink_link_parse(forge_last(&forge), &link));
	forge.size = 0;
	forge_message(&forge, RTM_NEWLINK, 0, &info, sizeof(info));
	forge_string(&forge, IFLA_IFNAME, "a-name-of-16-byte");
	assert_false(netlink_link_parse(forge_last(&forge), &link));
}

static void test_parents_and_ports(void **state)
{
	static const struct {
		const char *bus, *name, *port;
		const char *pci;
		bool representor;
	} rows[] = {
		{ "pci", "0000:06:00.0", "p0", "0000:06:00.0", false },
		{ "pci", "10000:06:00.0", "", "10000:06:00.0", false },
		{ "pci", "../../../etc", "p0", "", false },
		{ "virtio", "virtio0", "p0", "", false },
		{ "virtio", "0000:06:00.0", "p0", "", false },
		{ "a-bus-with-a-long-name", "0000:06:00.0", "p1", "", false },
		{ "pci", "0000:06:00.0", "pf0vf3", "0000:06:00.0", true },
		{ "pci", "0000:06:00.0", "pf0sf3", "0000:06:00.0", true },
		{ "pci", "0000:06:00.0", "c1pf0vf3", "0000:06:00.0", true },
	};
	struct netlink_link link;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin_link(&forge);
		forge_string(&forge, IFLA_PHYS_PORT_NAME, rows[i].port);
		forge_string(&forge, IFLA_PARENT_DEV_NAME, rows[i].name);
		forge_string(&forge, IFLA_PARENT_DEV_BUS_NAME, rows[i].bus);
		assert_true(netlink_link_parse(forge_last(&forge), &link));
		assert_string_equal(link.link.pci, rows[i].pci);
		assert_int_equal(link.representor, rows[i].representor);
	}
}

static void test_a_vf(void **state)
{
	size_t list;

	(void)state;
	begin_link(&forge);
	forge_u32(&forge, IFLA_NUM_VF, 2);
	list = forge_begin(&forge, IFLA_VFINFO_LIST);
	whole_vf(&forge, 0);
	whole_vf(&forge, 1);
	forge_end(&forge, list);
	end_link(&forge);
	assert_int_equal(vfs(), 2);
	assert_string_equal(visited.last.pf_netdev, "eth0");
	assert_int_equal(visited.last.vf, 1);
	assert_true(visited.last.mac_known);
	assert_memory_equal(visited.last.mac, mac_of(1).mac, 6);
	assert_int_equal(visited.last.vlan, 200);
	assert_int_equal(visited.last.qos, 5);
	assert_int_equal(visited.last.vlan_proto, 0x88a8);
	assert_int_equal(visited.last.trust, 0);
	assert_int_equal(visited.last.spoofchk, 1);
	assert_int_equal(visited.last.link, MIG_VF_LINK_DISABLE);
	assert_true(visited.last.rates_known);
	assert_int_equal(visited.last.min_rate, 10);
	assert_int_equal(visited.last.max_rate, 1000);
	assert_true(visited.last.counted);
	assert_int_equal(visited.last.counters.rx_packets, 2000);
	assert_int_equal(visited.last.counters.tx_packets, 2001);
	assert_int_equal(visited.last.counters.rx_bytes, 2002);
	assert_int_equal(visited.last.counters.tx_bytes, 2003);
	assert_int_equal(visited.last.counters.broadcast, 2004);
	assert_int_equal(visited.last.counters.multicast, 2005);
	assert_int_equal(visited.last.counters.rx_dropped, 2007);
	assert_int_equal(visited.last.counters.tx_dropped, 2008);

	visited = (struct visited){ .stop_at = 0 };
	netlink_link_vfs(forge_last(&forge), visit, &visited);
	assert_int_equal(visited.count, 1);
}

/* A VF of which little is known, and that in odd lengths. */
static size_t vf_of(int type, const void *data, size_t size)
{
	const struct ifla_vf_spoofchk number = { 5, 1 };
	size_t list, nest;

	begin_link(&forge);
	forge_u32(&forge, IFLA_NUM_VF, 1);
	list = forge_begin(&forge, IFLA_VFINFO_LIST);
	nest = forge_begin(&forge, IFLA_VF_INFO);
	if (type)
		forge_attr(&forge, type, data, size);
	if (type != IFLA_VF_SPOOFCHK)
		forge_attr(&forge, IFLA_VF_SPOOFCHK, &number, sizeof(number));
	forge_end(&forge, nest);
	forge_end(&forge, list);
	end_link(&forge);
	return vfs();
}

static void test_what_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(vf_of(0, NULL, 0), 1);
	assert_int_equal(visited.last.vf, 5);
	assert_false(visited.last.mac_known);
	assert_int_equal(visited.last.vlan, -1);
	assert_int_equal(visited.last.qos, -1);
	assert_int_equal(visited.last.vlan_proto, -1);
	assert_int_equal(visited.last.trust, -1);
	assert_int_equal(visited.last.spoofchk, 1);
	assert_int_equal(visited.last.link, MIG_VF_LINK_UNKNOWN);
	assert_false(visited.last.rates_known);
	assert_false(visited.last.counted);
}

static void test_odd_lengths_and_values(void **state)
{
	const struct ifla_vf_mac mac = mac_of(5);
	const struct ifla_vf_vlan vlan = { 5, 100, 3 }, high = { 5, 4096, 0 }, other = { 6, 7, 0 };
	const struct ifla_vf_link_state link = { 5, 77 };
	const struct ifla_vf_trust trust = { 5, 2 };
	const struct ifla_vf_spoofchk far = { 1 << 20, 1 }, unknown = { 5, UINT32_MAX };

	(void)state;
	assert_int_equal(vf_of(IFLA_VF_MAC, &mac, sizeof(mac)), 1);
	assert_true(visited.last.mac_known);
	/* A kernel of old, or of days to come, with fewer bytes of address. */
	assert_int_equal(vf_of(IFLA_VF_MAC, &mac, 10), 1);
	assert_true(visited.last.mac_known);
	for (size_t size = 0; size < 10; size++) {
		assert_int_equal(vf_of(IFLA_VF_MAC, &mac, size), 1);
		assert_false(visited.last.mac_known);
	}
	vf_of(IFLA_VF_VLAN, &vlan, sizeof(vlan));
	assert_int_equal(visited.last.vlan, 100);
	assert_int_equal(visited.last.vlan_proto, -1);
	vf_of(IFLA_VF_VLAN, &vlan, sizeof(vlan) - 1);
	assert_int_equal(visited.last.vlan, -1);
	vf_of(IFLA_VF_VLAN, &high, sizeof(high));
	assert_int_equal(visited.last.vlan, -1);
	vf_of(IFLA_VF_LINK_STATE, &link, sizeof(link));
	assert_int_equal(visited.last.link, MIG_VF_LINK_UNKNOWN);
	vf_of(IFLA_VF_TRUST, &trust, sizeof(trust));
	assert_int_equal(visited.last.trust, -1);
	/* The first one says which VF it is; what is of another is not of this one. */
	vf_of(IFLA_VF_VLAN, &other, sizeof(other));
	assert_int_equal(visited.last.vf, 6);
	assert_int_equal(visited.last.vlan, 7);
	assert_int_equal(visited.last.spoofchk, -1);
	assert_int_equal(vf_of(IFLA_VF_SPOOFCHK, &unknown, sizeof(unknown)), 1);
	assert_int_equal(visited.last.spoofchk, -1);
	assert_int_equal(vf_of(IFLA_VF_SPOOFCHK, &far, sizeof(far)), 0);
	assert_int_equal(vf_of(IFLA_VF_SPOOFCHK, &far, 0), 0);
}

static void many(uint32_t count, uint32_t announced)
{
	size_t list;

	begin_link(&forge);
	forge_u32(&forge, IFLA_NUM_VF, announced);
	list = forge_begin(&forge, IFLA_VFINFO_LIST);
	for (uint32_t vf = 0; vf < count; vf++)
		whole_vf(&forge, vf);
	forge_end(&forge, list);
	end_link(&forge);
}

/* The list's own length does not know of more than 64 KiB. */
static void test_more_vfs_than_16_bits_hold(void **state)
{
	struct netlink_link link;

	(void)state;
	many(500, 500);
	assert_true(forge.size > 2 * UINT16_MAX);
	assert_int_equal(vfs(), 500);
	for (int vf = 0; vf < 500; vf++) {
		assert_int_equal(visited.all[vf].vf, vf);
		assert_memory_equal(visited.all[vf].mac, mac_of((uint32_t)vf).mac, 6);
	}
	assert_true(netlink_link_parse(forge_last(&forge), &link));
	assert_string_equal(link.link.name, "eth0");
	assert_memory_equal(link.mac, pf_mac, 6);
}

static void test_lies_about_the_number(void **state)
{
	(void)state;
	many(3, UINT32_MAX);
	assert_int_equal(vfs(), 3);
	many(3, 2);
	assert_int_equal(vfs(), 2);
	many(3, 0);
	assert_int_equal(vfs(), 0);
	/* Its number is missing: nothing says where the list ends. */
	begin_link(&forge);
	forge_end(&forge, forge_begin(&forge, IFLA_VFINFO_LIST));
	whole_vf(&forge, 0);
	assert_int_equal(vfs(), 0);
}

/* Of InfiniBand, say: how many of the 32 bytes are the address nobody tells. */
static void test_the_mac_of_no_ethernet(void **state)
{
	struct ifinfomsg *info;

	(void)state;
	many(1, 1);
	assert_int_equal(vfs(), 1);
	assert_true(visited.last.mac_known);
	info = (struct ifinfomsg *)(forge.bytes + NLMSG_HDRLEN);
	info->ifi_type = ARPHRD_INFINIBAND;
	assert_int_equal(vfs(), 1);
	assert_false(visited.last.mac_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_link),
		cmocka_unit_test(test_what_is_no_link),
		cmocka_unit_test(test_parents_and_ports),
		cmocka_unit_test(test_a_vf),
		cmocka_unit_test(test_what_is_unknown),
		cmocka_unit_test(test_odd_lengths_and_values),
		cmocka_unit_test(test_more_vfs_than_16_bits_hold),
		cmocka_unit_test(test_lies_about_the_number),
		cmocka_unit_test(test_the_mac_of_no_ethernet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
