// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the nodes under /dev: there, the kernel's, and ours to open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "checks.h"

/* A node and where sysfs has its number. */
struct node {
	char path[MIG_PATH_SIZE];
	char number[MIG_PATH_SIZE]; /* "" when it is well known, and no more than its being there
				       asked */
};

static void add_node(struct node *node, const struct mig_host *host, const char *path,
		     const char *folder, const char *entry)
{
	if (mig_path(node->path, "%s/%s", host->dev, path))
		node->path[0] = '\0';
	if (mig_path(node->number, "%s/%s/%s/dev", host->sysfs, folder, entry))
		node->number[0] = '\0';
}

#define NODES_MAX 4

/*
 * The nodes by which it is opened. vfio and iommu are misc devices, and their
 * nodes may wait for their modules (devname aliases): without an entry of the
 * class only their absence would tell.
 */
static size_t list_nodes(const struct check *check, struct node nodes[NODES_MAX])
{
	const struct mig_host *host = check->shared->host;
	const struct mig_target *target = check->target;
	char group[32], path[64];
	size_t count = 0;

	mig_target_group_node(target, group);
	if (target->vfio_bound && group[0] && check_sysfs_has(check, "class/vfio/%s", group)) {
		add_node(&nodes[count++], host, "vfio/vfio", "class/misc", "vfio");
		snprintf(path, sizeof(path), "vfio/%s", group);
		add_node(&nodes[count++], host, path, "class/vfio", group);
	}
	if (target->vfio_bound && target->cdev[0]) {
		add_node(&nodes[count++], host, "iommu", "class/misc", "iommu");
		snprintf(path, sizeof(path), "vfio/devices/%s", target->cdev);
		add_node(&nodes[count++], host, path, "class/vfio-dev", target->cdev);
	}
	return count;
}

/* On a host devtmpfs has made it; where it has not, no daemon will. */
static void mend_node(struct check *check, const struct node *node, dev_t number)
{
	check_mend(check, "mkdir -p \"$(dirname %s)\"; mknod -m 600 %s c %u %u", node->path,
		   node->path, major(number), minor(number));
}

enum node_state {
	NODE_GOOD,
	NODE_MISSING,
	NODE_WRONG, /* none of its kind, or stale */
};

/* What is not good is said, with what mends it. */
static enum node_state check_node(struct check *check, const struct node *node)
{
	dev_t number = node->number[0] ? mig_sysfs_dev(node->number) : 0;
	struct stat st;

	if (stat(node->path, &st)) {
		check_say(check, MIG_CHECK_FAIL, "%s is missing: %s", node->path, strerror(errno));
		if (number)
			mend_node(check, node, number);
		else
			check_mend(check, "modprobe %s",
				   strstr(node->path, "iommu") ? "iommufd" : "vfio");
		return NODE_MISSING;
	}
	if (!S_ISCHR(st.st_mode)) {
		check_say(check, MIG_CHECK_FAIL, "%s is no character device", node->path);
		check_mend(check, "rm %s", node->path);
		if (number)
			mend_node(check, node, number);
		return NODE_WRONG;
	}
	if (!number || number == st.st_rdev)
		return NODE_GOOD;
	check_say(check, MIG_CHECK_FAIL,
		  "%s is stale: it is %u:%u, the kernel's is %u:%u; /dev is another's, or older "
		  "than the device, as one bind-mounted into a container can be",
		  node->path, major(st.st_rdev), minor(st.st_rdev), major(number), minor(number));
	check_mend(check, "rm %s", node->path);
	mend_node(check, node, number);
	return NODE_WRONG;
}

/*
 * One way to open it suffices, the group's or its own node's: a container may
 * well be given one alone. What is wrong in either is wrong.
 */
void check_nodes(struct check *check)
{
	const char *good = NULL, *missing = NULL;
	struct node nodes[NODES_MAX];
	size_t count = list_nodes(check, nodes);

	for (size_t way = 0; way < count; way += 2) {
		enum node_state state;

		/* What is missing first is told, unless another way is good. */
		if (missing)
			check->remedy[0] = '\0';
		state = check_node(check, &nodes[way]);
		if (state == NODE_GOOD)
			state = check_node(check, &nodes[way + 1]);
		if (state == NODE_WRONG)
			return;
		if (state == NODE_GOOD)
			good = nodes[way + 1].path;
		else
			missing = nodes[way + 1].path;
	}
	if (!count) {
		check_say(check, MIG_CHECK_SKIP, "it has none while no VFIO driver has it");
	} else if (good) {
		check->remedy[0] = '\0';
		check_say(check, MIG_CHECK_PASS, "%s%s%s", good, missing ? "; without " : "",
			  missing ? missing : "");
	}
}

static bool may_open(const struct node *node)
{
	return !faccessat(AT_FDCWD, node->path, R_OK | W_OK, AT_EACCESS);
}

void check_permission(struct check *check)
{
	struct node nodes[NODES_MAX];
	size_t count = list_nodes(check, nodes);
	struct stat st;

	for (size_t way = 0; way < count; way += 2) {
		if (!may_open(&nodes[way]) || !may_open(&nodes[way + 1]))
			continue;
		check_say(check, MIG_CHECK_PASS, "uid %u may open %s", geteuid(),
			  nodes[way + 1].path);
		return;
	}
	check_say(check, MIG_CHECK_SKIP, "%s",
		  count ? "a node is missing" : "it has no node while no VFIO driver has it");
	for (size_t i = 0; i < count; i++) {
		/* To be given one of the ways is enough. */
		if (i % 2 == 0 && check->verdict == MIG_CHECK_FAIL)
			break;
		if (stat(nodes[i].path, &st) || may_open(&nodes[i]))
			continue;
		check_say(check, MIG_CHECK_FAIL,
			  "%s is of uid %u, gid %u, mode %04o: uid %u may not open it",
			  nodes[i].path, st.st_uid, st.st_gid, (unsigned int)st.st_mode & 07777,
			  geteuid());
		check_mend(check, "chown %u %s", geteuid(), nodes[i].path);
	}
}
