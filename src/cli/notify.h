/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a service manager is told: sd_notify(3)'s protocol, and a descriptor. */
#ifndef MIGCTL_CLI_NOTIFY_H
#define MIGCTL_CLI_NOTIFY_H

#include "cli.h"

/*
 * Where to: NOTIFY_SOCKET, an absolute path or, with '@', an abstract name.
 * It is taken out of the environment, for it is not meant for our children.
 */
struct cli_notify {
	char socket[108]; /* "": none */
};

void cli_notify_open(struct cli_notify *notify, const struct cli *cli);
/* Lines "READY=1"; that nobody listens is no failure. */
void cli_notify_send(const struct cli_notify *notify, const struct cli *cli, const char *lines);

/* --ready-fd: is it open for writing, and none of the standard streams? -EINVAL with the error. */
int cli_ready_check(struct cli *cli);
/* Writes its line and closes it. */
void cli_ready_send(const struct cli *cli);

#endif
