// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conform_load.h"

/* Into RESUMING, with a state at hand. */
int conform_begin_load(struct conform *conform)
{
	if (!conform->image) {
		conform_skip(conform, "no whole state of it could be had: see the group data");
		return -1;
	}
	if (conform_go(conform, MIG_STATE_RESUMING))
		return -1;
	if (conform->port->proto->id == MIG_PROTOCOL_V1 || conform->port->data_fd >= 0)
		return 0;
	conform_fail(conform, "resuming was reached, and the driver gave no data_fd");
	return -1;
}

/* What is written is a copy of the good state, which has to stay good. NULL: judged. */
struct image *conform_copy_image(struct conform *conform)
{
	const struct image *good = conform->image;
	struct image *copy = conform_image(conform);
	size_t size = good->size ? good->size : 1;
	size_t count = good->window_count ? good->window_count : 1;

	if (!copy)
		return NULL;
	copy->data = malloc(size);
	copy->windows = calloc(count, sizeof(*copy->windows));
	if (!copy->data || !copy->windows) {
		conform_skip(conform, "out of memory");
		image_close(copy, conform->sys);
		return NULL;
	}
	if (good->size)
		memcpy(copy->data, good->data, good->size);
	if (good->window_count)
		memcpy(copy->windows, good->windows, good->window_count * sizeof(*good->windows));
	copy->size = copy->room = good->size;
	copy->window_count = good->window_count;
	copy->window_room = count;
	return copy;
}

/* Writes it: 0, or the errno the driver has for it. -1: lost. */
int conform_load(struct conform *conform, struct image *image)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret = image_load(image, conform->port, &error);

	return conform_stuck(conform, ret, "loading a state into") ? -1 : -ret;
}

/* The state that leaving RESUMING leads to first. */
enum mig_state conform_beyond(const struct conform *conform)
{
	return conform->port->proto->id == MIG_PROTOCOL_V1 ? MIG_STATE_RUNNING : MIG_STATE_STOP;
}

/* Has it refused, as it may? 1, 0 where it took the load; -1: judged. */
static int refused(struct conform *conform, const char *what)
{
	char text[MIG_STATE_TEXT];
	enum mig_state after = conform->after.state;

	if (!conform->err && after == MIG_STATE_STOP)
		return 0;
	if (conform->err && (after == MIG_STATE_RESUMING || after == MIG_STATE_ERROR)) {
		conform_note(conform, "%s, and then in %s", mig_errno_name(conform->err),
			     mig_state_name(after));
		return 1;
	}
	conform_fail(conform, "%s: the driver said %s, and the state is %s", what,
		     conform->err ? mig_errno_name(conform->err) : "success",
		     mig_reading_name(conform->after, text));
	return -1;
}

/* Leaves RESUMING with a load that is no good: 1 refused, 0 taken; -1: judged. */
int conform_leave(struct conform *conform, const char *what)
{
	/* Not to where it would run with that, also where v1 could go there. */
	if (conform_set(conform, MIG_STATE_STOP))
		return -1;
	return refused(conform, what);
}

int conform_load_part(struct conform *conform)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct image *image = conform->image;
	size_t at = 0;
	int ret = 0;

	for (size_t i = 0; !ret && i + 1 < image->window_count; i++)
		ret = image_put_window(image, conform->port, i, &at, &error);
	if (!image->window_count)
		ret = image_put(image, conform->port, image->size / 2, &at, &error);
	if (conform_stuck(conform, ret, "loading a state into"))
		return -1;
	if (ret)
		conform_fail(conform, "its own state is refused: %s", error.text);
	return ret ? -1 : 0;
}
