// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state of a device that somebody else has open: from debugfs, and only
 * who asked for it by --attach has processes looked through. Nothing is opened
 * that would disturb it, but a driver is asked, and one that is busy with a
 * transition may answer when that is over: then the others must not wait.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

/* A driver that is well answers in microseconds. */
#define ANSWER_SECONDS 1
/* After a call that could only be ended: asking again costs the others that second. */
#define RETRY_NS (5 * WATCH_SECOND)

static const char unbound[] = "it is not bound to a VFIO driver";
static const char silent[] = "the driver does not answer";
static const char no_way[] =
	"nobody is seen to have it open, to look through, and debugfs does not show it";
static const char not_shown[] =
	"debugfs does not show it; with --attach its holder is looked through";
static const char refused[] = "the driver fails to tell it";
static const char short_of[] = "there are too many processes, or too little memory, to ask for it";
static const char strange[] = "the driver shows a state that no header defines";

/* A seam is of no use once a call is stuck in it: the device keeps it until that is back. */
bool watch_have_seam(struct watch *watch)
{
	return watch->sys || !cli_sys_open(watch->cli, ANSWER_SECONDS, &watch->real, &watch->sys);
}

bool watch_is_stuck(struct watch *watch, struct watch_device *device)
{
	if (!mig_sys_is_stuck(watch->real))
		return false;
	if (watch->real->stuck->ended)
		device->retry_ns = watch_now_ns() + RETRY_NS;
	device->stuck = watch->real;
	device->reason = silent;
	if (watch->sys != watch->real)
		mig_sys_trace_close(watch->sys);
	watch->real = watch->sys = NULL;
	return true;
}

bool watch_state_readable(const struct watch_device *device)
{
	return device->debugfs_fd >= 0 || device->attach || device->stuck;
}

void watch_state_begin(struct watch *watch, struct watch_device *device)
{
	watch_state_end(watch, device);
	device->reason = unbound;
	if (!device->target.vfio_bound)
		return;
	device->reason = watch->cli->options.attach ? no_way : not_shown;
	if (device->stuck || !watch_have_seam(watch))
		return;
	device->debugfs_fd = cli_debugfs_open(&watch->cli->host, watch->sys, &device->target);
	watch_is_stuck(watch, device);
}

void watch_state_end(struct watch *watch, struct watch_device *device)
{
	if (device->debugfs_fd >= 0 && watch_have_seam(watch)) {
		watch->sys->ops->close(watch->sys, device->debugfs_fd);
		watch_is_stuck(watch, device);
	}
	device->debugfs_fd = -1;
	watch_attach_end(watch, device);
	device->reason = unbound;
}

static const char *read_debugfs(struct watch *watch, struct watch_device *device,
				struct mig_view *view)
{
	char text[CLI_DEBUGFS_TEXT];
	ssize_t len =
		watch->sys->ops->pread(watch->sys, device->debugfs_fd, text, sizeof(text) - 1, 0);

	if (len == -EIO || len == -ENODEV)
		return unbound;
	/* The task that makes the calls cannot be started; no driver says so of a file. */
	if (len == -EAGAIN || len == -ENOMEM)
		return short_of;
	if (len <= 0)
		return refused;
	text[len] = '\0';
	if (!cli_debugfs_parse(text, &view->state))
		return strange;
	memcpy(device->text, text, sizeof(text));
	view->source = MIG_VIEW_DEBUGFS;
	return NULL;
}

void watch_state_read(struct watch *watch, struct watch_device *device, struct mig_view *view)
{
	/* Which descriptor to read by is looked for next: what was told last stands until then. */
	if (!device->stuck && watch_attach_is_outdated(watch, device) &&
	    watch_now_ns() >= watch_look_due(&watch->holders))
		return;
	view->seen = false;
	view->source = MIG_VIEW_NONE;
	device->text[0] = '\0';
	if (device->stuck && mig_sys_reap(device->stuck)) {
		device->stuck = NULL;
		free(device->round);
		device->round = NULL;
		if (device->attach) {
			watch_attach_resume(watch, device);
		} else if (device->debugfs_fd < 0) {
			watch_state_begin(watch, device);
			watch->holders.noticed = true;
		}
	}
	if (device->stuck || (device->retry_ns && watch_now_ns() < device->retry_ns))
		return;
	device->retry_ns = 0;
	if (!watch_state_readable(device) || !watch_have_seam(watch))
		return;
	if (device->debugfs_fd >= 0)
		device->reason = read_debugfs(watch, device, view);
	else
		device->reason = watch_attach_read(watch, device, view);
	watch_is_stuck(watch, device);
	view->seen = !device->reason;
	if (!view->seen)
		view->source = MIG_VIEW_NONE;
}

static bool is_steady(const struct watch_device *device)
{
	return device->view.present && device->view.seen && !device->stuck && device->text[0];
}

/*
 * In one go, for handing each call over to whoever keeps the deadline costs
 * more than the call. It goes on as long as each file says what it said last:
 * a word that is shorter ends it, and one that is longer has another byte where
 * the line feed was. Sets same[] of the devices that need no closer look.
 */
static void read_round(struct watch *watch, struct watch_device *devices, size_t count, bool *same)
{
	struct watch_round *round = watch->round;
	struct watch_device *of[WATCH_ROUND];
	size_t calls = 0;
	int made = 1;
	bool stuck;

	for (size_t i = 0; i < count; i++) {
		if (!is_steady(&devices[i]))
			continue;
		round->calls[calls] = (struct mig_call){ .kind = MIG_CALL_PREAD,
							 .fd = devices[i].debugfs_fd,
							 .buffer = round->texts[calls],
							 .size = strlen(devices[i].text) };
		of[calls++] = &devices[i];
	}
	for (size_t at = 0; at < calls && made > 0; at += (size_t)made)
		made = watch->sys->ops->batch(watch->sys, &round->calls[at], calls - at);
	stuck = mig_sys_is_stuck(watch->real);
	for (size_t i = 0; i < calls; i++) {
		const struct mig_call *call = &round->calls[i];

		/* A seam that could make none of them, and is not stuck, has told nothing. */
		same[of[i] - devices] = (stuck && call->result == -EINPROGRESS) ||
					(call->result == (ssize_t)call->size &&
					 !memcmp(round->texts[i], of[i]->text, call->size));
		/* The first that is not back is what the seam is stuck in; the rest were not made.
		 */
		if (call->result == -EINPROGRESS && watch->real && watch_is_stuck(watch, of[i])) {
			same[of[i] - devices] = false;
			of[i]->round = round;
			watch->round = NULL;
		}
	}
}

void watch_take_states(struct watch *watch)
{
	for (size_t first = 0; first < watch->count && !watch->mute; first += WATCH_ROUND) {
		struct watch_device *devices = &watch->devices[first];
		size_t left = watch->count - first;
		bool same[WATCH_ROUND] = { false };

		if (left > WATCH_ROUND)
			left = WATCH_ROUND;
		if (!watch->round)
			watch->round = calloc(1, sizeof(*watch->round));
		if (watch->round && watch_have_seam(watch))
			read_round(watch, devices, left, same);
		for (size_t i = 0; i < left; i++) {
			struct mig_view now = devices[i].view;

			if (same[i] || !now.present)
				continue;
			watch_state_read(watch, &devices[i], &now);
			watch_tell(watch, &devices[i], &now);
		}
	}
}
