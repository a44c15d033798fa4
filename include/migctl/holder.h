/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has VFIO devices open, from the links in /proc/<pid>/fd. One scan answers
 * for every device of the machine.
 */
#ifndef MIGCTL_HOLDER_H
#define MIGCTL_HOLDER_H

#include <sys/types.h>

#include "migctl/target.h"

struct mig_holder {
	char key[MIG_NAME_SIZE]; /* "26", "noiommu-3", "devices/vfio3" or "@" and a device's name */
	pid_t pid;
	int fd;                   /* its number in that process, one of them */
	char path[MIG_NAME_SIZE]; /* what the fd's link said */
	/* As /proc has them, not escaped; "": there is none, or it cannot be read. */
	char comm[64];
	char unit[128];     /* systemd's, "libvirtd.service", "machine-qemu\x2d1\x2dweb.scope" */
	char container[64]; /* "docker:0123456789ab", "lxc:name" */
	char vm[128];       /* the name that QEMU was given */
};

struct mig_holders {
	struct mig_holder *items; /* by key, then pid */
	size_t count;
	/* Some process's fds could not be read: no holder found means "unknown", not "free". */
	bool incomplete;
};

/*
 * except: processes not to count (ourselves and our workers), ended by 0, or
 * NULL. Processes that end meanwhile are skipped. -errno only when /proc itself
 * cannot be read or memory is short; *holders is then empty.
 */
int mig_holders_scan(const struct mig_host *host, const pid_t *except, struct mig_holders *holders);
void mig_holders_clear(struct mig_holders *holders);
/*
 * The process that has the device, its cdev or its group open: the lowest pid,
 * NULL when none is known. A group has one opener, so any holder of the group holds all
 * its devices.
 */
const struct mig_holder *mig_holders_find(const struct mig_holders *holders,
					  const struct mig_target *target);
/* Is it the device, its cdev or its group that this holder has? */
bool mig_holder_has(const struct mig_holder *holder, const struct mig_target *target);

/* Is that number still of what it was when they were scanned? One readlink(2). */
bool mig_holder_has_still(const struct mig_host *host, const struct mig_holder *holder);

/* What a descriptor of a process is to a device; the later, the surer. */
enum mig_fd_match {
	MIG_FD_OTHER,
	/* A VFIO device's; which one, the kernel does not tell (by the group, before 6.18). */
	MIG_FD_MAYBE,
	MIG_FD_SAME,
};

/* Also for a duplicate of our own: numbers are reused, so what was found may be gone. */
enum mig_fd_match mig_holder_fd_match(const struct mig_host *host, pid_t pid, int fd,
				      const struct mig_target *target);

/* Is it some VFIO device's, not by its own node? For a kernel that was seen not to tell which. */
bool mig_holder_fd_is_some(const struct mig_host *host, pid_t pid, int fd);

#define MIG_HOLDER_FDS_MAX 64

struct mig_holder_fds {
	int fds[MIG_HOLDER_FDS_MAX];
	size_t count;
	bool sure; /* there is one, and it is the device's; else each of them may be */
	bool more; /* there are more than these */
};

/*
 * The descriptors by which the process has the device open; by its group and
 * before 6.18 those that may be it, each open file once. -EACCES: it does not
 * let us look; -ENOENT: it is gone.
 */
int mig_holder_fds(const struct mig_host *host, pid_t pid, const struct mig_target *target,
		   struct mig_holder_fds *found);

#endif
