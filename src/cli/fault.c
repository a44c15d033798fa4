// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device that could not be opened: vfio knows the call that failed, the
 * host knows the machine around it. Here the one is told by the other.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "migctl/escape.h"
#include "migctl/inventory.h"
#include "migctl/variant.h"

static void name_holder(const struct mig_host *host, const struct mig_target *target,
			struct mig_error *error)
{
	const pid_t except[] = { getpid(), 0 };
	const struct mig_holder *holder;
	struct mig_holders holders;
	char text[CLI_HOLDER_TEXT], path[80];

	if (mig_holders_scan(host, except, &holders))
		return;
	holder = mig_holders_find(&holders, target);
	if (holder && mig_hold_is(host, holder->pid, target->name))
		mig_error_hint(error,
			       "process %d is a hold of it, and this command wants a device that "
			       "nobody has open; kill %d ends the hold",
			       holder->pid, holder->pid);
	else if (holder)
		mig_error_hint(error, "%s has %s open; end it, or wait for it",
			       cli_holder_text(holder, text),
			       mig_escape(path, sizeof(path), holder->path));
	else
		mig_error_hint(error, "another process has it open%s",
			       holders.incomplete ? "; root would see which" : "");
	mig_holders_clear(&holders);
}

static void name_offenders(const struct mig_host *host, const struct mig_target *target,
			   struct mig_error *error)
{
	struct mig_siblings siblings;
	struct mig_error ignored;
	char text[480];

	if (target->group < 0 || mig_siblings_read(host, target->group, &siblings, &ignored))
		return;
	if (mig_siblings_offenders(&siblings, text, sizeof(text)))
		mig_error_hint(error, "bind these of the group to VFIO, or to no driver: %s", text);
	mig_siblings_clear(&siblings);
}

/* The node is named already; two of them are missing for want of a module. */
static void name_node(struct mig_error *error)
{
	if (strstr(error->text, "/dev/iommu"))
		mig_error_hint(error, "load the module: modprobe iommufd");
	else if (strstr(error->text, "/dev/vfio/vfio"))
		mig_error_hint(error, "load the modules: modprobe vfio; in a container, give it "
				      "/dev/vfio/vfio");
}

void cli_fault_explain(const struct mig_host *host, struct mig_target *target,
		       struct mig_error *error)
{
	char sentence[400], remedy[400];

	switch (error->cause) {
	case MIG_CAUSE_NONE:
		return;
	case MIG_CAUSE_HELD:
		name_holder(host, target, error);
		return;
	case MIG_CAUSE_NOT_VIABLE:
		name_offenders(host, target, error);
		return;
	case MIG_CAUSE_NO_NODE:
		name_node(error);
		return;
	case MIG_CAUSE_PERMISSION:
		mig_error_hint(error, geteuid() ? "run it as root, or be given the node's rights"
						: "a security module or a container's device "
						  "rules deny it");
		return;
	case MIG_CAUSE_VF_TOKEN:
		mig_error_hint(error, "the PF is on vfio-pci and its user has set a VF token: give "
				      "--vf-token UUID");
		return;
	case MIG_CAUSE_NO_PROTOCOL:
		if (mig_variant_explain(host, target, sentence, sizeof(sentence), remedy,
					sizeof(remedy)))
			mig_error_hint(error, "%s%s%s", sentence, remedy[0] ? ": " : "", remedy);
		else
			mig_error_hint(error, "its driver, %s, does not migrate",
				       target->driver[0] ? target->driver : "none");
		return;
	}
}

void cli_fault_suggest(const struct mig_host *host, const char *word, struct mig_error *error)
{
	struct mig_inventory inventory;
	struct mig_error ignored;
	const char **names, *nearest;
	size_t count = 0;
	char bdf[32];

	if (error->kind != MIG_KIND_NO_DEVICE ||
	    mig_inventory_read(host, false, &inventory, &ignored))
		return;
	names = calloc(inventory.count + 1, sizeof(*names));
	/* A name that a shell would take apart is no help to type. */
	for (size_t i = 0; names && i < inventory.count; i++)
		if (mig_name_is_plain(inventory.targets[i].name))
			names[count++] = inventory.targets[i].name;
	/* The domain that was left out is no mistake. */
	nearest = cli_suggest(mig_target_parse_bdf(word, bdf) ? bdf : word, names, count);
	if (nearest)
		mig_error_hint(error, "did you mean \"%s\"?", nearest);
	free(names);
	mig_inventory_clear(&inventory);
}
