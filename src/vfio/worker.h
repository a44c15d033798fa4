/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker makes system calls for us, one after the other, so that we can go
 * on when the driver does not come back.
 *
 * It shares our memory and descriptors but is not of our thread group
 * (clone(2) with CLONE_VM|CLONE_FILES): a thread in uninterruptible sleep
 * keeps the whole process from ending, a process of its own does not. It does
 * nothing but system calls and copies, for it shares our thread-local storage
 * too.
 */
#ifndef MIGCTL_WORKER_H
#define MIGCTL_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "migctl/sys.h"

struct mig_worker;

/* NULL with errno set. awake: it looks for the next call for longer before it sleeps. */
struct mig_worker *mig_worker_start(bool awake);
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
 * The calls of a batch, each with as many nanoseconds, 0: any number. False: the
 * one after *made is not back, and the worker is good for giving up alone.
 * After a copy that failed it is good for mig_worker_stop() alone.
 */
bool mig_worker_batch(struct mig_worker *worker, struct mig_call *calls, size_t count,
		      uint64_t limit_ns, size_t *made);
/* The system call of each kind but MIG_CALL_COPY, which is none. */
extern const long mig_worker_numbers[];
/* Is the next of its batch to be made? */
bool mig_worker_goes_on(const struct mig_call *call);
/*
 * Reads the stuck task's kernel stack ("" when unreadable), then tries to kill
 * it. *ended: it is gone, and its memory freed; else the task may still use that.
 */
pid_t mig_worker_give_up(struct mig_worker *worker, char *stack, size_t size, bool *ended);
/* After that, where it had not ended: has it by now? Then its memory is freed. */
bool mig_worker_reap(struct mig_worker *worker);

#endif
