// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <unistd.h>

#include "transfer.h"

/* Over less, the rate jumps with the buffers. */
#define RATE_USEC 1000000u
/* Where nobody watches a line change, one now and then will do. */
#define PLAIN_USEC 5000000u

static double mib(uint64_t bytes)
{
	return (double)bytes / 1048576;
}

static void sample(struct cli_progress *progress, const struct mig_progress *now)
{
	uint64_t usec = now->usec - progress->sample_usec;

	if (usec < RATE_USEC)
		return;
	progress->rate = mib(now->bytes - progress->sample_bytes) * 1e6 / (double)usec;
	progress->sampled = true;
	progress->sample_usec = now->usec;
	progress->sample_bytes = now->bytes;
}

static void format_line(const struct cli_progress *progress, const struct mig_progress *now,
			char *line, size_t size)
{
	int at = snprintf(line, size, "%s: %.1f", mig_phase_name(now->phase), mib(now->bytes));

	if (now->total_known && now->total >= now->bytes)
		at += snprintf(line + at, size - (size_t)at, " of about %.1f", mib(now->total));
	at += snprintf(line + at, size - (size_t)at, " MiB");
	if (progress->sampled)
		at += snprintf(line + at, size - (size_t)at, ", %.1f MiB/s", progress->rate);
	if (now->stopped_usec)
		snprintf(line + at, size - (size_t)at, ", stopped for %.1f s",
			 (double)now->stopped_usec / 1e6);
}

static void show(struct mig_watcher *watcher, const struct mig_progress *now)
{
	struct cli_progress *progress = (struct cli_progress *)watcher;
	char line[160];

	sample(progress, now);
	if (!progress->terminal && now->usec - progress->last_usec < PLAIN_USEC)
		return;
	format_line(progress, now, line, sizeof(line));
	if (progress->terminal)
		fprintf(stderr, "\r%s\033[K", line);
	else
		fprintf(stderr, "vfio-migctl: %s\n", line);
	fflush(stderr);
	progress->shown = true;
	progress->last_usec = now->usec;
}

struct mig_watcher *cli_progress_begin(struct cli_progress *progress, const struct cli *cli)
{
	memset(progress, 0, sizeof(*progress));
	if (cli->options.quiet || cli->options.json)
		return NULL;
	progress->watcher.progress = show;
	progress->terminal = isatty(STDERR_FILENO);
	return progress->terminal || cli->options.verbose ? &progress->watcher : NULL;
}

void cli_progress_end(const struct cli_progress *progress)
{
	if (progress->terminal && progress->shown)
		fputs("\r\033[K", stderr);
}
