// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "holder_of.h"

struct scan {
	const struct mig_host *host;
	const pid_t *except;
	struct mig_holders *holders;
	size_t room;
	pid_t pid; /* of the process whose fds are being walked */
	int fd;    /* the one of them that is being looked at */
	bool saw_init;
};

static int add(struct scan *scan, const char *key, const char *path)
{
	struct mig_holders *holders = scan->holders;
	struct mig_holder *holder;

	if (holders->count == scan->room) {
		size_t room = scan->room ? scan->room * 2 : 8;
		void *grown = reallocarray(holders->items, room, sizeof(*holder));

		if (!grown)
			return -ENOMEM;
		holders->items = grown;
		scan->room = room;
	}
	holder = &holders->items[holders->count++];
	memset(holder, 0, sizeof(*holder));
	snprintf(holder->key, sizeof(holder->key), "%s", key);
	snprintf(holder->path, sizeof(holder->path), "%s", path);
	holder->pid = scan->pid;
	holder->fd = scan->fd;
	return 0;
}

/* What follows /dev/vfio/ if it is a group's or a device's node, not the container's. */
static const char *node_key(const char *path)
{
	static const char folder[] = "/dev/vfio/";
	const char *key = path + strlen(folder), *number = key;

	if (strncmp(path, folder, strlen(folder)))
		return NULL;
	if (!strncmp(key, "noiommu-", 8))
		number = key + 8;
	else if (!strncmp(key, "devices/vfio", 12))
		number = key + 12;
	return number[0] && !number[strspn(number, "0123456789")] ? key : NULL;
}

/*
 * A node under another name (a container's bind mount, mknod): sysfs says
 * what its number is. Other than vfio's few, these are the nodes that programs
 * really keep open; leaving them out saves a stat(2) per fd of the machine.
 */
static int add_by_number(struct scan *scan, int dirfd, const char *name, const char *path)
{
	static const char *const common[] = { "/dev/null", "/dev/pts/", "/dev/shm/", "/dev/tty",
					      "/dev/urandom" };
	char link[MIG_PATH_SIZE], target[MIG_PATH_SIZE], key[64];
	const char *last;
	struct stat st;
	ssize_t len;

	if (strncmp(path, "/dev/", 5) && !strstr(path, "vfio"))
		return 0;
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (!strncmp(path, common[i], strlen(common[i])))
			return 0;
	if (fstatat(dirfd, name, &st, 0) || !S_ISCHR(st.st_mode) ||
	    mig_path(link, "%s/dev/char/%u:%u", scan->host->sysfs, major(st.st_rdev),
		     minor(st.st_rdev)))
		return 0;
	len = readlink(link, target, sizeof(target) - 1);
	if (len < 0)
		return 0;
	target[len] = '\0';
	last = strrchr(target, '/');
	if (!last || strlen(last) > 32)
		return 0;
	if (strstr(target, "/vfio-dev/"))
		snprintf(key, sizeof(key), "/dev/vfio/devices%s", last);
	else if (strstr(target, "/virtual/vfio/"))
		snprintf(key, sizeof(key), "/dev/vfio%s", last);
	else
		return 0;
	return node_key(key) ? add(scan, node_key(key), path) : 0;
}

/*
 * Where a device's descriptor names its device: it matters when the holder has
 * closed the group's, which stays in use as long as the device's is open.
 */
static int add_by_fdinfo(struct scan *scan, const char *fd, const char *link)
{
	char key[MIG_NAME_SIZE + 1] = "@";

	if (!holder_fd_device(scan->host, scan->pid, fd, key + 1) || strlen(key) >= MIG_NAME_SIZE)
		return 0;
	return add(scan, key, link);
}

/* A container's /dev goes away with it, while the fd stays. */
static void cut_deleted(char *path, ssize_t len)
{
	static const char deleted[] = " (deleted)";

	len -= (ssize_t)strlen(deleted);
	if (len > 0 && !strcmp(path + len, deleted))
		path[len] = '\0';
}

static int visit_fd(void *context, int dirfd, const char *name)
{
	struct scan *scan = context;
	char path[MIG_NAME_SIZE];
	ssize_t len = readlinkat(dirfd, name, path, sizeof(path) - 1);
	const char *key;

	if (len < 0) {
		scan->holders->incomplete |= errno == EACCES || errno == EPERM;
		return 0;
	}
	path[len] = '\0';
	scan->fd = atoi(name);
	if (!strcmp(path, HOLDER_DEVICE_LINK))
		return add_by_fdinfo(scan, name, path);
	cut_deleted(path, len);
	key = node_key(path);
	return key ? add(scan, key, path) : add_by_number(scan, dirfd, name, path);
}

/* What the process is, once for all that it holds: those from this one on. */
static void describe_from(struct scan *scan, size_t first)
{
	struct mig_holder *items = scan->holders->items;

	if (first == scan->holders->count)
		return;
	holder_describe(scan->host, &items[first]);
	for (size_t i = first + 1; i < scan->holders->count; i++) {
		memcpy(items[i].comm, items[first].comm, sizeof(items[i].comm));
		memcpy(items[i].unit, items[first].unit, sizeof(items[i].unit));
		memcpy(items[i].container, items[first].container, sizeof(items[i].container));
		memcpy(items[i].vm, items[first].vm, sizeof(items[i].vm));
	}
}

/*
 * Kernel threads have no executable and no fds: one readlink(2) tells, where
 * walking the empty folder would take four calls. Most processes of an idle
 * machine are such.
 */
static int visit_process(void *context, int dirfd, const char *name)
{
	struct scan *scan = context;
	size_t first = scan->holders->count;
	char path[MIG_PATH_SIZE], exe[1];
	int ret;

	if (name[strspn(name, "0123456789")])
		return 0;
	scan->pid = (pid_t)atoi(name);
	scan->saw_init |= scan->pid == 1;
	for (const pid_t *pid = scan->except; pid && *pid; pid++)
		if (*pid == scan->pid)
			return 0;
	snprintf(path, sizeof(path), "%s/exe", name);
	if (readlinkat(dirfd, path, exe, sizeof(exe)) < 0 && errno == ENOENT)
		return 0;
	if (mig_path(path, "%s/%s/fd", scan->host->proc, name))
		return 0;
	ret = mig_sysfs_walk(path, visit_fd, scan);
	describe_from(scan, first);
	scan->holders->incomplete |= ret == -EACCES || ret == -EPERM;
	return ret == -ENOMEM ? ret : 0;
}

static int compare_holders(const void *left, const void *right)
{
	const struct mig_holder *a = left, *b = right;
	int order = strcmp(a->key, b->key);

	return order ? order : (a->pid > b->pid) - (a->pid < b->pid);
}

int mig_holders_scan(const struct mig_host *host, const pid_t *except, struct mig_holders *holders)
{
	struct scan scan = { .host = host, .except = except, .holders = holders };
	int ret;

	*holders = (struct mig_holders){ 0 };
	ret = mig_sysfs_walk(host->proc, visit_process, &scan);
	/* Mounted with hidepid, /proc does not even list what is not ours. */
	holders->incomplete |= !scan.saw_init;
	if (ret)
		mig_holders_clear(holders);
	else if (holders->count)
		qsort(holders->items, holders->count, sizeof(*holders->items), compare_holders);
	return ret;
}

void mig_holders_clear(struct mig_holders *holders)
{
	free(holders->items);
	*holders = (struct mig_holders){ 0 };
}

/* The first of the key, so that the answer does not change from call to call. */
static const struct mig_holder *find_key(const struct mig_holders *holders, const char *key)
{
	size_t low = 0, high = holders->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(holders->items[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == holders->count || strcmp(holders->items[low].key, key))
		return NULL;
	return &holders->items[low];
}

const struct mig_holder *mig_holders_find(const struct mig_holders *holders,
					  const struct mig_target *target)
{
	char key[MIG_NAME_SIZE + 16];
	const struct mig_holder *found = NULL;

	if (target->group >= 0)
		found = find_key(holders, mig_target_group_node(target, key));
	if (!found && target->cdev[0]) {
		snprintf(key, sizeof(key), "devices/%s", target->cdev);
		found = find_key(holders, key);
	}
	if (!found) {
		snprintf(key, sizeof(key), "@%s", target->name);
		found = find_key(holders, key);
	}
	return found;
}

bool mig_holder_has(const struct mig_holder *holder, const struct mig_target *target)
{
	char node[32];

	if (holder->key[0] == '@')
		return !strcmp(holder->key + 1, target->name);
	if (!strncmp(holder->key, "devices/", 8))
		return target->cdev[0] && !strcmp(holder->key + 8, target->cdev);
	return target->group >= 0 && !strcmp(holder->key, mig_target_group_node(target, node));
}

bool mig_holder_has_still(const struct mig_host *host, const struct mig_holder *holder)
{
	char link[MIG_PATH_SIZE], path[MIG_NAME_SIZE];

	if (!holder_fd_link(host, holder->pid, holder->fd, link, path))
		return false;
	cut_deleted(path, (ssize_t)strlen(path));
	return !strcmp(path, holder->path);
}
