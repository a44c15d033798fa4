// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "watch.h"

static bool wanted(const struct watch_device *device)
{
	return !strcmp(device->target.bus, "pci");
}

void watch_devlink_begin(struct watch *watch)
{
	struct mig_error ignored;

	for (size_t i = 0; !watch->devlinks && i < watch->count; i++)
		if (wanted(&watch->devices[i]) &&
		    mig_devlinks_open(&watch->cli->host, &watch->devlinks, &ignored))
			return;
	/* Before the first look. Where nothing is announced, it is looked up now and then. */
	if (watch->devlinks && !watch->notices)
		mig_notices_open(&watch->cli->host, &watch->notices, &ignored);
}

void watch_devlink_end(struct watch *watch)
{
	mig_devlinks_close(watch->devlinks);
	mig_notices_close(watch->notices);
}

int watch_devlink_fd(const struct watch *watch)
{
	return watch->notices ? mig_notices_fd(watch->notices) : -1;
}

void watch_look_at_devlink(struct watch *watch, bool telling)
{
	uint64_t begun = watch_look_begin(&watch->devlink);
	struct mig_devlink devlink;

	watch_devlink_begin(watch);
	if (watch->devlinks)
		mig_devlinks_forget(watch->devlinks);
	for (size_t i = 0; watch->devlinks && i < watch->count; i++) {
		struct watch_device *device = &watch->devices[i];
		struct mig_view now = device->view;

		if (!wanted(device) || !now.present)
			continue;
		mig_devlinks_read(watch->devlinks, &device->target, &devlink);
		mig_view_take_devlink(&now, &devlink);
		if (telling)
			watch_tell(watch, device, &now);
		else
			device->view = now;
	}
	watch_look_end(&watch->devlink, begun);
}

void watch_take_devlink(struct watch *watch)
{
	if (watch->notices && mig_notices_seen(watch->notices))
		watch->devlink.noticed = true;
	if ((watch->devlinks || watch->devlink.noticed) &&
	    watch_now_ns() >= watch_look_due(&watch->devlink))
		watch_look_at_devlink(watch, true);
}
