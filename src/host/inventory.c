// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/inventory.h"

/* A walk through folders of links to devices. */
struct gathering {
	const struct mig_host *host;
	struct mig_inventory *inventory;
	size_t room;
	char folder[MIG_PATH_SIZE];
	const char *suffix; /* after an entry of the folder, to the device's link */
};

static int add(struct gathering *gathering, const struct mig_target *target)
{
	struct mig_inventory *inventory = gathering->inventory;

	if (inventory->count == gathering->room) {
		size_t room = gathering->room ? gathering->room * 2 : 16;
		void *grown = reallocarray(inventory->targets, room, sizeof(*target));

		if (!grown)
			return -ENOMEM;
		inventory->targets = grown;
		gathering->room = room;
	}
	inventory->targets[inventory->count++] = *target;
	return 0;
}

/* A device that goes away meanwhile is no failure: it is not there. */
static int visit_device(void *context, int dirfd, const char *name)
{
	struct gathering *gathering = context;
	struct mig_target target;
	char link[MIG_PATH_SIZE];

	(void)dirfd;
	if (mig_path(link, "%s/%s%s", gathering->folder, name, gathering->suffix) ||
	    mig_target_read_link(gathering->host, link, &target) || !target.vfio_bound)
		return 0;
	return add(gathering, &target);
}

static int visit_pci(void *context, int dirfd, const char *name)
{
	struct gathering *gathering = context;
	struct mig_target target;
	char path[MIG_PATH_SIZE];

	(void)dirfd;
	if (mig_target_read(gathering->host, "pci", name, &target) || target.vfio_bound)
		return 0;
	if (target.group < 0 &&
	    (mig_path(path, "%s/physfn", target.syspath) || !mig_sysfs_exists(path)))
		return 0;
	return add(gathering, &target);
}

/* Before 6.1 the groups are the only list there is. */
static int visit_group(void *context, int dirfd, const char *name)
{
	struct gathering *gathering = context, inner = *gathering;
	const char *number = strncmp(name, "noiommu-", 8) ? name : name + 8;
	int ret;

	(void)dirfd;
	if (!number[0] || number[strspn(number, "0123456789")] ||
	    mig_path(inner.folder, "%s/kernel/iommu_groups/%s/devices", gathering->host->sysfs,
		     number))
		return 0;
	inner.suffix = "";
	ret = mig_sysfs_walk(inner.folder, visit_device, &inner);
	gathering->room = inner.room;
	return ret == -ENOMEM ? ret : 0;
}

/* The folder's entries; that it is not there means that there are none. */
static int gather(struct gathering *gathering, const char *folder, mig_sysfs_visit *visit)
{
	int ret = mig_path(gathering->folder, "%s/%s", gathering->host->sysfs, folder);

	return ret ? ret : mig_sysfs_walk(gathering->folder, visit, gathering);
}

static int gather_all(struct gathering *gathering, bool all)
{
	int ret;

	gathering->suffix = "/device";
	ret = gather(gathering, "class/vfio-dev", visit_device);
	if (ret == -ENOENT)
		ret = gather(gathering, "class/vfio", visit_group);
	if (all && (!ret || ret == -ENOENT))
		ret = gather(gathering, "bus/pci/devices", visit_pci);
	return ret == -ENOENT ? 0 : ret;
}

/* PCI addresses of one length sort as text, but domains can be longer (VMD). */
static int compare_targets(const void *left, const void *right)
{
	const struct mig_target *a = left, *b = right;
	int order = strcmp(a->bus, b->bus);

	if (order)
		return order;
	if (strcmp(a->bus, "pci"))
		return strverscmp(a->name, b->name);
	if (strlen(a->name) != strlen(b->name))
		return strlen(a->name) < strlen(b->name) ? -1 : 1;
	return strcmp(a->name, b->name);
}

int mig_inventory_read(const struct mig_host *host, bool all, struct mig_inventory *inventory,
		       struct mig_error *error)
{
	struct gathering gathering = { .host = host, .inventory = inventory };
	int ret;

	*inventory = (struct mig_inventory){ 0 };
	ret = gather_all(&gathering, all);
	if (ret) {
		mig_inventory_clear(inventory);
		return mig_error_set(error, MIG_KIND_FAILED, -ret,
				     "cannot list the devices in %s: %s", host->sysfs,
				     strerror(-ret));
	}
	if (inventory->count)
		qsort(inventory->targets, inventory->count, sizeof(*inventory->targets),
		      compare_targets);
	return 0;
}

void mig_inventory_clear(struct mig_inventory *inventory)
{
	free(inventory->targets);
	*inventory = (struct mig_inventory){ 0 };
}
