// SPDX-License-Identifier: GPL-2.0-or-later
#include "migctl/verdict.h"

enum mig_outcome mig_verdict(const struct mig_attempt *attempt)
{
	if (attempt->written == MIG_WRITTEN_NOT)
		return attempt->before == attempt->asked ? MIG_OUTCOME_NOOP : MIG_OUTCOME_REFUSED;
	if (attempt->written == MIG_WRITTEN_NO_ANSWER || attempt->seen == MIG_SEEN_NO_ANSWER)
		return MIG_OUTCOME_TIMEOUT;
	/* Not known to be where it was asked to be: say no more than that. */
	if (attempt->seen == MIG_SEEN_NOTHING)
		return MIG_OUTCOME_ASTRAY;
	if (attempt->after == MIG_STATE_ERROR)
		return MIG_OUTCOME_FAULTED;
	/*
	 * Where it was asked to be. A driver that fails the write and moves all
	 * the same is reported by the errno kept beside this outcome.
	 */
	if (attempt->after == attempt->asked)
		return MIG_OUTCOME_ACCEPTED;
	if (attempt->after == attempt->before && attempt->written == MIG_WRITTEN_FAILED)
		return MIG_OUTCOME_NAK;
	return MIG_OUTCOME_ASTRAY;
}

static const struct {
	const char *name;
	enum mig_kind kind;
} outcomes[] = {
	[MIG_OUTCOME_ACCEPTED] = { "accepted", MIG_KIND_OK },
	[MIG_OUTCOME_NOOP] = { "noop", MIG_KIND_OK },
	[MIG_OUTCOME_REFUSED] = { "refused", MIG_KIND_REFUSED },
	[MIG_OUTCOME_NAK] = { "nak", MIG_KIND_NAK },
	[MIG_OUTCOME_ASTRAY] = { "astray", MIG_KIND_ASTRAY },
	[MIG_OUTCOME_FAULTED] = { "faulted", MIG_KIND_FAULTED },
	[MIG_OUTCOME_TIMEOUT] = { "timeout", MIG_KIND_TIMEOUT },
	[MIG_OUTCOME_PLANNED] = { "planned", MIG_KIND_OK },
};

const char *mig_outcome_name(enum mig_outcome outcome)
{
	return outcomes[outcome].name;
}

enum mig_kind mig_outcome_kind(enum mig_outcome outcome)
{
	return outcomes[outcome].kind;
}
