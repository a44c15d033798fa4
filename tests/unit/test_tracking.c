// SPDX-License-Identifier: GPL-2.0-or-later
/* The payloads are written out here from the kernel's headers, not taken from src/vfio. */
#include "script.h"

#include <linux/vfio.h>

#include "migctl/tracking.h"

#define HW_INFO _IO(';', 0x8a)
enum {
	DEVICE = 12,
	CONTAINER = 13,
	IOMMUFD = 14
};

struct info {
	uint32_t argsz, flags;
	uint64_t iova_pgsizes;
	uint32_t cap_offset, pad;
	struct {
		uint16_t id, version;
		uint32_t next;
		uint32_t flags, pad;
		uint64_t pgsize_bitmap, max_bitmap;
	} migration;
	struct {
		uint16_t id, version;
		uint32_t next;
		uint32_t nr_iovas, reserved;
	} ranges;
};

static const struct info good = {
	sizeof(good), 3, 0x1000, 24, 0, { 2, 1, 56, 0, 0, 0x1000, 256 << 20 }, { 1, 1, 0, 0, 0 }
};

static struct script script;
static struct mig_tracking tracking;

static struct mig_device device_of(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	return (struct mig_device){ .sys = &script.sys,
				    .fd = DEVICE,
				    .container_fd = CONTAINER,
				    .iommufd = -1,
				    .container_type = VFIO_TYPE1v2_IOMMU,
				    .name = "dev" };
}

/* On the heap, exactly: what is read behind it is seen by ASan. */
static void parse(const struct info *info, size_t size)
{
	void *exact = malloc(size);

	memcpy(exact, info, size);
	mig_tracking_parse(exact, size, &tracking);
	free(exact);
}

static void test_parse(void **state)
{
	struct info info = good;

	(void)state;
	parse(&info, sizeof(info));
	assert_int_equal(tracking.tracked, MIG_TRACKED_YES);
	assert_int_equal(tracking.page_sizes, 0x1000);
	assert_int_equal(tracking.max_bitmap, 256 << 20);
	assert_non_null(strstr(tracking.reason, "all that is mapped is dirty"));
	info.ranges.id = 3;
	parse(&info, sizeof(info));
	assert_int_equal(tracking.tracked, MIG_TRACKED_YES);
	assert_non_null(strstr(tracking.reason, "emulated"));
	info.migration.id = 9;
	parse(&info, sizeof(info));
	assert_int_equal(tracking.tracked, MIG_TRACKED_NO);
	info = good;
	info.flags = 1; /* no chain, whatever cap_offset says */
	parse(&info, sizeof(info));
	assert_int_equal(tracking.tracked, MIG_TRACKED_NO);
}

static void broken(struct info info, size_t size, const char *reason)
{
	parse(&info, size);
	assert_int_equal(tracking.tracked, MIG_TRACKED_UNKNOWN);
	if (!strstr(tracking.reason, reason))
		fail_msg("\"%s\" is not in \"%s\"", reason, tracking.reason);
}

static void test_broken(void **state)
{
	struct info info = good;

	(void)state;
	broken(info, 20, "cut off");
	broken(info, 48, "nowhere");
	info.migration.next = 0;
	broken(info, 48, "is cut off");
	info.migration.version = 7;
	broken(info, sizeof(info), "version 7");
	info = good;
	info.cap_offset = 8; /* into the head itself */
	broken(info, sizeof(info), "nowhere");
	info.cap_offset = sizeof(info) - 4;
	broken(info, sizeof(info), "nowhere");
	info.cap_offset = UINT32_MAX;
	broken(info, sizeof(info), "nowhere");
	info.cap_offset = 24;
	info.ranges.next = 24;
	broken(info, sizeof(info), "nowhere");
}

static void test_container(void **state)
{
	const struct info small = { 2048, 3, 0x1000, 0, 0, { 0 }, { 0 } };
	const struct info huge = { UINT32_MAX, 3, 0x1000, 0, 0, { 0 }, { 0 } };
	const struct script_call calls[] = {
		IOCTL_(CONTAINER, VFIO_IOMMU_GET_INFO, 0, .size = 1024, BYTES_(small)),
		IOCTL_(CONTAINER, VFIO_IOMMU_GET_INFO, 0, .size = 2048, BYTES_(good)),
		IOCTL_(CONTAINER, VFIO_IOMMU_GET_INFO, 0, .size = 1024, BYTES_(huge)),
		IOCTL_(CONTAINER, VFIO_IOMMU_GET_INFO, -EPERM),
	};
	struct mig_device device = device_of(calls, COUNT(calls));

	(void)state;
	mig_tracking_container(&device, &tracking);
	assert_int_equal(tracking.tracked, MIG_TRACKED_YES);
	mig_tracking_container(&device, &tracking);
	assert_int_equal(tracking.tracked, MIG_TRACKED_UNKNOWN);
	assert_non_null(strstr(tracking.reason, "no end"));
	mig_tracking_container(&device, &tracking);
	assert_int_equal(tracking.tracked, MIG_TRACKED_UNKNOWN);
	assert_non_null(strstr(tracking.reason, "not permitted"));
	script_end(&script);
	/* Another type has another structure by the same number: it is not asked. */
	device.container_type = VFIO_SPAPR_TCE_v2_IOMMU;
	mig_tracking_container(&device, &tracking);
	assert_int_equal(tracking.tracked, MIG_TRACKED_NO);
	device.container_type = VFIO_NOIOMMU_IOMMU;
	mig_tracking_container(&device, &tracking);
	assert_int_equal(tracking.tracked, MIG_TRACKED_NOT_APPLICABLE);
	device.container_type = 0;
	mig_tracking_container(&device, &tracking);
	assert_int_equal(tracking.tracked, MIG_TRACKED_UNKNOWN);
}

static void test_iommufd(void **state)
{
	struct {
		uint32_t size, flags, dev_id, data_len;
		uint64_t data;
		uint32_t type, reserved;
		uint64_t caps;
	} request = { 40, 0, 77, 0, 0, 0, 0, 0 }, yes = request, no = request;
	const struct script_call calls[] = {
		IOCTL_(IOMMUFD, HW_INFO, 0, .size = 40, EXPECT_(request), BYTES_(yes)),
		IOCTL_(IOMMUFD, HW_INFO, 0, BYTES_(no)),
		IOCTL_(IOMMUFD, HW_INFO, -ENOENT),
		IOCTL_(IOMMUFD, HW_INFO, -ENOTTY),
	};
	static const enum mig_tracked expected[] = { MIG_TRACKED_YES, MIG_TRACKED_NO,
						     MIG_TRACKED_NOT_APPLICABLE,
						     MIG_TRACKED_UNKNOWN, MIG_TRACKED_UNKNOWN };
	struct mig_device device = device_of(calls, COUNT(calls));

	(void)state;
	yes.caps = 7;
	no.caps = 6;
	device.iommufd = IOMMUFD;
	device.iommufd_id = 77;
	for (size_t i = 0; i < COUNT(expected); i++) {
		if (i == COUNT(calls))
			device.iommufd = -1;
		mig_tracking_iommufd(&device, &tracking);
		assert_int_equal(tracking.tracked, expected[i]);
	}
	script_end(&script);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(mig_tracked_name(MIG_TRACKED_UNKNOWN), "unknown");
	assert_string_equal(mig_tracked_name(MIG_TRACKED_NO), "absent");
	assert_string_equal(mig_tracked_name(MIG_TRACKED_YES), "present");
	assert_string_equal(mig_tracked_name(MIG_TRACKED_NOT_APPLICABLE), "not-applicable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),     cmocka_unit_test(test_broken),
		cmocka_unit_test(test_container), cmocka_unit_test(test_iommufd),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
