// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/utsname.h>

#include "cli.h"
#include "fallout.h"
#include "migctl/stats.h"

struct bench {
	struct cli *cli;
	struct cli_session session;
	struct cli_fallout_snap snap;
	struct mig_bench run;
	struct cli_fallout fallout;
	struct utsname machine;
	struct mig_bench_record record;
};

static const uint64_t usual_chunks[] = { 4096, 16384, 65536, 262144, 1048576 };

static int usage(struct cli *cli, const char *text)
{
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "%s", text);
	mig_error_hint(&cli->error, "usage: vfio-migctl bench DEVICE, or vfio-migctl bench "
				    "--compare A.json B.json");
	return -EINVAL;
}

static int check_options(struct cli *cli)
{
	const struct cli_options *options = &cli->options;

	if (options->bench.csv && options->json)
		return usage(cli,
			     "--csv and --json both want standard output: one of them, please");
	if (options->bench.compare && (options->bench.csv || options->bench.budget >= 0 ||
				       options->bench.read_only || options->attach))
		return usage(cli, "--compare reads two files: --csv, --budget, --read-only and "
				  "--attach are of a device");
	if (options->bench.compare && cli->word_count != 2)
		return usage(cli, "--compare needs two files that bench --json wrote");
	if (options->bench.compare)
		return 0;
	if (cli->word_count != 1)
		return usage(cli, "bench needs one DEVICE");
	if (options->bench.margin_given)
		return usage(cli, "--margin is of --compare");
	if (options->bench.read_only && options->bench.budget >= 0)
		return usage(cli, "--budget is of the time stopped, and --read-only stops nothing");
	if (options->attach && !options->bench.read_only)
		return usage(cli, "--attach goes with --read-only: a device's user would not know "
				  "what becomes of it");
	return 0;
}

static struct mig_bench_options options_of(const struct cli *cli)
{
	const struct cli_options *options = &cli->options;

	return (struct mig_bench_options){
		.cycles = options->bench.cycles,
		.seconds = options->bench.seconds,
		.read_only = options->bench.read_only,
		.no_precopy = options->no_precopy,
		.no_restore = options->bench.no_restore,
		.until_bytes = options->until_bytes,
		.until_seconds = options->until_seconds,
		.chunks = options->bench.chunks_given ? options->bench.chunks : usual_chunks,
		.chunk_count = options->bench.chunks_given
				       ? options->bench.chunk_count
				       : sizeof(usual_chunks) / sizeof(*usual_chunks),
	};
}

static const struct mig_figure *stopped_of(const struct mig_bench *run)
{
	const struct mig_figure like = { .what = MIG_MEASURE_STOPPED };

	return mig_figures_find((struct mig_figures *)&run->figures, &like);
}

/* Only of a run that went to its end: what ended it is worse than a budget. */
static void judge(struct bench *bench)
{
	struct mig_bench_record *record = &bench->record;
	struct mig_error *error = &bench->cli->error;
	const struct mig_figure *stopped = stopped_of(&bench->run);
	const char *name = bench->session.record.name;
	struct mig_summary summary;

	if (record->budget < 0)
		return;
	if (!stopped || !mig_summarize(stopped->ns, stopped->n, &summary)) {
		mig_error_set(error, MIG_KIND_CHECK_FAILED, 0,
			      "%s: the time stopped could not be measured: %s", name,
			      bench->run.no_save[0] ? bench->run.no_save : "no save was made");
		return;
	}
	record->judged = true;
	record->over = (double)summary.median / 1e6 > record->budget;
	if (!record->over)
		return;
	mig_error_set(error, MIG_KIND_CHECK_FAILED, 0,
		      "%s stands still for %.3f ms (median of %zu), the budget is %g ms", name,
		      (double)summary.median / 1e6, stopped->n, record->budget);
	mig_error_hint(
		error, "%s",
		bench->run.precopy
			? "save --phases shows where the time goes"
			: "without pre-copy all of the state is moved while it stands still");
}

static void take(struct bench *bench, int ret)
{
	struct mig_bench_record *record = &bench->record;
	const struct mig_bench *run = &bench->run;

	record->figures = &run->figures;
	record->cycles = run->cycles;
	record->usec = run->usec;
	record->precopy = run->precopy && !record->read_only;
	record->was_reset = run->reset;
	record->no_save = run->no_save;
	record->no_restore = run->no_restore;
	record->base.seen = run->seen;
	record->base.state = run->last;
	record->interrupted = cli_interrupted && ret == -EINTR;
	if (!ret && record->read_only)
		cli_session_blame_state(&bench->session, run->last);
	else if (!ret)
		judge(bench);
	if (bench->cli->error.kind != MIG_KIND_FAULTED || record->read_only)
		return;
	cli_fallout_collect(&bench->fallout, &bench->session, &bench->snap, run->err,
			    &record->base);
	record->fallout = &bench->fallout.record;
}

static void work(struct bench *bench)
{
	struct cli *cli = bench->cli;
	struct cli_session *session = &bench->session;
	struct mig_bench_record *record = &bench->record;
	const struct mig_bench_options how = options_of(cli);
	int ret = cli_session_open(session, cli, cli->words[0]);

	if (ret)
		return;
	if (session->via == CLI_VIA_DEBUGFS) {
		mig_error_set(&cli->error, MIG_KIND_FAILED, EPERM,
			      "%s is only seen by debugfs, which is not what takes its time",
			      session->record.name);
		return;
	}
	record->base.protocol = session->port.proto->id;
	record->caps = session->port.caps;
	mig_sys_stay_awake(session->real);
	ret = cli_fallout_begin(&bench->snap, session, !how.read_only);
	if (!ret) {
		ret = mig_bench_run(&bench->run, &session->port, &how, &cli_interrupted,
				    &cli->error);
		take(bench, ret);
	}
	cli_fallout_end(&bench->snap, session);
}

static void note_end(const struct bench *bench)
{
	const struct mig_bench_record *record = &bench->record;
	const struct cli *cli = bench->cli;

	if (record->interrupted)
		cli_note(cli, "what was measured in %u of %u cycles is reported", record->cycles,
			 record->wanted);
	else if (record->figures && cli->error.kind == MIG_KIND_OK &&
		 record->cycles < record->wanted)
		cli_note(cli, "ended after %u of %u cycles: --seconds", record->cycles,
			 record->wanted);
	/* Where it was reset for an error, that says so. */
	if (record->was_reset && (cli->error.kind == MIG_KIND_OK || record->judged))
		cli_note(cli,
			 "%s was reset on the way: a driver that refuses a way back leaves "
			 "no other",
			 bench->session.record.name);
}

static int end(struct bench *bench)
{
	const struct mig_style out = cli_stdout(bench->cli);
	struct mig_bench_record *record = &bench->record;
	struct cli *cli = bench->cli;
	int status;

	cli_session_close(&bench->session);
	record->base.head = cli_session_head(&bench->session);
	cli->signal = cli_interrupted;
	if (cli->options.json)
		cli_printed(cli, mig_json_bench(&out, record));
	else if (cli->options.bench.csv && record->figures)
		mig_csv_bench(&out, record);
	else if (!cli->options.bench.csv)
		mig_text_bench(&out, record);
	status = cli_end(cli, record->base.head.stuck);
	fflush(stdout);
	note_end(bench);
	cli_fallout_clear(&bench->fallout);
	mig_bench_clear(&bench->run);
	return status;
}

static int run(struct cli *cli)
{
	struct bench bench = { .cli = cli };

	bench.session.cli = cli;
	cli_fallout_init(&bench.snap);
	if (!uname(&bench.machine))
		bench.record.kernel = bench.machine.release;
	bench.record.read_only = cli->options.bench.read_only;
	bench.record.wanted = cli->options.bench.cycles;
	bench.record.budget = cli->options.bench.budget;
	bench.record.utf8 = cli_utf8();
	if (check_options(cli))
		return end(&bench);
	if (cli->options.bench.compare)
		return cli_bench_compare(cli);
	cli_interrupt_catch();
	work(&bench);
	return end(&bench);
}

static const int keys[] = { CLI_KEY_CYCLES,
			    CLI_KEY_SECONDS,
			    CLI_KEY_CHUNK,
			    CLI_KEY_NO_PRECOPY,
			    CLI_KEY_PRECOPY_UNTIL,
			    CLI_KEY_NO_RESTORE,
			    CLI_KEY_READ_ONLY,
			    CLI_KEY_ATTACH,
			    CLI_KEY_BUDGET,
			    CLI_KEY_CSV,
			    CLI_KEY_COMPARE,
			    CLI_KEY_MARGIN,
			    CLI_KEY_RESET_ON_ERROR,
			    CLI_KEY_VF_TOKEN,
			    0 };

const struct cli_command cli_cmd_bench = {
	.name = "bench",
	.args = "DEVICE|A.json B.json",
	.summary = "Measures how long arcs, saves and restores take",
	.touches = "changes",
	.detail = "Each cycle passes every arc of the device's table, saves its state and loads "
		  "that again; the times are those of the driver's calls. The device is left "
		  "running, as it has to be found.",
	.min = 1,
	.max = 2,
	.words = { CLI_WORD_DEVICE, CLI_WORD_FILE },
	.keys = keys,
	.run = run,
};
