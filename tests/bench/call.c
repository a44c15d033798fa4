// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `bench` adds to the time of a driver's call, where no processor is
 * emulated: of an ioctl(2) that does next to nothing the median by the seam,
 * with a deadline and without, beside the call alone. Exit status 1: with a
 * deadline it seems more than 0.2 us longer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "migctl/sys.h"

#define CALLS 5000
/* Between two of them, as of a walk that looks at what it got. */
#define WORK_NS 2000
#define BOUND_NS 200

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int by_size(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* sys NULL: without it. 0: a call failed. */
static uint64_t measure(struct mig_sys *sys, int fd)
{
	static uint64_t ns[CALLS];
	uint64_t begun;
	int count, ret;

	for (int i = 0; i < CALLS; i++) {
		begun = now();
		ret = sys ? sys->ops->ioctl(sys, fd, FIONREAD, &count, sizeof(count))
			  : ioctl(fd, FIONREAD, &count);
		ns[i] = sys ? sys->elapsed_ns : now() - begun;
		if (ret < 0)
			return 0;
		for (begun = now(); now() - begun < WORK_NS;)
			continue;
	}
	qsort(ns, CALLS, sizeof(*ns), by_size);
	return ns[CALLS / 2];
}

int main(void)
{
	struct mig_sys *with = mig_sys_open(30), *without = mig_sys_open(0);
	uint64_t alone, direct, handed;
	int ends[2];

	if (!with || !without || pipe(ends))
		return 2;
	alone = measure(NULL, ends[0]);
	direct = measure(without, ends[0]);
	handed = measure(with, ends[0]);
	mig_sys_close(with);
	mig_sys_close(without);
	printf("bench: a call of %llu ns is measured as %llu, with a deadline as %llu\n",
	       (unsigned long long)alone, (unsigned long long)direct, (unsigned long long)handed);
	if (!alone || !direct || !handed)
		return 2;
	return handed > alone + BOUND_NS;
}
