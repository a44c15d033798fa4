// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "migctl/statefile.h"
#include "transfer.h"

struct inspect {
	struct cli *cli;
	struct mig_in *in;
	struct mig_out *raw; /* --raw FILE; NULL: not wanted */
	uint64_t offset;     /* of the next byte of the dump */
	uint64_t transaction;
	bool inside; /* the piece before this one was not the end of its transaction */
	struct mig_saved_meta meta;
	struct mig_target target;
	struct mig_device_record device;
	struct mig_error differs;
	struct mig_inspect_record record;
};

static int check_options(struct inspect *inspect)
{
	const struct cli_options *options = &inspect->cli->options;
	bool to_stdout = options->raw_file && !strcmp(options->raw_file, "-");

	if ((int)options->json + options->hexdump + to_stdout <= 1)
		return 0;
	return mig_error_set(&inspect->cli->error, MIG_KIND_USAGE, EINVAL,
			     "--json, --hexdump and --raw=- all want standard output: one of them, "
			     "please");
}

static int find_target(struct inspect *inspect)
{
	struct cli *cli = inspect->cli;
	int ret;

	if (!cli->options.for_device)
		return 0;
	ret = mig_target_find(&cli->host, cli->options.for_device, &inspect->target, &cli->error);
	if (ret)
		return ret;
	mig_target_describe(&inspect->target);
	cli_record_device(&inspect->target, &inspect->device);
	return 0;
}

/* Passive: the device is not opened, so its protocol and capabilities are not compared. */
static void compare(struct inspect *inspect)
{
	struct mig_saved_meta here;

	if (!inspect->cli->options.for_device)
		return;
	cli_target_meta(&inspect->target, &here);
	cli_target_firmware(&inspect->cli->host, &inspect->target, &here);
	inspect->record.target = &inspect->device;
	inspect->record.compatible = !mig_saved_fits(&inspect->meta, &here, &inspect->differs);
	inspect->record.reason = inspect->record.compatible ? NULL : inspect->differs.text;
}

static int take(void *context, const uint8_t *data, const struct mig_saved_piece *piece,
		struct mig_error *error)
{
	struct inspect *inspect = context;
	int ret = 0;

	if (cli_interrupted)
		return mig_error_set(error, MIG_KIND_FAILED, EINTR, "interrupted while reading %s",
				     inspect->record.path);
	if (inspect->raw)
		ret = mig_out_put(inspect->raw, data, piece->size, error);
	if (inspect->cli->options.hexdump) {
		if (!inspect->inside)
			printf("chunk %llu\n", (unsigned long long)inspect->transaction);
		mig_text_hexdump(stdout, inspect->offset, data, piece->size);
		/* Whoever reads it may have seen enough. */
		if (!ret && fflush(stdout))
			ret = mig_error_set(error, MIG_KIND_FAILED, errno,
					    "cannot write to standard output: %s", strerror(errno));
	}
	inspect->offset += piece->size;
	inspect->inside = piece->more;
	inspect->transaction += !piece->more;
	return ret;
}

/* By --force the one would replace the other, and what cannot be restored what can. */
static bool same_file(const char *one, const char *other)
{
	struct stat a, b;

	return strcmp(one, "-") && strcmp(other, "-") && !stat(one, &a) && !stat(other, &b) &&
	       S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int open_raw(struct inspect *inspect)
{
	const struct cli_options *options = &inspect->cli->options;
	const struct mig_out_options how = { .path = options->raw_file,
					     .force = options->force,
					     .raw = true,
					     .stop = &cli_interrupted };

	if (!options->raw_file)
		return 0;
	if (same_file(options->raw_file, inspect->record.path))
		return mig_error_set(&inspect->cli->error, MIG_KIND_USAGE, EINVAL,
				     "--raw names the saved state itself: %s", options->raw_file);
	return mig_out_open(&inspect->raw, &how, &inspect->cli->error);
}

/* What a newer version wrote may well be whole. */
static bool says_damaged(const struct mig_error *error)
{
	return error->kind == MIG_KIND_BAD_STATE && error->err != EPROTONOSUPPORT;
}

static void work(struct inspect *inspect, const char *path)
{
	struct mig_error *error = &inspect->cli->error;

	if (check_options(inspect) || find_target(inspect) ||
	    mig_in_open(&inspect->in, path, &cli_interrupted, error))
		return;
	if (mig_in_meta(inspect->in, &inspect->meta, error)) {
		inspect->record.judged = says_damaged(error);
		return;
	}
	if (open_raw(inspect))
		return;
	inspect->record.meta = &inspect->meta;
	compare(inspect);
	inspect->record.whole =
		!mig_in_each(inspect->in, take, inspect, &inspect->record.totals, error);
	inspect->record.judged = inspect->record.whole || says_damaged(error);
	if (inspect->record.whole && inspect->raw)
		mig_out_finish(inspect->raw, NULL, error);
	if (error->kind == MIG_KIND_OK && inspect->record.reason)
		*error = inspect->differs;
}

static int run(struct cli *cli)
{
	const char *to = cli->options.raw_file;
	bool talk = to && !strcmp(to, "-") && !cli->options.json;
	struct mig_style out = talk ? cli_stderr(cli) : cli_stdout(cli);
	struct inspect inspect = { .cli = cli, .record.path = cli->words[0] };

	cli_interrupt_catch();
	work(&inspect, cli->words[0]);
	mig_out_discard(inspect.raw);
	mig_in_close(inspect.in);
	cli->signal = cli_interrupted;
	inspect.record.head = (struct mig_head_record){
		.command = cli->command->name,
		.error = cli->error.kind == MIG_KIND_OK ? NULL : &cli->error,
	};
	if (cli->options.json)
		cli_printed(cli, mig_json_inspect(&out, &inspect.record));
	else if (!cli->options.hexdump && !(talk && cli->options.quiet))
		mig_text_inspect(&out, &inspect.record);
	return cli_end(cli, NULL);
}

static const int keys[] = { CLI_KEY_FOR, CLI_KEY_HEXDUMP, CLI_KEY_RAW_FILE, CLI_KEY_REPLACE, 0 };

const struct cli_command cli_cmd_inspect = {
	.name = "inspect",
	.args = "FILE|-",
	.summary = "What a saved state is of, and whether it is whole",
	.touches = "does not touch",
	.detail = "All of it is read and checked. --for compares with what sysfs shows of a "
		  "device, without opening it.",
	.min = 1,
	.max = 1,
	.words = { CLI_WORD_FILE },
	.keys = keys,
	.run = run,
};
