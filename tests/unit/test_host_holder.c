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
	assert_int_equal(holder->fd, 10);
	assert_int_equal(holder_of(&holders, target_of(3, true, "", "b")), 300);
	assert_int_equal(holder_of(&holders, target_of(3, false, "", "b")), 0);
	assert_int_equal(holder_of(&holders, target_of(5, false, "vfio7", "c")), 20);
	assert_int_equal(holder_of(&holders, target_of(27, false, "vfio2", "c")), 0);
	assert_int_equal(holder_of(&holders, target_of(2, false, "", "c")), 0);
	assert_int_equal(holder_of(&holders, target_of(-1, false, "", "c")), 0);
	mig_holders_clear(&holders);
}

/* The number may be closed, and be another node's, after it was seen. */
static void test_has_still(void **state)
{
	struct tree *tree = *state;
	struct mig_holders holders;
	char path[MIG_PATH_SIZE];

	make_process(tree, 300, "qemu");
	make_fd(tree, 300, 10, "/dev/vfio/26 (deleted)");
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_int_equal(holders.count, 1);
	assert_true(mig_holder_has_still(&tree->host, &holders.items[0]));
	mig_path(path, "%s/300/fd/10", tree->proc);
	assert_int_equal(unlink(path), 0);
	assert_false(mig_holder_has_still(&tree->host, &holders.items[0]));
	make_fd(tree, 300, 10, "/dev/vfio/2");
	assert_false(mig_holder_has_still(&tree->host, &holders.items[0]));
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

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct mig_holder described(struct tree *tree, int pid, const char *comm, const char *cgroup)
{
	struct mig_target target = target_of(pid, false, "", "a");
	char link[32];
	const struct mig_holder *found;
	struct mig_holder holder;
	struct mig_holders holders;

	snprintf(link, sizeof(link), "/dev/vfio/%d", pid);
	make_process(tree, pid, comm);
	make_fd(tree, pid, 3, link);
	tree_bytes(tree, cgroup, "proc/%d/cgroup", pid);
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	found = mig_holders_find(&holders, &target);
	assert_non_null(found);
	holder = *found;
	mig_holders_clear(&holders);
	return holder;
}

static void test_cgroups(void **state)
{
	static const struct {
		const char *cgroup, *unit, *container;
	} cases[] = {
		{ "0::/system.slice/dpdk.service\n", "dpdk.service", "" },
		{ "0::/user.slice/user-0.slice/user@0.service/app.slice/run-1.scope\n",
		  "run-1.scope", "" },
		{ "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator\n",
		  "machine-qemu\\x2d1\\x2dweb.scope", "" },
		{ "0::/system.slice/docker-" ID ".scope\n", "", "docker:0123456789ab" },
		{ "0::/machine.slice/libpod-" ID ".scope/container\n", "", "libpod:0123456789ab" },
		{ "0::/machine.slice/libpod-conmon-" ID ".scope\n", "libpod-conmon-" ID ".scope",
		  "" },
		{ "0::/kubepods.slice/kubepods-podaa.slice/crio-" ID ".scope\n", "",
		  "crio:0123456789ab" },
		{ "0::/kubepods.slice/kubepods-podaa.slice/cri-containerd-" ID ".scope\n", "",
		  "cri-containerd:0123456789ab" },
		{ "0::/../../lxc.payload.build/init.scope\n", "init.scope", "lxc:build" },
		/* v1: a line a hierarchy, and cgroupfs's names */
		{ "12:pids:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n", "",
		  "docker:0123456789ab" },
		{ "9:devices:/kubepods/besteffort/pod12/" ID "\n1:name=systemd:/\n", "",
		  "kubepods:0123456789ab" },
		{ "9:devices:/\n1:name=systemd:/system.slice/vmm.service\n", "vmm.service", "" },
		{ "4:memory:/lxc/build\n", "", "lxc:build" },
		/* what is none of it, or no such file at all */
		{ "0::/\n", "", "" },
		{ "nonsense\n::\n:", "", "" },
		{ "0::/docker-0123.scope/" ID "0\n", "docker-0123.scope", "" },
		{ "0::/.service/.scope\n", "", "" },
	};
	struct tree *tree = *state;

	make_process(tree, 1, "init");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mig_holder holder = described(tree, 100 + (int)i, "vmm", cases[i].cgroup);

		if (strcmp(holder.container, cases[i].container) ||
		    (strncmp(holder.unit, cases[i].unit, sizeof(holder.unit) - 1)))
			fail_msg("%s: unit %s, container %s", cases[i].cgroup, holder.unit,
				 holder.container);
	}
}

#define WORDS(text) text, sizeof(text) - 1

static void test_vm(void **state)
{
	static const struct {
		const char *cmdline;
		size_t len;
		const char *vm;
	} cases[] = {
		{ WORDS("/usr/bin/qemu-system-x86_64\0-name\0guest=web1,debug-threads=on\0-S\0"),
		  "web1" },
		{ WORDS("/usr/libexec/qemu-kvm\0-S\0-name\0web2,process=x\0"), "web2" },
		{ WORDS("kvm\0--name\0debug-threads=on,guest=a,,b\0"), "a,b" },
		{ WORDS("qemu\0-name\0debug-threads=on\0"), "" },
		{ WORDS("qemu\0-m\0"
			"1024\0"),
		  "" },
		{ WORDS("qemu\0-name\0"), "" },
		{ WORDS("qemu\0-name"), "" },
		{ WORDS("vmm\0-name\0guest=web1\0"), "" },
		{ WORDS("/opt/qemu/vmm\0-name\0guest=web1\0"), "" },
		{ WORDS("\0\0"), "" },
		{ WORDS(""), "" },
	};
	struct tree *tree = *state;

	make_process(tree, 1, "init");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char path[MIG_PATH_SIZE];
		struct mig_holder holder;
		FILE *file;

		tree_dir(tree, "proc/%d", 200 + (int)i);
		mig_path(path, "%s/%d/cmdline", tree->proc, 200 + (int)i);
		file = fopen(path, "w");
		assert_non_null(file);
		fwrite(cases[i].cmdline, 1, cases[i].len, file);
		assert_int_equal(fclose(file), 0);
		holder = described(tree, 200 + (int)i, "qemu", "0::/a.scope\n");
		if (strcmp(holder.vm, cases[i].vm))
			fail_msg("case %zu: VM %s, not %s", i, holder.vm, cases[i].vm);
		assert_string_equal(holder.unit, "a.scope");
	}
}

/* All that one process holds is told of with the same words. */
static void test_several_of_one(void **state)
{
	struct tree *tree = *state;
	struct mig_holders holders;

	make_process(tree, 1, "init");
	make_process(tree, 60, "vmm");
	tree_bytes(tree, "0::/x.service\n", "proc/60/cgroup");
	for (int fd = 3; fd < 20; fd++) {
		char link[32];

		snprintf(link, sizeof(link), "/dev/vfio/%d", fd);
		make_fd(tree, 60, fd, link);
	}
	assert_int_equal(mig_holders_scan(&tree->host, NULL, &holders), 0);
	assert_int_equal(holders.count, 17);
	for (size_t i = 0; i < holders.count; i++) {
		assert_string_equal(holders.items[i].comm, "vmm");
		assert_string_equal(holders.items[i].unit, "x.service");
	}
	mig_holders_clear(&holders);
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
		TREE_TEST(test_links),
		TREE_TEST(test_has_still),
		TREE_TEST(test_except_and_order),
		TREE_TEST(test_fdinfo),
		TREE_TEST(test_kernel_thread),
		TREE_TEST(test_other_name),
		TREE_TEST(test_incomplete),
		TREE_TEST(test_real_proc),
		TREE_TEST(test_cgroups),
		TREE_TEST(test_vm),
		TREE_TEST(test_several_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
