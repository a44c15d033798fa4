// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/table.h"

/* The arcs, from the thread: two letters each. */
static const char *const posted[] = { "SR", "SM", "RS", "RC", "RP", "CS",
				      "CR", "PR", "PC", "MR", "MS" };
static const char *const review[] = { "RM" };
static const char *const questioned[] = { "SC", "SP", "CP", "CM", "PS", "PM", "MC", "MP" };

static bool listed(const char *const *arcs, size_t count, enum mig_state from, enum mig_state to)
{
	for (size_t i = 0; i < count; i++)
		if (letter_state(arcs[i][0]) == from && letter_state(arcs[i][1]) == to)
			return true;
	return false;
}

static bool expected(enum mig_table table, enum mig_state from, enum mig_state to)
{
	if (listed(posted, COUNT(posted), from, to))
		return true;
	if (table >= MIG_TABLE_REVIEWED && listed(review, COUNT(review), from, to))
		return true;
	return table == MIG_TABLE_OPEN && listed(questioned, COUNT(questioned), from, to);
}

static void test_every_pair(void **state)
{
	static const size_t counts[] = {
		[MIG_TABLE_POSTED] = 11, [MIG_TABLE_REVIEWED] = 12, [MIG_TABLE_OPEN] = 20
	};

	(void)state;
	for (int t = MIG_TABLE_POSTED; t <= MIG_TABLE_OPEN; t++) {
		size_t count = 0;

		for (int from = -1; from < STATES_AND_BEYOND; from++) {
			for (int to = -1; to < STATES_AND_BEYOND; to++) {
				bool has = mig_table_v1_arc((enum mig_table)t, (enum mig_state)from,
							    (enum mig_state)to);

				count += has;
				if (has != expected((enum mig_table)t, (enum mig_state)from,
						    (enum mig_state)to))
					fail_msg("table %d, %d -> %d: %s", t, from, to,
						 has ? "has it" : "lacks it");
			}
		}
		assert_int_equal(count, counts[t]);
	}
}

static void has_origin(const char *const *arcs, size_t count, enum mig_origin origin)
{
	for (size_t i = 0; i < count; i++) {
		enum mig_state from = letter_state(arcs[i][0]), to = letter_state(arcs[i][1]);
		const struct mig_arc *arc = mig_table_v1_arc(MIG_TABLE_OPEN, from, to);

		assert_non_null(arc);
		assert_int_equal(arc->origin, origin);
		assert_true(has_words(arc->reason));
	}
}

static void test_origins(void **state)
{
	(void)state;
	has_origin(posted, COUNT(posted), MIG_ORIGIN_POSTED);
	has_origin(review, COUNT(review), MIG_ORIGIN_REVIEW);
	has_origin(questioned, COUNT(questioned), MIG_ORIGIN_QUESTIONED);
	assert_string_equal(mig_origin_name(MIG_ORIGIN_POSTED), "posted");
	assert_string_equal(mig_origin_name(MIG_ORIGIN_REVIEW), "review");
	assert_string_equal(mig_origin_name(MIG_ORIGIN_QUESTIONED), "questioned");
}

/* What one table says of an arc, the larger ones repeat. */
static void test_subsets(void **state)
{
	(void)state;
	for (int from = 0; from < MIG_STATE_COUNT; from++) {
		for (int to = 0; to < MIG_STATE_COUNT; to++) {
			const struct mig_arc *arc[3];

			for (int t = 0; t < 3; t++)
				arc[t] = mig_table_v1_arc((enum mig_table)t, (enum mig_state)from,
							  (enum mig_state)to);
			if (arc[0])
				assert_ptr_equal(arc[0], arc[1]);
			if (arc[1])
				assert_ptr_equal(arc[1], arc[2]);
		}
	}
}

static void test_error_takes_no_part(void **state)
{
	(void)state;
	for (int t = MIG_TABLE_POSTED; t <= MIG_TABLE_OPEN; t++) {
		for (int other = 0; other < STATES_AND_BEYOND; other++) {
			assert_null(mig_table_v1_arc((enum mig_table)t, MIG_STATE_ERROR,
						     (enum mig_state)other));
			assert_null(mig_table_v1_arc((enum mig_table)t, (enum mig_state)other,
						     MIG_STATE_ERROR));
		}
	}
	assert_non_null(
		strstr(mig_table_v1_refusal(MIG_TABLE_OPEN, MIG_STATE_ERROR, MIG_STATE_RUNNING),
		       "VFIO_DEVICE_RESET"));
	assert_non_null(
		strstr(mig_table_v1_refusal(MIG_TABLE_OPEN, MIG_STATE_RUNNING, MIG_STATE_ERROR),
		       "never a target"));
	for (size_t i = 0; i < MIG_V1_STATES; i++)
		assert_int_not_equal(mig_v1_states[i], MIG_STATE_ERROR);
}

static void test_refusals(void **state)
{
	(void)state;
	for (int t = MIG_TABLE_POSTED; t <= MIG_TABLE_OPEN; t++)
		for (int from = 0; from < STATES_AND_BEYOND; from++)
			for (int to = 0; to < STATES_AND_BEYOND; to++)
				if (!expected((enum mig_table)t, (enum mig_state)from,
					      (enum mig_state)to))
					assert_true(has_words(mig_table_v1_refusal(
						(enum mig_table)t, (enum mig_state)from,
						(enum mig_state)to)));
	assert_non_null(strstr(
		mig_table_v1_refusal(MIG_TABLE_POSTED, MIG_STATE_RUNNING, MIG_STATE_RESUMING),
		"review"));
	assert_non_null(strstr(
		mig_table_v1_refusal(MIG_TABLE_OPEN, MIG_STATE_RUNNING, MIG_STATE_RUNNING_P2P),
		"peer-to-peer"));
	assert_non_null(strstr(
		mig_table_v1_refusal(MIG_TABLE_REVIEWED, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY),
		"Williamson"));
}

static void test_order_and_names(void **state)
{
	enum mig_table table = MIG_TABLE_POSTED;

	(void)state;
	for (size_t i = 0; i < MIG_V1_STATES; i++)
		assert_int_equal(mig_v1_states[i], letter_state("SRCPM"[i]));
	assert_string_equal(mig_table_name(MIG_TABLE_POSTED), "posted");
	assert_string_equal(mig_table_name(MIG_TABLE_REVIEWED), "reviewed");
	assert_string_equal(mig_table_name(MIG_TABLE_OPEN), "open");
	assert_true(mig_table_parse("Open", &table));
	assert_int_equal(table, MIG_TABLE_OPEN);
	assert_true(mig_table_parse("reviewed", &table));
	assert_int_equal(table, MIG_TABLE_REVIEWED);
	assert_false(mig_table_parse("review", &table));
	assert_false(mig_table_parse("", &table));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair), cmocka_unit_test(test_origins),
		cmocka_unit_test(test_subsets),    cmocka_unit_test(test_error_takes_no_part),
		cmocka_unit_test(test_refusals),   cmocka_unit_test(test_order_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
