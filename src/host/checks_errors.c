// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of what went wrong since boot: AER counters, the kernel log. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "fallout_log.h"

/* The kernel's longest (PRINTK_MESSAGE_MAX); one that has no room is refused as a whole. */
#define RECORD_SIZE 8192

/* The total that the kernel keeps for us; false when there is none. */
static bool read_total(const struct mig_target *target, const char *file, const char *name,
		       uint64_t *total)
{
	char path[MIG_PATH_SIZE], text[2048];
	const char *line;

	*total = 0;
	if (mig_path(path, "%s/%s", target->syspath, file) ||
	    mig_sysfs_text(path, text, sizeof(text)))
		return false;
	line = strstr(text, name);
	if (!line)
		return false;
	*total = strtoull(line + strlen(name), NULL, 10);
	return true;
}

/* The totals of struct aer_stats, which pci_aer_init() makes and nothing but a rescan clears. */
void check_aer(struct check *check)
{
	const struct mig_target *target = check->target;
	/* A VF's counters are as old as the VF. */
	const char *since = target->is_vf ? "since it was created" : "since boot";
	uint64_t correctable, nonfatal, fatal;
	bool known;

	known = read_total(target, "aer_dev_correctable", "TOTAL_ERR_COR ", &correctable);
	known &= read_total(target, "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL ", &nonfatal);
	known &= read_total(target, "aer_dev_fatal", "TOTAL_ERR_FATAL ", &fatal);
	if (!known)
		check_say(check, MIG_CHECK_SKIP, "it has no AER counters");
	else if (!correctable && !nonfatal && !fatal)
		check_say(check, MIG_CHECK_PASS, "no errors %s", since);
	else
		check_say(check, nonfatal || fatal ? MIG_CHECK_WARN : MIG_CHECK_PASS,
			  "%s %" PRIu64 " fatal, %" PRIu64 " nonfatal, %" PRIu64
			  " correctable errors",
			  since, fatal, nonfatal, correctable);
	if (check->verdict == MIG_CHECK_WARN)
		check_mend(check, "grep -v ' 0$' /sys/bus/pci/devices/%s/aer_dev_*",
			   mig_name_is_plain(target->name) ? target->name : "DEVICE");
}

static bool keep(struct checks_log *log, const char *text, const char *dictionary)
{
	size_t length = strlen(text), rest = strlen(dictionary);
	struct checks_line *line;

	/* 64 at first, then twice as many: realloc() by one would copy them all each time. */
	if (log->count % 64 == 0 && (log->count & (log->count - 1)) == 0) {
		void *grown = reallocarray(log->lines, log->count ? log->count * 2 : 64,
					   sizeof(*log->lines));

		if (!grown)
			return false;
		log->lines = grown;
	}
	line = &log->lines[log->count];
	line->text = malloc(length + rest + 2);
	if (!line->text)
		return false;
	memcpy(line->text, text, length + 1);
	line->dictionary = line->text + length + 1;
	memcpy(line->dictionary, dictionary, rest + 1);
	log->count++;
	return true;
}

static bool keep_complaint(void *context, unsigned int priority, const char *text,
			   const char *dictionary)
{
	struct checks_log *log = context;
	/* The low three bits are the level: 4 is a warning, less is worse (syslog(3)). */
	bool kept = (priority & 7) > 4 || keep(log, text, dictionary);

	log->partial |= !kept;
	return kept;
}

/* Records are numbered since boot, from 0: "prio,seq,usec,flags;text". */
static bool begins_late(int fd)
{
	char record[RECORD_SIZE + 1];
	ssize_t length = read(fd, record, RECORD_SIZE);
	const char *comma;

	if (length <= 0)
		return length < 0 && errno == EPIPE;
	record[length] = '\0';
	comma = strchr(record, ',');
	return !comma || strtoull(comma + 1, NULL, 10) > 0;
}

void checks_log_read(struct checks_log *log, const struct mig_host *host)
{
	char path[MIG_PATH_SIZE];
	int fd = mig_path(path, "%s/kmsg", host->dev)
			 ? -1
			 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	log->readable = true;
	log->partial = begins_late(fd);
	if (!lseek(fd, 0, SEEK_SET) && fallout_log_walk(fd, keep_complaint, log))
		log->partial = true;
	close(fd);
}

void checks_log_clear(struct checks_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		free(log->lines[i].text);
	free(log->lines);
	memset(log, 0, sizeof(*log));
}

void check_log(struct check *check)
{
	const struct checks_log *log = &check->shared->log;
	const char *last = NULL;
	size_t count = 0;

	for (size_t i = 0; i < log->count; i++) {
		if (!fallout_log_names(log->lines[i].text, log->lines[i].dictionary, check->target))
			continue;
		last = log->lines[i].text;
		count++;
	}
	if (!log->readable) {
		check_say(check, MIG_CHECK_SKIP, "/dev/kmsg is not readable");
	} else if (!count) {
		check_say(check, MIG_CHECK_PASS, "no complaint about it %s",
			  log->partial ? "in what the log still has" : "since boot");
	} else {
		check_say(check, MIG_CHECK_WARN, "%zu complaint%s, the last: %s", count,
			  count == 1 ? "" : "s", last);
		if (mig_name_is_plain(check->target->name))
			check_mend(check, "dmesg -l emerg,alert,crit,err,warn | grep -F %s",
				   check->target->name);
	}
}
