// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a look through a holder costs `watch --attach`: the calls that it makes
 * for a device that is not told by its descriptor, PCI's included, which are
 * the most there are; of a pipe instead, so that what the driver takes is left
 * out. Prints the microseconds of processor a look, ours and the worker's, and
 * the share that 16 devices take which are looked at 5 times a second. Exit
 * status 1: more than 0.5 %.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "migctl/sys.h"

#define LOOKS 2000
/* Measured so often; the median counts: other work on the machine costs us, too. */
#define TIMES 5
#define DEVICES 16
#define LOOKS_A_SECOND (DEVICES * 5)
/* Between two rounds, in which the worker goes to sleep, as it does in 200 ms. */
#define PAUSE_US 10000
/* Once a second the device is asked what it is: its info, a region's, four words of that. */
#define IDENTIFIED 5
#define IDENTIFYING 6

static double used_us(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int look(struct mig_sys *sys, pid_t pid, int fd, int openings, int calls)
{
	char link[64], text[256];
	int duplicate = sys->ops->getfd(sys, pid, fd), count;

	if (duplicate < 0)
		return duplicate;
	for (int i = 0; i < calls; i++)
		if (sys->ops->ioctl(sys, duplicate, FIONREAD, &count, sizeof(count)) < 0)
			return -1;
	/* Is it a device's, has anything been opened, does its holder still have the group? */
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)getpid(), duplicate);
	if (readlink(link, text, sizeof(text)) < 0 || read(openings, text, sizeof(text)) >= 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)pid, fd);
	if (readlink(link, text, sizeof(text)) < 0)
		return -1;
	return sys->ops->close(sys, duplicate);
}

static double measure(pid_t pid, int fd)
{
	struct mig_sys *sys = mig_sys_open(30);
	int openings = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), ret = sys ? 0 : -1;
	double begun = used_us(RUSAGE_SELF) + used_us(RUSAGE_CHILDREN);

	for (int i = 0; !ret && i < LOOKS; i++) {
		if (i % DEVICES == 0)
			usleep(PAUSE_US);
		ret = look(sys, pid, fd, openings, i % IDENTIFIED ? 1 : 1 + IDENTIFYING);
	}
	if (sys)
		mig_sys_close(sys);
	close(openings);
	return ret < 0 ? -1 : (used_us(RUSAGE_SELF) + used_us(RUSAGE_CHILDREN) - begun) / LOOKS;
}

static int compare(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

int main(void)
{
	int ends[2];
	double times[TIMES], us = 0;
	pid_t pid;

	if (pipe(ends))
		return 2;
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	if (pid < 0)
		return 2;
	for (int i = 0; i < TIMES && us >= 0; i++)
		us = times[i] = measure(pid, ends[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (us < 0) {
		fputs("look: the calls cannot be made here\n", stderr);
		return 2;
	}
	qsort(times, TIMES, sizeof(*times), compare);
	us = times[TIMES / 2];
	printf("watch --attach: %.1f us of processor a look; 16 devices, 5 looks a second: %.2f "
	       "%%\n",
	       us, us * LOOKS_A_SECOND / 1e4);
	return us * LOOKS_A_SECOND / 1e4 > 0.5;
}
