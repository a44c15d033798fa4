// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include <fcntl.h>

#include "migctl/openings.h"

static void touch(struct tree *tree, const char *node)
{
	char path[MIG_PATH_SIZE];
	int fd;

	mig_path(path, "%s/vfio/%s", tree->dev, node);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
}

static void test_seen(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = { .group = 26, .cdev = "vfio3" };
	struct mig_error error;
	int fd = mig_openings_open(&error);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	tree_bytes(tree, "", "dev/vfio/26");
	tree_bytes(tree, "", "dev/vfio/27");
	tree_bytes(tree, "", "dev/vfio/devices/vfio3");
	assert_false(mig_openings_seen(fd));
	mig_openings_add(fd, &tree->host, &target);
	mig_openings_add(fd, &tree->host, &target);
	assert_false(mig_openings_seen(fd));
	touch(tree, "27");
	assert_false(mig_openings_seen(fd));
	touch(tree, "26");
	assert_true(mig_openings_seen(fd));
	/* Told once. */
	assert_false(mig_openings_seen(fd));
	touch(tree, "devices/vfio3");
	assert_true(mig_openings_seen(fd));
	close(fd);
}

/* Those of other groups, too, where they matter. */
static void test_all(void **state)
{
	struct tree *tree = *state;
	struct mig_error error;
	int fd = mig_openings_open(&error);

	assert_true(fd >= 0);
	tree_bytes(tree, "", "dev/vfio/27");
	mig_openings_add_all(fd, &tree->host);
	mig_openings_add_all(fd, &tree->host);
	assert_false(mig_openings_seen(fd));
	touch(tree, "27");
	assert_true(mig_openings_seen(fd));
	assert_false(mig_openings_seen(fd));
	close(fd);
}

/* Also where a node is made only later, under the same name. */
static void test_absent(void **state)
{
	struct tree *tree = *state;
	struct mig_target noiommu = { .group = 3, .noiommu = true }, none = { .group = -1 };
	struct mig_error error;
	int fd = mig_openings_open(&error);

	assert_true(fd >= 0);
	mig_openings_add(fd, &tree->host, &none);
	mig_openings_add(fd, &tree->host, &noiommu);
	tree_bytes(tree, "", "dev/vfio/noiommu-3");
	touch(tree, "noiommu-3");
	assert_false(mig_openings_seen(fd));
	mig_openings_add(fd, &tree->host, &noiommu);
	touch(tree, "noiommu-3");
	assert_true(mig_openings_seen(fd));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_seen),
		TREE_TEST(test_absent),
		TREE_TEST(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
