// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/tour.h"

#define STEPS_MAX 64

/* One round; how often each arc was passed. Ends at home, or fails. */
static size_t go(struct mig_tour *tour, const struct mig_rules *rules,
		 unsigned int passed[MIG_STATE_COUNT][MIG_STATE_COUNT])
{
	enum mig_state at = MIG_STATE_RUNNING, to;
	size_t steps = 0;

	memset(passed, 0, sizeof(unsigned int[MIG_STATE_COUNT][MIG_STATE_COUNT]));
	mig_tour_begin(tour);
	while (mig_tour_next(tour, at, MIG_STATE_RUNNING, &to)) {
		assert_true(mig_tour_arc(rules, at, to));
		assert_int_not_equal(to, MIG_STATE_RESUMING);
		passed[at][to]++;
		at = to;
		assert_true(++steps < STEPS_MAX);
	}
	assert_int_equal(at, MIG_STATE_RUNNING);
	return steps;
}

static size_t arcs_of(const struct mig_rules *rules)
{
	size_t count = 0;

	for (int from = 0; from < MIG_STATE_COUNT; from++)
		for (int to = 0; to < MIG_STATE_COUNT; to++)
			count += mig_tour_arc(rules, (enum mig_state)from, (enum mig_state)to);
	return count;
}

/* Each arc but RESUMING's is passed once at least, and nothing is passed for nothing. */
static void covers(const struct mig_rules *rules, size_t arcs, size_t most)
{
	unsigned int passed[MIG_STATE_COUNT][MIG_STATE_COUNT];
	struct mig_tour tour;
	size_t steps;

	mig_tour_open(&tour, rules);
	steps = go(&tour, rules, passed);
	for (int from = 0; from < MIG_STATE_COUNT; from++)
		for (int to = 0; to < MIG_STATE_COUNT; to++)
			if (from != MIG_STATE_RESUMING && to != MIG_STATE_RESUMING &&
			    mig_tour_arc(rules, (enum mig_state)from, (enum mig_state)to) &&
			    !passed[from][to])
				fail_msg("%s -> %s was not passed",
					 mig_state_name((enum mig_state)from),
					 mig_state_name((enum mig_state)to));
	assert_int_equal(arcs_of(rules), arcs);
	assert_in_range(steps, 1, most);
	/* The next round is the same. */
	assert_int_equal(go(&tour, rules, passed), steps);
}

/* The kernel's vfio_mig_get_next_state(): the arcs that drivers implement. */
static void test_v2(void **state)
{
	static const struct {
		unsigned int caps;
		size_t arcs, most;
	} cases[] = {
		{ MIG_CAP_STOP_COPY, 6, 4 },
		{ MIG_CAP_STOP_COPY | MIG_CAP_P2P, 8, 6 },
		{ MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY, 9, 10 },
		{ MIG_CAPS_ALL, 15, 22 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		covers(&(struct mig_rules){ .protocol = MIG_PROTOCOL_V2, .caps = cases[i].caps },
		       cases[i].arcs, cases[i].most);
}

static void test_v1(void **state)
{
	(void)state;
	covers(&(struct mig_rules){ .protocol = MIG_PROTOCOL_V1, .table = MIG_TABLE_REVIEWED }, 12,
	       12);
}

/* What is refused is not asked again, and what can still be reached is passed. */
static void test_closed(void **state)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAPS_ALL };
	unsigned int passed[MIG_STATE_COUNT][MIG_STATE_COUNT];
	struct mig_tour tour;

	(void)state;
	mig_tour_open(&tour, &rules);
	mig_tour_close(&tour, MIG_STATE_RUNNING, MIG_STATE_PRE_COPY);
	go(&tour, &rules, passed);
	assert_int_equal(passed[MIG_STATE_RUNNING][MIG_STATE_PRE_COPY], 0);
	assert_true(passed[MIG_STATE_PRE_COPY][MIG_STATE_RUNNING]); /* by way of pre-copy-p2p */
	mig_tour_close(&tour, MIG_STATE_RUNNING, MIG_STATE_RUNNING_P2P);
	assert_int_equal(go(&tour, &rules, passed), 0);
}

/* Two states that lead to each other, and neither home: nothing goes there any more. */
static void test_wall(void **state)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAPS_ALL };
	unsigned int passed[MIG_STATE_COUNT][MIG_STATE_COUNT];
	struct mig_tour tour;

	(void)state;
	mig_tour_open(&tour, &rules);
	mig_tour_close(&tour, MIG_STATE_STOP, MIG_STATE_RUNNING_P2P);
	mig_tour_wall(&tour, MIG_STATE_RUNNING);
	go(&tour, &rules, passed);
	for (int to = 0; to < MIG_STATE_COUNT; to++)
		assert_int_equal(passed[to][MIG_STATE_STOP] + passed[to][MIG_STATE_STOP_COPY], 0);
	assert_true(passed[MIG_STATE_PRE_COPY_P2P][MIG_STATE_RUNNING_P2P]);
	assert_true(passed[MIG_STATE_PRE_COPY_P2P][MIG_STATE_PRE_COPY]);
	/* Where all lead home nothing is walled up. */
	mig_tour_open(&tour, &rules);
	mig_tour_wall(&tour, MIG_STATE_RUNNING);
	go(&tour, &rules, passed);
	assert_true(passed[MIG_STATE_STOP][MIG_STATE_STOP_COPY]);
}

/* No way home: it says so by ending elsewhere. */
static void test_trap(void **state)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAP_STOP_COPY };
	enum mig_state at = MIG_STATE_RUNNING, to;
	struct mig_tour tour;

	(void)state;
	mig_tour_open(&tour, &rules);
	mig_tour_close(&tour, MIG_STATE_STOP, MIG_STATE_RUNNING);
	mig_tour_begin(&tour);
	for (int i = 0; i < 3; i++) {
		assert_true(mig_tour_next(&tour, at, MIG_STATE_RUNNING, &to));
		at = to;
	}
	assert_false(mig_tour_next(&tour, at, MIG_STATE_RUNNING, &to));
	assert_int_equal(at, MIG_STATE_STOP);
	assert_false(mig_tour_next(&tour, MIG_STATE_INVALID, MIG_STATE_RUNNING, &to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),     cmocka_unit_test(test_v1),
		cmocka_unit_test(test_closed), cmocka_unit_test(test_trap),
		cmocka_unit_test(test_wall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
