// SPDX-License-Identifier: GPL-2.0-or-later
/* What was done, and what went wrong: get, set, reset, errors. */
#include <string.h>

#include "text.h"

const char *text_of(char buffer[TEXT_SIZE], const char *text)
{
	return text && *text ? mig_escape(buffer, TEXT_SIZE, text) : "-";
}

const char *const text_blocks[9] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

const char *text_yes_no(int known)
{
	return known < 0 ? "unknown" : known ? "yes" : "no";
}

void text_caps(FILE *out, unsigned int caps)
{
	for (unsigned int cap = 1; cap <= MIG_CAPS_ALL; cap <<= 1)
		if (caps & cap)
			fprintf(out, " %s", mig_cap_name(cap));
}

static const char *const colors[] = {
	[TEXT_GOOD] = "\033[32m",
	[TEXT_MIDDLING] = "\033[33m",
	[TEXT_BAD] = "\033[31m",
};

void text_verdict(const struct mig_style *style, enum text_color color, const char *word)
{
	if (style->color)
		fprintf(style->out, "%s%s\033[0m", colors[color], word);
	else
		fputs(word, style->out);
}

enum text_color text_color_of(enum mig_outcome outcome)
{
	switch (outcome) {
	case MIG_OUTCOME_ACCEPTED:
	case MIG_OUTCOME_NOOP:
	case MIG_OUTCOME_PLANNED:
		return TEXT_GOOD;
	case MIG_OUTCOME_REFUSED:
	case MIG_OUTCOME_NAK:
		return TEXT_MIDDLING;
	case MIG_OUTCOME_ASTRAY:
	case MIG_OUTCOME_FAULTED:
	case MIG_OUTCOME_TIMEOUT:
		return TEXT_BAD;
	}
	return TEXT_BAD;
}

void mig_text_get(const struct mig_style *style, const struct mig_state_record *record)
{
	char text[MIG_STATE_TEXT];

	if (record->seen)
		fprintf(style->out, "%s\n", mig_reading_name(record->state, text));
}

static void print_step(const struct mig_style *style, const struct mig_step *step)
{
	const struct mig_reading from = { step->from, step->from_raw };
	const char *errname = mig_errno_name(step->err);
	char text[MIG_STATE_TEXT];

	fprintf(style->out, "  %-12s -> %-12s  ", mig_reading_name(from, text),
		mig_state_name(step->to));
	text_verdict(style, text_color_of(step->outcome), mig_outcome_name(step->outcome));
	switch (step->outcome) {
	case MIG_OUTCOME_ACCEPTED:
	case MIG_OUTCOME_NAK:
	case MIG_OUTCOME_ASTRAY:
	case MIG_OUTCOME_FAULTED:
		fprintf(style->out, "%*s  %llu us",
			(int)(8 - strlen(mig_outcome_name(step->outcome))), "",
			(unsigned long long)step->usec);
		break;
	case MIG_OUTCOME_NOOP:
	case MIG_OUTCOME_REFUSED:
	case MIG_OUTCOME_PLANNED:
	case MIG_OUTCOME_TIMEOUT:
		break;
	}
	if (step->err)
		fprintf(style->out, "  %s", errname ? errname : "error");
	if (!step->seen)
		fprintf(style->out, "  state unknown");
	else if (step->after.state != step->to && text_color_of(step->outcome) != TEXT_GOOD &&
		 step->outcome != MIG_OUTCOME_REFUSED)
		fprintf(style->out, "  state %s", mig_reading_name(step->after, text));
	if (step->forced && step->outcome != MIG_OUTCOME_REFUSED)
		fprintf(style->out, "  (forced)");
	fputc('\n', style->out);
}

/* Did any step leave the device elsewhere than it was? */
static bool moved(const struct mig_set_record *record)
{
	/* A device found in _ERROR and reset is not where it was, though no step moved it. */
	if (record->fallout && record->fallout->attempted)
		return true;
	for (size_t i = 0; i < record->count; i++)
		if (!record->steps[i].seen || record->steps[i].after.state != record->steps[0].from)
			return true;
	return false;
}

void mig_text_set(const struct mig_style *style, const struct mig_set_record *record)
{
	const struct mig_state_record *base = &record->base;
	char name[TEXT_SIZE], text[MIG_STATE_TEXT];

	if (!record->judged)
		return;
	text_verdict(style, text_color_of(record->outcome), mig_outcome_name(record->outcome));
	fprintf(style->out, ": %s is %s %s", text_of(name, base->head.device->name),
		moved(record) ? "now" : "still",
		base->seen ? mig_reading_name(base->state, text) : "in an unknown state");
	if (base->protocol == MIG_PROTOCOL_V1)
		fprintf(style->out, " (v1, table %s)\n", mig_table_name(record->table));
	else
		fprintf(style->out, " (%s)\n", mig_protocol_name(base->protocol));
	for (size_t i = 0; i < record->count; i++)
		print_step(style, &record->steps[i]);
	if (record->fallout)
		text_fallout(style, record->fallout);
}

void mig_text_reset(const struct mig_style *style, const struct mig_reset_record *record)
{
	char name[TEXT_SIZE], text[MIG_STATE_TEXT];

	if (!record->judged)
		return;
	text_verdict(style, text_color_of(record->outcome), mig_outcome_name(record->outcome));
	fprintf(style->out, ": %s is %s after VFIO_DEVICE_RESET (%llu us)\n",
		text_of(name, record->base.head.device->name),
		record->base.seen ? mig_reading_name(record->base.state, text)
				  : "in an unknown state",
		(unsigned long long)record->usec);
}

void mig_text_error(const struct mig_style *style, const struct mig_error *error,
		    const struct mig_stuck_record *stuck)
{
	char line[TEXT_SIZE], frame[MIG_LINE_SIZE];

	fputs("vfio-migctl: ", style->out);
	text_verdict(style, TEXT_BAD, mig_kind_name(error->kind));
	fprintf(style->out, ": %s\n", text_of(line, error->text));
	if (stuck && stuck->stack[0]) {
		fprintf(style->out, "  task %d is stuck in the kernel at\n", stuck->task);
		for (const char *at = stuck->stack; mig_next_line(&at, frame);)
			fprintf(style->out, "    %s\n", text_of(line, frame));
	}
	if (error->hint[0])
		fprintf(style->out, "  hint: %s\n", text_of(line, error->hint));
}
