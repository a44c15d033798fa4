/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `bench` measured: of each thing all the times it took, in nanoseconds.
 * Plain values; a later run, or another machine, reads them from a file.
 */
#ifndef MIGCTL_FIGURE_H
#define MIGCTL_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "migctl/state.h"

enum mig_measure {
	MIG_MEASURE_ARC,       /* the driver's write of device_state */
	MIG_MEASURE_STOPPED,   /* a save: the device did not work until its data was out */
	MIG_MEASURE_SAVE,      /* the driver's calls that give all of its data */
	MIG_MEASURE_RESTORE,   /* those that take it */
	MIG_MEASURE_GET,       /* reading device_state */
	MIG_MEASURE_DATA_SIZE, /* v2: VFIO_DEVICE_FEATURE_MIG_DATA_SIZE */
};
#define MIG_MEASURE_COUNT (MIG_MEASURE_DATA_SIZE + 1)

/* "arc", "stopped", ... */
const char *mig_measure_name(enum mig_measure measure);
bool mig_measure_parse(const char *word, enum mig_measure *measure);

struct mig_figure {
	/* What it is of: no two of these in one set. */
	enum mig_measure what;
	enum mig_state from, to; /* ARC; else both are MIG_STATE_ERROR */
	uint64_t chunk; /* SAVE, RESTORE: bytes a call at most; 0: as save and restore do it */
	/* What was found. */
	uint64_t bytes; /* SAVE, RESTORE: what was moved, the mean of all times */
	uint64_t moved; /* in all of them */
	size_t n;
	uint64_t *ns; /* n of them; ascending after mig_figures_sort() */
	size_t room;
	size_t naks; /* ARC: how often the driver refused */
	int err;     /* and with which errno; 0: none */
};

/* 20 arcs, save and restore by as many sizes as may be asked for, and the rest. */
#define MIG_CHUNKS_MAX 16
#define MIG_FIGURES_MAX (20 + 2 * (MIG_CHUNKS_MAX + 1) + 3)
/* No run takes more of one; more in a file is not believed. */
#define MIG_SAMPLES_MAX 100000

struct mig_figures {
	struct mig_figure items[MIG_FIGURES_MAX];
	size_t count;
};

/* The one that is of the same thing as like, NULL: there is none. */
struct mig_figure *mig_figures_find(struct mig_figures *figures, const struct mig_figure *like);
/* The same, made where there is none; NULL: no room. */
struct mig_figure *mig_figures_add(struct mig_figures *figures, const struct mig_figure *like);
/* -ENOMEM, or -E2BIG beyond MIG_SAMPLES_MAX; the figure is good all the same. */
int mig_figure_take(struct mig_figure *figure, uint64_t ns);
/* What the time just taken is of. */
void mig_figure_moved(struct mig_figure *figure, uint64_t bytes);
void mig_figures_sort(struct mig_figures *figures);
void mig_figures_clear(struct mig_figures *figures);

#endif
