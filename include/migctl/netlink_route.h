/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices and their VFs, by rtnetlink. Passive, and works without
 * root. Asked in host->netns, or in our own network namespace when that is
 * NULL; the PCI addresses are those of the whole machine either way.
 *
 * Authority: rtnetlink(7), include/uapi/linux/if_link.h, net/core/rtnetlink.c.
 * IFLA_PARENT_DEV_NAME is there since 5.14, alternative names since 5.5.
 */
#ifndef MIGCTL_NETLINK_ROUTE_H
#define MIGCTL_NETLINK_ROUTE_H

#include "migctl/record.h"
#include "migctl/target.h"

#define MIG_LINK_NAME_SIZE 16

struct mig_link {
	int index; /* in its namespace */
	char name[MIG_LINK_NAME_SIZE];
	char pci[32]; /* the address of its PCI device; "": it has none, or an old kernel */
};

/* The link of a name or of an alternative name. -ENODEV (MIG_KIND_NO_DEVICE): there is none. */
int mig_route_find(const struct mig_host *host, const char *name, struct mig_link *link,
		   struct mig_error *error);

/* Where a MAC was found. */
struct mig_mac_match {
	struct mig_link link;
	int vf; /* of the link, which is a PF's; -1: the link itself has the MAC */
};

/*
 * Who has the MAC: links, and VFs as their PFs have it. *count is of all, also
 * of those for which matches, of room items, had no room.
 */
int mig_route_find_mac(const struct mig_host *host, const uint8_t mac[6],
		       struct mig_mac_match *matches, size_t room, size_t *count,
		       struct mig_error *error);

/*
 * What the PF's network device says of a described target. -ENODEV
 * (MIG_KIND_NO_DEVICE): it is no VF, or no network device of its PF is in the
 * namespace, or that one does not speak of VFs (a switchdev's representor, a
 * driver without ndo_get_vf_config()).
 */
int mig_route_read_nic(const struct mig_host *host, const struct mig_target *target,
		       struct mig_nic_record *nic, struct mig_error *error);

#endif
