/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window of the v1 migration region, as saving and restoring both use it. */
#ifndef MIGCTL_MOVE_V1_H
#define MIGCTL_MOVE_V1_H

#include "mover.h"

/* Call number i of the batch becomes the reading of this stage's register; of DATA, nothing yet. */
struct mig_call *mover_v1_register(struct mig_mover *mover, size_t i, enum mover_stage stage);
/*
 * The call becomes the transfer of a piece of the window, from its byte done
 * on: to or from the slot, from its byte at on. By memory where the region
 * offers that.
 */
void mover_v1_data(struct mig_mover *mover, struct mig_call *call, unsigned int slot, size_t at,
		   uint64_t done);
/* Takes the answer of data_offset. The stage is next afterwards, if there is an answer. */
int mover_v1_offset(struct mig_mover *mover, const struct mig_call *call, uint64_t offset,
		    enum mover_stage next);
/* -EPROTO with *error: it is in the header, or goes beyond the region. Else it is valid. */
int mover_v1_fits(struct mig_mover *mover, uint64_t offset, uint64_t size);
int mover_v1_feed(struct mig_mover *mover);
bool mover_v1_whole(const struct mig_mover *mover);
void mover_v1_end(struct mig_mover *mover);

#endif
