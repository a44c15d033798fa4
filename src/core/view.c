// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "migctl/view.h"

const char *mig_view_source_name(enum mig_view_source source)
{
	switch (source) {
	case MIG_VIEW_NONE:
		return NULL;
	case MIG_VIEW_DEBUGFS:
		return "debugfs";
	case MIG_VIEW_HOLDER:
		return "holder";
	}
	return NULL;
}

const char *mig_change_name(enum mig_change change)
{
	switch (change) {
	case MIG_CHANGE_DEVICE:
		return "device";
	case MIG_CHANGE_DRIVER:
		return "driver";
	case MIG_CHANGE_HOLDER:
		return "holder";
	case MIG_CHANGE_MIGRATABLE:
		return "migratable";
	case MIG_CHANGE_HEALTH:
		return "health";
	case MIG_CHANGE_STATE:
		return "state";
	}
	return "?";
}

/* Another process is another holder, also under the same name; a pid used again has another. */
static bool same_holder(const struct mig_view *before, const struct mig_view *after)
{
	if (!before->held || !after->held)
		return before->held == after->held;
	return before->holder_pid == after->holder_pid &&
	       !strcmp(before->holder_comm, after->holder_comm);
}

/* By the number, not the word: two values that no header defines differ as well. */
static bool same_state(const struct mig_view *before, const struct mig_view *after)
{
	if (!before->seen || !after->seen)
		return before->seen == after->seen;
	return before->state.state == after->state.state &&
	       (before->state.state != MIG_STATE_INVALID || before->state.raw == after->state.raw);
}

static bool same_healths(const struct mig_view *before, const struct mig_view *after)
{
	if (before->health_count != after->health_count)
		return false;
	for (size_t i = 0; i < after->health_count; i++) {
		const struct mig_devlink_health *health = &after->health[i];

		if (!mig_health_same(health,
				     mig_health_find(before->health, before->health_count, health)))
			return false;
	}
	return true;
}

void mig_view_take_devlink(struct mig_view *view, const struct mig_devlink *devlink)
{
	bool gone = devlink->err == ENODEV || devlink->err == ENOENT;

	if (devlink->err && !gone)
		return;
	view->migratable = devlink->migratable;
	if (devlink->instance && !devlink->health_known && !gone)
		return;
	view->health_count = devlink->health_count < MIG_VIEW_HEALTH_MAX ? devlink->health_count
									 : MIG_VIEW_HEALTH_MAX;
	memcpy(view->health, devlink->health, view->health_count * sizeof(*view->health));
}

size_t mig_view_diff(const struct mig_view *before, const struct mig_view *after,
		     enum mig_change changes[MIG_CHANGE_COUNT])
{
	size_t count = 0;

	if (before->present != after->present)
		changes[count++] = MIG_CHANGE_DEVICE;
	if (!before->present || !after->present)
		return count;
	if (strcmp(before->driver, after->driver))
		changes[count++] = MIG_CHANGE_DRIVER;
	if (!same_holder(before, after))
		changes[count++] = MIG_CHANGE_HOLDER;
	if (before->migratable != after->migratable)
		changes[count++] = MIG_CHANGE_MIGRATABLE;
	if (!same_healths(before, after))
		changes[count++] = MIG_CHANGE_HEALTH;
	if (!same_state(before, after))
		changes[count++] = MIG_CHANGE_STATE;
	return count;
}
