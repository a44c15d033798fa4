/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes of both protocols; mig_port_open() tries one after the other. */
#ifndef MIGCTL_PROBE_H
#define MIGCTL_PROBE_H

#include "migctl/proto.h"

/* 1: the port is ready; 0: the device does not speak it; else -errno. */
int mig_proto_v2_probe(struct mig_port *port, struct mig_error *error);
/*
 * As above; where 0 is returned although something like a migration region
 * was met, *found says what (static text), else NULL.
 */
int mig_proto_v1_probe(struct mig_port *port, const char **found, struct mig_error *error);

#endif
