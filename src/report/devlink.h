/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the text and the JSON about devlink share. */
#ifndef MIGCTL_REPORT_DEVLINK_H
#define MIGCTL_REPORT_DEVLINK_H

#include "migctl/devlink.h"

#define DEVLINK_ADDR_TEXT (3 * MIG_DEVLINK_ADDR_MAX)
#define DEVLINK_TIME_TEXT 32

/* "00:11:22:33:44:55"; NULL when it is not told. */
const char *devlink_addr(const struct mig_devlink *devlink, char text[DEVLINK_ADDR_TEXT]);
/* RFC 3339, UTC; NULL for 0 and for what is no time. */
const char *devlink_time(uint64_t ns, char text[DEVLINK_TIME_TEXT]);

#endif
