/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that reads or writes for us, and that can be left where it is when
 * a pipe does not let it go.
 */
#ifndef STATEFILE_THREAD_H
#define STATEFILE_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

struct statefile_thread {
	pthread_t id;
	bool started, joined;
	/* Set by the thread, after its results: what it still does cannot block. */
	atomic_bool over;
	/* Set by us: it stops before its next call. */
	atomic_bool quit;
};

/* How often one that waits looks whether it shall go on. */
#define STATEFILE_LOOK_MS 100

/* Not to go on; stop may be NULL. */
static inline bool statefile_given_up(const atomic_bool *quit, const volatile sig_atomic_t *stop)
{
	return atomic_load(quit) || (stop && *stop);
}

/* Without signals: they are for the thread that has a device to bring back. 0 or -errno. */
int statefile_thread_start(struct statefile_thread *thread, void *(*run)(void *), void *context);
/* Waits so long for its end; true when it has ended, or was never started. */
bool statefile_thread_join(struct statefile_thread *thread, unsigned int milliseconds);
/* Tells it to stop, and gives it a moment for that. */
bool statefile_thread_quit(struct statefile_thread *thread);

#endif
