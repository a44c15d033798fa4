// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "cli.h"
#include "migctl/escape.h"

void cli_record_holder(const struct mig_holder *holder, struct mig_holder_record *record)
{
	record->pid = holder->pid;
	record->comm = holder->comm;
	record->unit = holder->unit[0] ? holder->unit : NULL;
	record->container = holder->container[0] ? holder->container : NULL;
	record->vm = holder->vm[0] ? holder->vm : NULL;
}

static void add(char text[CLI_HOLDER_TEXT], const char *what, const char *name)
{
	size_t used = strlen(text);
	char escaped[120];

	if (name[0])
		/* Over the bracket that closes it. */
		snprintf(text + used - 1, CLI_HOLDER_TEXT - used + 1, ", %s %s)", what,
			 mig_escape(escaped, sizeof(escaped), name));
}

char *cli_holder_text(const struct mig_holder *holder, char text[CLI_HOLDER_TEXT])
{
	char comm[80];

	snprintf(text, CLI_HOLDER_TEXT, "process %d (%s)", holder->pid,
		 mig_escape(comm, sizeof(comm), holder->comm));
	add(text, "VM", holder->vm);
	add(text, "container", holder->container);
	add(text, "unit", holder->unit);
	return text;
}
