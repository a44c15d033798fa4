// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "conform_save.h"

/* A driver that says less than this and gives IMAGE_MAX has no end. */
#define PLAUSIBLE (IMAGE_MAX / 4)

struct image *conform_image(struct conform *conform)
{
	struct image *image = image_open();

	if (image)
		image->stop = conform->stop;
	else
		conform_skip(conform, "out of memory");
	return image;
}

int conform_begin_save(struct conform *conform)
{
	if (conform_go(conform, MIG_STATE_STOP_COPY))
		return -1;
	if (conform->port->proto->id == MIG_PROTOCOL_V1 || conform->port->data_fd >= 0)
		return 0;
	conform_fail(conform, "stop-copy was reached, and the driver gave no data_fd");
	return -1;
}

/* More than we take: is it an honest large state, or one without end? */
static void judge_large(struct conform *conform)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	uint64_t size;
	int ret = conform->port->proto->size(conform->port, &size, &error);

	if (conform_stuck(conform, ret, "asking the data size of"))
		return;
	if (!ret && size < PLAUSIBLE)
		conform_fail(conform,
			     "it gave more than %u MiB and no end, where it expected %llu bytes",
			     IMAGE_MAX >> 20, (unsigned long long)size);
	else
		conform_skip(conform, "the state is larger than the %u MiB that are compared",
			     IMAGE_MAX >> 20);
}

int conform_save_rest(struct conform *conform, struct image *image)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret = image_save_rest(image, conform->port, &error);

	if (conform_stuck(conform, ret, "reading the data of"))
		return -1;
	if (ret == -EFBIG)
		judge_large(conform);
	else if (ret && !*conform->stop)
		conform_fail(conform, "%s", error.text);
	return ret ? -1 : 0;
}

int conform_save(struct conform *conform, struct image *image)
{
	image->size = image->window_count = 0;
	return conform_save_rest(conform, image);
}

size_t conform_odd_step(size_t at)
{
	return at < 128 ? 1 : at < 4096 ? 37 : 65521;
}

bool conform_same(const struct image *a, const struct image *b, size_t *at)
{
	size_t shorter = a->size < b->size ? a->size : b->size;

	for (*at = 0; *at < shorter; ++*at)
		if (a->data[*at] != b->data[*at])
			return false;
	return a->size == b->size;
}

enum effect {
	EFFECT_FAILED,   /* the test is judged already */
	EFFECT_NONE,     /* the states are equal */
	EFFECT_UNSTEADY, /* undisturbed they differ too: nothing can be told */
	EFFECT_CHANGED,  /* undisturbed they are equal */
};

struct trial {
	const struct conform_trial *how;
	struct image *before, *after;
	struct conform_sizes *sizes;
};

static int one_save(struct conform *conform, const struct trial *trial, struct image *image,
		    bool later)
{
	if (conform_go(conform, trial->how->base) || conform_begin_save(conform))
		return -1;
	image->step = later ? trial->how->step : NULL;
	if (later && trial->how->save)
		return trial->how->save(conform, image);
	return conform_save(conform, image);
}

static enum effect compare(const struct trial *trial, enum effect otherwise)
{
	struct conform_sizes *sizes = trial->sizes;

	sizes->before = trial->before->size;
	sizes->after = trial->after->size;
	return conform_same(trial->before, trial->after, &sizes->at) ? EFFECT_NONE : otherwise;
}

static enum effect undisturbed(struct conform *conform, const struct trial *trial)
{
	if (one_save(conform, trial, trial->before, false) ||
	    one_save(conform, trial, trial->after, false))
		return EFFECT_FAILED;
	return compare(trial, EFFECT_UNSTEADY);
}

/* With its control: a state that changes by itself says nothing of what was done. */
static enum effect disturbed(struct conform *conform, const struct trial *trial)
{
	enum effect effect = undisturbed(conform, trial);

	if (effect != EFFECT_NONE)
		return effect;
	if (trial->how->disturb &&
	    (conform_go(conform, trial->how->base) || trial->how->disturb(conform, trial->after)))
		return EFFECT_FAILED;
	if (one_save(conform, trial, trial->after, true))
		return EFFECT_FAILED;
	return compare(trial, EFFECT_CHANGED);
}

static enum effect try(struct conform *conform, const struct conform_trial *how,
		       enum effect (*run)(struct conform *, const struct trial *),
		       struct conform_sizes *sizes)
{
	struct trial trial = { .how = how, .sizes = sizes };
	enum effect effect = EFFECT_FAILED;

	/* What could not be saved at the beginning is not tried again by each test. */
	if (!conform->image) {
		conform_skip(conform, "no whole state of it could be had: see the group data");
		return effect;
	}
	trial.before = conform_image(conform);
	trial.after = conform_image(conform);
	if (trial.before && trial.after)
		effect = run(conform, &trial);
	/* Chance could do it once. */
	if (effect == EFFECT_CHANGED)
		effect = run(conform, &trial);
	image_close(trial.before, conform->sys);
	image_close(trial.after, conform->sys);
	return effect;
}

void conform_judge_trial(struct conform *conform, const struct conform_trial *trial,
			 const char *what)
{
	struct conform_sizes sizes;

	switch (try(conform, trial, disturbed, &sizes)) {
	case EFFECT_FAILED:
	case EFFECT_NONE:
		return;
	case EFFECT_UNSTEADY:
		conform_note(conform, "not compared: its state is another each time it is saved");
		return;
	case EFFECT_CHANGED:
		(trial->runs ? conform_warn : conform_fail)(
			conform,
			"%s, its state is another: %zu bytes before, %zu after, and they differ "
			"at byte %zu; without that it stays the same",
			what, sizes.before, sizes.after, sizes.at);
	}
}

int conform_save_twice(struct conform *conform, enum mig_state base, struct conform_sizes *sizes)
{
	const struct conform_trial trial = { .base = base };

	switch (try(conform, &trial, undisturbed, sizes)) {
	case EFFECT_NONE:
		return 1;
	case EFFECT_UNSTEADY:
		return 0;
	case EFFECT_FAILED:
	case EFFECT_CHANGED:
		break;
	}
	return -1;
}
