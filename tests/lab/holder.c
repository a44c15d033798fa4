// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * holder DEVICE...: has VFIO devices open as a VMM has, and changes their
 * state. DEVICE is v1:NAME:NODE or v2:NAME:NODE, NODE being the group's or the
 * device's own. Says "ready", then answers lines of standard input with "ok"
 * or an errno:
 *   set N VALUE   writes device_state of the Nth DEVICE, counted from 0
 *   dup N         duplicates its descriptor, and keeps both
 *   forget N      closes its group's descriptor
 *   close N       closes it
 *   reuse N M     closes it, and its group unless M is 1, and opens the last
 *                 DEVICE under the number that it had
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MIGSIM_REGION 9
#define FEATURE _IO(VFIO_TYPE, VFIO_BASE + 17)
#define BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#define SET_STATE (1u << 17 | 2)

struct held {
	int v1, container, group, fd, data_fd;
	uint64_t region;
};

static void die(const char *what)
{
	fprintf(stderr, "holder: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int by_group(struct held *held, const char *name, const char *node)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);

	held->container = container;
	held->group = open(node, O_RDWR | O_CLOEXEC);
	if (held->group < 0 || container < 0)
		die(node);
	if (ioctl(held->group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("container");
	return ioctl(held->group, VFIO_GROUP_GET_DEVICE_FD, name);
}

static int by_cdev(const char *node)
{
	struct {
		uint32_t argsz, flags;
		int32_t iommufd;
		uint32_t out_devid;
	} bind = { .argsz = sizeof(bind), .iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC) };
	int fd = open(node, O_RDWR | O_CLOEXEC);

	if (bind.iommufd < 0 || fd < 0 || ioctl(fd, BIND_IOMMUFD, &bind))
		die(node);
	return fd;
}

static void hold(struct held *held, char *word)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = MIGSIM_REGION };
	char *name = strchr(word, ':'), *node = name ? strrchr(word, ':') : NULL;

	if (!name || node == name)
		exit(2);
	*name++ = *node++ = '\0';
	held->v1 = !strcmp(word, "v1");
	held->group = held->data_fd = -1;
	held->fd = strstr(node, "/devices/") ? by_cdev(node) : by_group(held, name, node);
	if (held->fd < 0)
		die(name);
	if (!held->v1)
		return;
	if (ioctl(held->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("region");
	held->region = info.offset;
}

static int set(struct held *held, uint32_t value)
{
	struct {
		uint32_t argsz, flags, state;
		int32_t data_fd;
	} request = { .argsz = sizeof(request), .flags = SET_STATE, .state = value, .data_fd = -1 };

	if (held->v1)
		return pwrite(held->fd, &value, sizeof(value), (off_t)held->region) ==
				       (ssize_t)sizeof(value)
			       ? 0
			       : -1;
	if (ioctl(held->fd, FEATURE, &request))
		return -1;
	if (request.data_fd >= 0)
		held->data_fd = request.data_fd;
	return 0;
}

static int reuse(struct held *held, char *word, int keep_group)
{
	struct held other;
	int number = held->fd;

	close(held->fd);
	if (!keep_group) {
		close(held->group);
		close(held->container);
	}
	hold(&other, word);
	if (other.fd != number && (dup2(other.fd, number) < 0 || close(other.fd)))
		return -1;
	*held = other;
	held->fd = number;
	return 0;
}

static int do_line(struct held *held, const char *verb, uint32_t value, char *last)
{
	if (!strcmp(verb, "set"))
		return set(held, value);
	if (!strcmp(verb, "dup"))
		return fcntl(held->fd, F_DUPFD_CLOEXEC, 0) < 0 ? -1 : 0;
	if (!strcmp(verb, "forget"))
		return close(held->group);
	if (!strcmp(verb, "close"))
		return close(held->fd);
	if (!strcmp(verb, "reuse"))
		return reuse(held, last, value == 1);
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	struct held held[16];
	unsigned int index, value;
	char line[64], verb[16];

	/* "+DEVICE": not yet. */
	for (int i = 1; i < argc && i <= 16; i++)
		if (argv[i][0] != '+')
			hold(&held[i - 1], argv[i]);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		value = 0;
		if (sscanf(line, "%15s %u %u", verb, &index, &value) < 2 ||
		    index + 1 >= (unsigned)argc)
			return 2;
		puts(do_line(&held[index], verb, value, argv[argc - 1] + 1) ? strerrorname_np(errno)
									    : "ok");
		fflush(stdout);
	}
	return 0;
}
