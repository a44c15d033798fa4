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
	uint64_t correctable, nonfatal, fatal;
	bool known;

	known = read_total(target, "aer_dev_correctable", "TOTAL_ERR_COR ", &correctable);
	known &= read_total(target, "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL ", &nonfatal);
	known &= read_total(target, "aer_dev_fatal", "TOTAL_ERR_FATAL ", &fatal);
	if (!known)
		check_say(check, MIG_CHECK_SKIP, "it has no AER counters");
	else if (!correctable && !nonfatal && !fatal)
		check_say(check, MIG_CHECK_PASS, "no errors since boot");
	else
		check_say(check, nonfatal || fatal ? MIG_CHECK_WARN : MIG_CHECK_PASS,
			  "since boot %" PRIu64 " fatal, %" PRIu64 " nonfatal, %" PRIu64
			  " correctable errors",
			  fatal, nonfatal, correctable);
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
	/* The low three bits are the level: 4 is a warning, less is worse (syslog(3)). */
	return (priority & 7) > 4 || keep(context, text, dictionary);
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
	fallout_log_walk(fd, keep_complaint, log);
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
		check_say(check, MIG_CHECK_PASS, "no complaint about it since boot");
	} else {
		check_say(check, MIG_CHECK_WARN, "%zu complaint%s, the last: %s", count,
			  count == 1 ? "" : "s", last);
		if (mig_name_is_plain(check->target->name))
			check_mend(check, "dmesg -l emerg,alert,crit,err,warn | grep -F %s",
				   check->target->name);
	}
}
