// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/region.h"
#include "uapi.h"

/* A chain longer than this is no chain: the kernel's own are under 200 bytes. */
#define INFO_MAX MIG_SYS_BOUNCE

static bool inside(size_t offset, size_t length, size_t size)
{
	return offset <= size && length <= size - offset;
}

static void parse_sparse(const unsigned char *cap, size_t left, struct mig_region *region)
{
	struct vfio_region_info_cap_sparse_mmap head;

	if (!inside(0, sizeof(head), left)) {
		region->broken = "the sparse mmap capability is cut off";
		return;
	}
	memcpy(&head, cap, sizeof(head));
	if (head.nr_areas > (left - sizeof(head)) / sizeof(struct vfio_region_sparse_mmap_area)) {
		region->broken = "the sparse mmap capability claims more areas than it has";
		return;
	}
	for (uint32_t i = 0; i < head.nr_areas && region->areas < MIG_SPARSE_MAX; i++) {
		struct vfio_region_sparse_mmap_area area;

		memcpy(&area, cap + sizeof(head) + i * sizeof(area), sizeof(area));
		if (area.offset > region->size || area.size > region->size - area.offset) {
			region->broken = "a sparse mmap area lies outside the region";
			return;
		}
		region->area[region->areas].offset = area.offset;
		region->area[region->areas++].size = area.size;
	}
}

static void parse_type(const unsigned char *cap, size_t left, struct mig_region *region)
{
	struct vfio_region_info_cap_type type;

	if (!inside(0, sizeof(type), left)) {
		region->broken = "the type capability is cut off";
		return;
	}
	memcpy(&type, cap, sizeof(type));
	region->typed = true;
	region->type = type.type;
	region->subtype = type.subtype;
}

void mig_region_parse_caps(const void *info, size_t size, struct mig_region *region)
{
	const unsigned char *bytes = info;
	struct vfio_info_cap_header cap;
	struct vfio_region_info head;
	size_t links = 0;

	if (!inside(0, sizeof(head), size)) {
		region->broken = "the region information is cut off";
		return;
	}
	memcpy(&head, info, sizeof(head));
	for (uint32_t offset = head.cap_offset; offset; offset = cap.next) {
		if (offset < sizeof(head) || !inside(offset, sizeof(cap), size)) {
			region->broken = "the capability chain leads outside the reply";
			return;
		}
		/* A chain without a loop has at most as many links as headers fit. */
		if (links++ > size / sizeof(cap)) {
			region->broken = "the capability chain loops";
			return;
		}
		memcpy(&cap, bytes + offset, sizeof(cap));
		if (offset % sizeof(uint64_t))
			region->broken = "a capability is not aligned";
		else if (cap.id == VFIO_REGION_INFO_CAP_SPARSE_MMAP && cap.version == 1 &&
			 !region->areas)
			parse_sparse(bytes + offset, size - offset, region);
		else if (cap.id == VFIO_REGION_INFO_CAP_TYPE && cap.version == 1)
			parse_type(bytes + offset, size - offset, region);
		else if (cap.id == VFIO_REGION_INFO_CAP_TYPE)
			region->broken = "the type capability has an unknown version";
	}
}

static int read_info(struct mig_device *device, struct vfio_region_info *info, size_t size,
		     struct mig_error *error)
{
	uint32_t index = info->index;
	int ret;

	info->argsz = (uint32_t)size;
	ret = device->sys->ops->ioctl(device->sys, device->fd, VFIO_DEVICE_GET_REGION_INFO, info,
				      size);
	if (ret < 0)
		return mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret,
				     "VFIO_DEVICE_GET_REGION_INFO %u of %s", index, device->name);
	return 0;
}

/* The first answer named a larger size: ask again with that much. */
static int read_caps(struct mig_device *device, struct mig_region *region, size_t size,
		     struct mig_error *error)
{
	struct vfio_region_info *info;
	int ret;

	if (size > INFO_MAX) {
		region->broken = "the driver asks for more memory than any chain needs";
		return 0;
	}
	info = calloc(1, size);
	if (!info)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM,
				     "out of memory for a capability chain");
	info->index = region->index;
	ret = read_info(device, info, size, error);
	if (!ret)
		mig_region_parse_caps(info, size, region);
	free(info);
	return ret;
}

int mig_region_read(struct mig_device *device, uint32_t index, struct mig_region *region,
		    struct mig_error *error)
{
	struct vfio_region_info info = { .index = index };
	int ret = read_info(device, &info, sizeof(info), error);

	if (ret)
		return ret;
	memset(region, 0, sizeof(*region));
	region->index = index;
	region->read = info.flags & VFIO_REGION_INFO_FLAG_READ;
	region->write = info.flags & VFIO_REGION_INFO_FLAG_WRITE;
	region->mmap = info.flags & VFIO_REGION_INFO_FLAG_MMAP;
	region->size = info.size;
	region->offset = info.offset;
	if ((info.flags & VFIO_REGION_INFO_FLAG_CAPS) && info.argsz > sizeof(info))
		return read_caps(device, region, info.argsz, error);
	return 0;
}
