/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random walk over a device: each step is done as the model allows it, and
 * the answer is given to the model to judge.
 */
#ifndef MIGCTL_STROLL_H
#define MIGCTL_STROLL_H

#include "conform.h"
#include "migctl/model.h"

struct image;

struct stroll {
	struct conform *conform;
	struct mig_model model;
	/*
	 * given: the last state that the device gave whole, which is what it is
	 * given back; the engine's image, or one of own. The other own one takes
	 * what the session of now gives.
	 */
	struct image *own[2], *given, *taking;
	bool keeps;             /* taking has all of the session so far */
	uint64_t session;       /* of the model: whose data that is */
	uint64_t came;          /* bytes of it, since its state was entered */
	size_t put, windows;    /* of given, written in this session */
	struct mig_error error; /* of the last transfer */
	/* What went wrong. */
	enum mig_stray stray;
	struct mig_stride strayed;
	char text[MIG_MODEL_TEXT];
};

/* 0, or -ENOMEM. The conform outlives it. */
int stroll_open(struct stroll *stroll, struct conform *conform);
void stroll_close(struct stroll *stroll);
/* At the beginning, with the device in RUNNING. */
void stroll_begin(struct stroll *stroll);
/*
 * One legal step. 0: as it should be; 1: the device strayed; -1: the device is
 * lost, and the test has failed.
 */
int stroll_step(struct stroll *stroll, const struct mig_stride *stride);
/* A device that no reset brings out of RESUMING gets the rest, and leaves it. */
void stroll_end(struct stroll *stroll);

#endif
