// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/view.h"

static struct mig_view view(void)
{
	return (struct mig_view){ .present = true,
				  .driver = "mlx5_vfio_pci",
				  .held = true,
				  .holder_pid = 812,
				  .holder_comm = "qemu",
				  .seen = true,
				  .state = { MIG_STATE_RUNNING, 2 },
				  .source = MIG_VIEW_DEBUGFS };
}

/* The changes as letters, in the order in which they are given. */
static const char *diff(const struct mig_view *before, const struct mig_view *after)
{
	static char letters[MIG_CHANGE_COUNT + 1];
	enum mig_change changes[MIG_CHANGE_COUNT];
	size_t count = mig_view_diff(before, after, changes);

	assert_true(count <= MIG_CHANGE_COUNT);
	for (size_t i = 0; i < count; i++)
		letters[i] = mig_change_name(changes[i])[1];
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
	assert_string_equal(diff(&before, &after), "rot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),    cmocka_unit_test(test_each),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_device),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
