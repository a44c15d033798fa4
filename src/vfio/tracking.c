// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/tracking.h"
#include "uapi.h"

/* A first guess; the IOVA ranges of most machines fit. And what no chain needs. */
#define INFO_FIRST 1024u
#define INFO_MAX MIG_SYS_BOUNCE

__attribute__((format(printf, 3, 4))) static void
is(struct mig_tracking *tracking, enum mig_tracked tracked, const char *format, ...)
{
	va_list args;

	tracking->tracked = tracked;
	va_start(args, format);
	vsnprintf(tracking->reason, sizeof(tracking->reason), format, args);
	va_end(args);
}

static void take_migration(const unsigned char *cap, size_t left, struct mig_tracking *tracking)
{
	struct uapi_iommu_info_cap_migration migration;

	if (left < sizeof(migration)) {
		is(tracking, MIG_TRACKED_UNKNOWN, "the container's capability is cut off");
		return;
	}
	memcpy(&migration, cap, sizeof(migration));
	if (migration.header.version != 1) {
		is(tracking, MIG_TRACKED_UNKNOWN, "the container's capability has version %u",
		   migration.header.version);
		return;
	}
	tracking->tracked = MIG_TRACKED_YES;
	tracking->page_sizes = migration.pgsize_bitmap;
	tracking->max_bitmap = migration.max_dirty_bitmap_size;
}

void mig_tracking_parse(const void *info, size_t size, struct mig_tracking *tracking)
{
	const unsigned char *bytes = info;
	struct vfio_info_cap_header cap;
	struct uapi_iommu_info head;
	bool ranges = false;
	size_t links = 0;

	memset(tracking, 0, sizeof(*tracking));
	if (size < sizeof(head)) {
		is(tracking, MIG_TRACKED_UNKNOWN, "the container's information is cut off");
		return;
	}
	memcpy(&head, info, sizeof(head));
	tracking->tracked = MIG_TRACKED_NO;
	if (!(head.flags & VFIO_IOMMU_INFO_CAPS))
		return;
	for (uint32_t offset = head.cap_offset; offset; offset = cap.next) {
		/* A chain without a loop has at most as many links as headers fit. */
		if (offset < sizeof(head) || offset > size || size - offset < sizeof(cap) ||
		    links++ > size / sizeof(cap)) {
			is(tracking, MIG_TRACKED_UNKNOWN,
			   "the container's capability chain leads nowhere");
			return;
		}
		memcpy(&cap, bytes + offset, sizeof(cap));
		if (cap.id == UAPI_IOMMU_INFO_CAP_MIGRATION)
			take_migration(bytes + offset, size - offset, tracking);
		ranges |= cap.id == UAPI_IOMMU_INFO_CAP_IOVA_RANGE;
	}
	/* No domain, no ranges: vfio_iommu_iova_build_caps(). */
	if (tracking->tracked == MIG_TRACKED_YES)
		is(tracking, MIG_TRACKED_YES, "%s",
		   ranges ? "of a device whose driver pins no pages itself, all that is mapped is "
			    "dirty: no IOMMU is asked"
			  : "the IOMMU is emulated: what the driver pins is what it would find "
			    "dirty");
}

static void ask_container(struct mig_device *device, size_t size, struct mig_tracking *tracking)
{
	struct uapi_iommu_info *info = calloc(1, size);
	int ret;

	if (!info) {
		is(tracking, MIG_TRACKED_UNKNOWN, "out of memory");
		return;
	}
	info->argsz = (uint32_t)size;
	ret = device->sys->ops->ioctl(device->sys, device->container_fd, VFIO_IOMMU_GET_INFO, info,
				      size);
	if (ret < 0)
		is(tracking, MIG_TRACKED_UNKNOWN, "VFIO_IOMMU_GET_INFO: %s", strerror(-ret));
	else if (info->argsz <= size)
		mig_tracking_parse(info, size, tracking);
	else if (size == INFO_FIRST && info->argsz <= INFO_MAX)
		ask_container(device, info->argsz, tracking);
	else
		is(tracking, MIG_TRACKED_UNKNOWN, "the container's capability chain has no end");
	free(info);
}

void mig_tracking_container(struct mig_device *device, struct mig_tracking *tracking)
{
	memset(tracking, 0, sizeof(*tracking));
	switch (device->container_type) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
		ask_container(device, INFO_FIRST, tracking);
		return;
	case VFIO_NOIOMMU_IOMMU:
		is(tracking, MIG_TRACKED_NOT_APPLICABLE, "there is no IOMMU");
		return;
	case 0:
		is(tracking, MIG_TRACKED_UNKNOWN,
		   "it is in no container of ours: opened by its own node, or by another process");
		return;
	default:
		is(tracking, MIG_TRACKED_NO, "only type1 containers track");
	}
}

void mig_tracking_iommufd(struct mig_device *device, struct mig_tracking *tracking)
{
	struct uapi_iommu_hw_info info = { .size = sizeof(info), .dev_id = device->iommufd_id };
	int ret;

	memset(tracking, 0, sizeof(*tracking));
	if (device->iommufd < 0) {
		is(tracking, MIG_TRACKED_UNKNOWN,
		   "it is in no iommufd of ours: opened by its group, or by another process");
		return;
	}
	ret = device->sys->ops->ioctl(device->sys, device->iommufd, UAPI_IOMMU_GET_HW_INFO, &info,
				      sizeof(info));
	if (!ret)
		tracking->tracked = info.out_capabilities & UAPI_IOMMU_HW_CAP_DIRTY_TRACKING
					    ? MIG_TRACKED_YES
					    : MIG_TRACKED_NO;
	/* What an emulated one is bound as is no device of the iommufd's:
	 * vfio_iommufd_emulated_bind(). */
	else if (ret == -ENOENT)
		is(tracking, MIG_TRACKED_NOT_APPLICABLE, "the IOMMU is emulated");
	else
		is(tracking, MIG_TRACKED_UNKNOWN, "IOMMU_GET_HW_INFO: %s", strerror(-ret));
}
