/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads, good and bad, as the tests of the group resume make them. */
#ifndef MIGCTL_VFIO_CONFORM_LOAD_H
#define MIGCTL_VFIO_CONFORM_LOAD_H

#include "conform_save.h"

extern const struct conform_test conform_resume_bad[];
extern const size_t conform_resume_bad_count;

/* Into RESUMING, with a state of the device at hand: 0; -1: judged. */
int conform_begin_load(struct conform *conform);
/* Of conform->image, which has to stay good; as conform_image(). */
struct image *conform_copy_image(struct conform *conform);
/* Writes it in RESUMING: 0, or the errno the driver has for it. -1: lost. */
int conform_load(struct conform *conform, struct image *image);
/* After conform_begin_load(): half of a good load, or all its transactions but the last. */
int conform_load_part(struct conform *conform);
/* The state that leaving RESUMING leads to first. */
enum mig_state conform_beyond(const struct conform *conform);
/*
 * Leaves RESUMING with what was written: 0 it was taken; 1 it was refused, as it
 * may be, with an errno and in RESUMING or ERROR; -1: judged. what: "leaving ...".
 */
int conform_leave(struct conform *conform, const char *what);

#endif
