/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTM_NEWLINK messages, taken apart without a socket. */
#ifndef NETLINK_LINK_H
#define NETLINK_LINK_H

#include "migctl/netlink_route.h"
#include "netlink.h"

struct netlink_link {
	struct mig_link link;
	bool has_mac; /* Ethernet, with an address of six bytes */
	uint8_t mac[6];
	bool representor; /* in a switchdev's eswitch it stands for a VF or SF, not for the PF */
};

/* False: it is no RTM_NEWLINK, or it lacks the index or the name. */
bool netlink_link_parse(const struct nlmsghdr *message, struct netlink_link *link);

/* pf_netdev is filled as well. True: go on. */
typedef bool netlink_vf_visit(void *context, const struct mig_nic_record *vf);

/* Visits the VFs that the link of the message tells of. */
void netlink_link_vfs(const struct nlmsghdr *message, netlink_vf_visit *visit, void *context);

#endif
