// SPDX-License-Identifier: GPL-2.0-or-later
/* v1: the migration region as it is announced, and its header as it is read. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conform_save.h"
#include "uapi.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEADER sizeof(struct uapi_v1_header)

struct field {
	const char *name;
	size_t offset, width;
};
static const struct field fields[] = {
	{ "device_state", offsetof(struct uapi_v1_header, device_state), 4 },
	{ "pending_bytes", offsetof(struct uapi_v1_header, pending_bytes), 8 },
	{ "data_offset", offsetof(struct uapi_v1_header, data_offset), 8 },
	{ "data_size", offsetof(struct uapi_v1_header, data_size), 8 },
};

/* pread(2) of the region, into image->piece. *got is what it said. -1: lost. */
static int read_at(struct conform *conform, struct image *image, uint64_t offset, size_t width,
		   ssize_t *got)
{
	memset(image->piece, 0, width);
	*got = image_call(image, conform->sys, MIG_CALL_PREAD, conform->port->device->fd, width,
			  (off_t)(conform->port->region.offset + offset));
	return conform_stuck(conform, (int)*got, "reading the migration region of") ? -1 : 0;
}

/* Of what is for a transfer, the header does not say that it can be read outside of one. */
static void registers(struct conform *conform)
{
	struct image *image = conform_image(conform);
	char said[48];
	ssize_t got;

	for (size_t i = 0; image && i < COUNT(fields); i++) {
		const struct field *field = &fields[i];

		if (read_at(conform, image, field->offset, field->width, &got))
			break;
		if (got == (ssize_t)field->width)
			continue;
		if (got < 0)
			snprintf(said, sizeof(said), "%s", mig_errno_name((int)-got));
		else
			snprintf(said, sizeof(said), "%zd of %zu bytes", got, field->width);
		if (i)
			conform_warn(conform, "%s cannot be read while running: %s", field->name,
				     said);
		else
			conform_fail(conform, "%s cannot be read: %s", field->name, said);
	}
	image_close(image, conform->sys);
}

static void widths(struct conform *conform)
{
	/* Parts of a register, two of them at once, and what is not aligned. */
	static const struct field odd[] = {
		{ "1 byte of device_state", 0x00, 1 },    { "2 bytes of device_state", 0x00, 2 },
		{ "device_state and reserved", 0x00, 8 }, { "half of pending_bytes", 0x08, 4 },
		{ "1 byte of data_size", 0x18, 1 },       { "4 bytes at 0x02", 0x02, 4 },
		{ "8 bytes at 0x0c", 0x0c, 8 },           { "the whole header", 0x00, HEADER },
	};
	struct image *image = conform_image(conform);
	ssize_t got;

	for (size_t i = 0; image && i < COUNT(odd); i++) {
		if (read_at(conform, image, odd[i].offset, odd[i].width, &got))
			break;
		if (got > 0)
			conform_warn(conform,
				     "%s can be read: %zd bytes; the drivers that were posted "
				     "take whole registers only",
				     odd[i].name, got);
	}
	image_close(image, conform->sys);
}

static void reserved(struct conform *conform)
{
	const size_t offset = offsetof(struct uapi_v1_header, reserved);
	struct image *image = conform_image(conform);
	uint32_t value;
	ssize_t got;

	if (!image || read_at(conform, image, offset, sizeof(value), &got))
		goto out;
	memcpy(&value, image->piece, sizeof(value));
	if (got > 0 && value)
		conform_fail(conform, "reserved reads 0x%" PRIx32 ", not 0", value);
	else if (got > 0)
		conform_note(conform, "it reads 0");
	else
		conform_note(conform, "it cannot be read, as with the drivers that were posted");
out:
	image_close(image, conform->sys);
}

/* Written as they were read each time, they are to be what they were at the beginning. */
static void reserved_bits(struct conform *conform)
{
	uint32_t before = conform->first.raw & ~MIG_V1_MASK, after;

	if (conform_set(conform, MIG_STATE_STOP))
		return;
	after = conform->after.raw & ~MIG_V1_MASK;
	if (before != after)
		conform_fail(conform,
			     "bits 3-31 of device_state were 0x%" PRIx32
			     ", were always written as they were read, and are 0x%" PRIx32,
			     before, after);
	else if (before)
		conform_note(conform, "0x%" PRIx32, before);
	else
		conform_note(conform, "none is set");
}

static int read_region(struct conform *conform, uint32_t index, struct mig_region *region)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret = mig_region_read(conform->port->device, index, region, &error);

	if (conform_stuck(conform, ret, "reading a region of"))
		return -1;
	/* vfio-pci has indexes without a region. */
	if (ret == -EINVAL)
		memset(region, 0, sizeof(*region));
	else if (ret)
		conform_fail(conform, "%s", error.text);
	return ret && ret != -EINVAL ? -1 : 0;
}

static void announced(struct conform *conform)
{
	const struct mig_device *device = conform->port->device;
	unsigned int found = 0;

	for (uint32_t i = 0; i < device->num_regions && i < MIG_REGIONS_MAX; i++) {
		struct mig_region region;

		if (read_region(conform, i, &region))
			return;
		if (i == conform->port->region.index && region.broken) {
			conform_fail(conform, "%s", region.broken);
			return;
		}
		if (i == conform->port->region.index && !(region.read && region.write)) {
			conform_fail(conform, "it is not announced to be read and written");
			return;
		}
		found += region.typed && region.type == UAPI_V1_REGION_TYPE &&
			 region.subtype == UAPI_V1_REGION_SUBTYPE;
	}
	if (found != 1)
		conform_fail(conform, "%u regions have the type of a migration region", found);
	else if (conform->port->region.size == HEADER)
		conform_warn(conform, "its region is the header alone, and has no room for data");
}

static void mmap_areas(struct conform *conform)
{
	const struct mig_region *region = &conform->port->region;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (region->broken) {
		conform_skip(conform, "its capabilities are broken: see region/announced");
		return;
	}
	if (!region->mmap && !region->areas) {
		conform_note(conform, "nothing of it is mapped");
		return;
	}
	if (region->mmap && !region->areas)
		conform_fail(conform, "all of the region is announced as mapped, and its header "
				      "has to trap");
	if (!region->mmap)
		conform_warn(conform, "parts of the region are announced as mapped, and the "
				      "region is not");
	for (size_t i = 0; i < region->areas; i++) {
		const struct mig_area *area = &region->area[i];

		if (area->size && area->offset < HEADER)
			conform_fail(conform,
				     "the part at 0x%" PRIx64
				     " is announced as mapped, and has the header in it",
				     area->offset);
		else if ((region->offset + area->offset) % page || area->size % page)
			conform_fail(conform,
				     "the part of %" PRIu64 " bytes at 0x%" PRIx64
				     " is not of whole pages",
				     area->size, area->offset);
	}
}

/* Memory has no reads that could be answered: what is mapped does not trap. */
static void header_traps(struct conform *conform)
{
	struct mig_sys *sys = conform->sys;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *at;
	int ret;

	if (!conform->port->region.mmap) {
		conform_skip(conform, "the region is not mapped");
		return;
	}
	ret = sys->ops->map(sys, conform->port->device->fd, page, PROT_READ,
			    (off_t)conform->port->region.offset, &at);
	if (conform_stuck(conform, ret, "mapping the header of") || ret)
		return;
	conform_fail(conform, "the page with the header in it can be mapped");
	ret = sys->ops->unmap(sys, at, page);
	conform_stuck(conform, ret, "unmapping the header of");
}

/* Is there something of another region? 1, 0, -1 judged. */
static int belongs(struct conform *conform, uint64_t offset)
{
	const struct mig_device *device = conform->port->device;

	for (uint32_t i = 0; i < device->num_regions && i < MIG_REGIONS_MAX; i++) {
		struct mig_region region;

		if (read_region(conform, i, &region))
			return -1;
		if (offset >= region.offset && offset - region.offset < region.size)
			return 1;
	}
	return 0;
}

static void beyond_end(struct conform *conform)
{
	const struct mig_region *region = &conform->port->region;
	int taken = belongs(conform, region->offset + region->size);
	struct image *image;
	ssize_t got;

	if (taken)
		return;
	image = conform_image(conform);
	if (image && !read_at(conform, image, region->size, 8, &got) && got > 0)
		conform_fail(conform, "%zd bytes could be read behind its end", got);
	image_close(image, conform->sys);
}

/* A register that is not there to be written: refused, or without effect. */
static void read_only(struct conform *conform)
{
	static const struct field ro[] = {
		{ "pending_bytes", offsetof(struct uapi_v1_header, pending_bytes), 8 },
		{ "data_offset", offsetof(struct uapi_v1_header, data_offset), 8 },
	};
	struct image *image = conform_image(conform);

	for (size_t i = 0; image && i < COUNT(ro); i++) {
		uint64_t before, after;
		ssize_t got, put;

		if (read_at(conform, image, ro[i].offset, 8, &got))
			break;
		if (got != 8)
			continue;
		memcpy(&before, image->piece, 8);
		after = ~before;
		memcpy(image->piece, &after, 8);
		put = image_call(image, conform->sys, MIG_CALL_PWRITE, conform->port->device->fd, 8,
				 (off_t)(conform->port->region.offset + ro[i].offset));
		if (conform_stuck(conform, (int)put, "writing a register of") ||
		    read_at(conform, image, ro[i].offset, 8, &got))
			break;
		memcpy(&after, image->piece, 8);
		if (got == 8 && before != after)
			conform_fail(conform, "%s is read only, and was written", ro[i].name);
	}
	image_close(image, conform->sys);
}

/* Not the width of a state: it must not become one. */
static void odd_writes(struct conform *conform)
{
	static const size_t odd[] = { 1, 2, 8 };
	struct image *image = conform_image(conform);

	for (size_t i = 0; image && i < COUNT(odd); i++) {
		ssize_t put;

		/* What is there already, in little endian: taken, it would change nothing. */
		memset(image->piece, 0, odd[i]);
		image->piece[0] = MIG_V1_RUNNING;
		put = image_call(image, conform->sys, MIG_CALL_PWRITE, conform->port->device->fd,
				 odd[i], (off_t)conform->port->region.offset);
		if (conform_stuck(conform, (int)put, "writing device_state of") ||
		    conform_expect(conform, MIG_STATE_RUNNING, "after a write of another width"))
			break;
		if (put > 0)
			conform_warn(conform, "a write of %zu bytes to device_state is taken",
				     odd[i]);
	}
	image_close(image, conform->sys);
}

#define V1 "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
#define INFO "include/uapi/linux/vfio.h, struct vfio_region_info"

static const struct conform_test tests[] = {
	{ .name = "announced",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = INFO "_cap_type: a whole chain of capabilities, one region of the migration "
			    "type, to be read and written",
	  .run = announced },
	{ .name = "registers",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "device_state has 4 bytes, and is there at any time; pending_bytes, "
			  "data_offset and data_size have 8",
	  .run = registers },
	{ .name = "widths",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "its fields are what is read and written; of parts of them it says "
			  "nothing, and the drivers that were posted refuse them",
	  .run = widths },
	{ .name = "reserved",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "reads of reserved return zero",
	  .run = reserved },
	{ .name = "reserved-bits",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "bits 3-31 of device_state are preserved by read, modify, write",
	  .run = reserved_bits },
	{ .name = "mmap-areas",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "the part at offset 0 traps; sparse mmap announces what of the data "
			  "section is mapped, and data_offset is page aligned there",
	  .run = mmap_areas },
	{ .name = "header-traps",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1 "the part at offset 0 traps, only the data section can be mapped",
	  .run = header_traps },
	{ .name = "beyond-end",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = INFO ": size is all there is of a region",
	  .run = beyond_end },
	{ .name = "read-only",
	  .protocol = MIG_PROTOCOL_V1,
	  .illegal = true,
	  .authority = V1 "pending_bytes and data_offset are read only",
	  .run = read_only },
	{ .name = "odd-writes",
	  .protocol = MIG_PROTOCOL_V1,
	  .illegal = true,
	  .authority = V1 "device_state has 4 bytes; of parts of it the header says nothing, and "
			  "the drivers that were posted refuse them",
	  .run = odd_writes },
};

static void list(struct conform_list *list)
{
	conform_add_all(list, tests, COUNT(tests));
}

const struct conform_group conform_region = { .name = "region", .list = list };
