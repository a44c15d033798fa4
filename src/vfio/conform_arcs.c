// SPDX-License-Identifier: GPL-2.0-or-later
/* Every transition of the rules, asked for with one write: reached, reported, timed. */
#include <stdio.h>

#include "conform.h"
#include "migctl/route.h"

static void transition(struct conform *conform)
{
	enum mig_state from = conform->test->from, to = conform->test->to;
	char text[MIG_STATE_TEXT];

	if (conform_go(conform, from))
		return;
	if (from == MIG_STATE_RESUMING && conform_feed(conform))
		return;
	if (conform_set(conform, to))
		return;
	conform->item->usec = conform->set_ns / 1000;
	if (conform->err || conform->after.state != to)
		conform_fail(conform, "the driver said %s, and the state is %s",
			     conform->err ? mig_errno_name(conform->err) : "success",
			     mig_reading_name(conform->after, text));
}

static const struct conform_test test = {
	.authority = "drivers/vfio/vfio_main.c, vfio_mig_get_next_state(): every reachable pair",
	.run = transition,
};

static void list(struct conform_list *list)
{
	const struct mig_rules rules = { .protocol = conform_list_protocol(list),
					 .table = MIG_TABLE_REVIEWED,
					 .caps = conform_list_caps(list) };

	for (int from = 0; from < MIG_STATE_COUNT; from++) {
		for (int to = 0; to < MIG_STATE_COUNT; to++) {
			struct mig_ruling ruling;
			char name[MIG_CONFORM_NAME];

			mig_rule(&rules, from, to, &ruling);
			if (!ruling.allowed || from == to)
				continue;
			snprintf(name, sizeof(name), "%s-to-%s", mig_state_name(from),
				 mig_state_name(to));
			conform_add(list, &test, name, from, to);
		}
	}
}

const struct conform_group conform_arcs = { .name = "arcs", .list = list };
