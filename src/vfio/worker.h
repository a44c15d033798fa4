/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker makes one system call at a time for us, so that we can go on when
 * the driver does not come back.
 *
 * It shares our memory and descriptors but is not of our thread group
 * (clone(2) with CLONE_VM|CLONE_FILES): a thread in uninterruptible sleep
 * keeps the whole process from ending, a process of its own does not. It does
 * nothing but the system call, for it shares our thread-local storage too.
 */
#ifndef MIGCTL_WORKER_H
#define MIGCTL_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mig_worker;

/* NULL with errno set. */
struct mig_worker *mig_worker_start(void);
/* Of an idle worker: ends it and frees everything. */
void mig_worker_stop(struct mig_worker *worker);
/*
 * Makes the call; *result is the kernel's raw answer (-errno on failure) and
 * *elapsed_ns the time in it. False: still not back after this many
 * nanoseconds; the worker is then good for mig_worker_give_up() alone.
 */
bool mig_worker_call(struct mig_worker *worker, long number, const long args[6], uint64_t limit_ns,
		     long *result, uint64_t *elapsed_ns);
/*
 * Reads the stuck task's kernel stack ("" when unreadable), then tries to kill
 * it. *ended: it is gone, and its memory freed; else the task may still use that.
 */
pid_t mig_worker_give_up(struct mig_worker *worker, char *stack, size_t size, bool *ended);

#endif
