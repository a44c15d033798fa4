/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What devlink knows of one PCI function, as plain values: its PF's instance,
 * the port that stands for it in the PF's switch, firmware and health. Whoever
 * asks the kernel is migctl/netlink_devlink.h.
 *
 * Texts are data of drivers and firmware: not escaped, and cut to their room.
 *
 * Authority: include/uapi/linux/devlink.h and net/devlink/ of Linux 6.12;
 * migratable is there since 6.2.
 */
#ifndef MIGCTL_DEVLINK_H
#define MIGCTL_DEVLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "migctl/verdict.h"

#define MIG_DEVLINK_TEXT 64
#define MIG_DEVLINK_HANDLE 160 /* a bus, '/', a device */
#define MIG_DEVLINK_HEALTH_MAX 32
#define MIG_DEVLINK_ADDR_MAX 32 /* the kernel's MAX_ADDR_LEN */

enum mig_migratable {
	MIG_MIGRATABLE_UNKNOWN,     /* no port, or the kernel did not say */
	MIG_MIGRATABLE_UNSUPPORTED, /* the port has no such attribute: driver, firmware or kernel */
	MIG_MIGRATABLE_OFF,
	MIG_MIGRATABLE_ON,
};

enum mig_eswitch {
	MIG_ESWITCH_UNKNOWN, /* not told: eswitch_err says why, or a mode of a newer kernel */
	MIG_ESWITCH_NONE,    /* the driver has no switch to set here */
	MIG_ESWITCH_LEGACY,
	MIG_ESWITCH_SWITCHDEV,
};

enum mig_function_state {
	MIG_FUNCTION_UNKNOWN,
	MIG_FUNCTION_INACTIVE,
	MIG_FUNCTION_ACTIVE,
};

enum mig_function_opstate {
	MIG_OPSTATE_UNKNOWN,
	MIG_OPSTATE_DETACHED,
	MIG_OPSTATE_ATTACHED,
};

enum mig_health_state {
	MIG_HEALTH_UNKNOWN,
	MIG_HEALTH_HEALTHY,
	MIG_HEALTH_ERROR,
};

/* Why there is no port; the sentences for it are mig_devlink_explain()'s. */
enum mig_devlink_gap {
	MIG_DEVLINK_GAP_NONE,        /* the port is there */
	MIG_DEVLINK_GAP_NOT_PCI,     /* no PCI function, and no instance of its own: an mdev, say */
	MIG_DEVLINK_GAP_NOT_VF,      /* a PF or an ordinary function: no port stands for it here */
	MIG_DEVLINK_GAP_NO_FAMILY,   /* the kernel has no devlink, or its module is not loaded */
	MIG_DEVLINK_GAP_NO_INSTANCE, /* the driver registers none, or there is no driver */
	MIG_DEVLINK_GAP_LEGACY,      /* eswitch mode legacy: VFs have no ports */
	MIG_DEVLINK_GAP_NOT_VISIBLE, /* not among the ports of this host; never "off" */
	MIG_DEVLINK_GAP_AMBIGUOUS,   /* several ports could be it */
	MIG_DEVLINK_GAP_UNREADABLE,  /* asking failed: err */
};

struct mig_devlink_port {
	uint32_t index; /* as devlink has it; never computed */
	uint16_t flavour;
	int pf, vf; /* PCI_PF_NUMBER, PCI_VF_NUMBER; -1: not told */
	uint32_t controller;
	bool external;
	uint32_t ifindex;              /* of its representor, 0: none */
	char netdev[MIG_DEVLINK_TEXT]; /* the representor's name, "" */
};
#define MIG_DEVLINK_FLAVOUR_PCI_VF 4

struct mig_devlink_info { /* "": not told */
	char driver[MIG_DEVLINK_TEXT];
	char serial[MIG_DEVLINK_TEXT];
	char firmware[MIG_DEVLINK_TEXT]; /* the running fw.version; else fw, else fw.mgmt */
	char psid[MIG_DEVLINK_TEXT];     /* fw.psid */
};

/* A health reporter of the instance or of the port. */
struct mig_devlink_health {
	char name[MIG_DEVLINK_TEXT];
	bool of_port;
	enum mig_health_state state;
	uint64_t errors;
	uint64_t recoveries;
	uint64_t dump_ns; /* of its last dump, since the epoch; 0: it has none */
};

struct mig_devlink {
	enum mig_devlink_gap gap;
	int err;                         /* positive errno behind the gap, 0: none */
	char handle[MIG_DEVLINK_HANDLE]; /* "pci/0000:06:00.0", a VF's PF; "": an mdev */
	bool instance;                   /* there is one of that handle */
	int vf;                          /* the number looked for, -1: none */
	bool has_port;                   /* gap is NONE: port and what follows up to migratable */
	struct mig_devlink_port port;
	uint8_t hw_addr[MIG_DEVLINK_ADDR_MAX];
	size_t hw_addr_size; /* 0: not told */
	enum mig_function_state state;
	enum mig_function_opstate opstate;
	enum mig_migratable migratable;
	/* Of the instance. */
	enum mig_eswitch eswitch;
	int eswitch_err; /* positive errno when it is UNKNOWN, 0: none */
	struct mig_devlink_info info;
	struct mig_devlink_health health[MIG_DEVLINK_HEALTH_MAX];
	size_t health_count;
	bool health_known; /* false: reporters could not be asked for */
	bool health_more;  /* there were more than have room */
};

/* The reporter of the same name, of the same, among so many; NULL: there is none. */
const struct mig_devlink_health *mig_health_find(const struct mig_devlink_health *list,
						 size_t count,
						 const struct mig_devlink_health *like);
/* Does it say the same? Its last dump says no more than the counts do. other may be NULL. */
bool mig_health_same(const struct mig_devlink_health *health,
		     const struct mig_devlink_health *other);

/* "unknown", "unsupported", "off", "on"; "none", "legacy", "switchdev"; and so on. */
const char *mig_migratable_name(enum mig_migratable migratable);
const char *mig_eswitch_name(enum mig_eswitch eswitch);
const char *mig_function_state_name(enum mig_function_state state);
const char *mig_function_opstate_name(enum mig_function_opstate opstate);
const char *mig_health_state_name(enum mig_health_state state);
/* "pcivf"; NULL for what is not known. */
const char *mig_devlink_flavour_name(uint16_t flavour);

/*
 * What stands in the way of migratable being on, as far as devlink can tell,
 * and what mends it, both escaped: a missing port by its gap, then unsupported,
 * then off. name is the device's. False, both "": nothing does.
 */
#define MIG_DEVLINK_SENTENCE 640
bool mig_devlink_explain(const struct mig_devlink *devlink, const char *name,
			 char sentence[MIG_DEVLINK_SENTENCE], char remedy[MIG_DEVLINK_SENTENCE]);

/*
 * The judge of one write of migratable: accepted, nak (the write failed and
 * nothing changed), else astray. A write that failed and took all the same is
 * accepted, as with device states.
 */
enum mig_outcome mig_migratable_verdict(enum mig_migratable before, enum mig_migratable asked,
					bool failed, enum mig_migratable after);

#endif
