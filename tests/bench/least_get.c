// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least program that reads a v2 device's state by its group: what `get`
 * is measured against. It is told what `get` has to find out, and explains no
 * failure.
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	struct {
		unsigned int argsz, flags, state;
		int data_fd;
	} get = { sizeof(get), VFIO_DEVICE_FEATURE_GET | 2, 0, -1 };
	int group, container, device;

	if (argc != 3)
		return 2;
	group = open(argv[1], O_RDWR);
	container = open("/dev/vfio/vfio", O_RDWR);
	if (group < 0 || container < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return 1;
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]);
	if (device < 0 || ioctl(device, VFIO_DEVICE_FEATURE, &get))
		return 1;
	printf("%u\n", get.state);
	return 0;
}
