// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include "migctl/inventory.h"

static struct mig_inventory read_all(struct tree *tree, bool all)
{
	struct mig_inventory inventory;
	struct mig_error error = { 0 };

	if (mig_inventory_read(&tree->host, all, &inventory, &error))
		fail_msg("%s", error.text);
	return inventory;
}

static void expect_names(const struct mig_inventory *inventory, const char *const *names)
{
	size_t i;

	for (i = 0; names[i]; i++) {
		assert_true(i < inventory->count);
		assert_string_equal(inventory->targets[i].name, names[i]);
	}
	assert_int_equal(inventory->count, i);
}

static void test_empty(void **state)
{
	struct mig_inventory inventory = read_all(*state, true);

	assert_int_equal(inventory.count, 0);
	mig_inventory_clear(&inventory);
}

static void make_machine(struct tree *tree)
{
	tree_device(tree, "pci", "10000:01:00.0", "vfio-pci", 8);
	tree_vfio(tree, "pci", "10000:01:00.0", 7, true);
	tree_device(tree, "pci", "ffff:01:00.0", "vfio-pci", 9);
	tree_vfio(tree, "pci", "ffff:01:00.0", 6, true);
	tree_device(tree, "pci", "0000:06:00.1", "mlx5_vfio_pci", 26);
	tree_vfio(tree, "pci", "0000:06:00.1", 3, true);
	tree_device(tree, "pci", "0000:05:00.0", "mlx5_core", 20);
	tree_device(tree, "pci", "0000:00:1f.0", "", -1);
	tree_device(tree, "pci", "0000:07:00.0", "", -1);
	tree_link(tree, "sys/devices/pci/0000:05:00.0", "sys/devices/pci/0000:07:00.0/physfn");
	tree_device(tree, "platform", "migsim-10", "migsim", 2);
	tree_vfio(tree, "platform", "migsim-10", 10, true);
	tree_device(tree, "platform", "migsim-9", "migsim", 1);
	tree_vfio(tree, "platform", "migsim-9", 9, true);
}

static void test_bound(void **state)
{
	static const char *const names[] = { "0000:06:00.1", "ffff:01:00.0", "10000:01:00.0",
					     "migsim-9",     "migsim-10",    NULL };
	struct tree *tree = *state;
	struct mig_inventory inventory;

	make_machine(tree);
	inventory = read_all(tree, false);
	expect_names(&inventory, names);
	assert_string_equal(inventory.targets[0].driver, "mlx5_vfio_pci");
	assert_string_equal(inventory.targets[0].cdev, "vfio3");
	assert_int_equal(inventory.targets[0].group, 26);
	mig_inventory_clear(&inventory);
}

/* The PF has a group, 07:00.0 is a VF without one; 00:1f.0 is neither. */
static void test_all(void **state)
{
	static const char *const names[] = { "0000:05:00.0",  "0000:06:00.1",
					     "0000:07:00.0",  "ffff:01:00.0",
					     "10000:01:00.0", "migsim-9",
					     "migsim-10",     NULL };
	struct tree *tree = *state;
	struct mig_inventory inventory;

	make_machine(tree);
	inventory = read_all(tree, true);
	expect_names(&inventory, names);
	assert_false(inventory.targets[0].vfio_bound);
	assert_true(inventory.targets[1].vfio_bound);
	mig_inventory_clear(&inventory);
}

/* Between readdir and readlink a device can go: its link then leads nowhere. */
static void test_vanished(void **state)
{
	static const char *const names[] = { "migsim-9", NULL };
	struct tree *tree = *state;
	struct mig_inventory inventory;

	tree_device(tree, "platform", "migsim-9", "migsim", 1);
	tree_vfio(tree, "platform", "migsim-9", 9, true);
	tree_link(tree, "sys/devices/platform/gone/vfio-dev/vfio4", "sys/class/vfio-dev/vfio4");
	inventory = read_all(tree, false);
	expect_names(&inventory, names);
	mig_inventory_clear(&inventory);
}

static void test_old_kernel(void **state)
{
	static const char *const names[] = { "0000:02:00.0", "0000:06:00.1", NULL };
	struct tree *tree = *state;
	struct mig_inventory inventory;

	tree_device(tree, "pci", "0000:06:00.1", "mlx5_vfio_pci", 26);
	tree_device(tree, "pci", "0000:06:00.2", "pci-stub", 26);
	tree_group_node(tree, "26");
	tree_device(tree, "pci", "0000:02:00.0", "vfio-pci", 3);
	tree_group_node(tree, "noiommu-3");
	tree_device(tree, "pci", "0000:03:00.0", "vfio-pci", 4);
	tree_bytes(tree, "", "sys/class/vfio/vfio");
	inventory = read_all(tree, false);
	expect_names(&inventory, names);
	assert_true(inventory.targets[0].noiommu);
	mig_inventory_clear(&inventory);
}

static void test_many(void **state)
{
	struct tree *tree = *state;
	struct mig_inventory inventory;
	char name[32];

	for (int i = 999; i >= 0; i--) {
		snprintf(name, sizeof(name), "migsim-%d", i);
		tree_device(tree, "platform", name, "migsim", i);
		tree_vfio(tree, "platform", name, i, false);
	}
	inventory = read_all(tree, false);
	assert_int_equal(inventory.count, 1000);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(inventory.targets[i].group, i);
		snprintf(name, sizeof(name), "vfio%d", i);
		assert_string_equal(inventory.targets[i].vfio_name, name);
	}
	mig_inventory_clear(&inventory);
}

static void test_siblings(void **state)
{
	struct tree *tree = *state;
	struct mig_siblings siblings;
	struct mig_error error = { 0 };
	char text[128], small[16];

	tree_dir(tree, "sys/class/vfio-dev");
	tree_device(tree, "pci", "0000:06:00.0", "pcieport", 26);
	tree_device(tree, "pci", "0000:06:00.1", "mlx5_vfio_pci", 26);
	tree_vfio(tree, "pci", "0000:06:00.1", 3, true);
	tree_device(tree, "pci", "0000:06:00.2", "mlx5_core", 26);
	tree_device(tree, "pci", "0000:06:00.3", "", 26);
	tree_device(tree, "pci", "0000:06:00.4", "pci-stub", 26);
	tree_device(tree, "pci", "0000:06:00.5", "e1000e", 26);
	assert_int_equal(mig_siblings_read(&tree->host, 26, &siblings, &error), 0);
	assert_int_equal(siblings.count, 6);
	assert_string_equal(siblings.items[1].name, "0000:06:00.1");
	assert_true(siblings.items[1].vfio_bound);
	assert_int_equal(mig_siblings_offenders(&siblings, text, sizeof(text)), 2);
	assert_string_equal(text, "0000:06:00.2 (mlx5_core), 0000:06:00.5 (e1000e)");
	assert_int_equal(mig_siblings_offenders(&siblings, small, sizeof(small)), 2);
	assert_string_equal(small, "0000:06:00.2 (m");
	mig_siblings_clear(&siblings);

	assert_int_equal(mig_siblings_read(&tree->host, 99, &siblings, &error), -ENOENT);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_int_equal(siblings.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_empty),    TREE_TEST(test_bound), TREE_TEST(test_all),
		TREE_TEST(test_vanished), TREE_TEST(test_many),  TREE_TEST(test_old_kernel),
		TREE_TEST(test_siblings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
