// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "cli.h"

volatile sig_atomic_t cli_interrupted;

static void note_signal(int number)
{
	cli_interrupted = number;
}

void cli_interrupt_catch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action, old;

	memset(&action, 0, sizeof(action));
	action.sa_handler = note_signal;
	/* Once: the second Ctrl-C of someone who will not wait kills. */
	action.sa_flags = SA_RESETHAND;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		sigaction(numbers[i], NULL, &old);
		/* nohup(1) and background jobs of a script ignore it: so do we. */
		if (old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}
