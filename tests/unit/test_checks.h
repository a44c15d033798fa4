/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine whose VF is fit to migrate, and one check of it at a time. */
#ifndef TEST_CHECKS_H
#define TEST_CHECKS_H

#include "test_host_tree.h"

#include <sys/utsname.h>

#include "migctl/checks.h"

#define VF "0000:06:00.1"
#define PF "0000:06:00.0"
#define AT "sys/devices/pci/" VF

/* A node that has a number without mknod(2): the null device is 1:3. */
static inline void checks_node(struct tree *tree, const char *path, const char *number_of)
{
	char full[MIG_PATH_SIZE];

	tree_dir(tree, "dev/vfio");
	snprintf(full, sizeof(full), "%s/%s", tree->dev, path);
	assert_int_equal(symlink("/dev/null", full), 0);
	tree_bytes(tree, "1:3\n", "%s/dev", number_of);
}

static inline void checks_aliases(struct tree *tree, const char *text)
{
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	tree_bytes(tree, text, "lib/modules/%s/modules.alias", name.release);
}

/* A VF of a mlx5 NIC on mlx5_vfio_pci, with all that it needs. */
static inline void checks_machine(struct tree *tree)
{
	tree_dir(tree, "sys/class/vfio-dev");
	tree_dir(tree, "sys/class/iommu/dmar0");
	tree_device(tree, "pci", PF, "mlx5_core", 25);
	tree_device(tree, "pci", VF, "mlx5_vfio_pci", 26);
	tree_modalias(tree, VF, 0x15b3, 0x101e, 0x020000);
	tree_link(tree, "sys/devices/pci/" PF, AT "/physfn");
	tree_vfio(tree, "pci", VF, 0, false);
	tree_group_node(tree, "26");
	tree_bytes(tree, "DMA-FQ\n", "sys/kernel/iommu_groups/26/type");
	checks_node(tree, "vfio/vfio", "sys/class/misc/vfio");
	checks_node(tree, "vfio/26", "sys/class/vfio/26");
	checks_aliases(tree, "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n");
	tree_bytes(tree, "Max locked memory         unlimited            unlimited  bytes\n",
		   "proc/self/limits");
	tree_link(tree, "", "proc/1/exe");
	tree_dir(tree, "proc/1/fd");
	tree_bytes(tree, "", "dev/kmsg");
}

/*
 * Judges the device by the rest of the job, and wants this of one check;
 * remedy NULL: that there is none.
 */
static inline void checks_want_job(struct tree *tree, const char *device, struct mig_check_job job,
				   const char *name, enum mig_check_verdict verdict,
				   const char *found, const char *remedy)
{
	struct mig_check_item items[64];
	struct mig_target target;
	struct mig_checks *checks;
	size_t at = 0;

	job.targets = &target;
	job.count = 1;
	assert_in_range(mig_checks_count(&job), 1, 64);
	assert_int_equal(mig_target_read(&tree->host, strchr(device, ':') ? "pci" : "platform",
					 device, &target),
			 0);
	checks = mig_checks_open(&tree->host, &job);
	assert_non_null(checks);
	assert_int_equal(mig_checks_judge(checks, 0, items), 0);
	while (at < mig_checks_count(&job) && strcmp(items[at].name, name))
		at++;
	assert_true(at < mig_checks_count(&job));
	if (items[at].verdict != verdict || !strstr(items[at].found, found) ||
	    (remedy ? !items[at].remedy || !strstr(items[at].remedy, remedy)
		    : items[at].remedy != NULL))
		fail_msg("%s: %s: %s\nremedy: %s", name, mig_check_verdict_name(items[at].verdict),
			 items[at].found, items[at].remedy ? items[at].remedy : "none");
	mig_check_items_clear(items, mig_checks_count(&job));
	mig_checks_close(checks);
}

static inline void checks_want_of(struct tree *tree, const char *device,
				  const struct mig_check_opened *opened, const char *name,
				  enum mig_check_verdict verdict, const char *found,
				  const char *remedy)
{
	checks_want_job(tree, device, (struct mig_check_job){ .opened = opened }, name, verdict,
			found, remedy);
}

static inline void checks_want(struct tree *tree, const char *name, enum mig_check_verdict verdict,
			       const char *found, const char *remedy)
{
	checks_want_of(tree, VF, NULL, name, verdict, found, remedy);
}

/* What an open device tells when nothing is wrong with it. */
static const struct mig_check_opened checks_opened = { .tried = true,
						       .protocol = MIG_PROTOCOL_V2,
						       .caps = MIG_CAPS_ALL,
						       .dma_logging = 1,
						       .reset = 1,
						       .seen = true,
						       .first = { MIG_STATE_RUNNING, 2 } };

#endif
