// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The capability chain of a region, as a driver that means harm would make it.
 * The input is what the driver answers: the first 32 bytes to the first
 * VFIO_DEVICE_GET_REGION_INFO, the rest to the one that asks for the chain.
 */
#include <errno.h>
#include <string.h>

#include <linux/vfio.h>

#include "fuzz.h"
#include "migctl/region.h"

struct driver {
	struct mig_sys sys;
	const uint8_t *data;
	size_t size;
	unsigned int calls;
};

static int driver_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	struct driver *driver = (struct driver *)sys;
	size_t give = driver->size < size ? driver->size : size;

	(void)fd;
	HOLDS(request == VFIO_DEVICE_GET_REGION_INFO);
	HOLDS(size >= sizeof(struct vfio_region_info) && size <= MIG_SYS_BOUNCE);
	HOLDS(((struct vfio_region_info *)arg)->argsz == size);
	HOLDS(++driver->calls <= 2);
	if (!give)
		return -EINVAL;
	memcpy(arg, driver->data, give);
	driver->data += give;
	driver->size -= give;
	return 0;
}

static void check(const struct mig_region *region)
{
	HOLDS(region->areas <= MIG_SPARSE_MAX);
	for (size_t i = 0; i < region->areas; i++) {
		HOLDS(region->area[i].offset <= region->size);
		HOLDS(region->area[i].size <= region->size - region->area[i].offset);
	}
	HOLDS(region->typed || (!region->type && !region->subtype));
	HOLDS(!region->broken || region->broken[0]);
}

/* The pure part, on memory of the exact size: what the driver returned need not fill what was asked
 * for. */
static void parse(const uint8_t *data, size_t size)
{
	struct mig_region region = { .size = 0x10000 };
	uint8_t *exact = malloc(size ? size : 1);

	HOLDS(exact);
	if (size)
		memcpy(exact, data, size);
	mig_region_parse_caps(exact, size, &region);
	check(&region);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mig_sys_ops ops = { .ioctl = driver_ioctl };
	struct driver driver = { .sys = { .ops = &ops }, .data = data, .size = size };
	struct mig_device device = { .sys = &driver.sys, .name = "fuzzed", .fd = 12 };
	struct mig_region region;
	struct mig_error error;

	parse(data, size);
	if (!mig_region_read(&device, 9, &region, &error))
		check(&region);
	else
		HOLDS(error.kind == MIG_KIND_FAILED && error.text[0]);
	return 0;
}
