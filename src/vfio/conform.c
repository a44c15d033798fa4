// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine: one test after the other, each from RUNNING, and the way back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"
#include "image.h"
#include "migctl/verdict.h"

static void skip_unmet(struct conform *conform)
{
	const struct mig_conform_test *test = conform->test;
	unsigned int lacks = test->caps & ~conform->port->caps;

	if (lacks)
		conform_skip(conform, "the device announces no %s",
			     lacks & MIG_CAP_PRE_COPY ? "PRE_COPY"
			     : lacks & MIG_CAP_P2P    ? "P2P"
						      : "STOP_COPY");
	else if (test->illegal && !conform->options->illegal)
		conform_skip(conform, "asks for what a driver has to refuse: only with --illegal");
	else if (test->needs_reset && !mig_device_can_reset(conform->port->device))
		conform_skip(conform, "the device offers no reset");
}

/* One test, and home again. -1: the run cannot go on. */
static int run_test(struct conform *conform)
{
	const struct conform_test *inside = conform->test->inside;

	if (conform_home(conform))
		return -1;
	inside->run(conform);
	return conform->lost ? -1 : conform_home(conform);
}

/* The worst counts, and whoever looks for it wants to know how seldom it is. */
static void name_repetition(struct conform *conform, unsigned int i, unsigned int repeat)
{
	struct mig_conform_item *item = conform->item;
	char *detail;

	if (asprintf(&detail, "%s (in repetition %u of %u)", item->detail ? item->detail : "",
		     i + 1, repeat) < 0)
		return;
	free(item->detail);
	item->detail = detail;
}

static int run_repeated(struct conform *conform)
{
	unsigned int repeat = conform->options->repeat ? conform->options->repeat : 1;
	int ret = 0;

	skip_unmet(conform);
	for (unsigned int i = 0; i < repeat && !ret; i++) {
		enum mig_check_verdict before = conform->item->verdict;

		if (before == MIG_CHECK_SKIP || *conform->stop)
			break;
		ret = run_test(conform);
		if (repeat > 1 && conform->item->verdict > before)
			name_repetition(conform, i, repeat);
	}
	return ret;
}

static int run_all(struct conform *conform, const struct mig_conform_test *tests, size_t count)
{
	struct mig_conform *run = conform->run;
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++) {
		if (*conform->stop)
			return -EINTR;
		conform->test = &tests[i];
		conform->item = &run->items[run->count];
		*conform->item = (struct mig_conform_item){ .name = tests[i].name,
							    .authority = tests[i].authority,
							    .protocol = tests[i].protocol,
							    .illegal = tests[i].illegal,
							    .verdict = MIG_CHECK_PASS,
							    .from = tests[i].from,
							    .to = tests[i].to };
		ret = run_repeated(conform);
		/* A test that was cut short says nothing of the driver. */
		if (*conform->stop && !ret)
			ret = -EINTR;
		if (ret == -EINTR && conform->item->verdict != MIG_CHECK_FAIL) {
			free(conform->item->detail);
			return ret;
		}
		run->count++;
		run->failed |= conform->item->verdict == MIG_CHECK_FAIL;
		conform->host->tell(conform->host, run->count, conform->item);
		if (conform->item->verdict == MIG_CHECK_FAIL && conform->options->stop_at_fail)
			break;
	}
	return ret;
}

/*
 * A v2 device found in RESUMING has lost what it was to load, and some kernels
 * do not survive its leaving that state: only a reset is tried.
 */
static int begin(struct conform *conform)
{
	struct mig_port *port = conform->port;
	struct mig_error *error = conform->error;
	int ret = mig_device_info(port->device, error);

	if (!ret)
		ret = port->proto->get(port, &conform->first, error);
	if (ret)
		return ret;
	conform->run->seen = true;
	conform->run->last = conform->first;
	if ((conform->first.state == MIG_STATE_ERROR ||
	     conform->first.state == MIG_STATE_RESUMING ||
	     conform->first.state == MIG_STATE_INVALID) &&
	    !mig_device_can_reset(port->device)) {
		char text[MIG_STATE_TEXT];

		mig_error_set(error, MIG_KIND_REFUSED, 0,
			      "%s was found in %s, which only a reset leads out of, and it offers "
			      "none",
			      port->device->name, mig_reading_name(conform->first, text));
		mig_error_hint(error,
			       "unbind the device from its driver and bind it again; an mdev must "
			       "be made anew");
		return -EPERM;
	}
	return 0;
}

/* Outside of the tests: nothing that is found is a verdict. */
static void outside(struct conform *conform, const struct mig_conform_test *test,
		    void (*work)(struct conform *conform))
{
	struct mig_conform_item item = { .name = test->name, .verdict = MIG_CHECK_PASS };

	conform->test = test;
	conform->item = &item;
	work(conform);
	conform->item = NULL;
	free(item.detail);
}

static void prepare(struct conform *conform)
{
	if (!conform_home(conform))
		conform_have_image(conform);
}

/* To where it was found, where a device can be left on purpose. */
static void end(struct conform *conform)
{
	if (conform->lost || conform_home(conform))
		return;
	if (conform->first.state == MIG_STATE_STOP || conform->first.state == MIG_STATE_RUNNING_P2P)
		conform_go(conform, conform->first.state);
}

int mig_conform_run(struct mig_conform *run, struct mig_port *port,
		    const struct mig_conform_test *tests, size_t count,
		    const struct mig_conform_options *options, struct mig_conform_host *host,
		    const volatile sig_atomic_t *stop, struct mig_error *error)
{
	static const struct mig_conform_test preparing = { .name = "the beginning" };
	static const struct mig_conform_test way_back = { .name = "the way back" };
	struct conform conform = { .port = port,
				   .sys = port->device->sys,
				   .options = options,
				   .host = host,
				   .stop = stop,
				   .run = run,
				   .error = error };
	int ret;

	memset(run, 0, sizeof(*run));
	run->items = calloc(count ? count : 1, sizeof(*run->items));
	if (!run->items)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM,
				     "out of memory for the results");
	ret = begin(&conform);
	if (ret)
		return ret;
	outside(&conform, &preparing, prepare);
	ret = conform.lost ? -1 : run_all(&conform, tests, count);
	outside(&conform, &way_back, end);
	image_close(conform.image, conform.sys);
	if (conform.lost || ret == -1)
		return -EIO;
	if (ret == -EINTR)
		mig_error_set(error, MIG_KIND_FAILED, EINTR, "interrupted after %zu of %zu tests",
			      run->count, count);
	return ret;
}

void mig_conform_clear(struct mig_conform *run)
{
	for (size_t i = 0; i < run->count; i++)
		free(run->items[i].detail);
	free(run->items);
	free(run->answers);
	memset(run, 0, sizeof(*run));
}
