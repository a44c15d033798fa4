// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/plan.h"

static int add(struct mig_plan *plan, struct mig_plan_step step, struct mig_error *error)
{
	struct mig_plan_step *steps =
		reallocarray(plan->steps, plan->count + 1, sizeof(*plan->steps));

	if (!steps)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory for the plan");
	plan->steps = steps;
	plan->steps[plan->count++] = step;
	return 0;
}

static int add_target(struct mig_plan *plan, const struct mig_rules *rules,
		      const struct mig_plan_options *options, enum mig_state from,
		      enum mig_state to, struct mig_error *error)
{
	struct mig_plan_step step = { .from = from, .to = to };
	struct mig_ruling ruling;
	int ret;

	if (from == to && from != MIG_STATE_ERROR) {
		step.noop = true;
		return add(plan, step, error);
	}
	mig_rule(rules, from, to, &ruling);
	step.forced = !ruling.allowed;
	if (!ruling.allowed || options->direct || rules->protocol == MIG_PROTOCOL_V1) {
		ret = add(plan, step, error);
		/* What the protocol cannot say is not said, forced or not: v1 would write _STOP. */
		if (!ret && !ruling.allowed &&
		    (ruling.hazard || !options->force || !mig_state_in(rules->protocol, to)))
			ret = mig_ruling_error(rules, from, to, &ruling, error);
		return ret;
	}
	for (size_t i = 0; i < ruling.route.count; i++) {
		step.to = ruling.route.hops[i];
		ret = add(plan, step, error);
		if (ret)
			return ret;
		step.from = step.to;
	}
	return 0;
}

int mig_plan_build(struct mig_plan *plan, const struct mig_rules *rules,
		   const struct mig_plan_options *options, enum mig_state from,
		   const enum mig_state *targets, size_t count, struct mig_error *error)
{
	memset(plan, 0, sizeof(*plan));
	for (size_t i = 0; i < count; i++) {
		int ret = add_target(plan, rules, options, from, targets[i], error);

		if (ret)
			return ret;
		from = targets[i];
	}
	return 0;
}

void mig_plan_clear(struct mig_plan *plan)
{
	free(plan->steps);
	memset(plan, 0, sizeof(*plan));
}
