// SPDX-License-Identifier: GPL-2.0-or-later

#include "bench.h"
#include "text.h"

/* "running-p2p -> pre-copy-p2p", the longest there is. */
#define LABEL 28
#define NUMBER 10

/* Microseconds; a decimal where whole ones would be too coarse. */
static void print_usec(FILE *out, uint64_t ns)
{
	if (ns < 10000)
		fprintf(out, "%*.1f", NUMBER, (double)ns / 1e3);
	else
		fprintf(out, "%*llu", NUMBER, (unsigned long long)((ns + 500) / 1000));
}

/* The least to the greatest time, in steps of the same ratio. */
static void print_bins(FILE *out, const struct mig_figure *figure, bool utf8)
{
	static const char plain[] = " .:-=+*#@";
	size_t bins[MIG_BINS], most = 1;

	mig_histogram(figure->ns, figure->n, bins);
	for (int i = 0; i < MIG_BINS; i++)
		most = bins[i] > most ? bins[i] : most;
	fputs("  |", out);
	for (int i = 0; i < MIG_BINS; i++) {
		/* What happened once is seen. */
		size_t height = (bins[i] * 8 + most - 1) / most;

		if (utf8)
			fputs(text_blocks[height], out);
		else
			fputc(plain[height], out);
	}
	fputc('|', out);
}

static void print_figure(const struct mig_style *style, const struct mig_figure *figure, bool utf8)
{
	const char *errname = mig_errno_name(figure->err);
	struct mig_summary summary;
	char label[64];

	bench_label(figure, label, sizeof(label));
	fprintf(style->out, "  %-*s %6zu", LABEL, label, figure->n);
	if (mig_summarize(figure->ns, figure->n, &summary)) {
		print_usec(style->out, summary.min);
		print_usec(style->out, summary.median);
		print_usec(style->out, summary.p99);
		print_usec(style->out, summary.max);
		print_bins(style->out, figure, utf8);
	}
	if (figure->naks) {
		fputs("  ", style->out);
		text_verdict(style, TEXT_MIDDLING, "nak");
		if (errname)
			fprintf(style->out, " %s", errname);
		if (figure->n)
			fprintf(style->out, ", %zu times", figure->naks);
	}
	fputc('\n', style->out);
}

static void print_times(const struct mig_style *style, const struct mig_bench_record *record)
{
	static const enum mig_measure order[] = { MIG_MEASURE_ARC, MIG_MEASURE_STOPPED,
						  MIG_MEASURE_GET, MIG_MEASURE_DATA_SIZE };
	const struct mig_figures *figures = record->figures;

	fprintf(style->out, "  %-*s %6s%*s%*s%*s%*s\n", LABEL, "microseconds", "n", NUMBER, "min",
		NUMBER, "median", NUMBER, "p99", NUMBER, "max");
	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++)
		for (size_t i = 0; i < figures->count; i++)
			if (figures->items[i].what == order[k])
				print_figure(style, &figures->items[i], record->utf8);
}

static void print_rate(FILE *out, const struct mig_figure *figure)
{
	if (figure && figure->n && bench_rate(figure) > 0)
		fprintf(out, " %11.1f", bench_rate(figure) / 1048576);
	else
		fprintf(out, " %11s", "-");
}

/* By the calls' own times: what the driver can do, whoever asks. */
static void print_rates(const struct mig_style *style, const struct mig_figures *figures)
{
	const struct mig_figure *whole = bench_find(figures, MIG_MEASURE_SAVE, 0);
	char bytes[32], label[80];

	if (!whole || !whole->n)
		return;
	bench_bytes(whole->bytes, bytes);
	snprintf(label, sizeof(label), "MiB/s in the driver's calls, %s", bytes);
	fprintf(style->out, "\n  %-*s %6s %11s %11s\n", LABEL + 16, label, "n", "save", "restore");
	for (size_t i = 0; i < figures->count; i++) {
		const struct mig_figure *figure = &figures->items[i];

		if (figure->what != MIG_MEASURE_SAVE || !figure->n)
			continue;
		bench_bytes(figure->chunk, bytes);
		fprintf(style->out, "    %-*s %6zu", LABEL - 2 + 16,
			figure->chunk ? bytes : "as save and restore do it", figure->n);
		print_rate(style->out, figure);
		print_rate(style->out, bench_find(figures, MIG_MEASURE_RESTORE, figure->chunk));
		fputc('\n', style->out);
	}
}

static void print_why_not(const struct mig_style *style, const char *what, const char *why)
{
	char buffer[TEXT_SIZE];

	if (why && why[0])
		fprintf(style->out, "  no %s: %s\n", what, text_of(buffer, why));
}

static void print_verdict(const struct mig_style *style, const struct mig_bench_record *record)
{
	const struct mig_figure *stopped = bench_find(record->figures, MIG_MEASURE_STOPPED, 0);
	struct mig_summary summary;
	char name[TEXT_SIZE];

	if (record->judged)
		text_verdict(style, record->over ? TEXT_BAD : TEXT_GOOD,
			     record->over ? "over the budget" : "within the budget");
	else if (record->base.head.error)
		text_verdict(style, TEXT_MIDDLING, "measured in part");
	else
		text_verdict(style, TEXT_GOOD, "measured");
	fprintf(style->out, ": %s", text_of(name, record->base.head.device->name));
	if (stopped && mig_summarize(stopped->ns, stopped->n, &summary))
		fprintf(style->out, " stands still for %.3f ms", (double)summary.median / 1e6);
	if (record->judged)
		fprintf(style->out, " of the %g ms there are", record->budget);
	fprintf(style->out, " (%s, %u cycle%s in %.1f s)\n",
		mig_protocol_name(record->base.protocol), record->cycles,
		record->cycles == 1 ? "" : "s", (double)record->usec / 1e6);
}

void mig_text_bench(const struct mig_style *style, const struct mig_bench_record *record)
{
	if (record->figures && record->figures->count) {
		print_verdict(style, record);
		print_times(style, record);
		print_rates(style, record->figures);
		print_why_not(style, "save", record->no_save);
		print_why_not(style, "restore", record->no_restore);
	}
	if (record->fallout)
		text_fallout(style, record->fallout);
}
