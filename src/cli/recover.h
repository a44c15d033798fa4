/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGCTL_CLI_RECOVER_H
#define MIGCTL_CLI_RECOVER_H

#include "cli.h"

/*
 * VFIO_DEVICE_RESET and a look at the state, into the record; cli->error is
 * filled when the device is not RUNNING afterwards. 0 or -errno.
 */
int cli_recover(struct cli_session *session, struct mig_reset_record *record);

#endif
