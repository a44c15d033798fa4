// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include <sys/utsname.h>

#include "migctl/variant.h"

#define GENERIC "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"

static void make_aliases(struct tree *tree, const char *text)
{
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	tree_bytes(tree, text, "lib/modules/%s/modules.alias", name.release);
}

static struct mig_target make_target(struct tree *tree, uint32_t vendor, uint32_t device,
				     const char *driver, bool vf)
{
	struct mig_target target;
	struct mig_error error;

	tree_dir(tree, "sys/class/vfio-dev");
	tree_device(tree, "pci", "0000:06:00.1", driver, 26);
	tree_modalias(tree, "0000:06:00.1", vendor, device, 0x020000);
	if (vf)
		tree_link(tree, "sys/devices/pci/0000:06:00.0",
			  "sys/devices/pci/0000:06:00.1/physfn");
	if (mig_target_find(&tree->host, "06:00.1", &target, &error))
		fail_msg("%s", error.text);
	mig_target_describe(&target);
	return target;
}

static bool match(struct tree *tree, const struct mig_target *target, struct mig_variant *variant)
{
	struct mig_variants *variants = mig_variants_read(&tree->host);
	bool found;

	assert_non_null(variants);
	found = mig_variants_match(variants, target, variant);
	mig_variants_free(variants);
	return found;
}

static void test_alias(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree, 0x15b3, 0x101e, "vfio-pci", true);
	struct mig_variant variant;

	make_aliases(tree, "# a comment\n" GENERIC
			   "alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core\n"
			   "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
			   "alias vfio_pci:v00001DD8d00001003sv*sd*bc*sc*i* pds_vfio_pci\n"
			   "alias vfio_pci:broken\n");
	assert_true(match(tree, &target, &variant));
	assert_string_equal(variant.module, "mlx5_vfio_pci");
	assert_string_equal(variant.driver, "mlx5_vfio_pci");
	assert_string_equal(variant.config, "CONFIG_MLX5_VFIO_PCI");
	assert_true(variant.available);
	assert_true(variant.migrates);
}

/* Whichever comes first in the file, the narrower pattern is the driver's that knows the device. */
static void test_most_specific(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree, 0x1234, 0x5678, "vfio-pci", true);
	struct mig_variant variant;

	make_aliases(tree,
		     "alias vfio_pci:v00001234d*sv*sd*bc*sc*i* wide_vfio_pci\n"
		     "alias vfio_pci:v00001234d00005678sv*sd*bc*sc*i* narrow_vfio_pci\n"
		     "alias vfio_pci:v00001234d*sv*sd*bc02sc*i* middle_vfio_pci\n"
		     "alias vfio_pci:v00001234d00005678sv00009999sd*bc*sc*i* other\n" GENERIC);
	assert_true(match(tree, &target, &variant));
	assert_string_equal(variant.module, "narrow_vfio_pci");
	assert_string_equal(variant.driver, "narrow_vfio_pci");
	assert_null(variant.config);
	assert_false(variant.migrates);
}

static void test_generic_only(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree, 0x8086, 0x10d3, "vfio-pci", false);
	struct mig_variant variant;

	make_aliases(tree, GENERIC);
	assert_false(match(tree, &target, &variant));
	make_aliases(tree, GENERIC
		     "alias vfio_pci:v00008086d000010D3sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n");
	assert_false(match(tree, &target, &variant));
}

static void test_known_ids(void **state)
{
	static const struct {
		uint32_t vendor, device;
		bool vf;
		const char *driver, *config;
	} rows[] = {
		{ 0x15b3, 0x101e, true, "mlx5_vfio_pci", "CONFIG_MLX5_VFIO_PCI" },
		{ 0x19e5, 0xa251, true, "hisi_acc_vfio_pci", "CONFIG_HISI_ACC_VFIO_PCI" },
		{ 0x19e5, 0xa256, true, "hisi_acc_vfio_pci", "CONFIG_HISI_ACC_VFIO_PCI" },
		{ 0x19e5, 0xa259, true, "hisi_acc_vfio_pci", "CONFIG_HISI_ACC_VFIO_PCI" },
		{ 0x1dd8, 0x1003, true, "pds_vfio_pci", "CONFIG_PDS_VFIO_PCI" },
		{ 0x8086, 0x4941, true, "qat_vfio_pci", "CONFIG_QAT_VFIO_PCI" },
		{ 0x8086, 0x4943, true, "qat_vfio_pci", "CONFIG_QAT_VFIO_PCI" },
		{ 0x8086, 0x4945, true, "qat_vfio_pci", "CONFIG_QAT_VFIO_PCI" },
		{ 0x1af4, 0x1041, true, "virtio_vfio_pci", "CONFIG_VIRTIO_VFIO_PCI" },
		{ 0x1af4, 0x1042, true, "virtio_vfio_pci", "CONFIG_VIRTIO_VFIO_PCI" },
		{ 0x8086, 0xe20b, true, "xe-vfio-pci", "CONFIG_XE_VFIO_PCI" },
		{ 0x8086, 0x4940, true, NULL, NULL },
		{ 0x8086, 0x4942, true, NULL, NULL },
		{ 0x15b3, 0x101d, true, NULL, NULL },
		{ 0x1af4, 0x1043, true, NULL, NULL },
		{ 0x1af4, 0x1041, false, NULL, NULL },
		{ 0x8086, 0xe20b, false, NULL, NULL },
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct mig_target target = {
			.ids = { .valid = true, .vendor = rows[i].vendor, .device = rows[i].device }
		};
		struct mig_variant variant;

		target.is_vf = rows[i].vf;
		assert_int_equal(match(tree, &target, &variant), rows[i].driver != NULL);
		if (!rows[i].driver)
			continue;
		assert_string_equal(variant.driver, rows[i].driver);
		assert_string_equal(variant.config, rows[i].config);
		assert_false(variant.available);
	}
}

static void explain(struct tree *tree, struct mig_target *target, const char *sentence,
		    const char *remedy)
{
	char said[256], command[400];

	assert_true(mig_variant_explain(&tree->host, target, said, sizeof(said), command,
					sizeof(command)));
	assert_string_equal(said, sentence);
	assert_string_equal(command, remedy);
}

static void test_explain(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree, 0x15b3, 0x101e, "vfio-pci", true);

	tree_vfio(tree, "pci", "0000:06:00.1", 0, false);
	target.vfio_bound = true;
	explain(tree, &target,
		"bound to vfio-pci; the migration-capable driver for 15b3:101e is mlx5_vfio_pci, "
		"which this kernel does not have (CONFIG_MLX5_VFIO_PCI)",
		"boot a kernel built with CONFIG_MLX5_VFIO_PCI=m");
	make_aliases(tree,
		     GENERIC "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n");
	explain(tree, &target,
		"bound to vfio-pci; the migration-capable driver for 15b3:101e is mlx5_vfio_pci",
		"modprobe mlx5_vfio_pci; echo mlx5_vfio_pci > "
		"/sys/bus/pci/devices/0000:06:00.1/driver_override; echo 0000:06:00.1 > "
		"/sys/bus/pci/devices/0000:06:00.1/driver/unbind; echo 0000:06:00.1 > "
		"/sys/bus/pci/drivers_probe");
	strcpy(target.driver, "mlx5_vfio_pci");
	explain(tree, &target,
		"bound to mlx5_vfio_pci, the right driver for 15b3:101e, which offers no migration "
		"here",
		"");
}

/* A driver that only modules.alias knows may migrate or not. */
static void test_explain_doubt(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree, 0x1234, 0x5678, "other_vfio_pci", true);

	target.vfio_bound = true;
	make_aliases(tree, "alias vfio_pci:v00001234d00005678sv*sd*bc*sc*i* other_vfio_pci\n");
	explain(tree, &target,
		"bound to other_vfio_pci, the driver that modules.alias names for 1234:5678, which "
		"offers no migration here",
		"");
	strcpy(target.driver, "e1000e");
	target.vfio_bound = false;
	explain(tree, &target,
		"the driver that modules.alias names for 1234:5678 is other_vfio_pci; whether it "
		"migrates is not known",
		"modprobe other_vfio_pci; echo other_vfio_pci > "
		"/sys/bus/pci/devices/0000:06:00.1/driver_override; echo 0000:06:00.1 > "
		"/sys/bus/pci/devices/0000:06:00.1/driver/unbind; echo 0000:06:00.1 > "
		"/sys/bus/pci/drivers_probe");
}

static void test_explain_unknown(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree, 0x8086, 0x10d3, "vfio-pci", false);
	struct mig_target mdev = { .bus = "mdev", .name = "x" };
	char said[64], command[64];

	target.vfio_bound = true;
	explain(tree, &target,
		"bound to vfio-pci; no migration-capable driver is known for 8086:10d3, which is "
		"not a VF",
		"");
	assert_false(mig_variant_explain(&tree->host, &mdev, said, sizeof(said), command,
					 sizeof(command)));
	assert_string_equal(said, "");
	assert_string_equal(command, "");
}

static void test_commands(void **state)
{
	struct mig_target target = { .bus = "pci", .name = "0000:06:00.1" };
	char commands[200], small[40];

	(void)state;
	mig_variant_bind_commands(&target, "vfio-pci", "vfio-pci", commands, sizeof(commands));
	assert_string_equal(commands, "modprobe vfio-pci; echo vfio-pci > "
				      "/sys/bus/pci/devices/0000:06:00.1/driver_override; "
				      "echo 0000:06:00.1 > /sys/bus/pci/drivers_probe");
	/* Half a command is worse than none. */
	mig_variant_bind_commands(&target, "vfio-pci", "vfio-pci", small, sizeof(small));
	assert_string_equal(small, "");
	mig_variant_bind_commands(&target, "$(reboot)", "vfio-pci", commands, sizeof(commands));
	assert_string_equal(commands, "");
	strcpy(target.bus, "mdev");
	mig_variant_bind_commands(&target, "vfio-pci", "vfio-pci", commands, sizeof(commands));
	assert_string_equal(commands, "");
}

static void test_vfio_drivers(void **state)
{
	static const char *const yes[] = {
		"vfio-pci",    "mlx5_vfio_pci", "xe-vfio-pci",         "vfio-platform",
		"vfio-fsl-mc", "vfio_mdev",     "nvgrace_gpu_vfio_pci"
	};
	static const char *const no[] = {
		"", "e1000e", "mlx5_core", "vfio", "pci-stub", "notvfio"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(mig_variant_is_vfio_driver(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(mig_variant_is_vfio_driver(no[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_alias),
		TREE_TEST(test_most_specific),
		TREE_TEST(test_generic_only),
		TREE_TEST(test_known_ids),
		TREE_TEST(test_explain),
		TREE_TEST(test_explain_unknown),
		TREE_TEST(test_explain_doubt),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_vfio_drivers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
