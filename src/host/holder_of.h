/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process that holds a device is part of. */
#ifndef MIGCTL_HOST_HOLDER_OF_H
#define MIGCTL_HOST_HOLDER_OF_H

#include "migctl/holder.h"

/* Fills comm, unit, container and vm of holder->pid; what cannot be told stays "". */
void holder_describe(const struct mig_host *host, struct mig_holder *holder);

#endif
