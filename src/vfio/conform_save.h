/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States as the tests of data and of loads take them: saved, saved again, compared. */
#ifndef MIGCTL_VFIO_CONFORM_SAVE_H
#define MIGCTL_VFIO_CONFORM_SAVE_H

#include "conform.h"
#include "image.h"

/* The tests of data: of pre-copy, and those of v1. */
extern const struct conform_test conform_data_precopy[], conform_data_windows[];
extern const size_t conform_data_precopy_count, conform_data_windows_count;

/* For image_close() with conform->sys; NULL: no memory, and the test is skipped. */
struct image *conform_image(struct conform *conform);

/* Goes to STOP_COPY, and has a data_fd to read there where the protocol has them: 0, or -1. */
int conform_begin_save(struct conform *conform);
/*
 * In STOP_COPY: the whole state, from where the stream is. -1: it could not be
 * had; the test has failed, or is skipped where the state is too large for it.
 */
int conform_save(struct conform *conform, struct image *image);
/* Likewise, behind what the image has already. */
int conform_save_rest(struct conform *conform, struct image *image);

/* An odd size at each offset, for image->step: single bytes first. */
size_t conform_odd_step(size_t at);

/* Are they equal? If not, where they differ is in *at: the shorter one's size at most. */
bool conform_same(const struct image *a, const struct image *b, size_t *at);

/* What happens between two saves that are compared, and how the later one is made. */
struct conform_trial {
	enum mig_state base; /* where the device is between the saves */
	/* From base; it may end in any state that has a way back. NULL: nothing. -1: judged. */
	int (*disturb)(struct conform *conform, struct image *scratch);
	int (*save)(struct conform *conform, struct image *image); /* NULL: conform_save() */
	size_t (*step)(size_t at);                                 /* of the later one */
	bool runs; /* meanwhile, so that another state breaks no rule: a warning */
};
/*
 * Saves twice, disturbs, saves again: fails the test, or warns, when the last
 * state is another, twice, and the first two were equal each time. what:
 * "after ...".
 */
void conform_judge_trial(struct conform *conform, const struct conform_trial *trial,
			 const char *what);

/* Where two states that were saved differ. */
struct conform_sizes {
	size_t before, after, at;
};
/* Are two saves in a row equal? 1, 0 with *sizes, or -1: the test is judged. */
int conform_save_twice(struct conform *conform, enum mig_state base, struct conform_sizes *sizes);

#endif
