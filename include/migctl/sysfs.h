/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small reads of sysfs and procfs. What is read there is data of drivers and
 * firmware: every read is bounded, and names go through mig_escape() before
 * they become part of a sentence.
 */
#ifndef MIGCTL_SYSFS_H
#define MIGCTL_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "migctl/escape.h"

/* Where the machine is looked at; tests give a tree of their own. */
struct mig_host {
	const char *sysfs;
	const char *proc;
	const char *dev;
	const char *modules;   /* the folder of the kernels' module folders */
	const char *boot;      /* the folder of the kernels' configurations */
	const char *netns_dir; /* where ip-netns(8) keeps its names */
	/* Where NIC names are looked up, as netlink.c takes it; NULL: our own network namespace. */
	const char *netns;
};

extern const struct mig_host mig_host_default; /* /sys /proc /dev /lib/modules /boot /run/netns */

/* A file name (NAME_MAX and its NUL), and the longest path made of a root and names. */
#define MIG_NAME_SIZE 256
#define MIG_PATH_SIZE 1024

/* snprintf() that fails with -ENAMETOOLONG instead of cutting. */
int mig_path(char path[MIG_PATH_SIZE], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The attribute's text, without the white space at its end; cut at size - 1
 * bytes. One read: sysfs gives a whole attribute (at most a page) at once.
 */
int mig_sysfs_text(const char *path, char *text, size_t size);
/* A number, with its 0x when base is 0 or 16. -EINVAL: it is something else. */
int mig_sysfs_u64(const char *path, int base, uint64_t *value);
/* A `dev` attribute, "244:2"; 0: it is not there, or something else. */
dev_t mig_sysfs_dev(const char *path);
/* The last component of what a symbolic link points to. */
int mig_sysfs_link(const char *path, char *name, size_t size);
bool mig_sysfs_exists(const char *path);
/* The name of some entry of a folder that has one; -ENOENT when it is empty. */
int mig_sysfs_entry(const char *path, char *name, size_t size);

/*
 * Calls visit for every entry but "." and ".." until one returns non-zero,
 * and returns that, else 0; -errno when the folder cannot be read. The folder's
 * fd is for the visitor to look with (readlinkat, openat), not to keep.
 */
typedef int mig_sysfs_visit(void *context, int dirfd, const char *name);
int mig_sysfs_walk(const char *path, mig_sysfs_visit *visit, void *context);

#endif
