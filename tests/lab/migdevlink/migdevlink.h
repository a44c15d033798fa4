/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MIGDEVLINK_H
#define MIGDEVLINK_H

#include <linux/configfs.h>
#include <linux/etherdevice.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <net/devlink.h>

#define MDL_ACK_MAX	NETLINK_MAX_FMTMSG_LEN	/* a longer text the kernel would cut, and warn of */
#define MDL_TEXT_MAX	64

enum mdl_eswitch { MDL_LEGACY, MDL_SWITCHDEV, MDL_NO_ESWITCH };
enum mdl_flavour { MDL_PHYSICAL, MDL_PF, MDL_VF };
enum mdl_migratable { MDL_OFF, MDL_ON, MDL_UNSUPPORTED, MDL_NO_OP };
enum mdl_on_set { MDL_OBEY, MDL_REFUSE, MDL_LIE, MDL_ALWAYS_ON };
enum mdl_state { MDL_INACTIVE, MDL_ACTIVE, MDL_NO_STATE };
enum mdl_opstate { MDL_DETACHED, MDL_ATTACHED };
enum mdl_reporter { MDL_FW, MDL_FW_FATAL, MDL_REPORTERS };

/*
 * One devlink instance on a PCI device. The fields below the line belong to devlink's instance lock. The mutex is taken
 * before that one: it keeps the reporters while one of them reports, which takes the instance lock by itself.
 */
struct mdl {
	struct config_group group;
	struct list_head node;	/* of all instances */
	struct pci_dev *pdev;
	struct devlink *devlink;
	struct mutex lock;
	struct devlink_health_reporter *reporters[MDL_REPORTERS];
	/* ---- */
	bool live;
	bool legacy_ports;
	bool info;
	bool recovers;
	u32 eswitch;
	u32 next_index;
	struct list_head ports;
	char eswitch_ack[MDL_ACK_MAX];
	char serial[MDL_TEXT_MAX], fw_version[MDL_TEXT_MAX], fw_psid[MDL_TEXT_MAX];
};

/* All of it belongs to devlink's instance lock. */
struct mdl_port {
	struct config_item item;
	struct mdl *m;
	struct list_head node;
	struct devlink_port dl;
	struct devlink_health_reporter *vnic;
	enum mdl_flavour flavour;
	bool registered;
	u32 index, controller, pf, number, external;
	u32 migratable, on_set, err, state, opstate;
	u32 sets;
	u8 hw_addr[ETH_ALEN];
	char ack[MDL_ACK_MAX];
};

static inline struct mdl *to_mdl(struct config_item *item)
{
	return container_of(to_config_group(item), struct mdl, group);
}

static inline struct mdl_port *to_port(struct config_item *item)
{
	return container_of(item, struct mdl_port, item);
}

/*
 * For migvf_vfio_pci: whether the VF may migrate. True when there is no instance on its PF; else its port has to be there
 * and be migratable.
 */
bool migdevlink_vf_migratable(struct pci_dev *vf);

/* instance.c */
void mdl_join(struct mdl *m);
void mdl_leave(struct mdl *m);
int mdl_alloc(struct mdl *m);
int mdl_set_live(struct mdl *m, bool live);
int mdl_fail(struct mdl *m, enum mdl_reporter which, const char *text);
int mdl_heal(struct mdl *m, enum mdl_reporter which);

/* port.c: under the instance lock */
int mdl_port_sync(struct mdl_port *port);
int mdl_ports_sync(struct mdl *m);
void mdl_port_hide(struct mdl_port *port);

/* config_port.c */
struct mdl_port *mdl_port_new(struct mdl *m, const char *name);
void mdl_port_drop(struct mdl_port *port);

/* Words of one line, from what was written; the longest one that fits is max - 1 bytes. */
int mdl_text(char *to, const char *page, size_t max);

#endif
