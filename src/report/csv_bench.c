// SPDX-License-Identifier: GPL-2.0-or-later
/* A table for spreadsheets, databases and plotting programs. */
#include "bench.h"
#include "migctl/escape.h"

/*
 * In quotes, which double within. A spreadsheet takes what begins with one of
 * these for a formula, in quotes too: the first character is escaped then.
 */
static void print_text(FILE *out, const char *text)
{
	char escaped[1100];

	fputc('"', out);
	if (text && (*text == '=' || *text == '+' || *text == '-' || *text == '@'))
		fprintf(out, "\\x%02x", (unsigned int)(unsigned char)*text++);
	mig_escape(escaped, sizeof(escaped), text ? text : "");
	for (const char *at = escaped; *at; at++) {
		if (*at == '"')
			fputc('"', out);
		fputc(*at, out);
	}
	fputc('"', out);
}

static void print_number(FILE *out, uint64_t number)
{
	fputc(',', out);
	if (number)
		fprintf(out, "%llu", (unsigned long long)number);
}

static void print_times(FILE *out, const struct mig_figure *figure)
{
	struct mig_summary summary;
	uint64_t ns[4];

	fprintf(out, ",%zu,%zu", figure->n, figure->naks);
	if (!mig_summarize(figure->ns, figure->n, &summary)) {
		fputs(",,,,", out);
		return;
	}
	ns[0] = summary.min;
	ns[1] = summary.median;
	ns[2] = summary.p99;
	ns[3] = summary.max;
	for (int i = 0; i < 4; i++)
		fprintf(out, ",%llu.%03llu", (unsigned long long)(ns[i] / 1000),
			(unsigned long long)(ns[i] % 1000));
}

void mig_csv_bench(const struct mig_style *style, const struct mig_bench_record *record)
{
	const struct mig_device_record *device = record->base.head.device;
	FILE *out = style->out;

	fputs("device,driver,kernel,protocol,figure,from,to,chunk,bytes,n,naks,min_usec,"
	      "median_usec,p99_usec,max_usec,bytes_per_sec\n",
	      out);
	for (size_t i = 0; record->figures && device && i < record->figures->count; i++) {
		const struct mig_figure *figure = &record->figures->items[i];
		bool arc = figure->what == MIG_MEASURE_ARC;

		print_text(out, device->name);
		fputc(',', out);
		print_text(out, device->driver);
		fputc(',', out);
		print_text(out, record->kernel);
		fprintf(out, ",%s,%s,%s,%s", mig_protocol_name(record->base.protocol),
			mig_measure_name(figure->what), arc ? mig_state_name(figure->from) : "",
			arc ? mig_state_name(figure->to) : "");
		print_number(out, figure->chunk);
		print_number(out, figure->bytes);
		print_times(out, figure);
		print_number(out, figure->bytes ? (uint64_t)bench_rate(figure) : 0);
		fputc('\n', out);
	}
}
