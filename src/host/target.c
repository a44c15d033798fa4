// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/target.h"
#include "migctl/variant.h"

/* The link's last component, or "" when it is absent or does not fit. */
static void read_link(char *name, size_t size, const char *syspath, const char *link)
{
	char path[MIG_PATH_SIZE];

	name[0] = '\0';
	if (!mig_path(path, "%s/%s", syspath, link))
		mig_sysfs_link(path, name, size);
}

static int read_group(const char *syspath)
{
	char number[16], *end;
	long group;

	read_link(number, sizeof(number), syspath, "iommu_group");
	group = strtol(number, &end, 10);
	return number[0] >= '0' && number[0] <= '9' && !*end ? (int)group : -1;
}

/*
 * The iommu group's name cannot tell: noiommu groups and those of emulated
 * IOMMUs (mdev) are both "vfio-noiommu" (vfio_noiommu_group_alloc()). Only the
 * former have a class device noiommu-N.
 */
static bool read_noiommu(const struct mig_host *host, int group)
{
	char path[MIG_PATH_SIZE];

	return !mig_path(path, "%s/class/vfio/noiommu-%d", host->sysfs, group) &&
	       mig_sysfs_exists(path);
}

/*
 * The vfio-dev child is there on every kernel since 6.1; its `dev` only where
 * the kernel has the cdev (CONFIG_VFIO_DEVICE_CDEV), and then a node too.
 */
static void read_vfio_dev(struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (mig_path(path, "%s/vfio-dev", target->syspath) ||
	    mig_sysfs_entry(path, target->vfio_name, sizeof(target->vfio_name)))
		return;
	target->vfio_bound = true;
	if (!mig_path(path, "%s/vfio-dev/%s/dev", target->syspath, target->vfio_name) &&
	    mig_sysfs_exists(path))
		strcpy(target->cdev, target->vfio_name);
}

/* Before 6.1: a node for the group, and a driver that gives devices to VFIO. */
static bool bound_without_class(const struct mig_host *host, const struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (target->group < 0 || !mig_variant_is_vfio_driver(target->driver))
		return false;
	if (mig_path(path, "%s/class/vfio-dev", host->sysfs) || mig_sysfs_exists(path))
		return false;
	return !mig_path(path, "%s/class/vfio/%s%d", host->sysfs, target->noiommu ? "noiommu-" : "",
			 target->group) &&
	       mig_sysfs_exists(path);
}

/*
 * On the way of every `get`, so the existence of the device is asked for only
 * when neither a driver nor a group has proven it.
 */
static int read_identity(const struct mig_host *host, struct mig_target *target)
{
	read_link(target->driver, sizeof(target->driver), target->syspath, "driver");
	target->group = read_group(target->syspath);
	if (!target->driver[0] && target->group < 0 && !mig_sysfs_exists(target->syspath))
		return -ENODEV;
	read_vfio_dev(target);
	if (target->group >= 0 && strcmp(target->bus, "mdev"))
		target->noiommu = read_noiommu(host, target->group);
	if (!target->vfio_bound)
		target->vfio_bound = bound_without_class(host, target);
	return 0;
}

int mig_target_read(const struct mig_host *host, const char *bus, const char *name,
		    struct mig_target *target)
{
	memset(target, 0, sizeof(*target));
	target->vf_index = -1;
	if (strlen(name) >= sizeof(target->name) || strlen(bus) >= sizeof(target->bus) ||
	    mig_path(target->syspath, "%s/bus/%s/devices/%s", host->sysfs, bus, name))
		return -ENODEV;
	strcpy(target->name, name);
	strcpy(target->bus, bus);
	return read_identity(host, target);
}

int mig_target_read_link(const struct mig_host *host, const char *link, struct mig_target *target)
{
	char name[MIG_NAME_SIZE], bus[sizeof(target->bus)];

	if (mig_sysfs_link(link, name, sizeof(name)))
		return -ENODEV;
	read_link(bus, sizeof(bus), link, "subsystem");
	if (bus[0])
		return mig_target_read(host, bus, name, target);
	memset(target, 0, sizeof(*target));
	target->vf_index = -1;
	strcpy(target->name, name);
	return mig_path(target->syspath, "%s", link) ? -ENODEV : read_identity(host, target);
}

char *mig_target_group_node(const struct mig_target *target, char node[32])
{
	node[0] = '\0';
	if (target->group >= 0)
		snprintf(node, 32, "%s%d", target->noiommu ? "noiommu-" : "", target->group);
	return node;
}

/* Hexadecimal digits only, min to max of them. Returns what follows, or NULL. */
static const char *parse_hex(const char *at, size_t min, size_t max, unsigned long *value)
{
	size_t len = strspn(at, "0123456789abcdefABCDEF");

	if (len < min || len > max)
		return NULL;
	*value = strtoul(at, NULL, 16);
	return at + len;
}

bool mig_target_parse_bdf(const char *word, char bdf[32])
{
	unsigned long domain = 0, bus, slot, function;
	const char *colon = strchr(word, ':');

	/* The domain may be left out, and has more than four digits behind VMD. */
	if (colon && strchr(colon + 1, ':')) {
		word = parse_hex(word, 4, 8, &domain);
		if (!word || *word++ != ':')
			return false;
	}
	word = parse_hex(word, 2, 2, &bus);
	if (!word || *word++ != ':')
		return false;
	word = parse_hex(word, 2, 2, &slot);
	if (!word || *word++ != '.' || slot > 0x1f)
		return false;
	word = parse_hex(word, 1, 1, &function);
	if (!word || *word || function > 7)
		return false;
	snprintf(bdf, 32, "%04lx:%02lx:%02lx.%lx", domain, bus, slot, function);
	return true;
}

/* vfio_init() makes its classes whether it is a module or not; built in, it may lack module/vfio.
 */
static bool vfio_loaded(const struct mig_host *host)
{
	static const char *const signs[] = { "module/vfio", "class/vfio", "class/vfio-dev" };
	char path[MIG_PATH_SIZE];

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (!mig_path(path, "%s/%s", host->sysfs, signs[i]) && mig_sysfs_exists(path))
			return true;
	return false;
}

static void hint_bind(const struct mig_host *host, struct mig_target *target,
		      struct mig_error *error)
{
	char sentence[256], remedy[480], driver[sizeof(target->driver) + sizeof("vfio-")];

	mig_target_describe(target);
	if (mig_variant_explain(host, target, sentence, sizeof(sentence), remedy, sizeof(remedy))) {
		mig_error_hint(error, "%s: %s", sentence, remedy);
		return;
	}
	/* vfio-platform, vfio-fsl-mc, vfio-cdx and vfio-amba are named alike. */
	snprintf(driver, sizeof(driver), "vfio-%s", target->bus);
	mig_variant_bind_commands(target, driver, driver, remedy, sizeof(remedy));
	if (remedy[0])
		mig_error_hint(error, "bind it: %s", remedy);
	else
		mig_error_hint(error, "load the VFIO driver of its parent device");
}

int mig_target_require_bound(const struct mig_host *host, struct mig_target *target,
			     struct mig_error *error)
{
	char name[256], driver[128];
	bool loaded;
	int ret;

	if (target->vfio_bound)
		return 0;
	mig_escape(name, sizeof(name), target->name);
	mig_escape(driver, sizeof(driver), target->driver);
	loaded = vfio_loaded(host);
	ret = mig_error_set(error, MIG_KIND_NO_DEVICE, ENODEV,
			    "%s is not bound to a VFIO driver (%s%s)%s", name,
			    driver[0] ? "its driver is " : "it has no driver", driver,
			    loaded ? "" : "; the vfio module is not loaded");
	hint_bind(host, target, error);
	return ret;
}

dev_t mig_target_cdev_number(const struct mig_host *host, const struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (!target->cdev[0] ||
	    mig_path(path, "%s/class/vfio-dev/%s/dev", host->sysfs, target->cdev))
		return 0;
	return mig_sysfs_dev(path);
}
