// SPDX-License-Identifier: GPL-2.0-or-later
/* The arcs, in round trips from RUNNING, and what is done around them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bencher.h"
#include "migctl/walk.h"

/* Slots, as save and restore have them. */
#define RING 8
/* Where there is no limit. */
#define LONG_WHILE 1e9

static const volatile sig_atomic_t never;

double bencher_left(const struct bencher *bencher)
{
	double gone = (double)(now_ns() - bencher->begun_ns) / 1e9;

	return (bencher->options->seconds > 0 ? bencher->options->seconds : LONG_WHILE) - gone;
}

struct mig_figure *bencher_figure(struct bencher *bencher, const struct mig_figure *like)
{
	struct mig_figure *figure = mig_figures_add(&bencher->bench->figures, like);

	if (!figure)
		mig_error_set(bencher->error, MIG_KIND_FAILED, E2BIG,
			      "more is measured than there is room for");
	return figure;
}

int bencher_take(struct bencher *bencher, const struct mig_figure *like, uint64_t ns)
{
	struct mig_figure *figure = bencher_figure(bencher, like);

	if (!figure)
		return -E2BIG;
	if (mig_figure_take(figure, ns) != -ENOMEM)
		return 0;
	return mig_error_set(bencher->error, MIG_KIND_FAILED, ENOMEM,
			     "out of memory for what is measured");
}

int bencher_nak(struct bencher *bencher, enum mig_state from, enum mig_state to, int err)
{
	const struct mig_figure like = { .what = MIG_MEASURE_ARC, .from = from, .to = to };
	struct mig_figure *figure = bencher_figure(bencher, &like);

	if (!figure)
		return -E2BIG;
	figure->naks++;
	figure->err = err;
	bencher->error->kind = MIG_KIND_OK;
	bencher->bench->err = 0;
	mig_tour_close(&bencher->tour, from, to);
	return 0;
}

int bencher_step(struct bencher *bencher, enum mig_state to)
{
	struct mig_bench *bench = bencher->bench;
	enum mig_state from = bench->last.state;
	struct mig_plan_step planned = { .from = from, .to = to };
	const struct mig_plan plan = { .count = 1, .steps = &planned };
	const struct mig_figure like = { .what = MIG_MEASURE_ARC, .from = from, .to = to };
	struct mig_walk walk;
	int ret = mig_walk_run(&walk, bencher->port, &plan, bench->last, bencher->stop,
			       bencher->error);

	bench->seen = walk.seen;
	bench->last = walk.last;
	if (ret && walk.count)
		bench->err = walk.steps[0].err;
	if (walk.count && walk.outcome == MIG_OUTCOME_NAK) {
		ret = bencher_nak(bencher, from, to, walk.steps[0].err);
		ret = ret ? ret : 1;
	} else if (!ret) {
		ret = bencher_take(bencher, &like, walk.steps[0].nsec);
	}
	mig_walk_clear(&walk);
	return ret;
}

/* By the ways of the tables, and where they end, by a reset. */
static int walk_home(struct bencher *bencher)
{
	const struct mig_plan_options options = { .force = false };
	const enum mig_state home = MIG_STATE_RUNNING;
	struct mig_bench *bench = bencher->bench;
	struct mig_plan plan;
	struct mig_walk walk;
	int ret = mig_plan_build(&plan, &bencher->rules, &options, bench->last.state, &home, 1,
				 bencher->error);

	if (!ret) {
		ret = mig_walk_run(&walk, bencher->port, &plan, bench->last, &never,
				   bencher->error);
		bench->seen = walk.seen;
		bench->last = walk.last;
		mig_walk_clear(&walk);
	}
	mig_plan_clear(&plan);
	return ret;
}

static int reset_home(struct bencher *bencher)
{
	struct mig_device *device = bencher->port->device;
	struct mig_bench *bench = bencher->bench;
	int ret = mig_port_close(bencher->port, bencher->error);

	if (!ret)
		ret = mig_device_info(device, bencher->error);
	if (!ret)
		ret = mig_device_reset(device, bencher->error);
	if (ret)
		return ret;
	bench->reset = true;
	ret = bencher->port->proto->get(bencher->port, &bench->last, bencher->error);
	bench->seen = !ret;
	if (ret || bench->last.state == MIG_STATE_RUNNING)
		return ret;
	return mig_error_set(bencher->error, MIG_KIND_ASTRAY, 0, "it is not running after a reset");
}

/* An error that came before stays, and says how this went. */
static int go_home(struct bencher *bencher)
{
	struct mig_bench *bench = bencher->bench;
	struct mig_error first = *bencher->error;
	char text[MIG_STATE_TEXT];
	int ret = 0;

	/* With a part of a load: the transfer has done what can be done, and says how it is left.
	 */
	if (bench->left)
		return 0;
	bencher->error->kind = MIG_KIND_OK;
	if (!mig_sys_is_stuck(bencher->sys)) {
		ret = bencher->port->proto->get(bencher->port, &bench->last, bencher->error);
		bench->seen = !ret;
	}
	if (!mig_sys_is_stuck(bencher->sys) && !ret && bench->last.state != MIG_STATE_RUNNING &&
	    bench->last.state != MIG_STATE_ERROR) {
		if (bench->last.state != MIG_STATE_RESUMING)
			ret = walk_home(bencher);
		if (!mig_sys_is_stuck(bencher->sys) && bench->seen &&
		    bench->last.state != MIG_STATE_RUNNING && bench->last.state != MIG_STATE_ERROR)
			ret = reset_home(bencher);
	}
	if (mig_sys_is_stuck(bencher->sys))
		bench->seen = false;
	bench->left = !bench->seen || bench->last.state != MIG_STATE_RUNNING;
	if (!bench->left)
		ret = 0;
	if (first.kind == MIG_KIND_OK && !ret)
		bencher->error->kind = MIG_KIND_OK;
	if (first.kind == MIG_KIND_OK)
		return ret;
	if (ret && bencher->error->kind != MIG_KIND_OK && !mig_sys_is_stuck(bencher->sys)) {
		mig_error_add(&first, "; bringing it back failed: %.300s", bencher->error->text);
		mig_error_hint(
			&first,
			bench->last.state == MIG_STATE_ERROR
				? "`reset` should bring it to running"
				: "unbind the device from its VFIO driver and bind it again");
	} else if (bench->left && bench->seen && bench->last.state != MIG_STATE_ERROR) {
		mig_error_add(&first, "; it is left in %s", mig_reading_name(bench->last, text));
	} else if (bench->reset && !bench->left) {
		mig_error_add(&first, "; it was reset, and is running");
	}
	*bencher->error = first;
	return ret;
}

static int tour(struct bencher *bencher)
{
	const enum mig_state home = MIG_STATE_RUNNING;
	struct mig_bench *bench = bencher->bench;
	enum mig_state to;
	int ret = 0;

	mig_tour_begin(&bencher->tour);
	while (ret >= 0 && mig_tour_next(&bencher->tour, bench->last.state, home, &to))
		ret = bencher_step(bencher, to);
	if (ret < 0 || bench->last.state == home)
		return ret < 0 ? ret : 0;
	/* Nor is a save to end there. */
	snprintf(bench->no_save, sizeof(bench->no_save), "the driver refuses every way out of %s",
		 mig_state_name(bench->last.state));
	mig_tour_wall(&bencher->tour, home);
	return go_home(bencher);
}

/* What does not change the device. A driver that does not say is not asked again. */
static int look(struct bencher *bencher, bool *sized)
{
	static const struct mig_figure get = { .what = MIG_MEASURE_GET },
				       size = { .what = MIG_MEASURE_DATA_SIZE };
	struct mig_bench *bench = bencher->bench;
	struct mig_port *port = bencher->port;
	uint64_t bytes;
	int ret = port->proto->get(port, &bench->last, bencher->error);

	bench->seen = !ret;
	if (!ret)
		ret = bencher_take(bencher, &get, bencher->sys->elapsed_ns);
	if (ret || !*sized)
		return ret;
	*sized = !port->proto->size(port, &bytes, bencher->error);
	if (mig_sys_is_stuck(bencher->sys))
		return -ETIMEDOUT;
	bencher->error->kind = MIG_KIND_OK;
	return *sized ? bencher_take(bencher, &size, bencher->sys->elapsed_ns) : 0;
}

static int cycle(struct bencher *bencher, bool *sized)
{
	char text[MIG_STATE_TEXT];
	int ret = *bencher->stop ? mig_error_set(bencher->error, MIG_KIND_FAILED, EINTR,
						 "interrupted while measuring %s",
						 bencher->port->device->name)
				 : look(bencher, sized);

	if (ret || bencher->options->read_only)
		return ret;
	if (bencher->bench->last.state != MIG_STATE_RUNNING)
		return mig_error_set(
			bencher->error,
			bencher->bench->last.state == MIG_STATE_ERROR ? MIG_KIND_FAULTED
								      : MIG_KIND_ASTRAY,
			0, "%s left running by itself, and is in %s", bencher->port->device->name,
			mig_reading_name(bencher->bench->last, text));
	ret = tour(bencher);
	return ret ? ret : bencher_moves(bencher);
}

static int may_begin(struct bencher *bencher)
{
	const struct mig_bench *bench = bencher->bench;
	const char *name = bencher->port->device->name;
	char text[MIG_STATE_TEXT];
	bool fault = bench->last.state == MIG_STATE_ERROR;

	if (bencher->options->read_only || bench->last.state == MIG_STATE_RUNNING)
		return 0;
	mig_error_set(bencher->error, fault ? MIG_KIND_FAULTED : MIG_KIND_REFUSED, 0,
		      fault ? "%s was found in %s: it cannot be measured"
			    : "%s is in %s: what is measured begins and ends in running",
		      name, mig_reading_name(bench->last, text));
	mig_error_hint(bencher->error,
		       "vfio-migctl reset %s should bring it to running; --read-only measures "
		       "what does not change it",
		       name);
	return -EPERM;
}

static int run(struct bencher *bencher)
{
	struct mig_bench *bench = bencher->bench;
	bool sized = true;
	int ret = 0;

	do {
		ret = cycle(bencher, &sized);
		bench->cycles += !ret;
	} while (!ret && bench->cycles < bencher->options->cycles && bencher_left(bencher) > 0);
	if (ret && !bencher->options->read_only)
		go_home(bencher);
	return ret;
}

/* The first touch of memory costs: not in the driver's copies, so that all saves are alike. */
static void touch(struct mig_ring *ring)
{
	unsigned int half = mig_ring_slots(ring) / 2;
	struct mig_slot *slots[RING / 2];

	for (int i = 0; i < 2; i++) {
		if (mig_ring_free(ring, slots, half))
			return;
		for (unsigned int k = 0; k < half; k++)
			memset(slots[k]->data, 0, MIG_SLOT_SIZE);
		mig_ring_fill(ring, half);
		if (mig_ring_full(ring, slots, half) < 0)
			return;
		mig_ring_empty(ring, half);
	}
}

int mig_bench_run(struct mig_bench *bench, struct mig_port *port,
		  const struct mig_bench_options *options, const volatile sig_atomic_t *stop,
		  struct mig_error *error)
{
	struct bencher bencher = { .bench = bench,
				   .port = port,
				   .sys = port->device->sys,
				   .options = options,
				   .stop = stop,
				   .error = error,
				   .rules = { .protocol = port->proto->id,
					      .table = MIG_TABLE_REVIEWED,
					      .caps = port->caps },
				   .begun_ns = now_ns() };
	int ret;

	memset(bench, 0, sizeof(*bench));
	error->kind = MIG_KIND_OK;
	bench->precopy = !options->no_precopy && (port->caps & MIG_CAP_PRE_COPY);
	mig_tour_open(&bencher.tour, &bencher.rules);
	bencher.store.most = MIG_BENCH_STATE_MAX;
	/* Its other end is memory: it waits for nothing that a signal would have to end. */
	bencher.store.ring = mig_ring_open(RING, NULL);
	if (!bencher.store.ring)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM,
				     "out of memory for the buffers of a transfer");
	if (!options->read_only)
		touch(bencher.store.ring);
	ret = port->proto->get(port, &bench->last, error);
	bench->seen = !ret;
	if (!ret)
		ret = may_begin(&bencher);
	if (!ret)
		ret = run(&bencher);
	bench->usec = (now_ns() - bencher.begun_ns) / 1000;
	/* A driver that is late may still write to a buffer. */
	if (!mig_sys_is_stuck(bencher.sys))
		mig_ring_close(bencher.store.ring);
	bench_store_clear(&bencher.store);
	mig_figures_sort(&bench->figures);
	return ret;
}

void mig_bench_clear(struct mig_bench *bench)
{
	mig_figures_clear(&bench->figures);
}
