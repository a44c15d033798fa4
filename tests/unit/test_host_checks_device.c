// SPDX-License-Identifier: GPL-2.0-or-later
/* The preflight's questions about the device, its driver and who is near it. */
#include "test_checks.h"

static void test_vf(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	tree_link(tree, AT, "sys/devices/pci/" PF "/virtfn0");
	tree_bytes(tree, "1\n", "sys/devices/pci/" PF "/sriov_offset");
	tree_bytes(tree, "1\n", "sys/devices/pci/" PF "/sriov_stride");
	tree_dir(tree, "sys/devices/pci/" PF "/net/enp6s0f0");
	checks_want(tree, "vf", MIG_CHECK_PASS, "VF 0 of 0000:06:00.0 (enp6s0f0)", NULL);
	tree_bytes(tree, "8\n", "sys/devices/pci/" PF "/sriov_totalvfs");
	checks_want_of(tree, PF, NULL, "vf", MIG_CHECK_FAIL, "a PF; only its VFs can migrate",
		       "vfio-migctl list --all");
	checks_want_of(tree, PF, NULL, "driver", MIG_CHECK_FAIL, "its driver is", NULL);
	tree_device(tree, "pci", "0000:08:00.0", "igb", 29);
	tree_bytes(tree, "8\n", "sys/devices/pci/0000:08:00.0/sriov_totalvfs");
	checks_want_of(tree, "0000:08:00.0", NULL, "vf", MIG_CHECK_FAIL, "only its VFs",
		       "echo 1 > /sys/bus/pci/devices/0000:08:00.0/sriov_numvfs");
	tree_device(tree, "pci", "0000:07:00.0", "e1000e", 27);
	checks_want_of(tree, "0000:07:00.0", NULL, "vf", MIG_CHECK_WARN, "not a VF", NULL);
	tree_device(tree, "platform", "migsim-a", "migsim", 28);
	checks_want_of(tree, "migsim-a", NULL, "vf", MIG_CHECK_SKIP, "not a PCI device", NULL);
}

static void test_pf_driver(void **state)
{
	struct tree *tree = *state;
	char path[MIG_PATH_SIZE];

	checks_machine(tree);
	checks_want(tree, "pf-driver", MIG_CHECK_PASS, "0000:06:00.0, is on mlx5_core", NULL);
	tree_device(tree, "pci", PF, "vfio-pci", 25);
	checks_want(tree, "pf-driver", MIG_CHECK_FAIL,
		    "is on vfio-pci; mlx5_vfio_pci needs it on mlx5_core",
		    "echo 0000:06:00.0 > /sys/bus/pci/devices/0000:06:00.0/driver/unbind; echo "
		    "0000:06:00.0 > /sys/bus/pci/drivers_probe");
	assert_false(mig_path(path, "%s/devices/pci/" PF "/driver", tree->sysfs));
	assert_int_equal(unlink(path), 0);
	checks_want(tree, "pf-driver", MIG_CHECK_FAIL, "has no driver; it wants mlx5_core",
		    "modprobe mlx5_core; echo 0000:06:00.0 > /sys/bus/pci/drivers_probe");
	checks_want(tree, "pf-driver", MIG_CHECK_FAIL, "ENOTCONN", "modprobe mlx5_core");
	/* The qat PF's driver is called 4xxx, and only its module tells. */
	tree_modalias(tree, VF, 0x8086, 0x4941, 0x0b4000);
	tree_device(tree, "pci", PF, "4xxx", 25);
	checks_want(tree, "pf-driver", MIG_CHECK_FAIL, "is on 4xxx; qat_vfio_pci needs it on qat",
		    "modprobe qat_4xxx");
	tree_link(tree, "sys/module/qat_4xxx", "sys/bus/pci/drivers/4xxx/module");
	checks_want(tree, "pf-driver", MIG_CHECK_PASS, "is on 4xxx", NULL);
	/* Three accelerators have one driver for their VFs, and each its own for the PF. */
	tree_device(tree, "pci", PF, "hisi_sec2", 25);
	tree_modalias(tree, VF, 0x19e5, 0xa256, 0x100000);
	checks_want(tree, "pf-driver", MIG_CHECK_PASS, "is on hisi_sec2", NULL);
	tree_modalias(tree, VF, 0x19e5, 0xa251, 0x120000);
	checks_want(tree, "pf-driver", MIG_CHECK_FAIL,
		    "is on hisi_sec2; hisi_acc_vfio_pci needs it on hisi_zip", "modprobe hisi_zip");
	tree_modalias(tree, VF, 0x19e5, 0xa259, 0x100000);
	checks_want(tree, "pf-driver", MIG_CHECK_FAIL, "needs it on hisi_hpre",
		    "modprobe hisi_hpre");
	tree_device(tree, "pci", PF, "4xxx", 25);
	/* Of a device of an unknown kind nothing is wanted. */
	tree_modalias(tree, VF, 0x8086, 0x10ca, 0x020000);
	checks_want(tree, "pf-driver", MIG_CHECK_PASS, "is on 4xxx", NULL);
}

/* What is kept of the last PF is not told of the next one. */
static void test_two_pfs(void **state)
{
	struct tree *tree = *state;
	struct mig_check_item items[64];
	struct mig_target targets[2];
	struct mig_check_job job = { .targets = targets, .count = 2 };
	struct mig_checks *checks;
	size_t at = 0;

	checks_machine(tree);
	tree_device(tree, "pci", "0000:08:00.0", "vfio-pci", 40);
	tree_device(tree, "pci", "0000:08:00.1", "mlx5_vfio_pci", 41);
	tree_modalias(tree, "0000:08:00.1", 0x15b3, 0x101e, 0x020000);
	tree_link(tree, "sys/devices/pci/0000:08:00.0", "sys/devices/pci/0000:08:00.1/physfn");
	assert_int_equal(mig_target_read(&tree->host, "pci", VF, &targets[0]), 0);
	assert_int_equal(mig_target_read(&tree->host, "pci", "0000:08:00.1", &targets[1]), 0);
	checks = mig_checks_open(&tree->host, &job);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(mig_checks_judge(checks, i, items), 0);
		for (at = 0; strcmp(items[at].name, "pf-driver");)
			at++;
		assert_int_equal(items[at].verdict, i ? MIG_CHECK_FAIL : MIG_CHECK_PASS);
		mig_check_items_clear(items, mig_checks_count(&job));
	}
	mig_checks_close(checks);
}

static void test_driver(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want(tree, "driver", MIG_CHECK_PASS, "bound to mlx5_vfio_pci", NULL);
	tree_device(tree, "pci", "0000:06:00.2", "mlx5_core", 27);
	tree_modalias(tree, "0000:06:00.2", 0x15b3, 0x101e, 0x020000);
	checks_want_of(tree, "0000:06:00.2", NULL, "driver", MIG_CHECK_FAIL,
		       "not bound to a VFIO driver (its driver is mlx5_core)",
		       "modprobe mlx5_vfio_pci; echo mlx5_vfio_pci > "
		       "/sys/bus/pci/devices/0000:06:00.2/driver_override; echo 0000:06:00.2 > "
		       "/sys/bus/pci/devices/0000:06:00.2/driver/unbind; echo 0000:06:00.2 > "
		       "/sys/bus/pci/drivers_probe");
	tree_device(tree, "pci", "0000:07:00.0", "", 28);
	tree_modalias(tree, "0000:07:00.0", 0x8086, 0x10d3, 0x020000);
	checks_want_of(tree, "0000:07:00.0", NULL, "driver", MIG_CHECK_FAIL, "it has no driver",
		       "modprobe vfio-pci; echo vfio-pci > ");
}

static void test_variant(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want(tree, "variant", MIG_CHECK_PASS,
		    "bound to mlx5_vfio_pci, the right driver for 15b3:101e", NULL);
	tree_device(tree, "pci", VF, "vfio-pci", 26);
	checks_want(
		tree, "variant", MIG_CHECK_FAIL,
		"bound to vfio-pci; the migration-capable driver for 15b3:101e is mlx5_vfio_pci",
		"echo mlx5_vfio_pci > /sys/bus/pci/devices/0000:06:00.1/driver_override");
	checks_want(tree, "protocol", MIG_CHECK_FAIL, "VFIO migration is not supported in kernel",
		    NULL);
	tree_modalias(tree, VF, 0x8086, 0x10ca, 0x020000);
	checks_want(tree, "variant", MIG_CHECK_FAIL,
		    "bound to vfio-pci, which never migrates; no migration-capable driver is known "
		    "for 8086:10ca",
		    NULL);
	tree_device(tree, "pci", VF, "other_vfio_pci", 26);
	checks_want(tree, "variant", MIG_CHECK_PASS, "bound to other_vfio_pci", NULL);
	/* That modules.alias names it says that it is for the device, not that it migrates. */
	checks_aliases(tree, "alias vfio_pci:v00008086d000010CAsv*sd*bc*sc*i* other_vfio_pci\n");
	checks_want(tree, "variant", MIG_CHECK_PASS,
		    "bound to other_vfio_pci, the driver that modules.alias names for 8086:10ca; "
		    "whether it migrates is not known",
		    NULL);
	checks_want_of(tree, VF, &checks_opened, "variant", MIG_CHECK_PASS,
		       "bound to other_vfio_pci, the right driver for 8086:10ca", NULL);
	tree_device(tree, "pci", VF, "vfio-pci", 26);
	checks_want(tree, "variant", MIG_CHECK_FAIL,
		    "bound to vfio-pci; the driver that modules.alias names for 8086:10ca is "
		    "other_vfio_pci; whether it migrates is not known",
		    "echo other_vfio_pci > ");
	/* One is there to never migrate. */
	checks_aliases(tree,
		       "alias vfio_pci:v00008086d000010CAsv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n");
	tree_device(tree, "pci", VF, "nvgrace_gpu_vfio_pci", 26);
	checks_want(tree, "variant", MIG_CHECK_FAIL,
		    "bound to nvgrace_gpu_vfio_pci, which never migrates; no migration-capable",
		    NULL);
	checks_want(tree, "protocol", MIG_CHECK_FAIL, "none: nvgrace_gpu_vfio_pci never migrates",
		    NULL);
}

/* Whose kernel lacks the driver is told why, as far as its configuration is there. */
static void test_kernel_config(void **state)
{
	static const char option[] = "CONFIG_MLX5_VFIO_PCI";
	struct tree *tree = *state;
	char path[MIG_PATH_SIZE];
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	checks_machine(tree);
	tree_device(tree, "pci", VF, "vfio-pci", 26);
	assert_false(mig_path(path, "%s/bus/pci/drivers/mlx5_vfio_pci", tree->sysfs));
	assert_int_equal(rmdir(path), 0);
	checks_aliases(tree, "alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core\n");
	checks_want(tree, "variant", MIG_CHECK_FAIL,
		    "mlx5_vfio_pci, which modules.alias does not have (its option would be "
		    "CONFIG_MLX5_VFIO_PCI;",
		    "boot a kernel built with CONFIG_MLX5_VFIO_PCI=m");
	tree_bytes(tree, "CONFIG_VFIO=m\nCONFIG_MLX5_VFIO_PCIE=y\n", "boot/config-%s",
		   name.release);
	checks_want(tree, "variant", MIG_CHECK_FAIL, "knows no CONFIG_MLX5_VFIO_PCI", "boot a");
	tree_bytes(tree, "# CONFIG_MLX5_VFIO_PCI is not set\n", "boot/config-%s", name.release);
	checks_want(tree, "variant", MIG_CHECK_FAIL, "CONFIG_MLX5_VFIO_PCI is not set in",
		    "boot a kernel");
	tree_bytes(tree, "CONFIG_MLX5_VFIO_PCI=m\n", "boot/config-%s", name.release);
	checks_want(tree, "variant", MIG_CHECK_FAIL, "but neither modules.alias nor",
		    "depmod; modprobe mlx5_vfio_pci");
	/* The modules' own folder is nearer to the running kernel. */
	tree_bytes(tree, "# CONFIG_MLX5_VFIO_PCI is not set\n", "lib/modules/%s/config",
		   name.release);
	checks_want(tree, "variant", MIG_CHECK_FAIL, option, "boot a kernel");
	/* Built in, it is a driver of the bus and no line of modules.alias. */
	tree_dir(tree, "sys/bus/pci/drivers/mlx5_vfio_pci");
	checks_want(tree, "variant", MIG_CHECK_FAIL,
		    "bound to vfio-pci; the migration-capable driver for 15b3:101e is "
		    "mlx5_vfio_pci",
		    "driver_override");
	tree_device(tree, "pci", "0000:06:00.2", "mlx5_core", 27);
	tree_modalias(tree, "0000:06:00.2", 0x15b3, 0x101e, 0x020000);
	checks_want_of(tree, "0000:06:00.2", NULL, "driver", MIG_CHECK_FAIL, "its driver is",
		       "echo mlx5_vfio_pci > /sys/bus/pci/devices/0000:06:00.2/driver_override");
}

static void test_group(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want(tree, "group", MIG_CHECK_PASS, "group 26 has this device alone", NULL);
	tree_device(tree, "pci", "0000:06:00.3", "", 26);
	checks_want(tree, "group", MIG_CHECK_PASS, "group 26 is viable; it has 1 more device",
		    NULL);
	tree_device(tree, "pci", "0000:06:00.4", "e1000e", 26);
	tree_device(tree, "pci", "0000:06:00.5", "snd_hda_intel", 26);
	checks_want(tree, "group", MIG_CHECK_FAIL,
		    "group 26 is not viable: on other drivers than VFIO's are 0000:06:00.4 "
		    "(e1000e), 0000:06:00.5 (snd_hda_intel)",
		    "echo 0000:06:00.4 > /sys/bus/pci/devices/0000:06:00.4/driver/unbind; echo "
		    "0000:06:00.5 > ");
	tree_device(tree, "pci", "0000:07:00.0", "e1000e", -1);
	checks_want_of(tree, "0000:07:00.0", NULL, "group", MIG_CHECK_SKIP, "in no IOMMU group",
		       NULL);
}

static void test_vf_token(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want(tree, "vf-token", MIG_CHECK_PASS, "not needed", NULL);
	tree_device(tree, "pci", PF, "vfio-pci", 25);
	checks_want(tree, "vf-token", MIG_CHECK_WARN,
		    "VF token required (EACCES): the PF, 0000:06:00.0, is on vfio-pci",
		    "--vf-token UUID");
}

static void test_holder(void **state)
{
	struct tree *tree = *state;
	char link[160];

	checks_machine(tree);
	checks_want(tree, "holder", MIG_CHECK_PASS, "nobody has it open", NULL);
	tree_dir(tree, "proc/self/ns");
	snprintf(link, sizeof(link), "%s/self/ns/pid", tree->proc);
	assert_int_equal(symlink("pid:[4026531836]", link), 0);
	checks_want(tree, "holder", MIG_CHECK_PASS, "nobody has it open", NULL);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("pid:[4026532198]", link), 0);
	checks_want(tree, "holder", MIG_CHECK_SKIP, "outside of this container's pid namespace",
		    NULL);
	tree_bytes(tree, "qemu-system-x86\n", "proc/4711/comm");
	tree_link(tree, "", "proc/4711/exe");
	tree_dir(tree, "proc/4711/fd");
	snprintf(link, sizeof(link), "%s/4711/fd/7", tree->proc);
	assert_int_equal(symlink("/dev/vfio/26", link), 0);
	checks_want(tree, "holder", MIG_CHECK_WARN,
		    "process 4711 (qemu-system-x86) has /dev/vfio/26 open; others get EBUSY",
		    "vfio-migctl get --attach 0000:06:00.1 # looks through it; to have it free: "
		    "kill 4711");
	/* What has a manager is not to be killed behind its back. */
	tree_bytes(tree, "0::/system.slice/vmm.service\n", "proc/4711/cgroup");
	checks_want(tree, "holder", MIG_CHECK_WARN, "(qemu-system-x86; vmm.service)",
		    "# looks through it; to have it free, end the unit by what has started it");
}

static void test_holder_hidden(void **state)
{
	struct tree *tree = *state;

	tree_device(tree, "pci", VF, "vfio-pci", 26);
	checks_want(tree, "holder", MIG_CHECK_SKIP, "some processes hide", NULL);
}

/* What a shell would take apart is told, and not part of any command. */
static void test_odd_names(void **state)
{
	static const char odd[] = "0000:06:00.6;reboot";
	struct tree *tree = *state;

	checks_machine(tree);
	tree_device(tree, "pci", odd, "e1000e", 26);
	checks_want(tree, "group", MIG_CHECK_FAIL, "00.6;reboot (e1000e)", NULL);
	checks_want_of(tree, odd, NULL, "driver", MIG_CHECK_FAIL, "its driver is e1000e", NULL);
	tree_bytes(tree, "4,1,1,-;x 0000:06:00.6;reboot: failed\n", "dev/kmsg");
	checks_want_of(tree, odd, NULL, "kernel-log", MIG_CHECK_WARN, "failed", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_vf),        TREE_TEST(test_pf_driver),
		TREE_TEST(test_driver),    TREE_TEST(test_two_pfs),
		TREE_TEST(test_variant),   TREE_TEST(test_kernel_config),
		TREE_TEST(test_group),     TREE_TEST(test_vf_token),
		TREE_TEST(test_holder),    TREE_TEST(test_holder_hidden),
		TREE_TEST(test_odd_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
