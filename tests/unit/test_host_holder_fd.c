// SPDX-License-Identifier: GPL-2.0-or-later
/* Which descriptors of a process are a device's. */
#include "test_host_tree.h"

#include <fcntl.h>

#include "migctl/holder.h"

#define PID 300
#define ANON "anon_inode:[vfio-device]"

static struct mig_target target;

static void make_fd(struct tree *tree, int fd, const char *link)
{
	char path[MIG_PATH_SIZE];

	tree_dir(tree, "proc/%d/fd", PID);
	mig_path(path, "%s/%d/fd/%d", tree->proc, PID, fd);
	assert_int_equal(symlink(link, path), 0);
}

static void make_info(struct tree *tree, int fd, const char *name)
{
	char text[512];

	snprintf(text, sizeof(text), "pos:\t0\nvfio-device-syspath: /sys/devices/x/%s\nino:\t1\n",
		 name);
	tree_bytes(tree, text, "proc/%d/fdinfo/%d", PID, fd);
}

static int begin(void **state)
{
	memset(&target, 0, sizeof(target));
	strcpy(target.name, "0000:06:00.1");
	target.group = 26;
	return tree_make(state);
}

static struct mig_holder_fds find(const struct tree *tree)
{
	struct mig_holder_fds found;

	assert_int_equal(mig_holder_fds(&tree->host, PID, &target, &found), 0);
	return found;
}

static void test_fdinfo_tells(void **state)
{
	struct tree *tree = *state;
	struct mig_holder_fds found;

	make_fd(tree, 9, "/dev/vfio/26");
	make_fd(tree, 10, ANON);
	make_fd(tree, 11, ANON);
	make_info(tree, 10, "0000:06:00.2");
	make_info(tree, 11, "0000:06:00.1");
	found = find(tree);
	assert_true(found.sure);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.fds[0], 11);
	strcpy(target.name, "0000:06:00.3");
	assert_int_equal(find(tree).count, 0);
	/* It is the whole name that counts. */
	strcpy(target.name, "06:00.1");
	assert_int_equal(find(tree).count, 0);
}

static void test_in_doubt(void **state)
{
	struct tree *tree = *state;
	struct mig_holder_fds found;

	make_fd(tree, 9, "/dev/vfio/26");
	make_fd(tree, 3, "/dev/null");
	make_fd(tree, 4, "socket:[1]");
	make_fd(tree, 5, "anon_inode:[vfio-device]x");
	make_fd(tree, 10, ANON);
	tree_bytes(tree, "pos:\t0\n", "proc/%d/fdinfo/10", PID);
	make_fd(tree, 11, ANON);
	assert_true(mig_holder_fd_is_some(&tree->host, PID, 10));
	assert_false(mig_holder_fd_is_some(&tree->host, PID, 5));
	assert_false(mig_holder_fd_is_some(&tree->host, PID, 9));
	assert_false(mig_holder_fd_is_some(&tree->host, PID, 99));
	found = find(tree);
	assert_false(found.sure);
	assert_false(found.more);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.fds[0] + found.fds[1], 21);
	/* One that tells of another device is out of it. */
	make_info(tree, 11, "0000:06:00.2");
	found = find(tree);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.fds[0], 10);
	/* One that is surely it ends the doubt. */
	make_fd(tree, 12, ANON);
	make_info(tree, 12, "0000:06:00.1");
	assert_true(find(tree).sure);
}

static void test_more_than_fit(void **state)
{
	struct tree *tree = *state;
	struct mig_holder_fds found;

	for (int fd = 0; fd < MIG_HOLDER_FDS_MAX + 1; fd++)
		make_fd(tree, 100 + fd, ANON);
	found = find(tree);
	assert_int_equal(found.count, MIG_HOLDER_FDS_MAX);
	assert_true(found.more);
}

/* By the device's own node its number decides, under whatever name. 1:7 is /dev/full. */
static void test_node(void **state)
{
	struct tree *tree = *state;

	make_fd(tree, 8, "/dev/zero");
	make_fd(tree, 7, "/dev/full");
	strcpy(target.cdev, "vfio3");
	tree_bytes(tree, "1:7\n", "sys/class/vfio-dev/vfio3/dev");
	assert_true(find(tree).sure);
	assert_int_equal(find(tree).fds[0], 7);
	assert_int_equal(mig_holder_fd_match(&tree->host, PID, 7, &target), MIG_FD_SAME);
	assert_int_equal(mig_holder_fd_match(&tree->host, PID, 8, &target), MIG_FD_OTHER);
	assert_int_equal(mig_holder_fd_match(&tree->host, PID, 99, &target), MIG_FD_OTHER);
	tree_bytes(tree, "1:8\n", "sys/class/vfio-dev/vfio3/dev");
	assert_int_equal(find(tree).count, 0);
	target.cdev[0] = '\0';
	assert_int_equal(find(tree).count, 0);
}

static void test_unreadable(void **state)
{
	struct tree *tree = *state;
	struct mig_holder_fds found;

	assert_int_equal(mig_holder_fds(&tree->host, PID, &target, &found), -ENOENT);
	assert_int_equal(found.count, 0);
}

static void test_has(void **state)
{
	struct mig_holder holder = { .key = "26" };

	(void)state;
	assert_true(mig_holder_has(&holder, &target));
	strcpy(holder.key, "2");
	assert_false(mig_holder_has(&holder, &target));
	strcpy(holder.key, "@0000:06:00.1");
	assert_true(mig_holder_has(&holder, &target));
	strcpy(holder.key, "@0000:06:00.10");
	assert_false(mig_holder_has(&holder, &target));
	strcpy(holder.key, "devices/vfio3");
	assert_false(mig_holder_has(&holder, &target));
	strcpy(target.cdev, "vfio3");
	assert_true(mig_holder_has(&holder, &target));
	target.noiommu = true;
	strcpy(holder.key, "noiommu-26");
	assert_true(mig_holder_has(&holder, &target));
	target.group = -1;
	strcpy(holder.key, "");
	assert_false(mig_holder_has(&holder, &target));
}

#define FD_TEST(name) cmocka_unit_test_setup_teardown(name, begin, tree_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FD_TEST(test_fdinfo_tells), FD_TEST(test_in_doubt),   FD_TEST(test_more_than_fit),
		FD_TEST(test_node),         FD_TEST(test_unreadable), FD_TEST(test_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
