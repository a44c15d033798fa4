// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "migctl/reduce.h"

struct reduction {
	struct mig_reducer *reducer;
	struct mig_stride *strides, *trial;
	size_t count;
	bool over; /* no more tries */
};

static bool fails(struct reduction *reduction, const struct mig_stride *strides, size_t count)
{
	int ret =
		reduction->over ? 0 : reduction->reducer->fails(reduction->reducer, strides, count);

	reduction->over |= ret < 0;
	return ret > 0;
}

/*
 * What leads to a failure mostly lies just before it, and a walk of many steps
 * is dear to repeat: the last 1, 2, 4, ... of them.
 */
static bool cut_front(struct reduction *reduction)
{
	struct mig_stride *strides = reduction->strides;
	size_t count = reduction->count, tail = 1;

	while (!fails(reduction, strides + count - tail, tail)) {
		if (tail == count || reduction->over)
			return false;
		tail = tail > count / 2 ? count : tail * 2;
	}
	memmove(strides, strides + count - tail, tail * sizeof(*strides));
	reduction->count = tail;
	return true;
}

/* Leaves out each piece of that size in turn; true: some were not needed. */
static bool leave_out(struct reduction *reduction, size_t size)
{
	struct mig_stride *strides = reduction->strides, *trial = reduction->trial;
	bool left_out = false;

	for (size_t at = 0; at < reduction->count && reduction->count > 1;) {
		size_t piece = reduction->count - at < size ? reduction->count - at : size;
		size_t rest = reduction->count - piece;

		memcpy(trial, strides, at * sizeof(*strides));
		memcpy(trial + at, strides + at + piece, (rest - at) * sizeof(*strides));
		if (rest && fails(reduction, trial, rest)) {
			memcpy(strides, trial, rest * sizeof(*strides));
			reduction->count = rest;
			left_out = true;
		} else {
			at += piece;
		}
	}
	return left_out;
}

/* A transfer of one is simpler than one of 37123. */
static void lessen(struct reduction *reduction)
{
	for (size_t i = 0; i < reduction->count; i++) {
		uint32_t amount = reduction->strides[i].amount;

		if (amount <= 1)
			continue;
		reduction->strides[i].amount = 1;
		if (!fails(reduction, reduction->strides, reduction->count))
			reduction->strides[i].amount = amount;
	}
}

static void leave_out_each(struct reduction *reduction)
{
	bool left_out;

	do
		left_out = leave_out(reduction, 1);
	while (left_out && !reduction->over);
}

/* One transfer of all is shorter than five of a part; kept if that makes the list shorter. */
static void gather(struct reduction *reduction)
{
	size_t before = reduction->count;
	struct mig_stride *kept = calloc(before, sizeof(*kept));

	if (!kept)
		return;
	memcpy(kept, reduction->strides, before * sizeof(*kept));
	for (size_t i = 0; i < before; i++) {
		struct mig_stride *stride = &reduction->strides[i];

		if (stride->amount)
			*stride = (struct mig_stride){ .kind = stride->kind == MIG_STRIDE_READ
								       ? MIG_STRIDE_DRAIN
								       : MIG_STRIDE_WRITE_ALL };
	}
	if (memcmp(kept, reduction->strides, before * sizeof(*kept)) != 0 &&
	    fails(reduction, reduction->strides, before))
		leave_out_each(reduction);
	if (reduction->count == before)
		memcpy(reduction->strides, kept, before * sizeof(*kept));
	free(kept);
}

size_t mig_reduce(struct mig_reducer *reducer, struct mig_stride *strides, size_t count)
{
	struct reduction reduction = { .reducer = reducer, .strides = strides, .count = count };

	if (!count || !cut_front(&reduction))
		return 0;
	reduction.trial = calloc(reduction.count, sizeof(*reduction.trial));
	if (!reduction.trial)
		return reduction.count;
	for (size_t size = reduction.count / 2; size > 1; size /= 2)
		leave_out(&reduction, size);
	leave_out_each(&reduction);
	gather(&reduction);
	lessen(&reduction);
	free(reduction.trial);
	return reduction.count;
}
