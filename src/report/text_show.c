// SPDX-License-Identifier: GPL-2.0-or-later
/* What is: show and list. */
#include <inttypes.h>
#include <string.h>

#include "text.h"

static void print_region(const struct mig_style *style, const struct mig_region_record *region)
{
	fprintf(style->out, "  region %-6u %" PRIu64 " bytes, %s%s%s", region->index, region->size,
		region->read ? "r" : "-", region->write ? "w" : "-", region->mmap ? "m" : "-");
	if (region->typed)
		fprintf(style->out, ", type %u/%u", region->type, region->subtype);
	if (region->migration)
		fprintf(style->out, ", the migration region");
	if (region->areas)
		fprintf(style->out, ", %zu mmap area%s", region->areas,
			region->areas == 1 ? "" : "s");
	if (region->broken)
		fprintf(style->out, "; %s", region->broken);
	fputc('\n', style->out);
}

static void print_caps(const struct mig_style *style, const struct mig_show_record *record)
{
	fprintf(style->out, "  capabilities ");
	text_caps(style->out, record->caps);
	if (record->base.protocol == MIG_PROTOCOL_V1)
		fprintf(style->out, " (of the protocol; v1 drivers announce none)");
	fputc('\n', style->out);
}

static void print_device(const struct mig_style *style, const struct mig_device_record *device)
{
	char text[TEXT_SIZE];

	fprintf(style->out, "  bus           %s\n", text_of(text, device->bus));
	fprintf(style->out, "  driver        %s\n", text_of(text, device->driver));
	if (device->group >= 0)
		fprintf(style->out, "  IOMMU group   %d\n", device->group);
	if (device->cdev)
		fprintf(style->out, "  cdev          %s\n", text_of(text, device->cdev));
	if (device->pf_netdev)
		fprintf(style->out, "  NIC           %s/vf%d\n", text_of(text, device->pf_netdev),
			device->vf);
}

static void print_via(const struct mig_style *style, const struct mig_via_record *via)
{
	const struct mig_holder_record *holder = &via->holder;
	char text[TEXT_SIZE];

	if (!strcmp(via->how, "debugfs")) {
		fprintf(style->out, "  seen by       debugfs, which shows the state alone\n");
		return;
	}
	fprintf(style->out, "  seen through  process %d (%s)", holder->pid,
		text_of(text, holder->comm));
	if (holder->vm)
		fprintf(style->out, ", VM %s", text_of(text, holder->vm));
	fputc('\n', style->out);
}

static void print_migration(const struct mig_style *style, const struct mig_show_record *record)
{
	print_caps(style, record);
	if (record->size_known)
		fprintf(style->out, "  data size     %" PRIu64 " bytes\n", record->data_size);
	else
		fprintf(style->out, "  data size     unknown\n");
	if (record->precopy_known)
		fprintf(style->out,
			"  pre-copy      %" PRIu64 " initial, %" PRIu64 " dirty bytes\n",
			record->initial_bytes, record->dirty_bytes);
	fprintf(style->out, "  DMA logging   %s\n", text_yes_no(record->dma_logging));
	if (!record->base.seen)
		return;
	fprintf(style->out, "  next         ");
	for (size_t i = 0; i < record->next_count; i++)
		fprintf(style->out, " %s", mig_state_name(record->next[i]));
	fprintf(style->out, "%s\n", record->next_count ? "" : " none but by reset");
}

void mig_text_show(const struct mig_style *style, const struct mig_show_record *record)
{
	const struct mig_state_record *base = &record->base;
	bool migratable = base->protocol != MIG_PROTOCOL_NONE;
	char text[TEXT_SIZE], state[MIG_STATE_TEXT];

	if (!base->head.device)
		return;
	fprintf(style->out, "%s: ", text_of(text, base->head.device->name));
	if (!migratable)
		text_verdict(style, TEXT_BAD, "no migration interface");
	else if (!base->seen)
		text_verdict(style, TEXT_BAD, "state unknown");
	else
		text_verdict(style,
			     base->state.state == MIG_STATE_RUNNING ? TEXT_GOOD
			     : base->state.state == MIG_STATE_ERROR ? TEXT_BAD
								    : TEXT_MIDDLING,
			     mig_reading_name(base->state, state));
	if (migratable)
		fprintf(style->out, " (%s)", mig_protocol_name(base->protocol));
	fputc('\n', style->out);
	print_device(style, base->head.device);
	if (base->head.via)
		print_via(style, base->head.via);
	if (record->nic)
		text_nic(style, record->nic);
	if (record->state_only)
		return;
	if (migratable)
		print_migration(style, record);
	fprintf(style->out, "  reset         %s\n", text_yes_no(record->reset_supported));
	for (size_t i = 0; i < record->region_count; i++)
		print_region(style, &record->regions[i]);
	text_devlink(style, record->devlink, base->head.device->name);
}

enum {
	COLUMNS = 8
};

/* One cell, escaped and cut: a name of 250 bytes must not break the table. */
static void cell(const struct mig_list_record *record, int column, char text[64])
{
	const struct mig_device_record *device = &record->device;
	const char *from = NULL;
	char made[64];

	switch (column) {
	case 0:
		from = device->name;
		break;
	case 1:
		from = device->driver;
		break;
	case 2:
		if (device->group >= 0) {
			snprintf(made, sizeof(made), "%d", device->group);
			from = made;
		}
		break;
	case 3:
		from = device->cdev;
		break;
	case 4:
		from = mig_migration_name(record->migration);
		break;
	case 5:
		if (record->held) {
			const struct mig_holder_record *holder = &record->holder;
			const char *of = holder->vm ? holder->vm : holder->container;

			snprintf(made, sizeof(made), "%d %.20s%s%.28s%s", holder->pid,
				 holder->comm ? holder->comm : "", of ? " (" : "", of ? of : "",
				 of ? ")" : "");
			from = made;
		}
		break;
	case 6:
		if (device->pf_netdev) {
			snprintf(made, sizeof(made), "%.40s/vf%d", device->pf_netdev, device->vf);
			from = made;
		}
		break;
	default:
		if (record->model || record->vendor) {
			snprintf(made, sizeof(made), "%.30s%s%.30s",
				 record->vendor ? record->vendor : "",
				 record->vendor && record->model ? " " : "",
				 record->model ? record->model : "");
			from = made;
		}
	}
	if (from && *from)
		mig_escape(text, 64, from);
	else
		strcpy(text, "-");
}

void mig_text_list(const struct mig_style *style, const struct mig_list_record *records,
		   size_t count)
{
	static const char *const titles[COLUMNS] = { "DEVICE",    "DRIVER", "GROUP", "CDEV",
						     "MIGRATION", "HOLDER", "NIC",   "MODEL" };
	int width[COLUMNS];
	char text[64];

	for (int c = 0; c < COLUMNS; c++) {
		width[c] = (int)strlen(titles[c]);
		for (size_t i = 0; i < count; i++) {
			cell(&records[i], c, text);
			if ((int)strlen(text) > width[c])
				width[c] = (int)strlen(text);
		}
	}
	for (int c = 0; c < COLUMNS; c++)
		fprintf(style->out, "%-*s%s", c == COLUMNS - 1 ? 0 : width[c], titles[c],
			c == COLUMNS - 1 ? "\n" : "  ");
	for (size_t i = 0; i < count; i++) {
		for (int c = 0; c < COLUMNS; c++) {
			cell(&records[i], c, text);
			fprintf(style->out, "%-*s%s", c == COLUMNS - 1 ? 0 : width[c], text,
				c == COLUMNS - 1 ? "\n" : "  ");
		}
	}
}
