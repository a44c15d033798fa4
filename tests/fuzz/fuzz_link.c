// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams of rtnetlink, as a kernel that means harm would send them: framing,
 * status and extended ack, then every message as a link with VFs.
 */
#include <string.h>

#include "../../src/host/netlink_link.h"
#include "fuzz.h"

struct count {
	size_t vfs, most;
};

static bool visit_vf(void *context, const struct mig_nic_record *nic)
{
	struct count *count = context;

	/* Each takes an attribute, and that four bytes at least. */
	HOLDS(++count->vfs <= count->most);
	HOLDS(nic->vf >= 0 && nic->vf <= UINT16_MAX);
	HOLDS(nic->vlan >= -1 && nic->vlan < 4096);
	HOLDS(nic->qos >= -1 && nic->qos < 8);
	HOLDS(nic->vlan_proto >= -1 && nic->vlan_proto <= UINT16_MAX);
	HOLDS(nic->trust >= -1 && nic->trust <= 1);
	HOLDS(nic->spoofchk >= -1 && nic->spoofchk <= 1);
	HOLDS(nic->link == MIG_VF_LINK_UNKNOWN || mig_vf_link_name(nic->link));
	HOLDS(memchr(nic->pf_netdev, '\0', sizeof(nic->pf_netdev)));
	return true;
}

static int visit(void *context, const struct nlmsghdr *message)
{
	struct nlmsghdr *exact;
	struct netlink_link link;
	struct count count = { .most = message->nlmsg_len / NLA_HDRLEN };
	char bdf[32];

	(void)context;
	/* Alone in memory, so that a read behind its end is seen. */
	exact = malloc(message->nlmsg_len);
	HOLDS(exact);
	memcpy(exact, message, message->nlmsg_len);
	if (netlink_link_parse(exact, &link)) {
		HOLDS(link.link.index > 0);
		HOLDS(memchr(link.link.name, '\0', sizeof(link.link.name)));
		HOLDS(!link.link.pci[0] || mig_target_parse_bdf(link.link.pci, bdf));
	}
	netlink_link_vfs(exact, visit_vf, &count);
	free(exact);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netlink_reply reply = { .visit = visit };
	uint8_t *exact = malloc(size ? size : 1);
	int ret;

	HOLDS(exact);
	if (size)
		memcpy(exact, data, size);
	/* What is of another request is skipped, so it answers the one that it says. */
	if (size >= NLMSG_HDRLEN)
		reply.sequence = ((struct nlmsghdr *)exact)->nlmsg_seq;
	ret = netlink_take(&reply, exact, size);
	HOLDS(ret <= 0 && reply.err <= 0 && reply.err >= -4095);
	HOLDS(!reply.err || reply.done);
	HOLDS(memchr(reply.said, '\0', sizeof(reply.said)));
	free(exact);
	return 0;
}
