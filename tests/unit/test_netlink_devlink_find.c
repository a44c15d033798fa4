// SPDX-License-Identifier: GPL-2.0-or-later
/* Of all that an instance said: which port is the VF's, and whose health is shown. */
#include "unit.h"

#include "../../src/host/netlink_devlink.h"

static struct devlink_port ports[4];
static struct devlink_instance instance;
static struct mig_target target;
static struct mig_devlink devlink;

/* VF 3 of 0000:06:00.1; ports by index, PF and VF number. */
static void prepare(void)
{
	memset(ports, 0, sizeof(ports));
	memset(&devlink, 0, sizeof(devlink));
	devlink.vf = 3;
	instance = (struct devlink_instance){ .ports = ports, .eswitch = MIG_ESWITCH_SWITCHDEV };
	target = (struct mig_target){ .bus = "pci", .is_vf = true, .vf_index = 3 };
	strcpy(target.pf, "0000:06:00.1");
}

static struct mig_devlink_port *add(uint32_t index, int pf, int vf)
{
	struct devlink_port *it = &ports[instance.port_count++];

	it->port = (struct mig_devlink_port){ .index = index, .flavour = 4, .pf = pf, .vf = vf };
	it->migratable = MIG_MIGRATABLE_OFF;
	return &it->port;
}

static void test_the_port_of_a_vf(void **state)
{
	(void)state;
	prepare();
	add(10, 1, 2);
	add(11, 1, 3);
	add(12, 1, 4);
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_NONE);
	assert_true(devlink.has_port);
	assert_int_equal(devlink.port.index, 11);
	assert_int_equal(devlink.migratable, MIG_MIGRATABLE_OFF);
	assert_int_equal(devlink.eswitch, MIG_ESWITCH_SWITCHDEV);
}

/* A port of a VF of another host has the same numbers. */
static void test_other_hosts(void **state)
{
	(void)state;
	prepare();
	add(10, 1, 3)->external = true;
	add(11, 1, 3)->controller = 1;
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_NOT_VISIBLE);
	assert_false(devlink.has_port);
	assert_int_equal(devlink.migratable, MIG_MIGRATABLE_UNKNOWN);
	add(12, 1, 3);
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.port.index, 12);
}

/* The PF's number decides between several, and is not asked of one: a VM's PF has another function.
 */
static void test_several_pfs(void **state)
{
	(void)state;
	prepare();
	add(10, 0, 3);
	devlink_tell(&instance, &target, &devlink);
	assert_true(devlink.has_port);
	prepare();
	add(10, 0, 3);
	add(11, 1, 3);
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.port.index, 11);
	prepare();
	add(10, 0, 3);
	add(11, 2, 3);
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_AMBIGUOUS);
	assert_false(devlink.has_port);
	prepare();
	add(10, 1, 3);
	add(11, 1, 3);
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_AMBIGUOUS);
}

static void test_no_port(void **state)
{
	(void)state;
	prepare();
	instance.eswitch = MIG_ESWITCH_LEGACY;
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_LEGACY);
	instance.ports_err = EMSGSIZE;
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_UNREADABLE);
	assert_int_equal(devlink.err, EMSGSIZE);
	prepare();
	add(10, 1, -1);
	target.vf_index = -1;
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_NOT_VISIBLE);
	prepare();
	add(10, 1, 3);
	target.is_vf = false;
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.gap, MIG_DEVLINK_GAP_NOT_VF);
	assert_false(devlink.has_port);
}

/* The instance's own reporters, and those of the VF's port. */
static void test_health_of_whom(void **state)
{
	static struct devlink_reporter reporters[40];

	(void)state;
	prepare();
	add(11, 1, 3);
	reporters[0] = (struct devlink_reporter){ .health.name = "fw" };
	reporters[1] = (struct devlink_reporter){ .health = { .name = "vnic", .of_port = true },
						  .port = 10 };
	reporters[2] = (struct devlink_reporter){ .health = { .name = "vnic", .of_port = true },
						  .port = 11 };
	instance.reporters = reporters;
	instance.reporter_count = 3;
	instance.reporters_known = true;
	devlink_tell(&instance, &target, &devlink);
	assert_true(devlink.health_known);
	assert_int_equal(devlink.health_count, 2);
	assert_string_equal(devlink.health[0].name, "fw");
	assert_true(devlink.health[1].of_port);
	assert_false(devlink.health_more);
	memset(&reporters[1], 0, sizeof(reporters) - sizeof(reporters[0]));
	instance.reporter_count = 40;
	prepare();
	instance.reporters = reporters;
	instance.reporter_count = 40;
	devlink_tell(&instance, &target, &devlink);
	assert_int_equal(devlink.health_count, MIG_DEVLINK_HEALTH_MAX);
	assert_true(devlink.health_more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_port_of_a_vf), cmocka_unit_test(test_other_hosts),
		cmocka_unit_test(test_several_pfs),      cmocka_unit_test(test_no_port),
		cmocka_unit_test(test_health_of_whom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
