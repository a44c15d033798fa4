// SPDX-License-Identifier: GPL-2.0-or-later
/* What devlink says: a part of show, and set-migratable. */
#include <string.h>
#include <time.h>

#include "devlink.h"
#include "text.h"

#define LABEL "  %-13s "

const char *devlink_addr(const struct mig_devlink *devlink, char text[DEVLINK_ADDR_TEXT])
{
	for (size_t i = 0; i < devlink->hw_addr_size; i++)
		sprintf(text + 3 * i, "%02x%s", devlink->hw_addr[i],
			i + 1 < devlink->hw_addr_size ? ":" : "");
	return devlink->hw_addr_size ? text : NULL;
}

const char *devlink_time(uint64_t ns, char text[DEVLINK_TIME_TEXT])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm utc;

	if (!ns || !gmtime_r(&seconds, &utc) ||
	    !strftime(text, DEVLINK_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &utc))
		return NULL;
	return text;
}

static void print_port(FILE *out, const struct mig_devlink *devlink)
{
	const struct mig_devlink_port *port = &devlink->port;
	const char *flavour = mig_devlink_flavour_name(port->flavour);
	char handle[TEXT_SIZE], netdev[TEXT_SIZE];

	fprintf(out, LABEL "%s/%u (%s", "port", text_of(handle, devlink->handle), port->index,
		flavour ? flavour : "unknown flavour");
	if (port->pf >= 0)
		fprintf(out, ", pf %d", port->pf);
	if (port->vf >= 0)
		fprintf(out, ", vf %d", port->vf);
	if (port->netdev[0])
		fprintf(out, ", representor %s", text_of(netdev, port->netdev));
	fprintf(out, ")\n");
}

static void print_function(const struct mig_style *style, const struct mig_devlink *devlink)
{
	char addr[DEVLINK_ADDR_TEXT];
	const char *known = devlink_addr(devlink, addr);

	fprintf(style->out, LABEL, "migratable");
	text_verdict(style, devlink->migratable == MIG_MIGRATABLE_ON ? TEXT_GOOD : TEXT_MIDDLING,
		     mig_migratable_name(devlink->migratable));
	fputc('\n', style->out);
	if (devlink->state != MIG_FUNCTION_UNKNOWN || devlink->opstate != MIG_OPSTATE_UNKNOWN)
		fprintf(style->out, LABEL "%s, %s\n", "function",
			mig_function_state_name(devlink->state),
			mig_function_opstate_name(devlink->opstate));
	if (known)
		fprintf(style->out, LABEL "%s\n", "address", known);
}

static void print_info(FILE *out, const struct mig_devlink_info *info)
{
	const struct {
		const char *label, *text;
	} lines[] = {
		{ "PF driver", info->driver },
		{ "serial", info->serial },
		{ "firmware", info->firmware },
		{ "psid", info->psid },
	};
	char text[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (lines[i].text[0])
			fprintf(out, LABEL "%s\n", lines[i].label, text_of(text, lines[i].text));
}

static void print_health(const struct mig_style *style, const struct mig_devlink *devlink)
{
	char name[TEXT_SIZE], time[DEVLINK_TIME_TEXT];

	for (size_t i = 0; i < devlink->health_count; i++) {
		const struct mig_devlink_health *it = &devlink->health[i];
		const char *dump = devlink_time(it->dump_ns, time);

		fprintf(style->out, LABEL "%s%s: ", "health", text_of(name, it->name),
			it->of_port ? " (port)" : "");
		text_verdict(style,
			     it->state == MIG_HEALTH_HEALTHY ? TEXT_GOOD
			     : it->state == MIG_HEALTH_ERROR ? TEXT_BAD
							     : TEXT_MIDDLING,
			     mig_health_state_name(it->state));
		fprintf(style->out, ", %llu errors, %llu recoveries%s%s\n",
			(unsigned long long)it->errors, (unsigned long long)it->recoveries,
			dump ? ", last dump " : "", dump ? dump : "");
	}
	if (devlink->health_more)
		fprintf(style->out, LABEL "and more reporters\n", "health");
}

void text_devlink(const struct mig_style *style, const struct mig_devlink *devlink,
		  const char *name)
{
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE], text[TEXT_SIZE];

	/* Of what never has a port it would be no news that it has none. */
	if (!devlink || (!devlink->instance && (devlink->gap == MIG_DEVLINK_GAP_NOT_PCI ||
						devlink->gap == MIG_DEVLINK_GAP_NOT_VF)))
		return;
	mig_devlink_explain(devlink, name, sentence, remedy);
	if (devlink->instance)
		fprintf(style->out, LABEL "%s, eswitch %s\n", "devlink",
			text_of(text, devlink->handle), mig_eswitch_name(devlink->eswitch));
	if (devlink->has_port) {
		print_port(style->out, devlink);
		print_function(style, devlink);
	} else {
		fprintf(style->out, LABEL "none: %s\n", devlink->instance ? "port" : "devlink",
			text_of(text, sentence));
	}
	print_info(style->out, &devlink->info);
	print_health(style, devlink);
}

void mig_text_migratable(const struct mig_style *style, const struct mig_migratable_record *record)
{
	const struct mig_devlink *devlink = record->devlink;
	char name[TEXT_SIZE];

	/* Without a port there is nothing that it could be. */
	if (!record->judged || (!devlink->has_port && record->outcome == MIG_OUTCOME_REFUSED))
		return;
	text_verdict(style, text_color_of(record->outcome), mig_outcome_name(record->outcome));
	fprintf(style->out, ": migratable of %s is %s %s\n",
		text_of(name, record->head.device->name),
		record->outcome == MIG_OUTCOME_ACCEPTED || record->outcome == MIG_OUTCOME_ASTRAY
			? "now"
			: "still",
		mig_migratable_name(devlink->migratable));
	if (devlink->has_port)
		print_port(style->out, devlink);
}
