// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the device: what it is, which driver it has, who else is near. */
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "migctl/hold.h"
#include "migctl/inventory.h"

/*
 * The PF drivers, by module, that the variant drivers ask for what they need:
 * mlx5vf_cmd.c, pds_vfio/cmds.c, qat/main.c, hisi_acc_vfio_pci.c,
 * virtio/migrate.c and xe/main.c under drivers/vfio/pci.
 */
static const struct {
	const char *variant;
	uint32_t device; /* of the VF, where that decides; 0: of any */
	const char *pf[2];
} pf_drivers[] = {
	{ "mlx5_vfio_pci", 0, { "mlx5_core" } },
	{ "pds_vfio_pci", 0, { "pds_core" } },
	{ "qat_vfio_pci", 0, { "qat_4xxx", "qat_420xx" } },
	{ "hisi_acc_vfio_pci", 0xa251, { "hisi_zip" } },
	{ "hisi_acc_vfio_pci", 0xa256, { "hisi_sec2" } },
	{ "hisi_acc_vfio_pci", 0xa259, { "hisi_hpre" } },
	{ "virtio_vfio_pci", 0, { "virtio_pci" } },
	{ "xe_vfio_pci", 0, { "xe" } },
};

#define PF_DRIVERS_COUNT (sizeof(pf_drivers) / sizeof(*pf_drivers))

/* NULL: the variant asks nothing of the PF's driver, or there is no variant. */
static const char *const *wanted_pf_drivers(const struct check *check)
{
	for (size_t i = 0; check->has_variant && i < PF_DRIVERS_COUNT; i++)
		if (!strcmp(check->variant.module, pf_drivers[i].variant) &&
		    (!pf_drivers[i].device || pf_drivers[i].device == check->target->ids.device))
			return pf_drivers[i].pf;
	return NULL;
}

static bool has_attribute(const struct mig_target *target, const char *name)
{
	char path[MIG_PATH_SIZE];

	return !mig_path(path, "%s/%s", target->syspath, name) && mig_sysfs_exists(path);
}

static bool is_pf(const struct mig_target *target)
{
	return has_attribute(target, "sriov_totalvfs");
}

void check_vf(struct check *check)
{
	const struct mig_target *target = check->target;
	char number[16] = "";

	if (target->is_vf) {
		if (target->vf_index >= 0)
			snprintf(number, sizeof(number), " %d", target->vf_index);
		check_say(check, MIG_CHECK_PASS, "VF%s of %s%s%s%s", number, target->pf,
			  target->pf_netdev[0] ? " (" : "", target->pf_netdev,
			  target->pf_netdev[0] ? ")" : "");
	} else if (is_pf(target)) {
		check_say(check, MIG_CHECK_FAIL, "it is a PF; only its VFs can migrate");
		if (has_attribute(target, "virtfn0"))
			check_mend(check, "vfio-migctl list --all # names its VFs");
		else if (mig_name_is_plain(target->name))
			check_mend(check,
				   "echo 1 > /sys/bus/pci/devices/%s/sriov_numvfs # then give VFIO "
				   "the VF",
				   target->name);
	} else {
		check_say(check,
			  check->has_variant && check->variant.migrates ? MIG_CHECK_FAIL
									: MIG_CHECK_WARN,
			  "not a VF, and all variant drivers but those of whole devices migrate "
			  "VFs alone");
	}
}

/* VFs of one PF come one after the other, so the last answer is the next one's. */
static const struct checks_pf *read_pf(const struct check *check)
{
	const struct mig_target *target = check->target;
	struct checks_pf *pf = &check->shared->pf;
	char path[MIG_PATH_SIZE];

	if (pf->name[0] && !strcmp(pf->name, target->pf))
		return pf;
	memset(pf, 0, sizeof(*pf));
	snprintf(pf->name, sizeof(pf->name), "%s", target->pf);
	pf->has_driver = !mig_path(path, "%s/physfn/driver", target->syspath) &&
			 !mig_sysfs_link(path, pf->driver, sizeof(pf->driver));
	if (pf->has_driver && (mig_path(path, "%s/physfn/driver/module", target->syspath) ||
			       mig_sysfs_link(path, pf->module, sizeof(pf->module))))
		snprintf(pf->module, sizeof(pf->module), "%s", pf->driver);
	return pf;
}

/* Built in, a driver has no module to be known by, and '-' and '_' differ. */
static bool is_one_of(const char *const *wanted, const char *module)
{
	char name[64];

	snprintf(name, sizeof(name), "%s", module);
	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	for (int i = 0; i < 2 && wanted[i]; i++)
		if (!strcmp(wanted[i], name))
			return true;
	return false;
}

void check_pf_driver(struct check *check)
{
	const struct mig_target *target = check->target;
	const char *const *wanted = wanted_pf_drivers(check);
	const struct checks_pf *pf = read_pf(check);
	bool plain = mig_name_is_plain(target->pf);

	if (!pf->has_driver) {
		check_say(check, MIG_CHECK_FAIL,
			  "the PF, %s, has no driver%s%s: what asks it gets ENOTCONN, or "
			  "finds no migration",
			  target->pf, wanted ? "; it wants " : "", wanted ? wanted[0] : "");
		if (plain && wanted)
			check_mend(check, "modprobe %s; echo %s > /sys/bus/pci/drivers_probe",
				   wanted[0], target->pf);
		else if (plain)
			check_mend(check, "echo %s > /sys/bus/pci/drivers_probe", target->pf);
	} else if (wanted && !is_one_of(wanted, pf->module) && !is_one_of(wanted, pf->driver)) {
		check_say(check, MIG_CHECK_FAIL, "the PF, %s, is on %s; %s needs it on %s",
			  target->pf, pf->driver, check->variant.module, wanted[0]);
		if (plain)
			check_mend(check,
				   "modprobe %s; echo > /sys/bus/pci/devices/%s/driver_override; "
				   "echo %s > /sys/bus/pci/devices/%s/driver/unbind; "
				   "echo %s > /sys/bus/pci/drivers_probe",
				   wanted[0], target->pf, target->pf, target->pf, target->pf);
	} else {
		check_say(check, MIG_CHECK_PASS, "the PF, %s, is on %s", target->pf, pf->driver);
	}
}

/* The driver to bind it to: the one that migrates, if the kernel has it. */
static void mend_bind_best(struct check *check)
{
	const struct mig_target *target = check->target;
	char driver[sizeof(target->bus) + sizeof("vfio-")];

	if (check->has_variant && check->variant.available) {
		check_mend_bind(check, check->variant.module, check->variant.driver);
		return;
	}
	/* vfio-pci, vfio-platform, vfio-fsl-mc, vfio-cdx and vfio-amba are named alike. */
	snprintf(driver, sizeof(driver), "vfio-%s", target->bus);
	check_mend_bind(check, driver, driver);
}

void check_driver(struct check *check)
{
	const struct mig_target *target = check->target;

	if (target->vfio_bound) {
		check_say(check, MIG_CHECK_PASS, "bound to %s", target->driver);
		return;
	}
	check_say(check, MIG_CHECK_FAIL, "not bound to a VFIO driver (%s%s)",
		  target->driver[0] ? "its driver is " : "it has no driver", target->driver);
	/* For nothing: a PF does not migrate, and its VFs would go with its driver. */
	if (is_pf(target))
		return;
	mend_bind_best(check);
	if (target->driver[0] && check->remedy[0])
		check_comment(check, "takes it from %s, and from whoever uses that",
			      target->driver);
}

/* The kernel has no alias of the module, and no such driver: why? */
static void explain_missing(struct check *check)
{
	const struct mig_variant *variant = &check->variant;
	char path[MIG_PATH_SIZE], begin[256];

	snprintf(begin, sizeof(begin), "%s%s%sthe migration-capable driver for %04x:%04x is %s",
		 check->target->vfio_bound ? "bound to " : "",
		 check->target->vfio_bound ? check->target->driver : "",
		 check->target->vfio_bound ? "; " : "", check->target->ids.vendor,
		 check->target->ids.device, variant->module);
	switch (checks_kconfig_read(check->shared->host, variant->config, path)) {
	case CHECKS_KCONFIG_UNREADABLE:
		check_say(check, MIG_CHECK_FAIL,
			  "%s, which modules.alias does not have (its option would be %s; the "
			  "kernel's configuration is not readable)",
			  begin, variant->config);
		break;
	case CHECKS_KCONFIG_ABSENT:
		check_say(check, MIG_CHECK_FAIL,
			  "%s, which this kernel does not have: %s knows no %s, so it is too old, "
			  "or of another architecture",
			  begin, path, variant->config);
		break;
	case CHECKS_KCONFIG_OFF:
		check_say(check, MIG_CHECK_FAIL,
			  "%s, which this kernel was built without: %s is not set in %s", begin,
			  variant->config, path);
		break;
	case CHECKS_KCONFIG_MODULE:
	case CHECKS_KCONFIG_BUILTIN:
		check_say(check, MIG_CHECK_FAIL,
			  "%s, which %s has (%s), but neither modules.alias nor the PCI bus does",
			  begin, path, variant->config);
		check_mend(check,
			   "depmod; modprobe %s # not found: install the package with the kernel's "
			   "further modules",
			   variant->module);
		return;
	}
	check_mend(check, "boot a kernel built with %s=m", variant->config);
}

/* No driver is known that migrates it. */
static void tell_none(struct check *check)
{
	const struct mig_target *target = check->target;

	if (target->vfio_bound && !mig_variant_never_migrates(target->driver))
		check_say(check, MIG_CHECK_PASS,
			  "bound to %s, which is not a driver known to us for %04x:%04x",
			  target->driver, target->ids.vendor, target->ids.device);
	else
		check_say(check, MIG_CHECK_FAIL,
			  "%s%s%sno migration-capable driver is known for %04x:%04x%s",
			  target->vfio_bound ? "bound to " : "",
			  target->vfio_bound ? target->driver : "",
			  target->vfio_bound ? ", which never migrates; " : "", target->ids.vendor,
			  target->ids.device, target->is_vf ? "" : ", which is not a VF");
}

void check_variant(struct check *check)
{
	const struct mig_target *target = check->target;
	const struct mig_variant *variant = &check->variant;
	const char *doubt = variant->migrates ? "" : "; whether it migrates is not known";

	if (!target->ids.valid) {
		check_say(check, MIG_CHECK_SKIP, "its ids cannot be read");
	} else if (!check->has_variant) {
		tell_none(check);
	} else if (!variant->available) {
		explain_missing(check);
	} else if (!strcmp(target->driver, variant->driver) &&
		   (variant->migrates || check_migrates(check))) {
		check_say(check, MIG_CHECK_PASS, "bound to %s, the right driver for %04x:%04x",
			  target->driver, target->ids.vendor, target->ids.device);
	} else if (!strcmp(target->driver, variant->driver)) {
		check_say(check, MIG_CHECK_PASS,
			  "bound to %s, the driver that modules.alias names for %04x:%04x%s",
			  target->driver, target->ids.vendor, target->ids.device, doubt);
	} else if (target->vfio_bound) {
		check_say(check, MIG_CHECK_FAIL, "bound to %s; the %s for %04x:%04x is %s%s",
			  target->driver,
			  variant->migrates ? "migration-capable driver"
					    : "driver that modules.alias names",
			  target->ids.vendor, target->ids.device, variant->module, doubt);
		mend_bind_best(check);
	} else {
		check_say(check, MIG_CHECK_PASS, "%s is there for %04x:%04x%s", variant->module,
			  target->ids.vendor, target->ids.device, doubt);
	}
}

/* A command for each offender; none for a name that a shell would take apart. */
static void mend_offender(struct check *check, const struct mig_sibling *sibling)
{
	if (mig_name_is_plain(sibling->name) &&
	    check_sysfs_has(check, "bus/pci/devices/%s/driver", sibling->name))
		check_mend(check, "echo %s > /sys/bus/pci/devices/%s/driver/unbind", sibling->name,
			   sibling->name);
}

static int count_entry(void *context, int dirfd, const char *name)
{
	(void)dirfd;
	(void)name;
	++*(size_t *)context;
	return 0;
}

/* Most groups have one device, which need not be read again to know. */
static bool is_alone(const struct check *check)
{
	char path[MIG_PATH_SIZE];
	size_t count = 0;

	return !mig_path(path, "%s/kernel/iommu_groups/%d/devices", check->shared->host->sysfs,
			 check->target->group) &&
	       !mig_sysfs_walk(path, count_entry, &count) && count == 1;
}

void check_group(struct check *check)
{
	const struct mig_target *target = check->target;
	struct mig_siblings siblings;
	struct mig_error ignored;
	char offenders[CHECK_TEXT] = "";
	size_t others = 0, used = 0;

	if (target->group >= 0 && is_alone(check)) {
		check_say(check, MIG_CHECK_PASS, "group %d has this device alone", target->group);
		return;
	}
	if (target->group < 0 ||
	    mig_siblings_read(check->shared->host, target->group, &siblings, &ignored)) {
		check_say(check, MIG_CHECK_SKIP, "it is in no IOMMU group");
		return;
	}
	for (size_t i = 0; i < siblings.count; i++) {
		const struct mig_sibling *sibling = &siblings.items[i];

		if (!strcmp(sibling->name, target->name))
			continue;
		others++;
		if (!sibling->offender || used >= sizeof(offenders))
			continue;
		used += (size_t)snprintf(offenders + used, sizeof(offenders) - used, "%s%s (%s)",
					 used ? ", " : "", sibling->name, sibling->driver);
		mend_offender(check, sibling);
	}
	mig_siblings_clear(&siblings);
	if (used)
		check_say(
			check, MIG_CHECK_FAIL,
			"group %d is not viable: on other drivers than VFIO's are %s (QEMU: Please "
			"ensure all devices within the iommu_group are bound to their vfio bus "
			"driver)",
			target->group, offenders);
	else
		check_say(check, MIG_CHECK_PASS,
			  "group %d is viable; it has %zu more device%s, which cannot go to "
			  "another user",
			  target->group, others, others == 1 ? "" : "s");
}

void check_vf_token(struct check *check)
{
	const struct mig_target *target = check->target;
	const struct checks_pf *pf = read_pf(check);

	if (!pf->has_driver || !mig_variant_is_vfio_driver(pf->driver)) {
		check_say(check, MIG_CHECK_PASS, "not needed: the PF is not on VFIO");
	} else if (check->shared->job->vf_token) {
		check_say(check, MIG_CHECK_PASS, "needed, for the PF, %s, is on %s; one is given",
			  target->pf, pf->driver);
	} else {
		check_say(check, MIG_CHECK_WARN,
			  "VF token required (EACCES): the PF, %s, is on %s, and its user sets it",
			  target->pf, pf->driver);
		check_mend(check, "give the token: --vf-token UUID, or QEMU's vf-token=UUID");
	}
}

static void tell_holder(struct check *check, const struct mig_holder *holder)
{
	const struct {
		const char *what, *name;
	} of[] = { { "VM ", holder->vm }, { "", holder->container }, { "", holder->unit } };
	char more[512] = "";
	size_t used = 0;

	if (mig_hold_is(check->shared->host, holder->pid, check->target->name)) {
		check_say(check, MIG_CHECK_WARN,
			  "process %d is a hold of it: get, set, save, restore, reset, bench and "
			  "dirty go through that, others get EBUSY",
			  holder->pid);
		return;
	}
	for (size_t i = 0; i < sizeof(of) / sizeof(*of) && used < sizeof(more); i++)
		if (of[i].name[0])
			used += (size_t)snprintf(more + used, sizeof(more) - used, "%s%s%s",
						 used ? ", " : "", of[i].what, of[i].name);
	check_say(check, MIG_CHECK_WARN, "process %d (%s%s%s) has %s open; others get EBUSY",
		  holder->pid, holder->comm, used ? "; " : "", more, holder->path);
	if (!mig_name_is_plain(check->target->name))
		return;
	check_mend(check, "vfio-migctl get --attach %s", check->target->name);
	/* A signal is no way to end a guest or a service, so none is offered. */
	if (used)
		check_comment(check, "looks through it; to have it free, end %s%s",
			      holder->vm[0]          ? "the VM"
			      : holder->container[0] ? "the container"
						     : "the unit",
			      " by what has started it");
	else
		check_comment(check, "looks through it; to have it free: kill %d", holder->pid);
}

void check_holder(struct check *check)
{
	const struct mig_holder *holder = check->holder;

	if (holder) {
		tell_holder(check, holder);
	} else if (!check->shared->holders_known || check->shared->holders.incomplete) {
		check_say(check, MIG_CHECK_SKIP,
			  "no holder was found, but some processes hide what they have open: "
			  "root sees all");
	} else if (check->shared->contained) {
		check_say(check, MIG_CHECK_SKIP,
			  "no holder was found, but those outside of this container's pid "
			  "namespace are not seen");
	} else {
		check_say(check, MIG_CHECK_PASS, "nobody has it open");
	}
}
