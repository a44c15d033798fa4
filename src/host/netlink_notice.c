// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/socket.h>

#include "migctl/netlink_notice.h"
#include "netlink.h"

struct mig_notices {
	struct netlink_socket nl;
	uint32_t group; /* 0: not found yet */
};

static int take_groups(void *context, const struct nlmsghdr *message)
{
	const struct nlattr *table[CTRL_ATTR_MCAST_GROUPS + 1], *group[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct mig_notices *notices = context;
	struct nlattr *entry;
	char name[GENL_NAMSIZ];
	int left;

	if (!message)
		return 0;
	netlink_attributes(table, CTRL_ATTR_MCAST_GROUPS, message, GENL_HDRLEN);
	if (!table[CTRL_ATTR_MCAST_GROUPS])
		return 0;
	/* An array: the type of each entry is its number. */
	nla_for_each_nested(entry, (struct nlattr *)table[CTRL_ATTR_MCAST_GROUPS], left)
	{
		netlink_nested(group, CTRL_ATTR_MCAST_GRP_MAX, entry);
		if (netlink_string(group[CTRL_ATTR_MCAST_GRP_NAME], name, sizeof(name)) &&
		    !strcmp(name, DEVLINK_GENL_MCGRP_CONFIG_NAME))
			netlink_u32(group[CTRL_ATTR_MCAST_GRP_ID], &notices->group);
	}
	return 0;
}

static int join(struct mig_notices *notices, struct mig_error *error)
{
	struct genlmsghdr header = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	struct nl_msg *message = nlmsg_alloc_simple(GENL_ID_CTRL, 0);
	int ret = -ENOMEM;

	if (message && !nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) &&
	    !nla_put_string(message, CTRL_ATTR_FAMILY_NAME, DEVLINK_GENL_NAME))
		ret = netlink_ask(&notices->nl, message, take_groups, notices, error,
				  "look for devlink's announcements");
	else
		mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	nlmsg_free(message);
	if (ret)
		return ret;
	if (notices->group)
		ret = nl_socket_add_membership(notices->nl.sock, (int)notices->group);
	if (notices->group && !ret)
		return 0;
	return mig_error_set(error, MIG_KIND_FAILED, ret ? netlink_errno(ret) : ENOENT,
			     "devlink's announcements cannot be listened to");
}

int mig_notices_open(const struct mig_host *host, struct mig_notices **out, struct mig_error *error)
{
	struct mig_notices *notices = calloc(1, sizeof(*notices));
	struct mig_host ours = *host;
	int ret;

	if (!notices)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	/* An instance stays here when its netdev is moved to the namespace of --netns. */
	ours.netns = NULL;
	ret = netlink_open(&notices->nl, NETLINK_GENERIC, &ours, error);
	if (!ret)
		ret = join(notices, error);
	if (ret) {
		mig_notices_close(notices);
		return ret;
	}
	*out = notices;
	return 0;
}

int mig_notices_fd(const struct mig_notices *notices)
{
	return nl_socket_get_fd(notices->nl.sock);
}

bool mig_notices_seen(struct mig_notices *notices)
{
	bool seen = false;
	char some[64];

	/* Cut, for it is not looked at. ENOBUFS, which is told once, is an announcement too. */
	while (recv(mig_notices_fd(notices), some, sizeof(some), MSG_DONTWAIT) >= 0 ||
	       errno == ENOBUFS)
		seen = true;
	return seen;
}

void mig_notices_close(struct mig_notices *notices)
{
	if (!notices)
		return;
	netlink_close(&notices->nl);
	free(notices);
}
