// SPDX-License-Identifier: GPL-2.0-or-later
#include "script.h"

#include <linux/vfio.h>
#include <unistd.h>

#include "migctl/irq.h"

#define FD 12

#define SET_SIZE (sizeof(struct vfio_irq_set) + sizeof(int32_t))

static struct script script;

static struct mig_device device_of(const struct script_call *calls, size_t count)
{
	struct mig_device device = { .fd = FD, .group_fd = -1, .container_fd = -1, .iommufd = -1 };

	script_begin(&script, calls, count);
	script_has_fd(&script, FD);
	device.sys = &script.sys;
	strcpy(device.name, "fake");
	return device;
}

static void end(struct mig_device *device)
{
	struct mig_error error;

	assert_int_equal(mig_device_close(device, &error), 0);
	script_end(&script);
}

static struct vfio_device_info info_of(uint32_t flags, uint32_t num_irqs)
{
	return (struct vfio_device_info){ .argsz = sizeof(struct vfio_device_info),
					  .flags = flags,
					  .num_irqs = num_irqs };
}

static struct vfio_irq_info irq_of(uint32_t index, uint32_t flags, uint32_t count)
{
	return (struct vfio_irq_info){ .argsz = sizeof(struct vfio_irq_info),
				       .flags = flags,
				       .index = index,
				       .count = count };
}

static const struct vfio_irq_set arming[] = {
	{ .argsz = SET_SIZE,
	  .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
	  .index = VFIO_PCI_ERR_IRQ_INDEX,
	  .count = 1 },
	{ .argsz = SET_SIZE,
	  .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
	  .index = VFIO_PCI_REQ_IRQ_INDEX,
	  .count = 1 },
};

static void test_both(void **state)
{
	const struct vfio_device_info info = info_of(VFIO_DEVICE_FLAGS_PCI, VFIO_PCI_NUM_IRQS);
	const struct vfio_irq_info error_irq =
		irq_of(VFIO_PCI_ERR_IRQ_INDEX, VFIO_IRQ_INFO_EVENTFD, 1);
	const struct vfio_irq_info request =
		irq_of(VFIO_PCI_REQ_IRQ_INDEX, VFIO_IRQ_INFO_EVENTFD, 1);
	char off[2][SET_SIZE];
	const struct script_call calls[] = {
		IOCTL_(FD, VFIO_DEVICE_GET_INFO, 0, BYTES_(info)),
		IOCTL_(FD, VFIO_DEVICE_GET_IRQ_INFO, 0, BYTES_(error_irq)),
		IOCTL_(FD, VFIO_DEVICE_SET_IRQS, 0, EXPECT_(arming[0]), .size = SET_SIZE),
		IOCTL_(FD, VFIO_DEVICE_GET_IRQ_INFO, 0, BYTES_(request)),
		IOCTL_(FD, VFIO_DEVICE_SET_IRQS, 0, EXPECT_(arming[1]), .size = SET_SIZE),
		IOCTL_(FD, VFIO_DEVICE_SET_IRQS, 0, EXPECT_(off[0])),
		IOCTL_(FD, VFIO_DEVICE_SET_IRQS, 0, EXPECT_(off[1])),
	};
	struct mig_device device = device_of(calls, COUNT(calls));
	const uint64_t twice = 2;
	struct mig_irqs irqs;
	struct mig_error error;

	(void)state;
	for (int i = 0; i < 2; i++) {
		memcpy(off[i], &arming[i], sizeof(arming[i]));
		memset(off[i] + sizeof(arming[i]), 0xff, sizeof(int32_t));
	}
	mig_irqs_init(&irqs);
	assert_int_equal(mig_irqs_arm(&irqs, &device, &error), 0);
	assert_int_equal(mig_irqs_take(&irqs, MIG_IRQ_ERROR), 0);
	assert_int_equal(write(irqs.fd[MIG_IRQ_ERROR], &twice, sizeof(twice)), sizeof(twice));
	assert_int_equal(mig_irqs_take(&irqs, MIG_IRQ_ERROR), 2);
	assert_int_equal(mig_irqs_take(&irqs, MIG_IRQ_ERROR), 0);
	assert_int_equal(mig_irqs_take(&irqs, MIG_IRQ_REQUEST), 0);
	assert_int_equal(mig_irqs_disarm(&irqs, &device, &error), 0);
	assert_int_equal(mig_irqs_take(&irqs, MIG_IRQ_ERROR), -1);
	/* Once more does nothing. */
	assert_int_equal(mig_irqs_disarm(&irqs, &device, &error), 0);
	end(&device);
}

/* An index that it does not have, one that cannot be an eventfd, and a driver that refuses. */
static void test_none(void **state)
{
	const struct vfio_device_info info = info_of(VFIO_DEVICE_FLAGS_PCI, VFIO_PCI_NUM_IRQS);
	const struct vfio_irq_info useless = irq_of(VFIO_PCI_REQ_IRQ_INDEX, 0, 1);
	const struct vfio_irq_info request =
		irq_of(VFIO_PCI_REQ_IRQ_INDEX, VFIO_IRQ_INFO_EVENTFD, 1);
	const struct script_call calls[] = {
		IOCTL_(FD, VFIO_DEVICE_GET_INFO, 0, BYTES_(info)),
		IOCTL_(FD, VFIO_DEVICE_GET_IRQ_INFO, -EINVAL),
		IOCTL_(FD, VFIO_DEVICE_GET_IRQ_INFO, 0, BYTES_(useless)),
		IOCTL_(FD, VFIO_DEVICE_GET_IRQ_INFO, -EINVAL),
		IOCTL_(FD, VFIO_DEVICE_GET_IRQ_INFO, 0, BYTES_(request)),
		IOCTL_(FD, VFIO_DEVICE_SET_IRQS, -ENOTTY),
	};
	struct mig_device device = device_of(calls, COUNT(calls));
	struct mig_irqs irqs;
	struct mig_error error;

	(void)state;
	mig_irqs_init(&irqs);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mig_irqs_arm(&irqs, &device, &error), 0);
		assert_int_equal(mig_irqs_take(&irqs, MIG_IRQ_ERROR), -1);
		assert_int_equal(mig_irqs_take(&irqs, MIG_IRQ_REQUEST), -1);
	}
	end(&device);
}

/* Indices mean something else on other buses; and another's device is not asked at all. */
static void test_not_ours(void **state)
{
	const struct vfio_device_info platform = info_of(VFIO_DEVICE_FLAGS_PLATFORM, 5);
	const struct script_call calls[] = {
		IOCTL_(FD, VFIO_DEVICE_GET_INFO, 0, BYTES_(platform)),
	};
	struct mig_device device = device_of(NULL, 0);
	struct mig_irqs irqs;
	struct mig_error error;

	(void)state;
	mig_irqs_init(&irqs);
	device.shared = true;
	assert_int_equal(mig_irqs_arm(&irqs, &device, &error), 0);
	end(&device);
	device = device_of(calls, COUNT(calls));
	assert_int_equal(mig_irqs_arm(&irqs, &device, &error), 0);
	end(&device);
}

static void test_stuck(void **state)
{
	const struct vfio_device_info info = info_of(VFIO_DEVICE_FLAGS_PCI, VFIO_PCI_NUM_IRQS);
	const struct vfio_irq_info error_irq =
		irq_of(VFIO_PCI_ERR_IRQ_INDEX, VFIO_IRQ_INFO_EVENTFD, 1);
	const struct script_call calls[] = {
		IOCTL_(FD, VFIO_DEVICE_GET_INFO, 0, BYTES_(info)),
		IOCTL_(FD, VFIO_DEVICE_GET_IRQ_INFO, 0, BYTES_(error_irq)),
		IOCTL_(FD, VFIO_DEVICE_SET_IRQS, 0, .stuck = true),
	};
	struct mig_device device = device_of(calls, COUNT(calls));
	struct mig_irqs irqs;
	struct mig_error error;

	(void)state;
	mig_irqs_init(&irqs);
	assert_int_equal(mig_irqs_arm(&irqs, &device, &error), -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.text, "error interrupt"));
	assert_int_equal(mig_irqs_disarm(&irqs, &device, &error), 0);
	assert_int_equal(script.after_stuck, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
