// SPDX-License-Identifier: GPL-2.0-or-later
/* Random legal steps with data, or given ones, and a model beside the device. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conform_replay.h"

/* What is kept of a walk; what leads to a failure is among the last steps. */
#define KEPT_MAX 131072u
/* A replay longer than this is not told: it would be cut. */
#define TOLD_MAX 60u

struct walk {
	struct stroll stroll;
	struct mig_stride *kept; /* a ring of the last ones */
	size_t room;
	uint64_t count; /* steps so far */
};

static int open_walk(struct walk *walk, struct conform *conform, size_t room)
{
	int ret = stroll_open(&walk->stroll, conform);

	walk->count = 0;
	walk->room = room;
	walk->kept = calloc(room, sizeof(*walk->kept));
	if (walk->kept && !ret)
		return 0;
	conform_skip(conform, "out of memory for the steps");
	return -1;
}

static void close_walk(struct walk *walk)
{
	stroll_end(&walk->stroll);
	stroll_close(&walk->stroll);
	free(walk->kept);
}

/* In their order: how many are kept. */
static size_t unroll(struct walk *walk, struct mig_stride *strides)
{
	size_t count = walk->count < walk->room ? (size_t)walk->count : walk->room;

	for (size_t i = 0; i < count; i++)
		strides[i] = walk->kept[(walk->count - count + i) % walk->room];
	return count;
}

static void blame(struct walk *walk, uint64_t seed)
{
	struct conform *conform = walk->stroll.conform;
	struct mig_stride *strides = calloc(walk->room, sizeof(*strides));
	char stray[MIG_MODEL_TEXT], step[MIG_STRIDE_TEXT], shortest[TOLD_MAX * MIG_STRIDE_TEXT];
	size_t count = 0;

	memcpy(stray, walk->stroll.text, sizeof(stray));
	mig_stride_text(&walk->stroll.strayed, step);
	if (strides)
		count = conform_replay(&walk->stroll, strides, unroll(walk, strides));
	if (count && count <= TOLD_MAX) {
		mig_strides_text(strides, count, shortest, sizeof(shortest));
		conform_fail(conform,
			     "seed %" PRIu64 ", step %" PRIu64
			     " (%s): %s; shortest replay (%zu step%s): %s",
			     seed, walk->count, step, stray, count, count == 1 ? "" : "s",
			     shortest);
	} else {
		conform_fail(conform, "seed %" PRIu64 ", step %" PRIu64 " (%s): %s; %s", seed,
			     walk->count, step, stray,
			     count                   ? "no short replay of it was found"
			     : conform_over(conform) ? "its replay was interrupted"
						     : "no replay of it failed alike");
	}
	free(strides);
}

static void walk_at_random(struct conform *conform, uint64_t steps, uint64_t seed)
{
	struct mig_random random = { .state = seed };
	struct walk walk;
	int ret = 0;

	if (open_walk(&walk, conform, steps < KEPT_MAX ? (size_t)steps : KEPT_MAX))
		goto out;
	stroll_begin(&walk.stroll);
	while (!ret && walk.count < steps && !conform_over(conform)) {
		struct mig_stride stride = mig_model_choose(&walk.stroll.model, &random);

		walk.kept[walk.count++ % walk.room] = stride;
		ret = stroll_step(&walk.stroll, &stride);
	}
	if (ret > 0)
		blame(&walk, seed);
	else if (!ret)
		conform_note(conform, "seed %" PRIu64 ": %" PRIu64 " steps, %" PRIu64 " sessions%s",
			     seed, walk.count, walk.stroll.model.session,
			     walk.stroll.given
				     ? ""
				     : "; nothing was loaded: its state could not be had");
out:
	close_walk(&walk);
}

/* Up to the first that is not legal, or fails. */
static void walk_steps(struct stroll *stroll, const struct mig_stride *strides, size_t count)
{
	struct conform *conform = stroll->conform;
	char step[MIG_STRIDE_TEXT];
	int ret = 0;

	stroll_begin(stroll);
	for (size_t i = 0; i < count && !ret && !conform_over(conform); i++) {
		mig_stride_text(&strides[i], step);
		if (!mig_model_allows(&stroll->model, &strides[i])) {
			conform_skip(conform, "step %zu, %s, is not legal in %s: walked up to it",
				     i + 1, step, mig_state_name(stroll->model.state));
			break;
		}
		ret = stroll_step(stroll, &strides[i]);
		if (ret > 0)
			conform_fail(conform, "step %zu (%s): %s", i + 1, step, stroll->text);
	}
	stroll_end(stroll);
}

static void walk_as_told(struct conform *conform, const char *words)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct mig_stride *strides = NULL;
	struct stroll stroll;
	size_t count;

	if (mig_strides_parse(words, &strides, &count, &error))
		conform_skip(conform, "%s", error.text);
	else if (stroll_open(&stroll, conform))
		conform_skip(conform, "out of memory for the steps");
	else
		walk_steps(&stroll, strides, count);
	if (strides)
		stroll_close(&stroll);
	free(strides);
}

static void walk(struct conform *conform)
{
	const struct mig_conform_options *options = conform->options;

	if (options->replay)
		walk_as_told(conform, options->replay);
	else if (options->walk)
		walk_at_random(conform, options->walk, options->seed);
	else
		conform_skip(conform, "only with --walk N");
}

static const struct conform_test tests[] = {
	{ .name = "random",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		       "whatever legal steps came before, a transition leads where it was asked "
		       "to, and a state that was given is taken again",
	  .run = walk },
	{ .name = "random",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "include/uapi/linux/vfio.h, enum vfio_device_mig_state: whatever legal "
		       "steps came before, an arc leads where it was asked to, a session has one "
		       "data_fd, and a state that was given is taken again",
	  .run = walk },
};

static void list(struct conform_list *list)
{
	conform_add_all(list, tests, sizeof(tests) / sizeof(*tests));
}

const struct conform_group conform_walk = { .name = "walk", .list = list };
