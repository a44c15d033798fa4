// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "migctl/ring.h"

/* What a figure has room for, at twice a cycle on the way to other arcs. */
#define CYCLES_MAX (MIG_SAMPLES_MAX / 10)

static error_t wants(struct cli *cli, const char *what, const char *arg)
{
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "%s, not \"%.60s\"", what, arg);
	return EINVAL;
}

static bool parse_number(const char *arg, unsigned long most, unsigned int *number)
{
	unsigned long value;
	char *end;

	/* strtoul(3) takes a sign and blanks. */
	if (*arg < '0' || *arg > '9')
		return false;
	errno = 0;
	value = strtoul(arg, &end, 10);
	*number = (unsigned int)value;
	return !errno && !*end && value <= most;
}

/* A list of sizes, each once; "0": none. */
static error_t parse_chunks(struct cli *cli, const char *arg)
{
	uint64_t *chunks = cli->options.bench.chunks, chunk;
	size_t count = 0;
	const char *at = arg;

	do {
		size_t len = strcspn(at, ",");
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		if (len >= sizeof(word) || count == MIG_CHUNKS_MAX ||
		    !cli_parse_bytes(word, &chunk) || chunk > MIG_SLOT_SIZE ||
		    (!chunk && strcmp(arg, "0") != 0))
			return wants(cli, "--chunk takes up to 16 sizes of up to 1M (4K,64K,1M)",
				     arg);
		for (size_t i = 0; i < count; i++)
			if (chunks[i] == chunk)
				return wants(cli, "--chunk takes each size once", arg);
		chunks[count] = chunk;
		count += chunk != 0;
		at += len;
	} while (*at++);
	cli->options.bench.chunk_count = count;
	cli->options.bench.chunks_given = true;
	return 0;
}

/* Milliseconds, by the letters "ms" or none. */
static error_t parse_budget(struct cli *cli, const char *arg)
{
	double *budget = &cli->options.bench.budget;

	if (cli_parse_seconds(arg, "", budget) || cli_parse_seconds(arg, "ms", budget))
		return 0;
	return wants(cli, "--budget takes a number of milliseconds", arg);
}

error_t cli_options_bench_key(struct cli *cli, int key, const char *arg)
{
	struct cli_options *options = &cli->options;

	switch (key) {
	case CLI_KEY_CYCLES:
		if (parse_number(arg, CYCLES_MAX, &options->bench.cycles) && options->bench.cycles)
			return 0;
		return wants(cli, "--cycles takes a number from 1 to 10000", arg);
	case CLI_KEY_SECONDS:
		if (cli_parse_seconds(arg, "", &options->bench.seconds))
			return 0;
		return wants(cli, "--seconds takes a number of seconds", arg);
	case CLI_KEY_CHUNK:
		return parse_chunks(cli, arg);
	case CLI_KEY_NO_RESTORE:
		options->bench.no_restore = true;
		return 0;
	case CLI_KEY_READ_ONLY:
		options->bench.read_only = true;
		return 0;
	case CLI_KEY_CSV:
		options->bench.csv = true;
		return 0;
	case CLI_KEY_BUDGET:
		return parse_budget(cli, arg);
	case CLI_KEY_COMPARE:
		options->bench.compare = true;
		return 0;
	case CLI_KEY_MARGIN:
		options->bench.margin_given = true;
		if (parse_number(arg, 1000, &options->bench.margin))
			return 0;
		return wants(cli, "--margin takes a number of per cent, 0 to 1000", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
