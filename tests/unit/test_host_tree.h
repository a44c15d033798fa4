/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine in a folder: the links that sysfs has around a device, made as the
 * kernel makes them, in a mkdtemp(3) folder that struct mig_host points to.
 */
#ifndef TEST_HOST_TREE_H
#define TEST_HOST_TREE_H

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "migctl/sysfs.h"

struct tree {
	char root[64];
	char sysfs[80], proc[80], dev[80], modules[80], boot[80];
	struct mig_host host;
};

/* Makes the folders above a path. */
static inline void tree_parents(const char *path)
{
	char copy[MIG_PATH_SIZE];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(!mkdir(copy, 0755) || errno == EEXIST);
		*slash = '/';
	}
}

#define TREE_PATH(tree, format) \
	char path[MIG_PATH_SIZE]; \
	size_t root_length = strlen((tree)->root); \
	va_list args; \
	snprintf(path, sizeof(path), "%s/", (tree)->root); \
	va_start(args, format); \
	vsnprintf(path + root_length + 1, sizeof(path) - root_length - 1, format, args); \
	va_end(args); \
	tree_parents(path)

__attribute__((format(printf, 2, 3))) static inline void tree_dir(struct tree *tree,
								  const char *format, ...)
{
	TREE_PATH(tree, format);
	assert_true(!mkdir(path, 0755) || errno == EEXIST);
}

__attribute__((format(printf, 3, 4))) static inline void
tree_bytes(struct tree *tree, const char *text, const char *format, ...)
{
	FILE *file;
	TREE_PATH(tree, format);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* target: absolute under the tree's root, "" for none. */
__attribute__((format(printf, 3, 4))) static inline void
tree_link(struct tree *tree, const char *target, const char *format, ...)
{
	char full[MIG_PATH_SIZE];
	TREE_PATH(tree, format);
	snprintf(full, sizeof(full), "%s/%s", tree->root, target);
	unlink(path);
	assert_int_equal(symlink(full, path), 0);
}

/* A device on a bus, with its bus's, driver's and group's links. */
static inline void tree_device(struct tree *tree, const char *bus, const char *name,
			       const char *driver, int group)
{
	char target[512];

	tree_dir(tree, "sys/devices/%s/%s", bus, name);
	snprintf(target, sizeof(target), "sys/devices/%s/%s", bus, name);
	tree_link(tree, target, "sys/bus/%s/devices/%s", bus, name);
	if (group >= 0)
		tree_link(tree, target, "sys/kernel/iommu_groups/%d/devices/%s", group, name);
	snprintf(target, sizeof(target), "sys/bus/%s", bus);
	tree_link(tree, target, "sys/devices/%s/%s/subsystem", bus, name);
	if (driver[0]) {
		tree_dir(tree, "sys/bus/%s/drivers/%s", bus, driver);
		snprintf(target, sizeof(target), "sys/bus/%s/drivers/%s", bus, driver);
		tree_link(tree, target, "sys/devices/%s/%s/driver", bus, name);
	}
	if (group >= 0) {
		snprintf(target, sizeof(target), "sys/kernel/iommu_groups/%d", group);
		tree_link(tree, target, "sys/devices/%s/%s/iommu_group", bus, name);
	}
}

/* Gives a device to VFIO as kernels since 6.1 do; cdev: with a node of its own. */
static inline void tree_vfio(struct tree *tree, const char *bus, const char *name, int number,
			     bool cdev)
{
	char target[512];

	snprintf(target, sizeof(target), "sys/devices/%s/%s/vfio-dev/vfio%d", bus, name, number);
	tree_dir(tree, "%s", target);
	tree_link(tree, target, "sys/class/vfio-dev/vfio%d", number);
	if (cdev)
		tree_bytes(tree, "511:0\n", "%s/dev", target);
	snprintf(target, sizeof(target), "sys/devices/%s/%s", bus, name);
	tree_link(tree, target, "sys/devices/%s/%s/vfio-dev/vfio%d/device", bus, name, number);
}

/* The group's class device: "26" or "noiommu-26". */
static inline void tree_group_node(struct tree *tree, const char *node)
{
	tree_dir(tree, "sys/devices/virtual/vfio/%s", node);
	tree_dir(tree, "sys/class/vfio/%s", node);
}

static inline void tree_modalias(struct tree *tree, const char *name, uint32_t vendor,
				 uint32_t device, uint32_t class_code)
{
	char text[128];

	snprintf(text, sizeof(text), "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X\n", vendor,
		 device, vendor, 0x58u, class_code >> 16, class_code >> 8 & 0xff,
		 class_code & 0xff);
	tree_bytes(tree, text, "sys/devices/pci/%s/modalias", name);
}

static inline int tree_make(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	/* A thousand devices are quicker made in memory. */
	strcpy(tree->root, "/dev/shm/migctl-test-XXXXXX");
	if (!mkdtemp(tree->root)) {
		strcpy(tree->root, "/tmp/migctl-test-XXXXXX");
		if (!mkdtemp(tree->root))
			return -1;
	}
	snprintf(tree->sysfs, sizeof(tree->sysfs), "%s/sys", tree->root);
	snprintf(tree->proc, sizeof(tree->proc), "%s/proc", tree->root);
	snprintf(tree->dev, sizeof(tree->dev), "%s/dev", tree->root);
	snprintf(tree->modules, sizeof(tree->modules), "%s/lib/modules", tree->root);
	snprintf(tree->boot, sizeof(tree->boot), "%s/boot", tree->root);
	tree->host = (struct mig_host){ .sysfs = tree->sysfs,
					.proc = tree->proc,
					.dev = tree->dev,
					.modules = tree->modules,
					.boot = tree->boot,
					.netns_dir = tree->root };
	tree_dir(tree, "sys/bus");
	tree_dir(tree, "proc");
	tree_dir(tree, "dev");
	*state = tree;
	return 0;
}

static inline int tree_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int tree_remove(void **state)
{
	struct tree *tree = *state;
	int ret = nftw(tree->root, tree_unlink, 16, FTW_DEPTH | FTW_PHYS);

	free(tree);
	return ret;
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, tree_make, tree_remove)

#endif
