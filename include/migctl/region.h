/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions of a device, with what their capability chains say.
 *
 * A chain is data from the driver, which may lie: offsets out of range, loops,
 * capabilities cut off. Parsing is pure and bounded.
 */
#ifndef MIGCTL_REGION_H
#define MIGCTL_REGION_H

#include "migctl/device.h"

/* More than any driver has; a device that claims more is cut off here. */
#define MIG_REGIONS_MAX 1024
#define MIG_SPARSE_MAX 16

struct mig_area {
	uint64_t offset; /* from the region's start */
	uint64_t size;
};

struct mig_region {
	uint32_t index;
	bool read, write, mmap;
	uint64_t size;   /* bytes */
	uint64_t offset; /* of its start, on the device's descriptor */
	bool typed;      /* has a type capability */
	uint32_t type;
	uint32_t subtype;
	size_t areas; /* sparse mmap, each within the region */
	struct mig_area area[MIG_SPARSE_MAX];
	/* What is wrong with the chain, or NULL; static. What was read before it stands. */
	const char *broken;
};

/*
 * One region. 0; -EINVAL, as the kernel says it, for an index that the driver
 * does not have; else -errno.
 */
int mig_region_read(struct mig_device *device, uint32_t index, struct mig_region *region,
		    struct mig_error *error);

/*
 * The pure part: walks the chain in the size bytes at info, the first of them
 * being struct vfio_region_info, from its cap_offset, into *region.
 */
void mig_region_parse_caps(const void *info, size_t size, struct mig_region *region);

#endif
