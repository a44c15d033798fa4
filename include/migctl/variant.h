/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which VFIO driver a PCI device wants: the vfio_pci: lines of modules.alias,
 * which variant drivers match with override_only (libvirt picks the same way),
 * and where the running kernel has none, a table of the drivers that are known.
 */
#ifndef MIGCTL_VARIANT_H
#define MIGCTL_VARIANT_H

#include "migctl/target.h"

struct mig_variant {
	char module[64];    /* "mlx5_vfio_pci" */
	char driver[64];    /* what driver_override wants: often the module, not always */
	const char *config; /* "CONFIG_MLX5_VFIO_PCI"; NULL for drivers not in the table */
	/* In the table of those that do. Else only modules.alias names it, and it is not known. */
	bool migrates;
	/* The running kernel has the module. Not so when only the table knew it. */
	bool available;
};

struct mig_variants; /* the vfio_pci: lines, read once for many devices */

/* NULL when memory is short. A missing or unreadable modules.alias counts as an empty one. */
struct mig_variants *mig_variants_read(const struct mig_host *host);
void mig_variants_free(struct mig_variants *variants);

/*
 * The variant driver for a described target. False: none is known, and
 * vfio-pci, or another that never migrates, is all there is.
 */
bool mig_variants_match(const struct mig_variants *variants, const struct mig_target *target,
			struct mig_variant *variant);

/*
 * Why a PCI device that has (or wants) a VFIO driver has no migration
 * interface, in a sentence without its full stop, and what to do in shell commands ("" when there
 * is nothing). Describes the target if needed. False, with both empty, for devices that are not
 * PCI.
 */
bool mig_variant_explain(const struct mig_host *host, struct mig_target *target, char *sentence,
			 size_t sentence_size, char *remedy, size_t remedy_size);

/*
 * The commands that bind a device to a driver, separated by "; ", modprobe of
 * the module first. "" when the bus has no driver_override or the names are not plain.
 */
void mig_variant_bind_commands(const struct mig_target *target, const char *module,
			       const char *driver, char *commands, size_t size);

/* Of a driver or module: vfio-pci, and a variant driver that is there for other things. */
bool mig_variant_never_migrates(const char *name);

/* Is this the name of a driver that gives devices to VFIO? For kernels before 6.1. */
bool mig_variant_is_vfio_driver(const char *driver);

#endif
