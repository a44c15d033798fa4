// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"
#include "text.h"

#define LABEL 30

static void print_run(const struct mig_style *style, char letter, const char *path,
		      const struct mig_bench_run *run)
{
	char text[TEXT_SIZE];

	fprintf(style->out, "  %c  %s:", letter, text_of(text, path));
	fprintf(style->out, " %s", text_of(text, run->device));
	fprintf(style->out, " (%s,", mig_protocol_name(run->protocol));
	fprintf(style->out, " %s)", text_of(text, run->driver));
	fprintf(style->out, ", Linux %s", text_of(text, run->kernel));
	fprintf(style->out, ", %llu cycles\n", (unsigned long long)run->cycles);
}

static void print_median(FILE *out, const struct mig_figure *figure)
{
	struct mig_summary summary;

	if (!figure || !mig_summarize(figure->ns, figure->n, &summary))
		fprintf(out, " %10s", "-");
	else if (summary.median < 10000)
		fprintf(out, " %10.1f", (double)summary.median / 1e3);
	else
		fprintf(out, " %10llu", (unsigned long long)((summary.median + 500) / 1000));
}

static const char *explain(const struct mig_comparison *item)
{
	switch (item->shift) {
	case MIG_SHIFT_SAME:
		return "within the noise";
	case MIG_SHIFT_SLIGHT:
		return "beyond the noise, not surely the margin";
	case MIG_SHIFT_FASTER:
		return "faster";
	case MIG_SHIFT_SLOWER:
		return "slower";
	case MIG_SHIFT_TOO_FEW:
		return "not enough samples";
	case MIG_SHIFT_UNLIKE:
		return "another amount of data";
	case MIG_SHIFT_ALONE:
		break;
	}
	if (!item->b || !item->b->n)
		return "only in A";
	return "only in B";
}

static enum text_color color_of(enum mig_shift shift)
{
	if (shift == MIG_SHIFT_SLOWER)
		return TEXT_BAD;
	return shift == MIG_SHIFT_SAME || shift == MIG_SHIFT_FASTER ? TEXT_GOOD : TEXT_MIDDLING;
}

static void print_item(const struct mig_style *style, const struct mig_comparison *item)
{
	char label[64], change[32] = "-", p[32] = "-";

	bench_label(item->a ? item->a : item->b, label, sizeof(label));
	fprintf(style->out, "  %-*s", LABEL, label);
	print_median(style->out, item->a);
	print_median(style->out, item->b);
	if (item->tested) {
		snprintf(change, sizeof(change), "%+.1f %%", item->change);
		snprintf(p, sizeof(p), item->p < 0.0001 ? "<0.0001" : "%.4f", item->p);
	}
	fprintf(style->out, " %11s %8s  ", change, p);
	text_verdict(style, color_of(item->shift), explain(item));
	fputc('\n', style->out);
}

static void print_verdict(const struct mig_style *style, const struct mig_compare_record *record)
{
	size_t found[MIG_SHIFT_COUNT] = { 0 };
	size_t tested;

	for (size_t i = 0; i < record->count; i++)
		found[record->items[i].shift]++;
	tested = found[MIG_SHIFT_SAME] + found[MIG_SHIFT_SLIGHT] + found[MIG_SHIFT_FASTER] +
		 found[MIG_SHIFT_SLOWER];
	if (found[MIG_SHIFT_SLOWER])
		text_verdict(style, TEXT_BAD, "slower");
	else if (!tested)
		text_verdict(style, TEXT_MIDDLING, "not comparable");
	else if (found[MIG_SHIFT_FASTER])
		text_verdict(style, TEXT_GOOD, "faster");
	else
		text_verdict(style, TEXT_GOOD,
			     found[MIG_SHIFT_SLIGHT] ? "within the margin" : "the same");
	fprintf(style->out,
		": of %zu figures %zu slower, %zu faster in B by more than %u %%, %zu changed by "
		"less (p at most %g)\n",
		tested, found[MIG_SHIFT_SLOWER], found[MIG_SHIFT_FASTER], record->options.margin,
		found[MIG_SHIFT_SLIGHT], record->options.alpha);
}

void mig_text_compare(const struct mig_style *style, const struct mig_compare_record *record)
{
	if (!record->items)
		return;
	print_verdict(style, record);
	print_run(style, 'A', record->paths[0], record->runs[0]);
	print_run(style, 'B', record->paths[1], record->runs[1]);
	fprintf(style->out, "  %-*s %10s %10s %11s %8s\n", LABEL, "microseconds", "A", "B",
		"change", "p");
	for (size_t i = 0; i < record->count; i++)
		print_item(style, &record->items[i]);
}
