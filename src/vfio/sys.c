// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "migctl/sys.h"
#include "worker.h"

struct real {
	struct mig_sys sys;
	struct mig_stuck stuck;
	struct mig_worker *worker; /* NULL before the first call that needs one */
	struct mig_worker *lost;   /* left behind in a driver; NULL: none */
	bool awake;                /* mig_sys_stay_awake() */
	uint64_t limit_ns;         /* 0: none */
	void *bounce;              /* never freed while a call is stuck */
	size_t bounce_size;
};

static long call_here(struct real *real, long number, const long args[6])
{
	sigset_t held, old;
	uint64_t begin;
	long result;

	/* A signal is for between the calls; in a driver's sleep it would be EINTR. */
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, &old);
	begin = now_ns();
	result = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);

	if (result < 0)
		result = -errno;
	real->sys.elapsed_ns = now_ns() - begin;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return result;
}

static void give_up(struct real *real, const char *name)
{
	struct mig_stuck *stuck = &real->stuck;

	stuck->stuck = true;
	stuck->call = name;
	real->sys.elapsed_ns = real->limit_ns;
	stuck->seconds = (double)real->limit_ns / 1e9;
	stuck->task =
		mig_worker_give_up(real->worker, stuck->stack, sizeof(stuck->stack), &stuck->ended);
	/*
	 * When we exit, closing the device can block like any call. Someone
	 * else must be the last to hold the descriptors: the task that is
	 * stuck, or, once that is gone, another one that dies with us.
	 */
	real->lost = stuck->ended ? NULL : real->worker;
	real->worker = stuck->ended ? mig_worker_start(false) : NULL;
}

/* 0 or -errno. A worker is needed for its deadline, or to outlive a copy that faults. */
static int need_worker(struct real *real)
{
	if (!real->worker)
		real->worker = mig_worker_start(real->awake);
	return real->worker ? 0 : -errno;
}

static long call(struct real *real, const char *name, long number, const long args[6])
{
	long result;

	if (real->stuck.stuck)
		return -ETIMEDOUT;
	if (!real->limit_ns)
		return call_here(real, number, args);
	result = need_worker(real);
	if (result)
		return result;
	if (!mig_worker_call(real->worker, number, args, real->limit_ns, &result,
			     &real->sys.elapsed_ns)) {
		give_up(real, name);
		return -ETIMEDOUT;
	}
	return result;
}

static int real_openat(struct mig_sys *sys, int dir, const char *path, int flags)
{
	const long args[6] = { dir, (long)path, flags | O_CLOEXEC };

	return (int)call((struct real *)sys, "open", SYS_openat, args);
}

/* NULL with no memory. One call runs at a time, so one buffer will do. */
static void *bounce(struct real *real, const void *from, size_t size)
{
	if (size > real->bounce_size) {
		void *larger = realloc(real->bounce, size);

		if (!larger)
			return NULL;
		real->bounce = larger;
		real->bounce_size = size;
	}
	if (from)
		memcpy(real->bounce, from, size);
	return real->bounce;
}

static int real_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	struct real *real = (struct real *)sys;
	long args[6] = { fd, (long)request, (long)arg };
	long ret;

	if (real->stuck.stuck)
		return -ETIMEDOUT;
	if (size) {
		args[2] = (long)bounce(real, arg, size);
		if (!args[2])
			return -ENOMEM;
	}
	ret = call(real, "ioctl", SYS_ioctl, args);
	if (size && !real->stuck.stuck)
		memcpy(arg, real->bounce, size);
	return (int)ret;
}

static ssize_t real_pread(struct mig_sys *sys, int fd, void *buffer, size_t size, off_t offset)
{
	struct real *real = (struct real *)sys;
	void *into = buffer;
	long args[6] = { fd, 0, (long)size, (long)offset };
	long ret;

	if (real->stuck.stuck)
		return -ETIMEDOUT;
	if (size <= MIG_SYS_BOUNCE)
		into = bounce(real, NULL, size);
	if (!into)
		return -ENOMEM;
	args[1] = (long)into;
	ret = call(real, "pread", SYS_pread64, args);
	if (into != buffer && ret > 0)
		memcpy(buffer, into, (size_t)ret <= size ? (size_t)ret : size);
	return ret;
}

/* A driver that is late must not find other data where ours was. */
static ssize_t real_pwrite(struct mig_sys *sys, int fd, const void *buffer, size_t size,
			   off_t offset)
{
	struct real *real = (struct real *)sys;
	const void *from = buffer;
	long args[6] = { fd, 0, (long)size, (long)offset };

	if (real->stuck.stuck)
		return -ETIMEDOUT;
	if (size <= MIG_SYS_BOUNCE)
		from = bounce(real, buffer, size);
	if (!from)
		return -ENOMEM;
	args[1] = (long)from;
	return call(real, "pwrite", SYS_pwrite64, args);
}

static int batch_by_worker(struct real *real, struct mig_call *calls, size_t count)
{
	static const char *const names[] = { [MIG_CALL_READ] = "read",
					     [MIG_CALL_WRITE] = "write",
					     [MIG_CALL_PREAD] = "pread",
					     [MIG_CALL_PWRITE] = "pwrite",
					     [MIG_CALL_COPY] = "copy" };
	int ret = need_worker(real);
	const struct mig_call *last;
	size_t made;

	if (ret)
		return ret;
	if (!mig_worker_batch(real->worker, calls, count, real->limit_ns, &made)) {
		/* It can be back from its last one by now, later than it should. */
		give_up(real, names[calls[made < count ? made : count - 1].kind]);
		return -ETIMEDOUT;
	}
	last = &calls[made - 1];
	real->sys.elapsed_ns = last->elapsed_ns;
	/* The copy that faulted has ended its task. */
	if (last->kind == MIG_CALL_COPY && last->result < 0) {
		mig_worker_stop(real->worker);
		real->worker = NULL;
	}
	return (int)made;
}

static ssize_t make_here(struct real *real, const struct mig_call *call)
{
	const long args[6] = { call->fd, (long)call->buffer, (long)call->size, (long)call->offset };

	return call_here(real, mig_worker_numbers[call->kind], args);
}

static int batch_here(struct real *real, struct mig_call *calls, size_t count)
{
	size_t made = 0;

	do {
		struct mig_call *call = &calls[made];
		int ret = 1;

		if (call->kind == MIG_CALL_COPY) {
			ret = batch_by_worker(real, call, 1);
		} else {
			call->result = make_here(real, call);
			call->elapsed_ns = real->sys.elapsed_ns;
		}
		if (ret < 0)
			return made ? (int)made : ret;
	} while (mig_worker_goes_on(&calls[made++]) && made < count);
	return (int)made;
}

static int real_batch(struct mig_sys *sys, struct mig_call *calls, size_t count)
{
	struct real *real = (struct real *)sys;

	for (size_t i = 0; i < count; i++)
		calls[i].result = -EINPROGRESS;
	if (real->stuck.stuck)
		return -ETIMEDOUT;
	if (!count)
		return 0;
	return real->limit_ns ? batch_by_worker(real, calls, count)
			      : batch_here(real, calls, count);
}

static int real_map(struct mig_sys *sys, int fd, size_t size, int prot, off_t offset, void **at)
{
	const long args[6] = { 0, (long)size, prot, MAP_SHARED, fd, (long)offset };
	long ret = call((struct real *)sys, "mmap", SYS_mmap, args);

	/* An address may look negative; errnos are the last page. */
	if ((unsigned long)ret > -4096ul)
		return (int)ret;
	*at = (void *)ret;
	return 0;
}

static int real_unmap(struct mig_sys *sys, void *at, size_t size)
{
	const long args[6] = { (long)at, (long)size };

	return (int)call((struct real *)sys, "munmap", SYS_munmap, args);
}

static int real_close(struct mig_sys *sys, int fd)
{
	const long args[6] = { fd };

	/* Once only: on Linux the descriptor is gone even when close() fails. */
	return (int)call((struct real *)sys, "close", SYS_close, args);
}

static int real_getfd(struct mig_sys *sys, pid_t pid, int fd)
{
	struct real *real = (struct real *)sys;
	int pidfd, got;

	if (real->stuck.stuck)
		return -ETIMEDOUT;
	real->sys.elapsed_ns = 0;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -errno;
	/* Close-on-exec, as the kernel makes it. */
	got = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (got < 0)
		got = -errno;
	close(pidfd);
	return got;
}

static const struct mig_sys_ops real_ops = {
	.openat = real_openat,
	.ioctl = real_ioctl,
	.pread = real_pread,
	.pwrite = real_pwrite,
	.close = real_close,
	.getfd = real_getfd,
	.batch = real_batch,
	.map = real_map,
	.unmap = real_unmap,
};

struct mig_sys *mig_sys_open(double seconds)
{
	struct real *real = calloc(1, sizeof(*real));

	if (!real)
		return NULL;
	real->sys.ops = &real_ops;
	real->sys.stuck = &real->stuck;
	real->limit_ns = (uint64_t)(seconds * 1e9);
	/* 0 is no limit, so the shortest one is not rounded to it. */
	if (seconds > 0 && !real->limit_ns)
		real->limit_ns = 1;
	return &real->sys;
}

void mig_sys_close(struct mig_sys *sys)
{
	struct real *real = (struct real *)sys;

	if (!real)
		return;
	mig_worker_stop(real->worker);
	free(real->bounce);
	free(real);
}

void mig_sys_stay_awake(struct mig_sys *sys)
{
	struct real *real = (struct real *)sys;
	cpu_set_t set;

	/* On one, who looks keeps the other from going on. */
	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) < 2)
		return;
	real->awake = true;
	mig_sys_rest(sys);
}

void mig_sys_rest(struct mig_sys *sys)
{
	struct real *real = (struct real *)sys;

	mig_worker_stop(real->worker);
	real->worker = NULL;
}

bool mig_sys_reap(struct mig_sys *sys)
{
	struct real *real = (struct real *)sys;

	if (real->lost && !mig_worker_reap(real->lost))
		return false;
	mig_sys_close(sys);
	return true;
}

int mig_sys_error(const struct mig_sys *sys, struct mig_error *error, enum mig_kind kind, int ret,
		  const char *format, ...)
{
	const struct mig_stuck *stuck = sys->stuck;
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!mig_sys_is_stuck(sys))
		return mig_error_set(error, kind, -ret, "%s: %s", text, strerror(-ret));
	mig_error_set(error, MIG_KIND_TIMEOUT, 0, "%s: no answer from the driver within %g s (%s)",
		      text, stuck->seconds, stuck->call);
	if (stuck->ended)
		mig_error_hint(error,
			       "the call could be ended and the device is closed; ask for its "
			       "state again, and give --timeout more seconds if it is slow");
	else
		mig_error_hint(error,
			       "task %d cannot be ended before the driver lets go, and keeps "
			       "the device open until then; see the kernel log",
			       (int)stuck->task);
	return -ETIMEDOUT;
}
