// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "migctl/netlink_devlink.h"
#include "migctl/netlink_route.h"

/* Those with a size; the others say no more than that there are none. */
static void add_regions(struct cli_session *session, struct mig_show_record *record,
			struct mig_region_record *regions)
{
	struct mig_region region;
	struct mig_error ignored;

	for (uint32_t i = 0; i < session->device.num_regions && i < MIG_REGIONS_MAX; i++) {
		int ret = mig_region_read(&session->device, i, &region, &ignored);

		if (ret && ret != -EINVAL && !mig_sys_is_stuck(session->sys))
			region = (struct mig_region){ .broken = "its information cannot be read" };
		else if (ret || !region.size)
			continue;
		regions[record->region_count++] = (struct mig_region_record){
			.index = i,
			.size = region.size,
			.read = region.read,
			.write = region.write,
			.mmap = region.mmap,
			.typed = region.typed,
			.type = region.type,
			.subtype = region.subtype,
			.areas = region.areas,
			.migration = record->base.protocol == MIG_PROTOCOL_V1 &&
				     session->port.region.index == i,
			.broken = region.broken,
		};
	}
	record->regions = regions;
}

static void add_next(struct mig_show_record *record)
{
	const struct mig_rules rules = { .protocol = record->base.protocol,
					 .table = MIG_TABLE_REVIEWED,
					 .caps = record->caps };
	struct mig_ruling ruling;

	for (int to = 0; to < MIG_STATE_COUNT; to++) {
		mig_rule(&rules, record->base.state.state, (enum mig_state)to, &ruling);
		if (ruling.allowed && ruling.route.count == 1)
			record->next[record->next_count++] = (enum mig_state)to;
	}
}

static void add_migration(struct cli_session *session, struct mig_show_record *record)
{
	struct mig_error ignored;
	struct mig_port *port = &session->port;
	struct mig_precopy precopy;

	record->caps = port->caps;
	if (cli_session_read(session, &record->base))
		return;
	record->state_only = session->via == CLI_VIA_DEBUGFS;
	if (record->state_only) {
		cli_session_blame_state(session, record->base.state);
		return;
	}
	add_next(record);
	cli_session_note_first(session, record->base.state);
	cli_session_blame_state(session, record->base.state);
	record->size_known = !port->proto->size(port, &record->data_size, &ignored);
	record->dma_logging = mig_port_dma_logging(port);
	record->precopy_known = !mig_port_precopy(port, &precopy, &ignored);
	if (record->precopy_known) {
		record->initial_bytes = precopy.initial_bytes;
		record->dirty_bytes = precopy.dirty_bytes;
	}
}

/* Whether a VF has a NIC's facts is asked; that they cannot be had is worth a note at most. */
static void add_nic(struct cli_session *session, struct mig_show_record *record,
		    struct mig_nic_record *nic)
{
	struct cli *cli = session->cli;
	struct mig_error error;

	if (!session->found)
		return;
	mig_target_describe(&session->target);
	if (!session->target.is_vf)
		return;
	if (!mig_route_read_nic(&cli->host, &session->target, nic, &error)) {
		record->nic = nic;
		/* sysfs does not know the names of other namespaces. */
		session->record.pf_netdev = nic->pf_netdev;
		session->record.vf = nic->vf;
	} else if (error.kind == MIG_KIND_USAGE && cli->error.kind == MIG_KIND_OK)
		cli->error = error;
	else if (cli->options.verbose || error.kind != MIG_KIND_NO_DEVICE)
		cli_note(cli, "nothing is known of it as a NIC: %s", error.text);
}

static int run(struct cli *cli)
{
	struct mig_nic_record nic;
	struct mig_show_record record = { .dma_logging = -1, .reset_supported = -1 };
	struct mig_region_record *regions = calloc(MIG_REGIONS_MAX, sizeof(*regions));
	struct cli_session session;
	struct mig_devlink devlink;
	struct mig_error ignored;
	int ret = cli_session_open(&session, cli, cli->words[0]);

	if (!ret)
		add_migration(&session, &record);
	add_nic(&session, &record, &nic);
	/* A device without migration has facts as well. */
	if (session.opened && !mig_device_info(&session.device, &ignored)) {
		record.reset_supported = mig_device_can_reset(&session.device);
		if (regions)
			add_regions(&session, &record, regions);
	}
	if (session.opened && mig_sys_is_stuck(session.sys) && cli->error.kind != MIG_KIND_TIMEOUT)
		mig_sys_error(session.sys, &cli->error, MIG_KIND_FAILED, -ETIMEDOUT, "show %s",
			      session.record.name);
	if (session.found && !mig_devlink_read(&cli->host, &session.target, &devlink, &ignored))
		record.devlink = &devlink;
	ret = cli_session_end(&session, &record, &record.base.head, mig_json_show, mig_text_show);
	free(regions);
	return ret;
}

static const int keys[] = { CLI_KEY_ATTACH, CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_show = {
	.name = "show",
	.args = "DEVICE",
	.summary = "Protocol, capabilities, regions, state, next states",
	.touches = "opens",
	.min = 1,
	.max = 1,
	.words = { CLI_WORD_DEVICE },
	.keys = keys,
	.describes = true,
	.reads = true,
	.run = run,
};
