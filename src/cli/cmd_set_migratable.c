// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "cli.h"
#include "migctl/netlink_devlink.h"

const char *const cli_switch_words[] = { "on", "off", NULL };

static int parse_switch(struct cli *cli, const char *word, bool *on)
{
	*on = !strcmp(word, "on");
	if (*on || !strcmp(word, "off"))
		return 0;
	return cli_unknown(&cli->error, "word", word, cli_switch_words, 2);
}

static int find(struct cli *cli, struct mig_target *target)
{
	int ret = mig_target_find(&cli->host, cli->words[0], target, &cli->error);

	if (ret)
		cli_fault_suggest(&cli->host, cli->words[0], &cli->error);
	else
		mig_target_describe(target);
	return ret;
}

/* What was written is only half of the way. */
static void note_binding(const struct cli *cli, const struct mig_target *target,
			 const struct mig_migratable_record *record)
{
	if (record->outcome != MIG_OUTCOME_ACCEPTED)
		return;
	if (target->driver[0])
		cli_note(cli, "%s stays bound to %s: it counts after the next binding",
			 target->name, target->driver);
	else if (record->devlink->migratable == MIG_MIGRATABLE_ON)
		cli_note(cli, "it counts when %s is bound to its VFIO driver, from now on",
			 target->name);
}

static int run(struct cli *cli)
{
	struct mig_migratable_record record = { .judged = false };
	struct mig_style out = cli_stdout(cli);
	struct mig_device_record device;
	struct mig_devlink devlink;
	struct mig_target target;
	bool on;

	record.head.command = cli->command->name;
	if (!parse_switch(cli, cli->words[1], &on) && !find(cli, &target)) {
		cli_record_device(&target, &device);
		record.head.device = &device;
		mig_devlink_set_migratable(&cli->host, &target, on, cli->options.force, &devlink,
					   &record.outcome, &cli->error);
		record.devlink = &devlink;
		record.judged = true;
	}
	if (cli->error.kind != MIG_KIND_OK)
		record.head.error = &cli->error;
	if (cli->options.json)
		cli_printed(cli, mig_json_migratable(&out, &record));
	else
		mig_text_migratable(&out, &record);
	if (record.judged)
		note_binding(cli, &target, &record);
	return cli_end(cli, NULL);
}

static const int keys[] = { CLI_KEY_WHILE_BOUND, 0 };

const struct cli_command cli_cmd_set_migratable = {
	.name = "set-migratable",
	.args = "DEVICE on|off",
	.summary = "Turn a VF's devlink attribute migratable on or off",
	.touches = "changes",
	.detail = "It is the PF's devlink port for the VF that is changed; the VF is not opened. "
		  "It counts when a driver binds to the VF, so it is refused while one is bound.",
	.min = 2,
	.max = 2,
	.words = { CLI_WORD_DEVICE, CLI_WORD_SWITCH },
	.keys = keys,
	.unbound = true,
	.run = run,
};
