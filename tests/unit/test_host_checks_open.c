// SPDX-License-Identifier: GPL-2.0-or-later
/* The preflight's judgement of what an open device told. */
#include "test_checks.h"

static void want(struct tree *tree, const struct mig_check_opened *opened, const char *name,
		 enum mig_check_verdict verdict, const char *found, const char *remedy)
{
	checks_want_of(tree, VF, opened, name, verdict, found, remedy);
}

static void test_not_asked(void **state)
{
	static const char *const names[] = { "open",        "protocol", "p2p",
					     "dma-logging", "reset",    "first-state" };
	const struct mig_check_opened untried = { .tried = false };
	struct tree *tree = *state;

	checks_machine(tree);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		want(tree, NULL, names[i], MIG_CHECK_SKIP, "--open", NULL);
		want(tree, &untried, names[i], MIG_CHECK_SKIP, "--open", NULL);
	}
	/* Two things are known all the same. */
	tree_dir(tree, "sys/kernel/debug/vfio/" VF "/migration");
	want(tree, NULL, "protocol", MIG_CHECK_PASS, "v2, as VFIO's debugfs shows", NULL);
	tree_device(tree, "pci", VF, "vfio-pci", 26);
	want(tree, NULL, "protocol", MIG_CHECK_FAIL, "vfio-pci never migrates", NULL);
}

static void test_open(void **state)
{
	struct tree *tree = *state;
	struct mig_check_opened opened = checks_opened;

	checks_machine(tree);
	want(tree, &opened, "open", MIG_CHECK_PASS, "it can be opened", NULL);
	opened.error = (struct mig_error){ .kind = MIG_KIND_NO_DEVICE,
					   .text = "the group is not viable",
					   .hint = "unbind these" };
	want(tree, &opened, "open", MIG_CHECK_FAIL, "the group is not viable", "unbind these");
	want(tree, &opened, "protocol", MIG_CHECK_SKIP, "--open", NULL);
	want(tree, &opened, "reset", MIG_CHECK_SKIP, "could not be looked into", NULL);
	opened.error.kind = MIG_KIND_BUSY;
	want(tree, &opened, "open", MIG_CHECK_SKIP, "the group is not viable", "unbind these");
}

static void test_protocol(void **state)
{
	struct tree *tree = *state;
	struct mig_check_opened opened = checks_opened;

	checks_machine(tree);
	want(tree, &opened, "protocol", MIG_CHECK_PASS, "v2: stop-copy, p2p, pre-copy", NULL);
	opened.caps = MIG_CAP_P2P;
	want(tree, &opened, "protocol", MIG_CHECK_FAIL, "v2: p2p", NULL);
	opened.protocol = MIG_PROTOCOL_V1;
	opened.caps = MIG_CAPS_ALL & ~MIG_CAP_P2P;
	want(tree, &opened, "protocol", MIG_CHECK_PASS, "v1 drivers announce none", NULL);
}

/* The causes in order; the remedy is that of the first that holds. */
static void test_enotty(void **state)
{
	struct tree *tree = *state;
	struct mig_check_opened opened = { .tried = true,
					   .error = { .kind = MIG_KIND_NO_MIGRATION,
						      .err = ENOTTY,
						      .text = "no migration interface" } };

	checks_machine(tree);
	want(tree, &opened, "open", MIG_CHECK_PASS, "can be opened", NULL);
	want(tree, &opened, "protocol", MIG_CHECK_FAIL,
	     "ENOTTY: bound to mlx5_vfio_pci, the right driver, which offers no migration here; in "
	     "order: not a VF (ruled out), the PF's driver absent (ruled out)",
	     "drivers_probe");
	tree_device(tree, "pci", PF, "vfio-pci", 25);
	want(tree, &opened, "protocol", MIG_CHECK_FAIL,
	     "not a VF (ruled out), the PF's driver absent (so it is)", "modprobe mlx5_core");
	tree_device(tree, "pci", VF, "vfio-pci", 26);
	want(tree, &opened, "protocol", MIG_CHECK_FAIL, "no migration interface", NULL);
}

static void test_dma_logging(void **state)
{
	struct tree *tree = *state;
	struct mig_check_opened opened = checks_opened;

	checks_machine(tree);
	want(tree, &opened, "dma-logging", MIG_CHECK_PASS, "tracks", NULL);
	opened.dma_logging = 0;
	want(tree, &opened, "dma-logging", MIG_CHECK_WARN, "none (VFIO_DEVICE_FEATURE 6)", NULL);
	opened.dma_logging = -1;
	want(tree, &opened, "dma-logging", MIG_CHECK_SKIP, "unknown", NULL);
}

static void test_reset(void **state)
{
	struct tree *tree = *state;
	struct mig_check_opened opened = checks_opened;

	checks_machine(tree);
	want(tree, &opened, "reset", MIG_CHECK_PASS, "offered", NULL);
	opened.reset = 0;
	want(tree, &opened, "reset", MIG_CHECK_WARN, "no VFIO_DEVICE_FLAGS_RESET", NULL);
	opened.reset = -1;
	want(tree, &opened, "reset", MIG_CHECK_SKIP, "unknown", NULL);
}

static void test_first_state(void **state)
{
	struct tree *tree = *state;
	struct mig_check_opened opened = checks_opened;

	checks_machine(tree);
	want(tree, &opened, "first-state", MIG_CHECK_PASS, "running", NULL);
	opened.first = (struct mig_reading){ MIG_STATE_STOP, 1 };
	want(tree, &opened, "first-state", MIG_CHECK_FAIL, "stop, not running, right after opening",
	     "vfio-migctl reset 0000:06:00.1");
	want(tree, &opened, "first-state", MIG_CHECK_FAIL,
	     "bad command while device in stopped state", "reset");
	opened.reset = 0;
	want(tree, &opened, "first-state", MIG_CHECK_FAIL, "stop",
	     "vfio-migctl set 0000:06:00.1 running");
	want(tree, &opened, "first-state", MIG_CHECK_FAIL, "or the driver's own", "set");
	opened.first = (struct mig_reading){ MIG_STATE_ERROR, 0 };
	want(tree, &opened, "first-state", MIG_CHECK_FAIL, "error, not running",
	     "echo 0000:06:00.1 > /sys/bus/pci/drivers/mlx5_vfio_pci/unbind; "
	     "echo 0000:06:00.1 > /sys/bus/pci/drivers/mlx5_vfio_pci/bind");
	opened.reset = 1;
	want(tree, &opened, "first-state", MIG_CHECK_FAIL, "error, not running",
	     "vfio-migctl reset 0000:06:00.1");
	opened.first = (struct mig_reading){ MIG_STATE_STOP, 1 };
	opened.held = true;
	want(tree, &opened, "first-state", MIG_CHECK_SKIP, "a hold has it in stop", NULL);
	opened.seen = false;
	want(tree, &opened, "first-state", MIG_CHECK_SKIP, "not read", NULL);
}

/* The verdict on the device of that index among three. */
static void want_p2p(struct tree *tree, const struct mig_check_opened *opened, bool named,
		     size_t index, enum mig_check_verdict verdict, const char *found)
{
	struct mig_check_item items[64];
	struct mig_target targets[3];
	struct mig_check_job job = {
		.targets = targets, .opened = opened, .count = 3, .named = named
	};
	struct mig_checks *checks;
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		char name[16];

		snprintf(name, sizeof(name), "0000:06:00.%d", i + 1);
		assert_int_equal(mig_target_read(&tree->host, "pci", name, &targets[i]), 0);
	}
	checks = mig_checks_open(&tree->host, &job);
	assert_int_equal(mig_checks_judge(checks, index, items), 0);
	while (strcmp(items[at].name, "p2p"))
		at++;
	if (items[at].verdict != verdict || !strstr(items[at].found, found))
		fail_msg("%zu: %s: %s", index, mig_check_verdict_name(items[at].verdict),
			 items[at].found);
	mig_check_items_clear(items, mig_checks_count(&job));
	mig_checks_close(checks);
}

static void test_p2p(void **state)
{
	struct mig_check_opened opened[3] = { checks_opened, checks_opened, checks_opened };
	struct tree *tree = *state;

	checks_machine(tree);
	tree_device(tree, "pci", "0000:06:00.2", "mlx5_vfio_pci", 27);
	tree_device(tree, "pci", "0000:06:00.3", "mlx5_vfio_pci", 28);
	want(tree, opened, "p2p", MIG_CHECK_PASS, "yes", NULL);
	want_p2p(tree, opened, true, 0, MIG_CHECK_PASS, "as all of them");
	opened[1].caps = MIG_CAP_STOP_COPY;
	want_p2p(tree, opened, true, 0, MIG_CHECK_PASS, "yes; not so 0000:06:00.2");
	want_p2p(tree, opened, true, 1, MIG_CHECK_FAIL,
		 "Multiple VFIO devices migration is supported only if all of them support P2P");
	/* Nobody said that all the devices of a machine go to one guest. */
	want_p2p(tree, opened, false, 1, MIG_CHECK_WARN, "as the only VFIO device of its VM");
	want(tree, &opened[1], "p2p", MIG_CHECK_WARN, "as the only VFIO device of its VM", NULL);
	/* v1 has no such state, whatever its protocol can express. */
	opened[2].protocol = MIG_PROTOCOL_V1;
	want_p2p(tree, opened, true, 2, MIG_CHECK_FAIL, "0000:06:00.2, 0000:06:00.3");
}

/* Busy, not tried, no answer: whether it has P2P is not known, and not denied. */
static void test_p2p_unknown(void **state)
{
	struct mig_check_opened opened[3] = { checks_opened, checks_opened, checks_opened };
	struct tree *tree = *state;

	checks_machine(tree);
	tree_device(tree, "pci", "0000:06:00.2", "mlx5_vfio_pci", 27);
	tree_device(tree, "pci", "0000:06:00.3", "mlx5_vfio_pci", 28);
	opened[1].error.kind = MIG_KIND_BUSY;
	want_p2p(tree, opened, true, 0, MIG_CHECK_WARN, "yes; not known: 0000:06:00.2");
	want_p2p(tree, opened, false, 0, MIG_CHECK_PASS, "yes; not known: 0000:06:00.2");
	opened[2].tried = false;
	want_p2p(tree, opened, true, 0, MIG_CHECK_WARN, "not known: 0000:06:00.2, 0000:06:00.3");
	opened[1] = (struct mig_check_opened){ .tried = true,
					       .error = { .kind = MIG_KIND_NO_MIGRATION } };
	want_p2p(tree, opened, true, 0, MIG_CHECK_WARN,
		 "yes; not so 0000:06:00.2; not known: 0000:06:00.3");
	want_p2p(tree, opened, true, 1, MIG_CHECK_FAIL,
		 "without it are 0000:06:00.2; not known: 0000:06:00.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_not_asked), TREE_TEST(test_open),        TREE_TEST(test_protocol),
		TREE_TEST(test_enotty),    TREE_TEST(test_p2p),         TREE_TEST(test_dma_logging),
		TREE_TEST(test_reset),     TREE_TEST(test_first_state), TREE_TEST(test_p2p_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
