// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least program that moves a device's state: what `save` and `restore`
 * are measured against. One buffer, no checksum, no form; it is told what they
 * have to find out, and explains no failure.
 * usage: least_move save|restore v1|v2 GROUP-NODE NAME FILE
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CHUNK (1024 * 1024)
#define V1_REGION 9
enum {
	V1_PENDING = 8,
	V1_OFFSET = 16,
	V1_SIZE = 24
};

static char buffer[CHUNK] __attribute__((aligned(4096)));
static int device, file;
static off_t region;

static int open_device(const char *node, const char *name)
{
	int group = open(node, O_RDWR), container = open("/dev/vfio/vfio", O_RDWR);

	if (group < 0 || container < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -1;
	return ioctl(group, VFIO_GROUP_GET_DEVICE_FD, name);
}

static int v2_set(unsigned int state)
{
	struct {
		unsigned int argsz, flags, state;
		int data_fd;
	} set = { sizeof(set), VFIO_DEVICE_FEATURE_SET | 2, state, -1 };

	return ioctl(device, VFIO_DEVICE_FEATURE, &set) ? -2 : set.data_fd;
}

static int v1_set(uint32_t state)
{
	return pwrite(device, &state, 4, region) == 4 ? 0 : -1;
}

static int put(int fd, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t wrote = write(fd, buffer + done, size - done);

		if (wrote <= 0)
			return -1;
		done += (size_t)wrote;
	}
	return 0;
}

/* As much as there is, up to the buffer: a pipe gives less at a time. */
static ssize_t fill(int fd)
{
	size_t have = 0;
	ssize_t got;

	while (have < CHUNK && (got = read(fd, buffer + have, CHUNK - have)) > 0)
		have += (size_t)got;
	return (ssize_t)have;
}

static int save_v2(void)
{
	int data = v2_set(3);
	ssize_t got;

	while ((got = read(data, buffer, CHUNK)) > 0)
		if (put(file, (size_t)got))
			return -1;
	return got || v2_set(1) == -2 || v2_set(2) == -2;
}

static int restore_v2(void)
{
	int data = v2_set(4);
	ssize_t got;

	while ((got = fill(file)) > 0)
		if (put(data, (size_t)got))
			return -1;
	return got || v2_set(1) == -2 || v2_set(2) == -2;
}

static int save_v1(void)
{
	uint64_t pending, offset, size;

	if (v1_set(2))
		return -1;
	while (pread(device, &pending, 8, region + V1_PENDING) == 8 && pending) {
		if (pread(device, &offset, 8, region + V1_OFFSET) != 8 ||
		    pread(device, &size, 8, region + V1_SIZE) != 8 || size > CHUNK ||
		    pread(device, buffer, size, region + (off_t)offset) != (ssize_t)size ||
		    put(file, size))
			return -1;
	}
	return v1_set(0) || v1_set(1);
}

static int restore_v1(void)
{
	uint64_t offset, size;
	ssize_t got;

	if (v1_set(4))
		return -1;
	while ((got = fill(file)) > 0) {
		size = (uint64_t)got;
		if (pread(device, &offset, 8, region + V1_OFFSET) != 8 ||
		    pwrite(device, buffer, size, region + (off_t)offset) != got ||
		    pwrite(device, &size, 8, region + V1_SIZE) != 8)
			return -1;
	}
	return v1_set(0) || v1_set(1);
}

int main(int argc, char **argv)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = V1_REGION };
	int saves = argc == 6 && !strcmp(argv[1], "save"), v1 = argc == 6 && argv[2][1] == '1';

	if (argc != 6)
		return 2;
	device = open_device(argv[3], argv[4]);
	file = saves ? open(argv[5], O_WRONLY | O_CREAT | O_TRUNC, 0600) : open(argv[5], O_RDONLY);
	if (device < 0 || file < 0)
		return 1;
	if (!v1)
		return (saves ? save_v2() : restore_v2()) != 0;
	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info))
		return 1;
	region = (off_t)info.offset;
	return (saves ? save_v1() : restore_v1()) != 0;
}
