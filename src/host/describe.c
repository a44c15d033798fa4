// SPDX-License-Identifier: GPL-2.0-or-later
/* mig_target_describe(): what costs more syscalls than `get` can spend. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "migctl/target.h"

/*
 * One read instead of seven: the modalias has all the ids
 * (pci_uevent(), drivers/pci/pci-driver.c).
 */
static void read_ids(struct mig_target *target)
{
	struct mig_pci_ids *ids = &target->ids;
	unsigned int base, sub, interface;
	char path[MIG_PATH_SIZE];

	if (mig_path(path, "%s/modalias", target->syspath))
		return;
	mig_sysfs_text(path, target->modalias, sizeof(target->modalias));
	if (sscanf(target->modalias, "pci:v%8xd%8xsv%8xsd%8xbc%2xsc%2xi%2x", &ids->vendor,
		   &ids->device, &ids->subvendor, &ids->subdevice, &base, &sub, &interface) != 7)
		return;
	ids->class_code = base << 16 | sub << 8 | interface;
	ids->valid = true;
}

static bool is_virtfn(const struct mig_target *target, int index)
{
	char path[MIG_PATH_SIZE], name[MIG_NAME_SIZE];

	return !mig_path(path, "%s/physfn/virtfn%d", target->syspath, index) &&
	       !mig_sysfs_link(path, name, sizeof(name)) && !strcmp(name, target->name);
}

/* The routing ID, 16 bits, without the domain; -1 if the name is not an address. */
static int routing_id(const char *bdf)
{
	unsigned int domain, bus, slot, function;

	if (sscanf(bdf, "%x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4)
		return -1;
	return (int)(bus << 8 | slot << 3 | function);
}

/*
 * VF n has the routing ID PF + First VF Offset + n * VF Stride (SR-IOV
 * specification 3.3.9, 3.3.10), so n needs no search through up to 65,535
 * links. It is taken only if the kernel's own link agrees.
 */
static int read_vf_index(const struct mig_target *target)
{
	int pf = routing_id(target->pf), vf = routing_id(target->name);
	uint64_t offset, stride;
	char path[MIG_PATH_SIZE];
	int64_t distance;

	if (pf < 0 || vf < 0 || mig_path(path, "%s/physfn/sriov_offset", target->syspath) ||
	    mig_sysfs_u64(path, 10, &offset) || offset > UINT16_MAX)
		return -1;
	if (mig_path(path, "%s/physfn/sriov_stride", target->syspath) ||
	    mig_sysfs_u64(path, 10, &stride) || stride > UINT16_MAX)
		return -1;
	distance = (int64_t)vf - pf - (int64_t)offset;
	/* A single VF has no stride to speak of. */
	if (distance < 0 || (stride == 0 && distance != 0))
		return -1;
	if (stride)
		distance /= (int64_t)stride;
	return is_virtfn(target, (int)distance) ? (int)distance : -1;
}

static void read_pf(struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (mig_path(path, "%s/physfn", target->syspath) ||
	    mig_sysfs_link(path, target->pf, sizeof(target->pf)))
		return;
	target->is_vf = true;
	target->vf_index = read_vf_index(target);
	if (!mig_path(path, "%s/physfn/net", target->syspath))
		mig_sysfs_entry(path, target->pf_netdev, sizeof(target->pf_netdev));
}

void mig_target_describe(struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (target->described)
		return;
	target->described = true;
	read_ids(target);
	if (!strcmp(target->bus, "pci"))
		read_pf(target);
	if (!strcmp(target->bus, "mdev") && !mig_path(path, "%s/mdev_type", target->syspath))
		mig_sysfs_link(path, target->mdev_type, sizeof(target->mdev_type));
}
