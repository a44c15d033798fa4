// SPDX-License-Identifier: GPL-2.0-or-later
/* How tests drive the device, and what they say of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"
#include "image.h"
#include "migctl/route.h"
#include "uapi.h"

/* The worst stays, and of several as bad the first. */
static void judge(struct conform *conform, enum mig_check_verdict verdict, const char *format,
		  va_list args)
{
	struct mig_conform_item *item = conform->item;
	char *detail;

	if (item->detail && verdict <= item->verdict && verdict != MIG_CHECK_SKIP)
		return;
	if (verdict == MIG_CHECK_SKIP && item->verdict != MIG_CHECK_PASS)
		return;
	if (vasprintf(&detail, format, args) < 0)
		detail = NULL;
	free(item->detail);
	item->detail = detail;
	item->verdict = verdict;
}

#define JUDGE(name, verdict) \
	void name(struct conform *conform, const char *format, ...) \
	{ \
		va_list args; \
\
		va_start(args, format); \
		judge(conform, verdict, format, args); \
		va_end(args); \
	}

JUDGE(conform_fail, MIG_CHECK_FAIL)
JUDGE(conform_warn, MIG_CHECK_WARN)
JUDGE(conform_skip, MIG_CHECK_SKIP)
JUDGE(conform_note, MIG_CHECK_PASS)

bool conform_over(const struct conform *conform)
{
	return conform->lost || *conform->stop;
}

bool conform_stuck(struct conform *conform, int ret, const char *doing)
{
	if (!mig_sys_is_stuck(conform->sys))
		return false;
	if (!conform->lost) {
		mig_sys_error(conform->sys, conform->error, MIG_KIND_TIMEOUT, ret, "%s %s", doing,
			      conform->port->device->name);
		conform_fail(conform, "%s %s: no answer within the timeout", doing,
			     conform->port->device->name);
		conform->run->seen = false;
	}
	conform->lost = true;
	return true;
}

int conform_get(struct conform *conform, struct mig_reading *reading)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret = conform->port->proto->get(conform->port, reading, &error);

	conform->run->seen = !ret;
	if (conform_stuck(conform, ret, "reading device_state of"))
		return -1;
	if (ret) {
		conform_fail(conform, "%s", error.text);
		return -1;
	}
	conform->run->last = *reading;
	return 0;
}

int conform_expect(struct conform *conform, enum mig_state state, const char *when)
{
	struct mig_reading reading;
	char text[MIG_STATE_TEXT];

	if (conform_get(conform, &reading))
		return -1;
	if (reading.state == state)
		return 0;
	conform_fail(conform, "%s the state is %s, not %s", when, mig_reading_name(reading, text),
		     mig_state_name(state));
	return -1;
}

/* Into RESUMING only where something leads out of it again. */
static bool may_resume(struct conform *conform)
{
	if (conform->image || mig_device_can_reset(conform->port->device))
		return true;
	conform_skip(conform, "nothing would lead out of resuming: the device offers no reset, and "
			      "no state of it could be had");
	return false;
}

/* The data_fd of the session before; a test may have asked it something meanwhile. */
static int settle(struct conform *conform)
{
	if (!mig_port_settle(conform->port, conform->error))
		return 0;
	conform_fail(conform, "closing the data_fd: no answer within the timeout");
	conform->lost = true;
	return -1;
}

bool conform_faulted(struct conform *conform)
{
	if (conform->before.state != MIG_STATE_ERROR)
		return false;
	conform_fail(conform, "the state has become error, and no request led there");
	return true;
}

int conform_set(struct conform *conform, enum mig_state state)
{
	struct mig_port *port = conform->port;
	struct mig_error error = { .kind = MIG_KIND_OK };
	const char *hazard = NULL;
	char text[MIG_STATE_TEXT], doing[2 * MIG_STATE_TEXT + 32];
	int ret;

	if (conform_get(conform, &conform->before))
		return -1;
	if (conform_faulted(conform))
		return -1;
	if (port->proto->id == MIG_PROTOCOL_V2)
		hazard = mig_table_v2_hazard(port->caps, conform->before.state, state);
	if (hazard) {
		conform_skip(conform, "%s", hazard);
		return -1;
	}
	if (state == MIG_STATE_RESUMING && !may_resume(conform))
		return -1;
	if (settle(conform))
		return -1;
	ret = port->proto->set(port, conform->before, state, &error);
	conform->set_ns = port->set_ns;
	/* A short or zero-length write has no errno, and is a failure all the same. */
	conform->err = -ret;
	snprintf(doing, sizeof(doing), "%s -> %s: writing device_state of",
		 mig_reading_name(conform->before, text), mig_state_name(state));
	if (conform_stuck(conform, ret, doing))
		return -1;
	return conform_get(conform, &conform->after);
}

int conform_feed(struct conform *conform)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret;

	if (!conform->image)
		return 0;
	ret = image_load(conform->image, conform->port, &error);
	if (conform_stuck(conform, ret, "loading a state into"))
		return -1;
	if (!ret)
		return 0;
	conform_fail(conform, "a state that the device gave cannot be written to it again: %s",
		     error.text);
	return -1;
}

int conform_have_image(struct conform *conform)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct image *image;
	int ret;

	if (conform_go(conform, MIG_STATE_STOP_COPY))
		return -1;
	image = image_open();
	if (image)
		image->stop = conform->stop;
	ret = image ? image_save(image, conform->port, &error) : -ENOMEM;
	if (!ret) {
		conform->image = image;
		return conform_go(conform, MIG_STATE_RUNNING);
	}
	image_close(image, conform->sys);
	if (conform_stuck(conform, ret, "saving the state of"))
		return -1;
	if (!*conform->stop)
		conform_fail(conform, "%s", image ? error.text : "out of memory");
	return -1;
}

const char *conform_said(const struct conform *conform, char text[CONFORM_SAID])
{
	const char *name = mig_errno_name(conform->err);

	if (!conform->err)
		return "success";
	if (conform->port->set_took >= 0)
		snprintf(text, CONFORM_SAID, "%d of 4 bytes", conform->port->set_took);
	else if (name)
		snprintf(text, CONFORM_SAID, "%s", name);
	else
		snprintf(text, CONFORM_SAID, "errno %d", conform->err);
	return text;
}

static void rule(const struct conform *conform, enum mig_table table, enum mig_state from,
		 enum mig_state to, struct mig_ruling *ruling)
{
	const struct mig_rules rules = { .protocol = conform->port->proto->id,
					 .table = table,
					 .caps = conform->port->caps };

	mig_rule(&rules, from, to, ruling);
}

bool conform_on_path(const struct conform *conform, enum mig_state asked)
{
	enum mig_state now = conform->after.state;
	struct mig_ruling ruling;

	if (now == conform->before.state || now == MIG_STATE_ERROR)
		return true;
	if (conform->port->proto->id == MIG_PROTOCOL_V1)
		return false;
	rule(conform, MIG_TABLE_REVIEWED, conform->before.state, asked, &ruling);
	for (size_t i = 0; i < ruling.route.count; i++)
		if (now == ruling.route.hops[i])
			return true;
	return false;
}

static int step(struct conform *conform, enum mig_state from, enum mig_state to)
{
	char text[MIG_STATE_TEXT], said[CONFORM_SAID];

	if (from == MIG_STATE_RESUMING && conform_feed(conform))
		return -1;
	if (conform_set(conform, to))
		return -1;
	if (!conform->err && conform->after.state == to)
		return settle(conform);
	conform->nakked = conform->port->proto->id == MIG_PROTOCOL_V1 && conform->err &&
			  conform->port->set_took < 0 &&
			  conform->after.state == conform->before.state;
	if (!conform->nakked)
		conform_fail(conform,
			     "on the way, %s -> %s: the driver said %s, and the state is %s",
			     mig_state_name(from), mig_state_name(to), conform_said(conform, said),
			     mig_reading_name(conform->after, text));
	return -1;
}

/* By the route of one table; see conform_go(). */
static int go_by(struct conform *conform, enum mig_table table, enum mig_state state)
{
	struct mig_reading now;
	struct mig_ruling ruling;

	conform->nakked = false;
	if (conform_get(conform, &now))
		return -1;
	if (now.state == state)
		return 0;
	/* What is refused to the pair may be had by way of others: v1 has no compositions. */
	rule(conform, table, now.state, state, &ruling);
	if (!ruling.route.count || ruling.hazard) {
		char text[MIG_STATE_TEXT];

		conform_fail(conform, "no legal way leads from %s to %s",
			     mig_reading_name(now, text), mig_state_name(state));
		return -1;
	}
	for (size_t i = 0; i < ruling.route.count; i++) {
		enum mig_state from = i ? ruling.route.hops[i - 1] : now.state;

		if (step(conform, from, ruling.route.hops[i]))
			return -1;
	}
	return 0;
}

int conform_go(struct conform *conform, enum mig_state state)
{
	char said[CONFORM_SAID];
	int ret = go_by(conform, MIG_TABLE_REVIEWED, state);

	/* A driver made after the table as posted does not go from RUNNING to RESUMING. */
	if (ret && conform->nakked && conform->before.state == MIG_STATE_RUNNING &&
	    !conform_over(conform))
		ret = go_by(conform, MIG_TABLE_POSTED, state);
	if (ret && conform->nakked)
		conform_skip(conform, "the driver does not go to %s: it naks with %s in %s",
			     mig_state_name(state), conform_said(conform, said),
			     mig_state_name(conform->after.state));
	return ret;
}

int conform_feature(struct conform *conform, struct uapi_feature *arg, size_t size)
{
	struct mig_sys *sys = conform->sys;
	int ret = sys->ops->ioctl(sys, conform->port->device->fd, UAPI_FEATURE, arg, size);

	conform->err = ret < 0 ? -ret : 0;
	return conform_stuck(conform, ret, "VFIO_DEVICE_FEATURE of") ? -1 : 0;
}

int conform_reset(struct conform *conform)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret = mig_device_reset(conform->port->device, &error);

	conform->err = -ret;
	return conform_stuck(conform, ret, "resetting") ? -1 : 0;
}

int conform_reopen(struct conform *conform)
{
	/* Opened anew, nothing is known of it yet: not even whether it offers a reset. */
	if (!conform->host->reopen(conform->host, conform->error) &&
	    !mig_device_info(conform->port->device, conform->error))
		return 0;
	conform_fail(conform, "it could not be opened again: %s", conform->error->text);
	conform->lost = true;
	conform->run->seen = false;
	return -1;
}
