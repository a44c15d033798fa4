/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FALLOUT_LOG_H
#define FALLOUT_LOG_H

#include "migctl/fallout.h"

/* Reads what /dev/kmsg has since the last read, and keeps what names the target. */
void fallout_log_collect(int fd, const struct mig_target *target, struct mig_fallout *fallout);

#endif
