// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least program that times a device's arcs: what `bench` is measured
 * against. In each round it passes some arcs, writing and reading the state,
 * and makes a save. It prints a line for each arc, "FROM TO MEDIAN" in
 * nanoseconds, then "stopped - MEDIAN" and "save - MEDIAN", that of all the
 * reads of the data.
 * usage: least_arcs v1|v2 GROUP-NODE NAME ROUNDS
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (1024 * 1024)
#define V1_REGION 9
#define ROUNDS_MAX 10000
enum {
	STOPPED = 6, /* behind the arcs: until the data is out */
	SAVE,        /* in reading it */
	FIGURES
};
enum {
	V1_PENDING = 8,
	V1_OFFSET = 16,
	V1_SIZE = 24
};

/* The round trips, by the values that are written. */
static const uint32_t v2_round[] = { 2, 5, 1, 3, 1, 5, 2 }, v1_round[] = { 1, 0, 1, 3, 2, 0, 1 };
static const char *const v2_words[] = { "error",     "stop",     "running",
					"stop-copy", "resuming", "running-p2p" };
static const char *const v1_words[] = { "stop", "running", "stop-copy", "pre-copy" };

static char buffer[CHUNK] __attribute__((aligned(4096)));
static uint64_t times[FIGURES][ROUNDS_MAX];
static int device, data = -1, v1;
static off_t region;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int feature(unsigned int flags, uint32_t *state, int *fd)
{
	struct {
		unsigned int argsz, flags, state;
		int data_fd;
	} arg = { sizeof(arg), flags | 2, *state, -1 };
	int ret = ioctl(device, VFIO_DEVICE_FEATURE, &arg);

	*state = arg.state;
	*fd = arg.data_fd;
	return ret;
}

/* Writes the state, times that, and reads it again. */
static int set(uint32_t state, uint64_t *ns)
{
	uint64_t begun = now();
	uint32_t value = state;
	int fd = -1, none, ret;

	if (v1)
		ret = pwrite(device, &value, 4, region) != 4;
	else
		ret = feature(VFIO_DEVICE_FEATURE_SET, &value, &fd);
	*ns = now() - begun;
	if (v1)
		ret |= pread(device, &value, 4, region) != 4;
	else
		ret |= feature(VFIO_DEVICE_FEATURE_GET, &value, &none);
	if (data >= 0)
		close(data);
	data = fd;
	return ret || value != state;
}

static int read_all(uint64_t *ns)
{
	uint64_t begun = now(), pending, offset, size;
	ssize_t got = 0;

	if (!v1)
		while ((got = read(data, buffer, CHUNK)) > 0)
			continue;
	while (v1 && pread(device, &pending, 8, region + V1_PENDING) == 8 && pending)
		if (pread(device, &offset, 8, region + V1_OFFSET) != 8 ||
		    pread(device, &size, 8, region + V1_SIZE) != 8 || size > CHUNK ||
		    pread(device, buffer, size, region + (off_t)offset) != (ssize_t)size)
			return -1;
	*ns = now() - begun;
	return (int)got;
}

/* As a VMM without pre-copy does. */
static int save(int round)
{
	static const uint32_t way_v2[] = { 5, 1, 3 }, back_v2[] = { 1, 5, 2 };
	uint64_t begun = now(), ns;
	int ret = 0;

	for (int i = 0; !v1 && !ret && i < 3; i++)
		ret = set(way_v2[i], &ns);
	if (v1)
		ret = set(2, &ns);
	if (!ret)
		ret = read_all(&times[SAVE][round]);
	times[STOPPED][round] = now() - begun;
	for (int i = 0; !v1 && !ret && i < 3; i++)
		ret = set(back_v2[i], &ns);
	if (v1 && !ret)
		ret = set(0, &ns) || set(1, &ns);
	return ret;
}

static int by_size(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void tell(const char *from, const char *to, uint64_t *ns, int rounds)
{
	qsort(ns, (size_t)rounds, sizeof(*ns), by_size);
	printf("%s %s %llu\n", from, to, (unsigned long long)ns[rounds / 2]);
}

int main(int argc, char **argv)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = V1_REGION };
	int group = argc == 5 ? open(argv[2], O_RDWR) : -1;
	int container = open("/dev/vfio/vfio", O_RDWR), rounds = argc == 5 ? atoi(argv[4]) : 0;
	const uint32_t *states = v2_round;
	const char *const *words = v2_words;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	v1 = argv[1][1] == '1';
	if (group < 0 || container < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return 1;
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[3]);
	if (device < 0 || (v1 && ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info)))
		return 1;
	region = (off_t)info.offset;
	if (v1) {
		states = v1_round;
		words = v1_words;
	}
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < 6; i++)
			if (set(states[i + 1], &times[i][round]))
				return 1;
		if (save(round))
			return 1;
	}
	for (int i = 0; i < 6; i++)
		tell(words[states[i]], words[states[i + 1]], times[i], rounds);
	tell("stopped", "-", times[STOPPED], rounds);
	tell("save", "-", times[SAVE], rounds);
	return 0;
}
