// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "worker.h"

#define STACK_SIZE (64 * 1024)
/* How often to look before sleeping: most register reads are back by then. */
#define SPINS 200
#define KILL_WAIT_MS 200

enum {
	IDLE,
	REQUEST,
	DONE,
	QUIT
};

struct mig_worker {
	_Atomic uint32_t state;
	pid_t task;
	pid_t parent;
	void *stack;
	long number;
	long args[6];
	long result;
	uint64_t elapsed_ns;
};

/* Sanitizers keep their shadow state per thread, and the worker has none. */
#define BARE __attribute__((no_sanitize("address", "undefined"), no_stack_protector))

/*
 * Not syscall(3): that sets errno, which the worker shares with us. Only the
 * architectures that VFIO migration drivers exist for have it exactly; on
 * others errno may be lost when an answer comes at the very deadline.
 */
BARE static long raw_call(long number, const long args[6])
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = args[3];
	register long r8 __asm__("r8") = args[4];
	register long r9 __asm__("r9") = args[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = args[0];
	register long x1 __asm__("x1") = args[1];
	register long x2 __asm__("x2") = args[2];
	register long x3 __asm__("x3") = args[3];
	register long x4 __asm__("x4") = args[4];
	register long x5 __asm__("x5") = args[5];

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
#else
	long result = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);

	return result < 0 ? -errno : result;
#endif
}

BARE static long raw_call3(long number, long a, long b, long c)
{
	long args[6] = { a, b, c, 0, 0, 0 };

	return raw_call(number, args);
}

/* From the vDSO: no system call, no errno. */
BARE static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

BARE static void futex_wake(_Atomic uint32_t *word)
{
	raw_call3(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, 1);
}

BARE static uint32_t wait_for_work(struct mig_worker *worker)
{
	uint32_t state;

	for (int i = 0; i < SPINS; i++) {
		state = atomic_load_explicit(&worker->state, memory_order_acquire);
		if (state == REQUEST || state == QUIT)
			return state;
	}
	for (;;) {
		state = atomic_load_explicit(&worker->state, memory_order_acquire);
		if (state == REQUEST || state == QUIT)
			return state;
		raw_call3(SYS_futex, (long)&worker->state, FUTEX_WAIT_PRIVATE, (long)state);
	}
}

BARE static int work(void *argument)
{
	struct mig_worker *worker = argument;
	uint64_t begin;

	/* Should we be killed, nobody else may keep the device open for us. */
	raw_call3(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0);
	if (raw_call3(SYS_getppid, 0, 0, 0) != worker->parent)
		raw_call3(SYS_exit, 1, 0, 0);
	while (wait_for_work(worker) == REQUEST) {
		begin = now_ns();
		worker->result = raw_call(worker->number, worker->args);
		worker->elapsed_ns = now_ns() - begin;
		atomic_store_explicit(&worker->state, DONE, memory_order_release);
		futex_wake(&worker->state);
	}
	raw_call3(SYS_exit, 0, 0, 0);
	return 0;
}

struct mig_worker *mig_worker_start(void)
{
	struct mig_worker *worker = calloc(1, sizeof(*worker));
	sigset_t all, old;
	int err;

	if (!worker)
		return NULL;
	worker->parent = getpid();
	worker->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (worker->stack == MAP_FAILED) {
		free(worker);
		return NULL;
	}
	/*
	 * It inherits the mask. A Ctrl-C reaches every process of the terminal's
	 * foreground group, and the running call is to be finished.
	 */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	worker->task =
		clone(work, (char *)worker->stack + STACK_SIZE, CLONE_VM | CLONE_FILES, worker);
	err = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (worker->task < 0) {
		munmap(worker->stack, STACK_SIZE);
		free(worker);
		errno = err;
		return NULL;
	}
	return worker;
}

void mig_worker_stop(struct mig_worker *worker)
{
	if (!worker)
		return;
	atomic_store_explicit(&worker->state, QUIT, memory_order_release);
	futex_wake(&worker->state);
	while (waitpid(worker->task, NULL, __WALL) < 0 && errno == EINTR)
		;
	munmap(worker->stack, STACK_SIZE);
	free(worker);
}

/* True: the state is no longer REQUEST. */
static bool wait_for_answer(struct mig_worker *worker, uint64_t deadline_ns)
{
	struct timespec deadline = { .tv_sec = (time_t)(deadline_ns / 1000000000u),
				     .tv_nsec = (long)(deadline_ns % 1000000000u) };

	for (int i = 0; i < SPINS; i++)
		if (atomic_load_explicit(&worker->state, memory_order_acquire) != REQUEST)
			return true;
	while (atomic_load_explicit(&worker->state, memory_order_acquire) == REQUEST) {
		if (now_ns() >= deadline_ns)
			return false;
		/* A signal, a late wake-up and the deadline all end here: look again. */
		syscall(SYS_futex, &worker->state, FUTEX_WAIT_BITSET_PRIVATE, REQUEST, &deadline,
			NULL, FUTEX_BITSET_MATCH_ANY);
	}
	return true;
}

bool mig_worker_call(struct mig_worker *worker, long number, const long args[6], uint64_t limit_ns,
		     long *result, uint64_t *elapsed_ns)
{
	worker->number = number;
	memcpy(worker->args, args, sizeof(worker->args));
	atomic_store_explicit(&worker->state, REQUEST, memory_order_release);
	futex_wake(&worker->state);
	if (!wait_for_answer(worker, now_ns() + limit_ns))
		return false;
	atomic_store_explicit(&worker->state, IDLE, memory_order_relaxed);
	*result = worker->result;
	*elapsed_ns = worker->elapsed_ns;
	return true;
}

static void read_stack(pid_t task, char *stack, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	stack[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/stack", (int)task);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, stack, size - 1);
	close(fd);
	stack[len > 0 ? len : 0] = '\0';
}

pid_t mig_worker_give_up(struct mig_worker *worker, char *stack, size_t size, bool *ended)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000000 };
	pid_t task;

	read_stack(worker->task, stack, size);
	*ended = false;
	kill(worker->task, SIGKILL);
	for (int i = 0; i < KILL_WAIT_MS / 10 && !*ended; i++) {
		pid_t gone = waitpid(worker->task, NULL, __WALL | WNOHANG);

		*ended = gone == worker->task;
		if (!*ended)
			nanosleep(&tick, NULL);
	}
	task = worker->task;
	if (*ended) {
		munmap(worker->stack, STACK_SIZE);
		free(worker);
	}
	return task;
}
