// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "migctl/holder.h"
#include "migctl/inventory.h"
#include "migctl/openings.h"
#include "watch.h"

/*
 * Looking for holders reads all of /proc, which on a large machine is not
 * cheap: nodes that are opened and closed all the time make it take no more
 * than a 200th of a processor, and what is not noticed there (a node under
 * another name, a descriptor handed on) no more than a 1000th. The same goes
 * for devlink, whose drivers need not announce everything.
 */
#define NOTICED_SHARE 200u
#define QUIET_SHARE 1000u
/* So many in a row are not made to wait. */
#define BURST 16u

uint64_t watch_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * WATCH_SECOND + (uint64_t)now.tv_nsec;
}

/* UTC, to the millisecond: as in the journal of another machine. */
static void format_time(char text[32])
{
	char seconds[24] = "";
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &utc))
		strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, 32, "%s.%03dZ", seconds, (int)(now.tv_nsec / 1000000));
}

/* The reader that has gone wants no error; main ends us by SIGPIPE then. */
static void stop_talking(struct watch *watch, int err)
{
	watch->mute = true;
	if (err == EPIPE)
		return;
	mig_error_set(&watch->cli->error, MIG_KIND_FAILED, err, "write to standard output: %s",
		      strerror(err));
	/* It has been told: main would tell it again. */
	clearerr(watch->out.out);
}

void watch_tell(struct watch *watch, struct watch_device *device, const struct mig_view *now)
{
	enum mig_change changes[MIG_CHANGE_COUNT];
	size_t count = mig_view_diff(&device->view, now, changes);
	struct mig_watch_record record = { .before = &device->view, .after = now };
	char time[32];

	if (count && !watch->mute) {
		format_time(time);
		record.time = time;
		cli_record_device(&device->target, &record.device);
	}
	for (size_t i = 0; i < count && !watch->mute; i++) {
		record.change = changes[i];
		record.reason = now->seen ? watch_attach_doubt(device) : device->reason;
		if (changes[i] != MIG_CHANGE_DEVICE && changes[i] != MIG_CHANGE_STATE)
			record.reason = NULL;
		if (watch->cli->options.json)
			cli_printed(watch->cli, mig_json_watch(&watch->out, &record));
		else
			mig_text_watch(&watch->out, &record);
		if (fflush(watch->out.out))
			stop_talking(watch, errno);
	}
	device->view = *now;
}

static struct watch_device *find(struct watch *watch, const char *bus, const char *name)
{
	for (size_t i = 0; i < watch->count; i++)
		if (!strcmp(watch->devices[i].target.name, name) &&
		    !strcmp(watch->devices[i].target.bus, bus))
			return &watch->devices[i];
	return NULL;
}

/* Before it is seen for the first time: nothing is told yet. */
static int add(struct watch *watch, const struct mig_target *target)
{
	struct watch_device *device;

	if (find(watch, target->bus, target->name))
		return 0;
	if (watch->count == watch->room) {
		size_t room = watch->room ? watch->room * 2 : 16;
		void *grown = reallocarray(watch->devices, room, sizeof(*device));

		if (!grown)
			return mig_error_set(&watch->cli->error, MIG_KIND_FAILED, ENOMEM,
					     "out of memory");
		watch->devices = grown;
		watch->room = room;
	}
	device = &watch->devices[watch->count++];
	memset(device, 0, sizeof(*device));
	device->debugfs_fd = -1;
	device->target = *target;
	return 0;
}

static void drop(struct watch *watch, struct watch_device *device)
{
	/* What is stuck is lost with it: the task goes on in the driver. */
	watch->cli->stuck |= device->stuck != NULL;
	*device = watch->devices[--watch->count];
}

/* After it was bound, or may have been: as sysfs has it now. */
static void look_anew(struct watch *watch, struct watch_device *device, struct mig_view *now)
{
	struct mig_target target;

	now->present = !mig_target_read(&watch->cli->host, device->target.bus, device->target.name,
					&target);
	if (!now->present)
		return;
	mig_target_describe(&target);
	device->target = target;
	memcpy(now->driver, target.driver, sizeof(now->driver));
	mig_openings_add(watch->openings_fd, &watch->cli->host, &target);
	if (watch->cli->options.attach)
		mig_openings_add_all(watch->openings_fd, &watch->cli->host);
	watch->holders.noticed = true;
	watch_state_begin(watch, device);
	watch->devlink.noticed = true;
}

/* Nobody can have open, and nothing can be asked of, what no driver has. */
static void take_away(struct watch *watch, struct watch_device *device, struct mig_view *now)
{
	watch_state_end(watch, device);
	device->target.vfio_bound = false;
	device->target.driver[0] = device->target.cdev[0] = '\0';
	now->driver[0] = '\0';
	now->held = now->seen = false;
	now->source = MIG_VIEW_NONE;
}

static void take_uevent(struct watch *watch, const struct mig_uevent *event)
{
	struct watch_device *device = find(watch, event->subsystem, event->name);
	struct mig_target target;
	struct mig_view now;

	if (!device) {
		if (!watch->all || event->action != MIG_UEVENT_BIND ||
		    mig_target_read(&watch->cli->host, event->subsystem, event->name, &target) ||
		    !target.vfio_bound || add(watch, &target))
			return;
		device = &watch->devices[watch->count - 1];
	}
	now = device->view;
	switch (event->action) {
	case MIG_UEVENT_ADD:
	case MIG_UEVENT_BIND:
		look_anew(watch, device, &now);
		watch_state_read(watch, device, &now);
		/* What it was bound to then; sysfs may be ahead of us. */
		if (event->driver[0] && now.present)
			memcpy(now.driver, event->driver, sizeof(now.driver));
		break;
	case MIG_UEVENT_UNBIND:
		take_away(watch, device, &now);
		break;
	case MIG_UEVENT_REMOVE:
		take_away(watch, device, &now);
		now.present = false;
		break;
	case MIG_UEVENT_CHANGE:
	case MIG_UEVENT_OTHER:
		return;
	}
	watch_tell(watch, device, &now);
	if (!now.present && watch->all)
		drop(watch, device);
}

/* Announcements were lost: what they said is in sysfs. */
static int look_at_all(struct watch *watch)
{
	struct mig_inventory inventory;
	int ret = 0;

	if (watch->all) {
		ret = mig_inventory_read(&watch->cli->host, false, &inventory, &watch->cli->error);
		if (ret)
			return ret;
		for (size_t i = 0; !ret && i < inventory.count; i++)
			ret = add(watch, &inventory.targets[i]);
		mig_inventory_clear(&inventory);
	}
	for (size_t i = 0; !ret && i < watch->count; i++) {
		struct mig_view now = watch->devices[i].view;

		look_anew(watch, &watch->devices[i], &now);
		watch_state_read(watch, &watch->devices[i], &now);
		if (!now.present)
			take_away(watch, &watch->devices[i], &now);
		watch_tell(watch, &watch->devices[i], &now);
		if (!now.present && watch->all)
			drop(watch, &watch->devices[i--]);
	}
	return ret;
}

int watch_take_uevents(struct watch *watch)
{
	struct mig_uevent event;
	int ret;

	do {
		ret = mig_uevents_next(watch->uevents, &event);
		if (!ret)
			take_uevent(watch, &event);
		else if (ret == -ENOBUFS && !look_at_all(watch))
			ret = 0;
	} while (!ret && !watch->mute);
	if (ret != -EAGAIN && ret && watch->cli->error.kind == MIG_KIND_OK)
		mig_error_set(&watch->cli->error, MIG_KIND_FAILED, -ret,
			      "the kernel's device events cannot be read any more: %s",
			      strerror(-ret));
	return ret == -EAGAIN ? 0 : ret;
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * WATCH_SECOND + (uint64_t)now.tv_nsec;
}

uint64_t watch_look_due(const struct watch_look *look)
{
	uint64_t credit = BURST * look->cost_ns * NOTICED_SHARE;
	uint64_t quiet = look->cost_ns * QUIET_SHARE;

	if (look->noticed)
		return look->paid_ns > credit ? look->paid_ns - credit : 0;
	return look->at_ns + (quiet > look->quiet_ns ? quiet : look->quiet_ns);
}

uint64_t watch_look_begin(struct watch_look *look)
{
	look->noticed = false;
	look->at_ns = watch_now_ns();
	return cpu_ns();
}

void watch_look_end(struct watch_look *look, uint64_t begun)
{
	uint64_t now = watch_now_ns();

	look->cost_ns = cpu_ns() - begun;
	look->paid_ns = (look->paid_ns > now ? look->paid_ns : now) + look->cost_ns * NOTICED_SHARE;
}

/* With --attach=PID only that one counts. */
static const struct mig_holder *find_holder(const struct watch *watch,
					    const struct mig_holders *holders,
					    const struct watch_device *device)
{
	pid_t wanted = watch->cli->options.attach_pid;

	if (!device->target.vfio_bound)
		return NULL;
	if (!wanted)
		return mig_holders_find(holders, &device->target);
	for (size_t i = 0; i < holders->count; i++)
		if (holders->items[i].pid == wanted &&
		    mig_holder_has(&holders->items[i], &device->target))
			return &holders->items[i];
	return NULL;
}

/* Who they are is told with the rest when the device is seen for the first time. */
static bool scan(struct watch *watch, bool telling)
{
	const pid_t except[] = { getpid(), 0 };
	bool noticed = false;
	uint64_t begun = watch_look_begin(&watch->holders);
	struct mig_holders holders;

	if (mig_holders_scan(&watch->cli->host, except, &holders))
		return false;
	for (size_t i = 0; i < watch->count; i++) {
		struct watch_device *device = &watch->devices[i];
		const struct mig_holder *holder = find_holder(watch, &holders, device);
		struct mig_view now = device->view;

		now.held = holder;
		if (holder) {
			now.holder_pid = holder->pid;
			memcpy(now.holder_comm, holder->comm, sizeof(now.holder_comm));
		}
		if (watch_attach_follow(watch, device, &holders, holder))
			watch_state_read(watch, device, &now);
		/* For the next scan: the others are being looked at in this one. */
		noticed |= watch->holders.noticed;
		watch->holders.noticed = false;
		if (telling)
			watch_tell(watch, device, &now);
		else
			device->view = now;
	}
	watch->holders.noticed = noticed;
	mig_holders_clear(&holders);
	watch_look_end(&watch->holders, begun);
	return true;
}

bool watch_confirm(struct watch *watch)
{
	bool doubtful = false;

	for (size_t i = 0; i < watch->count; i++)
		doubtful |= watch_attach_is_doubtful(&watch->devices[i]);
	return !doubtful || (scan(watch, true) && !watch->holders.noticed);
}

void watch_take_holders(struct watch *watch)
{
	if (mig_openings_seen(watch->openings_fd))
		watch->holders.noticed = true;
	if (watch_now_ns() >= watch_look_due(&watch->holders))
		scan(watch, true);
}

static int add_named(struct watch *watch)
{
	struct cli *cli = watch->cli;
	struct mig_target target;
	int ret = 0;

	for (int i = 0; i < cli->word_count && !ret; i++) {
		ret = mig_target_find(&watch->cli->host, cli->words[i], &target, &cli->error);
		if (ret)
			cli_fault_suggest(&watch->cli->host, cli->words[i], &cli->error);
		else
			ret = add(watch, &target);
	}
	return ret;
}

int watch_devices_begin(struct watch *watch)
{
	struct mig_inventory inventory;
	int ret;

	if (watch->all) {
		ret = mig_inventory_read(&watch->cli->host, false, &inventory, &watch->cli->error);
		for (size_t i = 0; !ret && i < inventory.count; i++)
			ret = add(watch, &inventory.targets[i]);
		mig_inventory_clear(&inventory);
	} else {
		ret = add_named(watch);
	}
	if (ret)
		return ret;
	for (size_t i = 0; i < watch->count; i++)
		look_anew(watch, &watch->devices[i], &watch->devices[i].view);
	scan(watch, false);
	watch_look_at_devlink(watch, false);
	for (size_t i = 0; i < watch->count; i++) {
		struct mig_view now = watch->devices[i].view;

		/* Everything is told at once, as that of a device that comes. */
		watch->devices[i].view.present = false;
		watch_state_read(watch, &watch->devices[i], &now);
		watch_tell(watch, &watch->devices[i], &now);
	}
	return 0;
}

void watch_devices_end(struct watch *watch)
{
	while (watch->count) {
		watch_state_end(watch, &watch->devices[0]);
		drop(watch, &watch->devices[0]);
	}
	free(watch->devices);
	watch->devices = NULL;
}
