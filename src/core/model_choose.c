// SPDX-License-Identifier: GPL-2.0-or-later
/* Which legal step comes next: by chance, and so that the data is moved often. */
#include "migctl/model.h"

/* What pre-copy reads at a time, at most; half of all amounts are below 256. */
#define AMOUNT_BITS 17
#define WINDOWS 4

static uint32_t amount(const struct mig_model *model, struct mig_random *random)
{
	if (model->rules.protocol == MIG_PROTOCOL_V1)
		return 1 + (uint32_t)mig_random_below(random, WINDOWS);
	return 1 + (uint32_t)mig_random_below(random, 1u << mig_random_below(random, AMOUNT_BITS));
}

/* The states in which there is something to do come more often. */
static enum mig_state target(struct mig_random *random)
{
	static const enum mig_state targets[] = {
		MIG_STATE_STOP,         MIG_STATE_RUNNING,   MIG_STATE_RUNNING_P2P,
		MIG_STATE_STOP_COPY,    MIG_STATE_STOP_COPY, MIG_STATE_RESUMING,
		MIG_STATE_RESUMING,     MIG_STATE_PRE_COPY,  MIG_STATE_PRE_COPY,
		MIG_STATE_PRE_COPY_P2P,
	};

	return targets[mig_random_below(random, sizeof(targets) / sizeof(*targets))];
}

/* Of a hundred: what is not legal is thrown again. */
static enum mig_stride_kind kind(struct mig_random *random)
{
	static const struct {
		enum mig_stride_kind kind;
		unsigned int share;
	} shares[] = {
		{ MIG_STRIDE_SET, 34 },      { MIG_STRIDE_READ, 20 },
		{ MIG_STRIDE_DRAIN, 7 },     { MIG_STRIDE_WRITE, 14 },
		{ MIG_STRIDE_WRITE_ALL, 9 }, { MIG_STRIDE_PRECOPY_INFO, 6 },
		{ MIG_STRIDE_DATA_SIZE, 3 }, { MIG_STRIDE_GET, 3 },
		{ MIG_STRIDE_RESET, 2 },     { MIG_STRIDE_CLOSE, 2 },
	};
	uint64_t roll = mig_random_below(random, 1000);

	/* Opening is dear, and on PCI a reset. */
	if (roll < 2)
		return MIG_STRIDE_REOPEN;
	roll %= 100;
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		if (roll < shares[i].share)
			return shares[i].kind;
		roll -= shares[i].share;
	}
	return MIG_STRIDE_GET;
}

struct mig_stride mig_model_choose(const struct mig_model *model, struct mig_random *random)
{
	struct mig_stride stride;

	/* Where only a reset leads on, nothing else is to be thrown. */
	if (model->spoiled)
		return (struct mig_stride){ .kind = MIG_STRIDE_RESET };
	do {
		stride = (struct mig_stride){ .kind = kind(random) };
		if (stride.kind == MIG_STRIDE_SET)
			stride.state = target(random);
		if (stride.kind == MIG_STRIDE_READ || stride.kind == MIG_STRIDE_WRITE)
			stride.amount = amount(model, random);
	} while (!mig_model_allows(model, &stride));
	return stride;
}
