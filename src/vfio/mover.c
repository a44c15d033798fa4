// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "migctl/walk.h"
#include "mover.h"

#define TELL_NS 100000000u
/* The longest that *stop is not looked at while nothing is to be done. */
#define NAP_NS 50000000u

static void end_phase(struct mig_mover *mover)
{
	struct mig_phase_record *phase = &mover->move->phases[mover->progress.phase];

	if (!mover->phased)
		return;
	phase->entered = true;
	phase->usec += (now_ns() - mover->phase_ns) / 1000;
	phase->bytes += mover->move->bytes - mover->phase_bytes;
}

void mover_phase(struct mig_mover *mover, enum mig_phase phase)
{
	end_phase(mover);
	mover->phased = true;
	mover->phase_ns = now_ns();
	mover->phase_bytes = mover->move->bytes;
	mover->progress.phase = phase;
}

static void mover_close(struct mig_mover *mover)
{
	bool stuck = mig_sys_is_stuck(mover->sys);

	mover_stopped(mover);
	end_phase(mover);
	mover->move->usec = (now_ns() - mover->begun_ns) / 1000;
	if (!stuck)
		mover->port->proto->mover->end(mover);
	/* The task left behind may still write to it. */
	if (!mig_sys_is_stuck(mover->sys) || mover->sys->stuck->ended)
		free(mover);
}

static struct mig_mover *mover_open(const struct mig_mover *like)
{
	struct mig_mover *mover = malloc(sizeof(*mover));
	struct mig_move *move = like->move;

	memset(move, 0, sizeof(*move));
	if (!mover) {
		mig_error_set(like->error, MIG_KIND_FAILED, ENOMEM, "out of memory for a transfer");
		return NULL;
	}
	*mover = *like;
	mover->sys = mover->port->device->sys;
	mover->begun_ns = now_ns();
	if (mover->port->proto->get(mover->port, &mover->first, mover->error)) {
		mover_close(mover);
		return NULL;
	}
	move->seen = true;
	move->last = mover->first;
	return mover;
}

int mover_run(const struct mig_mover *like, int (*work)(struct mig_mover *mover))
{
	struct mig_mover *mover = mover_open(like);
	int ret;

	if (!mover)
		return like->error->err ? -like->error->err : -EIO;
	ret = work(mover);
	if (ret)
		mover_back(mover);
	mover_close(mover);
	return ret;
}

int mover_error(struct mig_mover *mover, int ret, const char *doing)
{
	return mig_sys_error(mover->sys, mover->error, MIG_KIND_FAILED, ret, "%s %s", doing,
			     mover->port->device->name);
}

int mover_broken(struct mig_mover *mover, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return mig_error_set(mover->error, MIG_KIND_FAILED, EPROTO,
			     "the driver of %s breaks the protocol: %s", mover->port->device->name,
			     text);
}

static int interrupted(struct mig_mover *mover)
{
	return mig_error_set(mover->error, MIG_KIND_FAILED, EINTR, "interrupted while %s %s",
			     mover->restores ? "restoring" : "saving", mover->port->device->name);
}

int mover_ring_error(struct mig_mover *mover, int ret)
{
	if (ret == -EINTR && *mover->stop)
		return interrupted(mover);
	mover->move->other_side = true;
	mover->error->kind = MIG_KIND_OK;
	return ret;
}

/* Does a device in this state do its work, with or without its peers? */
static bool works(enum mig_state state)
{
	return state == MIG_STATE_RUNNING || state == MIG_STATE_RUNNING_P2P ||
	       state == MIG_STATE_PRE_COPY || state == MIG_STATE_PRE_COPY_P2P;
}

void mover_stopped(struct mig_mover *mover)
{
	if (mover->stopped)
		mover->move->stop_usec = (now_ns() - mover->stopped_ns) / 1000;
	mover->stopped = false;
}

static int record(struct mig_mover *mover, const struct mig_walk *walk)
{
	struct mig_move *move = mover->move;
	struct mig_step *steps =
		reallocarray(move->steps, move->count + walk->count, sizeof(*steps));

	move->seen = walk->seen;
	move->last = walk->last;
	if (!walk->seen || walk->last.state != mover->first.state)
		move->touched = true;
	if (!steps && walk->count)
		return mig_error_set(mover->error, MIG_KIND_FAILED, ENOMEM,
				     "out of memory for the steps");
	if (walk->count)
		memcpy(steps + move->count, walk->steps, walk->count * sizeof(*steps));
	move->steps = steps;
	move->count += walk->count;
	return 0;
}

int mover_go(struct mig_mover *mover, enum mig_state target, bool stoppable)
{
	static const volatile sig_atomic_t never;
	const struct mig_plan_options options = { .force = false };
	enum mig_state from = mover->move->last.state;
	/* Saving a device that is stopped already is what QEMU 5.2-7.2 did, table or not. */
	bool as_qemu = from == MIG_STATE_STOP && target == MIG_STATE_STOP_COPY;
	const struct mig_rules rules = { .protocol = mover->port->proto->id,
					 .table = as_qemu ? MIG_TABLE_OPEN : MIG_TABLE_REVIEWED,
					 .caps = mover->port->caps };
	struct mig_plan plan;
	struct mig_walk walk;
	int ret, kept;

	ret = mig_plan_build(&plan, &rules, &options, from, &target, 1, mover->error);
	if (ret) {
		mig_plan_clear(&plan);
		return ret;
	}
	if (works(from) && !works(target) && !mover->stopped) {
		mover->stopped = true;
		mover->stopped_ns = now_ns();
	}
	ret = mig_walk_run(&walk, mover->port, &plan, mover->move->last,
			   stoppable ? mover->stop : &never, mover->error);
	kept = record(mover, &walk);
	if (walk.seen && works(walk.last.state))
		mover_stopped(mover);
	mig_walk_clear(&walk);
	mig_plan_clear(&plan);
	return ret ? ret : kept;
}

int mover_look(struct mig_mover *mover)
{
	const char *name = mover->port->device->name;
	struct mig_move *move = mover->move;
	const char *was = mig_state_name(move->last.state);
	enum mig_state expected = move->last.state;
	char text[MIG_STATE_TEXT];
	int ret = mover->port->proto->get(mover->port, &move->last, mover->error);

	move->seen = !ret;
	if (ret || move->last.state == expected)
		return ret;
	if (move->last.state == MIG_STATE_ERROR)
		return mig_error_set(mover->error, MIG_KIND_FAULTED, 0,
				     "%s faulted by itself: it was in %s, and is in _ERROR", name,
				     was);
	return mig_error_set(mover->error, MIG_KIND_ASTRAY, 0,
			     "%s is astray by itself: it was in %s, and is in %s", name, was,
			     mig_reading_name(move->last, text));
}

static void tell(struct mig_mover *mover)
{
	uint64_t now = now_ns();

	if (!mover->watcher || (mover->told_ns && now - mover->told_ns < TELL_NS))
		return;
	mover->told_ns = now;
	mover->progress.bytes = mover->move->bytes;
	mover->progress.usec = (now - mover->begun_ns) / 1000;
	mover->progress.stopped_usec = mover->stopped ? (now - mover->stopped_ns) / 1000 : 0;
	mover->watcher->progress(mover->watcher, &mover->progress);
}

int mover_nap(struct mig_mover *mover, uint64_t ns)
{
	uint64_t end = now_ns() + ns, now;

	while (!*mover->stop && (now = now_ns()) < end) {
		uint64_t nap = end - now < NAP_NS ? end - now : NAP_NS;

		nanosleep(&(struct timespec){ .tv_nsec = (long)nap }, NULL);
		tell(mover);
	}
	return *mover->stop ? interrupted(mover) : 0;
}

int mover_pause(struct mig_mover *mover)
{
	double due, gone;

	tell(mover);
	if (*mover->stop)
		return interrupted(mover);
	if (!mover->data_ns)
		mover->data_ns = now_ns();
	if (!mover->options->rate)
		return 0;
	due = (double)mover->move->bytes / (double)mover->options->rate;
	gone = (double)(now_ns() - mover->data_ns) / 1e9;
	return due > gone ? mover_nap(mover, (uint64_t)((due - gone) * 1e9)) : 0;
}

size_t mover_chunk(const struct mig_mover *mover)
{
	size_t chunk = mover->options->chunk;

	return chunk && chunk < MIG_SLOT_SIZE ? chunk : MIG_SLOT_SIZE;
}

int mover_batch(struct mig_mover *mover, size_t count)
{
	int made = mover->sys->ops->batch(mover->sys, mover->calls, count);
	const struct mig_call *last;

	for (int i = 0; i < made; i++)
		mover->move->data_ns += mover->calls[i].elapsed_ns;

	if (made < 0)
		return mover_error(mover, made, "moving the data of");
	last = &mover->calls[made - 1];
	if (last->result > (ssize_t)last->size)
		return mover_broken(mover, "asked for %zu bytes, it says it moved %zd", last->size,
				    last->result);
	return made;
}

unsigned int mover_room(const struct mig_mover *mover)
{
	unsigned int half = mig_ring_slots(mover->ring) / 2;
	/* A batch is not to take much longer than a quarter of a second. */
	uint64_t paced = mover->options->rate / 4 / MIG_SLOT_SIZE;

	if (half > MOVER_SLOTS)
		half = MOVER_SLOTS;
	if (!mover->options->rate || paced >= half)
		return half;
	return paced ? (unsigned int)paced : 1;
}

int mover_free(struct mig_mover *mover)
{
	unsigned int count = mover_room(mover);
	int ret = mig_ring_free(mover->ring, mover->slots, count);

	if (ret)
		return mover_ring_error(mover, ret);
	mover->shown = count;
	return 0;
}

void mover_fill(struct mig_mover *mover, unsigned int count)
{
	mig_ring_fill(mover->ring, count);
	mover->shown -= count;
	memmove(mover->slots, mover->slots + count, mover->shown * sizeof(*mover->slots));
}

void mover_flush(struct mig_mover *mover)
{
	if (!mover->used)
		return;
	mover->slots[0]->size = mover->used;
	mover->slots[0]->more = false;
	mover_fill(mover, 1);
	mover->move->transactions++;
	mover->used = 0;
}
