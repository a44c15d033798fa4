// SPDX-License-Identifier: GPL-2.0-or-later
/* Saves and restores, as save and restore make them, with memory at the other end. */
#include <errno.h>
#include <stdio.h>

#include "bencher.h"
#include "migctl/move.h"

/* However little is left, pre-copy gets so long. */
#define PRECOPY_LEAST 0.1

static int no_thread(struct bencher *bencher, int ret)
{
	return mig_error_set(bencher->error, MIG_KIND_FAILED, -ret,
			     "no thread for the other end of a transfer");
}

/* What the walk of a transfer passed: of these arcs only those the tour leaves out. */
static int take_steps(struct bencher *bencher, const struct mig_move *move)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < move->count; i++) {
		const struct mig_step *step = &move->steps[i];
		const struct mig_figure like = { .what = MIG_MEASURE_ARC,
						 .from = step->from,
						 .to = step->to };

		if (step->outcome == MIG_OUTCOME_ACCEPTED &&
		    (step->from == MIG_STATE_RESUMING || step->to == MIG_STATE_RESUMING))
			ret = bencher_take(bencher, &like, step->nsec);
	}
	return ret;
}

/*
 * How a transfer ended: where the device is, and of a refusal which arc that
 * was. 1: it was refused, and the device runs as before.
 */
static int ended(struct bencher *bencher, const struct mig_move *move, int ret,
		 struct mig_step *refused)
{
	struct mig_bench *bench = bencher->bench;

	bench->seen = move->seen;
	bench->last = move->last;
	bench->reset |= move->reset_attempted;
	bench->left = move->left && move->last.state == MIG_STATE_RESUMING;
	*refused = (struct mig_step){ .from = MIG_STATE_INVALID };
	for (size_t i = 0; ret && i < move->count; i++) {
		if (move->steps[i].outcome == MIG_OUTCOME_ACCEPTED)
			continue;
		*refused = move->steps[i];
		bench->err = refused->err;
	}
	if (ret && bencher->error->kind == MIG_KIND_OK)
		return mig_error_set(bencher->error, MIG_KIND_FAILED, -ret,
				     "the other end of a transfer with %s failed",
				     bencher->port->device->name);
	if (!ret || move->left || bencher->error->kind != MIG_KIND_NAK ||
	    refused->from == MIG_STATE_INVALID)
		return ret;
	return 1;
}

static void give_up(char why[200], const struct mig_error *error)
{
	snprintf(why, 200, "%.199s", error->text);
}

/* 1: refused, and *why is filled. */
static int save(struct bencher *bencher, size_t chunk, struct mig_move *move)
{
	struct mig_bench *bench = bencher->bench;
	double left = bencher_left(bencher), until = bencher->options->until_seconds;
	const struct mig_move_options how = {
		.precopy = bench->precopy,
		.until_bytes = bencher->options->until_bytes,
		.until_seconds = until < left           ? until
				 : left > PRECOPY_LEAST ? left
							: PRECOPY_LEAST,
		.chunk = chunk,
	};
	bool keep = !chunk && !bencher->options->no_restore;
	struct mig_step refused;
	int ret = bench_store_take(&bencher->store, keep);

	*move = (struct mig_move){ .count = 0 };
	if (ret)
		return no_thread(bencher, ret);
	ret = mig_move_save(move, bencher->port, &how, bencher->store.ring, bencher->stop, NULL,
			    bencher->error);
	bench_store_join(&bencher->store);
	ret = ended(bencher, move, ret, &refused);
	if (ret != 1)
		return ret;
	/* v1 does not say whether it has pre-copy; the rest is worth to be measured without. */
	if (bench->precopy &&
	    (refused.to == MIG_STATE_PRE_COPY || refused.from == MIG_STATE_PRE_COPY))
		bench->precopy = false;
	else
		give_up(bench->no_save, bencher->error);
	bencher->error->kind = MIG_KIND_OK;
	return 1;
}

static int take_data(struct bencher *bencher, const struct mig_figure *like,
		     const struct mig_move *move)
{
	int ret = bencher_take(bencher, like, move->data_ns);

	if (!ret)
		mig_figure_moved(bencher_figure(bencher, like), move->bytes);
	return ret;
}

static int measure_save(struct bencher *bencher, size_t chunk)
{
	const struct mig_figure data = { .what = MIG_MEASURE_SAVE, .chunk = chunk },
				stopped = { .what = MIG_MEASURE_STOPPED };
	struct mig_move move;
	int ret = save(bencher, chunk, &move);

	if (!ret)
		ret = take_data(bencher, &data, &move);
	if (!ret && !chunk)
		ret = bencher_take(bencher, &stopped, move.stop_usec * 1000);
	mig_move_clear(&move);
	return ret;
}

/*
 * v1 goes in from running or stop, and out to either, in turn, by what was not
 * refused yet; v2's arcs are two. False: no way is left.
 */
static bool find_way(struct bencher *bencher, enum mig_state *in, enum mig_state *out)
{
	static const enum mig_state ends[] = { MIG_STATE_RUNNING, MIG_STATE_STOP };
	bool v1 = bencher->port->proto->id == MIG_PROTOCOL_V1;

	*in = v1 ? ends[bencher->turn % 2] : MIG_STATE_STOP;
	*out = v1 ? ends[(bencher->turn + 1) % 2] : MIG_STATE_STOP;
	if (v1 && (bencher->no_way_in & 1u << *in))
		*in = *in == MIG_STATE_RUNNING ? MIG_STATE_STOP : MIG_STATE_RUNNING;
	if (v1 && (bencher->no_way_out & 1u << *out))
		*out = *out == MIG_STATE_RUNNING ? MIG_STATE_STOP : MIG_STATE_RUNNING;
	return !(bencher->no_way_in & 1u << *in) && !(bencher->no_way_out & 1u << *out);
}

/* An arc of RESUMING that was refused: is there another way? */
static int refused_way(struct bencher *bencher, const struct mig_step *refused)
{
	struct mig_bench *bench = bencher->bench;
	enum mig_state in, out;
	char why[200];
	int ret;

	give_up(why, bencher->error);
	ret = bencher_nak(bencher, refused->from, refused->to, refused->err);
	if (ret)
		return ret;
	if (refused->to == MIG_STATE_RESUMING)
		bencher->no_way_in |= (uint8_t)(1u << refused->from);
	else if (refused->from == MIG_STATE_RESUMING)
		bencher->no_way_out |= (uint8_t)(1u << refused->to);
	if (!find_way(bencher, &in, &out) ||
	    (refused->to != MIG_STATE_RESUMING && refused->from != MIG_STATE_RESUMING))
		snprintf(bench->no_restore, sizeof(bench->no_restore), "%s", why);
	return 0;
}

/* Only a reset ends a part of a load: without one a signal waits for all of it, which is here. */
static const volatile sig_atomic_t *stop_of_load(const struct bencher *bencher)
{
	static const volatile sig_atomic_t never;

	return mig_device_can_reset(bencher->port->device) ? bencher->stop : &never;
}

static int restore(struct bencher *bencher, size_t chunk, struct mig_move *move)
{
	bool v1 = bencher->port->proto->id == MIG_PROTOCOL_V1;
	struct mig_move_options how = { .total = bencher->store.size };
	enum mig_state in = MIG_STATE_RUNNING, out = MIG_STATE_STOP;
	struct mig_step refused;
	int ret = 0;

	*move = (struct mig_move){ .count = 0 };
	if (!find_way(bencher, &in, &out))
		return 1;
	how.load_running = out == MIG_STATE_RUNNING;
	if (v1 && in == MIG_STATE_STOP)
		ret = bencher_step(bencher, MIG_STATE_STOP);
	if (ret == 1)
		bencher->no_way_in |= 1u << MIG_STATE_STOP;
	if (!ret)
		ret = mig_device_info(bencher->port->device, bencher->error);
	if (!ret)
		ret = bench_store_give(&bencher->store, chunk);
	if (ret)
		return ret < 0 && bencher->error->kind == MIG_KIND_OK ? no_thread(bencher, ret)
								      : ret;
	ret = mig_move_restore(move, bencher->port, &how, bencher->store.ring,
			       stop_of_load(bencher), NULL, bencher->error);
	bench_store_join(&bencher->store);
	ret = ended(bencher, move, ret, &refused);
	if (ret == 1)
		ret = refused_way(bencher, &refused);
	else if (!ret)
		return 0;
	if (!ret && bencher->bench->last.state == MIG_STATE_STOP)
		ret = bencher_step(bencher, MIG_STATE_RUNNING);
	return ret ? ret : 1;
}

static int measure_restore(struct bencher *bencher, size_t chunk)
{
	const struct mig_figure data = { .what = MIG_MEASURE_RESTORE, .chunk = chunk };
	struct mig_move move;
	int ret = restore(bencher, chunk, &move);

	if (ret >= 0 && take_steps(bencher, &move))
		ret = -ENOMEM;
	if (!ret)
		ret = take_data(bencher, &data, &move);
	mig_move_clear(&move);
	return ret < 0 ? ret : 0;
}

static int round_trip(struct bencher *bencher, size_t chunk)
{
	struct mig_bench *bench = bencher->bench;
	int ret;

	if (bench->no_save[0])
		return 0;
	ret = measure_save(bencher, chunk);
	if (ret == 1 && !bench->no_save[0])
		ret = measure_save(bencher, chunk);
	if (ret)
		return ret < 0 ? ret : 0;
	if (bencher->options->no_restore || bench->no_restore[0])
		return 0;
	if (bencher->store.whole && bencher->store.size)
		return measure_restore(bencher, chunk);
	snprintf(bench->no_restore, sizeof(bench->no_restore), "%s",
		 bencher->store.full ? "the state is too large to be kept in memory"
				     : "the device saved no data");
	return 0;
}

int bencher_moves(struct bencher *bencher)
{
	const struct mig_bench_options *options = bencher->options;
	int ret = round_trip(bencher, 0);

	if (!ret && options->chunk_count)
		ret = round_trip(bencher,
				 (size_t)options->chunks[bencher->turn % options->chunk_count]);
	bencher->turn++;
	return ret;
}
