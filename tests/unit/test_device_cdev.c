// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening by the device's own node, when that is chosen, information, reset. */
#include "script.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "migctl/device.h"

#define NAME "0000:06:00.1"
#define NODE "/dev/vfio/devices/vfio3"
/* Not of the system's header, which may be older: ';' is VFIO_TYPE, 100 VFIO_BASE. */
#define BIND _IO(';', 100 + 18)

enum {
	DEVICE = 12,
	IOMMUFD = 13
};

struct bind {
	uint32_t argsz, flags;
	int32_t iommufd;
	uint32_t out_devid;
};

static const struct bind request = { 16, 0, IOMMUFD, 0 };
static const struct mig_where named = {
	.name = NAME, .group = 26, .cdev = "vfio3", .by_cdev = true
};
static const struct mig_where either = { .name = NAME, .group = 26, .cdev = "vfio3" };

static struct script script;
static struct mig_device device;
static struct mig_error error;

#define OPEN_CDEV OPEN_(NODE, DEVICE)
#define OPEN_IOMMUFD OPEN_("/dev/iommu", IOMMUFD)
#define BIND_(ret) IOCTL_(DEVICE, BIND, ret, .size = 16, EXPECT_(request))

static int run(const struct mig_where *place, const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	memset(&error, 0, sizeof(error));
	return mig_device_open(&device, &script.sys, place, &error);
}

static void opens(const struct mig_where *place, const struct script_call *calls, size_t count)
{
	if (run(place, calls, count))
		fail_msg("%s", error.text);
	assert_int_equal(device.fd, DEVICE);
	assert_int_equal(device.iommufd, IOMMUFD);
	assert_int_equal(device.group_fd, -1);
	assert_int_equal(device.container_fd, -1);
	assert_int_equal(mig_device_close(&device, &error), 0);
	assert_int_equal(script.closed_count, 2);
	assert_int_equal(script.closed[0], DEVICE);
	assert_int_equal(script.closed[1], IOMMUFD);
	script_end(&script);
}

static void fails(const struct mig_where *place, const struct script_call *calls, size_t count,
		  int ret, enum mig_kind kind, enum mig_cause cause)
{
	assert_int_equal(run(place, calls, count), ret);
	assert_int_equal(error.kind, kind);
	assert_int_equal(error.cause, cause);
	assert_int_equal(error.err, -ret);
	assert_non_null(strstr(error.text, NAME));
	script_end(&script);
}

static void test_named(void **state)
{
	const struct script_call calls[] = { OPEN_CDEV, OPEN_IOMMUFD, BIND_(0) };

	(void)state;
	opens(&named, calls, COUNT(calls));
}

/* No group or container node (a kernel without them, a bare /dev), or no group at all. */
static void test_falls_back(void **state)
{
	const struct mig_where no_group = { .name = NAME, .group = -1, .cdev = "vfio3" };
	const struct script_call calls[] = { OPEN_("/dev/vfio/26", -ENOENT), OPEN_CDEV,
					     OPEN_IOMMUFD, BIND_(0) };

	const struct script_call no_container[] = { OPEN_("/dev/vfio/26", 10),
						    OPEN_("/dev/vfio/vfio", -ENOENT), OPEN_CDEV,
						    OPEN_IOMMUFD, BIND_(0) };

	(void)state;
	opens(&either, calls, COUNT(calls));
	opens(&no_group, calls + 1, 3);
	if (run(&either, no_container, COUNT(no_container)))
		fail_msg("%s", error.text);
	assert_int_equal(device.group_fd, -1);
	assert_int_equal(script.closed_count, 1); /* the group's, before the other way is tried */
	assert_int_equal(script.closed[0], 10);
	assert_int_equal(mig_device_close(&device, &error), 0);
	script_end(&script);
}

/* Only where it is absent: a group that is there and fails is told about. */
static void test_does_not_fall_back(void **state)
{
	const struct mig_where no_cdev = { .name = NAME, .group = 26 };
	const struct script_call busy[] = { OPEN_("/dev/vfio/26", -EBUSY) };
	const struct script_call denied[] = { OPEN_("/dev/vfio/26", -EACCES) };
	const struct script_call busy_container[] = { OPEN_("/dev/vfio/26", 10),
						      OPEN_("/dev/vfio/vfio", -EBUSY) };
	const struct script_call gone[] = { OPEN_("/dev/vfio/26", 10), OPEN_("/dev/vfio/vfio", 11),
					    IOCTL_(10, VFIO_GROUP_SET_CONTAINER, -ENOENT),
					    IOCTL_(10, VFIO_GROUP_GET_STATUS, -ENOENT) };
	const struct script_call absent[] = { OPEN_("/dev/vfio/26", -ENOENT) };

	(void)state;
	fails(&either, busy, 1, -EBUSY, MIG_KIND_BUSY, MIG_CAUSE_HELD);
	fails(&either, denied, 1, -EACCES, MIG_KIND_NO_DEVICE, MIG_CAUSE_PERMISSION);
	fails(&either, busy_container, 2, -EBUSY, MIG_KIND_BUSY, MIG_CAUSE_HELD);
	fails(&either, gone, COUNT(gone), -ENOENT, MIG_KIND_FAILED, MIG_CAUSE_NONE);
	fails(&no_cdev, absent, 1, -ENOENT, MIG_KIND_NO_DEVICE, MIG_CAUSE_NO_NODE);
}

/* Neither a group nor a node of its own: nothing to call, and yet a sentence. */
static void test_nowhere(void **state)
{
	const struct mig_where nowhere = { .name = NAME, .group = -1 };

	(void)state;
	fails(&nowhere, NULL, 0, -ENOENT, MIG_KIND_NO_DEVICE, MIG_CAUSE_NONE);
}

/* The script's descriptors are numbers only; this one is looked at by fstat(2). */
static void put_node(const char *path)
{
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	if (fd != DEVICE) {
		assert_int_equal(dup2(fd, DEVICE), DEVICE);
		close(fd);
	}
}

static void stale(const struct mig_where *place, const struct script_call *calls, size_t count)
{
	assert_int_equal(run(place, calls, count), -ENODEV);
	assert_int_equal(error.kind, MIG_KIND_NO_DEVICE);
	assert_int_equal(error.cause, MIG_CAUSE_NONE);
	assert_int_equal(error.err, 0);
	assert_non_null(strstr(error.text, NODE));
	assert_non_null(strstr(error.text, NAME));
	assert_non_null(strstr(error.hint, "1:3"));
	assert_int_equal(script.closed[script.closed_count - 1], DEVICE);
	assert_int_equal(device.fd, -1);
	script_end(&script);
}

/* A node under the right name may be another device's: nothing is asked of it then. */
static void test_node_is_checked(void **state)
{
	const struct script_call calls[] = { OPEN_CDEV, OPEN_IOMMUFD, BIND_(0) };
	const struct script_call back[] = { OPEN_("/dev/vfio/26", -ENOENT), OPEN_CDEV };
	struct mig_where by_name = named, fallen_back = either, unknown = named;

	(void)state;
	by_name.cdev_number = fallen_back.cdev_number = makedev(1, 3);
	put_node("/dev/null");
	opens(&by_name, calls, COUNT(calls));
	opens(&unknown, calls, COUNT(calls));
	put_node("/dev/zero");
	stale(&by_name, calls, 1);
	stale(&fallen_back, back, COUNT(back));
	opens(&unknown, calls, COUNT(calls));
	put_node("/");
	stale(&by_name, calls, 1);
	close(DEVICE);
	stale(&by_name, calls, 1); /* what cannot be looked at is not trusted either */
}

/* The token goes with the group's way alone, and is not silently dropped. */
static void test_vf_token(void **state)
{
	const struct mig_where token = {
		.name = NAME, .group = 26, .cdev = "vfio3", .by_cdev = true, .vf_token = "x"
	};

	(void)state;
	fails(&token, NULL, 0, -EINVAL, MIG_KIND_USAGE, MIG_CAUSE_NONE);
}

static void test_failures(void **state)
{
	static const struct {
		int err;
		enum mig_kind kind;
		enum mig_cause cause;
	} of_bind[] = { { EBUSY, MIG_KIND_BUSY, MIG_CAUSE_HELD },
			{ EPERM, MIG_KIND_NO_DEVICE, MIG_CAUSE_NOT_VIABLE },
			{ EINVAL, MIG_KIND_BUSY, MIG_CAUSE_HELD },
			{ EIO, MIG_KIND_FAILED, MIG_CAUSE_NONE } };
	const struct script_call absent[] = { OPEN_(NODE, -ENOENT) };
	const struct script_call busy[] = { OPEN_(NODE, -EBUSY) };
	const struct script_call no_iommufd[] = { OPEN_CDEV, OPEN_("/dev/iommu", -ENOENT) };

	(void)state;
	fails(&named, absent, 1, -ENOENT, MIG_KIND_NO_DEVICE, MIG_CAUSE_NO_NODE);
	assert_non_null(strstr(error.text, NODE));
	assert_non_null(strstr(error.hint, NODE));
	fails(&named, busy, 1, -EBUSY, MIG_KIND_BUSY, MIG_CAUSE_HELD);
	fails(&named, no_iommufd, 2, -ENOENT, MIG_KIND_NO_DEVICE, MIG_CAUSE_NO_NODE);
	assert_non_null(strstr(error.text, "/dev/iommu"));
	assert_non_null(strstr(error.hint, "/dev/iommu"));
	for (size_t i = 0; i < COUNT(of_bind); i++) {
		const struct script_call calls[] = { OPEN_CDEV, OPEN_IOMMUFD,
						     BIND_(-of_bind[i].err) };

		fails(&named, calls, 3, -of_bind[i].err, of_bind[i].kind, of_bind[i].cause);
		assert_int_equal(script.closed_count, 2);
	}
}

static void test_stuck(void **state)
{
	struct script_call calls[] = { OPEN_CDEV, OPEN_IOMMUFD, BIND_(1) };

	(void)state;
	calls[2].stuck = true;
	assert_int_equal(run(&named, calls, COUNT(calls)), -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.hint, "4242"));
	assert_int_equal(script.closed_count, 0);
	script_end(&script);
}

/* The first failure is told, and the others are closed all the same. */
static void test_close_fails(void **state)
{
	const struct script_call calls[] = { OPEN_CDEV, OPEN_IOMMUFD, BIND_(0) };

	(void)state;
	assert_int_equal(run(&named, calls, COUNT(calls)), 0);
	script.close_ret = -EIO;
	assert_int_equal(mig_device_close(&device, &error), -EIO);
	assert_int_equal(error.err, EIO);
	assert_int_equal(script.closed_count, 2);
	assert_int_equal(device.fd, -1);
	assert_int_equal(mig_device_close(&device, &error), 0);
	script_end(&script);
}

#define INFO(ret, ...) IOCTL_(DEVICE, VFIO_DEVICE_GET_INFO, ret, ##__VA_ARGS__)

static struct mig_device open_device(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	memset(&error, 0, sizeof(error));
	return (struct mig_device){ .sys = &script.sys, .fd = DEVICE, .name = NAME };
}

static void test_info_once(void **state)
{
	const struct vfio_device_info answer = { .flags = VFIO_DEVICE_FLAGS_RESET,
						 .num_regions = 10,
						 .num_irqs = 5 };
	const struct script_call calls[] = { INFO(-EIO), INFO(0, BYTES_(answer)) };

	(void)state;
	device = open_device(calls, COUNT(calls));
	assert_int_equal(mig_device_info(&device, &error), -EIO);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_false(mig_device_can_reset(&device)); /* not known to */
	assert_int_equal(mig_device_info(&device, &error), 0);
	assert_int_equal(mig_device_info(&device, &error), 0);
	assert_int_equal(device.num_regions, 10);
	assert_int_equal(device.num_irqs, 5);
	assert_true(mig_device_can_reset(&device));
	script_end(&script);
}

static void test_reset(void **state)
{
	const struct vfio_device_info can = { .flags = VFIO_DEVICE_FLAGS_RESET },
				      cannot = { .flags = VFIO_DEVICE_FLAGS_PCI };
	const struct script_call good[] = { INFO(0, BYTES_(can)),
					    IOCTL_(DEVICE, VFIO_DEVICE_RESET, 0),
					    IOCTL_(DEVICE, VFIO_DEVICE_RESET, -EIO) };
	const struct script_call not_offered[] = { INFO(0, BYTES_(cannot)) };

	(void)state;
	device = open_device(good, COUNT(good));
	assert_int_equal(mig_device_reset(&device, &error), 0);
	assert_int_equal(mig_device_reset(&device, &error), -EIO);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	script_end(&script);
	device = open_device(not_offered, COUNT(not_offered));
	assert_int_equal(mig_device_reset(&device, &error), -ENOTSUP);
	assert_int_equal(error.err, ENOTSUP);
	assert_non_null(strstr(error.text, "VFIO_DEVICE_FLAGS_RESET"));
	assert_true(has_words(error.hint));
	script_end(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_falls_back),
		cmocka_unit_test(test_does_not_fall_back),
		cmocka_unit_test(test_nowhere),
		cmocka_unit_test(test_node_is_checked),
		cmocka_unit_test(test_vf_token),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_close_fails),
		cmocka_unit_test(test_info_once),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
