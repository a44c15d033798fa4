// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of checks, and what they share. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"

/* What a check is about; where that is not so, it is skipped. */
enum need {
	NEED_NOTHING,
	NEED_PCI,
	NEED_VF,
	NEED_DEVLINK,  /* of a VF: that it was asked */
	NEED_INSTANCE, /* and that the PF has an instance */
	NEED_OPEN,
	NEED_AGAINST,
};

/*
 * In the order in which one would look: what is the ground of the next comes
 * before it, so that the first failure is the one to mend.
 */
static const struct row {
	const char *name;
	void (*judge)(struct check *check);
	enum need need;
} table[] = {
	{ "iommu", check_iommu, NEED_NOTHING },
	{ "vf", check_vf, NEED_PCI },
	{ "pf-driver", check_pf_driver, NEED_VF },
	{ "devlink", check_devlink, NEED_DEVLINK },
	{ "eswitch", check_eswitch, NEED_INSTANCE },
	{ "port", check_port, NEED_INSTANCE },
	{ "migratable", check_migratable, NEED_INSTANCE },
	{ "firmware", check_firmware, NEED_INSTANCE },
	{ "health", check_health, NEED_INSTANCE },
	{ "modules", check_modules, NEED_NOTHING },
	{ "driver", check_driver, NEED_NOTHING },
	{ "variant", check_variant, NEED_PCI },
	{ "group", check_group, NEED_NOTHING },
	{ "nodes", check_nodes, NEED_NOTHING },
	{ "permission", check_permission, NEED_NOTHING },
	{ "vf-token", check_vf_token, NEED_VF },
	{ "holder", check_holder, NEED_NOTHING },
	{ "memlock", check_memlock, NEED_NOTHING },
	{ "aer", check_aer, NEED_PCI },
	{ "kernel-log", check_log, NEED_NOTHING },
	{ "open", check_open, NEED_NOTHING },
	{ "protocol", check_protocol, NEED_NOTHING },
	{ "p2p", check_p2p, NEED_OPEN },
	{ "dma-logging", check_dma_logging, NEED_OPEN },
	{ "reset", check_reset, NEED_OPEN },
	{ "first-state", check_first_state, NEED_OPEN },
	/* From here on only when there is something to compare with. */
	{ "against-kind", check_against_kind, NEED_AGAINST },
	{ "against-driver", check_against_driver, NEED_AGAINST },
	{ "against-protocol", check_against_protocol, NEED_AGAINST },
	{ "against-firmware", check_against_firmware, NEED_AGAINST },
	{ "against-kernel", check_against_kernel, NEED_AGAINST },
};

#define TABLE_COUNT (sizeof(table) / sizeof(*table))

size_t mig_checks_count(const struct mig_check_job *job)
{
	size_t count = TABLE_COUNT;

	while (!job->against && table[count - 1].need == NEED_AGAINST)
		count--;
	return count;
}

/* The inode of the initial one is PROC_PID_INIT_INO; a kernel without them has no link. */
static bool is_contained(const struct mig_host *host)
{
	char path[MIG_PATH_SIZE], text[64];
	ssize_t length = mig_path(path, "%s/self/ns/pid", host->proc)
				 ? -1
				 : readlink(path, text, sizeof(text) - 1);

	if (length < 0)
		return false;
	text[length] = '\0';
	return strcmp(text, "pid:[4026531836]");
}

struct mig_checks *mig_checks_open(const struct mig_host *host, const struct mig_check_job *job)
{
	const pid_t except[] = { getpid(), 0 };
	struct mig_checks *checks = calloc(1, sizeof(*checks));

	if (!checks)
		return NULL;
	checks->host = host;
	checks->job = job;
	checks->variants = mig_variants_read(host);
	checks->holders_known = !mig_holders_scan(host, except, &checks->holders);
	checks->contained = is_contained(host);
	checks_log_read(&checks->log, host);
	if (checks->variants)
		return checks;
	mig_checks_close(checks);
	return NULL;
}

void mig_checks_close(struct mig_checks *checks)
{
	if (!checks)
		return;
	mig_variants_free(checks->variants);
	mig_holders_clear(&checks->holders);
	checks_log_clear(&checks->log);
	free(checks);
}

void check_say(struct check *check, enum mig_check_verdict verdict, const char *format, ...)
{
	va_list args;

	check->verdict = verdict;
	va_start(args, format);
	vsnprintf(check->found, sizeof(check->found), format, args);
	va_end(args);
}

void check_mend(struct check *check, const char *format, ...)
{
	size_t used = strlen(check->remedy);
	va_list args;

	if (used)
		used += (size_t)snprintf(check->remedy + used, sizeof(check->remedy) - used, "; ");
	if (used >= sizeof(check->remedy))
		return;
	va_start(args, format);
	vsnprintf(check->remedy + used, sizeof(check->remedy) - used, format, args);
	va_end(args);
}

void check_comment(struct check *check, const char *format, ...)
{
	size_t used = strlen(check->remedy);
	va_list args;

	used += (size_t)snprintf(check->remedy + used, sizeof(check->remedy) - used, " # ");
	if (used >= sizeof(check->remedy))
		return;
	va_start(args, format);
	vsnprintf(check->remedy + used, sizeof(check->remedy) - used, format, args);
	va_end(args);
}

void check_mend_bind(struct check *check, const char *module, const char *driver)
{
	char commands[CHECK_TEXT];

	mig_variant_bind_commands(check->target, module, driver, commands, sizeof(commands));
	if (commands[0])
		check_mend(check, "%s", commands);
}

bool check_sysfs_has(const struct check *check, const char *format, ...)
{
	char path[MIG_PATH_SIZE];
	size_t used = strlen(check->shared->host->sysfs);
	va_list args;
	int len;

	if (mig_path(path, "%s/", check->shared->host->sysfs))
		return false;
	va_start(args, format);
	len = vsnprintf(path + used + 1, sizeof(path) - used - 1, format, args);
	va_end(args);
	return len >= 0 && (size_t)len < sizeof(path) - used - 1 && mig_sysfs_exists(path);
}

const struct mig_check_item *check_before(const struct check *check, const char *name)
{
	for (size_t i = 0; i < mig_checks_count(check->shared->job) && check->before[i].name; i++)
		if (!strcmp(check->before[i].name, name))
			return &check->before[i];
	return NULL;
}

bool check_looked_into(const struct mig_check_opened *opened)
{
	return opened->tried &&
	       (opened->error.kind == MIG_KIND_OK || opened->error.kind == MIG_KIND_NO_MIGRATION);
}

bool check_migrates(const struct check *check)
{
	const struct mig_check_opened *opened = check->opened;

	return opened && opened->tried && opened->error.kind == MIG_KIND_OK &&
	       opened->caps & MIG_CAP_STOP_COPY;
}

/* True when the check concerns this device at all; else it is told why not. */
static bool concerns(struct check *check, enum need need)
{
	const struct mig_check_opened *opened = check->opened;

	switch (need) {
	case NEED_NOTHING:
		return true;
	case NEED_VF:
		if (check->target->is_vf)
			return true;
		check_say(check, MIG_CHECK_SKIP, "not a VF");
		return false;
	case NEED_DEVLINK:
	case NEED_INSTANCE:
		if (!check->target->is_vf)
			check_say(check, MIG_CHECK_SKIP, "not a VF");
		else if (!check->devlink)
			check_say(check, MIG_CHECK_SKIP, "devlink could not be asked");
		else if (need == NEED_INSTANCE && !check->devlink->instance)
			check_say(check, MIG_CHECK_SKIP, "the PF has no devlink instance");
		else
			return true;
		return false;
	case NEED_PCI:
		if (!strcmp(check->target->bus, "pci"))
			return true;
		check_say(check, MIG_CHECK_SKIP, "not a PCI device");
		return false;
	case NEED_AGAINST:
		if (check->there)
			return true;
		check_say(check, MIG_CHECK_FAIL, "none of the %zu devices there is like it",
			  check->shared->job->against_count);
		return false;
	case NEED_OPEN:
		if (!opened || !opened->tried)
			check_say(check, MIG_CHECK_SKIP,
				  "only the open device tells: --open, which resets a PCI device");
		else if (!check_looked_into(opened))
			check_say(check, MIG_CHECK_SKIP, "the device could not be looked into");
		else
			return true;
		return false;
	}
	return false;
}

/* What was found on from here is the item's, as far as memory goes. */
static int take(struct mig_check_item *item, const struct check *check, const char *name)
{
	item->name = name;
	item->verdict = check->verdict;
	item->found = strdup(check->found);
	item->remedy = check->remedy[0] ? strdup(check->remedy) : NULL;
	return item->found && (item->remedy || !check->remedy[0]) ? 0 : -ENOMEM;
}

int mig_checks_judge(struct mig_checks *checks, size_t index, struct mig_check_item *items)
{
	const struct mig_check_job *job = checks->job;
	struct check *check = calloc(1, sizeof(*check));
	size_t count = mig_checks_count(job);
	int ret = check ? 0 : -ENOMEM;

	memset(items, 0, count * sizeof(*items));
	if (ret)
		return ret;
	check->shared = checks;
	check->target = &job->targets[index];
	check->opened = job->opened ? &job->opened[index] : NULL;
	check->devlink = job->devlinks ? &job->devlinks[index] : NULL;
	if (job->against) {
		check->here = &job->metas[index];
		check->there = checks_against_find(job, check->here);
	}
	check->before = items;
	mig_target_describe(check->target);
	check->has_variant = mig_variants_match(checks->variants, check->target, &check->variant);
	/* A driver that is built in has no line in modules.alias. */
	if (check->has_variant && !check->variant.available)
		check->variant.available =
			check_sysfs_has(check, "bus/pci/drivers/%s", check->variant.driver);
	check->holder = mig_holders_find(&checks->holders, check->target);
	for (size_t i = 0; !ret && i < count; i++) {
		check->found[0] = check->remedy[0] = '\0';
		if (concerns(check, table[i].need))
			table[i].judge(check);
		ret = take(&items[i], check, table[i].name);
	}
	free(check);
	if (ret)
		mig_check_items_clear(items, count);
	return ret;
}

void mig_check_items_clear(struct mig_check_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].found);
		free(items[i].remedy);
	}
	memset(items, 0, count * sizeof(*items));
}

enum mig_check_verdict mig_check_worst(const struct mig_check_item *items, size_t count)
{
	enum mig_check_verdict worst = MIG_CHECK_PASS;

	for (size_t i = 0; i < count; i++)
		if (items[i].verdict > worst)
			worst = items[i].verdict;
	return worst;
}
