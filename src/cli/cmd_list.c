// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "migctl/holder.h"
#include "migctl/inventory.h"
#include "migctl/names.h"
#include "migctl/netlink_route.h"

#define NAME_SIZE 128

struct row {
	char vendor[NAME_SIZE];
	char model[NAME_SIZE];
	char pf_netdev[MIG_LINK_NAME_SIZE];
};

/* Under --netns: the last PF that was asked for, since its VFs stand together. */
struct last_pf {
	char pf[sizeof(((struct mig_target *)NULL)->pf)];
	char netdev[MIG_LINK_NAME_SIZE]; /* "": it has none there */
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

/* sysfs knows the names of our own namespace alone. */
static void name_in_netns(struct cli *cli, const struct mig_target *target, struct last_pf *last,
			  struct mig_list_record *record, struct row *row)
{
	struct mig_nic_record nic;
	struct mig_error error;

	record->device.pf_netdev = NULL;
	if (!target->is_vf || target->vf_index < 0 || cli->error.kind != MIG_KIND_OK)
		return;
	if (strcmp(last->pf, target->pf)) {
		memcpy(last->pf, target->pf, sizeof(last->pf));
		last->netdev[0] = '\0';
		if (!mig_route_read_nic(&cli->host, target, &nic, &error))
			memcpy(last->netdev, nic.pf_netdev, sizeof(last->netdev));
		else if (error.kind == MIG_KIND_USAGE)
			cli->error = error;
	}
	memcpy(row->pf_netdev, last->netdev, sizeof(row->pf_netdev));
	record->device.pf_netdev = row->pf_netdev[0] ? row->pf_netdev : NULL;
	record->device.vf = target->vf_index;
}

static void fill(struct mig_list_record *record, struct row *row, struct mig_target *target,
		 struct mig_names *names, const struct mig_holders *holders)
{
	const struct mig_holder *holder;

	cli_record_device(target, &record->device);
	record->vendor = mig_names_vendor(names, target, row->vendor, sizeof(row->vendor));
	record->model = mig_names_device(names, target, row->model, sizeof(row->model));
	record->migration = migration_of(&mig_host_default, target);
	holder = mig_holders_find(holders, target);
	record->held = holder;
	if (holder)
		cli_record_holder(holder, &record->holder);
}

static int print(struct cli *cli, struct mig_inventory *inventory,
		 const struct mig_holders *holders)
{
	struct mig_head_record head = { .command = cli->command->name };
	struct mig_list_record *records = calloc(inventory->count + 1, sizeof(*records));
	struct row *rows = calloc(inventory->count + 1, sizeof(*rows));
	struct mig_names *names = mig_names_open();
	struct mig_style out = cli_stdout(cli);
	struct last_pf last = { .pf = "" };
	int ret = 0;

	if (!records || !rows)
		ret = mig_error_set(&cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	for (size_t i = 0; !ret && i < inventory->count; i++) {
		struct mig_target *target = &inventory->targets[i];

		mig_target_describe(target);
		fill(&records[i], &rows[i], target, names, holders);
		if (cli->host.netns)
			name_in_netns(cli, target, &last, &records[i], &rows[i]);
		ret = cli->error.kind == MIG_KIND_OK ? 0 : -EINVAL;
	}
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
