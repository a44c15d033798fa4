// SPDX-License-Identifier: GPL-2.0-or-later
/* The preflight's questions about the machine: each passes on a good one, and fails on a bad one.
 */
#include "test_checks.h"

static void remove_in(struct tree *tree, const char *path)
{
	char full[MIG_PATH_SIZE];

	snprintf(full, sizeof(full), "%s/%s", tree->root, path);
	assert_int_equal(remove(full), 0);
}

static void test_all_good(void **state)
{
	struct tree *tree = *state;
	struct mig_check_item items[64];
	struct mig_target target;
	struct mig_check_job job = { .targets = &target, .opened = &checks_opened, .count = 1 };
	struct mig_checks *checks;

	checks_machine(tree);
	assert_int_equal(mig_target_read(&tree->host, "pci", VF, &target), 0);
	checks = mig_checks_open(&tree->host, &job);
	assert_non_null(checks);
	assert_int_equal(mig_checks_judge(checks, 0, items), 0);
	for (size_t i = 0; i < mig_checks_count(&job); i++) {
		if (items[i].verdict > MIG_CHECK_PASS)
			fail_msg("%s: %s", items[i].name, items[i].found);
		assert_null(items[i].remedy);
		assert_true(items[i].found[0]);
	}
	assert_int_equal(mig_check_worst(items, mig_checks_count(&job)), MIG_CHECK_PASS);
	items[3].verdict = MIG_CHECK_WARN;
	assert_int_equal(mig_check_worst(items, mig_checks_count(&job)), MIG_CHECK_WARN);
	items[1].verdict = MIG_CHECK_FAIL;
	assert_int_equal(mig_check_worst(items, mig_checks_count(&job)), MIG_CHECK_FAIL);
	mig_check_items_clear(items, mig_checks_count(&job));
	mig_checks_close(checks);
}

static void test_iommu(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want(tree, "iommu", MIG_CHECK_PASS, "on; group 26, DMA-FQ", NULL);
	tree_bytes(tree, "vfio-noiommu\n", "sys/kernel/iommu_groups/26/name");
	checks_want(tree, "iommu", MIG_CHECK_PASS, "emulated by the device's driver; group 26",
		    NULL);
	tree_group_node(tree, "noiommu-26");
	checks_want(tree, "iommu", MIG_CHECK_FAIL, "no-IOMMU mode", "firmware's settings");
	remove_in(tree, AT "/iommu_group");
	checks_want(tree, "iommu", MIG_CHECK_FAIL,
		    "the IOMMU is on (dmar0), but the device is in no", "DMAR");
	remove_in(tree, "sys/class/iommu/dmar0");
	tree_bytes(tree, "root=/dev/sda1 intel_iommu=onward\n", "proc/cmdline");
	checks_want(tree, "iommu", MIG_CHECK_FAIL, "the IOMMU is off: /sys/class/iommu is empty",
		    "on in the firmware's settings");
#ifdef __x86_64__
	checks_want(tree, "iommu", MIG_CHECK_FAIL, "", "boot with intel_iommu=on");
	tree_bytes(tree, "root=/dev/sda1 intel_iommu=on quiet\n", "proc/cmdline");
	checks_want(tree, "iommu", MIG_CHECK_FAIL, "", "intel_iommu=on is given already");
#endif
}

static void test_modules(void **state)
{
	struct tree *tree = *state;

	tree_device(tree, "pci", VF, "", 26);
	tree_modalias(tree, VF, 0x15b3, 0x101e, 0x020000);
	checks_want(tree, "modules", MIG_CHECK_FAIL, "the vfio module is not loaded",
		    "modprobe vfio-pci");
	checks_aliases(tree, "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n");
	checks_want(tree, "modules", MIG_CHECK_FAIL, "the vfio module is not loaded",
		    "modprobe mlx5_vfio_pci");
	tree_dir(tree, "sys/class/vfio-dev");
	checks_want(tree, "modules", MIG_CHECK_FAIL, "no VFIO driver of the PCI bus",
		    "modprobe mlx5_vfio_pci");
	tree_dir(tree, "sys/bus/pci/drivers/mlx5_vfio_pci");
	checks_want(tree, "modules", MIG_CHECK_PASS, "vfio is loaded", NULL);
}

static void test_nodes(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want(tree, "nodes", MIG_CHECK_PASS, "/dev/vfio/26", NULL);
	/* The kernel made the group anew, and another's /dev has the old node. */
	tree_bytes(tree, "511:7\n", "sys/class/vfio/26/dev");
	checks_want(tree, "nodes", MIG_CHECK_FAIL,
		    "/dev/vfio/26 is stale: it is 1:3, the kernel's is 511:7", "c 511 7");
	remove_in(tree, "dev/vfio/26");
	checks_want(tree, "nodes", MIG_CHECK_FAIL, "/dev/vfio/26 is missing", "mknod -m 600 ");
	checks_want(tree, "permission", MIG_CHECK_SKIP, "a node is missing", NULL);
	tree_bytes(tree, "", "dev/vfio/26");
	checks_want(tree, "nodes", MIG_CHECK_FAIL, "is no character device", "rm ");
	remove_in(tree, "dev/vfio/vfio");
	checks_want(tree, "nodes", MIG_CHECK_FAIL, "/dev/vfio/vfio is missing", "c 1 3");
	remove_in(tree, "sys/class/misc/vfio/dev");
	checks_want(tree, "nodes", MIG_CHECK_FAIL, "/dev/vfio/vfio is missing", "modprobe vfio");
}

static void test_nodes_cdev(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	tree_bytes(tree, "1:3\n", AT "/vfio-dev/vfio0/dev");
	/* The group's way is enough. */
	checks_want(tree, "nodes", MIG_CHECK_PASS, "/dev/vfio/26; without ", NULL);
	checks_want(tree, "permission", MIG_CHECK_PASS, "/dev/vfio/26", NULL);
	remove_in(tree, "sys/class/vfio/26/dev");
	remove_in(tree, "sys/class/vfio/26");
	checks_want(tree, "nodes", MIG_CHECK_FAIL, "/dev/iommu is missing", "modprobe iommufd");
	checks_want(tree, "permission", MIG_CHECK_SKIP, "a node is missing", NULL);
	checks_node(tree, "iommu", "sys/class/misc/iommu");
	tree_dir(tree, "dev/vfio/devices");
	checks_node(tree, "vfio/devices/vfio0", "sys/class/vfio-dev/vfio0");
	checks_want(tree, "nodes", MIG_CHECK_PASS, "/dev/vfio/devices/vfio0", NULL);
	tree_bytes(tree, "510:1\n", "sys/class/vfio-dev/vfio0/dev");
	checks_want(tree, "nodes", MIG_CHECK_FAIL, "/dev/vfio/devices/vfio0 is stale", "c 510 1");
}

static void test_permission(void **state)
{
	struct tree *tree = *state;
	uid_t uid = geteuid();
	char path[MIG_PATH_SIZE];

	checks_machine(tree);
	checks_want(tree, "permission", MIG_CHECK_PASS, "may open", NULL);
	remove_in(tree, "dev/vfio/26");
	tree_bytes(tree, "", "dev/vfio/26");
	assert_false(mig_path(path, "%s/vfio/26", tree->dev));
	assert_int_equal(chmod(path, 0400), 0);
	/* Nothing is denied to root. */
	assert_int_equal(chmod(tree->root, 0755), 0);
	assert_int_equal(uid ? 0 : seteuid(65534), 0);
	checks_want(tree, "permission", MIG_CHECK_FAIL, "mode 0400: uid ", "chown ");
	/* Without the group's node it is the device's own that is denied. */
	assert_int_equal(uid ? 0 : seteuid(uid), 0);
	remove_in(tree, "dev/vfio/26");
	tree_bytes(tree, "1:3\n", AT "/vfio-dev/vfio0/dev");
	checks_node(tree, "iommu", "sys/class/misc/iommu");
	tree_bytes(tree, "", "dev/vfio/devices/vfio0");
	assert_false(mig_path(path, "%s/vfio/devices/vfio0", tree->dev));
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(uid ? 0 : seteuid(65534), 0);
	checks_want(tree, "permission", MIG_CHECK_FAIL, "/dev/vfio/devices/vfio0 is of uid ",
		    "chown ");
	/* Where both ways are denied, one is enough, and is the group's. */
	assert_int_equal(uid ? 0 : seteuid(uid), 0);
	tree_bytes(tree, "", "dev/vfio/26");
	assert_false(mig_path(path, "%s/vfio/26", tree->dev));
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(uid ? 0 : seteuid(65534), 0);
	checks_want(tree, "permission", MIG_CHECK_FAIL, "/dev/vfio/26 is of uid ", "chown ");
	assert_int_equal(uid ? 0 : seteuid(uid), 0);
}

static void test_memlock(void **state)
{
	static const char limited[] =
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max locked memory         8388608              8388608              bytes     \n";
	struct tree *tree = *state;
	char link[160];

	checks_machine(tree);
	checks_want(tree, "memlock", MIG_CHECK_PASS, "unlimited", NULL);
	tree_bytes(tree, limited, "proc/self/limits");
	tree_bytes(tree, "Name:\tx\nCapEff:\t0000000000000000\n", "proc/self/status");
	checks_want(tree, "memlock", MIG_CHECK_WARN, "RLIMIT_MEMLOCK of this process is 8192 KiB",
		    "LimitMEMLOCK=infinity");
	checks_want(tree, "memlock", MIG_CHECK_WARN, "RLIMIT_MEMLOCK exceeded",
		    "ulimit -l unlimited");
	tree_bytes(tree, "Name:\tx\nCapEff:\t0000000000004000\n", "proc/self/status");
	checks_want(tree, "memlock", MIG_CHECK_PASS, "CAP_IPC_LOCK lifts it", NULL);
	/* The limit that counts is that of who maps the memory. */
	tree_link(tree, "", "proc/4711/exe");
	tree_dir(tree, "proc/4711/fd");
	snprintf(link, sizeof(link), "%s/4711/fd/7", tree->proc);
	assert_int_equal(symlink("/dev/vfio/26", link), 0);
	tree_bytes(tree, limited, "proc/4711/limits");
	checks_want(tree, "memlock", MIG_CHECK_WARN, "RLIMIT_MEMLOCK of the holder is 8192 KiB",
		    "prlimit --pid 4711 --memlock=unlimited");
	remove_in(tree, "proc/4711/limits");
	checks_want(tree, "memlock", MIG_CHECK_SKIP, "cannot be read", NULL);
}

static void test_log(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	tree_bytes(tree,
		   "4,1,10,-;mlx5_vfio_pci 0000:06:00.10: another one\n"
		   "6,2,11,-;mlx5_vfio_pci 0000:06:00.1: information\n"
		   "4,3,12,-;mlx5_vfio_pci 0000:06:00.7: of a sibling\n DEVICE=+pci:0000:06:00.7\n",
		   "dev/kmsg");
	checks_want(tree, "kernel-log", MIG_CHECK_PASS,
		    "no complaint about it in what the log still has", NULL);
	tree_bytes(tree, "6,0,0,-;the first since boot\n", "dev/kmsg");
	checks_want(tree, "kernel-log", MIG_CHECK_PASS, "no complaint about it since boot", NULL);
	tree_bytes(tree,
		   "30,1,1,-;user's word on 0000:06:00.1\n"
		   "3,4,13,-;something failed\n SUBSYSTEM=pci\n DEVICE=+pci:0000:06:00.1\n"
		   "4,5,14,-;mlx5_vfio_pci 0000:06:00.1: Failed to resume\n",
		   "dev/kmsg");
	checks_want(tree, "kernel-log", MIG_CHECK_WARN,
		    "2 complaints, the last: mlx5_vfio_pci 0000:06:00.1: Failed to resume",
		    "dmesg -l emerg,alert,crit,err,warn | grep -F 0000:06:00.1");
	remove_in(tree, "dev/kmsg");
	checks_want(tree, "kernel-log", MIG_CHECK_SKIP, "not readable", NULL);
}

static void test_aer(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want(tree, "aer", MIG_CHECK_SKIP, "no AER counters", NULL);
	tree_bytes(tree, "RxErr 5\nTOTAL_ERR_COR 5\n", AT "/aer_dev_correctable");
	tree_bytes(tree, "TLP 0\nTOTAL_ERR_NONFATAL 0\n", AT "/aer_dev_nonfatal");
	tree_bytes(tree, "TLP 0\nTOTAL_ERR_FATAL 0\n", AT "/aer_dev_fatal");
	checks_want(tree, "aer", MIG_CHECK_PASS, "0 fatal, 0 nonfatal, 5 correctable", NULL);
	tree_bytes(tree, "RxErr 0\nTOTAL_ERR_COR 0\n", AT "/aer_dev_correctable");
	checks_want(tree, "aer", MIG_CHECK_PASS, "no errors since it was created", NULL);
	tree_bytes(tree, "TLP 2\nTOTAL_ERR_NONFATAL 2\n", AT "/aer_dev_nonfatal");
	checks_want(tree, "aer", MIG_CHECK_WARN, "0 fatal, 2 nonfatal, 0 correctable",
		    "/sys/bus/pci/devices/0000:06:00.1/aer_dev_*");
	tree_bytes(tree, "TOTAL_ERR_COR 0\n", "sys/devices/pci/" PF "/aer_dev_correctable");
	tree_bytes(tree, "TOTAL_ERR_NONFATAL 0\n", "sys/devices/pci/" PF "/aer_dev_nonfatal");
	tree_bytes(tree, "TOTAL_ERR_FATAL 0\n", "sys/devices/pci/" PF "/aer_dev_fatal");
	checks_want_of(tree, PF, NULL, "aer", MIG_CHECK_PASS, "no errors since boot", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_all_good), TREE_TEST(test_iommu),      TREE_TEST(test_modules),
		TREE_TEST(test_nodes),    TREE_TEST(test_nodes_cdev), TREE_TEST(test_permission),
		TREE_TEST(test_memlock),  TREE_TEST(test_log),        TREE_TEST(test_aer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
