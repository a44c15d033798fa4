// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of what an open device told. */
#include <stdio.h>
#include <string.h>

#include "checks.h"

static const char *caps_text(unsigned int caps, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int cap = 1; cap <= MIG_CAPS_ALL && used < size; cap <<= 1)
		if (caps & cap)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 mig_cap_name(cap));
	return text;
}

void check_open(struct check *check)
{
	const struct mig_check_opened *opened = check->opened;

	if (!opened || !opened->tried) {
		if (opened && !check->target->vfio_bound)
			check_say(check, MIG_CHECK_SKIP, "no VFIO driver has it");
		else
			check_say(check, MIG_CHECK_SKIP,
				  "not tried: --open, which resets a PCI device");
		return;
	}
	if (check_looked_into(opened)) {
		check_say(check, MIG_CHECK_PASS, "it can be opened");
		return;
	}
	check_say(check, opened->error.kind == MIG_KIND_BUSY ? MIG_CHECK_SKIP : MIG_CHECK_FAIL,
		  "%s", opened->error.text);
	if (opened->error.hint[0])
		check_mend(check, "%s", opened->error.hint);
}

/* A cause of ENOTTY on the right driver: 1 it is, 0 it is not, -1 it cannot be told. */
static int is_so(const struct check *check, const char *name)
{
	const struct mig_check_item *item = check_before(check, name);

	if (!item || item->verdict == MIG_CHECK_SKIP)
		return -1;
	return item->verdict != MIG_CHECK_PASS;
}

static int is_unsupported(const struct check *check)
{
	const struct mig_devlink *devlink = check->devlink;

	if (!devlink || !devlink->has_port || devlink->migratable == MIG_MIGRATABLE_UNKNOWN)
		return -1;
	return devlink->migratable == MIG_MIGRATABLE_UNSUPPORTED;
}

static int is_off(const struct check *check)
{
	return is_unsupported(check) ? -1 : check->devlink->migratable == MIG_MIGRATABLE_OFF;
}

/*
 * ENOTTY: the driver's probe found something missing and went on without. The
 * causes in order, each with whether it is ruled out; the remedy is that of
 * the first that is not. What is on now may have been off when the driver was
 * bound: with all else ruled out, binding it again is what is left.
 */
static void explain_enotty(struct check *check)
{
	const struct {
		const char *cause, *check;
		int so;
	} causes[] = {
		{ "not a VF", "vf", is_so(check, "vf") },
		{ "the PF's driver absent", "pf-driver", is_so(check, "pf-driver") },
		{ "the port has no migratable, by its driver, firmware or a kernel before 6.2",
		  "migratable", is_unsupported(check) },
		{ "migratable off", "migratable", is_off(check) },
	};
	char text[CHECK_TEXT / 2] = "";
	bool found = false;
	size_t used = 0;

	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		const struct mig_check_item *item = check_before(check, causes[i].check);

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s (%s)",
					 used ? ", " : "", causes[i].cause,
					 causes[i].so < 0 ? "not told"
					 : causes[i].so   ? "so it is"
							  : "ruled out");
		if (causes[i].so == 1 && !found && item && item->remedy)
			check_mend(check, "%s", item->remedy);
		found |= causes[i].so == 1;
	}
	check_say(check, MIG_CHECK_FAIL,
		  "ENOTTY: bound to %s, %s, which offers no migration here; in "
		  "order: %s, migratable turned on only after binding (%s)",
		  check->target->driver,
		  check->variant.migrates ? "the right driver"
					  : "the driver that modules.alias names",
		  text, found ? "not told" : "bind it again");
	if (!found)
		check_mend_bind(check, check->variant.module, check->variant.driver);
}

void check_protocol(struct check *check)
{
	const struct mig_check_opened *opened = check->opened;
	const struct mig_target *target = check->target;
	char caps[64];

	if (opened && opened->tried && opened->error.kind == MIG_KIND_OK) {
		check_say(check, opened->caps & MIG_CAP_STOP_COPY ? MIG_CHECK_PASS : MIG_CHECK_FAIL,
			  "%s: %s%s", mig_protocol_name(opened->protocol),
			  caps_text(opened->caps, caps, sizeof(caps)),
			  opened->protocol == MIG_PROTOCOL_V1
				  ? " (of the protocol; v1 drivers announce none)"
				  : "");
	} else if (opened && opened->tried && opened->error.kind == MIG_KIND_NO_MIGRATION) {
		if (check->has_variant && !strcmp(target->driver, check->variant.driver))
			explain_enotty(check);
		else
			check_say(check, MIG_CHECK_FAIL, "%s", opened->error.text);
	} else if (target->vfio_bound && mig_variant_never_migrates(target->driver)) {
		check_say(check, MIG_CHECK_FAIL,
			  "none: %s never migrates (ENOTTY; QEMU says: VFIO migration is not "
			  "supported in kernel)",
			  target->driver);
	} else if (check_sysfs_has(check, "kernel/debug/vfio/%s/migration", target->name)) {
		check_say(check, MIG_CHECK_PASS,
			  "v2, as VFIO's debugfs shows; its capabilities "
			  "only the open device tells: --open");
	} else {
		check_say(check, MIG_CHECK_SKIP, "only the open device tells: --open");
	}
}

static bool announces(const struct mig_check_opened *opened, enum mig_cap cap)
{
	return opened->tried && opened->error.kind == MIG_KIND_OK && opened->caps & cap &&
	       opened->protocol == MIG_PROTOCOL_V2;
}

static void add_name(char *text, size_t size, const char *name)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
}

/* Of a device that could not be looked into nothing is known; it may well have P2P. */
void check_p2p(struct check *check)
{
	const struct mig_check_job *job = check->shared->job;
	char lacking[400] = "", unknown[400] = "";
	const char *doubt;

	for (size_t i = 0; i < job->count; i++) {
		if (!check_looked_into(&job->opened[i]))
			add_name(unknown, sizeof(unknown), job->targets[i].name);
		else if (!announces(&job->opened[i], MIG_CAP_P2P))
			add_name(lacking, sizeof(lacking), job->targets[i].name);
	}
	doubt = unknown[0] ? "; not known: " : "";
	if (announces(check->opened, MIG_CAP_P2P) && !lacking[0] && !unknown[0])
		check_say(check, MIG_CHECK_PASS, "yes%s", job->count > 1 ? ", as all of them" : "");
	else if (announces(check->opened, MIG_CAP_P2P))
		check_say(check, unknown[0] && job->named ? MIG_CHECK_WARN : MIG_CHECK_PASS,
			  "yes%s%s%s%s", lacking[0] ? "; not so " : "", lacking, doubt, unknown);
	else if (job->count > 1 && job->named)
		check_say(check, MIG_CHECK_FAIL,
			  "no; QEMU: Multiple VFIO devices migration is supported only if all of "
			  "them support P2P; without it are %s%s%s",
			  lacking, doubt, unknown);
	else
		check_say(check, MIG_CHECK_WARN,
			  "no: it migrates as the only VFIO device of its VM, not with others");
	if (check->verdict == MIG_CHECK_FAIL)
		check_mend(check, "give the VM one of these devices only");
}

void check_dma_logging(struct check *check)
{
	switch (check->opened->error.kind == MIG_KIND_OK ? check->opened->dma_logging : -1) {
	case 1:
		check_say(check, MIG_CHECK_PASS, "the device tracks what it writes");
		break;
	case 0:
		check_say(check, MIG_CHECK_WARN,
			  "none (VFIO_DEVICE_FEATURE 6): unless the IOMMU tracks dirty pages, all "
			  "pinned memory counts as dirty, and is sent while the guest stands");
		break;
	default:
		check_say(check, MIG_CHECK_SKIP, "unknown");
	}
}

void check_reset(struct check *check)
{
	switch (check->opened->reset) {
	case 1:
		check_say(check, MIG_CHECK_PASS, "VFIO_DEVICE_RESET is offered");
		break;
	case 0:
		check_say(check, MIG_CHECK_WARN,
			  "no VFIO_DEVICE_FLAGS_RESET: nothing but unbinding leads out of _ERROR "
			  "or a failed _RESUMING");
		break;
	default:
		check_say(check, MIG_CHECK_SKIP, "unknown");
	}
}

/* No SET leads out of _ERROR: it trips a warning of the kernel's. */
static void mend_error(struct check *check)
{
	const struct mig_target *target = check->target;

	if (!mig_name_is_plain(target->driver) || !mig_name_is_plain(target->bus))
		return;
	check_mend(check, "echo %s > /sys/bus/%s/drivers/%s/unbind", target->name, target->bus,
		   target->driver);
	check_mend(check, "echo %s > /sys/bus/%s/drivers/%s/bind", target->name, target->bus,
		   target->driver);
}

void check_first_state(struct check *check)
{
	const struct mig_check_opened *opened = check->opened;
	char text[MIG_STATE_TEXT];
	const char *word;

	if (!opened->seen) {
		check_say(check, MIG_CHECK_SKIP, "it was not read");
		return;
	}
	word = mig_reading_name(opened->first, text);
	if (opened->held && opened->first.state != MIG_STATE_RUNNING) {
		check_say(check, MIG_CHECK_SKIP, "a hold has it in %s", word);
		return;
	}
	if (opened->first.state == MIG_STATE_RUNNING) {
		check_say(check, MIG_CHECK_PASS, "%s", word);
		return;
	}
	check_say(check, MIG_CHECK_FAIL,
		  "%s, not running, right after opening: left over from an earlier user, or the "
		  "driver's own; a guest gets \"bad command while device in stopped state\" and "
		  "its like",
		  word);
	if (!mig_name_is_plain(check->target->name))
		return;
	if (opened->reset == 1)
		check_mend(check, "vfio-migctl reset %s", check->target->name);
	else if (opened->first.state == MIG_STATE_ERROR)
		mend_error(check);
	else
		check_mend(check, "vfio-migctl set %s running", check->target->name);
}
