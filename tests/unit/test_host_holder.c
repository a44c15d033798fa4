// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include <fcntl.h>

#include "migctl/holder.h"

static void make_process(struct tree *tree, int pid, const char *comm)
{
	char text[64];

	snprintf(text, sizeof(text), "%s\n", comm);
	tree_bytes(tree, text, "proc/%d/comm", pid);
	tree_link(tree, "usr/bin/anything", "proc/%d/exe", pid);
	tree_dir(tree, "proc/%d/fd", pid);
}

/* Links in /proc are not below the tree's root. */
static void make_fd(struct tree *tree, int pid, int fd, const char *link)
{
	char path[MIG_PATH_SIZE];

	mig_path(path, "%s/%d/fd/%d", tree->proc, pid, fd);
	assert_int_equal(symlink(link, path), 0);
}

static struct mig_target target_of(int group, bool noiommu, const char *cdev, const char *name)
{
	struct mig_target target = { .group = group, .noiommu = noiommu };

	snprintf(target.cdev, sizeof(target.cdev), "%s", cdev);
	snprintf(target.name, sizeof(target.name), "%s", name);
	return target;
}

static pid_t holder_of(const struct mig_holders *holders, struct mig_target target)
{
	const struct mig_holder *holder = mig_holders_find(holders, &target);

	return holder ? holder->pid : 0;
}

static void test_links(void **state)
{
	struct tree *tree = *state;
	struct mig_holders holders;
	struct mig_target target = target_of(26, false, "", "a");
	const struct mig_holder *holder;

	make_process(tree, 1, "init");
	make_fd(tree, 1, 0, "/dev/null");
	make_fd(tree, 1, 3, "/dev/vfio/vfio");
	make_fd(tree, 1, 4, "socket:[12]");
	make_process(tree, 300, "qemu-system-x86");
	make_fd(tree, 300, 9, "/dev/vfio/vfio");
	make_fd(tree, 300, 10, "/dev/vfio/26");
	make_fd(tree, 300, 11, "/dev/vfio/noiommu-3");
	make_process(tree, 20, "dpdk");
	make_fd(tree, 20, 5, "/dev/vfio/devices/vfio7 (deleted)");
	make_fd(tree, 20, 6, "/dev/vfio/27x");
	tree_dir(tree, "proc/acpi");
	tree_bytes(tree, "", "proc/300x");

	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_false(holders.incomplete);
	assert_int_equal(holders.count, 3);
	holder = mig_holders_find(&holders, &target);
	assert_non_null(holder);
	assert_int_equal(holder->pid, 300);
	assert_string_equal(holder->comm, "qemu-system-x86");
	assert_string_equal(holder->path, "/dev/vfio/26");
	assert_int_equal(holder_of(&holders, target_of(3, true, "", "b")), 300);
	assert_int_equal(holder_of(&holders, target_of(3, false, "", "b")), 0);
	assert_int_equal(holder_of(&holders, target_of(5, false, "vfio7", "c")), 20);
	assert_int_equal(holder_of(&holders, target_of(27, false, "vfio2", "c")), 0);
	assert_int_equal(holder_of(&holders, target_of(2, false, "", "c")), 0);
	assert_int_equal(holder_of(&holders, target_of(-1, false, "", "c")), 0);
	mig_holders_clear(&holders);
}

static void test_except_and_order(void **state)
{
	struct tree *tree = *state;
	const pid_t except[] = { 7, 8, 0 };
	struct mig_holders holders;

	make_process(tree, 1, "init");
	for (int pid = 7; pid <= 12; pid++) {
		make_process(tree, pid, "p");
		make_fd(tree, pid, 3, "/dev/vfio/26");
	}
	assert_int_equal(mig_holders_scan(&tree->host, except, &holders), 0);
	assert_int_equal(holders.count, 4);
	assert_int_equal(holder_of(&holders, target_of(26, false, "", "a")), 9);
	mig_holders_clear(&holders);
}

/* A kernel thread's exe cannot be read: what its fd folder has must not matter. */
static void test_kernel_thread(void **state)
{
	struct tree *tree = *state;
	char path[MIG_PATH_SIZE];
	struct mig_holders holders;

	make_process(tree, 1, "init");
	make_process(tree, 2, "kthreadd");
	make_fd(tree, 2, 3, "/dev/vfio/26");
	mig_path(path, "%s/2/exe", tree->proc);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_int_equal(holders.count, 0);
	assert_false(holders.incomplete);
	mig_holders_clear(&holders);
}

static void test_fdinfo(void **state)
{
	struct tree *tree = *state;
	struct mig_holders holders;

	make_process(tree, 1, "init");
	make_process(tree, 40, "vmm");
	make_fd(tree, 40, 12, "anon_inode:[vfio-device]");
	make_fd(tree, 40, 13, "anon_inode:[vfio-device]");
	tree_bytes(tree,
		   "pos:\t0\nvfio-device-syspath: /sys/devices/pci0000:00/0000:06:00.1\nino:\t1\n",
		   "proc/40/fdinfo/12");
	tree_bytes(tree, "pos:\t0\n", "proc/40/fdinfo/13");
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_int_equal(holders.count, 1);
	assert_int_equal(holder_of(&holders, target_of(26, false, "", "0000:06:00.1")), 40);
	assert_int_equal(holder_of(&holders, target_of(26, false, "", "0000:06:00.2")), 0);
	mig_holders_clear(&holders);
}

/* A node under a name of its own. Any character device serves: what sysfs says of its number
 * counts. */
static void test_other_name(void **state)
{
	struct tree *tree = *state;
	struct mig_holders holders;
	struct stat st;

	/* Not /dev/null: one of those that are never asked about. */
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	make_process(tree, 1, "init");
	make_process(tree, 50, "container");
	make_fd(tree, 50, 3, "/dev/full");
	tree_link(tree, "sys/devices/virtual/vfio/26", "sys/dev/char/1:7");
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_int_equal(holder_of(&holders, target_of(26, false, "", "a")), 50);
	mig_holders_clear(&holders);
	tree_link(tree, "sys/devices/pci0/0000:06:00.1/vfio-dev/vfio3", "sys/dev/char/1:7");
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_int_equal(holder_of(&holders, target_of(-1, false, "vfio3", "a")), 50);
	mig_holders_clear(&holders);
	tree_link(tree, "sys/devices/virtual/mem/full", "sys/dev/char/1:7");
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_int_equal(holders.count, 0);
	mig_holders_clear(&holders);
}

/* hidepid hides what is not ours, init first of all. */
static void test_incomplete(void **state)
{
	struct tree *tree = *state;
	struct mig_host nowhere = tree->host;
	struct mig_holders holders;

	make_process(tree, 50, "ours");
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_true(holders.incomplete);
	mig_holders_clear(&holders);
	nowhere.proc = "/nonexistent";
	assert_int_equal(mig_holders_scan(&nowhere, NULL, &holders), -ENOENT);
	assert_null(holders.items);
}

/* The machine's own /proc: our own fd is found, and not when we are left out. */
static void test_real_proc(void **state)
{
	struct tree *tree = *state;
	struct mig_host host = mig_host_default;
	const pid_t except[] = { getpid(), 0 };
	struct mig_target target = target_of(26, false, "", "a");
	struct mig_holders holders;
	int fd = open("/dev/full", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	tree_link(tree, "sys/devices/virtual/vfio/26", "sys/dev/char/1:7");
	host.sysfs = tree->sysfs;
	assert_int_equal(mig_holders_scan(&host, NULL, &holders), 0);
	assert_int_equal(holder_of(&holders, target), getpid());
	mig_holders_clear(&holders);
	assert_int_equal(mig_holders_scan(&host, except, &holders), 0);
	assert_int_not_equal(holder_of(&holders, target), getpid());
	mig_holders_clear(&holders);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_links),      TREE_TEST(test_except_and_order),
		TREE_TEST(test_fdinfo),     TREE_TEST(test_kernel_thread),
		TREE_TEST(test_other_name), TREE_TEST(test_incomplete),
		TREE_TEST(test_real_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
