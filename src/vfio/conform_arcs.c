// SPDX-License-Identifier: GPL-2.0-or-later
/* Every transition of the rules, asked for with one write: reached, reported, timed. */
#include <stdio.h>
#include <stdlib.h>

#include "conform.h"
#include "migctl/route.h"
#include "migctl/verdict.h"

/* For the questions of the review: what this driver makes of a pair of v1. */
static void answer(struct conform *conform, enum mig_state to)
{
	const struct mig_attempt attempt = {
		.before = conform->before.state,
		.asked = to,
		.written = conform->err ? MIG_WRITTEN_FAILED : MIG_WRITTEN_OK,
		.seen = MIG_SEEN,
		.after = conform->after.state,
	};
	struct mig_conform *run = conform->run;
	struct mig_conform_answer *answers, *last;

	/* With --repeat, what was not accepted is the answer. */
	for (size_t i = 0; i < run->answer_count; i++) {
		last = &run->answers[i];
		if (last->from != attempt.before || last->to != to)
			continue;
		if (last->outcome == MIG_OUTCOME_ACCEPTED) {
			last->outcome = mig_verdict(&attempt);
			last->err = conform->err;
		}
		return;
	}
	answers = reallocarray(run->answers, run->answer_count + 1, sizeof(*answers));
	if (!answers)
		return;
	run->answers = answers;
	answers[run->answer_count++] = (struct mig_conform_answer){
		.from = attempt.before,
		.to = to,
		.outcome = mig_verdict(&attempt),
		.err = conform->err,
	};
}

/* To from, so that one write may lead on from there. -1: judged already. */
static int approach(struct conform *conform, enum mig_state from)
{
	if (conform_go(conform, from))
		return -1;
	if (from != MIG_STATE_RESUMING)
		return 0;
	if (conform->image)
		return conform_feed(conform);
	conform_skip(conform, "no state of the device could be had that it would load");
	return -1;
}

static void unreached(struct conform *conform, enum mig_state to)
{
	char text[MIG_STATE_TEXT], said[CONFORM_SAID];

	conform_fail(conform, "the driver said %s, and the state is %s%s",
		     conform_said(conform, said), mig_reading_name(conform->after, text),
		     conform_on_path(conform, to) ? "" : ", which is not on the way");
}

/* A nak is the driver's right, by an errno: a write of nothing is none. */
static void transition_v1(struct conform *conform)
{
	const struct mig_conform_test *test = conform->test;
	char said[CONFORM_SAID];

	if (approach(conform, test->from) || conform_set(conform, test->to))
		return;
	conform->item->usec = conform->set_ns / 1000;
	answer(conform, test->to);
	if (!conform->err && conform->after.state == test->to) {
		if (test->illegal)
			conform_note(conform, "accepted, as the open table has it");
		return;
	}
	if (!conform->err || conform->port->set_took >= 0 ||
	    conform->after.state != conform->before.state)
		unreached(conform, test->to);
	else if (test->illegal)
		conform_note(conform, "nak: %s, and the state is what it was",
			     conform_said(conform, said));
	else
		conform_warn(conform, "nak: %s, and the state is what it was",
			     conform_said(conform, said));
}

/* The four arcs that begin a session, and so give a data_fd. */
static bool gives_fd(enum mig_state from, enum mig_state to)
{
	return (from == MIG_STATE_RUNNING && to == MIG_STATE_PRE_COPY) ||
	       (from == MIG_STATE_RUNNING_P2P && to == MIG_STATE_PRE_COPY_P2P) ||
	       (from == MIG_STATE_STOP && (to == MIG_STATE_STOP_COPY || to == MIG_STATE_RESUMING));
}

/* The last arc of the transition counts. */
static bool wants_fd(const struct conform *conform)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2, .caps = conform->port->caps };
	enum mig_state from = conform->test->from;
	struct mig_ruling ruling;

	mig_rule(&rules, from, conform->test->to, &ruling);
	if (ruling.route.count > 1)
		from = ruling.route.hops[ruling.route.count - 2];
	return from != conform->test->to && gives_fd(from, conform->test->to);
}

static void check_fd(struct conform *conform, int old)
{
	int now = conform->port->data_fd;
	bool given = now >= 0 && now != old, wanted = wants_fd(conform);

	if (given && !wanted)
		conform_fail(conform, "a data_fd came, though its last arc begins no session");
	else if (wanted && !given)
		conform_fail(conform, "no data_fd came, though its last arc begins a session");
}

static void transition_v2(struct conform *conform)
{
	const struct mig_conform_test *test = conform->test;
	int old;

	if (approach(conform, test->from))
		return;
	old = conform->port->data_fd;
	if (conform_set(conform, test->to))
		return;
	conform->item->usec = conform->set_ns / 1000;
	if (conform->err || conform->after.state != test->to)
		unreached(conform, test->to);
	else
		check_fd(conform, old);
}

/* Asked to be where it is. */
static void stays(struct conform *conform)
{
	enum mig_state state = conform->test->to;
	char said[CONFORM_SAID];
	int old;

	if (conform_go(conform, state))
		return;
	old = conform->port->data_fd;
	if (conform_set(conform, state))
		return;
	conform->item->usec = conform->set_ns / 1000;
	if (conform->after.state != state)
		unreached(conform, state);
	else if (conform->err)
		conform_warn(conform, "asked to be where it is, the driver said %s",
			     conform_said(conform, said));
	else if (conform->port->proto->id == MIG_PROTOCOL_V2)
		check_fd(conform, old);
}

static const struct conform_test v1[] = {
	[MIG_ORIGIN_POSTED] = {
		.authority = "thread: Hadas: an arc of the table as posted, after the use that the "
			     "header describes and QEMU makes of it; Williamson: a driver may nak",
		.run = transition_v1,
	},
	[MIG_ORIGIN_REVIEW] = {
		.authority = "include/uapi/linux/vfio.h (5.8-5.17), struct "
			     "vfio_device_migration_info: a state is loaded from _RUNNING; so the "
			     "review confirms it (thread: Williamson)",
		.run = transition_v1,
	},
	[MIG_ORIGIN_QUESTIONED] = {
		.authority = "thread: Williamson: the table leaves it out, and should it? Whoever "
			     "refuses it keeps the state",
		.illegal = true,
		.run = transition_v1,
	},
};

static const struct conform_test v1_same = {
	.authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		     "success means that the device is in the state written",
	.run = stays,
};

static const struct conform_test v2_arc = {
	.authority = "include/uapi/linux/vfio.h, enum vfio_device_mig_state: the driver implements "
		     "each arc of its states; four begin a session and give a data_fd",
	.run = transition_v2,
};

static const struct conform_test v2_composed = {
	.authority = "drivers/vfio/vfio_main.c, vfio_mig_get_next_state: one request leads through "
		     "every state on the way, and a session begins with the last arc alone",
	.run = transition_v2,
};

static const struct conform_test v2_same = {
	.authority = "drivers/vfio/vfio_main.c, vfio_from_fsm_table: a state leads to itself",
	.run = stays,
};

static void list_v1(struct conform_list *list, enum mig_state from, enum mig_state to,
		    const char *name)
{
	const struct mig_arc *arc = mig_table_v1_arc(MIG_TABLE_OPEN, from, to);

	if (arc)
		conform_add(list, &v1[arc->origin], name, from, to);
	else if (from == to && from != MIG_STATE_ERROR && mig_state_in(MIG_PROTOCOL_V1, from))
		conform_add(list, &v1_same, name, from, to);
}

static void list_v2(struct conform_list *list, enum mig_state from, enum mig_state to,
		    const char *name)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2,
					 .caps = conform_list_caps(list) };
	struct mig_ruling ruling;

	if (from == MIG_STATE_ERROR || !mig_table_v2_supported(rules.caps, from))
		return;
	mig_rule(&rules, from, to, &ruling);
	if (from == to)
		conform_add(list, &v2_same, name, from, to);
	else if (ruling.allowed && !ruling.hazard)
		conform_add(list, ruling.route.count > 1 ? &v2_composed : &v2_arc, name, from, to);
}

static void list(struct conform_list *list)
{
	for (int from = 0; from < MIG_STATE_COUNT; from++) {
		for (int to = 0; to < MIG_STATE_COUNT; to++) {
			char name[MIG_CONFORM_NAME];

			snprintf(name, sizeof(name), "%s-to-%s", mig_state_name(from),
				 mig_state_name(to));
			if (conform_list_protocol(list) == MIG_PROTOCOL_V1)
				list_v1(list, from, to, name);
			else
				list_v2(list, from, to, name);
		}
	}
}

const struct conform_group conform_arcs = { .name = "arcs", .list = list };
