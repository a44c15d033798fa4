// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "migctl/view.h"

static struct mig_view view(void)
{
	return (struct mig_view){ .present = true,
				  .driver = "mlx5_vfio_pci",
				  .held = true,
				  .holder_pid = 812,
				  .holder_comm = "qemu",
				  .migratable = MIG_MIGRATABLE_ON,
				  .health = { { "fw", false, MIG_HEALTH_HEALTHY, 1, 1, 0 },
					      { "vnic", false, MIG_HEALTH_HEALTHY, 0, 0, 0 } },
				  .health_count = 2,
				  .seen = true,
				  .state = { MIG_STATE_RUNNING, 2 },
				  .source = MIG_VIEW_DEBUGFS };
}

/* The changes as letters, in the order in which they are given: Device, dRiver, hOlder … */
static const char *diff(const struct mig_view *before, const struct mig_view *after)
{
	static const char names[] = {
		[MIG_CHANGE_DEVICE] = 'e',     [MIG_CHANGE_DRIVER] = 'r', [MIG_CHANGE_HOLDER] = 'o',
		[MIG_CHANGE_MIGRATABLE] = 'm', [MIG_CHANGE_HEALTH] = 'h', [MIG_CHANGE_STATE] = 't',
	};
	static char letters[MIG_CHANGE_COUNT + 1];
	enum mig_change changes[MIG_CHANGE_COUNT];
	size_t count = mig_view_diff(before, after, changes);

	assert_true(count <= MIG_CHANGE_COUNT);
	for (size_t i = 0; i < count; i++)
		letters[i] = names[changes[i]];
	letters[count] = '\0';
	return letters;
}

static void test_same(void **state)
{
	struct mig_view before = view(), after = view();

	(void)state;
	assert_string_equal(diff(&before, &after), "");
	/* Another way to read the same state is no event, nor is what an unknown one was. */
	after.source = MIG_VIEW_HOLDER;
	assert_string_equal(diff(&before, &after), "");
	before.seen = after.seen = false;
	after.state.state = MIG_STATE_STOP;
	assert_string_equal(diff(&before, &after), "");
	before.held = after.held = false;
	after.holder_pid = 1;
	assert_string_equal(diff(&before, &after), "");
}

static void test_each(void **state)
{
	struct mig_view before = view(), after = view();

	(void)state;
	after.state = (struct mig_reading){ MIG_STATE_STOP, 1 };
	assert_string_equal(diff(&before, &after), "t");
	after = view();
	after.seen = false;
	assert_string_equal(diff(&before, &after), "t");
	assert_string_equal(diff(&after, &before), "t");
	after = view();
	strcpy(after.driver, "vfio-pci");
	assert_string_equal(diff(&before, &after), "r");
	after = view();
	after.held = false;
	assert_string_equal(diff(&before, &after), "o");
	after = view();
	after.holder_pid++;
	assert_string_equal(diff(&before, &after), "o");
	after = view();
	strcpy(after.holder_comm, "dpdk");
	assert_string_equal(diff(&before, &after), "o");
}

static void test_devlink(void **state)
{
	struct mig_view before = view(), after = view();

	(void)state;
	after.migratable = MIG_MIGRATABLE_OFF;
	assert_string_equal(diff(&before, &after), "m");
	/* In another order they are the same; one that is another's is not. */
	after = view();
	after.health[0] = before.health[1];
	after.health[1] = before.health[0];
	assert_string_equal(diff(&before, &after), "");
	assert_ptr_equal(mig_health_find(after.health, after.health_count, &before.health[0]),
			 &after.health[1]);
	assert_null(mig_health_find(after.health, after.health_count,
				    &(struct mig_devlink_health){ .name = "f" }));
	strcpy(after.health[0].name, "fw_fatal");
	assert_string_equal(diff(&before, &after), "h");
	after = view();
	after.health[1].state = MIG_HEALTH_ERROR;
	assert_string_equal(diff(&before, &after), "h");
	after = view();
	after.health[0].errors++;
	assert_string_equal(diff(&before, &after), "h");
	after = view();
	after.health[0].recoveries++;
	assert_string_equal(diff(&before, &after), "h");
	after = view();
	after.health_count = 1;
	assert_string_equal(diff(&before, &after), "h");
	assert_string_equal(diff(&after, &before), "h");
}

/* The device's reporter and the port's may have one name. */
static void test_reporters_of_one_name(void **state)
{
	struct mig_view before = view(), after;

	(void)state;
	strcpy(before.health[1].name, "fw");
	before.health[1].of_port = true;
	after = before;
	assert_string_equal(diff(&before, &after), "");
	assert_ptr_equal(mig_health_find(after.health, after.health_count, &before.health[1]),
			 &after.health[1]);
	after.health[1].errors++;
	assert_string_equal(diff(&before, &after), "h");
	after = before;
	after.health[0].of_port = true;
	after.health[1].of_port = false;
	assert_string_equal(diff(&before, &after), "h");
}

static struct mig_devlink devlink(void)
{
	return (struct mig_devlink){ .instance = true,
				     .has_port = true,
				     .migratable = MIG_MIGRATABLE_OFF,
				     .health = { { .name = "fw",
						   .of_port = true,
						   .state = MIG_HEALTH_ERROR,
						   .errors = 3,
						   .recoveries = 2 } },
				     .health_count = 1,
				     .health_known = true };
}

/* What could not be read is no news; what is not there any more is. */
static void test_devlink_taken(void **state)
{
	struct mig_view before = view(), after = before;
	struct mig_devlink said = devlink();

	(void)state;
	mig_view_take_devlink(&after, &said);
	assert_string_equal(diff(&before, &after), "mh");
	assert_int_equal(after.health_count, 1);
	assert_string_equal(after.health[0].name, "fw");
	assert_true(after.health[0].of_port);
	assert_int_equal(after.health[0].errors, 3);
	assert_int_equal(after.health[0].recoveries, 2);
	after = before;
	said = (struct mig_devlink){ .gap = MIG_DEVLINK_GAP_UNREADABLE, .err = ETIMEDOUT };
	mig_view_take_devlink(&after, &said);
	assert_string_equal(diff(&before, &after), "");
	said = devlink();
	said.health_known = false;
	said.health_count = 0;
	mig_view_take_devlink(&after, &said);
	assert_string_equal(diff(&before, &after), "m");
	for (int err = 0; err <= ENODEV; err += ENODEV) {
		after = before;
		said = (struct mig_devlink){ .gap = MIG_DEVLINK_GAP_NO_INSTANCE, .err = err };
		mig_view_take_devlink(&after, &said);
		assert_string_equal(diff(&before, &after), "mh");
		assert_int_equal(after.health_count, 0);
	}
}

/* v1's reserved bits are no state; two values without a name are two. */
static void test_numbers(void **state)
{
	struct mig_view before = view(), after = view();

	(void)state;
	after.state.raw = 0x102;
	assert_string_equal(diff(&before, &after), "");
	before.state = (struct mig_reading){ MIG_STATE_INVALID, 5 };
	after.state = (struct mig_reading){ MIG_STATE_INVALID, 7 };
	assert_string_equal(diff(&before, &after), "t");
}

/* All that is known of it comes and goes with the device. */
static void test_device(void **state)
{
	struct mig_view before = { .present = false }, after = view();

	(void)state;
	assert_string_equal(diff(&before, &after), "e");
	assert_string_equal(diff(&after, &before), "e");
	assert_string_equal(diff(&before, &before), "");
	before.held = true;
	assert_string_equal(diff(&before, &(struct mig_view){ .present = false }), "");
}

static void test_order(void **state)
{
	struct mig_view before = view(), after = { .present = true };

	(void)state;
	assert_string_equal(diff(&before, &after), "romht");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_devlink),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_reporters_of_one_name),
		cmocka_unit_test(test_devlink_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
