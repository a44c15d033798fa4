// SPDX-License-Identifier: GPL-2.0-or-later
/* The part of the preflight that opens devices: vfio's facts, for host to judge. */
#include <string.h>

#include "check.h"

static void ask(struct cli_session *session, struct mig_check_opened *opened)
{
	struct mig_port *port = &session->port;
	struct mig_error ignored;

	opened->held = session->via != CLI_VIA_OPEN;
	if (session->ported) {
		opened->protocol = port->proto->id;
		opened->caps = port->caps;
		opened->seen = !port->proto->get(port, &opened->first, &opened->error);
		opened->dma_logging = mig_port_dma_logging(port);
	}
	if (!mig_device_info(&session->device, &ignored))
		opened->reset = mig_device_can_reset(&session->device);
}

void cli_check_open(struct cli *cli, const struct mig_target *target,
		    struct mig_check_opened *opened, struct mig_stuck_record *stuck)
{
	struct cli_session session = { .cli = cli, .target = *target, .found = true };

	*opened = (struct mig_check_opened){ .tried = true, .dma_logging = -1, .reset = -1 };
	cli_record_device(&session.target, &session.record);
	cli_session_enter(&session);
	opened->error = cli->error;
	if (session.opened)
		ask(&session, opened);
	if (opened->dma_logging < 0)
		opened->dma_logging = -1;
	cli->error = (struct mig_error){ .kind = MIG_KIND_OK };
	cli_session_close(&session);
	if (!cli->stuck)
		return;
	*stuck = session.stuck;
	cli->error = opened->error;
	if (cli->error.kind != MIG_KIND_TIMEOUT)
		mig_sys_error(session.real, &cli->error, MIG_KIND_TIMEOUT, -ETIMEDOUT, "check %s",
			      session.record.name);
	opened->error = cli->error;
}
