// SPDX-License-Identifier: GPL-2.0-or-later
/* What the machine shows of a fault. */
#include "text.h"

static void print_pci(const struct mig_style *style, const struct mig_fallout_record *fallout)
{
	if (fallout->status >= 0)
		fprintf(style->out, "  PCI status    0x%04x\n", (unsigned int)fallout->status);
	else
		fprintf(style->out, "  PCI status    unknown\n");
	for (size_t i = 0; i < fallout->pci_error_count; i++)
		fprintf(style->out, "  PCI status    new: %s\n", fallout->pci_errors[i]);
	if (!fallout->aer_known)
		fprintf(style->out, "  AER           unknown\n");
	else if (!fallout->aer_count)
		fprintf(style->out, "  AER           no new errors\n");
	for (size_t i = 0; i < fallout->aer_count; i++) {
		char name[TEXT_SIZE];

		fprintf(style->out, "  AER           %s %s +%llu\n", fallout->aer[i].severity,
			text_of(name, fallout->aer[i].name),
			(unsigned long long)fallout->aer[i].delta);
	}
}

static void print_reporter(const struct mig_style *style, const struct mig_devlink_health *health)
{
	fprintf(style->out, "%s, %llu errors, %llu recovered", mig_health_state_name(health->state),
		(unsigned long long)health->errors, (unsigned long long)health->recoveries);
}

/* Those that say something else than before; else that there is none. */
static void print_health(const struct mig_style *style, const struct mig_fallout_record *fallout)
{
	const struct mig_devlink *before = fallout->devlink_before, *after = fallout->devlink_after;
	bool any = false;
	char name[TEXT_SIZE];

	if (!before || !after)
		return;
	for (size_t i = 0; i < after->health_count; i++) {
		const struct mig_devlink_health *now = &after->health[i];
		const struct mig_devlink_health *was =
			mig_health_find(before->health, before->health_count, now);

		if (mig_health_same(now, was))
			continue;
		fprintf(style->out, "  health        %s: ", text_of(name, now->name));
		if (was)
			print_reporter(style, was);
		else
			fputs("none", style->out);
		fputs(" -> ", style->out);
		print_reporter(style, now);
		fputc('\n', style->out);
		any = true;
	}
	if (!any)
		fprintf(style->out, "  health        %s\n",
			after->health_count ? "as before" : "no reporters");
}

static void print_events(const struct mig_style *style, const struct mig_fallout_record *fallout)
{
	char text[TEXT_SIZE];

	for (size_t i = 0; i < fallout->event_count; i++) {
		const struct mig_event_record *event = &fallout->events[i];

		fprintf(style->out, "  announced     %s", event->action);
		if (event->driver)
			fprintf(style->out, " (driver %s)", text_of(text, event->driver));
		if (event->recovery)
			fprintf(style->out, " %s", text_of(text, event->recovery));
		fputc('\n', style->out);
	}
	if (fallout->events_lost)
		fprintf(style->out, "  announced     and more, which was lost\n");
}

static void print_interrupts(const struct mig_style *style,
			     const struct mig_fallout_record *fallout)
{
	if (fallout->error_interrupts > 0)
		fprintf(style->out, "  interrupts    %lld of an error of the device\n",
			(long long)fallout->error_interrupts);
	if (fallout->request_interrupts > 0)
		fprintf(style->out,
			"  interrupts    %lld asking for the device back, as unbinding does\n",
			(long long)fallout->request_interrupts);
	if (fallout->logging_lost)
		fprintf(style->out, "  DMA logging   %s\n",
			fallout->logging_lost > 0 ? "lost" : "not known whether its user lost it");
}

void text_fallout(const struct mig_style *style, const struct mig_fallout_record *fallout)
{
	const char *errname = mig_errno_name(fallout->err);
	char text[MIG_STATE_TEXT], line[TEXT_SIZE];

	fprintf(style->out, "Fallout:\n  state         %s\n",
		mig_reading_name(fallout->state, text));
	if (fallout->err)
		fprintf(style->out, "  driver said   %s\n", errname ? errname : "error");
	if (fallout->pci)
		print_pci(style, fallout);
	print_health(style, fallout);
	print_events(style, fallout);
	print_interrupts(style, fallout);
	if (!fallout->log_known)
		fprintf(style->out, "  kernel log    not readable\n");
	else if (!fallout->log_count)
		fprintf(style->out, "  kernel log    says nothing of this device\n");
	for (size_t i = 0; i < fallout->log_count; i++)
		fprintf(style->out, "  kernel log    %s\n", text_of(line, fallout->log[i]));
	if (fallout->log_dropped)
		fprintf(style->out, "  kernel log    and %zu more lines\n", fallout->log_dropped);
	fprintf(style->out, "  reset         %s\n",
		!fallout->reset_known    ? "unknown whether it is offered"
		: fallout->reset_offered ? "offered"
					 : "not offered");
	if (!fallout->attempted)
		return;
	fprintf(style->out, "  recovery      reset ");
	text_verdict(style, text_color_of(fallout->outcome), mig_outcome_name(fallout->outcome));
	fprintf(style->out, ", state %s\n",
		fallout->seen ? mig_reading_name(fallout->after, text) : "unknown");
}
