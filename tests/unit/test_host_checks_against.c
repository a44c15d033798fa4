// SPDX-License-Identifier: GPL-2.0-or-later
/* The preflight against another host's: what differs, and what is not told. */
#include "test_checks.h"

static const struct mig_saved_meta fit = {
	.name = VF,
	.bus = "pci",
	.driver = "mlx5_vfio_pci",
	.vendor = "15b3",
	.device = "101e",
	.subsystem_vendor = "15b3",
	.subsystem_device = "0058",
	.firmware_version = "22.38.1002",
	.firmware_psid = "MT_0000000359",
	.host = "there",
	.kernel = "6.12.1",
	.protocol = MIG_PROTOCOL_V2,
	.caps = MIG_CAPS_ALL,
};

static void want_of(struct tree *tree, const struct mig_saved_meta *there, size_t count,
		    const struct mig_saved_meta *here, const char *name,
		    enum mig_check_verdict verdict, const char *found, const char *remedy)
{
	checks_want_job(
		tree, VF,
		(struct mig_check_job){ .metas = here, .against = there, .against_count = count },
		name, verdict, found, remedy);
}

static void want(struct tree *tree, const struct mig_saved_meta *there, const char *name,
		 enum mig_check_verdict verdict, const char *found, const char *remedy)
{
	want_of(tree, there, 1, &fit, name, verdict, found, remedy);
}

static void test_same(void **state)
{
	struct mig_check_job job = { .count = 1 };
	struct tree *tree = *state;

	checks_machine(tree);
	want(tree, &fit, "against-kind", MIG_CHECK_PASS, "as 0000:06:00.1 of there: pci 15b3:101e",
	     NULL);
	want(tree, &fit, "against-driver", MIG_CHECK_PASS, "mlx5_vfio_pci", NULL);
	want(tree, &fit, "against-protocol", MIG_CHECK_PASS, "v2", NULL);
	want(tree, &fit, "against-firmware", MIG_CHECK_PASS,
	     "version 22.38.1002 on both, PSID MT_0000000359 on both", NULL);
	want(tree, &fit, "against-kernel", MIG_CHECK_PASS, "6.12.1 on both", NULL);
	/* Not asked, not there. */
	assert_int_equal(mig_checks_count(&job), mig_checks_count(&(struct mig_check_job){
							 .against = &fit, .against_count = 1 }) -
							 5);
}

static void test_kind(void **state)
{
	struct mig_saved_meta there[3] = { fit, fit, fit };
	struct tree *tree = *state;

	checks_machine(tree);
	strcpy(there[0].subsystem_device, "0059");
	want(tree, there, "against-kind", MIG_CHECK_FAIL,
	     "another subsystem device id: 0059 there, 0058 here", NULL);
	strcpy(there[0].device, "1019");
	want(tree, there, "against-kind", MIG_CHECK_FAIL, "another device id: 1019 there", NULL);
	strcpy(there[0].vendor, "1d6b");
	want(tree, there, "against-kind", MIG_CHECK_FAIL, "another vendor id: 1d6b there", NULL);
	strcpy(there[0].bus, "mdev");
	want(tree, there, "against-kind", MIG_CHECK_FAIL, "another bus: mdev there", NULL);
	/* Of several it is the one of its name, else the first of its kind. */
	strcpy(there[1].name, "0000:99:00.1");
	want_of(tree, there, 3, &fit, "against-kind", MIG_CHECK_PASS, "as 0000:06:00.1", NULL);
	want_of(tree, there, 2, &fit, "against-kind", MIG_CHECK_PASS, "as 0000:99:00.1", NULL);
	strcpy(there[2].name, "0000:77:00.1");
	want_of(tree, there, 3, &fit, "against-kind", MIG_CHECK_PASS, "as 0000:99:00.1", NULL);
	strcpy(there[1].bus, "mdev");
	want_of(tree, there, 2, &fit, "against-kind", MIG_CHECK_FAIL,
		"none of the 2 devices there is like it", NULL);
	want_of(tree, there, 2, &fit, "against-driver", MIG_CHECK_FAIL, "none of the 2", NULL);
}

/* Ids that the report does not have are not other ids. */
static void test_untold_ids(void **state)
{
	struct mig_saved_meta there[2] = { fit, fit };
	struct tree *tree = *state;

	checks_machine(tree);
	strcpy(there[0].subsystem_vendor, "");
	strcpy(there[0].subsystem_device, "");
	want(tree, there, "against-kind", MIG_CHECK_PASS, "as 0000:06:00.1 of there", NULL);
	strcpy(there[0].vendor, "");
	strcpy(there[0].device, "");
	strcpy(there[0].name, "0000:99:00.1");
	want(tree, there, "against-kind", MIG_CHECK_SKIP,
	     "not told which kind of device 0000:99:00.1 of there is", NULL);
	/* One that is surely of the kind goes before one that may be. */
	strcpy(there[1].name, "0000:77:00.1");
	want_of(tree, there, 2, &fit, "against-kind", MIG_CHECK_PASS, "as 0000:77:00.1", NULL);
}

static void test_driver(void **state)
{
	struct mig_saved_meta here = fit, there = fit;
	struct tree *tree = *state;

	checks_machine(tree);
	strcpy(here.driver, "vfio-pci");
	want_of(tree, &fit, 1, &here, "against-driver", MIG_CHECK_FAIL,
		"another driver: mlx5_vfio_pci there, vfio-pci here", "modprobe mlx5_vfio_pci");
	strcpy(there.driver, "$(reboot)");
	want(tree, &there, "against-driver", MIG_CHECK_FAIL, "another driver", NULL);
}

static void test_protocol(void **state)
{
	struct mig_saved_meta here = fit, there = fit;
	struct tree *tree = *state;

	checks_machine(tree);
	here.caps = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY;
	want_of(tree, &there, 1, &here, "against-protocol", MIG_CHECK_FAIL,
		"p2p is there, and not here", NULL);
	/* More here is no harm. */
	want_of(tree, &here, 1, &there, "against-protocol", MIG_CHECK_PASS, "v2", NULL);
	here.protocol = MIG_PROTOCOL_V1;
	want_of(tree, &there, 1, &here, "against-protocol", MIG_CHECK_FAIL,
		"another protocol: v2 there, v1 here", NULL);
	here.protocol = MIG_PROTOCOL_NONE;
	want_of(tree, &there, 1, &here, "against-protocol", MIG_CHECK_SKIP,
		"not told here, only an open device tells", NULL);
	want_of(tree, &here, 1, &there, "against-protocol", MIG_CHECK_SKIP,
		"not told there, only an open device tells: check --open", NULL);
	/* That there is none is another thing than that nobody looked. */
	here.no_migration = true;
	want_of(tree, &here, 1, &there, "against-protocol", MIG_CHECK_FAIL, "no migration there",
		NULL);
	checks_want_job(
		tree, VF,
		(struct mig_check_job){
			.opened =
				&(struct mig_check_opened){
					.tried = true, .error = { .kind = MIG_KIND_NO_MIGRATION } },
			.metas = &here,
			.against = &there,
			.against_count = 1 },
		"against-protocol", MIG_CHECK_FAIL, "no migration here", NULL);
}

static void test_firmware(void **state)
{
	struct mig_saved_meta there = fit;
	struct tree *tree = *state;

	checks_machine(tree);
	strcpy(there.firmware_version, "22.35.2000");
	want(tree, &there, "against-firmware", MIG_CHECK_FAIL,
	     "another firmware version: 22.35.2000 there, 22.38.1002 here", "the same firmware");
	strcpy(there.firmware_psid, "DEL_0000000001");
	want(tree, &there, "against-firmware", MIG_CHECK_FAIL, "another PSID: DEL_0000000001 there",
	     "the same firmware");
	/* What one side alone told is not the same on both. */
	there = fit;
	strcpy(there.firmware_psid, "");
	want(tree, &there, "against-firmware", MIG_CHECK_PASS,
	     "version 22.38.1002 on both, PSID not told there", NULL);
	there = fit;
	strcpy(there.firmware_version, "");
	want_of(tree, &fit, 1, &there, "against-firmware", MIG_CHECK_PASS,
		"version not told here, PSID MT_0000000359 on both", NULL);
	strcpy(there.firmware_psid, "");
	want(tree, &there, "against-firmware", MIG_CHECK_SKIP,
	     "version not told there, PSID not told there", NULL);
	want_of(tree, &fit, 1, &there, "against-firmware", MIG_CHECK_SKIP,
		"version not told here, PSID not told here", NULL);
	want_of(tree, &there, 1, &there, "against-firmware", MIG_CHECK_SKIP,
		"version not told there or here", NULL);
}

static void test_kernel(void **state)
{
	struct mig_saved_meta there = fit;
	struct tree *tree = *state;

	checks_machine(tree);
	strcpy(there.kernel, "6.1.0");
	want(tree, &there, "against-kernel", MIG_CHECK_WARN, "6.1.0 there, 6.12.1 here", NULL);
	strcpy(there.kernel, "");
	want(tree, &there, "against-kernel", MIG_CHECK_SKIP, "not told", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_same),       TREE_TEST(test_kind),     TREE_TEST(test_driver),
		TREE_TEST(test_protocol),   TREE_TEST(test_firmware), TREE_TEST(test_kernel),
		TREE_TEST(test_untold_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
