/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over a protocol whose answers are written down beforehand. */
#ifndef TEST_WALK_FAKE_H
#define TEST_WALK_FAKE_H

#include "script.h"

#include "migctl/walk.h"

struct turn {
	int set; /* what the write says; set_ret of a hang is -ETIMEDOUT */
	bool set_hangs;
	bool short_write; /* set is then -EIO without an errno, as v1 has it */
	int took;
	bool ends_transfer; /* and leaves a data_fd to be closed */
	bool close_hangs;
	int get;
	bool get_hangs;
	enum mig_state after;
};

static const struct turn *turns;
static size_t turn_count, sets, gets;
enum {
	DATA = 20
};
static enum mig_state asked[8];
static uint32_t before[8]; /* the reading that came with it */
static volatile sig_atomic_t stop;
static size_t stop_after; /* the signal comes during this write; 0: none */

static struct script script;
static struct mig_device device;
static struct mig_port port;
static struct mig_plan plan;
static struct mig_walk walk;
static struct mig_error error;

static inline int answer(int ret, bool hangs, const char *what, struct mig_error *err)
{
	if (hangs) {
		script.stuck = (struct mig_stuck){
			.stuck = true, .call = "ioctl", .seconds = 2.5, .task = 4242
		};
		ret = -ETIMEDOUT;
	}
	return mig_sys_error(&script.sys, err, MIG_KIND_FAILED, ret, "%s", what);
}

static int fake_set(struct mig_port *p, struct mig_reading now, enum mig_state state,
		    struct mig_error *err)
{
	const struct turn *turn = &turns[sets];

	assert_true(sets < turn_count);
	assert_int_equal(gets, sets);     /* each write is followed by one reading */
	assert_int_equal(p->dead_fd, -1); /* the one before is closed by now */
	before[sets] = now.raw;
	asked[sets++] = state;
	p->set_ns = turn->set_hangs ? 2500000000 : 41999;
	p->set_took = turn->short_write ? turn->took : -1;
	if (turn->ends_transfer) {
		script_has_fd(&script, DATA);
		p->dead_fd = DATA;
	}
	script.close_hangs = turn->close_hangs;
	if (stop_after && sets == stop_after)
		stop = 1;
	return turn->set || turn->set_hangs ? answer(turn->set, turn->set_hangs, "writing", err)
					    : 0;
}

static int fake_get(struct mig_port *p, struct mig_reading *reading, struct mig_error *err)
{
	const struct turn *turn = &turns[gets++];

	assert_int_equal(gets, sets);
	/* The state is read before a release that may take its time. */
	assert_int_equal(p->dead_fd, turn->ends_transfer ? DATA : -1);
	if (turn->get || turn->get_hangs)
		return answer(turn->get, turn->get_hangs, "reading", err);
	*reading = mig_v2_reading(turn->after);
	return 0;
}

static const struct mig_proto fake = { .id = MIG_PROTOCOL_V2, .get = fake_get, .set = fake_set };

/* letters: where the device is, then the targets. */
static inline int run(const char *letters, const struct turn *list, size_t count)
{
	const struct mig_rules rules = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAPS_ALL };
	const struct mig_plan_options options = { .direct = true, .force = true };
	enum mig_state targets[8];
	size_t n = 0;
	int ret;

	for (const char *at = letters + 1; *at; at++)
		targets[n++] = letter_state(*at);
	assert_int_equal(mig_plan_build(&plan, &rules, &options, letter_state(letters[0]), targets,
					n, &error),
			 0);
	turns = list;
	turn_count = count;
	sets = gets = 0;
	stop = 0;
	script_begin(&script, NULL, 0);
	device = (struct mig_device){ .sys = &script.sys, .fd = 12, .name = "dev" };
	port = (struct mig_port){ .proto = &fake, .device = &device, .data_fd = -1, .dead_fd = -1 };
	memset(&error, 0, sizeof(error));
	memset(&walk, 0xa5, sizeof(walk));
	ret = mig_walk_run(&walk, &port, &plan, mig_v2_reading(letter_state(letters[0])), &stop,
			   &error);
	mig_plan_clear(&plan);
	return ret;
}

static inline void done(void)
{
	mig_walk_clear(&walk);
	assert_null(walk.steps);
}

static inline void step_is(size_t i, enum mig_outcome outcome, int err, bool seen,
			   enum mig_state after)
{
	assert_true(i < walk.count);
	assert_int_equal(walk.steps[i].outcome, outcome);
	assert_int_equal(walk.steps[i].err, err);
	assert_int_equal(walk.steps[i].seen, seen);
	if (seen)
		assert_int_equal(walk.steps[i].after.state, after);
}

#endif
