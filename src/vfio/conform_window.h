/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The v1 window, judged while it is used: each -1 below says that the test is. */
#ifndef MIGCTL_VFIO_CONFORM_WINDOW_H
#define MIGCTL_VFIO_CONFORM_WINDOW_H

#include "conform_save.h"

struct conform_window {
	uint64_t pending, offset, size; /* as the registers have them */
};

/* The announced part that can be mapped and has all of that in it; NULL: there is none. */
const struct mig_area *conform_mapped(const struct mig_region *region, uint64_t offset,
				      uint64_t size);

/* Reads pending_bytes, which acknowledges the window before. */
int conform_pending(struct conform *conform, struct image *image, struct conform_window *window);
/* Makes the next window ready, reads where it is, and sees that it is in the region. */
int conform_window(struct conform *conform, struct image *image, struct conform_window *window);
/* Reads its data, behind what the image has. */
int conform_take(struct conform *conform, struct image *image, const struct conform_window *window);
/* In stop-and-copy: the whole state, as conform_save(), with every register read twice. */
int conform_save_windows(struct conform *conform, struct image *image);

#endif
