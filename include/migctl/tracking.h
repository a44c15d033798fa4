/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dirty page tracking by the IOMMU, beside the device's own: whether what the
 * device was opened with has it. Passive; nothing is started.
 */
#ifndef MIGCTL_TRACKING_H
#define MIGCTL_TRACKING_H

#include "migctl/device.h"
#include "migctl/dirty.h"

/*
 * A type1 container's: the migration capability of VFIO_IOMMU_GET_INFO (Linux
 * 5.8). For an IOMMU without it the container takes all that is mapped for
 * dirty; for an emulated one, what the driver pinned.
 */
void mig_tracking_container(struct mig_device *device, struct mig_tracking *tracking);
/*
 * An iommufd's: IOMMU_HW_CAP_DIRTY_TRACKING of IOMMU_GET_HW_INFO (Linux 6.7),
 * which only a device behind an IOMMU of hardware has.
 */
void mig_tracking_iommufd(struct mig_device *device, struct mig_tracking *tracking);

/*
 * The pure part of the first: the chain in the size bytes at info, which the
 * kernel or what calls itself so has filled.
 */
void mig_tracking_parse(const void *info, size_t size, struct mig_tracking *tracking);

#endif
