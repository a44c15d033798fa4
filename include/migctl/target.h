/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One device as the machine shows it, and the way from a word to it. Passive:
 * reads sysfs only, never opens the device.
 *
 * Authority for names and folders: drivers/vfio/group.c (groups), vfio_main.c
 * (class vfio-dev, kernels since 6.1), device_cdev.c (the cdev, since 6.6).
 */
#ifndef MIGCTL_TARGET_H
#define MIGCTL_TARGET_H

#include <sys/types.h>

#include "migctl/error.h"
#include "migctl/sysfs.h"

#define MIG_TARGET_WORD_MAX 255

struct mig_pci_ids {
	bool valid;
	uint32_t vendor, device, subvendor, subdevice;
	uint32_t class_code; /* base class, sub-class, interface: 0x020000 is Ethernet */
};

struct mig_target {
	/* Filled by mig_target_find(), mig_target_read() and the inventory. */
	char name[MIG_NAME_SIZE]; /* as VFIO_GROUP_GET_DEVICE_FD wants it */
	char bus[32];             /* "pci", "mdev", "platform", ...; "" when it has none */
	char syspath[MIG_PATH_SIZE];
	char driver[64];    /* "" when no driver is bound */
	char vfio_name[32]; /* "vfio3", the vfio-dev child; "" before 6.1 or when not bound */
	char cdev[32];      /* the same when it has a node /dev/vfio/devices/vfio3, else "" */
	int group;          /* IOMMU group, -1 when there is none */
	bool noiommu;       /* the node is /dev/vfio/noiommu-N, not /dev/vfio/N */
	bool vfio_bound;
	bool named_cdev; /* the word was a vfioN: open it by its cdev */

	/* Filled by mig_target_describe(). */
	bool described;
	struct mig_pci_ids ids;
	char modalias[128]; /* "" when it has none */
	bool is_vf;         /* pf, vf_index and pf_netdev are of a VF only */
	char pf[32];        /* the PF's PCI address */
	int vf_index;       /* -1 when unknown */
	char pf_netdev[32]; /* "" when the PF has none */
	char mdev_type[64]; /* an mdev's type, "mtty-2"; else "" */
};

/*
 * Finds the device a word names: 0000:06:00.1, 06:00.1, pci/0000:06:00.1, an
 * mdev UUID, group:26, /dev/vfio/26, /dev/vfio/noiommu-3, vfio3,
 * /dev/vfio/devices/vfio3, eth0/vf2, eth0/2, "eth0 vf 2", mac:02:00:00:00:00:01
 * (a VF's), a device's name on any bus, or that of its network device. Only
 * the NIC's words that sysfs does not know open a socket, in host->netns.
 *
 * MIG_KIND_USAGE (-EINVAL): the word is malformed, or a group has several
 * VFIO-bound devices, or several VFs have the MAC. MIG_KIND_NO_DEVICE
 * (-ENODEV): nothing of that name. Others: the namespace, or its netlink.
 * Whether it is bound to a VFIO driver is mig_target_require_bound()'s question.
 */
int mig_target_find(const struct mig_host *host, const char *word, struct mig_target *target,
		    struct mig_error *error);

/*
 * The device NAME of BUS, both file names known to be such ("" for no bus is
 * not one). -ENODEV when it is not there.
 */
int mig_target_read(const struct mig_host *host, const char *bus, const char *name,
		    struct mig_target *target);
/* The device that a sysfs link (…/device, iommu_groups/N/devices/X) points to. */
int mig_target_read_link(const struct mig_host *host, const char *link, struct mig_target *target);

/* The rest, which costs more syscalls. What cannot be read stays empty. */
void mig_target_describe(struct mig_target *target);

/*
 * MIG_KIND_NO_DEVICE (-ENODEV) when no VFIO driver has the device: which
 * driver it has, and the commands that bind it; or that vfio is not loaded.
 */
int mig_target_require_bound(const struct mig_host *host, struct mig_target *target,
			     struct mig_error *error);

/* The device number of its node under /dev/vfio/devices; 0: it has none, or it cannot be read. */
dev_t mig_target_cdev_number(const struct mig_host *host, const struct mig_target *target);

/* "26" or "noiommu-3": the group's node under /dev/vfio; "" without a group. */
char *mig_target_group_node(const struct mig_target *target, char node[32]);

/* "0000:06:00.1" or "06:00.1", in any case; the long form, lower case, comes out. */
bool mig_target_parse_bdf(const char *word, char bdf[32]);

#endif
