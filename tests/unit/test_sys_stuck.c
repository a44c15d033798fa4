// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real seam, on calls that do not come back. Opening a FIFO that nobody
 * writes to stands for the driver; it can be killed, which not every driver's
 * call can. That other kind needs a kernel module, and is tested in the lab.
 */
#include "test_sys_files.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "migctl/sys.h"

#define DEADLINE 0.15

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void test_deadline(void **state)
{
	struct mig_sys *sys = mig_sys_open(DEADLINE);
	size_t before = open_fds();
	double begin = now(), took;

	(void)state;
	assert_non_null(sys);
	assert_int_equal(sys->ops->openat(sys, AT_FDCWD, fifo, O_RDONLY), -ETIMEDOUT);
	took = now() - begin;
	/* The deadline, and what it may take to kill the task: 200 ms. */
	assert_true(took >= DEADLINE && took < DEADLINE + 3.0);
	assert_true(mig_sys_is_stuck(sys));
	assert_string_equal(sys->stuck->call, "open");
	assert_true(sys->stuck->seconds > DEADLINE * 0.99 && sys->stuck->seconds < DEADLINE * 1.01);
	assert_int_equal(sys->elapsed_ns, (uint64_t)(DEADLINE * 1e9)); /* it had no longer */
	assert_true(sys->stuck->task > 0 && sys->stuck->task != getpid());
	assert_true(memchr(sys->stuck->stack, '\0', sizeof(sys->stuck->stack)) != NULL);
	assert_true(sys->stuck->ended);
	assert_int_equal(kill(sys->stuck->task, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(open_fds(), before);
	mig_sys_close(sys); /* allowed: what was stuck has ended */
	assert_int_equal(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* 0 is "no limit"; what is only near it must not become that. */
static void test_shortest(void **state)
{
	struct mig_sys *sys = mig_sys_open(1e-10);

	(void)state;
	assert_non_null(sys);
	assert_int_equal(sys->ops->openat(sys, AT_FDCWD, fifo, O_RDONLY), -ETIMEDOUT);
	assert_true(mig_sys_is_stuck(sys));
	assert_true(sys->stuck->seconds > 0);
	mig_sys_close(sys);
}

/* After it, no call is made at all, and each says so at once. */
static void test_afterwards(void **state)
{
	struct mig_sys *sys = mig_sys_open(DEADLINE);
	int fd = open(file, O_RDWR | O_CLOEXEC), value = 5;
	char text[4] = "abc";
	struct stat info;
	size_t before;
	double begin;

	(void)state;
	assert_non_null(sys);
	assert_int_equal(sys->ops->openat(sys, AT_FDCWD, fifo, O_RDONLY), -ETIMEDOUT);
	before = open_fds();
	begin = now();
	for (int i = 0; i < 100; i++) {
		assert_int_equal(sys->ops->openat(sys, AT_FDCWD, file, O_RDWR), -ETIMEDOUT);
		assert_int_equal(sys->ops->pwrite(sys, fd, text, 3, 10), -ETIMEDOUT);
		assert_int_equal(sys->ops->pread(sys, fd, text, 3, 0), -ETIMEDOUT);
		assert_int_equal(sys->ops->ioctl(sys, fd, 0x541b, &value, sizeof(value)),
				 -ETIMEDOUT);
		assert_int_equal(sys->ops->ioctl(sys, fd, 0, NULL, 0), -ETIMEDOUT);
		assert_int_equal(sys->ops->close(sys, fd), -ETIMEDOUT);
	}
	assert_true(now() - begin < 10 * DEADLINE); /* 600 deadlines would be 90 s */
	assert_int_equal(open_fds(), before);
	assert_int_equal(fstat(fd, &info), 0);
	assert_int_equal(info.st_size, 10);
	assert_int_equal(value, 5);
	assert_string_equal(text, "abc");
	close(fd);
	mig_sys_close(sys);
}

/* Who goes on without it gets its memory back, and another seam is as good as new. */
static void test_reap(void **state)
{
	struct mig_sys *sys = mig_sys_open(DEADLINE), *next;
	int fd;

	(void)state;
	assert_non_null(sys);
	assert_int_equal(sys->ops->openat(sys, AT_FDCWD, fifo, O_RDONLY), -ETIMEDOUT);
	assert_true(sys->stuck->ended);
	next = mig_sys_open(DEADLINE);
	assert_non_null(next);
	fd = next->ops->openat(next, AT_FDCWD, file, O_RDWR);
	assert_true(fd >= 0);
	assert_true(mig_sys_reap(sys));
	assert_int_equal(next->ops->close(next, fd), 0);
	mig_sys_close(next);
}

static void test_error_says_so(void **state)
{
	struct mig_sys *sys = mig_sys_open(DEADLINE);
	struct mig_error error;

	(void)state;
	assert_non_null(sys);
	assert_int_equal(mig_sys_error(sys, &error, MIG_KIND_BUSY, -EBUSY, "open %s", "x"), -EBUSY);
	assert_int_equal(error.kind, MIG_KIND_BUSY);
	assert_int_equal(error.err, EBUSY);
	assert_non_null(strstr(error.text, "open x: "));
	assert_string_equal(error.hint, "");
	sys->ops->openat(sys, AT_FDCWD, fifo, O_RDONLY);
	assert_int_equal(mig_sys_error(sys, &error, MIG_KIND_BUSY, -ETIMEDOUT, "open %s", "x"),
			 -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.text, "open x: no answer"));
	assert_non_null(strstr(error.text, "0.15 s"));
	assert_true(has_words(error.hint));
	/* One whose call cannot be ended is told of with its task. */
	sys->stuck->ended = false;
	mig_sys_error(sys, &error, MIG_KIND_FAILED, -ETIMEDOUT, "close");
	sys->stuck->ended = true;
	assert_non_null(strstr(error.hint, "cannot be ended"));
	mig_sys_close(sys);
}

/* What is left behind when we have to go: it shares our descriptors. */
static pid_t leave_task(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES, 0, 0, 0, 0);

	if (!pid) {
		for (;;)
			syscall(SYS_pause);
	}
	return pid;
}

struct left {
	pid_t task;
	int driver_fd; /* anon_inode:[eventfd] in place of anon_inode:[vfio-device] */
	int mark;      /* of a hold, locked by who left the task */
};

/* Everything a program has of a pipeline: it writes, goes, and leaves a task behind. */
static void go(int out, int tell, bool abandon)
{
	struct left left = { .driver_fd = eventfd(0, 0),
			     .mark = memfd_create("vfio-migctl-hold", MFD_CLOEXEC) };

	left.task = leave_task();
	if (write(tell, &left, sizeof(left)) != sizeof(left) || write(out, "hello", 5) != 5)
		_exit(1);
	if (abandon)
		mig_sys_abandon();
	_exit(0);
}

static bool has(pid_t task, int fd, const char *what)
{
	char path[64], text[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)task, fd);
	len = readlink(path, text, sizeof(text));
	return len >= (ssize_t)strlen(what) && !memcmp(text, what, strlen(what));
}

/* True: the pipe's end was seen although the task lives. */
static bool end_seen(bool abandon, bool *kept)
{
	int out[2], tell[2], status;
	struct left left;
	struct pollfd poll_out;
	char text[16];
	bool end;
	pid_t pid;

	assert_int_equal(pipe(out) || pipe(tell), 0);
	pid = fork();
	if (!pid)
		go(out[1], tell[1], abandon);
	close(out[1]);
	close(tell[1]);
	assert_int_equal(read(tell[0], &left, sizeof(left)), sizeof(left));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(out[0], text, sizeof(text)), 5);
	poll_out = (struct pollfd){ .fd = out[0], .events = POLLIN };
	end = poll(&poll_out, 1, 300) == 1 && !read(out[0], text, sizeof(text));
	assert_int_equal(kill(left.task, 0), 0);
	*kept = has(left.task, left.driver_fd, "anon_inode:") &&
		has(left.task, left.mark, "/memfd:vfio-migctl-hold");
	close(out[0]);
	close(tell[0]);
	/* It was handed to us, as we are a subreaper: nobody else ends it. */
	kill(left.task, SIGKILL);
	while (waitpid(left.task, NULL, __WALL) < 0)
		assert_int_equal(errno, EINTR);
	return end;
}

static void test_abandon(void **state)
{
	bool kept;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	/* Without it the reader waits: the test would notice if that were not so. */
	assert_false(end_seen(false, &kept));
	assert_true(kept);
	assert_true(end_seen(true, &kept));
	/* The last close of the one could block, and the other is the lock of what it does. */
	assert_true(kept);
}

/* Killed ourselves, we leave no worker that keeps the device open. */
static void test_killed(void **state)
{
	int ends[2], status;
	struct pollfd poll_end;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		struct mig_sys *sys = mig_sys_open(60);

		sys->ops->close(sys, -1); /* now there is a worker */
		kill(getpid(), SIGKILL);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	poll_end = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	assert_int_equal(poll(&poll_end, 1, 2000),
			 1); /* the last holder of its other end is gone */
	close(ends[0]);
	while (waitpid(-1, NULL, __WALL | WNOHANG) > 0)
		; /* handed to us, as we may be a subreaper */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadline),      cmocka_unit_test(test_shortest),
		cmocka_unit_test(test_afterwards),    cmocka_unit_test(test_reap),
		cmocka_unit_test(test_error_says_so), cmocka_unit_test(test_abandon),
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
