// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The judge over all that can happen. The rules are stated one by one, each
 * as "exactly when", and not in the order in which the judge asks.
 */
#include "unit.h"

#include "migctl/verdict.h"

#define ALL (MIG_STATE_INVALID + 1)

static size_t count[MIG_OUTCOME_PLANNED + 1];

static void exactly_when(const struct mig_attempt *attempt, enum mig_outcome got,
			 enum mig_outcome outcome, bool holds)
{
	if ((got == outcome) != holds)
		fail_msg("before %d asked %d written %d seen %d after %d: %s", attempt->before,
			 attempt->asked, attempt->written, attempt->seen, attempt->after,
			 mig_outcome_name(got));
}

static void judge(const struct mig_attempt *a)
{
	bool wrote = a->written != MIG_WRITTEN_NOT;
	bool silent = a->written == MIG_WRITTEN_NO_ANSWER || a->seen == MIG_SEEN_NO_ANSWER;
	bool known = wrote && !silent && a->seen == MIG_SEEN;
	bool ok = a->written == MIG_WRITTEN_OK;
	bool there = a->after == a->asked, stayed = a->after == a->before;
	bool error = a->after == MIG_STATE_ERROR;
	enum mig_outcome got = mig_verdict(a);

	exactly_when(a, got, MIG_OUTCOME_NOOP, !wrote && a->before == a->asked);
	exactly_when(a, got, MIG_OUTCOME_REFUSED, !wrote && a->before != a->asked);
	exactly_when(a, got, MIG_OUTCOME_TIMEOUT, wrote && silent);
	exactly_when(a, got, MIG_OUTCOME_FAULTED, known && error);
	exactly_when(a, got, MIG_OUTCOME_ACCEPTED, known && there && !error);
	exactly_when(a, got, MIG_OUTCOME_NAK, known && !ok && stayed && !there && !error);
	exactly_when(a, got, MIG_OUTCOME_ASTRAY,
		     wrote && !silent && (!known || (!error && !there && (ok || !stayed))));
	exactly_when(a, got, MIG_OUTCOME_PLANNED, false);
	count[got]++;
}

static void test_all(void **state)
{
	struct mig_attempt a;

	(void)state;
	memset(count, 0, sizeof(count));
	for (int before = 0; before < ALL; before++)
		for (int asked = 0; asked < ALL; asked++)
			for (int after = 0; after < ALL; after++)
				for (int written = 0; written <= MIG_WRITTEN_NO_ANSWER; written++)
					for (int seen = 0; seen <= MIG_SEEN_NO_ANSWER; seen++) {
						a = (struct mig_attempt){
							(enum mig_state)before,
							(enum mig_state)asked,
							(enum mig_written)written,
							(enum mig_seen)seen,
							(enum mig_state)after,
						};
						judge(&a);
					}
	/* 9 states thrice, 4 ways to write, 3 to read: counted by hand. */
	assert_int_equal(count[MIG_OUTCOME_NOOP], 243);
	assert_int_equal(count[MIG_OUTCOME_REFUSED], 1944);
	assert_int_equal(count[MIG_OUTCOME_TIMEOUT], 3645);
	assert_int_equal(count[MIG_OUTCOME_FAULTED], 162);
	assert_int_equal(count[MIG_OUTCOME_ACCEPTED], 144);
	assert_int_equal(count[MIG_OUTCOME_NAK], 64);
	assert_int_equal(count[MIG_OUTCOME_ASTRAY], 2546);
}

/* Without a reading, what stands in its place decides nothing. */
static void test_unseen_after(void **state)
{
	(void)state;
	for (int written = 0; written <= MIG_WRITTEN_NO_ANSWER; written++) {
		for (int seen = MIG_SEEN_NOTHING; seen <= MIG_SEEN_NO_ANSWER; seen++) {
			struct mig_attempt a = { .before = MIG_STATE_RUNNING,
						 .asked = MIG_STATE_STOP,
						 .written = (enum mig_written)written,
						 .seen = (enum mig_seen)seen };
			enum mig_outcome first = mig_verdict(&a);

			for (int after = 0; after < ALL; after++) {
				a.after = (enum mig_state)after;
				assert_int_equal(mig_verdict(&a), first);
			}
		}
	}
}

static void test_names(void **state)
{
	static const struct {
		enum mig_outcome outcome;
		const char *name;
		int exit_status;
	} outcomes[] = {
		{ MIG_OUTCOME_ACCEPTED, "accepted", 0 }, { MIG_OUTCOME_NOOP, "noop", 0 },
		{ MIG_OUTCOME_REFUSED, "refused", 6 },   { MIG_OUTCOME_NAK, "nak", 7 },
		{ MIG_OUTCOME_ASTRAY, "astray", 8 },     { MIG_OUTCOME_FAULTED, "faulted", 9 },
		{ MIG_OUTCOME_TIMEOUT, "timeout", 10 },  { MIG_OUTCOME_PLANNED, "planned", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		assert_string_equal(mig_outcome_name(outcomes[i].outcome), outcomes[i].name);
		assert_int_equal(mig_outcome_kind(outcomes[i].outcome), outcomes[i].exit_status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_unseen_after),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
