// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include "migctl/target.h"

#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

static void expect(struct tree *tree, const char *word, const char *bus, const char *name)
{
	struct mig_target target;
	struct mig_error error = { 0 };
	int ret = mig_target_find(&tree->host, word, &target, &error);

	if (ret)
		fail_msg("%s: %s", word, error.text);
	assert_string_equal(target.bus, bus);
	assert_string_equal(target.name, name);
}

static struct mig_error refuse(struct tree *tree, const char *word, enum mig_kind kind)
{
	struct mig_target target;
	struct mig_error error = { 0 };
	int ret = mig_target_find(&tree->host, word, &target, &error);

	if (ret >= 0 || error.kind != kind)
		fail_msg("'%.40s': ret %d, kind %d: %s", word, ret, error.kind, error.text);
	assert_int_equal(ret, -error.err);
	assert_true(error.text[0] && error.hint[0]);
	assert_null(strchr(error.text, '\n'));
	return error;
}

static void make_machine(struct tree *tree)
{
	tree_device(tree, "pci", "0000:06:00.1", "mlx5_vfio_pci", 26);
	tree_vfio(tree, "pci", "0000:06:00.1", 3, true);
	tree_group_node(tree, "26");
	tree_device(tree, "pci", "10000:e1:00.0", "nvme", -1);
	tree_device(tree, "mdev", UUID, "vfio_mtty", 0);
	tree_vfio(tree, "mdev", UUID, 0, false);
	tree_group_node(tree, "0");
	tree_device(tree, "platform", "migsim-a", "migsim", 1);
	tree_vfio(tree, "platform", "migsim-a", 12, true);
	tree_device(tree, "faux", "odd.device", "", -1);
	tree_link(tree, "sys/devices/pci/0000:06:00.1", "sys/class/net/eth0/device/virtfn2");
}

static void test_words(void **state)
{
	struct tree *tree = *state;

	make_machine(tree);
	expect(tree, "0000:06:00.1", "pci", "0000:06:00.1");
	expect(tree, "06:00.1", "pci", "0000:06:00.1");
	expect(tree, "pci/0000:06:00.1", "pci", "0000:06:00.1");
	expect(tree, "pci/06:00.1", "pci", "0000:06:00.1");
	expect(tree, "10000:E1:00.0", "pci", "10000:e1:00.0");
	expect(tree, "group:26", "pci", "0000:06:00.1");
	expect(tree, "/dev/vfio/26", "pci", "0000:06:00.1");
	expect(tree, "vfio3", "pci", "0000:06:00.1");
	expect(tree, "/dev/vfio/devices/vfio3", "pci", "0000:06:00.1");
	expect(tree, "eth0/vf2", "pci", "0000:06:00.1");
	expect(tree, "eth0/2", "pci", "0000:06:00.1");
	expect(tree, UUID, "mdev", UUID);
	expect(tree, "83B8F4F2-509F-382F-3C1E-E6BFE0FA1001", "mdev", UUID);
	expect(tree, "group:0", "mdev", UUID);
	expect(tree, "migsim-a", "platform", "migsim-a");
	expect(tree, "odd.device", "faux", "odd.device");
}

static void test_addresses(void **state)
{
	static const char *const no[] = {
		"",
		"0:06:00.1",
		"000:06:00.1",
		"000000000:06:00.1",
		"0000:6:00.1",
		"0000:06:0.1",
		"0000:06:20.1",
		"0000:06:00.8",
		"0000:06:00.",
		"0000:06:00.1x",
		"0000:06:00.10",
		"0000:06:00",
		"06:00",
		"0000:06:00.1:0",
		" 06:00.1",
		"0x06:00.1",
		"g6:00.1",
	};
	char bdf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (mig_target_parse_bdf(no[i], bdf))
			fail_msg("'%s' was taken for %s", no[i], bdf);
	assert_true(mig_target_parse_bdf("FF:1F.7", bdf));
	assert_string_equal(bdf, "0000:ff:1f.7");
	assert_true(mig_target_parse_bdf("0010000:00:00.0", bdf));
	assert_string_equal(bdf, "10000:00:00.0");
}

static void test_identity(void **state)
{
	struct tree *tree = *state;
	struct mig_target target;
	struct mig_error error;
	char node[32];

	make_machine(tree);
	assert_int_equal(mig_target_find(&tree->host, "06:00.1", &target, &error), 0);
	assert_string_equal(target.driver, "mlx5_vfio_pci");
	assert_string_equal(target.vfio_name, "vfio3");
	assert_string_equal(target.cdev, "vfio3");
	assert_int_equal(target.group, 26);
	assert_true(target.vfio_bound);
	assert_false(target.noiommu);
	assert_false(target.named_cdev);
	assert_false(target.described);
	assert_true(mig_sysfs_exists(target.syspath));
	assert_string_equal(mig_target_group_node(&target, node), "26");
	assert_int_equal(mig_target_require_bound(&tree->host, &target, &error), 0);

	assert_int_equal(mig_target_find(&tree->host, "vfio12", &target, &error), 0);
	assert_true(target.named_cdev);

	/* A kernel without CONFIG_VFIO_DEVICE_CDEV has the class, and no node. */
	assert_int_equal(mig_target_find(&tree->host, UUID, &target, &error), 0);
	assert_string_equal(target.vfio_name, "vfio0");
	assert_string_equal(target.cdev, "");
	error = refuse(tree, "vfio0", MIG_KIND_NO_DEVICE);
	assert_int_equal(error.cause, MIG_CAUSE_NO_NODE);
	assert_non_null(strstr(error.text, "CONFIG_VFIO_DEVICE_CDEV"));

	assert_int_equal(mig_target_find(&tree->host, "odd.device", &target, &error), 0);
	assert_int_equal(target.group, -1);
	assert_string_equal(target.driver, "");
	assert_string_equal(mig_target_group_node(&target, node), "");
}

static void test_malformed(void **state)
{
	static const char *const words[] = {
		"",
		"-x",
		"--json",
		"/etc/passwd",
		"../../etc",
		"..",
		".",
		"a/b",
		"/",
		"a/../b",
		"eth0/../../x",
		"./2",
		"../2",
		"/vf2",
		"eth0/vf",
		"eth0/vf-1",
		"eth0/99999999999",
		"pci/",
		"pci/zz",
		"/dev/vfio/",
		"/dev/vfio/vfio",
		"/dev/vfio/../null",
		"/dev/vfio/26/x",
		"/dev/vfio/devices/x",
		"group:",
		"group:x",
		"group:-1",
		"group:99999999999",
		"\x1b[2J",
		"a\nb",
		"\xff\xfe",
		"\xc0\xaf",
		"\xed\xa0\x80",
	};
	struct tree *tree = *state;
	char longword[300];

	make_machine(tree);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		refuse(tree, words[i], MIG_KIND_USAGE);
	memset(longword, 'a', sizeof(longword) - 1);
	longword[256] = '\0';
	refuse(tree, longword, MIG_KIND_USAGE);
	longword[255] = '\0';
	refuse(tree, longword, MIG_KIND_NO_DEVICE);
	assert_non_null(strstr(refuse(tree, "\x1b[2J", MIG_KIND_USAGE).text, "'\\x1b[2J'"));
}

static void test_not_found(void **state)
{
	struct tree *tree = *state;
	struct mig_error error;

	make_machine(tree);
	refuse(tree, "0000:06:00.2", MIG_KIND_NO_DEVICE);
	refuse(tree, "0000:06:00.9", MIG_KIND_NO_DEVICE);
	refuse(tree, "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002", MIG_KIND_NO_DEVICE);
	refuse(tree, "group:99", MIG_KIND_NO_DEVICE);
	refuse(tree, "/dev/vfio/99", MIG_KIND_NO_DEVICE);
	refuse(tree, "vfio99", MIG_KIND_NO_DEVICE);
	error = refuse(tree, "eth0/vf7", MIG_KIND_NO_DEVICE);
	assert_non_null(strstr(error.text, "eth0 has no VF 7"));
	error = refuse(tree, "eth9/vf0", MIG_KIND_NO_DEVICE);
	assert_non_null(strstr(error.text, "no network device eth9"));
	error = refuse(tree, "26", MIG_KIND_NO_DEVICE);
	assert_string_equal(error.hint, "an IOMMU group is written group:26");
	assert_string_equal(refuse(tree, "nothing", MIG_KIND_NO_DEVICE).hint,
			    "vfio-migctl list --all");
}

static void test_group_of_several(void **state)
{
	struct tree *tree = *state;
	struct mig_error error;

	tree_device(tree, "pci", "0000:01:00.0", "vfio-pci", 5);
	tree_device(tree, "pci", "0000:01:00.1", "snd_hda_intel", 5);
	error = refuse(tree, "group:5", MIG_KIND_NO_DEVICE);
	assert_non_null(strstr(error.text, "0000:01:00.0"));
	assert_non_null(strstr(error.text, "0000:01:00.1"));
	tree_vfio(tree, "pci", "0000:01:00.0", 0, false);
	expect(tree, "group:5", "pci", "0000:01:00.0");
	tree_vfio(tree, "pci", "0000:01:00.1", 1, false);
	error = refuse(tree, "group:5", MIG_KIND_USAGE);
	assert_non_null(strstr(error.text, "0000:01:00.0"));
	assert_non_null(strstr(error.text, "0000:01:00.1"));
}

/* Both groups are named "vfio-noiommu" by the kernel; only the class device tells. */
static void test_noiommu(void **state)
{
	struct tree *tree = *state;
	struct mig_target target;
	struct mig_error error;
	char node[32];

	tree_device(tree, "pci", "0000:02:00.0", "vfio-pci", 3);
	tree_vfio(tree, "pci", "0000:02:00.0", 0, false);
	tree_bytes(tree, "vfio-noiommu\n", "sys/kernel/iommu_groups/3/name");
	tree_group_node(tree, "noiommu-3");
	tree_device(tree, "platform", "migsim-a", "migsim", 4);
	tree_vfio(tree, "platform", "migsim-a", 1, false);
	tree_bytes(tree, "vfio-noiommu\n", "sys/kernel/iommu_groups/4/name");
	tree_group_node(tree, "4");
	assert_int_equal(mig_target_find(&tree->host, "02:00.0", &target, &error), 0);
	assert_true(target.noiommu);
	assert_string_equal(mig_target_group_node(&target, node), "noiommu-3");
	assert_int_equal(mig_target_find(&tree->host, "migsim-a", &target, &error), 0);
	assert_false(target.noiommu);
	expect(tree, "/dev/vfio/noiommu-3", "pci", "0000:02:00.0");
	assert_non_null(strstr(refuse(tree, "/dev/vfio/3", MIG_KIND_NO_DEVICE).hint, "noiommu-3"));
	refuse(tree, "/dev/vfio/noiommu-4", MIG_KIND_NO_DEVICE);
	expect(tree, "group:3", "pci", "0000:02:00.0");
}

/* Without the class vfio-dev, a group's node and the driver's name must do. */
static void test_old_kernel(void **state)
{
	struct tree *tree = *state;
	struct mig_target target;
	struct mig_error error;

	tree_device(tree, "pci", "0000:06:00.1", "mlx5_vfio_pci", 26);
	assert_int_equal(mig_target_find(&tree->host, "06:00.1", &target, &error), 0);
	assert_false(target.vfio_bound);
	tree_group_node(tree, "26");
	tree_device(tree, "pci", "0000:06:00.2", "e1000e", 26);
	assert_int_equal(mig_target_find(&tree->host, "06:00.1", &target, &error), 0);
	assert_true(target.vfio_bound);
	assert_int_equal(mig_target_find(&tree->host, "06:00.2", &target, &error), 0);
	assert_false(target.vfio_bound);
}

static void test_require_bound(void **state)
{
	struct tree *tree = *state;
	struct mig_target target;
	struct mig_error error;

	tree_device(tree, "pci", "0000:06:00.1", "mlx5_core", 26);
	tree_modalias(tree, "0000:06:00.1", 0x8086, 0x10d3, 0x020000);
	assert_int_equal(mig_target_find(&tree->host, "06:00.1", &target, &error), 0);
	assert_int_equal(mig_target_require_bound(&tree->host, &target, &error), -ENODEV);
	assert_int_equal(error.kind, MIG_KIND_NO_DEVICE);
	assert_string_equal(error.text, "0000:06:00.1 is not bound to a VFIO driver (its driver is "
					"mlx5_core); the vfio module is not loaded");
	assert_non_null(strstr(error.hint,
			       "modprobe vfio-pci; echo vfio-pci > /sys/bus/pci/devices/"
			       "0000:06:00.1/driver_override; echo 0000:06:00.1 > "));

	tree_dir(tree, "sys/class/vfio-dev");
	tree_device(tree, "platform", "sata.0", "", -1);
	assert_int_equal(mig_target_find(&tree->host, "sata.0", &target, &error), 0);
	assert_int_equal(mig_target_require_bound(&tree->host, &target, &error), -ENODEV);
	assert_string_equal(error.text, "sata.0 is not bound to a VFIO driver (it has no driver)");
	assert_non_null(strstr(error.hint, "modprobe vfio-platform; "));
	assert_null(strstr(error.hint, "unbind"));

	/* What would be pasted into a root shell must not be a command of its own. */
	tree_device(tree, "platform", "x;reboot", "", -1);
	assert_int_equal(mig_target_find(&tree->host, "x;reboot", &target, &error), 0);
	assert_int_equal(mig_target_require_bound(&tree->host, &target, &error), -ENODEV);
	assert_null(strstr(error.hint, "reboot"));
}

/* In switchdev mode every VF has a representor in the PF's folder. */
static void test_the_uplink_among_representors(void **state)
{
	struct tree *tree = *state;
	char path[MIG_PATH_SIZE];
	struct mig_target target;
	struct mig_error error;

	make_machine(tree);
	tree_device(tree, "pci", "0000:05:00.0", "mlx5_core", 20);
	tree_link(tree, "sys/devices/pci/0000:05:00.0", "sys/devices/pci/0000:06:00.1/physfn");
	for (int vf = 0; vf < 20; vf++) {
		snprintf(path, sizeof(path),
			 "sys/devices/pci/0000:05:00.0/net/eth%d/phys_port_name", vf);
		tree_bytes(tree,
			   vf == 10 ? "p0\n"
			   : vf & 1 ? "pf0vf1\n"
				    : "c1pf0vf1\n",
			   "%s", path);
	}
	assert_int_equal(mig_target_find(&tree->host, "06:00.1", &target, &error), 0);
	mig_target_describe(&target);
	assert_string_equal(target.pf_netdev, "eth10");

	/* What was known of this PF is not true any more. */
	tree_bytes(tree, "pf0vf7\n", "sys/devices/pci/0000:05:00.0/net/eth10/phys_port_name");
	tree_bytes(tree, "p0\n", "sys/devices/pci/0000:05:00.0/net/eth3/phys_port_name");
	target.described = false;
	mig_target_describe(&target);
	assert_string_equal(target.pf_netdev, "eth3");
	tree_bytes(tree, "pf0vf7\n", "sys/devices/pci/0000:05:00.0/net/eth3/phys_port_name");
	target.described = false;
	mig_target_describe(&target);
	assert_string_equal(target.pf_netdev, "");
}

static void test_describe(void **state)
{
	struct tree *tree = *state;
	struct mig_target target;
	struct mig_error error;

	make_machine(tree);
	tree_modalias(tree, "0000:06:00.1", 0x15b3, 0x101e, 0x020000);
	tree_device(tree, "pci", "0000:05:00.0", "mlx5_core", 20);
	tree_link(tree, "sys/devices/pci/0000:05:00.0", "sys/devices/pci/0000:06:00.1/physfn");
	tree_dir(tree, "sys/devices/pci/0000:05:00.0/net/eth0");
	assert_int_equal(mig_target_find(&tree->host, "06:00.1", &target, &error), 0);
	mig_target_describe(&target);
	assert_true(target.described && target.is_vf && target.ids.valid);
	assert_int_equal(target.ids.vendor, 0x15b3);
	assert_int_equal(target.ids.device, 0x101e);
	assert_int_equal(target.ids.subdevice, 0x58);
	assert_int_equal(target.ids.class_code, 0x020000);
	assert_string_equal(target.pf, "0000:05:00.0");
	assert_string_equal(target.pf_netdev, "eth0");
	assert_int_equal(target.vf_index, -1);

	/* 06:00.1 is 0x0601; 05:00.0 + offset 253 + 2 * stride 2 is that too. */
	tree_bytes(tree, "253\n", "sys/devices/pci/0000:05:00.0/sriov_offset");
	tree_bytes(tree, "2\n", "sys/devices/pci/0000:05:00.0/sriov_stride");
	tree_link(tree, "sys/devices/pci/0000:06:00.1", "sys/devices/pci/0000:05:00.0/virtfn2");
	target.described = false;
	mig_target_describe(&target);
	assert_int_equal(target.vf_index, 2);

	/* 06:02.3 is 0x0613: offset 253, stride 2, the twelfth. */
	tree_device(tree, "pci", "0000:06:02.3", "", 27);
	tree_link(tree, "sys/devices/pci/0000:05:00.0", "sys/devices/pci/0000:06:02.3/physfn");
	tree_link(tree, "sys/devices/pci/0000:06:02.3", "sys/devices/pci/0000:05:00.0/virtfn11");
	assert_int_equal(mig_target_find(&tree->host, "06:02.3", &target, &error), 0);
	mig_target_describe(&target);
	assert_int_equal(target.vf_index, 11);

	assert_int_equal(mig_target_find(&tree->host, UUID, &target, &error), 0);
	tree_link(tree, "sys/devices/mtty/mdev_supported_types/mtty-2",
		  "sys/devices/mdev/" UUID "/mdev_type");
	mig_target_describe(&target);
	assert_string_equal(target.mdev_type, "mtty-2");
	assert_false(target.ids.valid || target.is_vf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_words),
		cmocka_unit_test(test_addresses),
		TREE_TEST(test_identity),
		TREE_TEST(test_malformed),
		TREE_TEST(test_not_found),
		TREE_TEST(test_group_of_several),
		TREE_TEST(test_noiommu),
		TREE_TEST(test_old_kernel),
		TREE_TEST(test_require_bound),
		TREE_TEST(test_describe),
		TREE_TEST(test_the_uplink_among_representors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
