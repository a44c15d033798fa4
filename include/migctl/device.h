/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An open VFIO device, by its group or by its own node.
 *
 * Opening is not passive: vfio_pci_core_enable() tries a function reset, and
 * closing resets again. State belongs to the open device: most drivers set
 * RUNNING at open and drop what they saved at close.
 */
#ifndef MIGCTL_DEVICE_H
#define MIGCTL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "migctl/error.h"
#include "migctl/sys.h"

/* Where it is; what the strings point to outlives the call only. */
struct mig_where {
	const char *name;     /* as VFIO names it: bus address or UUID */
	int group;            /* IOMMU group number, -1: it has none */
	bool noiommu;         /* the node is then /dev/vfio/noiommu-N */
	const char *cdev;     /* "vfio3", or NULL */
	dev_t cdev_number;    /* of its node, from sysfs; 0: not known, not checked */
	bool by_cdev;         /* the user named the device's own node */
	const char *vf_token; /* a UUID, or NULL */
};

struct mig_device {
	struct mig_sys *sys; /* not owned */
	int fd;              /* owned, as are the next three; -1: none */
	int group_fd;
	int container_fd;
	int iommufd;
	unsigned long container_type; /* what VFIO_SET_IOMMU took; 0: no container of ours */
	uint32_t iommufd_id;          /* the device there, when iommufd is open */
	char name[64];                /* for messages */
	/*
	 * Another process uses it, and a transfer of its own may be under way:
	 * nothing is read that would move that on, as v1's pending_bytes does.
	 */
	bool shared;
	/* From VFIO_DEVICE_GET_INFO, once mig_device_info() has asked. */
	bool informed;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

/*
 * The group's way; the device's own node where the group's is absent or the
 * user named it. On failure *error has a cause that the host can explain, and
 * nothing is left open.
 */
int mig_device_open(struct mig_device *device, struct mig_sys *sys, const struct mig_where *where,
		    struct mig_error *error);
/*
 * By a duplicate of the descriptor fd that process pid has it open with. What
 * was duplicated is for the caller to check. The device stays open, and its
 * group busy, until mig_device_close(), whatever becomes of the process.
 *
 * -ENOSYS: Linux before 5.6; -EPERM: not allowed to look into the process
 * (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS); -ESRCH, -EBADF: it, or the
 * descriptor, is gone. *device is then closed.
 */
int mig_device_attach(struct mig_device *device, struct mig_sys *sys, const char *name, pid_t pid,
		      int fd, struct mig_error *error);

/* What an open device says of itself that sysfs has too. */
struct mig_device_ids {
	const char *bus; /* "pci", "platform", ...: VFIO_DEVICE_FLAGS; NULL: none that is known */
	bool pci;        /* the rest is known */
	uint32_t vendor, device, subvendor, subdevice;
};

/* Passive: GET_INFO, and for PCI the ids in configuration space. */
int mig_device_identify(struct mig_device *device, struct mig_device_ids *ids,
			struct mig_error *error);

/* Once; a driver that does not come back from closing is reported. */
int mig_device_close(struct mig_device *device, struct mig_error *error);

/* Asks once and keeps the answer. */
int mig_device_info(struct mig_device *device, struct mig_error *error);
/* VFIO_DEVICE_FLAGS_RESET; after mig_device_info(). */
bool mig_device_can_reset(const struct mig_device *device);
/* -ENOTSUP, and nothing done, when the device does not offer it. */
int mig_device_reset(struct mig_device *device, struct mig_error *error);

#endif
