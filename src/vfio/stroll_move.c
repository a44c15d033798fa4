// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "stroll_move.h"

/* How much more than at the beginning a device may have by now. */
#define SLACK (1024u * 1024u)

/*
 * What is read in pre-copy and in stop-and-copy, at most. A device that changes
 * its state as fast as it is read is no fault in pre-copy, and not read further;
 * nor is one with more than an image holds.
 */
static uint64_t bound(const struct stroll *stroll)
{
	const struct image *first = stroll->conform->image;

	if (!first)
		return IMAGE_MAX;
	return stroll->model.state == MIG_STATE_STOP_COPY ? 4 * first->size + SLACK
							  : first->size + SLACK;
}

/* An image is for the walk to have something to load: it need not be kept. */
static void make_room(struct stroll *stroll, uint64_t size)
{
	struct image *taking = stroll->taking;

	if (stroll->keeps && size <= IMAGE_MAX - taking->size)
		return;
	stroll->keeps = false;
	taking->size = taking->window_count = 0;
}

/* 1: there may be more; 0: no more, for now or for ever; -errno. */
static int read_piece(struct stroll *stroll, uint64_t most, uint64_t *moved)
{
	struct conform *conform = stroll->conform;
	size_t want = most < IMAGE_PIECE ? (size_t)most : IMAGE_PIECE;
	ssize_t got;

	make_room(stroll, want);
	got = image_stream(stroll->taking, conform->sys, MIG_CALL_READ, conform->port->data_fd,
			   want);
	if (got == -ENOMSG && stroll->model.state != MIG_STATE_STOP_COPY)
		return 0;
	if (got <= 0)
		return (int)got;
	*moved = (uint64_t)got;
	return image_keep(stroll->taking, (size_t)got, &stroll->error) ? -ENOMEM : 1;
}

static int read_window(struct stroll *stroll, uint64_t *moved)
{
	struct image *taking = stroll->taking;
	struct mig_port *port = stroll->conform->port;
	size_t before;
	int ret;

	make_room(stroll, port->region.size < IMAGE_MAX ? port->region.size : IMAGE_MAX);
	before = taking->size;
	ret = image_window(taking, port, &stroll->error);
	*moved = taking->size - before;
	return ret;
}

int stroll_read(struct stroll *stroll, uint64_t most, struct mig_answer *answer)
{
	bool v1 = stroll->model.rules.protocol == MIG_PROTOCOL_V1;
	unsigned int empty = 0;
	uint64_t left = most;
	int ret = 1;

	while (left && ret > 0 && !conform_over(stroll->conform)) {
		uint64_t moved = 0;

		if (stroll->came > bound(stroll)) {
			answer->endless = stroll->conform->image &&
					  stroll->model.state == MIG_STATE_STOP_COPY;
			break;
		}
		ret = v1 ? read_window(stroll, &moved) : read_piece(stroll, left, &moved);
		if (conform_stuck(stroll->conform, ret, "reading the data of"))
			return -1;
		/* As in image_save(): of nothing, there may be much. */
		if (v1 && ret == IMAGE_EMPTY && ++empty == IMAGE_EMPTY_MAX)
			ret = 0;
		answer->moved += moved;
		stroll->came += moved;
		if (left != UINT64_MAX)
			left -= v1 ? 1 : moved;
	}
	answer->end = !ret;
	if (ret < 0)
		answer->err = -ret;
	if (ret < 0 && v1)
		answer->what = stroll->error.text;
	return 0;
}

int stroll_write(struct stroll *stroll, size_t most, struct mig_answer *answer)
{
	struct image *given = stroll->given;
	struct mig_port *port = stroll->conform->port;
	int ret = 0;

	if (stroll->model.rules.protocol == MIG_PROTOCOL_V1) {
		for (; !ret && most && stroll->windows < given->window_count; most--) {
			ret = image_put_window(given, port, stroll->windows, &stroll->put,
					       &stroll->error);
			stroll->windows += !ret;
		}
	} else {
		ret = image_put(given, port, most, &stroll->put, &stroll->error);
	}
	if (conform_stuck(stroll->conform, ret, "writing the data of"))
		return -1;
	if (ret) {
		answer->err = -ret;
		answer->what = stroll->error.text;
	}
	answer->whole = stroll->put == given->size;
	return 0;
}
