// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/inventory.h"
#include "migctl/variant.h"

struct gathering {
	const struct mig_host *host;
	const char *folder;
	struct mig_siblings *siblings;
};

/*
 * A group is viable while no driver in it does DMA through the kernel: a
 * driver must have driver_managed_dma, which outside VFIO only these two set
 * (pci-stub.c and portdrv.c, since 5.19; before, vfio allowed pci-stub and any
 * bridge). No driver at all is no obstacle.
 */
static bool is_offender(const struct mig_target *target)
{
	static const char *const harmless[] = { "", "pci-stub", "pcieport" };

	if (target->vfio_bound || mig_variant_is_vfio_driver(target->driver))
		return false;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (!strcmp(target->driver, harmless[i]))
			return false;
	return true;
}

static int visit_device(void *context, int dirfd, const char *name)
{
	struct gathering *gathering = context;
	struct mig_siblings *siblings = gathering->siblings;
	struct mig_sibling *grown, *sibling;
	struct mig_target target;
	char link[MIG_PATH_SIZE];

	(void)dirfd;
	if (mig_path(link, "%s/%s", gathering->folder, name) ||
	    mig_target_read_link(gathering->host, link, &target))
		return 0;
	/* One at a time: realloc() grows in place or by doubling, and groups are small. */
	grown = reallocarray(siblings->items, siblings->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	siblings->items = grown;
	sibling = &grown[siblings->count++];
	strcpy(sibling->name, target.name);
	strcpy(sibling->driver, target.driver);
	sibling->vfio_bound = target.vfio_bound;
	sibling->offender = is_offender(&target);
	return 0;
}

static int compare_siblings(const void *left, const void *right)
{
	const struct mig_sibling *a = left, *b = right;

	return strverscmp(a->name, b->name);
}

int mig_siblings_read(const struct mig_host *host, int group, struct mig_siblings *siblings,
		      struct mig_error *error)
{
	struct gathering gathering = { host, NULL, siblings };
	char folder[MIG_PATH_SIZE];
	int ret;

	*siblings = (struct mig_siblings){ 0 };
	ret = mig_path(folder, "%s/kernel/iommu_groups/%d/devices", host->sysfs, group);
	gathering.folder = folder;
	if (!ret)
		ret = mig_sysfs_walk(folder, visit_device, &gathering);
	if (ret) {
		mig_siblings_clear(siblings);
		return mig_error_set(error, MIG_KIND_FAILED, -ret,
				     "cannot list the devices of IOMMU group %d (%s): %s", group,
				     folder, strerror(-ret));
	}
	if (siblings->count)
		qsort(siblings->items, siblings->count, sizeof(*siblings->items), compare_siblings);
	return 0;
}

void mig_siblings_clear(struct mig_siblings *siblings)
{
	free(siblings->items);
	*siblings = (struct mig_siblings){ 0 };
}

size_t mig_siblings_offenders(const struct mig_siblings *siblings, char *text, size_t size)
{
	size_t offenders = 0, used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < siblings->count; i++) {
		const struct mig_sibling *sibling = &siblings->items[i];
		char name[64], driver[64];
		int len;

		if (!sibling->offender)
			continue;
		len = snprintf(text + used, size - used, "%s%s (%s)", offenders++ ? ", " : "",
			       mig_escape(name, sizeof(name), sibling->name),
			       mig_escape(driver, sizeof(driver), sibling->driver));
		used = used + (size_t)len < size ? used + (size_t)len : size - 1;
	}
	return offenders;
}
