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

#include "clock.h"
#include "raw_call.h"
#include "worker.h"

#define STACK_SIZE (64 * 1024)
/* How often to look before sleeping: most register reads are back by then. */
#define SPINS 200
/* The same for who measures: what is done between two calls of a walk takes no longer. */
#define SPINS_AWAKE 20000
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
	int spins;
	void *stack;
	_Atomic uint64_t begun_ns; /* when it began the call that it is in */
	long number;
	long args[6];
	long result;
	uint64_t elapsed_ns;
	struct mig_call *calls; /* NULL: the one above */
	size_t count;
	_Atomic size_t made; /* so many are back */
	void *(*copy)(void *to, const void *from, size_t size);
};

const long mig_worker_numbers[] = {
	[MIG_CALL_READ] = SYS_read,
	[MIG_CALL_WRITE] = SYS_write,
	[MIG_CALL_PREAD] = SYS_pread64,
	[MIG_CALL_PWRITE] = SYS_pwrite64,
};

/*
 * Whose copy a SIGBUS ends. A handler is told no more than its number, and
 * the program has one seam: one copies at a time.
 */
static _Atomic(struct mig_worker *) copying;

BARE static void futex_wake(_Atomic uint32_t *word)
{
	raw_call3(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, 1);
}

BARE static uint32_t wait_for_work(struct mig_worker *worker)
{
	uint32_t state;

	for (int i = 0; i < worker->spins; i++) {
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

BARE static void answer(struct mig_worker *worker)
{
	atomic_store_explicit(&worker->state, DONE, memory_order_release);
	futex_wake(&worker->state);
}

/* What was mapped is gone. There is no way back into the copy, and no need: others follow us. */
BARE static void on_fault(int number)
{
	struct mig_worker *worker = atomic_exchange(&copying, NULL);
	size_t made;

	(void)number;
	if (!worker)
		return; /* somebody sent it, and SA_RESETHAND lets it pass once */
	made = atomic_load_explicit(&worker->made, memory_order_relaxed);
	worker->calls[made].result = -EFAULT;
	worker->calls[made].elapsed_ns = now_ns() - atomic_load(&worker->begun_ns);
	atomic_store_explicit(&worker->made, made + 1, memory_order_release);
	answer(worker);
	raw_call3(SYS_exit, 0, 0, 0);
}

BARE static ssize_t make_copy(struct mig_worker *worker, const struct mig_call *call)
{
	atomic_store(&copying, worker);
	worker->copy(call->buffer, call->from, call->size);
	atomic_store(&copying, NULL);
	return (ssize_t)call->size;
}

BARE static ssize_t make(struct mig_worker *worker, const struct mig_call *call)
{
	long args[6] = { call->fd, (long)call->buffer, (long)call->size, (long)call->offset, 0, 0 };

	if (call->kind == MIG_CALL_COPY)
		return make_copy(worker, call);
	return raw_call(mig_worker_numbers[call->kind], args);
}

BARE bool mig_worker_goes_on(const struct mig_call *call)
{
	const uint64_t *value = call->buffer;

	if (call->result != (ssize_t)call->size)
		return false;
	return !(call->until_zero && !*value) && !(call->until_other && *value != call->value);
}

BARE static void make_all(struct mig_worker *worker)
{
	uint64_t begin = now_ns(), end;

	for (size_t i = 0; i < worker->count; i++) {
		struct mig_call *call = &worker->calls[i];

		atomic_store_explicit(&worker->begun_ns, begin, memory_order_relaxed);
		call->result = make(worker, call);
		end = now_ns();
		call->elapsed_ns = end - begin;
		begin = end;
		atomic_store_explicit(&worker->made, i + 1, memory_order_release);
		if (!mig_worker_goes_on(call))
			return;
	}
}

BARE static void make_one(struct mig_worker *worker)
{
	uint64_t begin = now_ns();

	worker->result = raw_call(worker->number, worker->args);
	worker->elapsed_ns = now_ns() - begin;
}

BARE static int work(void *argument)
{
	struct mig_worker *worker = argument;

	/* Should we be killed, nobody else may keep the device open for us. */
	raw_call3(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0);
	if (raw_call3(SYS_getppid, 0, 0, 0) != worker->parent)
		raw_call3(SYS_exit, 1, 0, 0);
	while (wait_for_work(worker) == REQUEST) {
		if (worker->calls)
			make_all(worker);
		else
			make_one(worker);
		answer(worker);
	}
	raw_call3(SYS_exit, 0, 0, 0);
	return 0;
}

/*
 * It inherits the mask: a Ctrl-C reaches every process of the terminal's
 * foreground group, and the running call is to be finished. It gets a copy of
 * the handlers too, and of these one is its own.
 */
static pid_t start(struct mig_worker *worker)
{
	struct sigaction mine = { .sa_handler = on_fault, .sa_flags = SA_RESETHAND | SA_RESTART },
			 ours;
	sigset_t most, old;
	pid_t task;
	int err;

	sigfillset(&most);
	sigdelset(&most, SIGBUS);
	sigprocmask(SIG_BLOCK, &most, &old);
	sigaction(SIGBUS, &mine, &ours);
	task = clone(work, (char *)worker->stack + STACK_SIZE, CLONE_VM | CLONE_FILES, worker);
	err = errno;
	sigaction(SIGBUS, &ours, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = err;
	return task;
}

struct mig_worker *mig_worker_start(bool awake)
{
	struct mig_worker *worker = calloc(1, sizeof(*worker));
	int err;

	if (!worker)
		return NULL;
	worker->parent = getpid();
	worker->spins = awake ? SPINS_AWAKE : SPINS;
	/* Its address is looked up here: in the worker that could meet a lock of the loader's. */
	worker->copy = memcpy;
	worker->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (worker->stack == MAP_FAILED) {
		free(worker);
		return NULL;
	}
	worker->task = start(worker);
	if (worker->task < 0) {
		err = errno;
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

/* Until the call that it is in has had its time; limit_ns 0: for ever. */
static void wait_a_while(struct mig_worker *worker, uint64_t limit_ns)
{
	uint64_t end = atomic_load_explicit(&worker->begun_ns, memory_order_relaxed) + limit_ns;
	struct timespec deadline = { .tv_sec = (time_t)(end / 1000000000u),
				     .tv_nsec = (long)(end % 1000000000u) };

	/* A signal, a late wake-up and the deadline all end here: look again. */
	syscall(SYS_futex, &worker->state, FUTEX_WAIT_BITSET_PRIVATE, REQUEST,
		limit_ns ? &deadline : NULL, NULL, FUTEX_BITSET_MATCH_ANY);
}

/* True: the state is no longer REQUEST. */
static bool wait_for_answer(struct mig_worker *worker, uint64_t limit_ns)
{
	for (int i = 0; i < worker->spins; i++)
		if (atomic_load_explicit(&worker->state, memory_order_acquire) != REQUEST)
			return true;
	while (atomic_load_explicit(&worker->state, memory_order_acquire) == REQUEST) {
		/* The clock first: a call that begins after it has all its time. */
		uint64_t now = now_ns();
		uint64_t begun = atomic_load_explicit(&worker->begun_ns, memory_order_relaxed);

		if (limit_ns && now >= begun && now - begun >= limit_ns)
			return false;
		wait_a_while(worker, limit_ns);
	}
	return true;
}

static bool hand_over(struct mig_worker *worker, uint64_t limit_ns)
{
	atomic_store_explicit(&worker->begun_ns, now_ns(), memory_order_relaxed);
	atomic_store_explicit(&worker->state, REQUEST, memory_order_release);
	futex_wake(&worker->state);
	if (!wait_for_answer(worker, limit_ns))
		return false;
	atomic_store_explicit(&worker->state, IDLE, memory_order_relaxed);
	return true;
}

bool mig_worker_call(struct mig_worker *worker, long number, const long args[6], uint64_t limit_ns,
		     long *result, uint64_t *elapsed_ns)
{
	worker->calls = NULL;
	worker->number = number;
	memcpy(worker->args, args, sizeof(worker->args));
	if (!hand_over(worker, limit_ns))
		return false;
	*result = worker->result;
	*elapsed_ns = worker->elapsed_ns;
	return true;
}

bool mig_worker_batch(struct mig_worker *worker, struct mig_call *calls, size_t count,
		      uint64_t limit_ns, size_t *made)
{
	bool back;

	worker->calls = calls;
	worker->count = count;
	atomic_store_explicit(&worker->made, 0, memory_order_relaxed);
	back = hand_over(worker, limit_ns);
	*made = atomic_load_explicit(&worker->made, memory_order_acquire);
	return back;
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

bool mig_worker_reap(struct mig_worker *worker)
{
	if (waitpid(worker->task, NULL, __WALL | WNOHANG) != worker->task)
		return false;
	munmap(worker->stack, STACK_SIZE);
	free(worker);
	return true;
}

pid_t mig_worker_give_up(struct mig_worker *worker, char *stack, size_t size, bool *ended)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000000 };
	pid_t task = worker->task;

	read_stack(worker->task, stack, size);
	*ended = false;
	kill(worker->task, SIGKILL);
	for (int i = 0; i < KILL_WAIT_MS / 10 && !*ended; i++) {
		*ended = mig_worker_reap(worker);
		if (!*ended)
			nanosleep(&tick, NULL);
	}
	return task;
}
