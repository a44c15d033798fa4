// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "migctl/devlink.h"
#include "migctl/escape.h"

static const char *const migratable_names[] = {
	[MIG_MIGRATABLE_UNKNOWN] = "unknown",
	[MIG_MIGRATABLE_UNSUPPORTED] = "unsupported",
	[MIG_MIGRATABLE_OFF] = "off",
	[MIG_MIGRATABLE_ON] = "on",
};

static const char *const eswitch_names[] = {
	[MIG_ESWITCH_UNKNOWN] = "unknown",
	[MIG_ESWITCH_NONE] = "none",
	[MIG_ESWITCH_LEGACY] = "legacy",
	[MIG_ESWITCH_SWITCHDEV] = "switchdev",
};

static const char *const state_names[] = {
	[MIG_FUNCTION_UNKNOWN] = "unknown",
	[MIG_FUNCTION_INACTIVE] = "inactive",
	[MIG_FUNCTION_ACTIVE] = "active",
};

static const char *const opstate_names[] = {
	[MIG_OPSTATE_UNKNOWN] = "unknown",
	[MIG_OPSTATE_DETACHED] = "detached",
	[MIG_OPSTATE_ATTACHED] = "attached",
};

static const char *const health_names[] = {
	[MIG_HEALTH_UNKNOWN] = "unknown",
	[MIG_HEALTH_HEALTHY] = "healthy",
	[MIG_HEALTH_ERROR] = "error",
};

/* enum devlink_port_flavour, in the words of devlink(8). */
static const char *const flavour_names[] = {
	"physical", "cpu", "dsa", "pcipf", "pcivf", "virtual", "unused", "pcisf",
};

const struct mig_devlink_health *mig_health_find(const struct mig_devlink_health *list,
						 size_t count,
						 const struct mig_devlink_health *like)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].of_port == like->of_port && !strcmp(list[i].name, like->name))
			return &list[i];
	return NULL;
}

bool mig_health_same(const struct mig_devlink_health *health,
		     const struct mig_devlink_health *other)
{
	return other && health->state == other->state && health->errors == other->errors &&
	       health->recoveries == other->recoveries;
}

const char *mig_migratable_name(enum mig_migratable migratable)
{
	return migratable_names[migratable];
}

const char *mig_eswitch_name(enum mig_eswitch eswitch)
{
	return eswitch_names[eswitch];
}

const char *mig_function_state_name(enum mig_function_state state)
{
	return state_names[state];
}

const char *mig_function_opstate_name(enum mig_function_opstate opstate)
{
	return opstate_names[opstate];
}

const char *mig_health_state_name(enum mig_health_state state)
{
	return health_names[state];
}

const char *mig_devlink_flavour_name(uint16_t flavour)
{
	return flavour < sizeof(flavour_names) / sizeof(*flavour_names) ? flavour_names[flavour]
									: NULL;
}

/* What the sentences are made of, escaped. */
struct words {
	const struct mig_devlink *devlink;
	char name[128];
	char handle[MIG_DEVLINK_HANDLE];
	char *sentence, *remedy;
};

#define SAY(words, what, ...) snprintf((words)->what, MIG_DEVLINK_SENTENCE, __VA_ARGS__)

static void explain_not_visible(struct words *words)
{
	const struct mig_devlink *devlink = words->devlink;

	if (devlink->vf < 0) {
		SAY(words, sentence, "sysfs does not tell which VF of %s %s is", words->handle,
		    words->name);
		SAY(words, remedy, "devlink port show");
		return;
	}
	SAY(words, sentence,
	    "VF %d is not among the ports of %s: the port of %s is not visible from this host, "
	    "which does not mean that migratable is off%s%s",
	    devlink->vf, words->handle, words->name,
	    devlink->eswitch_err ? "; the eswitch mode cannot be read: " : "",
	    devlink->eswitch_err ? strerror(devlink->eswitch_err) : "");
	SAY(words, remedy,
	    "on a SmartNIC the ports live on the other side: run devlink port show there");
}

static void explain_gap(struct words *words)
{
	const struct mig_devlink *devlink = words->devlink;

	switch (devlink->gap) {
	case MIG_DEVLINK_GAP_NONE:
		return;
	case MIG_DEVLINK_GAP_NOT_PCI:
		SAY(words, sentence, "%s is not a PCI function: devlink has no port for it",
		    words->name);
		return;
	case MIG_DEVLINK_GAP_NOT_VF:
		SAY(words, sentence, "%s is not a VF: no devlink port stands for it", words->name);
		SAY(words, remedy, "name one of its VFs");
		return;
	case MIG_DEVLINK_GAP_NO_FAMILY:
		SAY(words, sentence, "this kernel has no devlink (CONFIG_NET_DEVLINK)");
		SAY(words, remedy, "load the driver of the PF, which brings devlink with it");
		return;
	case MIG_DEVLINK_GAP_NO_INSTANCE:
		SAY(words, sentence, "there is no devlink instance %s", words->handle);
		SAY(words, remedy,
		    "bind %s to a driver that has devlink, as mlx5_core has; without, there is no "
		    "migratable to set",
		    words->handle + strcspn(words->handle, "/") + 1);
		return;
	case MIG_DEVLINK_GAP_LEGACY:
		SAY(words, sentence,
		    "the eswitch of %s is in mode legacy, in which VFs have no port",
		    words->handle);
		SAY(words, remedy, "devlink dev eswitch set %s mode switchdev", words->handle);
		return;
	case MIG_DEVLINK_GAP_NOT_VISIBLE:
		explain_not_visible(words);
		return;
	case MIG_DEVLINK_GAP_AMBIGUOUS:
		SAY(words, sentence, "several ports of %s stand for VF %d: which is %s is not told",
		    words->handle, devlink->vf, words->name);
		SAY(words, remedy, "devlink port show");
		return;
	case MIG_DEVLINK_GAP_UNREADABLE:
		SAY(words, sentence, "devlink could not be asked for the ports of %s: %s",
		    words->handle, devlink->err ? strerror(devlink->err) : "a malformed answer");
		return;
	}
}

static void explain_migratable(struct words *words)
{
	const struct mig_devlink *devlink = words->devlink;
	bool mlx5 = !strcmp(devlink->info.driver, "mlx5_core");

	switch (devlink->migratable) {
	case MIG_MIGRATABLE_ON:
		return;
	case MIG_MIGRATABLE_UNKNOWN:
		SAY(words, sentence, "port %s/%u does not say whether %s is migratable",
		    words->handle, devlink->port.index, words->name);
		return;
	case MIG_MIGRATABLE_UNSUPPORTED:
		SAY(words, sentence,
		    "port %s/%u has no migratable: the PF's driver, its firmware or a kernel "
		    "before 6.2 does not offer it for %s",
		    words->handle, devlink->port.index, words->name);
		if (mlx5)
			SAY(words, remedy,
			    "mlxconfig -d %s set VF_MIGRATION_MODE=2, then reset the firmware",
			    words->handle + strcspn(words->handle, "/") + 1);
		else
			SAY(words, remedy, "update the PF's firmware, driver and kernel");
		return;
	case MIG_MIGRATABLE_OFF:
		SAY(words, sentence, "migratable is off on %s/%u, the port of %s", words->handle,
		    devlink->port.index, words->name);
		/* devlink(8) has a word for it since 6.2 only. */
		SAY(words, remedy,
		    "with no driver bound: vfio-migctl set-migratable %s on (devlink port function "
		    "set %s/%u migratable enable), and rebind afterwards",
		    words->name, words->handle, devlink->port.index);
		return;
	}
}

bool mig_devlink_explain(const struct mig_devlink *devlink, const char *name,
			 char sentence[MIG_DEVLINK_SENTENCE], char remedy[MIG_DEVLINK_SENTENCE])
{
	struct words words = { .devlink = devlink, .sentence = sentence, .remedy = remedy };

	sentence[0] = remedy[0] = '\0';
	mig_escape(words.name, sizeof(words.name), name);
	mig_escape(words.handle, sizeof(words.handle), devlink->handle);
	if (devlink->gap == MIG_DEVLINK_GAP_NONE)
		explain_migratable(&words);
	else
		explain_gap(&words);
	return sentence[0];
}

enum mig_outcome mig_migratable_verdict(enum mig_migratable before, enum mig_migratable asked,
					bool failed, enum mig_migratable after)
{
	if (after == asked)
		return MIG_OUTCOME_ACCEPTED;
	return failed && after == before ? MIG_OUTCOME_NAK : MIG_OUTCOME_ASTRAY;
}
