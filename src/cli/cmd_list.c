// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "migctl/holder.h"
#include "migctl/inventory.h"
#include "migctl/names.h"

#define NAME_SIZE 128

struct row {
	char vendor[NAME_SIZE];
	char model[NAME_SIZE];
};

/*
 * What can be known of migratability without opening: vfio-pci never
 * migrates; VFIO's debugfs has a folder "migration" for what speaks v2.
 */
static enum mig_migration migration_of(const struct mig_host *host, const struct mig_target *target)
{
	char path[MIG_PATH_SIZE];

	if (!target->vfio_bound || !strcmp(target->driver, "vfio-pci"))
		return target->vfio_bound ? MIG_MIGRATION_NONE : MIG_MIGRATION_UNKNOWN;
	if (!mig_path(path, "%s/kernel/debug/vfio/%s/migration", host->sysfs, target->name) &&
	    mig_sysfs_exists(path))
		return MIG_MIGRATION_V2;
	return MIG_MIGRATION_UNKNOWN;
}

static void fill(struct mig_list_record *record, struct row *row, struct mig_target *target,
		 struct mig_names *names, const struct mig_holders *holders)
{
	const struct mig_holder *holder;

	mig_target_describe(target);
	cli_record_device(target, &record->device);
	record->vendor = mig_names_vendor(names, target, row->vendor, sizeof(row->vendor));
	record->model = mig_names_device(names, target, row->model, sizeof(row->model));
	record->migration = migration_of(&mig_host_default, target);
	holder = mig_holders_find(holders, target);
	record->held = holder;
	if (holder) {
		cli_record_holder(holder, &record->holder);
	}
}

static int print(struct cli *cli, struct mig_inventory *inventory,
		 const struct mig_holders *holders)
{
	struct mig_head_record head = { .command = cli->command->name };
	struct mig_list_record *records = calloc(inventory->count + 1, sizeof(*records));
	struct row *rows = calloc(inventory->count + 1, sizeof(*rows));
	struct mig_names *names = mig_names_open();
	struct mig_style out = cli_stdout(cli);
	int ret = 0;

	if (!records || !rows)
		ret = mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	for (size_t i = 0; !ret && i < inventory->count; i++)
		fill(&records[i], &rows[i], &inventory->targets[i], names, holders);
	head.error = ret ? &cli->error : NULL;
	if (cli->options.json)
		cli_printed(cli, mig_json_list(&out, &head, records, ret ? 0 : inventory->count));
	else if (!ret && inventory->count)
		mig_text_list(&out, records, inventory->count);
	mig_names_close(names);
	free(records);
	free(rows);
	return ret;
}

static int run(struct cli *cli)
{
	struct mig_head_record head = { .command = cli->command->name, .error = &cli->error };
	struct mig_style out = cli_stdout(cli);
	struct mig_inventory inventory;
	struct mig_holders holders;

	if (mig_inventory_read(&mig_host_default, cli->options.all, &inventory, &cli->error)) {
		if (cli->options.json)
			cli_printed(cli, mig_json_list(&out, &head, NULL, 0));
		return cli_end(cli, NULL);
	}
	mig_holders_scan(&mig_host_default, NULL, &holders);
	print(cli, &inventory, &holders);
	if (!inventory.count && cli->error.kind == MIG_KIND_OK)
		cli_note(cli, "no device is bound to a VFIO driver%s",
			 cli->options.all ? ", and no PCI device could be"
					  : "; --all lists those "
					    "that could be");
	else if (holders.incomplete && (geteuid() || cli->options.verbose))
		cli_note(cli, "some processes hide what they have open: a holder may be missing; "
			      "root sees all");
	mig_holders_clear(&holders);
	mig_inventory_clear(&inventory);
	return cli_end(cli, NULL);
}

static const int keys[] = { CLI_KEY_ALL, 0 };

const struct cli_command cli_cmd_list = {
	.name = "list",
	.args = "",
	.summary = "The devices bound to VFIO, and who holds them",
	.touches = "does not touch",
	.min = 0,
	.max = 0,
	.keys = keys,
	.run = run,
};
