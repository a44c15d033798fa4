// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "dirty.h"
#include "migctl/logging.h"
#include "migctl/tracking.h"

/* Of a report, without --all: a page of a terminal. */
#define RUNS_KEPT 20
#define RATE_SECONDS 10
#define SAMPLES_MAX 1000000

/* Those of 4 KiB are asked of a log that was started before: a driver repeats bits as needed. */
static uint64_t report_grain(const struct dirty *dirty, const struct mig_dirty_step *step)
{
	uint64_t asked = dirty->cli->options.page_size;

	if (!dirty->grain)
		return asked ? asked : MIG_DIRTY_PAGE_MIN;
	return mig_dirty_grain(step->ranges, step->count, dirty->grain);
}

static int probe(struct dirty *dirty)
{
	struct cli_session *session = &dirty->session;
	struct mig_dirty_record *record = &dirty->record;
	struct mig_error *error = &dirty->cli->error;

	mig_tracking_container(&session->device, &record->container);
	if (!mig_sys_is_stuck(session->sys))
		mig_tracking_iommufd(&session->device, &record->iommufd);
	if (mig_sys_is_stuck(session->sys))
		return mig_sys_error(session->sys, error, MIG_KIND_FAILED, -ETIMEDOUT,
				     "asking what tracks the dirty pages of %s",
				     session->record.name);
	record->probed = true;
	if (record->logging)
		return 0;
	mig_error_set(error, MIG_KIND_NO_MIGRATION, ENOTTY, "the driver of %s does not log DMA",
		      session->record.name);
	mig_error_hint(error, "nothing to mend there: of the kernel's drivers those with a device "
			      "that tracks do, as mlx5_vfio_pci and pds_vfio_pci");
	return -ENOTTY;
}

static int start(struct dirty *dirty, struct mig_dirty_step *step)
{
	int ret;

	step->page_size = dirty->cli->options.page_size;
	ret = mig_logging_begin(&dirty->session.device, step->ranges, step->count, &step->page_size,
				&step->asked, &dirty->cli->error);
	if (ret)
		return ret;
	dirty->logs = true;
	/* Some devices see less than a page of the report; the kernel tells no less. */
	dirty->grain = step->page_size < MIG_DIRTY_PAGE_MIN ? MIG_DIRTY_PAGE_MIN : step->page_size;
	return 0;
}

static int stop(struct dirty *dirty)
{
	dirty->logs = false;
	return mig_logging_stop(&dirty->session.device, &dirty->cli->error);
}

static int report(struct dirty *dirty, struct mig_dirty_step *step)
{
	struct mig_device *device = &dirty->session.device;
	struct mig_error *error = &dirty->cli->error;
	struct mig_logging_bitmap bitmap;
	int ret;

	step->dirty = calloc(step->count, sizeof(*step->dirty));
	if (!step->dirty)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	for (size_t i = 0; i < step->count; i++)
		mig_dirty_init(&step->dirty[i], dirty->cli->options.all ? SIZE_MAX : RUNS_KEPT);
	step->grain = report_grain(dirty, step);
	ret = mig_logging_bitmap_init(&bitmap, error);
	if (ret)
		return ret;
	for (size_t i = 0; i < step->count && !ret; i++)
		ret = mig_logging_read(device, &bitmap, &step->ranges[i], step->grain,
				       &cli_interrupted, &step->dirty[i], error);
	mig_logging_bitmap_clear(&bitmap, device->sys);
	return ret;
}

static int rate(struct dirty *dirty, struct mig_dirty_step *step)
{
	const struct cli_options *options = &dirty->cli->options;
	struct mig_logging_watch watch = { .ranges = step->ranges,
					   .count = step->count,
					   .seconds = options->for_seconds,
					   .interval = options->look_interval };
	int ret;

	if (watch.seconds <= 0)
		watch.seconds = RATE_SECONDS;
	if (watch.interval <= 0)
		watch.interval = watch.seconds < 10 ? watch.seconds / 10 : 1;
	if (watch.seconds / watch.interval > SAMPLES_MAX)
		return mig_error_set(&dirty->cli->error, MIG_KIND_USAGE, EINVAL,
				     "%g s at an interval of %g s are more than %d samples",
				     watch.seconds, watch.interval, SAMPLES_MAX);
	ret = start(dirty, step);
	if (ret)
		return ret;
	step->grain = watch.page_size = report_grain(dirty, step);
	ret = mig_logging_watch(&dirty->session.device, &watch, &cli_interrupted, &step->rate,
				&dirty->cli->error);
	/* What came until a signal did is worth telling; stopping is the end of every run. */
	if (ret)
		return ret;
	return stop(dirty);
}

static int act(struct dirty *dirty, struct mig_dirty_step *step)
{
	switch (step->action) {
	case MIG_DIRTY_PROBE:
		return probe(dirty);
	case MIG_DIRTY_START:
		return start(dirty, step);
	case MIG_DIRTY_REPORT:
		return report(dirty, step);
	case MIG_DIRTY_STOP:
		return stop(dirty);
	case MIG_DIRTY_RATE:
		return rate(dirty, step);
	}
	return 0;
}

static int act_all(struct dirty *dirty)
{
	int ret = 0;

	for (size_t i = 0; i < dirty->count && !ret; i++) {
		struct mig_dirty_step *step = &dirty->steps[i];

		if (cli_interrupted)
			return mig_error_set(&dirty->cli->error, MIG_KIND_FAILED, EINTR,
					     "interrupted before %s of %s",
					     mig_dirty_action_name(step->action),
					     dirty->session.record.name);
		ret = act(dirty, step);
		step->done = !ret;
	}
	return ret;
}

static int refuse(struct dirty *dirty)
{
	const char *name = dirty->session.record.name;
	struct mig_error *error = &dirty->cli->error;

	mig_error_set(error, MIG_KIND_REFUSED, ENOENT,
		      "a DMA log is lost when the device is closed, and no hold has %s open: "
		      "nothing was asked",
		      name);
	mig_error_hint(error,
		       "hold it between the commands: vfio-migctl hold %s --detach; or name all in "
		       "one: dirty %s start RANGE... report stop",
		       name, name);
	return -ENOENT;
}

/* A device can log without a migration interface. */
static int enter(struct dirty *dirty)
{
	struct cli_session *session = &dirty->session;
	struct mig_error *error = &dirty->cli->error;
	int ret;

	if (!dirty->needs_hold)
		ret = cli_session_enter(session);
	else
		ret = cli_session_enter_held(session);
	if (ret == -ENOENT && error->kind == MIG_KIND_OK)
		return refuse(dirty);
	if (ret && (error->kind != MIG_KIND_NO_MIGRATION || !session->opened))
		return ret;
	error->kind = MIG_KIND_OK;
	error->cause = MIG_CAUSE_NONE;
	ret = mig_port_dma_logging(&session->port);
	dirty->record.logging = ret < 0 ? -1 : ret;
	if (mig_sys_is_stuck(session->sys))
		return mig_sys_error(session->sys, error, MIG_KIND_FAILED, ret,
				     "asking whether %s logs DMA", session->record.name);
	return 0;
}

static void work(struct dirty *dirty)
{
	struct cli_session *session = &dirty->session;
	struct mig_error why;
	int ret = cli_session_find(session, dirty->cli, dirty->cli->words[0]);

	if (ret || enter(dirty))
		return;
	ret = act_all(dirty);
	/* As it was found: what went wrong, or came between, leaves no log behind. */
	if (!dirty->logs || (!ret && session->via != CLI_VIA_OPEN) ||
	    mig_sys_is_stuck(session->sys))
		return;
	dirty->logs = false;
	if (mig_logging_stop(&session->device, &why) && (!ret || why.kind == MIG_KIND_TIMEOUT))
		dirty->cli->error = why;
}

static int run(struct cli *cli)
{
	struct mig_style out = cli_stdout(cli);
	struct dirty *dirty = calloc(1, sizeof(*dirty));
	struct mig_dirty_record *record;
	int status;

	if (!dirty) {
		mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
		return cli_end(cli, NULL);
	}
	dirty->cli = dirty->session.cli = cli;
	record = &dirty->record;
	record->logging = -1;
	record->all = cli->options.all;
	cli_interrupt_catch();
	if (!dirty_parse(dirty))
		work(dirty);
	cli_session_close(&dirty->session);
	cli->signal = cli_interrupted;
	record->head = cli_session_head(&dirty->session);
	record->steps = dirty->steps;
	record->count = dirty->count;
	record->utf8 = cli_utf8();
	if (cli->options.json)
		cli_printed(cli, mig_json_dirty(&out, record));
	else
		mig_text_dirty(&out, record);
	status = cli_end(cli, record->head.stuck);
	for (size_t i = 0; i < dirty->count; i++) {
		for (size_t at = 0; dirty->steps[i].dirty && at < dirty->steps[i].count; at++)
			mig_dirty_clear(&dirty->steps[i].dirty[at]);
		free(dirty->steps[i].dirty);
		mig_dirty_rate_clear(&dirty->steps[i].rate);
	}
	free(dirty->ranges);
	free(dirty);
	return status;
}

static const int keys[] = { CLI_KEY_PAGE_SIZE, CLI_KEY_FOR_SECONDS, CLI_KEY_LOOK_INTERVAL,
			    CLI_KEY_ALL_RUNS,  CLI_KEY_VF_TOKEN,    0 };

const struct cli_command cli_cmd_dirty = {
	.name = "dirty",
	.args = "DEVICE [ACTION [RANGE...]]...",
	.summary = "DMA logging: which pages the device writes",
	.touches = "changes",
	.detail = "An ACTION is start RANGE..., report [RANGE...], stop, rate RANGE... or probe "
		  "(also "
		  "without a word: what can track). A RANGE is IOVA+LENGTH or IOVA-END, END being "
		  "the first address behind it: 0x100000+64K, 0-4G; several with commas. A report "
		  "takes what it tells: the device forgets those pages, and whoever else relies on "
		  "the log does not hear of them. The log is lost when the device is closed: name "
		  "the actions in one command, or have the device open by `vfio-migctl hold`.",
	.min = 1,
	.max = CLI_WORDS_MAX,
	.words = { CLI_WORD_DEVICE, CLI_WORD_LOGGING },
	.keys = keys,
	.run = run,
};
