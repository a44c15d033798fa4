// SPDX-License-Identifier: GPL-2.0-or-later
/* The preflight's judgement of what devlink told. */
#include "test_checks.h"

static const struct mig_devlink good = {
	.handle = "pci/0000:06:00.0",
	.instance = true,
	.vf = 3,
	.has_port = true,
	.port = { .index = 65539,
		  .flavour = MIG_DEVLINK_FLAVOUR_PCI_VF,
		  .vf = 3,
		  .netdev = "enp6s0f0r3" },
	.migratable = MIG_MIGRATABLE_ON,
	.eswitch = MIG_ESWITCH_SWITCHDEV,
	.info = { .driver = "mlx5_core", .firmware = "22.38.1002", .psid = "MT_0000000359" },
	.health = { { .name = "fw", .state = MIG_HEALTH_HEALTHY },
		    { .name = "vnic", .of_port = true, .state = MIG_HEALTH_HEALTHY } },
	.health_count = 2,
	.health_known = true,
};

static void want(struct tree *tree, const struct mig_devlink *devlink, const char *name,
		 enum mig_check_verdict verdict, const char *found, const char *remedy)
{
	checks_want_job(tree, VF, (struct mig_check_job){ .devlinks = devlink }, name, verdict,
			found, remedy);
}

/* The same when the open device has told that it migrates. */
static void want_open(struct tree *tree, const struct mig_devlink *devlink, const char *name,
		      enum mig_check_verdict verdict, const char *found)
{
	checks_want_job(tree, VF,
			(struct mig_check_job){ .opened = &checks_opened, .devlinks = devlink },
			name, verdict, found, NULL);
}

static void test_good(void **state)
{
	struct tree *tree = *state;

	checks_machine(tree);
	want(tree, &good, "devlink", MIG_CHECK_PASS, "pci/0000:06:00.0, driver mlx5_core", NULL);
	want(tree, &good, "eswitch", MIG_CHECK_PASS, "switchdev", NULL);
	want(tree, &good, "port", MIG_CHECK_PASS,
	     "pci/0000:06:00.0/65539, controller 0, PF 0, VF 3, representor enp6s0f0r3", NULL);
	want(tree, &good, "migratable", MIG_CHECK_PASS, "on", NULL);
	want(tree, &good, "firmware", MIG_CHECK_PASS, "version 22.38.1002, PSID MT_0000000359",
	     NULL);
	want(tree, &good, "health", MIG_CHECK_PASS, "2 reporters, all healthy", NULL);
}

static void test_not_asked(void **state)
{
	static const char *const names[] = { "devlink",    "eswitch",  "port",
					     "migratable", "firmware", "health" };
	struct tree *tree = *state;

	checks_machine(tree);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		want(tree, NULL, names[i], MIG_CHECK_SKIP, "could not be asked", NULL);
		checks_want_job(tree, PF, (struct mig_check_job){ .devlinks = &good }, names[i],
				MIG_CHECK_SKIP, "not a VF", NULL);
	}
}

/* What mlx5 needs, other drivers do without. */
static void test_no_instance(void **state)
{
	const struct mig_devlink none = { .gap = MIG_DEVLINK_GAP_NO_INSTANCE,
					  .handle = "pci/0000:06:00.0" };
	const struct mig_devlink unread = { .gap = MIG_DEVLINK_GAP_UNREADABLE,
					    .handle = "pci/0000:06:00.0",
					    .err = EPERM };
	struct tree *tree = *state;

	checks_machine(tree);
	want(tree, &none, "devlink", MIG_CHECK_FAIL,
	     "there is no devlink instance pci/0000:06:00.0, and mlx5_vfio_pci migrates only",
	     "bind 0000:06:00.0 to a driver that has devlink");
	want_open(tree, &none, "devlink", MIG_CHECK_SKIP, "there is no devlink instance");
	want(tree, &none, "migratable", MIG_CHECK_SKIP, "the PF has no devlink instance", NULL);
	want(tree, &unread, "devlink", MIG_CHECK_WARN, "could not be asked", NULL);
	tree_modalias(tree, VF, 0x8086, 0x10ca, 0x020000);
	want(tree, &none, "devlink", MIG_CHECK_SKIP, "there is no devlink instance", NULL);
}

static void test_legacy(void **state)
{
	struct mig_devlink devlink = good;
	struct tree *tree = *state;

	checks_machine(tree);
	devlink.eswitch = MIG_ESWITCH_LEGACY;
	want(tree, &devlink, "eswitch", MIG_CHECK_PASS, "ports all the same", NULL);
	devlink.has_port = false;
	devlink.gap = MIG_DEVLINK_GAP_LEGACY;
	want(tree, &devlink, "eswitch", MIG_CHECK_FAIL, "in mode legacy, in which VFs have no port",
	     "devlink dev eswitch set pci/0000:06:00.0 mode switchdev");
	want(tree, &devlink, "port", MIG_CHECK_SKIP, "in mode legacy", NULL);
	want(tree, &devlink, "migratable", MIG_CHECK_SKIP, "no port", NULL);
	want_open(tree, &devlink, "eswitch", MIG_CHECK_PASS, "it migrates all the same");
	/* Of others than mlx5 it decides nothing. */
	tree_modalias(tree, VF, 0x8086, 0x10ca, 0x020000);
	want(tree, &devlink, "eswitch", MIG_CHECK_WARN, "in mode legacy, in which VFs have no port",
	     "devlink dev eswitch set pci/0000:06:00.0 mode switchdev");
	devlink.eswitch = MIG_ESWITCH_NONE;
	want(tree, &devlink, "eswitch", MIG_CHECK_SKIP, "no eswitch", NULL);
	devlink.eswitch = MIG_ESWITCH_UNKNOWN;
	devlink.eswitch_err = EPERM;
	want(tree, &devlink, "eswitch", MIG_CHECK_SKIP, "not told: Operation not permitted", NULL);
}

static void test_not_visible(void **state)
{
	struct mig_devlink devlink = good;
	struct tree *tree = *state;

	checks_machine(tree);
	devlink.has_port = false;
	devlink.gap = MIG_DEVLINK_GAP_NOT_VISIBLE;
	want(tree, &devlink, "port", MIG_CHECK_WARN,
	     "not visible from this host, which does not mean that migratable is off", "SmartNIC");
}

static void test_migratable(void **state)
{
	struct mig_devlink devlink = good;
	struct tree *tree = *state;

	checks_machine(tree);
	devlink.migratable = MIG_MIGRATABLE_OFF;
	want(tree, &devlink, "migratable", MIG_CHECK_FAIL,
	     "migratable is off on pci/0000:06:00.0/65539",
	     "echo 0000:06:00.1 > /sys/bus/pci/devices/0000:06:00.1/driver/unbind; "
	     "vfio-migctl set-migratable 0000:06:00.1 on; "
	     "echo 0000:06:00.1 > /sys/bus/pci/drivers/mlx5_vfio_pci/bind # or, in place of "
	     "set-migratable: "
	     "devlink port function set pci/0000:06:00.0/65539 migratable enable");
	devlink.migratable = MIG_MIGRATABLE_UNSUPPORTED;
	want(tree, &devlink, "migratable", MIG_CHECK_FAIL, "has no migratable",
	     "mlxconfig -d 0000:06:00.0 set VF_MIGRATION_MODE=2");
	want_open(tree, &devlink, "migratable", MIG_CHECK_PASS, "it migrates all the same");
	/* Off, the port says no, whoever asks; what no port has, others do without. */
	tree_modalias(tree, VF, 0x8086, 0x10ca, 0x020000);
	want(tree, &devlink, "migratable", MIG_CHECK_WARN, "has no migratable", "VF_MIGRATION");
	devlink.migratable = MIG_MIGRATABLE_OFF;
	want(tree, &devlink, "migratable", MIG_CHECK_FAIL, "migratable is off", "set-migratable");
	checks_want_job(tree, VF,
			(struct mig_check_job){ .opened = &checks_opened, .devlinks = &devlink },
			"migratable", MIG_CHECK_FAIL, "migratable is off", "set-migratable");
	devlink.migratable = MIG_MIGRATABLE_UNKNOWN;
	want(tree, &devlink, "migratable", MIG_CHECK_SKIP, "does not say", NULL);
	/* A handle of a hostile make is no part of a command. */
	devlink.migratable = MIG_MIGRATABLE_OFF;
	strcpy(devlink.handle, "pci/$(reboot)");
	want(tree, &devlink, "migratable", MIG_CHECK_FAIL, "migratable is off", NULL);
}

static void test_firmware(void **state)
{
	struct mig_devlink devlink = good;
	struct tree *tree = *state;

	checks_machine(tree);
	devlink.info.firmware[0] = '\0';
	want(tree, &devlink, "firmware", MIG_CHECK_PASS, "PSID MT_0000000359", NULL);
	devlink.info.psid[0] = '\0';
	want(tree, &devlink, "firmware", MIG_CHECK_SKIP, "not told", NULL);
}

static void test_health(void **state)
{
	struct mig_devlink devlink = good;
	struct tree *tree = *state;

	checks_machine(tree);
	devlink.health[0].errors = 2;
	devlink.health[0].recoveries = 2;
	want(tree, &devlink, "health", MIG_CHECK_WARN, "healthy again: fw (2 errors, 2 recoveries)",
	     NULL);
	devlink.health[1].state = MIG_HEALTH_ERROR;
	devlink.health[1].errors = 1;
	want(tree, &devlink, "health", MIG_CHECK_FAIL,
	     "in error: the port's vnic (1 errors, 0 recoveries); healthy again: fw",
	     "devlink health recover pci/0000:06:00.0/65539 reporter vnic");
	devlink.health[0].state = MIG_HEALTH_ERROR;
	want(tree, &devlink, "health", MIG_CHECK_FAIL, "in error: fw (2 errors, 2 recoveries), the",
	     "devlink health recover pci/0000:06:00.0 reporter fw; ");
	devlink = good;
	devlink.health[1].state = MIG_HEALTH_UNKNOWN;
	devlink.health[1].errors = 1;
	want(tree, &devlink, "health", MIG_CHECK_WARN,
	     "state not told: the port's vnic (1 errors, 0 recoveries)", NULL);
	devlink = good;
	devlink.health_more = true;
	want(tree, &devlink, "health", MIG_CHECK_WARN, "more reporters than 2, and those", NULL);
	devlink.health_more = false;
	devlink.health_count = 0;
	want(tree, &devlink, "health", MIG_CHECK_SKIP, "there are no reporters", NULL);
	devlink.health_known = false;
	want(tree, &devlink, "health", MIG_CHECK_SKIP, "not told", NULL);
}

/* ENOTTY on the right driver: which causes devlink rules out. */
static void test_enotty(void **state)
{
	const struct mig_check_opened opened = {
		.tried = true, .error = { .kind = MIG_KIND_NO_MIGRATION, .err = ENOTTY }
	};
	struct mig_devlink devlink = good;
	struct tree *tree = *state;

	checks_machine(tree);
	checks_want_job(
		tree, VF, (struct mig_check_job){ .opened = &opened, .devlinks = &devlink },
		"protocol", MIG_CHECK_FAIL,
		"the port has no migratable, by its driver, firmware or a kernel before 6.2 "
		"(ruled out), migratable off (ruled out), "
		"migratable turned on only after binding (bind it again)",
		"driver/unbind; echo 0000:06:00.1 > /sys/bus/pci/drivers_probe");
	devlink.migratable = MIG_MIGRATABLE_OFF;
	checks_want_job(tree, VF, (struct mig_check_job){ .opened = &opened, .devlinks = &devlink },
			"protocol", MIG_CHECK_FAIL, "(ruled out), migratable off (so it is)",
			"migratable enable");
	devlink.migratable = MIG_MIGRATABLE_UNSUPPORTED;
	checks_want_job(
		tree, VF, (struct mig_check_job){ .opened = &opened, .devlinks = &devlink },
		"protocol", MIG_CHECK_FAIL,
		"the port has no migratable, by its driver, firmware or a kernel before 6.2 "
		"(so it is), migratable off (not told)",
		"VF_MIGRATION_MODE=2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_good),     TREE_TEST(test_not_asked),   TREE_TEST(test_no_instance),
		TREE_TEST(test_legacy),   TREE_TEST(test_not_visible), TREE_TEST(test_migratable),
		TREE_TEST(test_firmware), TREE_TEST(test_health),      TREE_TEST(test_enotty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
