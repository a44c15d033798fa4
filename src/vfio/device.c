// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "migctl/device.h"
#include "uapi.h"

#define CONTAINER "/dev/vfio/vfio"
#define IOMMUFD "/dev/iommu"

/* A failed open(2) of a node, told by what its errno means here. */
static int node_error(const struct mig_device *device, struct mig_error *error, const char *path,
		      int ret)
{
	switch (-ret) {
	case EBUSY:
		mig_sys_error(device->sys, error, MIG_KIND_BUSY, ret, "open %s for %s", path,
			      device->name);
		error->cause = MIG_CAUSE_HELD;
		break;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		mig_sys_error(device->sys, error, MIG_KIND_NO_DEVICE, ret, "open %s for %s", path,
			      device->name);
		error->cause = MIG_CAUSE_NO_NODE;
		mig_error_hint(
			error,
			"sysfs has the device, /dev lacks its node; in a container, give it %s",
			path);
		break;
	case EACCES:
	case EPERM:
		mig_sys_error(device->sys, error, MIG_KIND_NO_DEVICE, ret, "open %s for %s", path,
			      device->name);
		error->cause = MIG_CAUSE_PERMISSION;
		break;
	default:
		mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret, "open %s for %s", path,
			      device->name);
	}
	return ret;
}

static int open_node(struct mig_device *device, const char *path, int *fd, struct mig_error *error)
{
	int ret = device->sys->ops->openat(device->sys, AT_FDCWD, path, O_RDWR);

	if (ret < 0)
		return node_error(device, error, path, ret);
	*fd = ret;
	return 0;
}

/* Only after a failure, to tell a group that is not viable from others. */
static bool group_viable(struct mig_device *device)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (device->sys->ops->ioctl(device->sys, device->group_fd, VFIO_GROUP_GET_STATUS, &status,
				    sizeof(status)))
		return true;
	return status.flags & VFIO_GROUP_FLAGS_VIABLE;
}

static int not_viable(const struct mig_device *device, int group, struct mig_error *error)
{
	mig_error_set(error, MIG_KIND_NO_DEVICE, EPERM,
		      "group %d of %s is not viable: a device in it is on a host driver", group,
		      device->name);
	error->cause = MIG_CAUSE_NOT_VIABLE;
	return -EPERM;
}

static int set_container(struct mig_device *device, int group, struct mig_error *error)
{
	int ret = device->sys->ops->ioctl(device->sys, device->group_fd, VFIO_GROUP_SET_CONTAINER,
					  &device->container_fd, sizeof(device->container_fd));

	if (!ret)
		return 0;
	if (!mig_sys_is_stuck(device->sys) && !group_viable(device))
		return not_viable(device, group, error);
	return mig_sys_error(device->sys, error, ret == -EBUSY ? MIG_KIND_BUSY : MIG_KIND_FAILED,
			     ret, "VFIO_GROUP_SET_CONTAINER of group %d for %s", group,
			     device->name);
}

/* What is refused as unknown or unfit leads to the next one. */
static int set_iommu(struct mig_device *device, bool noiommu, struct mig_error *error)
{
	static const unsigned long types[] = { VFIO_TYPE1v2_IOMMU, VFIO_TYPE1_IOMMU,
					       VFIO_SPAPR_TCE_v2_IOMMU, VFIO_SPAPR_TCE_IOMMU };
	static const unsigned long none[] = { VFIO_NOIOMMU_IOMMU };
	const unsigned long *type = noiommu ? none : types;
	size_t count = noiommu ? 1 : sizeof(types) / sizeof(*types);
	int ret = -ENODEV, first = 0;

	for (size_t i = 0; i < count && ret; i++) {
		ret = device->sys->ops->ioctl(device->sys, device->container_fd, VFIO_SET_IOMMU,
					      (void *)type[i], 0);
		if (mig_sys_is_stuck(device->sys))
			break;
		if (!first)
			first = ret;
		if (!ret)
			device->container_type = type[i];
	}
	if (!ret)
		return 0;
	/* The type that was wanted most is asked for first, and its refusal is what to tell. */
	if (!mig_sys_is_stuck(device->sys))
		ret = first;
	mig_sys_error(device->sys, error, ret == -EPERM ? MIG_KIND_NO_DEVICE : MIG_KIND_FAILED, ret,
		      "VFIO_SET_IOMMU for %s", device->name);
	if (ret == -ENODEV || ret == -EINVAL)
		mig_error_hint(error, "load the IOMMU backend: modprobe vfio_iommu_type1");
	return ret;
}

static int get_device(struct mig_device *device, const struct mig_where *where,
		      struct mig_error *error)
{
	char name[256];
	int ret;

	snprintf(name, sizeof(name), "%s%s%s", where->name, where->vf_token ? " vf_token=" : "",
		 where->vf_token ? where->vf_token : "");
	ret = device->sys->ops->ioctl(device->sys, device->group_fd, VFIO_GROUP_GET_DEVICE_FD, name,
				      strlen(name) + 1);
	if (ret >= 0) {
		device->fd = ret;
		return 0;
	}
	switch (-ret) {
	case EACCES:
		mig_sys_error(device->sys, error, MIG_KIND_NO_DEVICE, ret,
			      "VFIO_GROUP_GET_DEVICE_FD for %s", device->name);
		error->cause = MIG_CAUSE_VF_TOKEN;
		break;
	case EBUSY:
		mig_sys_error(device->sys, error, MIG_KIND_BUSY, ret,
			      "VFIO_GROUP_GET_DEVICE_FD for %s", device->name);
		error->cause = MIG_CAUSE_HELD;
		break;
	case ENODEV:
		mig_sys_error(device->sys, error, MIG_KIND_NO_DEVICE, ret,
			      "VFIO_GROUP_GET_DEVICE_FD for %s", device->name);
		/* In sysfs it is: what was opened is the group of another, or of before. */
		mig_error_hint(error,
			       "/dev/vfio/%s%d is another group's node, or stale: vfio-migctl "
			       "check %s compares it with the kernel's",
			       where->noiommu ? "noiommu-" : "", where->group, device->name);
		break;
	case EPERM:
		if (!group_viable(device))
			return not_viable(device, where->group, error);
		/* fall through */
	default:
		ret = mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret,
				    "VFIO_GROUP_GET_DEVICE_FD for %s", device->name);
		if (!mig_sys_is_stuck(device->sys))
			mig_error_hint(error,
				       "the driver failed to open its device; see the kernel log");
	}
	return ret;
}

static int open_by_group(struct mig_device *device, const struct mig_where *where,
			 struct mig_error *error)
{
	char path[48];
	int ret;

	snprintf(path, sizeof(path), "/dev/vfio/%s%d", where->noiommu ? "noiommu-" : "",
		 where->group);
	ret = open_node(device, path, &device->group_fd, error);
	if (!ret)
		ret = open_node(device, CONTAINER, &device->container_fd, error);
	if (!ret)
		ret = set_container(device, where->group, error);
	if (!ret)
		ret = set_iommu(device, where->noiommu, error);
	if (!ret)
		ret = get_device(device, where, error);
	return ret;
}

/*
 * A node left over in a container may be another device's by now. By the group
 * VFIO_GROUP_GET_DEVICE_FD asks for the name; here the number is all there is.
 * fstat(2) does not reach the driver.
 */
static int check_node(struct mig_device *device, const char *path, dev_t number,
		      struct mig_error *error)
{
	struct stat st;

	if (!number)
		return 0;
	if (!fstat(device->fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == number)
		return 0;
	mig_error_set(error, MIG_KIND_NO_DEVICE, 0,
		      "%s is not the node of %s: its device number is not the one in sysfs", path,
		      device->name);
	mig_error_hint(error,
		       "a stale node, as in a container's own /dev: make it anew with number "
		       "%u:%u",
		       major(number), minor(number));
	return -ENODEV;
}

static int open_by_cdev(struct mig_device *device, const struct mig_where *where,
			struct mig_error *error)
{
	struct uapi_bind_iommufd bind = { .argsz = sizeof(bind) };
	char path[64];
	int ret;

	/* Kernels take it at binding since 6.18 only; by the group all do. */
	if (where->vf_token) {
		mig_error_set(error, MIG_KIND_USAGE, EINVAL,
			      "a VF token cannot be given when %s is opened by its own node, %s",
			      device->name, where->cdev);
		mig_error_hint(error, "name the device itself, to open it by its group");
		return -EINVAL;
	}
	snprintf(path, sizeof(path), "/dev/vfio/devices/%s", where->cdev);
	ret = open_node(device, path, &device->fd, error);
	if (!ret)
		ret = check_node(device, path, where->cdev_number, error);
	if (!ret)
		ret = open_node(device, IOMMUFD, &device->iommufd, error);
	if (ret)
		return ret;
	bind.iommufd = device->iommufd;
	ret = device->sys->ops->ioctl(device->sys, device->fd, UAPI_DEVICE_BIND_IOMMUFD, &bind,
				      sizeof(bind));
	device->iommufd_id = bind.out_devid;
	if (!ret)
		return 0;
	switch (-ret) {
	/* vfio_df_open(): a device that is open by its cdev has no second opener, and says EINVAL.
	 */
	case EINVAL:
	case EBUSY:
		mig_sys_error(device->sys, error, MIG_KIND_BUSY, ret,
			      "VFIO_DEVICE_BIND_IOMMUFD of %s for %s", where->cdev, device->name);
		error->cause = MIG_CAUSE_HELD;
		break;
	case EPERM:
		mig_sys_error(device->sys, error, MIG_KIND_NO_DEVICE, ret,
			      "VFIO_DEVICE_BIND_IOMMUFD of %s for %s", where->cdev, device->name);
		error->cause = MIG_CAUSE_NOT_VIABLE;
		break;
	default:
		mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret,
			      "VFIO_DEVICE_BIND_IOMMUFD of %s for %s", where->cdev, device->name);
	}
	return ret;
}

int mig_device_open(struct mig_device *device, struct mig_sys *sys, const struct mig_where *where,
		    struct mig_error *error)
{
	struct mig_error ignored;
	int ret;

	memset(device, 0, sizeof(*device));
	device->sys = sys;
	device->fd = device->group_fd = device->container_fd = device->iommufd = -1;
	snprintf(device->name, sizeof(device->name), "%s", where->name);
	if (where->by_cdev) {
		ret = open_by_cdev(device, where, error);
	} else if (where->group < 0 && !where->cdev) {
		ret = mig_error_set(error, MIG_KIND_NO_DEVICE, ENOENT,
				    "%s has neither an IOMMU group nor a node of its own under "
				    "/dev/vfio/devices",
				    device->name);
	} else {
		ret = where->group < 0 ? -ENOENT : open_by_group(device, where, error);
		/* A kernel without VFIO_GROUP or _CONTAINER, or a /dev that lacks the nodes. */
		if (ret == -ENOENT && where->cdev && device->container_fd < 0) {
			mig_device_close(device, &ignored);
			ret = open_by_cdev(device, where, error);
		}
	}
	if (ret) {
		mig_device_close(device, &ignored);
	} else {
		/* That the group's way failed first is no error any more. */
		error->kind = MIG_KIND_OK;
		error->cause = MIG_CAUSE_NONE;
	}
	return ret;
}

int mig_device_close(struct mig_device *device, struct mig_error *error)
{
	/* The device first: it is what the others keep usable. */
	int *const fds[] = { &device->fd, &device->group_fd, &device->container_fd,
			     &device->iommufd };
	int ret = 0;

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		int closed;

		if (*fds[i] < 0 || mig_sys_is_stuck(device->sys))
			continue;
		closed = device->sys->ops->close(device->sys, *fds[i]);
		*fds[i] = -1;
		if (closed < 0 && !ret)
			ret = mig_sys_error(device->sys, error, MIG_KIND_FAILED, closed, "close %s",
					    device->name);
	}
	return ret;
}

int mig_device_info(struct mig_device *device, struct mig_error *error)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	int ret;

	if (device->informed)
		return 0;
	ret = device->sys->ops->ioctl(device->sys, device->fd, VFIO_DEVICE_GET_INFO, &info,
				      sizeof(info));
	if (ret < 0)
		return mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret,
				     "VFIO_DEVICE_GET_INFO of %s", device->name);
	device->flags = info.flags;
	device->num_regions = info.num_regions;
	device->num_irqs = info.num_irqs;
	device->informed = true;
	return 0;
}

bool mig_device_can_reset(const struct mig_device *device)
{
	return device->informed && (device->flags & VFIO_DEVICE_FLAGS_RESET);
}

int mig_device_reset(struct mig_device *device, struct mig_error *error)
{
	int ret = mig_device_info(device, error);

	if (ret)
		return ret;
	if (!mig_device_can_reset(device)) {
		mig_error_set(error, MIG_KIND_FAILED, ENOTSUP,
			      "%s offers no reset (VFIO_DEVICE_FLAGS_RESET is not set)",
			      device->name);
		mig_error_hint(error, "unbind the device from its VFIO driver and bind it again");
		return -ENOTSUP;
	}
	ret = device->sys->ops->ioctl(device->sys, device->fd, VFIO_DEVICE_RESET, NULL, 0);
	if (ret < 0)
		return mig_sys_error(device->sys, error, MIG_KIND_FAILED, ret,
				     "VFIO_DEVICE_RESET of %s", device->name);
	return 0;
}
