// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "migctl/openings.h"
#include "watch.h"

static const struct watch_device *find_late(const struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (!watch->devices[i].view.seen ||
		    watch->devices[i].view.state.state != watch->cli->options.until)
			return &watch->devices[i];
	return NULL;
}

/* Confirming looks again. */
static bool arrived(struct watch *watch)
{
	return watch->cli->options.until_given && !find_late(watch) && watch_confirm(watch) &&
	       !find_late(watch);
}

static void blame_late(const struct watch *watch)
{
	const struct watch_device *late = find_late(watch);
	const struct cli_options *options = &watch->cli->options;
	struct mig_error *error = &watch->cli->error;
	char name[256], text[MIG_STATE_TEXT];

	mig_escape(name, sizeof(name), late->target.name);
	mig_error_set(error, MIG_KIND_TIMEOUT, 0, "%s did not come to %s within %g s: ", name,
		      mig_state_name(options->until), options->timeout);
	if (late->view.seen)
		mig_error_add(error, "it is in %s", mig_reading_name(late->view.state, text));
	else
		mig_error_add(error, "its state is not known (%s)",
			      late->view.present ? late->reason : "it is gone");
}

static void sleep_until(struct watch *watch, uint64_t wake_ns, const sigset_t *mask)
{
	uint64_t now = watch_now_ns(), left = wake_ns > now ? wake_ns - now : 0;
	const struct timespec time = { .tv_sec = (time_t)(left / WATCH_SECOND),
				       .tv_nsec = (long)(left % WATCH_SECOND) };
	struct pollfd fds[] = {
		{ .fd = mig_uevents_fd(watch->uevents), .events = POLLIN },
		{ .fd = watch->openings_fd, .events = POLLIN },
		{ .fd = watch_devlink_fd(watch), .events = POLLIN },
		/* No event asked for: only that the reader has gone. */
		{ .fd = STDOUT_FILENO },
	};

	if (ppoll(fds, sizeof(fds) / sizeof(*fds), wake_ns == WATCH_NEVER ? NULL : &time, mask) > 0)
		watch->mute |= fds[3].revents != 0;
}

static bool any_readable(const struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch_state_readable(&watch->devices[i]))
			return true;
	return false;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Signals come in only while it sleeps: one that came between the look at the
 * flag and the sleep would be slept over.
 */
static void go_on(struct watch *watch, const sigset_t *mask)
{
	const struct cli_options *options = &watch->cli->options;
	uint64_t interval = (uint64_t)(options->interval * 1e9), end = WATCH_NEVER;
	uint64_t tick = watch_now_ns() + interval;

	if (options->timeout_given && options->timeout > 0)
		end = watch_now_ns() + (uint64_t)(options->timeout * 1e9);
	while (!arrived(watch) && !watch->mute && !cli_interrupted) {
		uint64_t wake = least(end, watch_look_due(&watch->holders));

		if (watch->devlinks || watch->devlink.noticed)
			wake = least(wake, watch_look_due(&watch->devlink));
		sleep_until(watch, any_readable(watch) ? least(wake, tick) : wake, mask);
		if (cli_interrupted || watch->mute || watch_take_uevents(watch))
			return;
		watch_take_holders(watch);
		watch_take_devlink(watch);
		if (watch_now_ns() >= tick) {
			watch_take_states(watch);
			/* Late by a driver's second: not to be made up for. */
			tick = watch_now_ns() + interval;
		}
		if (watch_now_ns() < end || arrived(watch))
			continue;
		if (options->until_given)
			blame_late(watch);
		return;
	}
}

static void begin_and_go_on(struct watch *watch)
{
	struct cli *cli = watch->cli;
	sigset_t held, old;

	/* Listening before looking, so that nothing falls between. */
	watch->openings_fd = mig_openings_open(&cli->error);
	if (watch->openings_fd < 0 || mig_uevents_open(&watch->uevents, &cli->error))
		return;
	cli_interrupt_catch();
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, &old);
	if (!watch_devices_begin(watch)) {
		if (!watch->count)
			cli_note(cli, "no device is bound to a VFIO driver; waiting for one");
		go_on(watch, &old);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	cli->signal = cli_interrupted;
}

static int run(struct cli *cli)
{
	struct watch watch = { .cli = cli,
			       .out = cli_stdout(cli),
			       .openings_fd = -1,
			       .holders.quiet_ns = 10 * WATCH_SECOND,
			       .devlink.quiet_ns = 30 * WATCH_SECOND };

	watch.all = !cli->word_count;
	if (cli->options.until_given && watch.all) {
		mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--until needs a DEVICE");
		mig_error_hint(&cli->error, "usage: vfio-migctl watch --until STATE DEVICE...");
	} else {
		begin_and_go_on(&watch);
	}
	watch_devices_end(&watch);
	if (watch.sys != watch.real)
		mig_sys_trace_close(watch.sys);
	mig_sys_close(watch.real);
	free(watch.round);
	watch_devlink_end(&watch);
	mig_uevents_close(watch.uevents);
	if (watch.openings_fd >= 0)
		close(watch.openings_fd);
	if (watch.mute && cli->error.kind == MIG_KIND_OK && !cli->signal)
		cli->signal = SIGPIPE;
	if (cli->options.json && cli->error.kind != MIG_KIND_OK && !watch.mute)
		cli_printed(cli, mig_json_error(&watch.out, cli->command->name, &cli->error));
	return cli_end(cli, NULL);
}

static const int keys[] = { CLI_KEY_INTERVAL, CLI_KEY_UNTIL, CLI_KEY_ATTACH, 0 };

const struct cli_command cli_cmd_watch = {
	.name = "watch",
	.args = "[DEVICE...]",
	.summary = "A line for each change of state, holder, driver or health",
	.touches = "does not touch",
	.reads = true,
	.detail = "Without DEVICE all that are bound to VFIO, and those that become so. The first "
		  "line of each says how it is found. States are read where the kernel's debugfs "
		  "shows them; with --attach also through the process that has the device open, "
		  "whose descriptor is duplicated for each look.",
	.min = 0,
	.max = CLI_WORDS_MAX,
	.words = { CLI_WORD_DEVICE },
	.keys = keys,
	.run = run,
};
