/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scripts of a v1 save begin and end with. */
#ifndef TEST_MOVE_V1_SAVE_H
#define TEST_MOVE_V1_SAVE_H

#include "test_move_fake.h"

#define SAVE(calls) run_save(&mig_proto_v1, calls, COUNT(calls))
/* From RUNNING into stop-and-copy, and back when all is there. */
#define OUT GET('R'), GO('C')
#define HOME GET('C'), GO('S'), GO('R')
#define WINDOW(bytes) PENDING(bytes), OFFSET(0x20), SIZE(bytes)

static inline void all_is_well(uint64_t bytes, size_t transactions)
{
	assert_int_equal(taken.end, 0);
	assert_int_equal(taken.bytes, bytes);
	assert_int_equal(move.bytes, bytes);
	assert_int_equal(move.transactions, transactions);
	assert_false(move.left);
	assert_false(move.other_side);
}

#endif
