/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reports of a bench share. */
#ifndef MIGCTL_REPORT_BENCH_H
#define MIGCTL_REPORT_BENCH_H

#include "migctl/report.h"
#include "migctl/stats.h"

/* The figure of this, NULL: it was not measured, or never went well. */
const struct mig_figure *bench_find(const struct mig_figures *figures, enum mig_measure what,
				    uint64_t chunk);
const struct mig_figure *bench_find_arc(const struct mig_figures *figures, enum mig_state from,
					enum mig_state to);
/* Bytes a second by the median; 0: no time at all, or no data. */
double bench_rate(const struct mig_figure *figure);
/* "running -> stop", "save, 4 KiB a call" ...; cut to the room there is. */
void bench_label(const struct mig_figure *figure, char *text, size_t size);
/* "4 KiB"; what is no whole number of a unit stays in the lesser one. */
void bench_bytes(uint64_t bytes, char text[32]);

#endif
