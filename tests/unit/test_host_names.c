// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include "migctl/names.h"

static const struct mig_target e1000e = {
	.ids = { .valid = true, .vendor = 0x8086, .device = 0x10d3 }
};

/* With the machine's own libpci and pci.ids; one that has neither cannot tell. */
static void test_pci(void **state)
{
	struct mig_names *names = mig_names_open();
	struct mig_target nobody = e1000e;
	char text[128], small[8];

	(void)state;
	assert_non_null(names);
	if (!mig_names_vendor(names, &e1000e, text, sizeof(text))) {
		mig_names_close(names);
		print_message("libpci.so.3 or pci.ids is not installed\n");
		skip();
	}
	assert_string_equal(text, "Intel Corporation");
	assert_non_null(mig_names_device(names, &e1000e, text, sizeof(text)));
	assert_non_null(strstr(text, "82574L"));
	nobody.ids.vendor = 0x0002;
	assert_null(mig_names_vendor(names, &nobody, text, sizeof(text)));
	assert_null(mig_names_device(names, &nobody, text, sizeof(text)));
	assert_non_null(mig_names_vendor(names, &e1000e, small, sizeof(small)));
	assert_string_equal(small, "Inte...");
	mig_names_close(names);
}

static void test_mdev(void **state)
{
	struct tree *tree = *state;
	struct mig_names *names = mig_names_open();
	struct mig_target target;
	char text[64];

	tree_device(tree, "mdev", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "vfio_mtty", 0);
	tree_link(tree, "sys/devices/mtty/mdev_supported_types/mtty-2",
		  "sys/devices/mdev/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/mdev_type");
	assert_int_equal(mig_target_read(&tree->host, "mdev",
					 "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", &target),
			 0);
	mig_target_describe(&target);
	assert_null(mig_names_device(names, &target, text, sizeof(text)));
	tree_bytes(tree, "Dual port serial\n", "sys/devices/mtty/mdev_supported_types/mtty-2/name");
	assert_non_null(mig_names_device(names, &target, text, sizeof(text)));
	assert_string_equal(text, "Dual port serial");
	assert_null(mig_names_vendor(names, &target, text, sizeof(text)));
	mig_names_close(names);
}

static void test_none(void **state)
{
	char text[64];

	(void)state;
	assert_null(mig_names_vendor(NULL, &e1000e, text, sizeof(text)));
	mig_names_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pci),
		TREE_TEST(test_mdev),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
