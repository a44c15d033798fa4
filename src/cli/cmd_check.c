// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "check.h"
#include "migctl/inventory.h"
#include "migctl/netlink_devlink.h"
#include "transfer.h"

struct run {
	struct cli *cli;
	struct mig_inventory inventory; /* the devices asked about */
	struct mig_check_opened *opened;
	struct mig_devlink *devlinks; /* NULL: none of the devices could have a port */
	struct mig_check_device_record *records;
	struct mig_check_item *items; /* count for each device */
	size_t each;
	struct mig_saved_meta *metas;
	struct mig_saved_meta *against; /* of another host; NULL: not asked */
	size_t against_count;
	struct mig_stuck_record stuck;
	struct utsname machine;
	char checked_at[32];
};

static int no_memory(struct cli *cli)
{
	return mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
}

/* Those that were named, once each, in that order. */
static int find_named(struct run *run)
{
	struct cli *cli = run->cli;

	run->inventory.targets = calloc((size_t)cli->word_count, sizeof(*run->inventory.targets));
	if (!run->inventory.targets)
		return no_memory(cli);
	for (int i = 0; i < cli->word_count; i++) {
		struct mig_target *target = &run->inventory.targets[run->inventory.count];
		int ret = mig_target_find(&cli->host, cli->words[i], target, &cli->error);
		bool again = false;

		if (ret) {
			cli_fault_suggest(&cli->host, cli->words[i], &cli->error);
			return ret;
		}
		for (size_t j = 0; j < run->inventory.count; j++)
			again |= !strcmp(run->inventory.targets[j].syspath, target->syspath);
		run->inventory.count += !again;
	}
	return 0;
}

static int find(struct run *run)
{
	if (run->cli->word_count)
		return find_named(run);
	return mig_inventory_read(&run->cli->host, false, &run->inventory, &run->cli->error);
}

static int open_all(struct run *run)
{
	size_t count = run->inventory.count;

	run->opened = calloc(count + 1, sizeof(*run->opened));
	if (!run->opened)
		return no_memory(run->cli);
	for (size_t i = 0; i < count && !run->cli->stuck && !cli_interrupted; i++)
		if (run->inventory.targets[i].vfio_bound)
			cli_check_open(run->cli, &run->inventory.targets[i], &run->opened[i],
				       &run->stuck);
	return 0;
}

/* One question for each PF, whatever number of its VFs is here. */
static int ask_devlink(struct run *run)
{
	struct mig_devlinks *devlinks = NULL;
	bool any = false;

	for (size_t i = 0; i < run->inventory.count; i++) {
		mig_target_describe(&run->inventory.targets[i]);
		any |= run->inventory.targets[i].is_vf;
	}
	if (!any)
		return 0;
	run->devlinks = calloc(run->inventory.count, sizeof(*run->devlinks));
	if (!run->devlinks)
		return no_memory(run->cli);
	if (mig_devlinks_open(&run->cli->host, &devlinks, &run->cli->error))
		return -1;
	for (size_t i = 0; i < run->inventory.count; i++)
		mig_devlinks_read(devlinks, &run->inventory.targets[i], &run->devlinks[i]);
	mig_devlinks_close(devlinks);
	return 0;
}

#define SET(field, text) snprintf(field, sizeof(field), "%s", text)

static void fill_meta(const struct run *run, size_t index)
{
	struct mig_saved_meta *meta = &run->metas[index];

	cli_target_meta(&run->inventory.targets[index], meta);
	SET(meta->kernel, run->machine.release);
	if (run->devlinks) {
		SET(meta->firmware_version, run->devlinks[index].info.firmware);
		SET(meta->firmware_psid, run->devlinks[index].info.psid);
	}
	if (!run->opened || run->opened[index].error.kind != MIG_KIND_OK)
		return;
	meta->protocol = run->opened[index].protocol;
	meta->caps = run->opened[index].caps;
}

static int fill_metas(struct run *run)
{
	run->metas = calloc(run->inventory.count + 1, sizeof(*run->metas));
	if (!run->metas)
		return no_memory(run->cli);
	for (size_t i = 0; i < run->inventory.count; i++)
		fill_meta(run, i);
	return 0;
}

static int judge(struct run *run)
{
	const struct mig_check_job job = {
		.targets = run->inventory.targets,
		.opened = run->opened,
		.devlinks = run->devlinks,
		.count = run->inventory.count,
		.named = run->cli->word_count,
		.vf_token = run->cli->options.vf_token,
		.metas = run->metas,
		.against = run->against,
		.against_count = run->against_count,
	};
	size_t each = mig_checks_count(&job);
	struct mig_checks *checks = mig_checks_open(&run->cli->host, &job);
	int ret = 0;

	run->records = calloc(job.count + 1, sizeof(*run->records));
	run->each = each;
	run->items = calloc(job.count * each + 1, sizeof(*run->items));
	if (!checks || !run->records || !run->items)
		ret = -ENOMEM;
	for (size_t i = 0; !ret && i < job.count; i++) {
		struct mig_check_device_record *record = &run->records[i];

		record->items = &run->items[i * each];
		record->count = each;
		ret = mig_checks_judge(checks, i, &run->items[i * each]);
		record->verdict = mig_check_worst(record->items, each);
		cli_record_device(&run->inventory.targets[i], &record->device);
		record->meta = &run->metas[i];
	}
	mig_checks_close(checks);
	return ret ? no_memory(run->cli) : 0;
}

/* The verdict of the run: which checks failed, of one device or of how many. */
static void conclude(struct run *run)
{
	struct cli *cli = run->cli;
	size_t failed = 0, first = 0;
	char names[400] = "";

	for (size_t i = 0; i < run->inventory.count; i++) {
		if (run->records[i].verdict != MIG_CHECK_FAIL)
			continue;
		first = failed++ ? first : i;
	}
	if (!failed || cli->error.kind != MIG_KIND_OK)
		return;
	for (size_t i = 0; i < run->records[first].count; i++) {
		size_t used = strlen(names);

		if (run->records[first].items[i].verdict == MIG_CHECK_FAIL)
			snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
				 run->records[first].items[i].name);
	}
	if (run->inventory.count == 1)
		mig_error_set(&cli->error, MIG_KIND_CHECK_FAILED, 0, "%s: %s",
			      run->records[0].device.name, names);
	else
		mig_error_set(&cli->error, MIG_KIND_CHECK_FAILED, 0,
			      "%zu of %zu devices; the first, %s: %s", failed, run->inventory.count,
			      run->records[first].device.name, names);
}

static int print(struct run *run, bool judged)
{
	struct cli *cli = run->cli;
	struct mig_style out = cli_stdout(cli);
	const struct mig_check_record record = {
		.head = { .command = cli->command->name,
			  .error = cli->error.kind == MIG_KIND_OK ? NULL : &cli->error,
			  .stuck = cli->stuck ? &run->stuck : NULL },
		.host = run->machine.nodename,
		.kernel = run->machine.release,
		.checked_at = run->checked_at,
		.devices = run->records,
		.count = judged ? run->inventory.count : 0,
	};

	if (cli->options.json)
		cli_printed(cli, mig_json_check(&out, &record));
	else if (record.count)
		mig_text_check(&out, &record);
	else if (judged)
		cli_note(cli, "no device is bound to a VFIO driver; name one, to know why not");
	return cli_end(cli, record.head.stuck);
}

static int run(struct cli *cli)
{
	struct run state = { .cli = cli };
	time_t now = time(NULL);
	struct tm utc;
	bool judged;
	int status;

	uname(&state.machine);
	if (gmtime_r(&now, &utc))
		strftime(state.checked_at, sizeof(state.checked_at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (cli->options.open)
		cli_interrupt_catch();
	judged = !(cli->options.against &&
		   cli_check_against(cli, &state.against, &state.against_count)) &&
		 !find(&state) && !ask_devlink(&state) &&
		 !(cli->options.open && open_all(&state)) && !fill_metas(&state) && !judge(&state);
	if (judged)
		conclude(&state);
	cli->signal = cli_interrupted;
	status = print(&state, judged);
	if (state.items)
		mig_check_items_clear(state.items, state.inventory.count * state.each);
	free(state.items);
	free(state.records);
	free(state.metas);
	free(state.against);
	free(state.opened);
	free(state.devlinks);
	mig_inventory_clear(&state.inventory);
	return status;
}

static const int keys[] = { CLI_KEY_AGAINST, CLI_KEY_OPEN, CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_check = {
	.name = "check",
	.args = "[DEVICE...]",
	.summary = "What keeps devices from migrating, and remedies",
	.touches = "does not touch",
	.detail = "Without a DEVICE: all that are bound to VFIO. With --open it opens the devices, "
		  "too, which resets PCI devices.",
	.min = 0,
	.max = CLI_WORDS_MAX - 1,
	.words = { CLI_WORD_DEVICE, CLI_WORD_DEVICE, CLI_WORD_DEVICE },
	.keys = keys,
	.reads = true,
	.run = run,
};
