// SPDX-License-Identifier: GPL-2.0-or-later
/* What was dirty, and how fast it becomes so. */
#include "text.h"

#define LABEL "  %-13s "
#define COLUMNS 60
#define SIZE_TEXT 32

/* "4 KiB", "1.5 GiB"; no more than that, where the exact figure stands beside it. */
static const char *size_text(char text[SIZE_TEXT], double bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t unit = 0;

	for (; bytes >= 1024 && unit < 6; unit++)
		bytes /= 1024;
	if (bytes == (double)(uint64_t)bytes)
		snprintf(text, SIZE_TEXT, "%.0f %s", bytes, units[unit]);
	else
		snprintf(text, SIZE_TEXT, "%.1f %s", bytes, units[unit]);
	return text;
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void print_range(FILE *out, const struct mig_dirty_range *range)
{
	fprintf(out, "0x%llx+0x%llx", (unsigned long long)range->iova,
		(unsigned long long)range->length);
}

static void print_tracking(FILE *out, const char *label, const struct mig_tracking *tracking)
{
	char reason[TEXT_SIZE], size[SIZE_TEXT];
	const char *comma = ": pages of ";

	fprintf(out, LABEL "%s", label, mig_tracked_name(tracking->tracked));
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(tracking->page_sizes & (uint64_t)1 << bit))
			continue;
		fprintf(out, "%s%s", comma, size_text(size, (double)((uint64_t)1 << bit)));
		comma = ", ";
	}
	if (tracking->max_bitmap)
		fprintf(out, "; bitmaps of up to %s",
			size_text(size, (double)tracking->max_bitmap));
	if (tracking->reason[0])
		fprintf(out, "; %s", text_of(reason, tracking->reason));
	fputc('\n', out);
}

static void print_probe(const struct mig_style *style, const struct mig_dirty_record *record)
{
	char name[TEXT_SIZE];

	if (!record->probed)
		return;
	text_verdict(style, record->logging > 0 ? TEXT_GOOD : TEXT_MIDDLING,
		     record->logging > 0   ? "present"
		     : record->logging < 0 ? "unknown"
					   : "absent");
	fprintf(style->out, ": DMA logging by %s itself\n",
		text_of(name, record->head.device->name));
	print_tracking(style->out, "container", &record->container);
	print_tracking(style->out, "iommufd", &record->iommufd);
}

static void print_pages(FILE *out, const struct mig_dirty_step *step)
{
	char size[SIZE_TEXT], asked[SIZE_TEXT];

	fprintf(out, "pages of %s", size_text(size, (double)step->page_size));
	if (step->page_size != step->asked)
		fprintf(out, " (asked for %s)", size_text(asked, (double)step->asked));
}

static void print_start(const struct mig_style *style, const char *name,
			const struct mig_dirty_step *step)
{
	char size[SIZE_TEXT];
	double bytes = 0;

	for (size_t i = 0; i < step->count; i++)
		bytes += (double)step->ranges[i].length;
	text_verdict(style, TEXT_GOOD, "started");
	fprintf(style->out, ": %s logs what it writes to %s in %zu range%s, ", name,
		size_text(size, bytes), step->count, plural(step->count));
	print_pages(style->out, step);
	fputc('\n', style->out);
}

static void print_stray(FILE *out, uint64_t stray)
{
	if (stray)
		fprintf(out,
			LABEL "%llu bit%s set that belong to no page asked for: a defect of the "
			      "driver\n",
			"stray", (unsigned long long)stray, plural(stray));
}

static void print_runs(FILE *out, const struct mig_dirty_range *range,
		       const struct mig_dirty *dirty)
{
	fputs("  ", out);
	print_range(out, range);
	fprintf(out, "  %llu page%s, %llu bytes\n", (unsigned long long)dirty->pages,
		plural(dirty->pages), (unsigned long long)dirty->bytes);
	for (size_t i = 0; i < dirty->kept; i++) {
		fputs("    ", out);
		print_range(out, &dirty->runs[i]);
		fputc('\n', out);
	}
	if (dirty->count > dirty->kept)
		fprintf(out,
			"    and %llu more, told only with --all, and forgotten by the device\n",
			(unsigned long long)(dirty->count - dirty->kept));
}

static void print_report(const struct mig_style *style, const char *name,
			 const struct mig_dirty_step *step)
{
	uint64_t pages = 0, bytes = 0, stray = 0;
	char size[SIZE_TEXT];

	for (size_t i = 0; step->dirty && i < step->count; i++) {
		pages += step->dirty[i].pages;
		bytes += step->dirty[i].bytes;
		stray += step->dirty[i].stray;
	}
	/* Also what a failure cut short: the device does not tell it again. */
	if (!step->done && !pages)
		return;
	if (step->done)
		text_verdict(style, TEXT_GOOD, pages ? "dirty" : "clean");
	else
		text_verdict(style, TEXT_MIDDLING, "dirty, and not all is told");
	fprintf(style->out, ": %s wrote to %llu page%s of %s since the last report, %llu bytes\n",
		name, (unsigned long long)pages, plural(pages),
		size_text(size, (double)step->grain), (unsigned long long)bytes);
	for (size_t i = 0; i < step->count; i++)
		if (step->dirty[i].pages)
			print_runs(style->out, &step->ranges[i], &step->dirty[i]);
	print_stray(style->out, stray);
}

/* Eight heights; anything above nothing is seen. */
static void print_spark(FILE *out, const struct mig_dirty_rate *rate, bool utf8)
{
	static const char *const letters[] = { " ", ".", ".", ":", "-", "=", "+", "*", "#" };
	double columns[COLUMNS], most = 0;
	size_t count = mig_dirty_columns(rate, columns, COLUMNS);

	for (size_t i = 0; i < count; i++)
		if (columns[i] > most)
			most = columns[i];
	fprintf(out, LABEL "|", "over time");
	for (size_t i = 0; i < count; i++) {
		size_t height = most > 0 ? (size_t)(columns[i] / most * 7.999) + 1 : 0;

		if (columns[i] <= 0)
			height = 0;
		fputs(utf8 ? text_blocks[height] : letters[height], out);
	}
	fprintf(out, "| 0 to %.0f pages/s\n", most);
}

static void print_rate(const struct mig_style *style, const char *name,
		       const struct mig_dirty_step *step)
{
	struct mig_dirty_figures pages, bytes;
	char min[SIZE_TEXT], median[SIZE_TEXT], max[SIZE_TEXT];
	uint64_t all = 0, usec = 0;

	if (!step->rate.count || mig_dirty_figures(&step->rate, false, &pages) ||
	    mig_dirty_figures(&step->rate, true, &bytes))
		return;
	for (size_t i = 0; i < step->rate.count; i++) {
		all += step->rate.samples[i].bytes;
		usec += step->rate.samples[i].usec;
	}
	text_verdict(style, TEXT_GOOD, "rate");
	fprintf(style->out, ": %s dirties %.0f pages/s of %s, %s/s (median)\n", name, pages.median,
		size_text(min, (double)step->grain), size_text(median, bytes.median));
	fprintf(style->out, LABEL "%.0f to %.0f\n", "pages/s", pages.min, pages.max);
	fprintf(style->out, LABEL "%s to %s\n", "bytes/s", size_text(min, bytes.min),
		size_text(max, bytes.max));
	fprintf(style->out, LABEL "%llu bytes (%s) in %.1f s, %zu sample%s\n", "in all",
		(unsigned long long)all, size_text(max, (double)all), (double)usec / 1e6,
		step->rate.count, plural(step->rate.count));
	fprintf(style->out, LABEL, "logged at");
	print_pages(style->out, step);
	fputc('\n', style->out);
}

static void print_step(const struct mig_style *style, const struct mig_dirty_record *record,
		       const struct mig_dirty_step *step)
{
	char buffer[TEXT_SIZE];
	const char *name = text_of(buffer, record->head.device->name);

	switch (step->action) {
	case MIG_DIRTY_PROBE:
		print_probe(style, record);
		return;
	case MIG_DIRTY_START:
		if (step->done)
			print_start(style, name, step);
		return;
	case MIG_DIRTY_REPORT:
		print_report(style, name, step);
		return;
	case MIG_DIRTY_STOP:
		if (!step->done)
			return;
		text_verdict(style, TEXT_GOOD, "stopped");
		fprintf(style->out, ": %s logs no more\n", name);
		return;
	case MIG_DIRTY_RATE:
		/* Also what came before a signal did. */
		if (!step->rate.count)
			return;
		print_rate(style, name, step);
		print_spark(style->out, &step->rate, record->utf8);
		print_stray(style->out, step->rate.stray);
		return;
	}
}

void mig_text_dirty(const struct mig_style *style, const struct mig_dirty_record *record)
{
	for (size_t i = 0; record->head.device && i < record->count; i++)
		print_step(style, record, &record->steps[i]);
}
