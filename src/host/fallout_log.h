/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FALLOUT_LOG_H
#define FALLOUT_LOG_H

#include "migctl/fallout.h"

/* Reads what /dev/kmsg has since the last read, and keeps what names the target. */
void fallout_log_collect(int fd, const struct mig_target *target, struct mig_fallout *fallout);

/* Is the message about this very device, by its name? The text and what follows it in kmsg. */
bool fallout_log_names(const char *text, const char *dictionary, const struct mig_target *target);

/*
 * Calls visit for every record from where fd is; false ends the walk. How many
 * were overwritten before they could be read.
 */
typedef bool fallout_log_visit(void *context, unsigned int priority, const char *text,
			       const char *dictionary);
size_t fallout_log_walk(int fd, fallout_log_visit *visit, void *context);

#endif
