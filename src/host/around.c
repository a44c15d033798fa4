// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "migctl/around.h"
#include "migctl/netlink_devlink.h"

/* More than a receive buffer holds: a machine that announces on and on must not keep us. */
#define EVENTS_READ 10000

void mig_around_begin(const struct mig_host *host, const struct mig_target *target,
		      struct mig_around *around)
{
	struct mig_error ignored;

	memset(around, 0, sizeof(*around));
	around->target = target;
	if (!strcmp(target->bus, "pci") && !mig_devlinks_open(host, &around->devlinks, &ignored))
		mig_devlinks_read(around->devlinks, target, &around->before);
	if (mig_uevents_open(&around->uevents, &ignored))
		around->uevents = NULL;
}

static void collect_events(struct mig_around *around, struct mig_around_news *news)
{
	struct mig_uevent event;

	news->events_known = true;
	for (int i = 0; i < EVENTS_READ; i++) {
		int ret = mig_uevents_next(around->uevents, &event);

		news->events_lost |= ret == -ENOBUFS;
		if (ret && ret != -ENOBUFS)
			return;
		if (ret || strcmp(event.name, around->target->name) ||
		    strcmp(event.subsystem, around->target->bus))
			continue;
		if (news->event_count < MIG_AROUND_EVENTS)
			news->events[news->event_count++] = event;
		else
			news->events_lost = true;
	}
}

void mig_around_collect(struct mig_around *around, struct mig_around_news *news)
{
	memset(news, 0, sizeof(*news));
	if (around->devlinks) {
		mig_devlinks_forget(around->devlinks);
		mig_devlinks_read(around->devlinks, around->target, &news->after);
		news->health_known = around->before.health_known && news->after.health_known;
	}
	if (around->uevents)
		collect_events(around, news);
}

void mig_around_end(struct mig_around *around)
{
	mig_devlinks_close(around->devlinks);
	mig_uevents_close(around->uevents);
	around->devlinks = NULL;
	around->uevents = NULL;
}
