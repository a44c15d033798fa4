// SPDX-License-Identifier: GPL-2.0-or-later
/* The preflight: a list for one device, a matrix for several. */
#include <string.h>

#include "text.h"

static void print_word(const struct mig_style *style, enum mig_check_verdict verdict)
{
	switch (verdict) {
	case MIG_CHECK_SKIP:
		fputs("skip", style->out);
		return;
	case MIG_CHECK_PASS:
		text_verdict(style, TEXT_GOOD, "pass");
		return;
	case MIG_CHECK_WARN:
		text_verdict(style, TEXT_MIDDLING, "warn");
		return;
	case MIG_CHECK_FAIL:
		text_verdict(style, TEXT_BAD, "FAIL");
		return;
	}
}

static size_t count_of(const struct mig_check_device_record *device, enum mig_check_verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < device->count; i++)
		count += device->items[i].verdict == verdict;
	return count;
}

static int name_width(const struct mig_check_device_record *device)
{
	size_t width = strlen("CHECK");

	for (size_t i = 0; i < device->count; i++)
		if (strlen(device->items[i].name) > width)
			width = strlen(device->items[i].name);
	return (int)width;
}

static void print_verdict(const struct mig_style *style,
			  const struct mig_check_device_record *device)
{
	size_t warned = count_of(device, MIG_CHECK_WARN), failed = count_of(device, MIG_CHECK_FAIL);
	char text[TEXT_SIZE];

	fprintf(style->out, "%s: ", text_of(text, device->device.name));
	print_word(style, device->verdict);
	fprintf(style->out, " (%zu passed, %zu warned, %zu failed, %zu skipped)\n",
		count_of(device, MIG_CHECK_PASS), warned, failed, count_of(device, MIG_CHECK_SKIP));
}

static void print_list(const struct mig_style *style, const struct mig_check_device_record *device)
{
	int width = name_width(device);
	char text[TEXT_SIZE];

	print_verdict(style, device);
	for (size_t i = 0; i < device->count; i++) {
		const struct mig_check_item *item = &device->items[i];

		fputs("  ", style->out);
		print_word(style, item->verdict);
		fprintf(style->out, "  %-*s  %s\n", width, item->name, text_of(text, item->found));
		if (item->remedy)
			fprintf(style->out, "        %-*s  remedy: %s\n", width, "",
				text_of(text, item->remedy));
	}
}

/* Of PCI addresses the domain is cut where it is 0000, of others the front. */
#define HEADING 13

static void heading(const char *name, char text[HEADING])
{
	char escaped[TEXT_SIZE];
	size_t length;

	text_of(escaped, name);
	if (!strncmp(escaped, "0000:", 5))
		memmove(escaped, escaped + 5, strlen(escaped + 5) + 1);
	length = strlen(escaped);
	if (length < HEADING)
		strcpy(text, escaped);
	else
		snprintf(text, HEADING, "..%s", escaped + length - (HEADING - 3));
}

/* As many columns side by side as a page is wide. */
#define PAGE 100

static void print_block(const struct mig_style *style, const struct mig_check_record *record,
			size_t from, size_t to)
{
	int width = name_width(&record->devices[0]);
	char text[HEADING];

	fprintf(style->out, "%-*s", width, "CHECK");
	for (size_t d = from; d < to; d++) {
		heading(record->devices[d].device.name, text);
		fprintf(style->out, "  %-*s", d + 1 < to ? HEADING - 1 : 0, text);
	}
	fputc('\n', style->out);
	for (size_t i = 0; i < record->devices[0].count; i++) {
		fprintf(style->out, "%-*s", width, record->devices[0].items[i].name);
		for (size_t d = from; d < to; d++) {
			fputs("  ", style->out);
			print_word(style, record->devices[d].items[i].verdict);
			fprintf(style->out, "%*s", d + 1 < to ? HEADING - 1 - 4 : 0, "");
		}
		fputc('\n', style->out);
	}
}

/* The names that were cut. */
static void print_legend(const struct mig_style *style, const struct mig_check_record *record)
{
	char cut[HEADING], text[TEXT_SIZE];

	for (size_t d = 0; d < record->count; d++) {
		heading(record->devices[d].device.name, cut);
		if (strncmp(cut, "..", 2))
			continue;
		fprintf(style->out, "%s is %s\n", cut,
			text_of(text, record->devices[d].device.name));
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same(const struct mig_check_item *a, const struct mig_check_item *b)
{
	return a->verdict == b->verdict && same_text(a->found, b->found) &&
	       same_text(a->remedy, b->remedy);
}

/* What was found and mends it, once for neighbours of whom the same is said. */
static void print_reasons(const struct mig_style *style, const struct mig_check_record *record,
			  size_t i)
{
	char text[TEXT_SIZE];

	for (size_t d = 0, end; d < record->count; d = end) {
		const struct mig_check_item *item = &record->devices[d].items[i];

		for (end = d + 1;
		     end < record->count && same(item, &record->devices[end].items[i]);)
			end++;
		if (item->verdict < MIG_CHECK_WARN)
			continue;
		fputc('\n', style->out);
		print_word(style, item->verdict);
		fprintf(style->out, "  %s: %s", item->name,
			text_of(text, record->devices[d].device.name));
		if (end - d > 1)
			fprintf(style->out, " to %s (%zu)",
				text_of(text, record->devices[end - 1].device.name), end - d);
		fprintf(style->out, "\n  %s\n", text_of(text, item->found));
		if (item->remedy)
			fprintf(style->out, "  remedy: %s\n", text_of(text, item->remedy));
	}
}

void mig_text_check(const struct mig_style *style, const struct mig_check_record *record)
{
	size_t page;

	if (record->count == 1) {
		print_list(style, &record->devices[0]);
		return;
	}
	for (size_t d = 0; d < record->count; d++)
		print_verdict(style, &record->devices[d]);
	page = (PAGE - (size_t)name_width(&record->devices[0])) / (HEADING + 1);
	for (size_t d = 0; d < record->count; d += page) {
		fputc('\n', style->out);
		print_block(style, record, d, d + page < record->count ? d + page : record->count);
	}
	print_legend(style, record);
	for (size_t i = 0; i < record->devices[0].count; i++)
		print_reasons(style, record, i);
}
