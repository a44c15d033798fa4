// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the machine: its IOMMU, modules and limits. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "checks.h"

/* As a word of the kernel's command line. */
static bool booted_with(const struct mig_host *host, const char *word)
{
	char path[MIG_PATH_SIZE], line[4096], *save = NULL;

	if (mig_path(path, "%s/cmdline", host->proc) || mig_sysfs_text(path, line, sizeof(line)))
		return false;
	for (char *at = strtok_r(line, " ", &save); at; at = strtok_r(NULL, " ", &save))
		if (!strcmp(at, word))
			return true;
	return false;
}

static void mend_iommu(struct check *check)
{
	struct utsname name;

	if (uname(&name) || strcmp(name.machine, "x86_64"))
		check_mend(check, "turn the IOMMU (SMMU) on in the firmware's settings");
	else if (booted_with(check->shared->host, "intel_iommu=on"))
		check_mend(check, "intel_iommu=on is given already: turn VT-d (Intel) or AMD-Vi "
				  "(AMD) on in the firmware's settings");
	else
		check_mend(check, "turn VT-d (Intel) or AMD-Vi (AMD) on in the firmware's "
				  "settings, and on Intel boot with intel_iommu=on");
}

/* The name of the first IOMMU: "dmar0", "ivhd0", "smmu3.0x...". */
static bool machine_has_iommu(const struct check *check, char *name, size_t size)
{
	char path[MIG_PATH_SIZE];

	return !mig_path(path, "%s/class/iommu", check->shared->host->sysfs) &&
	       !mig_sysfs_entry(path, name, size);
}

static bool group_text(const struct check *check, const char *attribute, char *text, size_t size)
{
	char path[MIG_PATH_SIZE];

	return !mig_path(path, "%s/kernel/iommu_groups/%d/%s", check->shared->host->sysfs,
			 check->target->group, attribute) &&
	       !mig_sysfs_text(path, text, size) && text[0];
}

void check_iommu(struct check *check)
{
	const struct mig_target *target = check->target;
	char text[64], name[64];

	if (target->noiommu) {
		check_say(check, MIG_CHECK_FAIL,
			  "the device is in no-IOMMU mode: nothing confines its DMA, and VMMs "
			  "refuse it");
		mend_iommu(check);
	} else if (target->group >= 0 && group_text(check, "name", text, sizeof(text)) &&
		   !strcmp(text, "vfio-noiommu")) {
		/* vfio_noiommu_group_alloc(): so are the groups of mdevs named, too. */
		check_say(check, MIG_CHECK_PASS, "emulated by the device's driver; group %d",
			  target->group);
	} else if (target->group >= 0) {
		if (!group_text(check, "type", text, sizeof(text)))
			strcpy(text, "of unknown type");
		check_say(check, MIG_CHECK_PASS, "on; group %d, %s", target->group, text);
	} else if (machine_has_iommu(check, name, sizeof(name))) {
		check_say(check, strcmp(target->bus, "pci") ? MIG_CHECK_SKIP : MIG_CHECK_FAIL,
			  "the IOMMU is on (%s), but the device is in no group of it", name);
		if (!strcmp(target->bus, "pci"))
			check_mend(check, "dmesg | grep -E 'DMAR|AMD-Vi|SMMU'");
	} else {
		check_say(check, MIG_CHECK_FAIL, "the IOMMU is off: /sys/class/iommu is empty");
		mend_iommu(check);
	}
}

void check_modules(struct check *check)
{
	const struct mig_target *target = check->target;
	bool pci = !strcmp(target->bus, "pci");
	char driver[sizeof(target->bus) + sizeof("vfio-")];

	snprintf(driver, sizeof(driver), "vfio-%s", target->bus);
	/* Built in it may have no folder under module, but its classes are there. */
	if (!check_sysfs_has(check, "module/vfio") && !check_sysfs_has(check, "class/vfio") &&
	    !check_sysfs_has(check, "class/vfio-dev")) {
		check_say(check, MIG_CHECK_FAIL, "the vfio module is not loaded");
		if (pci && check->has_variant && check->variant.available)
			check_mend(check, "modprobe %s", check->variant.module);
		else
			check_mend(check, "modprobe %s", pci ? "vfio-pci" : "vfio");
	} else if (pci && !target->vfio_bound &&
		   !check_sysfs_has(check, "bus/pci/drivers/vfio-pci") &&
		   !(check->has_variant &&
		     check_sysfs_has(check, "bus/pci/drivers/%s", check->variant.driver))) {
		check_say(check, MIG_CHECK_FAIL,
			  "vfio is loaded, but no VFIO driver of the PCI bus");
		check_mend(check, "modprobe %s",
			   check->has_variant && check->variant.available ? check->variant.module
									  : "vfio-pci");
	} else {
		check_say(check, MIG_CHECK_PASS, "vfio is loaded%s%s",
			  target->vfio_bound ? ", and so is the device's driver, " : "",
			  target->vfio_bound ? target->driver : "");
	}
}

/* A line "Name: value" of a file of /proc, and what comes behind its name. */
static bool proc_field(const struct mig_host *host, const char *process, const char *file,
		       const char *name, char *value, size_t size)
{
	char path[MIG_PATH_SIZE], text[4096], *line;

	if (mig_path(path, "%s/%s/%s", host->proc, process, file) ||
	    mig_sysfs_text(path, text, sizeof(text)))
		return false;
	line = strstr(text, name);
	if (!line)
		return false;
	line += strlen(name);
	line += strspn(line, " \t");
	snprintf(value, size, "%.*s", (int)strcspn(line, " \t\n"), line);
	return true;
}

/* linux/capability.h: CAP_IPC_LOCK */
#define IPC_LOCK 14

/* Of a process, or of this one, which is read once. */
static void read_memlock(struct mig_checks *shared, const char *process, char limit[32],
			 char caps[32])
{
	limit[0] = caps[0] = '\0';
	if (!process && shared->memlock_known) {
		strcpy(limit, shared->memlock);
		strcpy(caps, shared->memlock_caps);
		return;
	}
	proc_field(shared->host, process ? process : "self", "limits", "Max locked memory", limit,
		   32);
	proc_field(shared->host, process ? process : "self", "status", "CapEff:", caps, 32);
	if (process)
		return;
	shared->memlock_known = true;
	strcpy(shared->memlock, limit);
	strcpy(shared->memlock_caps, caps);
}

/*
 * What is pinned for DMA counts against the limit of the process that maps it,
 * unless it has CAP_IPC_LOCK (vfio_lock_acct()); the holder's counts, if there is one.
 */
void check_memlock(struct check *check)
{
	char process[32], limit[32], caps[32];
	const struct mig_holder *holder = check->holder;
	uint64_t bytes;

	snprintf(process, sizeof(process), "%d", holder ? holder->pid : 0);
	read_memlock(check->shared, holder ? process : NULL, limit, caps);
	if (!limit[0]) {
		check_say(check, MIG_CHECK_SKIP, "%s/%s/limits cannot be read",
			  check->shared->host->proc, holder ? process : "self");
		return;
	}
	if (!strcmp(limit, "unlimited")) {
		check_say(check, MIG_CHECK_PASS, "RLIMIT_MEMLOCK of %s is unlimited",
			  holder ? "the holder" : "this process");
		return;
	}
	bytes = strtoull(limit, NULL, 10);
	if (strtoull(caps, NULL, 16) >> IPC_LOCK & 1) {
		check_say(check, MIG_CHECK_PASS,
			  "RLIMIT_MEMLOCK of %s is %" PRIu64 " KiB, but CAP_IPC_LOCK lifts it",
			  holder ? "the holder" : "this process", bytes >> 10);
		return;
	}
	check_say(check, MIG_CHECK_WARN,
		  "RLIMIT_MEMLOCK of %s is %" PRIu64 " KiB; a VMM needs all of its guest's memory "
		  "and what the devices map on top, else: RLIMIT_MEMLOCK exceeded",
		  holder ? "the holder" : "this process", bytes >> 10);
	if (holder)
		check_mend(check, "prlimit --pid %d --memlock=unlimited", holder->pid);
	else
		check_mend(check, "ulimit -l unlimited # in a systemd unit: LimitMEMLOCK=infinity");
}
