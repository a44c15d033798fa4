// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/route.h"

static const char order[] = "SRCPM"; /* of wire values */

static void v1_goes(enum mig_table table, const char *word)
{
	struct mig_route route;
	size_t len = strlen(word);

	if (!mig_route_v1(table, letter_state(word[0]), letter_state(word[len - 1]), &route))
		fail_msg("no route %s", word);
	assert_int_equal(route.count, len - 1);
	for (size_t i = 0; i < route.count; i++)
		if (route.hops[i] != letter_state(word[i + 1]))
			fail_msg("hop %zu of %s is %c", i, word, state_letter(route.hops[i]));
}

static void test_v1_by_hand(void **state)
{
	static const char *const posted[] = { "SRC",  "SRP", "RSM", "CRP", "CSM", "PRS",
					      "PRSM", "MRC", "MRP", "SR",  "PC",  "MS" };
	static const char *const reviewed[] = { "RM", "PRM", "CSM", "PRS", "MRC", "SRP" };
	static const char *const open[] = { "SC", "SP", "CP", "CM", "PS", "PM", "MC", "MP", "RM" };

	(void)state;
	for (size_t i = 0; i < COUNT(posted); i++)
		v1_goes(MIG_TABLE_POSTED, posted[i]);
	for (size_t i = 0; i < COUNT(reviewed); i++)
		v1_goes(MIG_TABLE_REVIEWED, reviewed[i]);
	for (size_t i = 0; i < COUNT(open); i++)
		v1_goes(MIG_TABLE_OPEN, open[i]);
}

/*
 * Brute force: every walk without a repeated state, as digits of the state
 * order; the shortest is best, and of those the first in that order.
 */
struct search {
	enum mig_table table;
	int to;
	char path[8];
	size_t len;
	char best[8];
};

static void search(struct search *s, int at)
{
	if (at == s->to) {
		size_t best = strlen(s->best);

		s->path[s->len] = '\0';
		if (!best || s->len < best || (s->len == best && strcmp(s->path, s->best) < 0))
			strcpy(s->best, s->path);
		return;
	}
	for (int next = 0; next < 5; next++) {
		if (memchr(s->path, '0' + next, s->len) ||
		    !mig_table_v1_arc(s->table, letter_state(order[at]), letter_state(order[next])))
			continue;
		s->path[s->len++] = (char)('0' + next);
		search(s, next);
		s->len--;
	}
}

static void test_v1_minimal(void **state)
{
	(void)state;
	for (int t = MIG_TABLE_POSTED; t <= MIG_TABLE_OPEN; t++) {
		for (int from = 0; from < 5; from++) {
			for (int to = 0; to < 5; to++) {
				struct search s = { .table = (enum mig_table)t, .to = to };
				char word[10] = "";

				if (from == to)
					continue;
				s.path[s.len++] = (char)('0' + from);
				search(&s, from);
				assert_true(s.best[0]);
				for (size_t i = 0; s.best[i]; i++)
					word[i] = order[s.best[i] - '0'];
				v1_goes((enum mig_table)t, word);
			}
		}
	}
}

static void test_v1_none(void **state)
{
	struct mig_route route;

	(void)state;
	for (int t = MIG_TABLE_POSTED; t <= MIG_TABLE_OPEN; t++) {
		for (int from = 0; from < STATES_AND_BEYOND; from++) {
			for (int to = 0; to < STATES_AND_BEYOND; to++) {
				bool both = strchr(order, state_letter((enum mig_state)from)) &&
					    strchr(order, state_letter((enum mig_state)to));

				route.count = 7;
				assert_int_equal(mig_route_v1((enum mig_table)t,
							      (enum mig_state)from,
							      (enum mig_state)to, &route),
						 both && from != to);
				if (!both || from == to)
					assert_int_equal(route.count, 0);
			}
		}
	}
}

static void test_rule_v1(void **state)
{
	struct mig_rules rules = { .protocol = MIG_PROTOCOL_V1, .table = MIG_TABLE_REVIEWED };
	struct mig_ruling ruling;

	(void)state;
	for (int from = 0; from < STATES_AND_BEYOND; from++) {
		for (int to = 0; to < STATES_AND_BEYOND; to++) {
			const struct mig_arc *arc = mig_table_v1_arc(
				rules.table, (enum mig_state)from, (enum mig_state)to);
			bool stays = from == to && strchr(order, state_letter((enum mig_state)to));

			memset(&ruling, 0xa5, sizeof(ruling));
			mig_rule(&rules, (enum mig_state)from, (enum mig_state)to, &ruling);
			assert_int_equal(ruling.allowed, arc || stays);
			assert_int_equal(!strncmp(ruling.reason, "no transition:", 14), stays);
			if (stays)
				assert_int_equal(ruling.route.count, 0);
			assert_ptr_equal(ruling.arc, arc);
			/* What a driver makes of it is not known: never forced, as in v2. */
			assert_int_equal(ruling.hazard != NULL, from == MIG_STATE_ERROR);
			assert_true(has_words(ruling.reason));
			if (!arc)
				continue;
			assert_ptr_equal(ruling.reason, arc->reason);
			assert_int_equal(ruling.route.count, 1);
			assert_int_equal(ruling.route.hops[0], to);
		}
	}
	/* Not allowed, and yet there is a way. */
	mig_rule(&rules, MIG_STATE_PRE_COPY, MIG_STATE_STOP, &ruling);
	assert_false(ruling.allowed);
	assert_int_equal(ruling.route.count, 2);
	assert_int_equal(ruling.route.hops[0], MIG_STATE_RUNNING);
	mig_rule(&rules, MIG_STATE_ERROR, MIG_STATE_RUNNING, &ruling);
	assert_int_equal(ruling.route.count, 0);
	assert_non_null(strstr(ruling.hazard, "VFIO_DEVICE_RESET"));
}

static void test_rule_v2(void **state)
{
	struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2 };
	struct mig_ruling ruling;
	struct mig_route route;

	(void)state;
	for (rules.caps = 0; rules.caps < 8; rules.caps++) {
		for (int from = 0; from < STATES_AND_BEYOND; from++) {
			for (int to = 0; to < STATES_AND_BEYOND; to++) {
				bool is = mig_route_v2(rules.caps, (enum mig_state)from,
						       (enum mig_state)to, &route);
				bool stays = from == to &&
					     mig_table_v2_supported(rules.caps, (enum mig_state)to);

				memset(&ruling, 0xa5, sizeof(ruling));
				mig_rule(&rules, (enum mig_state)from, (enum mig_state)to, &ruling);
				assert_int_equal(ruling.allowed, is || stays);
				assert_int_equal(!strncmp(ruling.reason, "no transition:", 14),
						 stays);
				assert_null(ruling.arc);
				assert_true(has_words(ruling.reason));
				/* What is allowed is never a hazard. */
				assert_false(ruling.allowed && ruling.hazard);
				assert_int_equal(ruling.route.count, route.count);
			}
		}
	}
	rules.caps = MIG_CAPS_ALL;
	mig_rule(&rules, MIG_STATE_PRE_COPY, MIG_STATE_STOP_COPY, &ruling);
	assert_int_equal(ruling.route.count, 2);
	assert_non_null(strstr(ruling.reason, "composed"));
	mig_rule(&rules, MIG_STATE_STOP, MIG_STATE_STOP_COPY, &ruling);
	assert_null(strstr(ruling.reason, "composed"));
	mig_rule(&rules, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY, &ruling);
	assert_non_null(ruling.hazard);
}

static void test_rule_none(void **state)
{
	struct mig_rules rules = { .protocol = MIG_PROTOCOL_NONE };
	struct mig_ruling ruling;

	(void)state;
	memset(&ruling, 0xa5, sizeof(ruling));
	mig_rule(&rules, MIG_STATE_RUNNING, MIG_STATE_STOP, &ruling);
	assert_false(ruling.allowed);
	assert_true(has_words(ruling.reason));
	assert_int_equal(ruling.route.count, 0);
	mig_rule(&rules, MIG_STATE_STOP, MIG_STATE_STOP, &ruling);
	assert_false(ruling.allowed);
}

/* A hint, where there is one, names states between which v2 has routes. */
static void hint_leads(const struct mig_rules *rules, enum mig_state from, enum mig_state to)
{
	struct mig_error error;
	struct mig_ruling ruling;
	struct mig_route route;
	char text[256];
	bool there = false;

	mig_rule(rules, from, to, &ruling);
	assert_int_equal(mig_ruling_error(rules, from, to, &ruling, &error), -EPERM);
	assert_int_equal(error.kind, MIG_KIND_REFUSED);
	for (int by = 0; by < MIG_STATE_COUNT; by++) {
		if (!mig_route_v2(rules->caps, from, (enum mig_state)by, &route) ||
		    !mig_route_v2(rules->caps, (enum mig_state)by, to, &route))
			continue;
		there = true;
		snprintf(text, sizeof(text),
			 "name %s in between: there is a way from %s to it, and on to %s",
			 mig_state_name((enum mig_state)by), mig_state_name(from),
			 mig_state_name(to));
		if (!strcmp(error.hint, text))
			return;
	}
	if (there || strstr(error.hint, "in between"))
		fail_msg("caps %u, %d -> %d: \"%s\"", rules->caps, from, to, error.hint);
}

static void test_v2_hints(void **state)
{
	struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2 };
	struct mig_ruling ruling;
	struct mig_error error;

	(void)state;
	for (rules.caps = 0; rules.caps < 8; rules.caps++) {
		for (int from = 0; from < MIG_STATE_COUNT; from++) {
			for (int to = 0; to < MIG_STATE_COUNT; to++) {
				mig_rule(&rules, (enum mig_state)from, (enum mig_state)to, &ruling);
				if (!ruling.allowed && from != to)
					hint_leads(&rules, (enum mig_state)from,
						   (enum mig_state)to);
			}
		}
	}
	rules.caps = MIG_CAPS_ALL;
	mig_rule(&rules, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY_P2P, &ruling);
	mig_ruling_error(&rules, MIG_STATE_STOP_COPY, MIG_STATE_PRE_COPY_P2P, &ruling, &error);
	assert_non_null(strstr(error.hint, "name stop in between"));
	/* v1 names whole routes, and nothing leads out of _ERROR. */
	rules.protocol = MIG_PROTOCOL_V1;
	mig_rule(&rules, MIG_STATE_ERROR, MIG_STATE_RUNNING, &ruling);
	mig_ruling_error(&rules, MIG_STATE_ERROR, MIG_STATE_RUNNING, &ruling, &error);
	assert_non_null(strstr(error.hint, "reset"));
}

static void test_text(void **state)
{
	static const char full[] = "pre-copy -> running -> stop";
	struct mig_route route = { 2, { MIG_STATE_RUNNING, MIG_STATE_STOP } };
	struct mig_route none = { .count = 0 };
	char text[64];

	(void)state;
	mig_route_text(MIG_STATE_PRE_COPY, &route, text, sizeof(text));
	assert_string_equal(text, full);
	mig_route_text(MIG_STATE_PRE_COPY, &none, text, sizeof(text));
	assert_string_equal(text, "pre-copy");
	for (size_t size = 1; size <= sizeof(full); size++) {
		char *cut = malloc(size);

		assert_non_null(cut);
		mig_route_text(MIG_STATE_PRE_COPY, &route, cut, size);
		assert_int_equal(strlen(cut), size - 1);
		assert_memory_equal(cut, full, size - 1);
		free(cut); /* its end is watched by ASan */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v1_by_hand), cmocka_unit_test(test_v1_minimal),
		cmocka_unit_test(test_v1_none),    cmocka_unit_test(test_rule_v1),
		cmocka_unit_test(test_rule_v2),    cmocka_unit_test(test_rule_none),
		cmocka_unit_test(test_v2_hints),   cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
