// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening by the group: /dev/vfio/N, the container, the IOMMU, the device. */
#include "script.h"

#include <linux/vfio.h>

#include "migctl/device.h"

#define NAME "0000:06:00.1"
enum {
	GROUP = 10,
	CONTAINER = 11,
	DEVICE = 12
};

#define OPEN_GROUP OPEN_("/dev/vfio/26", GROUP)
#define OPEN_CONTAINER OPEN_("/dev/vfio/vfio", CONTAINER)
#define SET_CONTAINER(ret) \
	IOCTL_(GROUP, VFIO_GROUP_SET_CONTAINER, ret, .size = sizeof(int), EXPECT_(container))
#define SET_IOMMU(type, ret) IOCTL_(CONTAINER, VFIO_SET_IOMMU, ret, .value = (type))
#define GET_DEVICE(word, ret) \
	IOCTL_(GROUP, VFIO_GROUP_GET_DEVICE_FD, ret, .size = sizeof(word), .expect = (word), \
	       .expect_size = sizeof(word), .gives_fd = (ret) >= 0)
#define GET_STATUS(answer) IOCTL_(GROUP, VFIO_GROUP_GET_STATUS, 0, BYTES_(answer))

static const int container = CONTAINER;
static const struct mig_where where = { .name = NAME, .group = 26 };

static struct script script;
static struct mig_device device;
static struct mig_error error;

static int run(const struct mig_where *place, const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	memset(&error, 0, sizeof(error));
	memset(&device, 0xa5, sizeof(device));
	return mig_device_open(&device, &script.sys, place, &error);
}

/* Everything closed: script_end() sees the rest. */
static void fails(const struct script_call *calls, size_t count, int ret, enum mig_kind kind,
		  enum mig_cause cause)
{
	assert_int_equal(run(&where, calls, count), ret);
	assert_int_equal(error.kind, kind);
	assert_int_equal(error.cause, cause);
	assert_int_equal(error.err, -ret);
	assert_non_null(strstr(error.text, NAME));
	script_end(&script);
	assert_int_equal(device.fd, -1);
	assert_int_equal(device.group_fd, -1);
	assert_int_equal(device.container_fd, -1);
}

static void opens(const struct mig_where *place, const struct script_call *calls, size_t count)
{
	static const int order[] = { DEVICE, GROUP, CONTAINER };

	if (run(place, calls, count))
		fail_msg("%s", error.text);
	assert_int_equal(device.fd, DEVICE);
	assert_int_equal(device.group_fd, GROUP);
	assert_int_equal(device.container_fd, CONTAINER);
	assert_int_equal(device.iommufd, -1);
	assert_string_equal(device.name, NAME);
	assert_false(device.informed);
	assert_int_equal(mig_device_close(&device, &error), 0);
	assert_int_equal(script.closed_count, COUNT(order));
	assert_memory_equal(script.closed, order, sizeof(order));
	assert_int_equal(mig_device_close(&device, &error), 0); /* nothing left to close */
	assert_int_equal(script.closed_count, COUNT(order));
	script_end(&script);
}

static void test_opens(void **state)
{
	const struct script_call calls[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(0),
					     SET_IOMMU(VFIO_TYPE1v2_IOMMU, 0),
					     GET_DEVICE(NAME, DEVICE) };

	(void)state;
	opens(&where, calls, COUNT(calls));
}

/* type1v2, type1, spapr v2, spapr; each refusal leads to the next. */
static void test_iommu_order(void **state)
{
	static const unsigned long order[] = { 3, 1, 7, 2 };
	struct script_call calls[8] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(0) };

	(void)state;
	for (size_t good = 0; good < COUNT(order); good++) {
		size_t count = 3;

		for (size_t i = 0; i <= good; i++)
			calls[count++] =
				(struct script_call)SET_IOMMU(order[i], i < good ? -EINVAL : 0);
		calls[count++] = (struct script_call)GET_DEVICE(NAME, DEVICE);
		opens(&where, calls, count);
	}
}

static void test_no_iommu_fits(void **state)
{
	const struct script_call calls[] = { OPEN_GROUP,
					     OPEN_CONTAINER,
					     SET_CONTAINER(0),
					     SET_IOMMU(3, -ENODEV),
					     SET_IOMMU(1, -ENODEV),
					     SET_IOMMU(7, -EINVAL),
					     SET_IOMMU(2, -EINVAL) };
	const struct script_call denied[] = { OPEN_GROUP,           OPEN_CONTAINER,
					      SET_CONTAINER(0),     SET_IOMMU(3, -EPERM),
					      SET_IOMMU(1, -EPERM), SET_IOMMU(7, -EINVAL),
					      SET_IOMMU(2, -EINVAL) };

	(void)state;
	/* The first refusal counts: it is of the type that was wanted. */
	fails(calls, COUNT(calls), -ENODEV, MIG_KIND_FAILED, MIG_CAUSE_NONE);
	assert_non_null(strstr(error.hint, "vfio_iommu_type1"));
	fails(denied, COUNT(denied), -EPERM, MIG_KIND_NO_DEVICE, MIG_CAUSE_NONE);
}

static void test_noiommu(void **state)
{
	const struct mig_where place = { .name = NAME, .group = 3, .noiommu = true };
	const struct script_call calls[] = { OPEN_("/dev/vfio/noiommu-3", GROUP), OPEN_CONTAINER,
					     SET_CONTAINER(0), SET_IOMMU(VFIO_NOIOMMU_IOMMU, 0),
					     GET_DEVICE(NAME, DEVICE) };
	const struct script_call refused[] = { OPEN_("/dev/vfio/noiommu-3", GROUP), OPEN_CONTAINER,
					       SET_CONTAINER(0),
					       SET_IOMMU(VFIO_NOIOMMU_IOMMU, -EINVAL) };

	(void)state;
	opens(&place, calls, COUNT(calls));
	assert_int_equal(run(&place, refused, COUNT(refused)), -EINVAL);
	script_end(&script);
}

static void test_vf_token(void **state)
{
	static const char word[] = NAME " vf_token=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
	const struct mig_where place = { .name = NAME,
					 .group = 26,
					 .vf_token = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" };
	const struct script_call calls[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(0),
					     SET_IOMMU(3, 0), GET_DEVICE(word, DEVICE) };
	const struct script_call denied[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(0),
					      SET_IOMMU(3, 0), GET_DEVICE(NAME, -EACCES) };

	(void)state;
	opens(&place, calls, COUNT(calls));
	fails(denied, COUNT(denied), -EACCES, MIG_KIND_NO_DEVICE, MIG_CAUSE_VF_TOKEN);
}

static const struct {
	int err;
	enum mig_kind kind;
	enum mig_cause cause;
} of_nodes[] = {
	{ EBUSY, MIG_KIND_BUSY, MIG_CAUSE_HELD },
	{ ENOENT, MIG_KIND_NO_DEVICE, MIG_CAUSE_NO_NODE },
	{ ENODEV, MIG_KIND_NO_DEVICE, MIG_CAUSE_NO_NODE },
	{ ENXIO, MIG_KIND_NO_DEVICE, MIG_CAUSE_NO_NODE },
	{ EACCES, MIG_KIND_NO_DEVICE, MIG_CAUSE_PERMISSION },
	{ EPERM, MIG_KIND_NO_DEVICE, MIG_CAUSE_PERMISSION },
	{ ENFILE, MIG_KIND_FAILED, MIG_CAUSE_NONE },
};

static void test_nodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(of_nodes); i++) {
		const struct script_call group[] = { OPEN_("/dev/vfio/26", -of_nodes[i].err) };
		const struct script_call both[] = { OPEN_GROUP,
						    OPEN_("/dev/vfio/vfio", -of_nodes[i].err) };

		fails(group, COUNT(group), -of_nodes[i].err, of_nodes[i].kind, of_nodes[i].cause);
		assert_non_null(strstr(error.text, "/dev/vfio/26"));
		assert_int_equal(strstr(error.hint, "/dev/vfio/26") != NULL,
				 of_nodes[i].cause == MIG_CAUSE_NO_NODE);
		fails(both, COUNT(both), -of_nodes[i].err, of_nodes[i].kind, of_nodes[i].cause);
		assert_non_null(strstr(error.text, "/dev/vfio/vfio"));
		assert_int_equal(strstr(error.hint, "/dev/vfio/vfio") != NULL,
				 of_nodes[i].cause == MIG_CAUSE_NO_NODE);
	}
}

static void test_container_refused(void **state)
{
	const struct vfio_group_status viable = { .flags = VFIO_GROUP_FLAGS_VIABLE },
				       not_viable = { .flags = 0 };
	const struct script_call offenders[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(-EPERM),
						 GET_STATUS(not_viable) };
	const struct script_call busy[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(-EBUSY),
					    GET_STATUS(viable) };
	const struct script_call other[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(-EINVAL),
					     IOCTL_(GROUP, VFIO_GROUP_GET_STATUS, -EIO) };

	(void)state;
	fails(offenders, COUNT(offenders), -EPERM, MIG_KIND_NO_DEVICE, MIG_CAUSE_NOT_VIABLE);
	fails(busy, COUNT(busy), -EBUSY, MIG_KIND_BUSY, MIG_CAUSE_NONE);
	fails(other, COUNT(other), -EINVAL, MIG_KIND_FAILED, MIG_CAUSE_NONE);
}

static void test_device_refused(void **state)
{
	static const struct {
		int err;
		enum mig_kind kind;
		enum mig_cause cause;
	} answers[] = { { EBUSY, MIG_KIND_BUSY, MIG_CAUSE_HELD },
			{ ENODEV, MIG_KIND_NO_DEVICE, MIG_CAUSE_NONE },
			{ EIO, MIG_KIND_FAILED, MIG_CAUSE_NONE } };
	const struct vfio_group_status viable = { .flags = VFIO_GROUP_FLAGS_VIABLE },
				       not_viable = { .flags = 0 };
	struct script_call calls[] = {
		OPEN_GROUP,      OPEN_CONTAINER,           SET_CONTAINER(0),
		SET_IOMMU(3, 0), GET_DEVICE(NAME, -EPERM), GET_STATUS(not_viable)
	};

	(void)state;
	fails(calls, 6, -EPERM, MIG_KIND_NO_DEVICE, MIG_CAUSE_NOT_VIABLE);
	calls[5].reply = &viable;
	fails(calls, 6, -EPERM, MIG_KIND_FAILED, MIG_CAUSE_NONE);
	for (size_t i = 0; i < COUNT(answers); i++) {
		calls[4].ret = -answers[i].err;
		fails(calls, 5, -answers[i].err, answers[i].kind, answers[i].cause);
	}
	assert_non_null(strstr(error.hint, "kernel log"));
}

/* A hang anywhere is told as one, and its hint is about the task left behind. */
static void test_stuck_anywhere(void **state)
{
	struct script_call calls[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(0),
				       SET_IOMMU(3, 0), GET_DEVICE(NAME, DEVICE) };

	(void)state;
	for (size_t at = 0; at < COUNT(calls); at++) {
		const struct script_call saved = calls[at];

		calls[at].stuck = true;
		calls[at].gives_fd = false;
		calls[at].ret = 1; /* it cannot be ended */
		assert_int_equal(run(&where, calls, at + 1), -ETIMEDOUT);
		assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
		assert_non_null(strstr(error.text, "2.5 s"));
		assert_non_null(strstr(error.hint, "4242"));
		assert_int_equal(script.closed_count, 0); /* left to that task */
		script_end(&script);
		calls[at] = saved;
	}
}

/* The first type is refused, the second one hangs: still a hang. */
static void test_stuck_second_iommu(void **state)
{
	struct script_call calls[] = { OPEN_GROUP, OPEN_CONTAINER, SET_CONTAINER(0),
				       SET_IOMMU(3, -ENODEV), SET_IOMMU(1, 1) };

	(void)state;
	calls[4].stuck = true;
	assert_int_equal(run(&where, calls, COUNT(calls)), -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.hint, "4242"));
	script_end(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens),
		cmocka_unit_test(test_iommu_order),
		cmocka_unit_test(test_no_iommu_fits),
		cmocka_unit_test(test_noiommu),
		cmocka_unit_test(test_vf_token),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_container_refused),
		cmocka_unit_test(test_device_refused),
		cmocka_unit_test(test_stuck_anywhere),
		cmocka_unit_test(test_stuck_second_iommu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
