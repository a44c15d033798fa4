// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of what devlink told: the PF's switch, the VF's port in it, firmware, health. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"

/* A handle goes into commands: "pci/0000:06:00.0", each side a name. */
static bool handle_is_plain(const struct mig_devlink *devlink)
{
	const char *device = strchr(devlink->handle, '/');

	return device && !strncmp(devlink->handle, "pci/", 4) && mig_name_is_plain(device + 1);
}

/* Only mlx5's driver takes its leave to migrate from devlink. */
static bool needs_devlink(const struct check *check)
{
	return check->has_variant && !strcmp(check->variant.module, "mlx5_vfio_pci");
}

/* What devlink lacks decides only where the driver asks it; elsewhere it is a doubt. */
static void say_lacking(struct check *check, const char *sentence, const char *remedy)
{
	if (check_migrates(check)) {
		check_say(check, MIG_CHECK_PASS,
			  "%s; it migrates all the same, the open device tells", sentence);
		return;
	}
	check_say(check, needs_devlink(check) ? MIG_CHECK_FAIL : MIG_CHECK_WARN, "%s", sentence);
	if (remedy[0])
		check_mend(check, "%s", remedy);
}

void check_devlink(struct check *check)
{
	const struct mig_devlink *devlink = check->devlink;
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];

	if (devlink->instance) {
		check_say(check, MIG_CHECK_PASS, "%s%s%s%s%s", devlink->handle,
			  devlink->info.driver[0] ? ", driver " : "", devlink->info.driver,
			  devlink->info.serial[0] ? ", serial number " : "", devlink->info.serial);
		return;
	}
	mig_devlink_explain(devlink, check->target->name, sentence, remedy);
	if (devlink->gap == MIG_DEVLINK_GAP_UNREADABLE) {
		check_say(check, MIG_CHECK_WARN, "%s", sentence);
	} else if (needs_devlink(check) && !check_migrates(check)) {
		check_say(check, MIG_CHECK_FAIL, "%s, and %s migrates only where one says so",
			  sentence, check->variant.module);
		check_mend(check, "%s", remedy);
	} else {
		check_say(check, MIG_CHECK_SKIP, "%s", sentence);
	}
}

void check_eswitch(struct check *check)
{
	const struct mig_devlink *devlink = check->devlink;
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE] = "";

	switch (devlink->eswitch) {
	case MIG_ESWITCH_SWITCHDEV:
		check_say(check, MIG_CHECK_PASS, "switchdev");
		return;
	case MIG_ESWITCH_LEGACY:
		if (devlink->has_port) {
			check_say(check, MIG_CHECK_PASS, "legacy, and VFs have ports all the same");
			return;
		}
		snprintf(sentence, sizeof(sentence),
			 "the eswitch of %s is in mode legacy, in which VFs have no port, and so "
			 "no migratable",
			 devlink->handle);
		if (handle_is_plain(devlink))
			snprintf(remedy, sizeof(remedy),
				 "devlink dev eswitch set %s mode switchdev", devlink->handle);
		say_lacking(check, sentence, remedy);
		return;
	case MIG_ESWITCH_NONE:
		check_say(check, MIG_CHECK_SKIP, "the PF's driver has no eswitch");
		return;
	case MIG_ESWITCH_UNKNOWN:
		check_say(check, MIG_CHECK_SKIP, "its mode is not told%s%s",
			  devlink->eswitch_err ? ": " : "",
			  devlink->eswitch_err ? strerror(devlink->eswitch_err) : "");
		return;
	}
}

void check_port(struct check *check)
{
	const struct mig_devlink *devlink = check->devlink;
	const struct mig_devlink_port *port = &devlink->port;
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];

	if (devlink->has_port) {
		check_say(check, MIG_CHECK_PASS, "%s/%u, controller %u, PF %d, VF %d%s%s",
			  devlink->handle, port->index, port->controller, port->pf, port->vf,
			  port->netdev[0] ? ", representor " : "", port->netdev);
		return;
	}
	if (devlink->gap == MIG_DEVLINK_GAP_LEGACY) {
		check_say(check, MIG_CHECK_SKIP, "VFs have none in mode legacy");
		return;
	}
	mig_devlink_explain(devlink, check->target->name, sentence, remedy);
	check_say(check, MIG_CHECK_WARN, "%s", sentence);
	if (remedy[0])
		check_mend(check, "%s", remedy);
}

/*
 * It counts when a driver binds: off with the driver, and on with the same one
 * after it. Ours comes first, for devlink(8) knows the word since 6.2 only.
 */
static void mend_migratable(struct check *check)
{
	const struct mig_devlink *devlink = check->devlink;
	const struct mig_target *target = check->target;
	bool bound = target->driver[0];

	if (!handle_is_plain(devlink) || !mig_name_is_plain(target->name) ||
	    (bound && !mig_name_is_plain(target->driver)))
		return;
	if (bound)
		check_mend(check, "echo %s > /sys/bus/pci/devices/%s/driver/unbind", target->name,
			   target->name);
	check_mend(check, "vfio-migctl set-migratable %s on", target->name);
	if (bound)
		check_mend(check, "echo %s > /sys/bus/pci/drivers/%s/bind", target->name,
			   target->driver);
	check_comment(check, "%sdevlink port function set %s/%u migratable enable",
		      bound ? "or, in place of set-migratable: " : "or: ", devlink->handle,
		      devlink->port.index);
}

void check_migratable(struct check *check)
{
	const struct mig_devlink *devlink = check->devlink;
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];

	if (!devlink->has_port) {
		check_say(check, MIG_CHECK_SKIP, "there is no port to ask");
		return;
	}
	mig_devlink_explain(devlink, check->target->name, sentence, remedy);
	switch (devlink->migratable) {
	case MIG_MIGRATABLE_ON:
		check_say(check, MIG_CHECK_PASS, "on");
		return;
	case MIG_MIGRATABLE_OFF:
		check_say(check, MIG_CHECK_FAIL, "%s", sentence);
		mend_migratable(check);
		return;
	case MIG_MIGRATABLE_UNSUPPORTED:
		say_lacking(check, sentence, remedy);
		return;
	case MIG_MIGRATABLE_UNKNOWN:
		check_say(check, MIG_CHECK_SKIP, "%s", sentence);
		return;
	}
}

void check_firmware(struct check *check)
{
	const struct mig_devlink_info *info = &check->devlink->info;

	if (info->firmware[0] || info->psid[0])
		check_say(check, MIG_CHECK_PASS, "%s%s%s%s",
			  info->firmware[0] ? "version " : "its version is not told",
			  info->firmware, info->psid[0] ? ", PSID " : "", info->psid);
	else
		check_say(check, MIG_CHECK_SKIP, "not told");
}

static void mend_health(struct check *check, const struct mig_devlink_health *reporter)
{
	const struct mig_devlink *devlink = check->devlink;
	char port[16] = "";

	if (!handle_is_plain(devlink) || !mig_name_is_plain(reporter->name))
		return;
	if (reporter->of_port)
		snprintf(port, sizeof(port), "/%u", devlink->port.index);
	check_mend(check, "devlink health recover %s%s reporter %s", devlink->handle, port,
		   reporter->name);
}

/* How the reporter is to be listed: in error, not known, recovered; a healthy one is not. */
enum listed {
	LISTED_ERROR,
	LISTED_UNKNOWN,
	LISTED_PAST,
	LISTED_COUNT,
};

static enum listed list_under(const struct mig_devlink_health *reporter)
{
	switch (reporter->state) {
	case MIG_HEALTH_ERROR:
		return LISTED_ERROR;
	case MIG_HEALTH_UNKNOWN:
		return LISTED_UNKNOWN;
	case MIG_HEALTH_HEALTHY:
		break;
	}
	return reporter->errors ? LISTED_PAST : LISTED_COUNT;
}

void check_health(struct check *check)
{
	static const char *const begins[] = { "in error", "state not told", "healthy again" };
	const struct mig_devlink *devlink = check->devlink;
	char lists[LISTED_COUNT][CHECK_TEXT / 4] = { "" }, found[CHECK_TEXT] = "";
	size_t used = 0;

	for (size_t i = 0; i < devlink->health_count; i++) {
		const struct mig_devlink_health *reporter = &devlink->health[i];
		enum listed under = list_under(reporter);
		size_t at = under < LISTED_COUNT ? strlen(lists[under]) : 0;

		if (under == LISTED_COUNT)
			continue;
		snprintf(lists[under] + at, sizeof(lists[under]) - at,
			 "%s%s%s (%" PRIu64 " errors, %" PRIu64 " recoveries)", at ? ", " : "",
			 reporter->of_port ? "the port's " : "", reporter->name, reporter->errors,
			 reporter->recoveries);
		if (under == LISTED_ERROR)
			mend_health(check, reporter);
	}
	for (size_t i = 0; i < LISTED_COUNT; i++)
		if (lists[i][0])
			used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%s: %s",
						 used ? "; " : "", begins[i], lists[i]);
	if (devlink->health_more)
		used += (size_t)snprintf(found + used, sizeof(found) - used,
					 "%smore reporters than %zu, and those were not looked at",
					 used ? "; " : "", devlink->health_count);
	if (used)
		check_say(check, lists[LISTED_ERROR][0] ? MIG_CHECK_FAIL : MIG_CHECK_WARN, "%s",
			  found);
	else if (devlink->health_known && devlink->health_count)
		check_say(check, MIG_CHECK_PASS, "%zu reporter%s, all healthy",
			  devlink->health_count, devlink->health_count == 1 ? "" : "s");
	else
		check_say(check, MIG_CHECK_SKIP, "%s",
			  devlink->health_known ? "there are no reporters" : "not told");
}
