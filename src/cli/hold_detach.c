// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hold.h"

/* What the child says when it is ready; the end of the pipe alone says that it failed. */
#define READY 'r'

/* It could not tell why itself. */
static int was_killed(struct cli *cli, int number)
{
	mig_error_set(&cli->error, MIG_KIND_FAILED, 0,
		      "the process that was to hold the devices was ended by signal %d (%s)",
		      number, strsignal(number));
	return (int)MIG_KIND_FAILED;
}

static int await(struct cli *cli, pid_t child, int from)
{
	char said = 0;
	int how;

	while (read(from, &said, 1) < 0 && errno == EINTR)
		;
	if (said == READY)
		return 0;
	/* It has told why itself. */
	while (waitpid(child, &how, 0) < 0)
		if (errno != EINTR)
			return (int)MIG_KIND_FAILED;
	return WIFEXITED(how) ? WEXITSTATUS(how) : was_killed(cli, WTERMSIG(how));
}

bool hold_detach(struct hold *hold, int *status)
{
	int ends[2];
	pid_t child;

	hold->told = -1;
	if (!hold->cli->options.detach)
		return false;
	fflush(stdout);
	child = pipe2(ends, O_CLOEXEC) ? -1 : fork();
	if (child < 0) {
		mig_error_set(&hold->cli->error, MIG_KIND_FAILED, errno, "cannot detach: %s",
			      strerror(errno));
		*status = (int)MIG_KIND_FAILED;
		return true;
	}
	if (child) {
		close(ends[1]);
		*status = await(hold->cli, child, ends[0]);
		close(ends[0]);
		return true;
	}
	close(ends[0]);
	hold->told = ends[1];
	/* No terminal's signals, and no terminal whose end would be ours. */
	setsid();
	return false;
}

/* Who waits for the end of our output is not to wait for the end of the hold. */
static void drop_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

static void say(const struct hold *hold)
{
	struct cli *cli = hold->cli;
	const struct mig_style out = cli_stdout(cli);

	if (cli->options.detach && cli->options.json)
		cli_printed(cli, mig_json_hold(&out, &hold->record));
	else if (cli->options.detach)
		fprintf(stdout, "%d\n", hold->record.pid);
	for (size_t i = 0; i < hold->count; i++)
		cli_note(cli, "%s is held by process %d", hold->items[i].session.record.name,
			 hold->record.pid);
}

/* False: the parent has gone, or the pid with which it was to be told could not be. */
static bool tell_parent(struct hold *hold)
{
	const char said = READY;
	bool told = !fflush(stdout) && write(hold->told, &said, 1) == 1;

	close(hold->told);
	hold->told = -1;
	if (told)
		return true;
	mig_error_set(&hold->cli->error, MIG_KIND_FAILED, errno,
		      "who detached this hold has gone: nobody would know of it");
	cli_note(hold->cli, "%s", hold->cli->error.text);
	return false;
}

bool hold_ready(struct hold *hold)
{
	char lines[64];
	bool told;

	say(hold);
	snprintf(lines, sizeof(lines), "READY=1\nMAINPID=%d\nSTATUS=%zu devices held",
		 hold->record.pid, hold->count);
	cli_notify_send(&hold->notify, hold->cli, lines);
	cli_ready_send(hold->cli);
	if (hold->told < 0)
		return true;
	/* Before the streams go, which end the waiting of who reads them. */
	told = tell_parent(hold);
	drop_streams();
	return told;
}
