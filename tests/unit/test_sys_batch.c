// SPDX-License-Identifier: GPL-2.0-or-later
/* The real seam: calls that are made in one go, and memory of the device. */
#include "test_sys_files.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "migctl/sys.h"

static const double limits[] = { 0, 30 }; /* made here, and made by the worker */

static struct mig_sys *sys;

static bool has_children(void)
{
	return waitpid(-1, NULL, __WALL | WNOHANG) >= 0 || errno != ECHILD;
}

static void begin(double limit)
{
	sys = mig_sys_open(limit);
	assert_non_null(sys);
}

static void end(void)
{
	assert_false(mig_sys_is_stuck(sys));
	mig_sys_close(sys);
	assert_false(has_children());
}

static void test_all_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		char text[8] = "", same[8] = "", copy[8] = "";
		int ends[2], fd = open(file, O_RDWR | O_CLOEXEC);
		struct mig_call calls[] = {
			{ .kind = MIG_CALL_PREAD,
			  .fd = fd,
			  .buffer = text,
			  .size = 4,
			  .offset = 3 },
			{ .kind = MIG_CALL_WRITE, .buffer = text, .size = 4 },
			{ .kind = MIG_CALL_READ, .buffer = same, .size = 4 },
			{ .kind = MIG_CALL_COPY, .buffer = copy, .from = same, .size = 4 },
			{ .kind = MIG_CALL_PWRITE,
			  .fd = fd,
			  .buffer = copy,
			  .size = 4,
			  .offset = 3 },
		};

		begin(limits[i]);
		assert_int_equal(pipe(ends), 0);
		calls[1].fd = ends[1];
		calls[2].fd = ends[0];
		assert_int_equal(sys->ops->batch(sys, calls, COUNT(calls)), COUNT(calls));
		for (size_t k = 0; k < COUNT(calls); k++)
			assert_int_equal(calls[k].result, 4);
		assert_string_equal(copy, "3456");
		assert_int_equal(sys->elapsed_ns, calls[COUNT(calls) - 1].elapsed_ns);
		assert_int_equal(pread(fd, text, 7, 0), 7);
		assert_memory_equal(text, "0123456", 7);
		assert_int_equal(sys->ops->batch(sys, calls, 0), 0);
		close(fd);
		close(ends[0]);
		close(ends[1]);
		end();
	}
}

/* Of three, the middle one is what the batch ends at, or not. */
static void made(struct mig_call middle, int expected, ssize_t result)
{
	char text[16];
	int fd = open(file, O_RDWR | O_CLOEXEC);
	struct mig_call calls[] = {
		{ .kind = MIG_CALL_PREAD, .fd = fd, .buffer = text, .size = 4 },
		middle,
		{ .kind = MIG_CALL_PREAD, .fd = fd, .buffer = text, .size = 5 },
	};

	calls[1].fd = middle.fd < 0 ? middle.fd : fd;
	assert_int_equal(sys->ops->batch(sys, calls, 3), expected);
	assert_int_equal(calls[0].result, 4);
	assert_int_equal(calls[1].result, result);
	assert_int_equal(calls[2].result, expected == 3 ? 5 : -EINPROGRESS);
	close(fd);
}

static void test_where_it_ends(void **state)
{
	const uint64_t zero = 0, other = 0x3736353433323130; /* "01234567" */
	uint64_t word;
	char text[16];
	struct mig_call read8 = { .kind = MIG_CALL_PREAD, .buffer = &word, .size = 8 };
	struct mig_call call;

	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		begin(limits[i]);
		made((struct mig_call){ .kind = MIG_CALL_PREAD, .buffer = text, .size = 16 }, 2,
		     10); /* short */
		made(
			(struct mig_call){
				.kind = MIG_CALL_PREAD, .buffer = text, .size = 16, .offset = 10 },
			2, 0);
		made(
			(struct mig_call){
				.kind = MIG_CALL_READ, .fd = -1, .buffer = text, .size = 16 },
			2, -EBADF);
		call = read8;
		call.until_zero = true;
		made(call, 3, 8);
		call.until_zero = false;
		call.until_other = true;
		call.value = other;
		made(call, 3, 8);
		call.value = other ^ 1ull << 63;
		made(call, 2, 8);
		call = (struct mig_call){
			.kind = MIG_CALL_COPY, .buffer = &word, .from = &zero, .size = 8
		};
		made(call, 3, 8);
		call.until_zero = true;
		made(call, 2, 8);
		end();
	}
}

/* Writes a byte every 60 ms, so often. */
static pid_t write_slowly(int fd, int times)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (int i = 0; i < times; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 60000000 }, NULL);
		if (write(fd, "x", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

/* Six calls of 60 ms each are no call of 360 ms. */
static void test_deadline_is_per_call(void **state)
{
	struct mig_call calls[6];
	char text[6];
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (size_t i = 0; i < COUNT(calls); i++)
		calls[i] = (struct mig_call){
			.kind = MIG_CALL_READ, .fd = ends[0], .buffer = text + i, .size = 1
		};
	begin(0.25);
	pid = write_slowly(ends[1], COUNT(calls));
	assert_int_equal(sys->ops->batch(sys, calls, COUNT(calls)), COUNT(calls));
	assert_false(mig_sys_is_stuck(sys));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ends[0]);
	close(ends[1]);
	end();
}

/* One in the middle is not back: the results before it stand, and it has its name. */
static void test_stuck(void **state)
{
	char text[4];
	int ends[2], fd = open(file, O_RDWR | O_CLOEXEC);
	struct mig_call calls[] = {
		{ .kind = MIG_CALL_PREAD, .fd = fd, .buffer = text, .size = 4 },
		{ .kind = MIG_CALL_READ, .buffer = text, .size = 4 },
		{ .kind = MIG_CALL_PREAD, .fd = fd, .buffer = text, .size = 4 },
	};

	(void)state;
	assert_int_equal(pipe(ends), 0);
	calls[1].fd = ends[0];
	begin(0.15);
	assert_int_equal(sys->ops->batch(sys, calls, 3), -ETIMEDOUT);
	assert_true(mig_sys_is_stuck(sys));
	assert_string_equal(sys->stuck->call, "read");
	assert_true(sys->stuck->ended);
	assert_int_equal(calls[0].result, 4);
	assert_int_equal(calls[1].result, -EINPROGRESS);
	assert_int_equal(calls[2].result, -EINPROGRESS);
	/* None is made any more. */
	calls[0].result = 4;
	assert_int_equal(sys->ops->batch(sys, calls, 1), -ETIMEDOUT);
	assert_int_equal(calls[0].result, -EINPROGRESS);
	mig_sys_close(sys);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

/* A file that shrinks under its mapping stands for a device that goes away. */
static void copy_from_nothing(size_t good_pages)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *target = malloc(2 * page);
	int fd = memfd_create("device", MFD_CLOEXEC);
	struct mig_call calls[3] = { 0 };
	void *at;

	assert_int_equal(ftruncate(fd, (off_t)(2 * page)), 0);
	assert_int_equal(pwrite(fd, "abc", 3, 0), 3);
	assert_int_equal(sys->ops->map(sys, fd, 2 * page, PROT_READ | PROT_WRITE, 0, &at), 0);
	assert_int_equal(ftruncate(fd, (off_t)(good_pages * page)), 0);
	calls[0] = (struct mig_call){ .kind = MIG_CALL_PREAD, .fd = fd, .buffer = target };
	calls[1] = (struct mig_call){
		.kind = MIG_CALL_COPY, .buffer = target, .from = at, .size = 2 * page
	};
	calls[2] = calls[0];
	assert_int_equal(sys->ops->batch(sys, calls, 3), 2);
	assert_int_equal(calls[0].result, 0);
	assert_int_equal(calls[1].result, -EFAULT);
	assert_int_equal(calls[2].result, -EINPROGRESS);
	calls[1].buffer = at;
	calls[1].from = target;
	assert_int_equal(sys->ops->batch(sys, calls, 3), 2);
	assert_int_equal(calls[1].result, -EFAULT);
	assert_int_equal(sys->ops->unmap(sys, at, 2 * page), 0);
	assert_int_equal(sys->ops->close(sys, fd), 0);
	free(target);
}

/* Twice, since the task that a fault ends is replaced. What SIGBUS does to us is as before. */
static void test_copy_faults(void **state)
{
	struct sigaction before, after;
	size_t fds = open_fds();

	(void)state;
	sigaction(SIGBUS, NULL, &before);
	for (size_t i = 0; i < COUNT(limits); i++) {
		begin(limits[i]);
		copy_from_nothing(0);
		copy_from_nothing(1);
		end();
	}
	sigaction(SIGBUS, NULL, &after);
	assert_ptr_equal(before.sa_handler, after.sa_handler);
	assert_int_equal(open_fds(), fds);
}

static void test_map(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		int fd = memfd_create("device", MFD_CLOEXEC);
		void *at = NULL;

		begin(limits[i]);
		assert_int_equal(ftruncate(fd, 8192), 0);
		assert_int_equal(sys->ops->map(sys, -1, 4096, PROT_READ, 0, &at), -EBADF);
		assert_null(at);
		assert_int_equal(sys->ops->map(sys, fd, 4096, PROT_READ, 4096, &at), 0);
		assert_int_equal(pwrite(fd, "abc", 4, 4096), 4);
		assert_string_equal(at, "abc");
		assert_int_equal(sys->ops->unmap(sys, at, 4096), 0);
		assert_int_equal(msync(at, 4096, MS_ASYNC), -1); /* it is gone */
		close(fd);
		end();
	}
}

/* What each costs beside the call itself; a figure for who changes the worker. */
static void test_ten_thousand(void **state)
{
	struct mig_call calls[4];
	uint64_t words[4];
	int fd = open(file, O_RDWR | O_CLOEXEC);
	struct timespec from, to;

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		calls[i] = (struct mig_call){
			.kind = MIG_CALL_PREAD, .fd = fd, .buffer = &words[i], .size = 8
		};
	begin(30);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(sys->ops->batch(sys, calls, COUNT(calls)), COUNT(calls));
	clock_gettime(CLOCK_MONOTONIC, &to);
	print_message("%.2f us a batch of 4\n", (double)(to.tv_sec - from.tv_sec) * 100 +
							(double)(to.tv_nsec - from.tv_nsec) / 1e7);
	close(fd);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds),
		cmocka_unit_test(test_where_it_ends),
		cmocka_unit_test(test_deadline_is_per_call),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_copy_faults),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_ten_thousand),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
