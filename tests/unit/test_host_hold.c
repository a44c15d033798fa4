// SPDX-License-Identifier: GPL-2.0-or-later
/* The mark of a hold: made, found again in /proc, told from what only looks like it. */
#include "test_host_tree.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "migctl/hold.h"

#define NAME "0000:06:00.1"
#define TEXT "vfio-migctl hold 1\nfd 12\n" NAME
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static struct mig_hold hold;

static int find(const char *device)
{
	int ret = mig_hold_find(&mig_host_default, getpid(), device, &hold);

	if (!ret)
		close(hold.mark);
	return ret;
}

static void test_found(void **state)
{
	struct mig_error error;
	int one, two;

	(void)state;
	assert_int_equal(find(NAME), -ENOENT);
	assert_int_equal(hold.mark, -1);
	assert_int_equal(mig_hold_mark(NAME, 12, &one, &error), 0);
	assert_int_equal(mig_hold_mark("odd\nname\x1b", 13, &two, &error), 0);
	assert_int_equal(fcntl(one, F_GETFD), FD_CLOEXEC);
	assert_int_equal(find(NAME), 0);
	assert_int_equal(hold.fd, 12);
	assert_int_equal(find("odd\nname\x1b"), 0);
	assert_int_equal(hold.fd, 13);
	assert_int_equal(find("0000:06:00.10"), -ENOENT);
	assert_int_equal(find("0000:06:00."), -ENOENT);
	assert_int_equal(find(""), -ENOENT);
	/* Nobody can make it say something else. */
	assert_int_equal(pwrite(one, "x", 1, 0), -1);
	assert_int_equal(ftruncate(one, 0), -1);
	close(one);
	assert_int_equal(find(NAME), -ENOENT);
	close(two);
}

static void test_lock(void **state)
{
	struct mig_error error;
	struct mig_hold first, second;
	int mark;

	(void)state;
	assert_int_equal(mig_hold_mark(NAME, 12, &mark, &error), 0);
	assert_int_equal(mig_hold_find(&mig_host_default, getpid(), NAME, &first), 0);
	assert_int_equal(mig_hold_find(&mig_host_default, getpid(), NAME, &second), 0);
	assert_int_equal(mig_hold_lock(first.mark), 0);
	assert_int_equal(mig_hold_lock(second.mark), -EBUSY);
	assert_int_equal(mig_hold_lock(mark), -EBUSY);
	close(first.mark);
	assert_int_equal(mig_hold_lock(mark), 0);
	assert_int_equal(mig_hold_lock(second.mark), -EBUSY);
	close(mark);
	assert_int_equal(mig_hold_lock(second.mark), 0);
	close(second.mark);
}

static void test_impostors(void **state)
{
	static const struct {
		const char *name, *text;
		int seals, ret;
	} cases[] = {
		{ "vfio-migctl-hold", TEXT, SEALS, 0 }, /* that the others fail for one reason */
		{ "vfio-migctl-hold", TEXT, 0, -ENOENT },
		{ "vfio-migctl-hold", TEXT, SEALS & ~F_SEAL_WRITE, -ENOENT },
		{ "vfio-migctl-holdx", TEXT, SEALS, -ENOENT },
		{ "vfio-migctl", TEXT, SEALS, -ENOENT },
		{ "vfio-migctl-hold", "", SEALS, -ENOENT },
		{ "vfio-migctl-hold", TEXT "\n", SEALS, -ENOENT },
		{ "vfio-migctl-hold", "vfio-migctl hold 2\nfd 12\n" NAME, SEALS, -ENOENT },
		{ "vfio-migctl-hold", "vfio-migctl hold 1\nfd -1\n" NAME, SEALS, -ENOENT },
		{ "vfio-migctl-hold", "vfio-migctl hold 1\nfd 012\n" NAME, SEALS, -ENOENT },
		{ "vfio-migctl-hold", "vfio-migctl hold 1\nfd 4294967308\n" NAME, SEALS, -ENOENT },
		{ "vfio-migctl-hold", "vfio-migctl hold 1\nfd 12x\n" NAME, SEALS, -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int mark = memfd_create(cases[i].name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
		size_t len = strlen(cases[i].text);

		assert_true(mark >= 0);
		assert_int_equal(write(mark, cases[i].text, len), len);
		if (cases[i].seals)
			assert_int_equal(fcntl(mark, F_ADD_SEALS, cases[i].seals), 0);
		if (find(NAME) != cases[i].ret)
			fail_msg("case %zu", i);
		close(mark);
	}
}

/* Anybody can make one, and could lead a command of root's to any descriptor of his. */
static void test_whose(void **state)
{
	struct mig_error error;
	int mark;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(mig_hold_mark(NAME, 12, &mark, &error), 0);
	assert_int_equal(find(NAME), 0);
	assert_int_equal(fchown(mark, 65534, 65534), 0);
	assert_int_equal(find(NAME), -ENOENT);
	assert_int_equal(fchown(mark, 0, 65534), 0);
	assert_int_equal(find(NAME), 0);
	close(mark);
}

/* A file of that name is no memfd, whatever it has inside. */
static void test_file(void **state)
{
	struct tree *tree = *state;
	char path[MIG_PATH_SIZE];

	tree_bytes(tree, TEXT, "memfd:vfio-migctl-hold (deleted)");
	tree_dir(tree, "proc/300/fd");
	tree_link(tree, "memfd:vfio-migctl-hold (deleted)", "proc/300/fd/5");
	assert_int_equal(mig_hold_find(&tree->host, 300, NAME, &hold), -ENOENT);
	mig_path(path, "%s/301", tree->proc);
	assert_int_equal(mig_hold_find(&tree->host, 301, NAME, &hold), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_impostors),
		cmocka_unit_test(test_whose),
		TREE_TEST(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
