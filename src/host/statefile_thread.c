// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <time.h>

#include "statefile_thread.h"

/* A write to a disk is back by then; one to a pipe that nobody reads never is. */
#define MOMENT_MS 300

int statefile_thread_start(struct statefile_thread *thread, void *(*run)(void *), void *context)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&thread->id, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	thread->started = !err;
	return -err;
}

bool statefile_thread_join(struct statefile_thread *thread, unsigned int milliseconds)
{
	struct timespec deadline;

	if (!thread->started || thread->joined)
		return true;
	if (atomic_load(&thread->over)) {
		thread->joined = !pthread_join(thread->id, NULL);
		return true;
	}
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += milliseconds / 1000;
	deadline.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}
	thread->joined = !pthread_clockjoin_np(thread->id, NULL, CLOCK_MONOTONIC, &deadline);
	return thread->joined;
}

bool statefile_thread_quit(struct statefile_thread *thread)
{
	atomic_store(&thread->quit, true);
	return statefile_thread_join(thread, MOMENT_MS);
}
