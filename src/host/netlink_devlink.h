/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devlink's questions, and its answers taken apart. These are data of drivers
 * and firmware: an attribute of another length than its type's is as if it
 * were absent, one that is not known is skipped.
 */
#ifndef NETLINK_DEVLINK_H
#define NETLINK_DEVLINK_H

#include "migctl/devlink.h"
#include "migctl/target.h"
#include "netlink.h"

/* What the system's header need not have yet; 6.2 brought both. */
#define DEVLINK_FN_ATTR_CAPS 4
#define DEVLINK_FN_CAP_MIGRATABLE (1u << 1)

/* A port, and the function behind it. */
struct devlink_port {
	struct mig_devlink_port port;
	uint8_t hw_addr[MIG_DEVLINK_ADDR_MAX];
	size_t hw_addr_size;
	enum mig_function_state state;
	enum mig_function_opstate opstate;
	enum mig_migratable migratable;
};

struct devlink_reporter {
	struct mig_devlink_health health; /* of_port: port says of which */
	uint32_t port;
};

/* All that one said. */
struct devlink_instance {
	struct devlink_instance *next;
	char handle[MIG_DEVLINK_HANDLE];
	struct netlink_socket *nl; /* where it is */
	int err; /* positive errno, ENODEV: there is none; all else is empty then */
	struct devlink_port *ports; /* those of VFs */
	size_t port_count;
	int ports_err;
	enum mig_eswitch eswitch;
	int eswitch_err;
	struct mig_devlink_info info;
	struct devlink_reporter *reporters;
	size_t reporter_count;
	bool reporters_known;
};

struct mig_devlinks {
	struct netlink_socket nl;
	/* In the namespace of --netns: an instance stays where it is when its netdev is moved. */
	struct netlink_socket other;
	bool has_other;
	uint16_t family; /* the same in all namespaces; 0: err says why there is none */
	int err;
	struct devlink_instance *instances;
};

/* The socket on which an instance that was read is asked. */
struct netlink_socket *devlink_socket(struct mig_devlinks *devlinks, const char *handle);
/* About one instance, for netlink_ask(). NULL: no memory. */
struct nl_msg *devlink_question(const struct mig_devlinks *devlinks, const char *handle,
				uint8_t command, int flags);

/*
 * One message each. handle ("pci/0000:06:00.0") is whose it must be: older
 * kernels answer a dump about one instance with all of them. False: it is not
 * about this one, or lacks what it cannot be without; what was given is then
 * in any state.
 */
bool devlink_parse_port(const struct nlmsghdr *message, const char *handle,
			struct devlink_port *port);
bool devlink_parse_eswitch(const struct nlmsghdr *message, const char *handle,
			   enum mig_eswitch *eswitch);
bool devlink_parse_info(const struct nlmsghdr *message, const char *handle,
			struct mig_devlink_info *info);
bool devlink_parse_reporter(const struct nlmsghdr *message, const char *handle,
			    struct devlink_reporter *reporter);

/* netlink_devlink_find.c: all of *devlink but handle, instance and err, which are there. */
void devlink_tell(const struct devlink_instance *instance, const struct mig_target *target,
		  struct mig_devlink *devlink);

#endif
