/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the preflight: what a check is given, and how it answers. */
#ifndef HOST_CHECKS_H
#define HOST_CHECKS_H

#include "migctl/checks.h"
#include "migctl/holder.h"
#include "migctl/variant.h"

/* One message of the kernel log that is a warning or worse. */
struct checks_line {
	char *text;       /* owned */
	char *dictionary; /* in the same memory: " DEVICE=+pci:0000:06:00.1", ... */
};

struct checks_log {
	bool readable;
	bool partial; /* what was first in it is gone, or not all of it was kept */
	struct checks_line *lines;
	size_t count;
};

struct mig_checks {
	const struct mig_host *host;
	const struct mig_check_job *job;
	struct mig_variants *variants;
	struct mig_holders holders;
	bool holders_known;
	bool contained; /* in a pid namespace of its own, out of which nobody is seen */
	struct checks_log log;
	/* What many devices have in common, as it was read for the last one that asked. */
	struct checks_pf {
		char name[32]; /* "": not asked yet */
		bool has_driver;
		char driver[64], module[64]; /* the driver's name where it is built in */
	} pf;
	bool memlock_known;
	char memlock[32], memlock_caps[32]; /* of this process, "" where it cannot be read */
};

#define CHECK_TEXT 1280

struct check {
	struct mig_checks *shared;
	struct mig_target *target;
	const struct mig_check_opened *opened; /* NULL: --open was not asked */
	const struct mig_devlink *devlink;     /* NULL: it was not asked */
	bool has_variant;
	struct mig_variant variant;      /* the driver that it wants, when it has one */
	const struct mig_holder *holder; /* NULL: free, or not known */
	/* To be compared: of another host, and this device. NULL: not asked, or none is like it. */
	const struct mig_saved_meta *there, *here;
	/* The verdicts on this device so far, by the table's order. */
	const struct mig_check_item *before;
	/* The answer. */
	enum mig_check_verdict verdict;
	char found[CHECK_TEXT];
	char remedy[CHECK_TEXT];
};

/* The verdict, and what was found. */
void check_say(struct check *check, enum mig_check_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What mends it; a second one goes behind the first, after "; ". */
void check_mend(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Behind the last command, for people; nothing goes behind it. */
void check_comment(struct check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The item of that name among those judged before; NULL: there is none yet. */
const struct mig_check_item *check_before(const struct check *check, const char *name);
/* It was opened, and said whether it migrates. */
bool check_looked_into(const struct mig_check_opened *opened);
/* The open device said that it migrates, whatever else is known. */
bool check_migrates(const struct check *check);
/* unbind it and bind it to the driver; nothing when that cannot be said safely. */
void check_mend_bind(struct check *check, const char *module, const char *driver);
/* Does the path, under the host's sysfs, exist? */
bool check_sysfs_has(const struct check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* checks_host.c: the machine */
void check_iommu(struct check *check);
void check_modules(struct check *check);
void check_memlock(struct check *check);
/* checks_nodes.c: how it is opened */
void check_nodes(struct check *check);
void check_permission(struct check *check);
/* checks_device.c: the device, its driver and its neighbours */
void check_vf(struct check *check);
void check_pf_driver(struct check *check);
void check_driver(struct check *check);
void check_variant(struct check *check);
void check_group(struct check *check);
void check_vf_token(struct check *check);
void check_holder(struct check *check);
/* checks_devlink.c: the PF's switch, and the VF's port in it */
void check_devlink(struct check *check);
void check_eswitch(struct check *check);
void check_port(struct check *check);
void check_migratable(struct check *check);
void check_firmware(struct check *check);
void check_health(struct check *check);
/* checks_errors.c: what went wrong since boot */
void checks_log_read(struct checks_log *log, const struct mig_host *host);
void checks_log_clear(struct checks_log *log);
void check_aer(struct check *check);
void check_log(struct check *check);
/* checks_open.c: what only an open device tells */
void check_open(struct check *check);
void check_protocol(struct check *check);
void check_p2p(struct check *check);
void check_dma_logging(struct check *check);
void check_reset(struct check *check);
void check_first_state(struct check *check);

/* checks_against.c: the same device on another host */
const struct mig_saved_meta *checks_against_find(const struct mig_check_job *job,
						 const struct mig_saved_meta *here);
void check_against_kind(struct check *check);
void check_against_driver(struct check *check);
void check_against_protocol(struct check *check);
void check_against_firmware(struct check *check);
void check_against_kernel(struct check *check);

/* checks_kconfig.c: how the running kernel was built. */
enum checks_kconfig {
	CHECKS_KCONFIG_UNREADABLE,
	CHECKS_KCONFIG_ABSENT, /* it does not know the option */
	CHECKS_KCONFIG_OFF,
	CHECKS_KCONFIG_MODULE,
	CHECKS_KCONFIG_BUILTIN,
};
/* path: where it was found, or would be. */
enum checks_kconfig checks_kconfig_read(const struct mig_host *host, const char *option,
					char path[MIG_PATH_SIZE]);

#endif
