/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_FEATURE, which the v2 protocol and DMA logging both speak. */
#ifndef MIGCTL_FEATURE_H
#define MIGCTL_FEATURE_H

#include "migctl/device.h"
#include "uapi.h"

/* size is that of the whole request, whose head this fills; the driver's answer, or -errno. */
static inline int feature_call(struct mig_device *device, struct uapi_feature *header, size_t size,
			       uint32_t flags)
{
	header->argsz = (uint32_t)size;
	header->flags = flags;
	return device->sys->ops->ioctl(device->sys, device->fd, UAPI_FEATURE, header, size);
}

#endif
