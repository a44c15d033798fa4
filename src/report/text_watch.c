// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of watch: time, device, what, before, after. */
#include "text.h"

static void print_holder(FILE *out, const struct mig_view *view)
{
	char comm[TEXT_SIZE];

	if (view->held)
		fprintf(out, "%d (%s)", view->holder_pid, text_of(comm, view->holder_comm));
	else
		fputs("none", out);
}

static void print_driver(FILE *out, const struct mig_view *view)
{
	char driver[TEXT_SIZE];

	fputs(view->driver[0] ? text_of(driver, view->driver) : "none", out);
}

static void print_health(const struct mig_style *style, const struct mig_devlink_health *health)
{
	char reporter[TEXT_SIZE];

	fprintf(style->out, "%s%s ", text_of(reporter, health->name),
		health->of_port ? " (port)" : "");
	text_verdict(style, health->state == MIG_HEALTH_HEALTHY ? TEXT_GOOD : TEXT_BAD,
		     mig_health_state_name(health->state));
	fprintf(style->out, " (%llu errors, %llu recovered)", (unsigned long long)health->errors,
		(unsigned long long)health->recoveries);
}

/* Only the reporters that say something else than they did. */
static void print_health_change(const struct mig_style *style, const struct mig_view *before,
				const struct mig_view *after)
{
	const char *between = "";

	for (size_t i = 0; i < before->health_count; i++) {
		if (mig_health_find(after->health, after->health_count, &before->health[i]))
			continue;
		fputs(between, style->out);
		print_health(style, &before->health[i]);
		fputs(" -> gone", style->out);
		between = ", ";
	}
	for (size_t i = 0; i < after->health_count; i++) {
		const struct mig_devlink_health *now = &after->health[i];
		const struct mig_devlink_health *was =
			mig_health_find(before->health, before->health_count, now);

		if (mig_health_same(now, was))
			continue;
		fputs(between, style->out);
		if (was)
			print_health(style, was);
		else
			fputs("none", style->out);
		fputs(" -> ", style->out);
		print_health(style, now);
		between = ", ";
	}
}

static void print_state(const struct mig_style *style, const struct mig_view *view)
{
	char text[MIG_STATE_TEXT];

	if (!view->seen)
		fputs("unknown", style->out);
	else if (view->state.state == MIG_STATE_ERROR || view->state.state == MIG_STATE_INVALID)
		text_verdict(style, TEXT_BAD, mig_reading_name(view->state, text));
	else
		fputs(mig_reading_name(view->state, text), style->out);
}

/* All that is known of a device that is seen for the first time. */
static void print_all(const struct mig_style *style, const struct mig_view *view)
{
	if (!view->present) {
		fputs("gone", style->out);
		return;
	}
	fputs("driver ", style->out);
	print_driver(style->out, view);
	fputs(", holder ", style->out);
	print_holder(style->out, view);
	if (view->migratable != MIG_MIGRATABLE_UNKNOWN)
		fprintf(style->out, ", migratable %s", mig_migratable_name(view->migratable));
	for (size_t i = 0; i < view->health_count; i++) {
		fputs(", health ", style->out);
		print_health(style, &view->health[i]);
	}
	fputs(", state ", style->out);
	print_state(style, view);
	if (view->seen)
		fprintf(style->out, " (by %s)", mig_view_source_name(view->source));
}

static void print_side(const struct mig_style *style, enum mig_change change,
		       const struct mig_view *view)
{
	switch (change) {
	case MIG_CHANGE_DEVICE:
		print_all(style, view);
		return;
	case MIG_CHANGE_DRIVER:
		print_driver(style->out, view);
		return;
	case MIG_CHANGE_HOLDER:
		print_holder(style->out, view);
		return;
	case MIG_CHANGE_MIGRATABLE:
		fputs(mig_migratable_name(view->migratable), style->out);
		return;
	case MIG_CHANGE_HEALTH: /* both sides at once */
		return;
	case MIG_CHANGE_STATE:
		print_state(style, view);
		return;
	}
}

void mig_text_watch(const struct mig_style *style, const struct mig_watch_record *record)
{
	char name[TEXT_SIZE], reason[TEXT_SIZE];

	fprintf(style->out, "%s %s %-6s ", record->time, text_of(name, record->device.name),
		mig_change_name(record->change));
	if (record->change == MIG_CHANGE_HEALTH)
		print_health_change(style, record->before, record->after);
	else if (record->change != MIG_CHANGE_DEVICE) {
		print_side(style, record->change, record->before);
		fputs(" -> ", style->out);
	}
	print_side(style, record->change, record->after);
	if (record->reason && record->after->present &&
	    (record->change == MIG_CHANGE_DEVICE || record->change == MIG_CHANGE_STATE))
		fprintf(style->out, " (%s)", text_of(reason, record->reason));
	fputc('\n', style->out);
}
