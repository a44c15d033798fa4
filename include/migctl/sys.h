/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam: every call that reaches a driver goes through here, and nothing
 * else in the program reaches one. There are three of it: the real one, a
 * tracing one that wraps it (--trace), and a scripted one in the unit tests.
 *
 * All calls return what the system call returns, or -errno.
 */
#ifndef MIGCTL_SYS_H
#define MIGCTL_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "migctl/error.h"

struct mig_sys;

/*
 * One of several calls that move data, made in one go: handing each over to
 * whoever keeps the deadline would cost more than a small transfer itself.
 */
enum mig_call_kind {
	MIG_CALL_READ,
	MIG_CALL_WRITE,
	MIG_CALL_PREAD,
	MIG_CALL_PWRITE,
	/* Memory to memory, one side of it mapped from the device: -EFAULT when that goes away. */
	MIG_CALL_COPY,
};

struct mig_call {
	enum mig_call_kind kind;
	int fd;
	void *buffer;     /* to read into, or to write from; COPY: the destination */
	const void *from; /* COPY */
	size_t size;
	off_t offset; /* PREAD, PWRITE */
	/* The calls after it are not made when the uint64_t that was read is 0, or is not value. */
	bool until_zero;
	bool until_other;
	uint64_t value;
	/* What the system call returned, or -errno; -EINPROGRESS: not made, or not back. */
	ssize_t result;
	uint64_t elapsed_ns;
};

struct mig_sys_ops {
	int (*openat)(struct mig_sys *sys, int dir, const char *path, int flags);
	/* size: of what arg points to; 0 when arg is a value and no pointer. */
	int (*ioctl)(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size);
	ssize_t (*pread)(struct mig_sys *sys, int fd, void *buffer, size_t size, off_t offset);
	ssize_t (*pwrite)(struct mig_sys *sys, int fd, const void *buffer, size_t size,
			  off_t offset);
	int (*close)(struct mig_sys *sys, int fd);
	/* A duplicate of another process's descriptor (pidfd_getfd(2)); no driver is reached. */
	int (*getfd)(struct mig_sys *sys, pid_t pid, int fd);
	/*
	 * Makes the calls in order, up to and with the first that returns
	 * anything but its size or is told to stop: how many were made. Each has
	 * its own deadline; -ETIMEDOUT, with the results so far, when one passes.
	 * Another -errno: none could be made. The calls and all they point to
	 * must outlive a stuck seam, unless its task has ended.
	 */
	int (*batch)(struct mig_sys *sys, struct mig_call *calls, size_t count);
	/* prot as in mmap(2), always shared. *at is good until unmap, and untouched by a failure.
	 */
	int (*map)(struct mig_sys *sys, int fd, size_t size, int prot, off_t offset, void **at);
	int (*unmap)(struct mig_sys *sys, void *at, size_t size);
};

/*
 * A driver that comes back late still writes to the memory it was given.
 * Transfers up to this size go through memory of the seam's own; a larger one
 * needs a buffer that is never freed or reused once the seam is stuck.
 */
#define MIG_SYS_BOUNCE 65536u

/* What is known of a call that did not come back. */
struct mig_stuck {
	bool stuck;
	const char *call; /* "ioctl" …; static */
	double seconds;   /* the deadline that passed */
	pid_t task;       /* the task left in the call; it is not of our thread group */
	bool ended;       /* it could be killed, so the driver let go */
	char stack[1024]; /* its kernel stack, one line a frame; "" when unreadable */
};

/* Embedded at the head of each implementation; ops are never NULL. */
struct mig_sys {
	const struct mig_sys_ops *ops;
	/* How long the last call took in the driver, in nanoseconds. */
	uint64_t elapsed_ns;
	/* Owned by the implementation that keeps deadlines; NULL: it has none. */
	struct mig_stuck *stuck;
};

/*
 * The real seam. Each call has this many seconds; 0 is no limit. A call that
 * passes its deadline returns -ETIMEDOUT with stuck->stuck set, and so does
 * every later one, without being made.
 * NULL: no memory (errno is set). The worker starts at the first call.
 */
struct mig_sys *mig_sys_open(double seconds);
/* Ends the worker. Not for a seam that is stuck: see mig_sys_reap() and mig_sys_abandon(). */
void mig_sys_close(struct mig_sys *sys);
/* Of the real seam: ends the idle worker; the next call starts another. Not when stuck. */
void mig_sys_rest(struct mig_sys *sys);
/*
 * Of the real seam: between two calls its worker stays awake for a moment, for
 * who measures short calls: one that was just woken makes them several times
 * as slow. Where there is but one processor, it sleeps as ever.
 */
void mig_sys_stay_awake(struct mig_sys *sys);
/*
 * Of a seam that is stuck, for who goes on without it: true when the task left
 * behind has ended by now. The seam is closed then, and what the call returned lost.
 */
bool mig_sys_reap(struct mig_sys *sys);
/*
 * The last thing before _exit() when a call is stuck. The task left behind
 * shares our descriptors, and whoever reads a pipe of ours would wait for it
 * for ever: so all are closed but those whose last close reaches a driver,
 * which could block like any call and is left to that task, and the mark of a
 * hold (migctl/hold.h), whose lock that task is to keep.
 */
void mig_sys_abandon(void);

/* Wraps another seam; each call becomes a line, decoded. line is not kept. */
typedef void mig_trace_line(void *context, const char *line);
struct mig_sys *mig_sys_trace_open(struct mig_sys *inner, mig_trace_line *sink, void *context);
/* Frees the wrapper only. */
void mig_sys_trace_close(struct mig_sys *sys);

static inline bool mig_sys_is_stuck(const struct mig_sys *sys)
{
	return sys->stuck && sys->stuck->stuck;
}

/*
 * mig_error_set() for a call that returned ret (-errno): when the seam is
 * stuck the kind becomes MIG_KIND_TIMEOUT, the text tells of the deadline and
 * the hint of the task left behind. Returns ret.
 */
int mig_sys_error(const struct mig_sys *sys, struct mig_error *error, enum mig_kind kind, int ret,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
