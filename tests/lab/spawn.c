// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * spawn N COMMAND...: runs it N times, one after the other, with its output
 * thrown away; a shell's loop costs more than the command. Says how many
 * failed, and exits 1 when one did.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	long failed = 0, count = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

	if (count < 1)
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (long i = 0; i < count; i++) {
		int status = -1;
		pid_t pid;

		if (posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ) ||
		    waitpid(pid, &status, 0) != pid || status)
			failed++;
	}
	posix_spawn_file_actions_destroy(&actions);
	printf("%ld of %ld failed\n", failed, count);
	return failed != 0;
}
