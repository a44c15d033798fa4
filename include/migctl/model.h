/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device in the hands of a random walk should be doing: the model says
 * which steps are legal now, and judges what the device answered to each.
 *
 * Only what the protocol promises is held against a driver. Sizes are
 * estimates there, and the data is the driver's own: so neither is compared,
 * but what the device gave whole has to be taken again.
 */
#ifndef MIGCTL_MODEL_H
#define MIGCTL_MODEL_H

#include "migctl/random.h"
#include "migctl/route.h"
#include "migctl/stride.h"

struct mig_model {
	struct mig_rules rules;
	bool resets;          /* the device offers VFIO_DEVICE_RESET */
	bool drains;          /* data is read to its end: there is one, not too far away */
	bool loads;           /* there is a state to load */
	bool empty;           /* and nothing is in it */
	enum mig_state first; /* what opening led to, beside RUNNING */
	enum mig_state state;
	uint64_t session; /* counts the data transfers that were begun */
	bool open;        /* its way is open: v2, the data_fd */
	bool ended;       /* saving: the end was read, in pre-copy that for now */
	bool whole;       /* RESUMING: all was written */
	bool spoiled;     /* only a reset leads on */
	bool told;        /* initial is good: initial_bytes, as last told in this session */
	uint64_t initial;
	/* v1, by state: bits of those it naks, and of those it went to. */
	uint8_t refused[MIG_STATE_COUNT + 1], accepted[MIG_STATE_COUNT + 1];
};

/* What the device made of a step. */
struct mig_answer {
	int err;                          /* of the call, a positive errno; 0: it went well */
	const char *what;                 /* why, in words, when err; NULL: the errno says it */
	struct mig_reading before, after; /* GET: before. SET: both. RESET, REOPEN: after */
	bool cut;         /* SET, v1: the write took too little, and there is no errno */
	bool new_fd;      /* SET: a data_fd came */
	bool alive;       /* SET, RESET: the data_fd that ended moves data still */
	uint64_t moved;   /* READ, DRAIN, WRITE, WRITE_ALL: bytes */
	bool end;         /* READ, DRAIN: no more, in pre-copy for now */
	bool endless;     /* of them: given up, for it gave far too much */
	bool whole;       /* WRITE, WRITE_ALL: all of it was taken */
	uint64_t initial; /* PRECOPY_INFO */
};

/* What is wrong with an answer. */
enum mig_stray {
	MIG_STRAY_NONE,
	MIG_STRAY_MOVED,      /* the state is another one, and nobody asked for that */
	MIG_STRAY_REFUSED,    /* a legal SET, or the load of a state that it gave, failed */
	MIG_STRAY_ELSEWHERE,  /* a SET went well, and the state is another one */
	MIG_STRAY_FD,         /* a data_fd where none is to come, or none where one is */
	MIG_STRAY_ALIVE,      /* a data_fd moves data after its session */
	MIG_STRAY_READ,       /* failed */
	MIG_STRAY_ENDLESS,    /* no end of the data */
	MIG_STRAY_AFTER_END,  /* data after the end */
	MIG_STRAY_WRITE,      /* failed */
	MIG_STRAY_INFO,       /* failed, or initial_bytes grew, or were left at the end */
	MIG_STRAY_SIZE,       /* failed */
	MIG_STRAY_RESET,      /* failed, or leads elsewhere */
	MIG_STRAY_UNREADABLE, /* its state: the walk's to find */
	MIG_STRAY_REOPENED,   /* neither RUNNING nor as it was closed, nor as at first */
};

/* In RUNNING, with no transfer: rules to first are given. */
void mig_model_begin(struct mig_model *model);
/* Is the step legal now? Never, what could do harm. */
bool mig_model_allows(const struct mig_model *model, const struct mig_stride *stride);
/* A legal step by the numbers; there is one always. */
struct mig_stride mig_model_choose(const struct mig_model *model, struct mig_random *random);
/* Goes on with the model after a legal step; a stray is told in the text. */
#define MIG_MODEL_TEXT 800
enum mig_stray mig_model_judge(struct mig_model *model, const struct mig_stride *stride,
			       const struct mig_answer *answer, char text[MIG_MODEL_TEXT]);

/* PRE_COPY, PRE_COPY_P2P, STOP_COPY: uapi calls them the saving group. */
bool mig_model_saves(enum mig_state state);

#endif
