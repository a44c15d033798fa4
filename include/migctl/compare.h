/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two runs of `bench`, figure by figure: what changed, and more than the noise? Pure. */
#ifndef MIGCTL_COMPARE_H
#define MIGCTL_COMPARE_H

#include "migctl/figure.h"

enum mig_shift {
	MIG_SHIFT_SAME,   /* the rank test sees no difference */
	MIG_SHIFT_SLIGHT, /* it does, but none that exceeds the margin */
	MIG_SHIFT_FASTER, /* B is, by more than the margin */
	MIG_SHIFT_SLOWER,
	MIG_SHIFT_TOO_FEW, /* so few samples could not show any difference */
	MIG_SHIFT_UNLIKE,  /* another amount of data was moved, by more than 1 % */
	MIG_SHIFT_ALONE,   /* one of the runs has it only, or was refused it */
};
#define MIG_SHIFT_COUNT (MIG_SHIFT_ALONE + 1)

const char *mig_shift_name(enum mig_shift shift);

struct mig_comparison {
	const struct mig_figure *a, *b; /* NULL: that run does not have it */
	enum mig_shift shift;
	bool tested;   /* change and p are good */
	double change; /* of the median, in per cent of A's */
	double p;      /* two-sided; corrected for how many figures are looked at */
	bool exact;    /* it was counted out */
	double least;  /* p that so many samples can give */
};

struct mig_compare_options {
	double alpha;
	unsigned int margin; /* per cent */
};

/*
 * Two runs never are alike to the last: what counts is a change that the rank
 * test still sees when A is moved towards B by the margin. The p of all figures
 * are corrected as Holm has it, or one in alpha of them would seem to have
 * changed. Both are sorted. -ENOMEM; *count items, in the order of A.
 */
int mig_compare(const struct mig_figures *a, const struct mig_figures *b,
		const struct mig_compare_options *options,
		struct mig_comparison items[2 * MIG_FIGURES_MAX], size_t *count);

#endif
