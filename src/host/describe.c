// SPDX-License-Identifier: GPL-2.0-or-later
/* mig_target_describe(): what costs more syscalls than `get` can spend. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "target_find.h"

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

bool target_is_representor(const char *phys_port_name)
{
	return !strncmp(phys_port_name, "pf", 2) || phys_port_name[0] == 'c';
}

/* Legacy drivers have no phys_port_name to read; the uplink's is p0. */
static bool is_uplink(const char *folder, const char *netdev)
{
	char path[MIG_PATH_SIZE], port[64];

	return !mig_path(path, "%s/%s", folder, netdev) && mig_sysfs_exists(path) &&
	       !mig_path(path, "%s/%s/phys_port_name", folder, netdev) &&
	       (mig_sysfs_text(path, port, sizeof(port)) || !target_is_representor(port));
}

struct uplink_search {
	const char *folder;
	char *netdev;
	size_t size;
};

static int visit_netdev(void *context, int dirfd, const char *name)
{
	struct uplink_search *search = context;

	(void)dirfd;
	if (strlen(name) >= search->size || !is_uplink(search->folder, name))
		return 0;
	strcpy(search->netdev, name);
	return 1;
}

/*
 * In switchdev mode the PF's folder has a representor for each VF beside the
 * uplink. So that a list of a thousand VFs does not look through them a
 * thousand times, the last PF's answer is tried first, and tried is checked.
 */
static void read_pf_netdev(struct mig_target *target)
{
	static char last_pf[sizeof(target->pf)], last_netdev[sizeof(target->pf_netdev)];
	char folder[MIG_PATH_SIZE];
	struct uplink_search search = { folder, last_netdev, sizeof(last_netdev) };

	if (mig_path(folder, "%s/physfn/net", target->syspath))
		return;
	if (strcmp(last_pf, target->pf) || !last_netdev[0] || !is_uplink(folder, last_netdev)) {
		strcpy(last_pf, target->pf);
		last_netdev[0] = '\0';
		mig_sysfs_walk(folder, visit_netdev, &search);
	}
	strcpy(target->pf_netdev, last_netdev);
}

static void read_pf(struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (mig_path(path, "%s/physfn", target->syspath) ||
	    mig_sysfs_link(path, target->pf, sizeof(target->pf)))
		return;
	target->is_vf = true;
	target->vf_index = read_vf_index(target);
	read_pf_netdev(target);
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
