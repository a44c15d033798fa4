// SPDX-License-Identifier: GPL-2.0-or-later
/* State on its way: save, restore, inspect. */
#include "text.h"

#define LABEL "  %-13s "

static void print_time(FILE *out, uint64_t usec)
{
	if (usec < 1000)
		fprintf(out, "%llu us", (unsigned long long)usec);
	else if (usec < 1000000)
		fprintf(out, "%.1f ms", (double)usec / 1e3);
	else
		fprintf(out, "%.3f s", (double)usec / 1e6);
}

/* Exact, and in words that one can remember. */
static void print_bytes(FILE *out, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double size = (double)bytes / 1024;
	size_t unit = 0;

	fprintf(out, "%llu bytes", (unsigned long long)bytes);
	if (bytes < 1024)
		return;
	for (; size >= 1024 && unit < 5; unit++)
		size /= 1024;
	fprintf(out, " (%.1f %s)", size, units[unit]);
}

static void print_chunks(FILE *out, uint64_t chunks)
{
	fprintf(out, " in %llu chunk%s", (unsigned long long)chunks, chunks == 1 ? "" : "s");
}

static void print_times(const struct mig_style *style, const struct mig_move_record *record)
{
	fprintf(style->out, LABEL, "time");
	print_time(style->out, record->usec);
	/* Of a small state it would be the rate of the transitions. */
	if (record->usec && record->bytes >= 1024 * 1024)
		fprintf(style->out, ", %.1f MiB/s",
			(double)record->bytes / 1.048576 / (double)record->usec);
	if (record->restored) {
		fprintf(style->out, "; the load took ");
		print_time(style->out, record->load_usec);
	} else if (record->stop_usec) {
		fprintf(style->out, "; the device stood still for ");
		print_time(style->out, record->stop_usec);
	}
	fputc('\n', style->out);
	if (record->precopy_rounds)
		fprintf(style->out, LABEL "%llu of pre-copy\n", "rounds",
			(unsigned long long)record->precopy_rounds);
}

#define BAR 40

/* A bar from where a phase began to where it ended, of all the phases' time. */
static void print_bar(FILE *out, uint64_t begin, uint64_t usec, uint64_t all)
{
	int from = all ? (int)(begin * BAR / all) : 0;
	int to = all ? (int)((begin + usec) * BAR / all) : 0;

	/* What took any time is seen. */
	if (to == from && from == BAR)
		from--;
	else if (to == from)
		to++;
	for (int i = 0; i < BAR; i++)
		fputc(i >= from && i < to ? '#' : '.', out);
}

static void draw_phases(const struct mig_style *style, const struct mig_phase_record *phases)
{
	uint64_t all = 0, begin = 0;

	for (int i = 0; i < MIG_PHASE_COUNT; i++)
		all += phases[i].usec;
	for (int i = 0; i < MIG_PHASE_COUNT; i++) {
		if (!phases[i].entered)
			continue;
		fprintf(style->out, LABEL, mig_phase_name((enum mig_phase)i));
		print_bar(style->out, begin, phases[i].usec, all);
		fputs("  ", style->out);
		print_time(style->out, phases[i].usec);
		if (phases[i].bytes) {
			fputs(", ", style->out);
			print_bytes(style->out, phases[i].bytes);
		}
		fputc('\n', style->out);
		begin += phases[i].usec;
	}
}

static void print_phases(const struct mig_style *style, const struct mig_phase_record *phases)
{
	const char *comma = "";

	fprintf(style->out, LABEL, "phases");
	for (int i = 0; i < MIG_PHASE_COUNT; i++) {
		if (!phases[i].entered)
			continue;
		fprintf(style->out, "%s%s ", comma, mig_phase_name((enum mig_phase)i));
		print_time(style->out, phases[i].usec);
		comma = ", ";
	}
	fputc('\n', style->out);
}

void mig_text_move(const struct mig_style *style, const struct mig_move_record *record)
{
	const struct mig_state_record *base = &record->base;
	char name[TEXT_SIZE], text[MIG_STATE_TEXT];

	if (record->moved && record->digest) {
		text_verdict(style, TEXT_GOOD, record->restored ? "restored" : "saved");
		fprintf(style->out, ": %s, ", text_of(name, base->head.device->name));
		print_bytes(style->out, record->bytes);
		print_chunks(style->out, record->chunks);
		fprintf(style->out, " (%s), %s %s\n", mig_protocol_name(base->protocol),
			record->restored ? "from" : "to", text_of(name, record->path));
		fprintf(style->out, LABEL "%s\n", "digest", record->digest);
		print_times(style, record);
		if (record->bars)
			draw_phases(style, record->phases);
		else
			print_phases(style, record->phases);
		fprintf(style->out, LABEL "%s\n", "state",
			base->seen ? mig_reading_name(base->state, text) : "unknown");
	}
	if (record->fallout)
		text_fallout(style, record->fallout);
}

static void print_known(const struct mig_style *style, const char *label, const char *text)
{
	char buffer[TEXT_SIZE];

	if (*text)
		fprintf(style->out, LABEL "%s\n", label, text_of(buffer, text));
}

static void print_ids(const struct mig_style *style, const struct mig_saved_meta *meta)
{
	char vendor[TEXT_SIZE], device[TEXT_SIZE];

	if (!meta->vendor[0])
		return;
	fprintf(style->out, LABEL "%s:%s", "device id", text_of(vendor, meta->vendor),
		text_of(device, meta->device));
	if (meta->subsystem_vendor[0])
		fprintf(style->out, ", subsystem %s:%s", text_of(vendor, meta->subsystem_vendor),
			text_of(device, meta->subsystem_device));
	fputc('\n', style->out);
}

static void print_meta(const struct mig_style *style, const struct mig_saved_meta *meta)
{
	print_known(style, "device", meta->name);
	print_ids(style, meta);
	print_known(style, "bus", meta->bus);
	print_known(style, "driver", meta->driver);
	fprintf(style->out, LABEL "%s,", "protocol", mig_protocol_name(meta->protocol));
	text_caps(style->out, meta->caps);
	fputc('\n', style->out);
	print_known(style, "firmware", meta->firmware_version);
	print_known(style, "psid", meta->firmware_psid);
	print_known(style, "saved at", meta->saved_at);
	print_known(style, "host", meta->host);
	print_known(style, "kernel", meta->kernel);
	print_known(style, "by version", meta->tool);
}

void mig_text_inspect(const struct mig_style *style, const struct mig_inspect_record *record)
{
	char name[TEXT_SIZE], digest[MIG_DIGEST_TEXT];

	if (!record->meta)
		return;
	text_verdict(style, record->whole ? TEXT_GOOD : TEXT_BAD,
		     record->whole    ? "whole"
		     : record->judged ? "not whole"
				      : "not read to its end");
	fprintf(style->out, ": %s, ", text_of(name, record->path));
	print_bytes(style->out, record->totals.bytes);
	print_chunks(style->out, record->totals.transactions);
	fprintf(style->out, "%s\n", record->whole ? "" : " could be read");
	if (record->target) {
		fprintf(style->out, LABEL, "fits");
		text_verdict(style, record->compatible ? TEXT_GOOD : TEXT_BAD,
			     record->compatible ? "yes" : "no");
		fprintf(style->out, ", %s", text_of(name, record->target->name));
		if (record->compatible)
			fputs(" (by bus, ids and driver; its protocol shows when it is opened)",
			      style->out);
		if (!record->compatible && record->reason)
			fprintf(style->out, ": %s", text_of(name, record->reason));
		fputc('\n', style->out);
	}
	if (record->whole)
		fprintf(style->out, LABEL "%s\n", "digest",
			mig_digest_text(record->totals.digest, digest));
	print_meta(style, record->meta);
}

void mig_text_hexdump(FILE *out, uint64_t offset, const uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size; at += 16) {
		fprintf(out, "%08llx ", (unsigned long long)(offset + at));
		for (size_t i = at; i < at + 16; i++) {
			if (i % 16 == 8)
				fputc(' ', out);
			if (i < size)
				fprintf(out, " %02x", data[i]);
			else
				fputs("   ", out);
		}
		fputs("  |", out);
		for (size_t i = at; i < size && i < at + 16; i++)
			fputc(data[i] >= 0x20 && data[i] < 0x7f ? data[i] : '.', out);
		fputs("|\n", out);
	}
}
