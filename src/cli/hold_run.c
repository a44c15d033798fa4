// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "hold.h"

/* As env(1), nohup(1) and timeout(1) have them. */
enum {
	NOT_STARTED = 126,
	NOT_FOUND = 127,
	BY_SIGNAL = 128
};

extern char **environ;

/*
 * What is ignored stays so, as nohup(1) wants: blocked, it would come after all.
 * Without COMMAND the others do what they do to any process.
 */
void hold_block(struct hold *hold)
{
	static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
	size_t count = hold->cli->argv ? sizeof(passed_on) / sizeof(*passed_on) : 3;
	struct sigaction action;

	/* Inherited ignored, it would make the kernel forget how COMMAND ended. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&hold->signals);
	sigaddset(&hold->signals, SIGCHLD);
	for (size_t i = 0; i < count; i++)
		if (!sigaction(passed_on[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&hold->signals, passed_on[i]);
	sigprocmask(SIG_BLOCK, &hold->signals, &hold->before);
}

/* No shell: the words are the program and its arguments. */
static pid_t start(struct hold *hold, int *status)
{
	char **argv = hold->cli->argv;
	posix_spawnattr_t attr;
	sigset_t ours;
	pid_t child = 0;
	int err = posix_spawnattr_init(&attr);

	sigemptyset(&ours);
	sigaddset(&ours, SIGPIPE);
	if (!err)
		err = posix_spawnattr_setsigmask(&attr, &hold->before);
	if (!err)
		err = posix_spawnattr_setsigdefault(&attr, &ours);
	if (!err)
		err = posix_spawnattr_setflags(&attr,
					       POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!err)
		err = posix_spawnp(&child, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	if (!err)
		return child;
	mig_error_set(&hold->cli->error, MIG_KIND_FAILED, err, "cannot run %s: %s", argv[0],
		      strerror(err));
	*status = err == ENOENT ? NOT_FOUND : NOT_STARTED;
	return 0;
}

static bool has_ended(pid_t child, int *status)
{
	int how;

	if (waitpid(child, &how, WNOHANG) != child)
		return false;
	*status = WIFSIGNALED(how) ? BY_SIGNAL + WTERMSIG(how) : WEXITSTATUS(how);
	return true;
}

/*
 * What the terminal sends goes to its whole foreground group, COMMAND
 * included; passed on it would come twice. What a process sends came to us.
 */
static int wait_for(const struct hold *hold, pid_t child)
{
	int status = 0;

	while (!has_ended(child, &status)) {
		siginfo_t info;
		int number = sigwaitinfo(&hold->signals, &info);

		if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
			kill(child, number);
	}
	return status;
}

int hold_run(struct hold *hold)
{
	int status = 0, number;
	pid_t child;

	if (hold->cli->argv) {
		child = start(hold, &status);
		if (child) {
			status = wait_for(hold, child);
			hold->record.ran = true;
			hold->record.status = status;
		}
		return status;
	}
	do
		number = sigwaitinfo(&hold->signals, NULL);
	while (number < 0 || number == SIGCHLD);
	return 0;
}

bool hold_pause(const struct hold *hold, int milliseconds)
{
	const struct timespec time = { .tv_nsec = milliseconds * 1000000l };
	int number = sigtimedwait(&hold->signals, NULL, &time);

	return number > 0 && number != SIGCHLD;
}
