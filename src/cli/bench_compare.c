// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "cli.h"

/* What is told of as changed without being so is, of a hundred runs, in one. */
#define ALPHA 0.01

struct compare {
	struct mig_bench_run runs[2];
	struct mig_comparison items[2 * MIG_FIGURES_MAX];
	struct mig_compare_record record;
};

static int read_run(struct cli *cli, const char *path, struct mig_bench_run *run)
{
	size_t size;
	char *text;
	int ret = cli_read_file(cli, path, &text, &size);

	if (!ret)
		ret = mig_json_read_bench(text, size, run, &cli->error);
	if (ret)
		cli_blame_file(cli, path, ret);
	free(text);
	return ret;
}

static void work(struct cli *cli, struct compare *compare)
{
	struct mig_compare_record *record = &compare->record;

	record->options =
		(struct mig_compare_options){ .alpha = ALPHA, .margin = cli->options.bench.margin };
	for (int i = 0; i < 2; i++) {
		record->paths[i] = cli->words[i];
		if (read_run(cli, cli->words[i], &compare->runs[i]))
			return;
		record->runs[i] = &compare->runs[i];
	}
	if (mig_compare(&compare->runs[0].figures, &compare->runs[1].figures, &record->options,
			compare->items, &record->count))
		mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory to compare");
	else
		record->items = compare->items;
}

int cli_bench_compare(struct cli *cli)
{
	struct compare *compare = calloc(1, sizeof(*compare));
	const struct mig_style out = cli_stdout(cli);

	if (!compare) {
		mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory to compare");
		return cli_end(cli, NULL);
	}
	work(cli, compare);
	compare->record.head = (struct mig_head_record){
		.command = cli->command->name,
		.error = cli->error.kind == MIG_KIND_OK ? NULL : &cli->error,
	};
	if (cli->options.json)
		cli_printed(cli, mig_json_compare(&out, &compare->record));
	else
		mig_text_compare(&out, &compare->record);
	mig_figures_clear(&compare->runs[0].figures);
	mig_figures_clear(&compare->runs[1].figures);
	free(compare);
	return cli_end(cli, NULL);
}
