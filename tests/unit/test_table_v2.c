// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The 91 routes, each written out as the states it passes. Authority: the
 * list of composed transitions above vfio_mig_get_next_state()'s table in
 * drivers/vfio/vfio_main.c, read for each set of flags.
 */
#include "unit.h"

#include "migctl/route.h"

#define STOP_COPY MIG_CAP_STOP_COPY
#define P2P MIG_CAP_P2P
#define PRE_COPY MIG_CAP_PRE_COPY

static const char *const basic[] = { "SR", "SC",  "SM",  "RS", "RSC", "RSM",
				     "CS", "CSR", "CSM", "MS", "MSR", "MSC" };

static const char *const with_p2p[] = {
	"SrR", "SC",  "SM", "Sr",   "RrS", "RrSC", "RrSM", "Rr", "CS",  "CSrR",
	"CSM", "CSr", "MS", "MSrR", "MSC", "MSr",  "rS",   "rR", "rSC", "rSM",
};

static const char *const with_pre_copy[] = {
	"SR",  "SC", "SM",  "SRP", "RS",   "RSC", "RSM", "RP", "CS",   "CSR",
	"CSM", "MS", "MSR", "MSC", "MSRP", "PRS", "PR",  "PC", "PRSM",
};

static const char *const with_both[] = {
	"SrR",  "SC",   "SM",   "Sr",    "SrRP",  "Srp",  /* from STOP */
	"RrS",  "RrSC", "RrSM", "Rr",    "RP",    "Rrp",  /* from RUNNING */
	"CS",   "CSrR", "CSM",  "CSr",                    /* from STOP_COPY: the two gaps */
	"MS",   "MSrR", "MSC",  "MSr",   "MSrRP", "MSrp", /* from RESUMING */
	"rS",   "rR",   "rSC",  "rSM",   "rRP",   "rp",   /* from RUNNING_P2P */
	"PRrS", "PR",   "PpC",  "PRrSM", "PRr",   "Pp",   /* from PRE_COPY */
	"prS",  "prR",  "pC",   "prSM",  "pr",    "pP",   /* from PRE_COPY_P2P */
};

static const struct {
	unsigned int caps;
	const char *states;
	const char *const *routes;
	size_t count, figure;
} sets[] = {
	{ STOP_COPY, "SRCM", basic, COUNT(basic), 12 },
	{ STOP_COPY | P2P, "SRCMr", with_p2p, COUNT(with_p2p), 20 },
	{ STOP_COPY | PRE_COPY, "SRCMP", with_pre_copy, COUNT(with_pre_copy), 19 },
	{ STOP_COPY | P2P | PRE_COPY, "SRCMrPp", with_both, COUNT(with_both), 40 },
};

static const char *expected_route(size_t set, enum mig_state from, enum mig_state to)
{
	for (size_t i = 0; i < sets[set].count; i++) {
		const char *route = sets[set].routes[i];

		if (letter_state(route[0]) == from && letter_state(route[strlen(route) - 1]) == to)
			return route;
	}
	return NULL;
}

static bool has_state(size_t set, enum mig_state state)
{
	return (unsigned int)state < MIG_STATE_COUNT &&
	       strchr(sets[set].states, state_letter(state));
}

static void test_routes(void **state)
{
	(void)state;
	for (size_t set = 0; set < COUNT(sets); set++) {
		size_t found = 0;

		assert_int_equal(sets[set].count, sets[set].figure);
		for (int from = 0; from < STATES_AND_BEYOND; from++) {
			for (int to = 0; to < STATES_AND_BEYOND; to++) {
				const char *expected = expected_route(set, (enum mig_state)from,
								      (enum mig_state)to);
				struct mig_route route = { .count = 99 };
				bool is = mig_route_v2(sets[set].caps, (enum mig_state)from,
						       (enum mig_state)to, &route);

				found += is;
				assert_int_equal(is, expected != NULL);
				assert_int_equal(route.count, expected ? strlen(expected) - 1 : 0);
				for (size_t i = 0; i < route.count; i++)
					assert_int_equal(state_letter(route.hops[i]),
							 expected[i + 1]);
			}
		}
		assert_int_equal(found, sets[set].figure);
	}
}

/* All 8x8 entries and what lies around them; the rest has no way. */
static void test_next_hops(void **state)
{
	(void)state;
	for (size_t set = 0; set < COUNT(sets); set++) {
		for (int from = -1; from < STATES_AND_BEYOND; from++) {
			for (int to = -1; to < STATES_AND_BEYOND; to++) {
				const char *route = expected_route(set, (enum mig_state)from,
								   (enum mig_state)to);
				char hop = 'E';

				if (route)
					hop = route[1];
				else if (from == to && has_state(set, (enum mig_state)from))
					hop = state_letter((enum mig_state)from);
				if (state_letter(mig_table_v2_next(sets[set].caps,
								   (enum mig_state)from,
								   (enum mig_state)to)) != hop)
					fail_msg("caps %u, %d -> %d: not %c", sets[set].caps, from,
						 to, hop);
			}
		}
	}
}

static void test_supported(void **state)
{
	(void)state;
	for (size_t set = 0; set < COUNT(sets); set++)
		for (int s = -1; s < STATES_AND_BEYOND; s++)
			assert_int_equal(mig_table_v2_supported(sets[set].caps, (enum mig_state)s),
					 has_state(set, (enum mig_state)s));
}

/* Without STOP_COPY, which every flag builds on, there is nothing. */
static void test_no_caps(void **state)
{
	static const unsigned int caps[] = { 0, P2P, PRE_COPY, P2P | PRE_COPY, 8 };

	(void)state;
	for (size_t i = 0; i < COUNT(caps); i++)
		for (int from = 0; from < MIG_STATE_COUNT; from++)
			for (int to = 0; to < MIG_STATE_COUNT; to++)
				assert_int_equal(mig_table_v2_next(caps[i], (enum mig_state)from,
								   (enum mig_state)to),
						 MIG_STATE_ERROR);
}

static void test_longest_and_gaps(void **state)
{
	struct mig_route route;
	size_t gaps = 0;

	(void)state;
	assert_true(mig_route_v2(MIG_CAPS_ALL, MIG_STATE_RESUMING, MIG_STATE_PRE_COPY, &route));
	assert_int_equal(route.count, 4);
	assert_int_equal(route.hops[0], MIG_STATE_STOP);
	assert_int_equal(route.hops[1], MIG_STATE_RUNNING_P2P);
	assert_int_equal(route.hops[2], MIG_STATE_RUNNING);
	assert_int_equal(route.hops[3], MIG_STATE_PRE_COPY);
	for (int from = MIG_STATE_STOP; from < MIG_STATE_COUNT; from++) {
		for (int to = MIG_STATE_STOP; to < MIG_STATE_COUNT; to++) {
			if (from == to)
				continue;
			if (mig_route_v2(MIG_CAPS_ALL, (enum mig_state)from, (enum mig_state)to,
					 &route)) {
				assert_in_range(route.count, 1, 4);
				continue;
			}
			gaps++;
			assert_int_equal(from, MIG_STATE_STOP_COPY);
			assert_true(to == MIG_STATE_PRE_COPY || to == MIG_STATE_PRE_COPY_P2P);
		}
	}
	assert_int_equal(gaps, 2);
}

/*
 * vfio_mig_get_next_state() warns when the state that it is asked to leave is
 * _ERROR, out of range, or one that the flags do not cover; and the way from
 * STOP_COPY back to PRE_COPY locked up kernels.
 */
static bool expected_hazard(unsigned int caps, int from, int to)
{
	bool p2p = caps & P2P, pre_copy = caps & PRE_COPY;

	if (!(caps & STOP_COPY) || from <= MIG_STATE_ERROR || from >= MIG_STATE_COUNT)
		return true;
	if (from == MIG_STATE_RUNNING_P2P && !p2p)
		return true;
	if (from == MIG_STATE_PRE_COPY && !pre_copy)
		return true;
	if (from == MIG_STATE_PRE_COPY_P2P && !(p2p && pre_copy))
		return true;
	return from == MIG_STATE_STOP_COPY && pre_copy &&
	       (to == MIG_STATE_PRE_COPY || to == MIG_STATE_PRE_COPY_P2P);
}

static void test_hazards(void **state)
{
	(void)state;
	for (unsigned int caps = 0; caps < 8; caps++) {
		for (int from = 0; from < STATES_AND_BEYOND; from++) {
			for (int to = 0; to < STATES_AND_BEYOND; to++) {
				const char *hazard = mig_table_v2_hazard(caps, (enum mig_state)from,
									 (enum mig_state)to);

				if (!hazard != !expected_hazard(caps, from, to))
					fail_msg("caps %u, %d -> %d: %s", caps, from, to,
						 hazard ? hazard : "no hazard");
				if (hazard)
					assert_true(has_words(hazard));
			}
		}
	}
	assert_non_null(strstr(mig_table_v2_hazard(7, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY),
			       "locks up"));
	assert_non_null(strstr(mig_table_v2_hazard(7, MIG_STATE_ERROR, MIG_STATE_STOP),
			       "VFIO_DEVICE_RESET"));
}

static void test_refusals(void **state)
{
	(void)state;
	for (unsigned int caps = 0; caps < 8; caps++)
		for (int from = 0; from < STATES_AND_BEYOND; from++)
			for (int to = 0; to < STATES_AND_BEYOND; to++)
				assert_true(has_words(mig_table_v2_refusal(
					caps, (enum mig_state)from, (enum mig_state)to)));
	assert_non_null(
		strstr(mig_table_v2_refusal(1, MIG_STATE_RUNNING, MIG_STATE_PRE_COPY), "EINVAL"));
	assert_non_null(strstr(mig_table_v2_refusal(7, MIG_STATE_RUNNING, MIG_STATE_ERROR),
			       "never a target"));
	assert_string_equal(mig_table_v2_refusal(7, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY),
			    mig_table_v2_hazard(7, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes),           cmocka_unit_test(test_next_hops),
		cmocka_unit_test(test_supported),        cmocka_unit_test(test_no_caps),
		cmocka_unit_test(test_longest_and_gaps), cmocka_unit_test(test_hazards),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
