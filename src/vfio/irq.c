// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "migctl/irq.h"

static const uint32_t indices[MIG_IRQ_COUNT] = {
	[MIG_IRQ_ERROR] = VFIO_PCI_ERR_IRQ_INDEX,
	[MIG_IRQ_REQUEST] = VFIO_PCI_REQ_IRQ_INDEX,
};

static const char *const names[MIG_IRQ_COUNT] = {
	[MIG_IRQ_ERROR] = "error",
	[MIG_IRQ_REQUEST] = "request",
};

void mig_irqs_init(struct mig_irqs *irqs)
{
	for (int i = 0; i < MIG_IRQ_COUNT; i++)
		irqs->fd[i] = -1;
}

/* 0 unless the seam is stuck; an fd of -1 disarms. */
static int set_eventfd(struct mig_device *device, enum mig_irq irq, int fd, bool *done,
		       struct mig_error *error)
{
	/* The descriptor is the data that follows the head. */
	char bytes[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	const struct vfio_irq_set head = {
		.argsz = sizeof(bytes),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = indices[irq],
		.count = 1,
	};
	int32_t data = fd;
	int ret;

	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), &data, sizeof(data));
	ret = device->sys->ops->ioctl(device->sys, device->fd, VFIO_DEVICE_SET_IRQS, bytes,
				      sizeof(bytes));
	*done = !ret;
	if (!mig_sys_is_stuck(device->sys))
		return 0;
	return mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret,
			     "VFIO_DEVICE_SET_IRQS of %s, its %s interrupt", device->name,
			     names[irq]);
}

static int arm(struct mig_irqs *irqs, struct mig_device *device, enum mig_irq irq,
	       struct mig_error *error)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = indices[irq] };
	int fd, ret;
	bool done;

	if (device->num_irqs <= indices[irq])
		return 0;
	ret = device->sys->ops->ioctl(device->sys, device->fd, VFIO_DEVICE_GET_IRQ_INFO, &info,
				      sizeof(info));
	if (mig_sys_is_stuck(device->sys))
		return mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret,
				     "VFIO_DEVICE_GET_IRQ_INFO of %s", device->name);
	if (ret || !info.count || !(info.flags & VFIO_IRQ_INFO_EVENTFD))
		return 0;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return 0;
	ret = set_eventfd(device, irq, fd, &done, error);
	if (done)
		irqs->fd[irq] = fd;
	else
		close(fd);
	return ret;
}

int mig_irqs_arm(struct mig_irqs *irqs, struct mig_device *device, struct mig_error *error)
{
	struct mig_error why;
	int ret = 0;

	if (device->shared)
		return 0;
	ret = mig_device_info(device, &why);
	if (ret && mig_sys_is_stuck(device->sys)) {
		*error = why;
		return ret;
	}
	if (ret || !(device->flags & VFIO_DEVICE_FLAGS_PCI))
		return 0;
	for (int i = 0; i < MIG_IRQ_COUNT && !ret; i++)
		ret = arm(irqs, device, (enum mig_irq)i, error);
	return ret;
}

int64_t mig_irqs_take(struct mig_irqs *irqs, enum mig_irq irq)
{
	uint64_t count;

	if (irqs->fd[irq] < 0)
		return -1;
	if (read(irqs->fd[irq], &count, sizeof(count)) != (ssize_t)sizeof(count))
		return 0;
	return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

int mig_irqs_disarm(struct mig_irqs *irqs, struct mig_device *device, struct mig_error *error)
{
	int ret = 0;
	bool done;

	for (int i = 0; i < MIG_IRQ_COUNT; i++) {
		if (irqs->fd[i] < 0)
			continue;
		if (!ret && !mig_sys_is_stuck(device->sys))
			ret = set_eventfd(device, (enum mig_irq)i, -1, &done, error);
		close(irqs->fd[i]);
		irqs->fd[i] = -1;
	}
	return ret;
}
