// SPDX-License-Identifier: GPL-2.0-or-later
/* What became of each transition, by where it leads from and to. */
#include <inttypes.h>
#include <string.h>

#include "migctl/table.h"
#include "text.h"

#define CELL 16

/* The test of a transition as such; others that have one are of other groups. */
static const struct mig_conform_item *find(const struct mig_conform_record *record,
					   enum mig_state from, enum mig_state to)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct mig_conform_item *item = &record->items[i];

		if (item->from == from && item->to == to && !strncmp(item->name, "arcs/", 5))
			return item;
	}
	return NULL;
}

static const struct mig_conform_answer *find_answer(const struct mig_conform_record *record,
						    enum mig_state from, enum mig_state to)
{
	for (size_t i = 0; i < record->answer_count; i++)
		if (record->answers[i].from == from && record->answers[i].to == to)
			return &record->answers[i];
	return NULL;
}

static bool takes_part(const struct mig_conform_record *record, enum mig_state state)
{
	for (int other = 0; other < MIG_STATE_COUNT; other++)
		if (find(record, state, other) || find(record, other, state))
			return true;
	return false;
}

/* "p ", "r ", "o ": the first table of v1 that has the arc; nothing for v2. */
static const char *table_letter(const struct mig_conform_record *record, enum mig_state from,
				enum mig_state to)
{
	const struct mig_arc *arc = mig_table_v1_arc(MIG_TABLE_OPEN, from, to);

	if (record->base.protocol != MIG_PROTOCOL_V1)
		return "";
	if (!arc)
		return "= ";
	switch (arc->origin) {
	case MIG_ORIGIN_POSTED:
		return "p ";
	case MIG_ORIGIN_REVIEW:
		return "r ";
	case MIG_ORIGIN_QUESTIONED:
		return "o ";
	}
	return "";
}

/* The word, and its color; returns false for one without. */
static bool cell_text(const struct mig_conform_record *record, const struct mig_conform_item *item,
		      char text[CELL], enum text_color *color)
{
	const struct mig_conform_answer *answer = find_answer(record, item->from, item->to);

	*color = TEXT_GOOD;
	if (item->verdict == MIG_CHECK_SKIP) {
		strcpy(text, "skip");
		return false;
	}
	if (item->verdict == MIG_CHECK_FAIL) {
		*color = TEXT_BAD;
		strcpy(text, "FAIL");
		return true;
	}
	if (item->verdict == MIG_CHECK_WARN)
		*color = TEXT_MIDDLING;
	if (answer && answer->outcome == MIG_OUTCOME_NAK)
		strcpy(text, "nak");
	else
		snprintf(text, CELL, "%" PRIu64 "%s", item->usec,
			 item->verdict == MIG_CHECK_WARN ? "!" : "");
	return *color != TEXT_GOOD;
}

/* Of v1 a cell has a letter before its word, and "stop" is shorter than both. */
static int column_width(const struct mig_conform_record *record, enum mig_state to)
{
	const int width = (int)strlen(mig_state_name(to));
	const int least = record->base.protocol == MIG_PROTOCOL_V1 ? (int)strlen("p FAIL") : 0;

	return width > least ? width : least;
}

/* Returns how much narrower it came out than its column. */
static int print_cell(const struct mig_style *style, const struct mig_conform_record *record,
		      enum mig_state from, enum mig_state to)
{
	const struct mig_conform_item *item = find(record, from, to);
	const char *letter = item ? table_letter(record, from, to) : "";
	int width = column_width(record, to);
	enum text_color color;
	char text[CELL] = "-";
	bool colored = item && cell_text(record, item, text, &color);

	fprintf(style->out, "  %s", letter);
	if (colored)
		text_verdict(style, color, text);
	else
		fputs(text, style->out);
	width -= (int)(strlen(letter) + strlen(text));
	return width > 0 ? width : 0;
}

static void print_row(const struct mig_style *style, const struct mig_conform_record *record,
		      enum mig_state from)
{
	int narrower = 12 - fprintf(style->out, "%s", mig_state_name(from));

	for (int to = 0; to < MIG_STATE_COUNT; to++) {
		if (!takes_part(record, to))
			continue;
		fprintf(style->out, "%*s", narrower, "");
		narrower = print_cell(style, record, from, to);
	}
	fputc('\n', style->out);
}

void text_conform_matrix(const struct mig_style *style, const struct mig_conform_record *record)
{
	FILE *out = style->out;
	bool any = false;

	for (int from = 0; from < MIG_STATE_COUNT; from++) {
		if (!takes_part(record, from))
			continue;
		if (!any) {
			int narrower = 12 - fprintf(out, "\n%s", "from \\ to") + 1;

			for (int to = 0; to < MIG_STATE_COUNT; to++) {
				if (!takes_part(record, to))
					continue;
				fprintf(out, "%*s  %s", narrower, "", mig_state_name(to));
				narrower =
					column_width(record, to) - (int)strlen(mig_state_name(to));
			}
			fputc('\n', out);
		}
		any = true;
		print_row(style, record, from);
	}
	if (any)
		fprintf(out, "in microseconds%s\n",
			record->base.protocol == MIG_PROTOCOL_V1
				? "; =: stays, p: posted, r: the review adds it, o: only the open "
				  "table has it"
				: "; -: no request leads there");
}

/* How this driver answers: "yes", "no, EINVAL". */
static void print_answer(FILE *out, const struct mig_conform_answer *answer)
{
	const char *name = answer ? mig_errno_name(answer->err) : NULL;

	if (!answer) {
		fputs("not asked", out);
		return;
	}
	switch (answer->outcome) {
	case MIG_OUTCOME_ACCEPTED:
	case MIG_OUTCOME_NOOP:
		fputs("yes", out);
		break;
	case MIG_OUTCOME_NAK:
		fputs("no", out);
		break;
	case MIG_OUTCOME_REFUSED:
	case MIG_OUTCOME_ASTRAY:
	case MIG_OUTCOME_FAULTED:
	case MIG_OUTCOME_TIMEOUT:
	case MIG_OUTCOME_PLANNED:
		fputs(mig_outcome_name(answer->outcome), out);
		break;
	}
	if (answer->err)
		fprintf(out, ", %s", name ? name : "an errno");
}

/* What the table as posted left open; the rest is in the matrix. */
void text_conform_review(FILE *out, const struct mig_conform_record *record)
{
	bool open_asked = false;

	if (record->base.protocol != MIG_PROTOCOL_V1 || !record->answer_count)
		return;
	fputs("\nthe questions of the review\n", out);
	for (size_t i = 0; i < MIG_V1_STATES; i++) {
		for (size_t j = 0; j < MIG_V1_STATES; j++) {
			enum mig_state from = mig_v1_states[i], to = mig_v1_states[j];
			const struct mig_conform_answer *answer = find_answer(record, from, to);

			if (from == to || mig_table_v1_arc(MIG_TABLE_POSTED, from, to))
				continue;
			fprintf(out, "  may %-9s go to %-9s  ", mig_state_name(from),
				mig_state_name(to));
			fprintf(out, "posted no, reviewed %s open yes; this driver: ",
				mig_table_v1_arc(MIG_TABLE_REVIEWED, from, to) ? "yes," : "no, ");
			print_answer(out, answer);
			fputc('\n', out);
			open_asked |= answer && !mig_table_v1_arc(MIG_TABLE_REVIEWED, from, to);
		}
	}
	if (!open_asked)
		fputs("  --illegal asks the driver the rest\n", out);
}
