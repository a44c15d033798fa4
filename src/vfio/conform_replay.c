// SPDX-License-Identifier: GPL-2.0-or-later
#include "conform_replay.h"
#include "clock.h"
#include "migctl/reduce.h"

/* What is spent on making it short: whoever waits has the long one already. */
#define TRIES_MAX 1000u
#define NS_MAX 20000000000u

struct replay {
	struct mig_reducer reducer;
	struct stroll *stroll;
	enum mig_stray stray; /* what is to show again, and at which step */
	struct mig_stride strayed;
	unsigned int tries;
	uint64_t begun_ns;
};

/* The same is wrong; of a transition, of that to the same state. */
static bool alike(const struct replay *replay)
{
	const struct stroll *stroll = replay->stroll;
	bool set = replay->strayed.kind == MIG_STRIDE_SET;

	return stroll->stray == replay->stray && (stroll->strayed.kind == MIG_STRIDE_SET) == set &&
	       stroll->strayed.state == replay->strayed.state;
}

/* 1: alike; 0: not, or a failure of another kind; -1: over. */
static int walk_again(struct replay *replay, const struct mig_stride *strides, size_t count)
{
	struct stroll *stroll = replay->stroll;
	struct conform *conform = stroll->conform;
	int ret = 0;

	stroll_end(stroll);
	if (conform_home(conform))
		return -1;
	stroll_begin(stroll);
	for (size_t i = 0; i < count && !ret; i++) {
		if (conform_over(conform))
			return -1;
		if (mig_model_allows(&stroll->model, &strides[i]))
			ret = stroll_step(stroll, &strides[i]);
	}
	if (conform->lost)
		return -1;
	return ret > 0 && alike(replay);
}

static int fails(struct mig_reducer *reducer, const struct mig_stride *strides, size_t count)
{
	struct replay *replay = (struct replay *)reducer;

	if (replay->tries++ == TRIES_MAX || now_ns() - replay->begun_ns > NS_MAX)
		return -1;
	return walk_again(replay, strides, count);
}

size_t conform_replay(struct stroll *stroll, struct mig_stride *strides, size_t count)
{
	struct replay replay = { .reducer = { .fails = fails },
				 .stroll = stroll,
				 .stray = stroll->stray,
				 .strayed = stroll->strayed,
				 .begun_ns = now_ns() };

	return mig_reduce(&replay.reducer, strides, count);
}
