// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "mover.h"
#include "probe.h"
#include "uapi.h"

#define OFFSET(field) offsetof(struct uapi_v1_header, field)

/* Registers are read and written whole, at their own width, or not at all. */
static int read_register(struct mig_port *port, size_t offset, void *value, size_t width)
{
	struct mig_device *device = port->device;
	ssize_t got = device->sys->ops->pread(device->sys, device->fd, value, width,
					      (off_t)(port->region.offset + offset));

	if (got < 0)
		return (int)got;
	return (size_t)got == width ? 0 : -EIO;
}

static int get(struct mig_port *port, struct mig_reading *reading, struct mig_error *error)
{
	uint32_t raw;
	int ret = read_register(port, OFFSET(device_state), &raw, sizeof(raw));

	if (ret)
		return mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret,
				     "reading device_state of %s", port->device->name);
	*reading = mig_v1_reading(raw);
	return 0;
}

static int set(struct mig_port *port, struct mig_reading now, enum mig_state state,
	       struct mig_error *error)
{
	/* Bits 3-31 are reserved: as they were read, they are written back. */
	uint32_t raw = (now.raw & ~MIG_V1_MASK) | mig_v1_wire(state);
	struct mig_device *device = port->device;
	ssize_t put = device->sys->ops->pwrite(device->sys, device->fd, &raw, sizeof(raw),
					       (off_t)(port->region.offset + OFFSET(device_state)));

	port->set_ns = device->sys->elapsed_ns;
	port->set_took = put < 0 ? -1 : (int)put;
	if (put == (ssize_t)sizeof(raw))
		return 0;
	if (put < 0)
		return mig_sys_error(device->sys, error, MIG_KIND_FAILED, (int)put,
				     "writing device_state %s to %s", mig_state_name(state),
				     device->name);
	/* Two posted drivers say 0 where they mean that the transition failed. */
	mig_error_set(error, MIG_KIND_FAILED, 0,
		      "writing device_state %s to %s: the driver took %zd of 4 bytes",
		      mig_state_name(state), device->name, put);
	return -EIO;
}

static int size(struct mig_port *port, uint64_t *bytes, struct mig_error *error)
{
	(void)port;
	(void)bytes;
	mig_error_set(error, MIG_KIND_FAILED, ENODATA,
		      "the v1 protocol tells no size before a transfer");
	return -ENODATA;
}

const struct mig_proto mig_proto_v1 = {
	.id = MIG_PROTOCOL_V1,
	.get = get,
	.set = set,
	.size = size,
	.mover = &mig_mover_v1,
};

/*
 * openEuler's vfio_pci_migration announces the same type and subtype with
 * another layout: at 0x08 a command word of 4 bytes, where the v1 header has
 * the 8 bytes of pending_bytes. So 8 bytes are EINVAL there and 4 are not.
 * A device found saving is left alone: there, reading pending_bytes
 * acknowledges a window and moves the transfer on. So is one that another
 * process can take to saving meanwhile.
 */
static int is_openeuler(struct mig_port *port)
{
	uint64_t pending;
	uint32_t word;
	int ret;

	port->unchecked = true;
	if (port->device->shared)
		return 0;
	ret = read_register(port, OFFSET(device_state), &word, sizeof(word));
	if (mig_sys_is_stuck(port->device->sys))
		return ret;
	if (ret || (word & MIG_V1_SAVING))
		return 0;
	port->unchecked = false;
	ret = read_register(port, OFFSET(pending_bytes), &pending, sizeof(pending));
	if (mig_sys_is_stuck(port->device->sys))
		return ret;
	if (ret != -EINVAL)
		return 0;
	return !read_register(port, OFFSET(pending_bytes), &word, sizeof(word));
}

/* 1: this is it; 0: it is not, and *found may say what it is instead. */
static int judge_region(struct mig_port *port, const char **found, struct mig_error *error)
{
	const struct mig_region *region = &port->region;
	int ret;

	if (region->broken)
		*found = region->broken;
	if (!region->typed || region->type != UAPI_V1_REGION_TYPE ||
	    region->subtype != UAPI_V1_REGION_SUBTYPE)
		return 0;
	if (region->size < sizeof(struct uapi_v1_header) || !region->read || !region->write ||
	    region->size > INT64_MAX || region->offset > INT64_MAX - region->size) {
		*found = "its migration region is too small or cannot be read and written";
		return 0;
	}
	ret = is_openeuler(port);
	if (ret < 0)
		return mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret,
				     "looking at the migration region of %s", port->device->name);
	if (ret) {
		*found = "its migration region has the layout of openEuler's vfio_pci_migration, "
			 "not that of the v1 protocol";
		return 0;
	}
	return 1;
}

int mig_proto_v1_probe(struct mig_port *port, const char **found, struct mig_error *error)
{
	struct mig_device *device = port->device;
	int ret = mig_device_info(device, error);

	*found = NULL;
	for (uint32_t i = 0; !ret && i < device->num_regions && i < MIG_REGIONS_MAX; i++) {
		ret = mig_region_read(device, i, &port->region, error);
		/* An index that this device does not have, as vfio-pci's VGA region. */
		if (ret == -EINVAL && !mig_sys_is_stuck(device->sys)) {
			ret = 0;
			continue;
		}
		if (!ret)
			ret = judge_region(port, found, error);
	}
	if (ret != 1)
		return ret;
	port->proto = &mig_proto_v1;
	port->caps = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY;
	return 1;
}
