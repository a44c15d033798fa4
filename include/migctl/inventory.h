/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VFIO devices of this machine. Passive, and works without root. */
#ifndef MIGCTL_INVENTORY_H
#define MIGCTL_INVENTORY_H

#include "migctl/target.h"

struct mig_inventory {
	struct mig_target *targets; /* by bus, then name, PCI addresses by number */
	size_t count;
};

/*
 * Every device bound to a VFIO driver, on any bus; with all also the PCI
 * devices that could be: in an IOMMU group or a VF, on another driver or none.
 * Nothing found is success. The targets are not described yet. On failure
 * *inventory is empty.
 */
int mig_inventory_read(const struct mig_host *host, bool all, struct mig_inventory *inventory,
		       struct mig_error *error);
void mig_inventory_clear(struct mig_inventory *inventory);

/* A device of an IOMMU group. */
struct mig_sibling {
	char name[MIG_NAME_SIZE];
	char driver[64]; /* "" when it has none, which is no obstacle */
	bool vfio_bound;
	bool offender; /* its driver keeps the group from being viable */
};

struct mig_siblings {
	struct mig_sibling *items; /* by name */
	size_t count;
};

int mig_siblings_read(const struct mig_host *host, int group, struct mig_siblings *siblings,
		      struct mig_error *error);
void mig_siblings_clear(struct mig_siblings *siblings);
/* "0000:06:00.0 (mlx5_core), 0000:06:00.2 (e1000e)": the offenders, escaped; returns how many. */
size_t mig_siblings_offenders(const struct mig_siblings *siblings, char *text, size_t size);

#endif
