/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A walk that failed, walked again in parts, until a short one fails alike. */
#ifndef MIGCTL_CONFORM_REPLAY_H
#define MIGCTL_CONFORM_REPLAY_H

#include "stroll.h"

/*
 * The shortest list found, at the beginning of strides: how many they are, 0
 * when it did not fail again. The device is where the last try left it.
 */
size_t conform_replay(struct stroll *stroll, struct mig_stride *strides, size_t count);

#endif
