// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/devlink.h"

static char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];

/* A VF whose port is there, and on; the tests take away. */
static struct mig_devlink whole(void)
{
	return (struct mig_devlink){
		.handle = "pci/0000:06:00.0",
		.instance = true,
		.vf = 3,
		.has_port = true,
		.port = { .index = 65541, .flavour = MIG_DEVLINK_FLAVOUR_PCI_VF, .vf = 3 },
		.migratable = MIG_MIGRATABLE_ON,
		.eswitch = MIG_ESWITCH_SWITCHDEV,
	};
}

static bool explain(const struct mig_devlink *devlink)
{
	memset(sentence, 'x', sizeof(sentence));
	memset(remedy, 'x', sizeof(remedy));
	return mig_devlink_explain(devlink, "0000:06:00.4", sentence, remedy);
}

static void says(const struct mig_devlink *devlink, const char *what, const char *mends)
{
	assert_true(explain(devlink));
	if (!strstr(sentence, what) || !strstr(remedy, mends))
		fail_msg("'%s', '%s' have not '%s', '%s'", sentence, remedy, what, mends);
}

static void test_nothing_in_the_way(void **state)
{
	struct mig_devlink devlink = whole();

	(void)state;
	assert_false(explain(&devlink));
	assert_string_equal(sentence, "");
	assert_string_equal(remedy, "");
}

static void test_the_port_in_the_way(void **state)
{
	struct mig_devlink devlink = whole();

	(void)state;
	devlink.migratable = MIG_MIGRATABLE_OFF;
	says(&devlink, "migratable is off on pci/0000:06:00.0/65541, the port of 0000:06:00.4",
	     "devlink port function set pci/0000:06:00.0/65541 migratable enable");
	assert_non_null(strstr(remedy, "vfio-migctl set-migratable 0000:06:00.4 on"));
	assert_non_null(strstr(remedy, "rebind afterwards"));
	devlink.migratable = MIG_MIGRATABLE_UNSUPPORTED;
	says(&devlink, "pci/0000:06:00.0/65541 has no migratable", "update");
	strcpy(devlink.info.driver, "mlx5_core");
	says(&devlink, "has no migratable", "mlxconfig -d 0000:06:00.0 set VF_MIGRATION_MODE=2");
	devlink.migratable = MIG_MIGRATABLE_UNKNOWN;
	says(&devlink, "does not say", "");
}

static struct mig_devlink without(enum mig_devlink_gap gap)
{
	struct mig_devlink devlink = whole();

	devlink.has_port = false;
	devlink.gap = gap;
	devlink.migratable = MIG_MIGRATABLE_UNKNOWN;
	return devlink;
}

static void test_gaps(void **state)
{
	struct mig_devlink devlink;

	(void)state;
	devlink = without(MIG_DEVLINK_GAP_NOT_PCI);
	says(&devlink, "0000:06:00.4 is not a PCI function", "");
	devlink = without(MIG_DEVLINK_GAP_NOT_VF);
	says(&devlink, "0000:06:00.4 is not a VF", "VFs");
	devlink = without(MIG_DEVLINK_GAP_NO_FAMILY);
	says(&devlink, "kernel has no devlink", "driver of the PF");
	devlink = without(MIG_DEVLINK_GAP_NO_INSTANCE);
	says(&devlink, "no devlink instance pci/0000:06:00.0",
	     "bind 0000:06:00.0 to a driver that has devlink");
	devlink = without(MIG_DEVLINK_GAP_LEGACY);
	says(&devlink, "in mode legacy", "devlink dev eswitch set pci/0000:06:00.0 mode switchdev");
	devlink = without(MIG_DEVLINK_GAP_AMBIGUOUS);
	says(&devlink, "several ports", "devlink port show");
	devlink = without(MIG_DEVLINK_GAP_UNREADABLE);
	devlink.err = EPERM;
	says(&devlink,
	     "could not be asked for the ports of pci/0000:06:00.0: Operation not "
	     "permitted",
	     "");
}

/* On a SmartNIC the port is elsewhere: it must never be called off. */
static void test_not_visible_is_not_off(void **state)
{
	struct mig_devlink devlink = without(MIG_DEVLINK_GAP_NOT_VISIBLE);

	(void)state;
	says(&devlink, "not visible from this host", "SmartNIC");
	assert_null(strstr(sentence, "cannot be read"));
	devlink.eswitch_err = EPERM;
	says(&devlink, "the eswitch mode cannot be read: Operation not permitted", "SmartNIC");
	devlink.vf = -1;
	says(&devlink, "sysfs does not tell which VF", "");
}

/* Neither the name nor the handle is trusted, and the longest of both fit. */
static void test_names_are_escaped(void **state)
{
	struct mig_devlink devlink = whole();

	(void)state;
	devlink.migratable = MIG_MIGRATABLE_OFF;
	memset(devlink.handle, '\033', sizeof(devlink.handle) - 1);
	assert_true(mig_devlink_explain(&devlink, "evil\n", sentence, remedy));
	assert_null(strchr(sentence, '\033'));
	assert_null(strchr(sentence, '\n'));
	assert_non_null(strstr(sentence, "\\x1b"));
	assert_non_null(strstr(sentence, "evil\\x0a"));
	assert_null(strchr(remedy, '\033'));
}

static void test_verdict(void **state)
{
	const enum mig_migratable on = MIG_MIGRATABLE_ON, off = MIG_MIGRATABLE_OFF,
				  none = MIG_MIGRATABLE_UNSUPPORTED, dark = MIG_MIGRATABLE_UNKNOWN;

	(void)state;
	assert_int_equal(mig_migratable_verdict(off, on, false, on), MIG_OUTCOME_ACCEPTED);
	assert_int_equal(mig_migratable_verdict(off, on, true, on), MIG_OUTCOME_ACCEPTED);
	assert_int_equal(mig_migratable_verdict(off, on, true, off), MIG_OUTCOME_NAK);
	assert_int_equal(mig_migratable_verdict(off, on, false, off), MIG_OUTCOME_ASTRAY);
	/* mlx5 once turned it on whatever was asked. */
	assert_int_equal(mig_migratable_verdict(on, off, false, on), MIG_OUTCOME_ASTRAY);
	assert_int_equal(mig_migratable_verdict(none, on, true, none), MIG_OUTCOME_NAK);
	assert_int_equal(mig_migratable_verdict(off, on, true, dark), MIG_OUTCOME_ASTRAY);
	assert_int_equal(mig_migratable_verdict(off, on, true, none), MIG_OUTCOME_ASTRAY);
}

static void test_flavours(void **state)
{
	(void)state;
	assert_string_equal(mig_devlink_flavour_name(MIG_DEVLINK_FLAVOUR_PCI_VF), "pcivf");
	assert_string_equal(mig_devlink_flavour_name(0), "physical");
	assert_string_equal(mig_devlink_flavour_name(7), "pcisf");
	assert_null(mig_devlink_flavour_name(8));
	assert_null(mig_devlink_flavour_name(UINT16_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_in_the_way),
		cmocka_unit_test(test_the_port_in_the_way),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_not_visible_is_not_off),
		cmocka_unit_test(test_names_are_escaped),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_flavours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
