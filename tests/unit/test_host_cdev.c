// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include <sys/sysmacros.h>

#include "migctl/target.h"

static struct mig_target find(struct tree *tree, const char *word)
{
	struct mig_target target;
	struct mig_error error = { 0 };

	if (mig_target_find(&tree->host, word, &target, &error))
		fail_msg("%s: %s", word, error.text);
	return target;
}

static void make_machine(struct tree *tree)
{
	tree_device(tree, "pci", "0000:06:00.1", "mlx5_vfio_pci", 26);
	tree_vfio(tree, "pci", "0000:06:00.1", 3, true);
	tree_device(tree, "platform", "migsim-a", "migsim", 1);
	tree_vfio(tree, "platform", "migsim-a", 12, false);
}

/* As read from sysfs for the open that follows; 0: not known. */
static void test_cdev_number(void **state)
{
	const struct { /* makedev() is a call */
		const char *text;
		dev_t number;
	} texts[] = {
		{ "511:0\n", makedev(511, 0) },
		{ "244:1048575\n", makedev(244, 1048575) },
		{ "10:3", makedev(10, 3) },
		{ "", 0 },
		{ "\n", 0 },
		{ "511\n", 0 },
		{ ":3\n", 0 },
		{ "511:\n", 0 },
		{ "511:3x\n", 0 },
		{ "x511:3\n", 0 },
		{ "511 3\n", 0 },
		{ "511:3:4\n", 0 },
	};
	struct tree *tree = *state;
	struct mig_target target;

	make_machine(tree);
	target = find(tree, "migsim-a");
	assert_int_equal(mig_target_cdev_number(&tree->host, &target), 0); /* has no node */
	target = find(tree, "06:00.1");
	assert_int_equal(mig_target_cdev_number(&tree->host, &target), makedev(511, 0));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		dev_t number;

		tree_bytes(tree, texts[i].text, "sys/devices/pci/0000:06:00.1/vfio-dev/vfio3/dev");
		number = mig_target_cdev_number(&tree->host, &target);
		if (number != texts[i].number)
			fail_msg("\"%s\" gives %lx", texts[i].text, (unsigned long)number);
	}
	strcpy(target.cdev, "vfio77");
	assert_int_equal(mig_target_cdev_number(&tree->host, &target), 0); /* gone meanwhile */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_cdev_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
