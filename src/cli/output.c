// SPDX-License-Identifier: GPL-2.0-or-later
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "migctl/escape.h"

static struct mig_style style(const struct cli *cli, FILE *file, int fd)
{
	const char *no_color = getenv("NO_COLOR");
	bool color = cli->options.color == CLI_COLOR_ALWAYS;

	/* no-color.org: set and not empty. An explicit --color=always outranks it. */
	if (cli->options.color == CLI_COLOR_AUTO)
		color = isatty(fd) && !(no_color && *no_color);
	return (struct mig_style){ .out = file,
				   .color = color && !cli->options.json,
				   .pretty = cli->options.pretty };
}

bool cli_utf8(void)
{
	const char *terminal = getenv("TERM");
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	freelocale(locale);
	return utf8 && !(isatty(STDOUT_FILENO) && terminal && !strcmp(terminal, "dumb"));
}

struct mig_style cli_stdout(const struct cli *cli)
{
	return style(cli, stdout, STDOUT_FILENO);
}

struct mig_style cli_stderr(const struct cli *cli)
{
	return style(cli, stderr, STDERR_FILENO);
}

void cli_note(const struct cli *cli, const char *format, ...)
{
	char text[640], escaped[2600];
	va_list args;

	if (cli->options.quiet || cli->options.json)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "vfio-migctl: %s\n", mig_escape(escaped, sizeof(escaped), text));
}

void cli_printed(struct cli *cli, int ret)
{
	if (ret && cli->error.kind == MIG_KIND_OK)
		mig_error_set(&cli->error, MIG_KIND_FAILED, -ret, "the JSON could not be made: %s",
			      strerror(-ret));
}

int cli_end(struct cli *cli, const struct mig_stuck_record *stuck)
{
	struct mig_style talk = cli_stderr(cli);

	if (cli->error.kind != MIG_KIND_OK && !cli->options.json) {
		/* What was printed comes before what was wrong with it. */
		fflush(stdout);
		mig_text_error(&talk, &cli->error, stuck);
	}
	return (int)cli->error.kind;
}
