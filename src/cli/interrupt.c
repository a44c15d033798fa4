// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Most calls are back by then, and need no word. */
#define PATIENCE 1

volatile sig_atomic_t cli_interrupted;
bool cli_interrupt_mute;

static void note_signal(int number)
{
	cli_interrupted = number;
	alarm(PATIENCE);
}

/* In a handler: write(2) alone. */
static void tell(int number)
{
	static const char text[] =
		"vfio-migctl: interrupted, and waiting for the driver, to leave the device in "
		"order; a second signal ends at once and leaves it as it is\n";
	int kept = errno;

	(void)number;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		errno = kept;
	errno = kept;
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
	action.sa_handler = cli_interrupt_mute ? SIG_IGN : tell;
	action.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &action, NULL);
}
