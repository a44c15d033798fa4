// SPDX-License-Identifier: GPL-2.0-or-later
/* Conformance for people: the verdict, the groups, the matrix, what is wrong, and why. */
#include <string.h>

#include "text.h"

void mig_text_conform_list(const struct mig_style *style, const struct mig_conform_item *items,
			   size_t count, bool why)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(style->out, "%s  %s%s\n", mig_protocol_name(items[i].protocol),
			items[i].name, items[i].illegal ? "  (--illegal)" : "");
		if (why)
			fprintf(style->out, "      %s\n", items[i].authority);
	}
}

#define VERDICTS (MIG_CHECK_FAIL + 1)

/* In the order in which they are of interest. */
static const struct {
	enum mig_check_verdict verdict;
	const char *word;
} words[] = {
	{ MIG_CHECK_FAIL, "failed" },
	{ MIG_CHECK_WARN, "warned" },
	{ MIG_CHECK_PASS, "passed" },
	{ MIG_CHECK_SKIP, "skipped" },
};

/* "3 failed, 2 warned", without what there is none of. */
static void print_counts(FILE *out, const size_t counts[VERDICTS])
{
	const char *between = "";

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!counts[words[i].verdict])
			continue;
		fprintf(out, "%s%zu %s", between, counts[words[i].verdict], words[i].word);
		between = ", ";
	}
}

/* Who reads a verdict wants to know whose it is, but not ninety names. */
#define NAMES_MAX 6

static void print_failed(FILE *out, const struct mig_conform_record *record)
{
	size_t named = 0, failed = 0;

	for (size_t i = 0; i < record->count; i++) {
		if (record->items[i].verdict != MIG_CHECK_FAIL)
			continue;
		if (failed++ < NAMES_MAX)
			fprintf(out, "%s%s", named++ ? ", " : ": ", record->items[i].name);
	}
	if (failed > named)
		fprintf(out, " and %zu more", failed - named);
}

static void print_verdict(const struct mig_style *style, const struct mig_conform_record *record)
{
	size_t counts[VERDICTS] = { 0 };
	bool whole = record->count == record->planned, judged;
	char text[TEXT_SIZE];

	for (size_t i = 0; i < record->count; i++)
		counts[record->items[i].verdict]++;
	/* Nor does it conform of which nothing was asked. */
	judged = whole && counts[MIG_CHECK_SKIP] < record->count;
	fprintf(style->out, "%s ", text_of(text, record->base.head.device->name));
	if (counts[MIG_CHECK_FAIL]) {
		text_verdict(style, TEXT_BAD, "does not conform");
		fprintf(style->out, " (%s): %zu of %zu tests failed",
			mig_protocol_name(record->base.protocol), counts[MIG_CHECK_FAIL],
			record->count);
		print_failed(style->out, record);
	} else {
		text_verdict(style, judged && !counts[MIG_CHECK_WARN] ? TEXT_GOOD : TEXT_MIDDLING,
			     judged ? "conforms" : "is not judged");
		fprintf(style->out, " (%s): ", mig_protocol_name(record->base.protocol));
		print_counts(style->out, counts);
	}
	if (!whole)
		fprintf(style->out, "%s%zu of %zu were not run", record->count ? "; " : "",
			record->planned - record->count, record->planned);
	fputc('\n', style->out);
}

static int group_length(const char *name)
{
	return (int)strcspn(name, "/");
}

static bool same_group(const char *a, const char *b)
{
	return group_length(a) == group_length(b) && !strncmp(a, b, (size_t)group_length(a));
}

static void print_groups(FILE *out, const struct mig_conform_record *record)
{
	for (size_t i = 0, end; i < record->count; i = end) {
		const char *name = record->items[i].name;
		size_t counts[VERDICTS] = { 0 };

		for (end = i; end < record->count && same_group(name, record->items[end].name);)
			counts[record->items[end++].verdict]++;
		fprintf(out, "  %-*.*s  ", 8, group_length(name), name);
		print_counts(out, counts);
		fputc('\n', out);
	}
}

/* With whose rule it is each stands alone; else one cause is told once. */
static bool is_told_with(const struct mig_conform_record *record,
			 const struct mig_conform_item *item, const struct mig_conform_item *other)
{
	return item == other || (!record->why && other->verdict == item->verdict && item->detail &&
				 other->detail && !strcmp(item->detail, other->detail));
}

static bool is_told_before(const struct mig_conform_record *record, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_told_with(record, &record->items[at], &record->items[i]))
			return true;
	return false;
}

static void print_named_with(FILE *out, const struct mig_conform_record *record, size_t at)
{
	size_t named = 0, found = 0;

	for (size_t i = at; i < record->count; i++) {
		if (!is_told_with(record, &record->items[at], &record->items[i]))
			continue;
		if (found++ < NAMES_MAX)
			fprintf(out, "%s%s", named++ ? ", " : "", record->items[i].name);
	}
	if (found > named)
		fprintf(out, " and %zu more", found - named);
}

static void print_found(const struct mig_style *style, const struct mig_conform_record *record,
			enum mig_check_verdict verdict)
{
	bool fails = verdict == MIG_CHECK_FAIL;
	char text[TEXT_SIZE];

	for (size_t i = 0; i < record->count; i++) {
		const struct mig_conform_item *item = &record->items[i];

		if (item->verdict != verdict || is_told_before(record, i))
			continue;
		fputc('\n', style->out);
		text_verdict(style, fails ? TEXT_BAD : TEXT_MIDDLING, fails ? "FAIL" : "warn");
		fputs("  ", style->out);
		print_named_with(style->out, record, i);
		fprintf(style->out, "\n      %s\n", text_of(text, item->detail));
		if (record->why)
			fprintf(style->out, "      asked by %s\n", item->authority);
	}
}

static bool skipped_for(const struct mig_conform_item *item, const char *reason)
{
	return item->verdict == MIG_CHECK_SKIP && item->detail && !strcmp(item->detail, reason);
}

/* Each reason once, with the first that it kept from running. */
static void print_skipped(FILE *out, const struct mig_conform_record *record)
{
	bool any = false;

	for (size_t i = 0; i < record->count; i++) {
		const struct mig_conform_item *item = &record->items[i];
		char text[TEXT_SIZE];
		size_t others = 0;
		bool told = false;

		if (item->verdict != MIG_CHECK_SKIP || !item->detail)
			continue;
		for (size_t j = 0; j < record->count; j++) {
			if (!skipped_for(&record->items[j], item->detail))
				continue;
			told |= j < i;
			others += j > i;
		}
		if (told)
			continue;
		fprintf(out, "%sskip  %s", any ? "" : "\n", item->name);
		if (others)
			fprintf(out, " and %zu more", others);
		fprintf(out, ": %s\n", text_of(text, item->detail));
		any = true;
	}
}

void mig_text_conform(const struct mig_style *style, const struct mig_conform_record *record)
{
	print_verdict(style, record);
	print_groups(style->out, record);
	text_conform_matrix(style, record);
	print_found(style, record, MIG_CHECK_FAIL);
	print_found(style, record, MIG_CHECK_WARN);
	print_skipped(style->out, record);
	text_conform_review(style->out, record);
}
