// SPDX-License-Identifier: GPL-2.0-or-later
/* mig_target_find(): from a word on the command line to a device. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target_find.h"

/* A word in a sentence: enough of it to be recognised. */
#define SHOWN_WORD 80

int target_malformed(struct mig_error *error, const char *word, const char *why)
{
	char shown[SHOWN_WORD];
	int ret;

	ret = mig_error_set(error, MIG_KIND_USAGE, EINVAL, "'%s' does not name a device: %s",
			    mig_escape(shown, sizeof(shown), word), why);
	mig_error_hint(error, "a device is 0000:06:00.1, an mdev UUID, group:26, vfio3, eth0/vf2, "
			      "mac:02:00:00:00:00:01 or a name shown by: vfio-migctl list --all");
	return ret;
}

int target_not_found(struct mig_error *error)
{
	mig_error_hint(error, "vfio-migctl list --all");
	return -ENODEV;
}

const char *target_after(const char *word, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(word, prefix, len) ? NULL : word + len;
}

bool target_number(const char *digits, int *number)
{
	size_t len = strspn(digits, "0123456789");

	if (!len || len > 9 || digits[len])
		return false;
	*number = atoi(digits);
	return true;
}

static bool is_uuid(const char *word)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(word) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (!strchr(form[i] == 'x' ? "0123456789abcdefABCDEF" : "-", word[i]))
			return false;
	return true;
}

static int find_pci(const struct mig_host *host, const char *bdf, struct mig_target *target,
		    struct mig_error *error)
{
	if (!mig_target_read(host, "pci", bdf, target))
		return 0;
	mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
		      "there is no PCI device %s (no %s/bus/pci/devices/%s)", bdf, host->sysfs,
		      bdf);
	return target_not_found(error);
}

/* The devices of a group, as mig_sysfs_walk() goes through them. */
struct group_search {
	const struct mig_host *host;
	const char *folder;
	struct mig_target *found; /* the last VFIO-bound one, or failing that the last */
	unsigned int devices, bound;
	char list[400]; /* of the bound ones, else of all, escaped */
};

static int visit_group(void *context, int dirfd, const char *name)
{
	struct group_search *search = context;
	char path[MIG_PATH_SIZE], escaped[64];
	struct mig_target target;
	size_t used;

	(void)dirfd;
	if (mig_path(path, "%s/%s", search->folder, name) ||
	    mig_target_read_link(search->host, path, &target))
		return 0;
	search->devices++;
	if (search->bound && !target.vfio_bound)
		return 0;
	if (target.vfio_bound && !search->bound++)
		search->list[0] = '\0';
	*search->found = target;
	used = strlen(search->list);
	snprintf(search->list + used, sizeof(search->list) - used, "%s%s", used ? ", " : "",
		 mig_escape(escaped, sizeof(escaped), target.name));
	return 0;
}

static int find_group(const struct mig_host *host, int group, struct mig_target *target,
		      struct mig_error *error)
{
	struct group_search search = { .host = host, .found = target };
	char folder[MIG_PATH_SIZE];
	int ret;

	search.folder = folder;
	if (mig_path(folder, "%s/kernel/iommu_groups/%d/devices", host->sysfs, group) ||
	    mig_sysfs_walk(folder, visit_group, &search) || !search.devices) {
		mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
			      "there is no device in IOMMU group %d (%s)", group, folder);
		return target_not_found(error);
	}
	if (search.bound == 1 || (!search.bound && search.devices == 1))
		return 0;
	if (search.bound)
		ret = mig_error_set(error, MIG_KIND_USAGE, EINVAL,
				    "IOMMU group %d has %u devices bound to VFIO drivers: %s",
				    group, search.bound, search.list);
	else
		ret = mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
				    "no device of IOMMU group %d is bound to a VFIO driver: %s",
				    group, search.list);
	mig_error_hint(error, "name one of the devices");
	return ret;
}

/* A node's name says which type of group it belongs to; the number alone does not. */
static int find_node(const struct mig_host *host, int group, bool noiommu,
		     struct mig_target *target, struct mig_error *error)
{
	int ret = find_group(host, group, target, error);
	char node[32];

	if (ret || target->noiommu == noiommu)
		return ret;
	ret = mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV, "there is no /dev/vfio/%s%d",
			    noiommu ? "noiommu-" : "", group);
	mig_error_hint(error, "the node of IOMMU group %d is /dev/vfio/%s", group,
		       mig_target_group_node(target, node));
	return ret;
}

static int find_cdev(const struct mig_host *host, int number, struct mig_target *target,
		     struct mig_error *error)
{
	char link[MIG_PATH_SIZE];
	int ret;

	if (mig_path(link, "%s/class/vfio-dev/vfio%d/device", host->sysfs, number) ||
	    mig_target_read_link(host, link, target)) {
		mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
			      "there is no vfio%d (no %s/class/vfio-dev/vfio%d)", number,
			      host->sysfs, number);
		return target_not_found(error);
	}
	target->named_cdev = true;
	if (target->cdev[0])
		return 0;
	ret = mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
			    "vfio%d has no node /dev/vfio/devices/vfio%d: this kernel has no "
			    "VFIO device cdev (CONFIG_VFIO_DEVICE_CDEV)",
			    number, number);
	error->cause = MIG_CAUSE_NO_NODE;
	mig_error_hint(error, "name the device itself to open it by its group: %s",
		       mig_name_is_plain(target->name) ? target->name : "vfio-migctl list");
	return ret;
}

struct bus_search {
	const struct mig_host *host;
	const char *name;
	struct mig_target *target;
};

static int visit_bus(void *context, int dirfd, const char *bus)
{
	struct bus_search *search = context;

	(void)dirfd;
	return mig_target_read(search->host, bus, search->name, search->target) ? 0 : 1;
}

static int find_plain(const struct mig_host *host, const char *name, struct mig_target *target,
		      struct mig_error *error)
{
	/* The buses with VFIO drivers first, so that a device is found in a few syscalls. */
	static const char *const buses[] = { "platform", "mdev", "fsl-mc", "cdx",
					     "ap",       "css",  "amba" };
	struct bus_search search = { host, name, target };
	char folder[MIG_PATH_SIZE], escaped[TARGET_ESCAPED_WORD];
	int group, ret;

	for (size_t i = 0; i < sizeof(buses) / sizeof(*buses); i++)
		if (!mig_target_read(host, buses[i], name, target))
			return 0;
	if (!mig_path(folder, "%s/bus", host->sysfs) &&
	    mig_sysfs_walk(folder, visit_bus, &search) == 1)
		return 0;
	ret = target_netdev(host, name, target, error);
	if (ret != -ENXIO)
		return ret;
	mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
		      "there is no device '%s' on any bus (looked in %s/bus/*/devices), and no "
		      "network device of that name",
		      mig_escape(escaped, sizeof(escaped), name), host->sysfs);
	target_not_found(error);
	if (target_number(name, &group))
		mig_error_hint(error, "an IOMMU group is written group:%d", group);
	return -ENODEV;
}

static int find_uuid(const struct mig_host *host, const char *word, struct mig_target *target,
		     struct mig_error *error)
{
	char name[MIG_TARGET_WORD_MAX + 1];
	size_t i;

	/* mdev_device_create() names devices in lower case (%pUl). */
	for (i = 0; word[i]; i++)
		name[i] = (char)(word[i] >= 'A' && word[i] <= 'F' ? word[i] + 'a' - 'A' : word[i]);
	name[i] = '\0';
	if (!mig_target_read(host, "mdev", name, target))
		return 0;
	return find_plain(host, name, target, error);
}

/* The forms that have a slash; nothing else with one becomes part of a path. */
static int find_pathlike(const struct mig_host *host, const char *word, struct mig_target *target,
			 struct mig_error *error)
{
	const char *rest;
	char bdf[32];
	int number, len;

	rest = target_after(word, "/dev/vfio/devices/vfio");
	if (rest && target_number(rest, &number))
		return find_cdev(host, number, target, error);
	rest = target_after(word, "/dev/vfio/noiommu-");
	if (rest && target_number(rest, &number))
		return find_node(host, number, true, target, error);
	rest = target_after(word, "/dev/vfio/");
	if (rest && target_number(rest, &number))
		return find_node(host, number, false, target, error);
	rest = target_after(word, "pci/");
	if (rest && mig_target_parse_bdf(rest, bdf))
		return find_pci(host, bdf, target, error);
	if (target_is_vf(word, &len, &number))
		return target_vf(host, word, len, number, target, error);
	return target_malformed(error, word, "a path can only be a node under /dev/vfio");
}

static const char *word_fault(const char *word)
{
	char escaped[TARGET_ESCAPED_WORD];

	if (!word[0])
		return "it is empty";
	if (strlen(word) > MIG_TARGET_WORD_MAX)
		return "it is too long";
	if (word[0] == '-')
		return "it begins like an option";
	if (strcmp(mig_escape(escaped, sizeof(escaped), word), word))
		return "it has control characters or is not UTF-8";
	if (strstr(word, "..") || !strcmp(word, "."))
		return "'.' and '..' are folders";
	return NULL;
}

int mig_target_find(const struct mig_host *host, const char *word, struct mig_target *target,
		    struct mig_error *error)
{
	const char *fault = word_fault(word), *rest;
	char bdf[32];
	int number, len;

	memset(target, 0, sizeof(*target));
	if (fault)
		return target_malformed(error, word, fault);
	if (strchr(word, '/'))
		return find_pathlike(host, word, target, error);
	if (mig_target_parse_bdf(word, bdf))
		return find_pci(host, bdf, target, error);
	rest = target_after(word, "group:");
	if (rest && target_number(rest, &number))
		return find_group(host, number, target, error);
	if (rest)
		return target_malformed(error, word, "an IOMMU group is a number, as in group:26");
	rest = target_after(word, "vfio");
	if (rest && target_number(rest, &number))
		return find_cdev(host, number, target, error);
	rest = target_after(word, "mac:");
	if (rest)
		return target_mac(host, word, rest, target, error);
	if (strchr(word, ' ') && target_is_vf(word, &len, &number))
		return target_vf(host, word, len, number, target, error);
	if (is_uuid(word))
		return find_uuid(host, word, target, error);
	return find_plain(host, word, target, error);
}
