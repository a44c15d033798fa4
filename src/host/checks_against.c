// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks against a device of another host: would a state saved there load here? */
#include <stdio.h>
#include <string.h>

#include "checks.h"

static bool same_kind(const struct mig_saved_meta *a, const struct mig_saved_meta *b)
{
	return !strcmp(a->bus, b->bus) && !strcmp(a->vendor, b->vendor) &&
	       !strcmp(a->device, b->device);
}

/* As mig_saved_fits() has it: what is not told differs from nothing. */
static bool may_equal(const char *a, const char *b)
{
	return !a[0] || !b[0] || !strcmp(a, b);
}

static bool may_be_kind(const struct mig_saved_meta *a, const struct mig_saved_meta *b)
{
	return may_equal(a->bus, b->bus) && may_equal(a->vendor, b->vendor) &&
	       may_equal(a->device, b->device);
}

/*
 * The device there that this one stands for: of the same name, if it may be of
 * the same kind, else the first of that kind, else the first that may be, else
 * the only one.
 */
const struct mig_saved_meta *checks_against_find(const struct mig_check_job *job,
						 const struct mig_saved_meta *here)
{
	const struct mig_saved_meta *kin = NULL, *maybe = NULL;

	for (size_t i = 0; i < job->against_count; i++) {
		const struct mig_saved_meta *there = &job->against[i];

		if (!may_be_kind(there, here))
			continue;
		if (!strcmp(there->name, here->name))
			return there;
		maybe = maybe ? maybe : there;
		if (same_kind(there, here))
			kin = kin ? kin : there;
	}
	return kin ? kin : maybe ? maybe : job->against_count == 1 ? &job->against[0] : NULL;
}

/* False: they differ, and it is said how. */
static bool agree(struct check *check, const char *what, const char *there, const char *here)
{
	if (!strcmp(there, here))
		return true;
	check_say(check, MIG_CHECK_FAIL, "another %s: %s there, %s here", what,
		  there[0] ? there : "none", here[0] ? here : "none");
	return false;
}

static bool agree_if_told(struct check *check, const char *what, const char *there,
			  const char *here)
{
	return may_equal(there, here) || agree(check, what, there, here);
}

void check_against_kind(struct check *check)
{
	const struct mig_saved_meta *there = check->there, *here = check->here;

	if (!agree_if_told(check, "bus", there->bus, here->bus) ||
	    !agree_if_told(check, "vendor id", there->vendor, here->vendor) ||
	    !agree_if_told(check, "device id", there->device, here->device) ||
	    !agree_if_told(check, "subsystem vendor id", there->subsystem_vendor,
			   here->subsystem_vendor) ||
	    !agree_if_told(check, "subsystem device id", there->subsystem_device,
			   here->subsystem_device))
		return;
	if (!same_kind(there, here)) {
		check_say(check, MIG_CHECK_SKIP, "not told which kind of device %s of %s is",
			  there->name, there->host[0] ? there->host : "the other host");
		return;
	}
	check_say(check, MIG_CHECK_PASS, "as %s of %s: %s%s%s%s%s", there->name,
		  there->host[0] ? there->host : "the other host", here->bus,
		  here->vendor[0] ? " " : "", here->vendor, here->vendor[0] ? ":" : "",
		  here->device);
}

void check_against_driver(struct check *check)
{
	if (agree(check, "driver", check->there->driver, check->here->driver))
		check_say(check, MIG_CHECK_PASS, "%s", check->here->driver);
	else if (check->has_variant && !strcmp(check->there->driver, check->variant.driver))
		check_mend_bind(check, check->variant.module, check->variant.driver);
}

void check_against_protocol(struct check *check)
{
	const struct mig_saved_meta *there = check->there, *here = check->here;
	unsigned int lacking = there->caps & ~here->caps;
	/* Also without opening: of vfio-pci it is known that it never migrates. */
	const struct mig_check_item *protocol = check_before(check, "protocol");

	if (here->protocol == MIG_PROTOCOL_NONE && protocol &&
	    protocol->verdict == MIG_CHECK_FAIL) {
		check_say(check, MIG_CHECK_FAIL, "no migration here");
		return;
	}
	if (there->protocol == MIG_PROTOCOL_NONE && there->no_migration) {
		check_say(check, MIG_CHECK_FAIL, "no migration there");
		return;
	}
	if (there->protocol == MIG_PROTOCOL_NONE || here->protocol == MIG_PROTOCOL_NONE) {
		check_say(check, MIG_CHECK_SKIP,
			  "not told %s, only an open device tells: check --open",
			  there->protocol == MIG_PROTOCOL_NONE ? "there" : "here");
		return;
	}
	if (!agree(check, "protocol", mig_protocol_name(there->protocol),
		   mig_protocol_name(here->protocol)))
		return;
	for (unsigned int cap = 1; cap <= MIG_CAPS_ALL; cap <<= 1) {
		if (!(lacking & cap))
			continue;
		check_say(check, MIG_CHECK_FAIL, "%s is there, and not here", mig_cap_name(cap));
		return;
	}
	check_say(check, MIG_CHECK_PASS, "%s, and no capability there that is not here",
		  mig_protocol_name(here->protocol));
}

/* One part of what is compared: the same on both, or where it is not told. */
static void tell_part(char *text, size_t size, const char *what, const char *there,
		      const char *here)
{
	size_t used = strlen(text);

	if (there[0] && here[0])
		snprintf(text + used, size - used, "%s%s %s on both", used ? ", " : "", what, here);
	else
		snprintf(text + used, size - used, "%s%s not told %s", used ? ", " : "", what,
			 there[0]  ? "here"
			 : here[0] ? "there"
				   : "there or here");
}

void check_against_firmware(struct check *check)
{
	const struct mig_saved_meta *there = check->there, *here = check->here;
	bool psid = there->firmware_psid[0] && here->firmware_psid[0];
	bool version = there->firmware_version[0] && here->firmware_version[0];
	char text[256] = "";

	if ((psid && !agree(check, "PSID", there->firmware_psid, here->firmware_psid)) ||
	    (version &&
	     !agree(check, "firmware version", there->firmware_version, here->firmware_version))) {
		check_mend(check, "give both devices the same firmware");
		return;
	}
	tell_part(text, sizeof(text), "version", there->firmware_version, here->firmware_version);
	tell_part(text, sizeof(text), "PSID", there->firmware_psid, here->firmware_psid);
	check_say(check, psid || version ? MIG_CHECK_PASS : MIG_CHECK_SKIP, "%s", text);
}

void check_against_kernel(struct check *check)
{
	const char *there = check->there->kernel, *here = check->here->kernel;

	if (!there[0] || !here[0])
		check_say(check, MIG_CHECK_SKIP, "not told");
	else if (!strcmp(there, here))
		check_say(check, MIG_CHECK_PASS, "%s on both", here);
	else
		check_say(check, MIG_CHECK_WARN,
			  "%s there, %s here: the drivers may read each other's states or not",
			  there, here);
}
