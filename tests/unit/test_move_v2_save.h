/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scripts of a v2 save begin and end with. */
#ifndef TEST_MOVE_V2_SAVE_H
#define TEST_MOVE_V2_SAVE_H

#include "test_move_fake.h"

#define SAVE(calls) run_save(&mig_proto_v2, calls, COUNT(calls))
#define HOME V2_GET('C'), V2_GO('S', -1), V2_GO('R', -1)

static inline void all_is_well(uint64_t bytes, size_t pieces)
{
	assert_int_equal(taken.end, 0);
	assert_int_equal(taken.bytes, bytes);
	assert_int_equal(taken.count, pieces);
	assert_int_equal(move.bytes, bytes);
	assert_int_equal(move.transactions, pieces);
	for (size_t i = 0; i < pieces; i++)
		assert_false(taken.more[i]);
	assert_false(move.left || move.other_side);
	is_in('R');
	done();
}

#endif
