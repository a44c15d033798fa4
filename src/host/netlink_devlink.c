// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/netlink_devlink.h"
#include "netlink.h"
#include "netlink_devlink.h"

/* More than any switch has; what comes after them is not kept. */
#define PORTS_MAX 65536
#define REPORTERS_MAX 65536

static int take_family(void *context, const struct nlmsghdr *message)
{
	const struct nlattr *table[CTRL_ATTR_FAMILY_ID + 1];

	if (message) {
		netlink_attributes(table, CTRL_ATTR_FAMILY_ID, message, GENL_HDRLEN);
		netlink_u16(table[CTRL_ATTR_FAMILY_ID], context);
	}
	return 0;
}

/* NULL: no memory. */
static struct nl_msg *new_message(uint16_t family, uint8_t command, uint8_t version, int flags)
{
	struct genlmsghdr header = { .cmd = command, .version = version };
	struct nl_msg *message = nlmsg_alloc_simple(family, flags);

	if (message && nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO)) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

static void find_family(struct mig_devlinks *devlinks)
{
	struct nl_msg *message = new_message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	struct mig_error error;

	if (!message || nla_put_string(message, CTRL_ATTR_FAMILY_NAME, DEVLINK_GENL_NAME))
		devlinks->err = ENOMEM;
	else if (netlink_ask(&devlinks->nl, message, take_family, &devlinks->family, &error,
			     "look for devlink"))
		devlinks->err = error.err;
	else if (!devlinks->family)
		devlinks->err = EBADMSG;
	nlmsg_free(message);
}

int mig_devlinks_open(const struct mig_host *host, struct mig_devlinks **devlinks,
		      struct mig_error *error)
{
	struct mig_devlinks *opened = calloc(1, sizeof(*opened));
	struct mig_host ours = *host;
	struct mig_error why;
	int ret, elsewhere = 0;

	*devlinks = NULL;
	if (!opened)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	ours.netns = NULL;
	ret = netlink_open(&opened->nl, NETLINK_GENERIC, &ours, &why);
	if (host->netns && ret != -ENOMEM) {
		elsewhere = netlink_open(&opened->other, NETLINK_GENERIC, host, &why);
		opened->has_other = !elsewhere;
	}
	if (elsewhere || ret == -ENOMEM) {
		mig_devlinks_close(opened);
		*error = why;
		return elsewhere ? elsewhere : ret;
	}
	opened->err = -ret;
	if (!ret)
		find_family(opened);
	*devlinks = opened;
	return 0;
}

void mig_devlinks_forget(struct mig_devlinks *devlinks)
{
	struct devlink_instance *next;

	for (struct devlink_instance *it = devlinks->instances; it; it = next) {
		next = it->next;
		free(it->ports);
		free(it->reporters);
		free(it);
	}
	devlinks->instances = NULL;
}

void mig_devlinks_close(struct mig_devlinks *devlinks)
{
	if (!devlinks)
		return;
	mig_devlinks_forget(devlinks);
	netlink_close(&devlinks->nl);
	if (devlinks->has_other)
		netlink_close(&devlinks->other);
	free(devlinks);
}

struct nl_msg *devlink_question(const struct mig_devlinks *devlinks, const char *handle,
				uint8_t command, int flags)
{
	const char *slash = strchr(handle, '/');
	struct nl_msg *message =
		new_message(devlinks->family, command, DEVLINK_GENL_VERSION, flags);
	char bus[MIG_DEVLINK_HANDLE];

	if (!message)
		return NULL;
	snprintf(bus, sizeof(bus), "%.*s", (int)(slash - handle), handle);
	if (!nla_put_string(message, DEVLINK_ATTR_BUS_NAME, bus) &&
	    !nla_put_string(message, DEVLINK_ATTR_DEV_NAME, slash + 1))
		return message;
	nlmsg_free(message);
	return NULL;
}

/* 0, or a positive errno. */
static int ask(struct mig_devlinks *devlinks, struct devlink_instance *instance, uint8_t command,
	       int flags, netlink_visit *visit)
{
	struct nl_msg *message = devlink_question(devlinks, instance->handle, command, flags);
	struct mig_error error;
	int ret = -ENOMEM;

	if (message)
		ret = netlink_ask(instance->nl, message, visit, instance, &error,
				  "read devlink of %s", instance->handle);
	nlmsg_free(message);
	return -ret;
}

/* Room for one item more, NULL when there is none or no more are wanted. */
static void *grow(void *items, size_t *count, size_t size, size_t max)
{
	bool full = *count >= 16 && !(*count & (*count - 1));

	if (*count >= max)
		return NULL;
	if (!*count || full)
		items = reallocarray(items, *count ? 2 * *count : 16, size);
	return items;
}

static int take_port(void *context, const struct nlmsghdr *message)
{
	struct devlink_instance *instance = context;
	struct devlink_port port, *ports;

	if (!message) {
		instance->port_count = 0;
		return 0;
	}
	if (!devlink_parse_port(message, instance->handle, &port) ||
	    port.port.flavour != DEVLINK_PORT_FLAVOUR_PCI_VF)
		return 0;
	ports = grow(instance->ports, &instance->port_count, sizeof(port), PORTS_MAX);
	if (!ports)
		return -ENOMEM;
	instance->ports = ports;
	instance->ports[instance->port_count++] = port;
	return 0;
}

static int take_reporter(void *context, const struct nlmsghdr *message)
{
	struct devlink_instance *instance = context;
	struct devlink_reporter reporter, *reporters;

	if (!message) {
		instance->reporter_count = 0;
		return 0;
	}
	if (!devlink_parse_reporter(message, instance->handle, &reporter))
		return 0;
	reporters = grow(instance->reporters, &instance->reporter_count, sizeof(reporter),
			 REPORTERS_MAX);
	if (!reporters)
		return -ENOMEM;
	instance->reporters = reporters;
	instance->reporters[instance->reporter_count++] = reporter;
	return 0;
}

static int take_eswitch(void *context, const struct nlmsghdr *message)
{
	struct devlink_instance *instance = context;

	if (message)
		devlink_parse_eswitch(message, instance->handle, &instance->eswitch);
	return 0;
}

static int take_info(void *context, const struct nlmsghdr *message)
{
	struct devlink_instance *instance = context;

	if (message)
		devlink_parse_info(message, instance->handle, &instance->info);
	return 0;
}

/* Each question waits for the instance's lock: one that was not answered is the last one. */
static void fill(struct mig_devlinks *devlinks, struct devlink_instance *instance)
{
	/* Older kernels take no handle in a dump: only this tells that there is none. */
	instance->nl = &devlinks->nl;
	instance->err = devlinks->family ? ask(devlinks, instance, DEVLINK_CMD_GET, 0, NULL)
					 : devlinks->err;
	if (instance->err == ENODEV && devlinks->has_other) {
		instance->nl = &devlinks->other;
		instance->err = ask(devlinks, instance, DEVLINK_CMD_GET, 0, NULL);
	}
	if (instance->err)
		return;
	instance->ports_err = ask(devlinks, instance, DEVLINK_CMD_PORT_GET, NLM_F_DUMP, take_port);
	instance->eswitch_err = ask(devlinks, instance, DEVLINK_CMD_ESWITCH_GET, 0, take_eswitch);
	if (instance->eswitch_err == EOPNOTSUPP) {
		instance->eswitch = MIG_ESWITCH_NONE;
		instance->eswitch_err = 0;
	}
	ask(devlinks, instance, DEVLINK_CMD_INFO_GET, 0, take_info);
	instance->reporters_known = !ask(devlinks, instance, DEVLINK_CMD_HEALTH_REPORTER_GET,
					 NLM_F_DUMP, take_reporter);
}

struct netlink_socket *devlink_socket(struct mig_devlinks *devlinks, const char *handle)
{
	for (struct devlink_instance *it = devlinks->instances; it; it = it->next)
		if (!strcmp(it->handle, handle))
			return it->nl;
	return &devlinks->nl;
}

/* NULL: no memory. */
static const struct devlink_instance *get_instance(struct mig_devlinks *devlinks,
						   const char *handle)
{
	struct devlink_instance *instance;

	for (instance = devlinks->instances; instance; instance = instance->next)
		if (!strcmp(instance->handle, handle))
			return instance;
	instance = calloc(1, sizeof(*instance));
	if (!instance)
		return NULL;
	snprintf(instance->handle, sizeof(instance->handle), "%s", handle);
	instance->next = devlinks->instances;
	devlinks->instances = instance;
	fill(devlinks, instance);
	return instance;
}

static bool handle_of(const struct mig_target *target, char handle[MIG_DEVLINK_HANDLE])
{
	const char *name = target->is_vf ? target->pf : target->name;
	int length;

	/* An mdev is no function: its parent's instance says nothing about it. */
	if (!target->bus[0] || !name[0] || !strcmp(target->bus, "mdev"))
		return false;
	length = snprintf(handle, MIG_DEVLINK_HANDLE, "%s/%s", target->bus, name);
	return length < MIG_DEVLINK_HANDLE;
}

/* Before anything is asked; false: nothing is to be. */
static bool begin(const struct mig_target *target, struct mig_devlink *devlink)
{
	memset(devlink, 0, sizeof(*devlink));
	devlink->vf = target->is_vf ? target->vf_index : -1;
	devlink->gap =
		strcmp(target->bus, "pci") ? MIG_DEVLINK_GAP_NOT_PCI : MIG_DEVLINK_GAP_NOT_VF;
	if (handle_of(target, devlink->handle))
		return true;
	devlink->handle[0] = '\0';
	return false;
}

void mig_devlinks_read(struct mig_devlinks *devlinks, const struct mig_target *target,
		       struct mig_devlink *devlink)
{
	const struct devlink_instance *instance;

	if (!begin(target, devlink))
		return;
	instance = get_instance(devlinks, devlink->handle);
	devlink->err = instance ? instance->err : ENOMEM;
	devlink->instance = !devlink->err;
	if (devlink->instance)
		devlink_tell(instance, target, devlink);
	else if (!target->is_vf)
		return;
	else if (!devlinks->family && devlink->err == ENOENT)
		devlink->gap = MIG_DEVLINK_GAP_NO_FAMILY;
	else if (devlink->err == ENODEV)
		devlink->gap = MIG_DEVLINK_GAP_NO_INSTANCE;
	else
		devlink->gap = MIG_DEVLINK_GAP_UNREADABLE;
}

int mig_devlink_read(const struct mig_host *host, const struct mig_target *target,
		     struct mig_devlink *devlink, struct mig_error *error)
{
	struct mig_devlinks *devlinks;
	int ret;

	if (!begin(target, devlink))
		return 0;
	ret = mig_devlinks_open(host, &devlinks, error);
	if (ret)
		return ret;
	mig_devlinks_read(devlinks, target, devlink);
	mig_devlinks_close(devlinks);
	return 0;
}
