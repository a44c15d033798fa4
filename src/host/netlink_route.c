// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netlink_link.h"

/* A PF has one netdev a port; the rest of its links are representors. */
#define PORTS_MAX 8

static const char *in_netns(const struct mig_host *host, char text[128])
{
	char shown[100];

	text[0] = '\0';
	if (host->netns)
		snprintf(text, 128, " in the network namespace '%s'",
			 mig_escape(shown, sizeof(shown), host->netns));
	return text;
}

/* A question about one link, or with NLM_F_DUMP all; NULL: no memory. mask is of RTEXT_FILTER_*. */
static struct nl_msg *question(int flags, int index, uint32_t mask)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETLINK, flags);

	if (message && !nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO) &&
	    !nla_put_u32(message, IFLA_EXT_MASK, mask))
		return message;
	nlmsg_free(message);
	return NULL;
}

static int no_memory(struct mig_error *error)
{
	return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
}

static int visit_link(void *context, const struct nlmsghdr *message)
{
	struct mig_link *link = context;
	struct netlink_link parsed;

	if (message && netlink_link_parse(message, &parsed))
		*link = parsed.link;
	return 0;
}

/* A name that is short enough is looked for among the alternative ones as well. */
static int ask_name(struct netlink_socket *nl, const char *name, struct mig_link *link,
		    struct mig_error *error)
{
	struct nl_msg *message = question(0, 0, RTEXT_FILTER_SKIP_STATS);
	char shown[160];
	int ret;

	if (!message ||
	    nla_put_string(message, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name))
		ret = no_memory(error);
	else
		ret = netlink_ask(nl, message, visit_link, link, error,
				  "look for the network device %s",
				  mig_escape(shown, sizeof(shown), name));
	nlmsg_free(message);
	return ret;
}

int mig_route_find(const struct mig_host *host, const char *name, struct mig_link *link,
		   struct mig_error *error)
{
	char shown[160], where[128];
	struct netlink_socket nl;
	int ret;

	*link = (struct mig_link){ 0 };
	/* ALTIFNAMSIZ, which the kernel's policy takes as the longest. */
	if (!name[0] || strlen(name) >= 128)
		ret = -ENODEV;
	else
		ret = netlink_open(&nl, NETLINK_ROUTE, host, error);
	if (!ret) {
		ret = ask_name(&nl, name, link, error);
		netlink_close(&nl);
	}
	if ((!ret && link->index) || (ret && ret != -ENODEV))
		return ret;
	return mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
			     "there is no network device %s%s, nor one of that alternative name",
			     mig_escape(shown, sizeof(shown), name), in_netns(host, where));
}

/* All links of the namespace, once: those of one MAC, or those of one PF. */
struct search {
	const uint8_t *mac;
	const char *pci; /* the PF's; NULL: any */
	struct mig_mac_match *matches;
	size_t room, count;
	const struct netlink_link *link; /* of the message that is being visited */
};

static void add_match(struct search *search, int vf)
{
	if (search->count < search->room)
		search->matches[search->count] =
			(struct mig_mac_match){ .link = search->link->link, .vf = vf };
	search->count++;
}

static bool visit_vf_mac(void *context, const struct mig_nic_record *vf)
{
	struct search *search = context;

	if (vf->mac_known && !memcmp(vf->mac, search->mac, sizeof(vf->mac)))
		add_match(search, vf->vf);
	return true;
}

static int visit_mac(void *context, const struct nlmsghdr *message)
{
	struct search *search = context;
	struct netlink_link link;

	if (!message)
		search->count = 0;
	if (!message || !netlink_link_parse(message, &link))
		return 0;
	search->link = &link;
	if (link.has_mac && !memcmp(link.mac, search->mac, sizeof(link.mac)))
		add_match(search, -1);
	netlink_link_vfs(message, visit_vf_mac, search);
	return 0;
}

static int visit_ports(void *context, const struct nlmsghdr *message)
{
	struct search *search = context;
	struct netlink_link link;

	if (!message)
		search->count = 0;
	if (!message || !netlink_link_parse(message, &link) || link.representor ||
	    strcmp(link.link.pci, search->pci))
		return 0;
	search->link = &link;
	add_match(search, -1);
	return 0;
}

static int dump(struct netlink_socket *nl, uint32_t mask, netlink_visit *visit,
		struct search *search, struct mig_error *error)
{
	struct nl_msg *message = question(NLM_F_DUMP, 0, mask | RTEXT_FILTER_SKIP_STATS);
	int ret =
		message ? netlink_ask(nl, message, visit, search, error, "list the network devices")
			: no_memory(error);

	nlmsg_free(message);
	return ret;
}

/*
 * What stands behind the list of VFs cannot be trusted when that is long, and
 * the PCI address does: it is asked for again, without the VFs.
 */
static int ask_parent(struct netlink_socket *nl, struct mig_link *link, struct mig_error *error)
{
	struct nl_msg *message = question(0, link->index, RTEXT_FILTER_SKIP_STATS);
	char shown[4 * MIG_LINK_NAME_SIZE];
	int ret = message ? netlink_ask(nl, message, visit_link, link, error,
					"look at the network device %s",
					mig_escape(shown, sizeof(shown), link->name))
			  : no_memory(error);

	nlmsg_free(message);
	return ret;
}

int mig_route_find_mac(const struct mig_host *host, const uint8_t mac[6],
		       struct mig_mac_match *matches, size_t room, size_t *count,
		       struct mig_error *error)
{
	struct search search = { .mac = mac, .matches = matches, .room = room };
	struct netlink_socket nl;
	int ret = netlink_open(&nl, NETLINK_ROUTE, host, error);

	*count = 0;
	if (ret)
		return ret;
	ret = dump(&nl, RTEXT_FILTER_VF, visit_mac, &search, error);
	for (size_t i = 0; !ret && i < search.count && i < room; i++)
		ret = ask_parent(&nl, &matches[i].link, error);
	netlink_close(&nl);
	*count = ret ? 0 : search.count;
	return ret;
}

struct reading {
	struct mig_nic_record *nic;
	int vf;
	bool found;
};

static bool visit_one_vf(void *context, const struct mig_nic_record *vf)
{
	struct reading *reading = context;

	reading->found = vf->vf == reading->vf;
	if (reading->found)
		*reading->nic = *vf;
	return !reading->found;
}

static int visit_reading(void *context, const struct nlmsghdr *message)
{
	if (message)
		netlink_link_vfs(message, visit_one_vf, context);
	return 0;
}

/* The link of each port is asked until one speaks of the VF. */
static int read_ports(struct netlink_socket *nl, const struct search *ports,
		      struct reading *reading, struct mig_error *error)
{
	char shown[4 * MIG_LINK_NAME_SIZE];
	int ret = 0;

	for (size_t i = 0; !ret && !reading->found && i < ports->count && i < ports->room; i++) {
		const struct mig_link *link = &ports->matches[i].link;
		struct nl_msg *message = question(0, link->index, RTEXT_FILTER_VF);

		ret = message ? netlink_ask(nl, message, visit_reading, reading, error,
					    "ask the network device %s of its VFs",
					    mig_escape(shown, sizeof(shown), link->name))
			      : no_memory(error);
		nlmsg_free(message);
	}
	return ret;
}

static int find_ports(struct netlink_socket *nl, const struct mig_host *host,
		      const struct mig_target *target, struct search *ports,
		      struct mig_error *error)
{
	int ret = dump(nl, 0, visit_ports, ports, error);

	/* Before 5.14 a link does not tell its device; sysfs does, of our own namespace. */
	if (!ret && !ports->count && !host->netns && target->pf_netdev[0] &&
	    !ask_name(nl, target->pf_netdev, &ports->matches[0].link, error))
		ports->count = !ports->matches[0].link.pci[0];
	return ret;
}

int mig_route_read_nic(const struct mig_host *host, const struct mig_target *target,
		       struct mig_nic_record *nic, struct mig_error *error)
{
	struct mig_mac_match found[PORTS_MAX] = { 0 };
	struct search ports = { .pci = target->pf, .matches = found, .room = PORTS_MAX };
	struct reading reading = { .nic = nic, .vf = target->vf_index };
	struct netlink_socket nl;
	char where[128], shown[4 * MIG_LINK_NAME_SIZE];
	int ret;

	if (!target->is_vf || target->vf_index < 0)
		return mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV, "it is not a VF");
	ret = netlink_open(&nl, NETLINK_ROUTE, host, error);
	if (ret)
		return ret;
	ret = find_ports(&nl, host, target, &ports, error);
	if (!ret)
		ret = read_ports(&nl, &ports, &reading, error);
	netlink_close(&nl);
	if (ret || reading.found)
		return ret;
	in_netns(host, where);
	if (!ports.count)
		return mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
				     "its PF, %s, has no network device%s", target->pf,
				     where[0] ? where : " in this network namespace");
	return mig_error_set(
		error, MIG_KIND_NO_DEVICE, ENODEV, "the network device %s%s does not tell of VF %d",
		mig_escape(shown, sizeof(shown), found[0].link.name), where, target->vf_index);
}
