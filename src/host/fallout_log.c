// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/kmsg: one read gives one record, "prio,seq,usec,flags;text\n", and
 * after it lines " KEY=value\n" (Documentation/ABI/testing/dev-kmsg). Control
 * characters in the text come as \xNN already.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fallout_log.h"

/* The longest record there is (PRINTK_MESSAGE_MAX since 6.4, CONSOLE_EXT_LOG_MAX before). */
#define RECORD_SIZE 8192

/* More than the kernel keeps: a log that grows while it is read must end. */
#define RECORDS_MAX 100000

/* As a word: 0000:06:00.1 is not in 0000:06:00.10, nor mlx5_vfio_pci in my_mlx5_vfio_pci. */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	if (!len)
		return false;
	for (const char *at = text; (at = strstr(at, word)); at++) {
		unsigned char before = at == text ? ' ' : (unsigned char)at[-1];
		unsigned char behind = (unsigned char)at[len];

		if (!isalnum(before) && before != '_' && !isalnum(behind) && behind != '_')
			return true;
	}
	return false;
}

/* Messages of a driver say its name, or its module's, which differ in '-' and '_'. */
static bool names_driver(const char *text, const char *driver)
{
	char other[sizeof(((struct mig_target *)0)->driver)];
	size_t i;

	if (has_word(text, driver))
		return true;
	for (i = 0; driver[i]; i++)
		other[i] = driver[i] == '-' ? '_' : driver[i] == '_' ? '-' : driver[i];
	other[i] = '\0';
	return has_word(text, other);
}

enum dictionary_verdict {
	DICTIONARY_SILENT,
	DICTIONARY_OURS,
	DICTIONARY_ANOTHER, /* a device of our bus, but another one */
};

/*
 * " DEVICE=+pci:0000:06:00.1": "+", the subsystem, ":", the name; devices with
 * a node have a letter and the number instead, which names no device of ours
 * (dev_vprintk_emit(), drivers/base/core.c).
 */
static enum dictionary_verdict read_dictionary(const char *dictionary,
					       const struct mig_target *target)
{
	static const char field[] = " DEVICE=+";
	const char *device = strstr(dictionary, field);
	size_t bus = strlen(target->bus), name = strlen(target->name);

	if (!device)
		return DICTIONARY_SILENT;
	device += strlen(field);
	if (strncmp(device, target->bus, bus) || device[bus] != ':')
		return DICTIONARY_SILENT;
	device += bus + 1;
	if (strcspn(device, "\n") == name && !strncmp(device, target->name, name))
		return DICTIONARY_OURS;
	return DICTIONARY_ANOTHER;
}

/* What the driver says of another of its devices is not ours. */
static bool concerns(const char *text, const char *dictionary, const struct mig_target *target)
{
	enum dictionary_verdict verdict = read_dictionary(dictionary, target);

	if (verdict == DICTIONARY_OURS || has_word(text, target->name))
		return true;
	return verdict == DICTIONARY_SILENT && names_driver(text, target->driver);
}

static void keep(struct mig_fallout *fallout, const char *text)
{
	char *copy = fallout->log_count < MIG_FALLOUT_LOG_MAX ? strdup(text) : NULL;

	if (copy)
		fallout->log[fallout->log_count++] = copy;
	else
		fallout->log_dropped++;
}

bool fallout_log_names(const char *text, const char *dictionary, const struct mig_target *target)
{
	return read_dictionary(dictionary, target) == DICTIONARY_OURS ||
	       has_word(text, target->name);
}

static bool take_record(char *record, fallout_log_visit *visit, void *context)
{
	char *text = strchr(record, ';'), *end;
	const char *dictionary = "";

	if (!text)
		return true;
	text++;
	end = strchr(text, '\n');
	if (end) {
		*end = '\0';
		dictionary = end + 1;
	}
	return visit(context, (unsigned int)strtoul(record, NULL, 10), text, dictionary);
}

/* A record ends where a line begins that is no continuation; kmsg itself gives one at a time. */
static bool take_records(char *at, fallout_log_visit *visit, void *context)
{
	while (at) {
		char *next = at;

		do
			next = strchr(next, '\n');
		while (next && *++next == ' ');
		if (next && next[0])
			next[-1] = '\0';
		else
			next = NULL;
		if (!take_record(at, visit, context))
			return false;
		at = next;
	}
	return true;
}

size_t fallout_log_walk(int fd, fallout_log_visit *visit, void *context)
{
	char record[RECORD_SIZE + 1];
	size_t lost = 0;

	for (int i = 0; i < RECORDS_MAX; i++) {
		ssize_t len = read(fd, record, RECORD_SIZE);

		/* EPIPE: overwritten before it was read; the next read goes on behind the gap. */
		if (len < 0 && errno == EPIPE) {
			lost++;
			continue;
		}
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		record[len] = '\0';
		if (!take_records(record, visit, context))
			break;
	}
	return lost;
}

struct collecting {
	const struct mig_target *target;
	struct mig_fallout *fallout;
};

static bool collect(void *context, unsigned int priority, const char *text, const char *dictionary)
{
	struct collecting *collecting = context;

	(void)priority;
	if (concerns(text, dictionary, collecting->target))
		keep(collecting->fallout, text);
	return true;
}

void fallout_log_collect(int fd, const struct mig_target *target, struct mig_fallout *fallout)
{
	struct collecting collecting = { target, fallout };

	fallout->log_dropped += fallout_log_walk(fd, collect, &collecting);
}
