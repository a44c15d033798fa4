// SPDX-License-Identifier: GPL-2.0-or-later
/* A device by a duplicate of another process's descriptor, and what it says of itself. */
#include "script.h"

#include <linux/vfio.h>

#include "migctl/proto.h"

#define NAME "0000:06:00.1"
#define PID 812
#define AT 0x70000000000 /* where configuration space lies */

enum {
	THEIRS = 31,
	OURS = 7
};

static struct script script;
static struct mig_device device;
static struct mig_error error;

static int attach(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	memset(&error, 0, sizeof(error));
	return mig_device_attach(&device, &script.sys, NAME, PID, THEIRS, &error);
}

/* One call in, one out: nothing of the group is touched, and nothing stays open. */
static void test_attach(void **state)
{
	const struct script_call calls[] = { GETFD_(PID, THEIRS, OURS) };

	(void)state;
	assert_int_equal(attach(calls, 1), 0);
	assert_int_equal(device.fd, OURS);
	assert_int_equal(device.group_fd, -1);
	assert_int_equal(device.container_fd, -1);
	assert_int_equal(device.iommufd, -1);
	assert_true(device.shared);
	assert_string_equal(device.name, NAME);
	assert_int_equal(mig_device_close(&device, &error), 0);
	assert_int_equal(script.closed_count, 1);
	script_end(&script);
}

static void test_fails(void **state)
{
	static const struct {
		int ret;
		enum mig_kind kind;
	} cases[] = { { -EPERM, MIG_KIND_NO_DEVICE },
		      { -EACCES, MIG_KIND_NO_DEVICE },
		      { -ENOSYS, MIG_KIND_FAILED },
		      { -ESRCH, MIG_KIND_FAILED },
		      { -EBADF, MIG_KIND_FAILED } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_call calls[] = { GETFD_(PID, THEIRS, cases[i].ret) };

		assert_int_equal(attach(calls, 1), cases[i].ret);
		assert_int_equal(error.kind, cases[i].kind);
		assert_non_null(strstr(error.text, NAME));
		assert_non_null(strstr(error.text, "process 812"));
		assert_int_equal(device.fd, -1);
		script_end(&script);
	}
}

#define INFO(answer) IOCTL_(OURS, VFIO_DEVICE_GET_INFO, 0, BYTES_(answer))
#define REGION(answer) IOCTL_(OURS, VFIO_DEVICE_GET_REGION_INFO, 0, BYTES_(answer))
#define WORD(where, bytes, answer) \
	CALL_(PREAD, OURS, 2, answer, .offset = AT + (where), BYTES_(bytes))

static int identify(const struct script_call *calls, size_t count, struct mig_device_ids *ids)
{
	assert_int_equal(attach(calls, count), 0);
	return mig_device_identify(&device, ids, &error);
}

static void end(void)
{
	assert_int_equal(mig_device_close(&device, &error), 0);
	script_end(&script);
}

static const struct vfio_device_info pci = { .flags = 3, .num_regions = 9, .num_irqs = 5 };
static const struct vfio_region_info config = { 32, 3, 7, 0, 0x1000, AT };
static const uint8_t words[4][2] = { { 0xb3, 0x15 }, { 0x1e, 0x10 }, { 0xb4, 0x15 }, { 0x58, 0 } };

static void test_pci_ids(void **state)
{
	const struct script_call calls[] = {
		GETFD_(PID, THEIRS, OURS),
		INFO(pci),
		REGION(config),
		WORD(0x00, words[0], 2),
		WORD(0x02, words[1], 2),
		WORD(0x2c, words[2], 2),
		WORD(0x2e, words[3], 2),
	};
	struct mig_device_ids ids;

	(void)state;
	assert_int_equal(identify(calls, COUNT(calls), &ids), 0);
	assert_string_equal(ids.bus, "pci");
	assert_true(ids.pci);
	assert_int_equal(ids.vendor, 0x15b3);
	assert_int_equal(ids.device, 0x101e);
	assert_int_equal(ids.subvendor, 0x15b4);
	assert_int_equal(ids.subdevice, 0x58);
	end();
}

/* What does not say, or says it short, has no ids; nothing is made up. */
static void test_no_ids(void **state)
{
	const struct vfio_device_info few = { .flags = 2, .num_regions = 7 },
				      platform = { .flags = 5, .num_regions = 10 },
				      unknown = { .flags = 1 };
	struct vfio_region_info bad[] = { config, config, config };
	struct mig_device_ids ids;

	(void)state;
	{
		const struct script_call calls[] = { GETFD_(PID, THEIRS, OURS), INFO(few) };

		assert_int_equal(identify(calls, 2, &ids), 0);
		assert_string_equal(ids.bus, "pci");
		assert_false(ids.pci);
		end();
	}
	{
		const struct script_call calls[] = { GETFD_(PID, THEIRS, OURS), INFO(platform) };

		assert_int_equal(identify(calls, 2, &ids), 0);
		assert_string_equal(ids.bus, "platform");
		assert_false(ids.pci);
		end();
	}
	{
		const struct script_call calls[] = { GETFD_(PID, THEIRS, OURS), INFO(unknown) };

		assert_int_equal(identify(calls, 2, &ids), 0);
		assert_null(ids.bus);
		end();
	}
	bad[0].flags = 2; /* cannot be read */
	bad[1].size = 0x2f;
	bad[2].offset = INT64_MAX;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const struct script_call calls[] = { GETFD_(PID, THEIRS, OURS), INFO(pci),
						     REGION(bad[i]) };

		assert_int_equal(identify(calls, 3, &ids), 0);
		assert_false(ids.pci);
		end();
	}
	{
		const struct script_call calls[] = { GETFD_(PID, THEIRS, OURS), INFO(pci),
						     REGION(config), WORD(0, words[0], 1) };

		assert_int_equal(identify(calls, COUNT(calls), &ids), -EIO);
		assert_false(ids.pci);
		end();
	}
}

/*
 * v1's probe reads pending_bytes of a device of its own, to know openEuler's
 * layout. Of one that another process can take to saving at any time it must
 * not: that acknowledges a window of the other's transfer.
 */
static void test_shared_v1(void **state)
{
	struct typed {
		struct vfio_region_info info;
		struct vfio_region_info_cap_type cap;
	};
	static const struct vfio_device_info info = { .num_regions = 1 };
	static const struct vfio_region_info longer = {
		sizeof(struct typed), 0xb, 0, 0, 0x10000, AT
	};
	static const struct typed typed = { { sizeof(struct typed), 0xb, 0,
					      sizeof(struct vfio_region_info), 0x10000, AT },
					    { { 2, 1, 0 }, 3, 1 } };
	const struct script_call calls[] = { GETFD_(PID, THEIRS, OURS),
					     IOCTL_(OURS, _IO(';', 100 + 17), -ENOTTY), INFO(info),
					     REGION(longer), REGION(typed) };
	struct mig_port port;

	(void)state;
	assert_int_equal(attach(calls, COUNT(calls)), 0);
	assert_int_equal(mig_port_open(&port, &device, &error), 0);
	assert_ptr_equal(port.proto, &mig_proto_v1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attach),    cmocka_unit_test(test_fails),
		cmocka_unit_test(test_pci_ids),   cmocka_unit_test(test_no_ids),
		cmocka_unit_test(test_shared_v1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
