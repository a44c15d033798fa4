/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long walk that fails, cut down to a short one that fails alike: delta
 * debugging after Zeller and Hildebrandt, Simplifying and isolating
 * failure-inducing input, 2002.
 */
#ifndef MIGCTL_REDUCE_H
#define MIGCTL_REDUCE_H

#include "migctl/stride.h"

struct mig_reducer {
	/*
	 * Do these steps fail alike? 1, 0; < 0: no more tries. Steps that are not
	 * legal where they come are to be left out, not to fail.
	 */
	int (*fails)(struct mig_reducer *reducer, const struct mig_stride *strides, size_t count);
};

/*
 * Leaves the shortest list found at the beginning of strides: how many they
 * are. 0: none failed, or there is no memory.
 */
size_t mig_reduce(struct mig_reducer *reducer, struct mig_stride *strides, size_t count);

#endif
