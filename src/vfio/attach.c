// SPDX-License-Identifier: GPL-2.0-or-later
/* A device by the descriptor of the process that has it open. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "migctl/device.h"
#include "migctl/region.h"
#include "uapi.h"

int mig_device_attach(struct mig_device *device, struct mig_sys *sys, const char *name, pid_t pid,
		      int fd, struct mig_error *error)
{
	int ret;

	memset(device, 0, sizeof(*device));
	device->sys = sys;
	device->group_fd = device->container_fd = device->iommufd = -1;
	device->shared = true;
	snprintf(device->name, sizeof(device->name), "%s", name);
	ret = device->fd = sys->ops->getfd(sys, pid, fd);
	if (ret >= 0)
		return 0;
	device->fd = -1;
	return mig_sys_error(sys, error,
			     ret == -EPERM || ret == -EACCES ? MIG_KIND_NO_DEVICE : MIG_KIND_FAILED,
			     ret, "duplicating the descriptor of %s from process %d (pidfd_getfd)",
			     device->name, (int)pid);
}

/* In the order in which the kernel has defined them. */
static const char *bus_of(uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *bus;
	} known[] = {
		{ VFIO_DEVICE_FLAGS_PCI, "pci" },   { VFIO_DEVICE_FLAGS_PLATFORM, "platform" },
		{ VFIO_DEVICE_FLAGS_AMBA, "amba" }, { VFIO_DEVICE_FLAGS_CCW, "ccw" },
		{ VFIO_DEVICE_FLAGS_AP, "ap" },     { VFIO_DEVICE_FLAGS_FSL_MC, "fsl-mc" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (flags & known[i].flag)
			return known[i].bus;
	return NULL;
}

/* Little-endian, as configuration space is; offsets of the PCI specification's header. */
static int read_word(struct mig_device *device, const struct mig_region *config, off_t offset,
		     uint32_t *word, struct mig_error *error)
{
	uint8_t bytes[2];
	ssize_t got = device->sys->ops->pread(device->sys, device->fd, bytes, sizeof(bytes),
					      (off_t)config->offset + offset);

	if (got != (ssize_t)sizeof(bytes))
		return mig_sys_error(device->sys, error, MIG_KIND_FAILED, got < 0 ? (int)got : -EIO,
				     "reading the configuration space of %s", device->name);
	*word = bytes[0] | (uint32_t)bytes[1] << 8;
	return 0;
}

int mig_device_identify(struct mig_device *device, struct mig_device_ids *ids,
			struct mig_error *error)
{
	struct mig_region config;
	int ret = mig_device_info(device, error);

	memset(ids, 0, sizeof(*ids));
	if (ret)
		return ret;
	ids->bus = bus_of(device->flags);
	if (!(device->flags & VFIO_DEVICE_FLAGS_PCI) ||
	    device->num_regions <= VFIO_PCI_CONFIG_REGION_INDEX)
		return 0;
	ret = mig_region_read(device, VFIO_PCI_CONFIG_REGION_INDEX, &config, error);
	if (!ret && (!config.read || config.size < 0x40 || config.offset > INT64_MAX - 0x40))
		return 0;
	if (!ret)
		ret = read_word(device, &config, 0x00, &ids->vendor, error);
	if (!ret)
		ret = read_word(device, &config, 0x02, &ids->device, error);
	if (!ret)
		ret = read_word(device, &config, 0x2c, &ids->subvendor, error);
	if (!ret)
		ret = read_word(device, &config, 0x2e, &ids->subdevice, error);
	ids->pci = !ret;
	return ret;
}
