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
	char name[64]; /* for messages */
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
/* Once; a driver that does not come back from closing is reported. */
int mig_device_close(struct mig_device *device, struct mig_error *error);

/* Asks once and keeps the answer. */
int mig_device_info(struct mig_device *device, struct mig_error *error);
/* VFIO_DEVICE_FLAGS_RESET; after mig_device_info(). */
bool mig_device_can_reset(const struct mig_device *device);
/* -ENOTSUP, and nothing done, when the device does not offer it. */
int mig_device_reset(struct mig_device *device, struct mig_error *error);

#endif
