// SPDX-License-Identifier: GPL-2.0-or-later
/* The real seam, on files and FIFOs: calls that come back. */
#include "test_sys_files.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

#include "migctl/sys.h"

static bool has_children(void)
{
	return waitpid(-1, NULL, __WALL | WNOHANG) >= 0 || errno != ECHILD;
}

static const double limits[] = { 0, 30 }; /* made here, and made by the worker */

static void test_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct mig_sys *sys = mig_sys_open(limits[i]);
		char text[16] = "xxxxxxxxxxxxxxx";
		int fd, waiting = -1, ends[2];

		assert_non_null(sys);
		fd = sys->ops->openat(sys, AT_FDCWD, file, O_RDWR);
		assert_true(fd >= 0);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		assert_int_equal(sys->ops->pwrite(sys, fd, "ab", 2, 4), 2);
		assert_int_equal(sys->ops->pread(sys, fd, text, sizeof(text), 2), 8);
		assert_memory_equal(text, "23ab6789xxxxxxx", 16);
		assert_int_equal(sys->ops->pwrite(sys, fd, "45", 2, 4), 2);
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], "abc", 3), 3);
		assert_int_equal(sys->ops->ioctl(sys, ends[0], FIONREAD, &waiting, sizeof(waiting)),
				 0);
		assert_int_equal(waiting, 3);
		close(ends[0]);
		close(ends[1]);
		assert_int_equal(sys->ops->close(sys, fd), 0);
		assert_int_equal(fcntl(fd, F_GETFD), -1);
		assert_false(mig_sys_is_stuck(sys));
		mig_sys_close(sys);
		assert_false(has_children());
	}
}

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct mig_sys *sys = mig_sys_open(limits[i]);
		char text[4] = "abc";
		int value = 5;

		assert_non_null(sys);
		assert_int_equal(sys->ops->openat(sys, AT_FDCWD, "/nowhere/at/all", O_RDWR),
				 -ENOENT);
		assert_int_equal(sys->ops->ioctl(sys, -1, FIONREAD, &value, sizeof(value)), -EBADF);
		assert_int_equal(sys->ops->ioctl(sys, -1, FIONREAD, NULL, 0), -EBADF);
		assert_int_equal(sys->ops->pread(sys, -1, text, 3, 0), -EBADF);
		assert_int_equal(sys->ops->pwrite(sys, -1, text, 3, 0), -EBADF);
		assert_int_equal(sys->ops->close(sys, -1), -EBADF);
		assert_int_equal(value, 5);
		assert_string_equal(text, "abc");
		assert_false(mig_sys_is_stuck(sys));
		mig_sys_close(sys);
	}
}

/* Larger than what goes through memory of the seam's own. */
static void test_large(void **state)
{
	const size_t size = MIG_SYS_BOUNCE + 4096;
	struct mig_sys *sys = mig_sys_open(30);
	char *out = malloc(size), *in = malloc(size);
	int fd;

	(void)state;
	assert_non_null(sys);
	for (size_t i = 0; i < size; i++)
		out[i] = (char)(i * 7);
	fd = sys->ops->openat(sys, AT_FDCWD, file, O_RDWR);
	assert_int_equal(sys->ops->pwrite(sys, fd, out, size, 0), size);
	assert_int_equal(sys->ops->pread(sys, fd, in, size, 0), size);
	assert_memory_equal(in, out, size);
	memset(in, 0, size);
	assert_int_equal(sys->ops->pread(sys, fd, in, MIG_SYS_BOUNCE, 0), MIG_SYS_BOUNCE);
	assert_memory_equal(in, out, MIG_SYS_BOUNCE);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(sys->ops->pwrite(sys, fd, "0123456789", 10, 0), 10);
	sys->ops->close(sys, fd);
	mig_sys_close(sys);
	free(out);
	free(in);
}

/*
 * True: what the kernel was given was not our buffer, but a copy of it. Writing
 * to our own memory shows it: the kernel goes page by page, and the first one
 * lands on what the second is still to be taken from.
 */
static bool writes_a_copy(struct mig_sys *sys, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char *bytes = calloc(1, size + page);
	bool copy;

	assert_true(bytes && memory >= 0);
	memset(bytes, 'a', page);
	memset(bytes + page, 'b', size - page);
	assert_int_equal(
		sys->ops->pwrite(sys, memory, bytes, size, (off_t)(uintptr_t)(bytes + page)), size);
	assert_int_equal(bytes[page], 'a');
	copy = bytes[2 * page] == 'b';
	free(bytes);
	close(memory);
	return copy;
}

/* A driver that is late finds what it was given, whatever ours has become. */
static void test_bounce(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct mig_sys *sys = mig_sys_open(limits[i]);

		assert_non_null(sys);
		if (2 * page <= MIG_SYS_BOUNCE)
			assert_true(writes_a_copy(sys, 2 * page));
		/* What is larger is the caller's to keep, and shows that the test can tell. */
		assert_false(writes_a_copy(sys, MIG_SYS_BOUNCE + 2 * page));
		mig_sys_close(sys);
	}
}

static void test_never_used(void **state)
{
	(void)state;
	mig_sys_close(mig_sys_open(30));
	mig_sys_close(mig_sys_open(0));
	mig_sys_close(NULL);
	assert_false(has_children()); /* the worker starts at the first call */
}

/*
 * The worker shares our errno: what its calls say must not show up there. An
 * errno of our own waiting (EAGAIN and kin) is no harm.
 */
static void test_errno_is_ours(void **state)
{
	struct mig_sys *sys = mig_sys_open(30);

	(void)state;
	assert_non_null(sys);
	for (int i = 0; i < 2000; i++) {
		errno = 0;
		assert_int_equal(sys->ops->openat(sys, AT_FDCWD, "/nowhere/at/all", O_RDWR),
				 -ENOENT);
		assert_int_not_equal(errno, ENOENT);
	}
	mig_sys_close(sys);
}

static void test_ten_thousand(void **state)
{
	struct mig_sys *sys = mig_sys_open(30);
	size_t before = open_fds();
	char text[4];

	(void)state;
	assert_non_null(sys);
	for (int i = 0; i < 3334; i++) {
		int fd = sys->ops->openat(sys, AT_FDCWD, file, O_RDONLY);

		assert_true(fd >= 0);
		assert_int_equal(sys->ops->pread(sys, fd, text, 4, i % 4), 4);
		assert_int_equal(text[0], '0' + i % 4);
		assert_int_equal(sys->ops->close(sys, fd), 0);
	}
	assert_int_equal(open_fds(), before);
	mig_sys_close(sys);
	assert_int_equal(open_fds(), before);
	assert_false(has_children());
}

static void test_many_seams(void **state)
{
	size_t before = open_fds();

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct mig_sys *sys = mig_sys_open(30);

		assert_int_equal(sys->ops->close(sys, -1), -EBADF);
		mig_sys_close(sys);
	}
	assert_int_equal(open_fds(), before);
	assert_false(has_children());
}

#define LATE_NS 60000000L

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Opens the other end of the FIFO a while later; the caller waits for it. */
static pid_t open_later(void)
{
	pid_t pid = fork();

	if (!pid) {
		nanosleep(&(struct timespec){ .tv_nsec = LATE_NS }, NULL);
		_exit(open(fifo, O_WRONLY) < 0);
	}
	return pid;
}

/* One a millisecond; 0: none. */
static timer_t start_signals(int signal)
{
	const struct itimerspec often = { { 0, 1000000 }, { 0, signal ? 1000000 : 0 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = signal ? signal : SIGALRM };
	timer_t timer;

	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &often, NULL), 0);
	return timer;
}

/*
 * True: the call was seen to wait. On a busy machine the other end may come
 * before our call begins, which says nothing either way.
 */
static bool comes_late(double limit, int signal)
{
	struct mig_sys *sys = mig_sys_open(limit);
	pid_t pid = open_later(); /* before the signals: fork(2) starts over at each */
	timer_t timer = start_signals(signal);
	uint64_t begin, elapsed;
	int status, fd;

	begin = now_ns();
	fd = sys->ops->openat(sys, AT_FDCWD, fifo, O_RDONLY);
	elapsed = sys->elapsed_ns;
	assert_true(elapsed <= now_ns() - begin);
	timer_delete(timer);
	assert_true(fd >= 0);
	assert_false(mig_sys_is_stuck(sys));
	begin = now_ns();
	assert_int_equal(sys->ops->close(sys, fd), 0);
	assert_true(sys->elapsed_ns <= now_ns() - begin); /* of the last call alone */
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_int_equal(status, 0);
	mig_sys_close(sys);
	return elapsed > LATE_NS / 2;
}

#define TRIES 20

static void test_elapsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		int tries = 1;

		while (!comes_late(limits[i], 0))
			assert_true(tries++ < TRIES);
	}
}

static volatile sig_atomic_t arrived;

static void on_signal(int number)
{
	(void)number;
	arrived++;
}

/*
 * The running call is finished, however many signals come meanwhile: with a
 * deadline because it is the worker's, without one because those that ask us
 * to end wait for it, and for it only.
 */
static void test_signals(void **state)
{
	static const struct {
		double limit;
		int signal;
	} cases[] = {
		{ 30, SIGALRM }, { 30, SIGINT }, { 0, SIGINT }, { 0, SIGTERM }, { 0, SIGHUP }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sigaction action = { .sa_handler = on_signal }, old;
		sigset_t before = { 0 }, after = { 0 }; /* the kernel's part is the smaller */
		int tries = 1;

		sigaction(cases[i].signal, &action, &old);
		sigprocmask(SIG_SETMASK, NULL, &before);
		do {
			arrived = 0;
			assert_true(tries++ < TRIES);
		} while (!comes_late(cases[i].limit, cases[i].signal));
		sigprocmask(SIG_SETMASK, NULL, &after);
		assert_memory_equal(&before, &after, sizeof(before));
		sigaction(cases[i].signal, &old, NULL);
		assert_true(arrived > 0);
	}
}

/* Of ourselves: the duplicate is the same open file, and close-on-exec. */
static void test_getfd(void **state)
{
	struct mig_sys *sys = mig_sys_open(30);
	int fd = open(file, O_RDONLY | O_CLOEXEC), got;

	(void)state;
	assert_non_null(sys);
	assert_true(fd >= 0);
	got = sys->ops->getfd(sys, getpid(), fd);
	assert_true(got >= 0 && got != fd);
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
	assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
	assert_int_equal(lseek(got, 0, SEEK_CUR), 3);
	close(got);
	close(fd);
	assert_int_equal(sys->ops->getfd(sys, getpid(), 1000), -EBADF);
	assert_int_equal(sys->ops->getfd(sys, 0x7fffffff, 1), -ESRCH);
	/* No pidfd is left behind: the next descriptor has the number that was free. */
	assert_int_equal(open(file, O_RDONLY | O_CLOEXEC), fd);
	close(fd);
	mig_sys_close(sys);
}

/* The worker is gone, and comes back for the next call. */
static void test_rest(void **state)
{
	struct mig_sys *sys = mig_sys_open(30);
	int fd;

	(void)state;
	assert_non_null(sys);
	mig_sys_rest(sys);
	fd = sys->ops->openat(sys, AT_FDCWD, file, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(has_children());
	mig_sys_rest(sys);
	assert_false(has_children());
	assert_int_equal(sys->ops->close(sys, fd), 0);
	mig_sys_close(sys);
	assert_false(has_children());
}

/* The worker that sleeps less makes the same calls, and ends as soon. */
static void test_awake(void **state)
{
	struct mig_sys *sys = mig_sys_open(30);
	int fd;

	(void)state;
	assert_non_null(sys);
	mig_sys_stay_awake(sys);
	fd = sys->ops->openat(sys, AT_FDCWD, file, O_RDONLY);
	assert_true(fd >= 0);
	mig_sys_stay_awake(sys);
	assert_int_equal(sys->ops->close(sys, fd), 0);
	mig_sys_close(sys);
	assert_false(has_children());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),        cmocka_unit_test(test_errors),
		cmocka_unit_test(test_large),        cmocka_unit_test(test_bounce),
		cmocka_unit_test(test_never_used),   cmocka_unit_test(test_errno_is_ours),
		cmocka_unit_test(test_ten_thousand), cmocka_unit_test(test_many_seams),
		cmocka_unit_test(test_elapsed),      cmocka_unit_test(test_signals),
		cmocka_unit_test(test_getfd),        cmocka_unit_test(test_rest),
		cmocka_unit_test(test_awake),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
