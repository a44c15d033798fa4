/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGCTL_CLI_CHECK_H
#define MIGCTL_CLI_CHECK_H

#include "cli.h"
#include "migctl/checks.h"

/*
 * Opens a VFIO-bound device, asks what only it can tell, and closes it. A
 * driver that does not come back leaves cli->stuck and *stuck, and cli->error
 * is that; any other failure is the device's own, in opened->error.
 */
void cli_check_open(struct cli *cli, const struct mig_target *target,
		    struct mig_check_opened *opened, struct mig_stuck_record *stuck);

/*
 * Reads the file of --against, or standard input for "-": what the other host
 * told of its devices, for free(3). -errno with cli->error.
 */
int cli_check_against(struct cli *cli, struct mig_saved_meta **metas, size_t *count);

#endif
