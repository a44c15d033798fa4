// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a NIC's words to a device. sysfs knows the network devices of our own
 * network namespace by their names, and is asked first; rtnetlink knows
 * alternative names, MACs and other namespaces, and costs a socket.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/netlink_route.h"
#include "target_find.h"

/* A MAC of more is not looked through: VLANs and the like have that of the link below. */
#define MATCHES_MAX 64

bool target_is_vf(const char *word, int *len, int *vf)
{
	const char *at = strpbrk(word, "/ "), *rest;

	if (!at || at == word || word[0] == '.')
		return false;
	*len = (int)(at - word);
	if (*at == '/') {
		rest = target_after(at, "/vf");
		return target_number(rest ? rest : at + 1, vf);
	}
	rest = target_after(at + strspn(at, " "), "vf ");
	return rest && target_number(rest + strspn(rest, " "), vf);
}

/* In our own namespace, by its name proper, sysfs has its folder. */
static bool in_sysfs(const struct mig_host *host, const char *netdev, char folder[MIG_PATH_SIZE])
{
	return !host->netns && !strchr(netdev, '/') &&
	       !mig_path(folder, "%s/class/net/%s", host->sysfs, netdev) &&
	       mig_sysfs_exists(folder);
}

/* A virtio device is the child of a PCI one, which is what VFIO and SR-IOV know. */
static void climb_from_virtio(const struct mig_host *host, char path[MIG_PATH_SIZE])
{
	char subsystem[MIG_PATH_SIZE], name[MIG_NAME_SIZE], real[PATH_MAX], bdf[32], *last;

	if (mig_path(subsystem, "%s/subsystem", path) ||
	    mig_sysfs_link(subsystem, name, sizeof(name)) || strcmp(name, "virtio") ||
	    !realpath(path, real))
		return;
	*strrchr(real, '/') = '\0';
	last = strrchr(real, '/');
	if (last && mig_target_parse_bdf(last + 1, bdf))
		mig_path(path, "%s/bus/pci/devices/%s", host->sysfs, bdf);
}

/* The folder, or the link to it, of the device that a link of rtnetlink's belongs to. */
static int link_device(const struct mig_host *host, const struct mig_link *link,
		       char path[MIG_PATH_SIZE], struct mig_error *error)
{
	char folder[MIG_PATH_SIZE], shown[4 * MIG_LINK_NAME_SIZE];
	int ret = -ENODEV;

	if (link->pci[0])
		ret = mig_path(path, "%s/bus/pci/devices/%s", host->sysfs, link->pci);
	else if (in_sysfs(host, link->name, folder))
		ret = mig_path(path, "%s/device", folder);
	if (!ret && mig_sysfs_exists(path)) {
		if (!link->pci[0])
			climb_from_virtio(host, path);
		return 0;
	}
	mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
		      "the network device %s does not tell which device it is of: it is virtual%s",
		      mig_escape(shown, sizeof(shown), link->name),
		      host->netns ? ", or this kernel cannot tell it of another namespace (before "
				    "5.14)"
				  : "");
	return target_not_found(error);
}

/* -ENODEV, with the error: there is none of that name. */
static int find_link(const struct mig_host *host, const char *netdev, struct mig_link *link,
		     struct mig_error *error)
{
	char folder[MIG_PATH_SIZE];

	if (strlen(netdev) >= sizeof(link->name) || !in_sysfs(host, netdev, folder))
		return mig_route_find(host, netdev, link, error);
	*link = (struct mig_link){ 0 };
	strcpy(link->name, netdev);
	return 0;
}

/* Where the PF's virtfnN links are: sysfs's folder of its device, or a link to that. */
static int find_pf(const struct mig_host *host, const char *netdev, char path[MIG_PATH_SIZE],
		   struct mig_error *error)
{
	struct mig_link link;
	int ret = find_link(host, netdev, &link, error);

	if (ret == -ENODEV)
		mig_error_hint(error, "vfio-migctl list --all, ip link; it may be in another "
				      "network namespace: --netns NAME");
	return ret ? ret : link_device(host, &link, path, error);
}

int target_vf(const struct mig_host *host, const char *word, int len, int vf,
	      struct mig_target *target, struct mig_error *error)
{
	char path[MIG_PATH_SIZE], link[MIG_PATH_SIZE], netdev[MIG_TARGET_WORD_MAX + 1];
	int ret;

	snprintf(netdev, sizeof(netdev), "%.*s", len, word);
	ret = find_pf(host, netdev, path, error);
	if (ret)
		return ret;
	if (!mig_path(link, "%s/virtfn%d", path, vf) && !mig_target_read_link(host, link, target))
		return 0;
	mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
		      "network device %s has no VF %d (no %s/virtfn%d)", netdev, vf, path, vf);
	return target_not_found(error);
}

int target_netdev(const struct mig_host *host, const char *name, struct mig_target *target,
		  struct mig_error *error)
{
	char path[MIG_PATH_SIZE];
	struct mig_link link;
	int ret = find_link(host, name, &link, error);

	if (ret)
		return ret == -ENODEV ? -ENXIO : ret;
	ret = link_device(host, &link, path, error);
	if (ret)
		return ret;
	return mig_target_read_link(host, path, target) ? -ENXIO : 0;
}

static bool parse_mac(const char *text, uint8_t mac[6])
{
	static const char digits[] = "0123456789abcdefABCDEF";
	unsigned int any = 0;

	for (int i = 0; i < 6; i++, text += 3) {
		if (strspn(text, digits) != 2 || text[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)strtoul(text, NULL, 16);
		any |= mac[i];
	}
	return any;
}

/* The VF that a match speaks of; a PF's own MAC, or one of no PCI device, is none. */
static bool match_device(const struct mig_host *host, const struct mig_mac_match *match,
			 struct mig_target *target)
{
	char device[MIG_PATH_SIZE], path[MIG_PATH_SIZE];
	struct mig_error ignored;

	if (link_device(host, &match->link, device, &ignored))
		return false;
	if (match->vf >= 0)
		return !mig_path(path, "%s/virtfn%d", device, match->vf) &&
		       !mig_target_read_link(host, path, target);
	return !mig_path(path, "%s/physfn", device) && mig_sysfs_exists(path) &&
	       !mig_target_read_link(host, device, target);
}

/* The different devices among the matches. */
struct sorted {
	size_t count;
	char names[MATCHES_MAX][MIG_NAME_SIZE];
};

/* A VF on its host driver comes twice: its PF tells its MAC, and so does its own netdev. */
static void sort_in(struct sorted *sorted, const struct mig_target *found,
		    struct mig_target *target)
{
	for (size_t i = 0; i < sorted->count; i++)
		if (!strcmp(sorted->names[i], found->name))
			return;
	if (!sorted->count)
		*target = *found;
	strcpy(sorted->names[sorted->count++], found->name);
}

static int several(const char *word, const struct sorted *sorted, struct mig_error *error)
{
	char shown[MIG_NAME_SIZE];

	mig_error_set(error, MIG_KIND_USAGE, EINVAL, "%s is the MAC of %zu VFs:", word,
		      sorted->count);
	for (size_t i = 0; i < sorted->count; i++)
		mig_error_add(error, "%s %s", i ? "," : "",
			      mig_escape(shown, sizeof(shown), sorted->names[i]));
	mig_error_hint(error, "name one of them");
	return -EINVAL;
}

int target_mac(const struct mig_host *host, const char *word, const char *mac,
	       struct mig_target *target, struct mig_error *error)
{
	struct mig_mac_match matches[MATCHES_MAX];
	struct sorted sorted = { 0 };
	struct mig_target found;
	uint8_t bytes[6];
	size_t count;
	int ret;

	if (!parse_mac(mac, bytes))
		return target_malformed(error, word,
					"a MAC is six bytes, not all zero, as in "
					"mac:02:00:00:00:00:01");
	ret = mig_route_find_mac(host, bytes, matches, MATCHES_MAX, &count, error);
	if (ret)
		return ret;
	for (size_t i = 0; i < count && i < MATCHES_MAX; i++)
		if (match_device(host, &matches[i], &found))
			sort_in(&sorted, &found, target);
	if (sorted.count == 1)
		return 0;
	if (sorted.count)
		return several(word, &sorted, error);
	mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV, "no VF has the MAC %s", mac);
	mig_error_hint(error, "ip link shows the VFs of each PF with their MACs; a VF that was "
			      "given none has one that only its user knows");
	return -ENODEV;
}
