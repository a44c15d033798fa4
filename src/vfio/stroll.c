// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps of a random walk that are no transfer, and what holds them together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stroll_move.h"

int stroll_open(struct stroll *stroll, struct conform *conform)
{
	memset(stroll, 0, sizeof(*stroll));
	stroll->conform = conform;
	for (size_t i = 0; i < 2; i++) {
		stroll->own[i] = image_open();
		if (!stroll->own[i])
			return -ENOMEM;
	}
	return 0;
}

void stroll_close(struct stroll *stroll)
{
	for (size_t i = 0; i < 2; i++)
		image_close(stroll->own[i], stroll->conform->sys);
}

static void hold_given(struct stroll *stroll)
{
	stroll->model.empty = !stroll->given->size;
	/* Some drivers refuse the load of nothing, and only a reset would lead on then. */
	stroll->model.loads = !stroll->model.empty || stroll->model.resets;
}

void stroll_begin(struct stroll *stroll)
{
	const struct mig_port *port = stroll->conform->port;

	stroll->given = stroll->conform->image;
	stroll->taking = stroll->own[0];
	stroll->session = 0;
	stroll->stray = MIG_STRAY_NONE;
	stroll->model = (struct mig_model){
		.rules = { .protocol = port->proto->id,
			   .table = MIG_TABLE_REVIEWED,
			   .caps = port->caps },
		.resets = mig_device_can_reset(port->device),
		.drains = stroll->given,
		.first = stroll->conform->first.state,
	};
	if (stroll->given)
		hold_given(stroll);
	mig_model_begin(&stroll->model);
}

/*
 * Does the data_fd of a session that is over move a byte still? A byte too
 * much harms no session: there is none. 1, 0; -1: lost.
 */
static int alive(struct stroll *stroll, int fd, bool loaded)
{
	ssize_t moved;

	if (fd < 0)
		return 0;
	stroll->taking->piece[0] = 0;
	moved = image_call(stroll->taking, stroll->conform->sys,
			   loaded ? MIG_CALL_WRITE : MIG_CALL_READ, fd, 1, 0);
	if (conform_stuck(stroll->conform, (int)moved, "using the dead data_fd of"))
		return -1;
	return moved > 0;
}

static int lost(struct stroll *stroll, int ret)
{
	if (ret)
		stroll->conform->lost = true;
	return ret ? -1 : 0;
}

static int step_set(struct stroll *stroll, enum mig_state state, struct mig_answer *answer)
{
	struct conform *conform = stroll->conform;
	struct mig_port *port = conform->port;
	bool loaded = stroll->model.state == MIG_STATE_RESUMING;
	int data_fd = port->data_fd, still;

	if (conform_set(conform, state))
		return -1;
	answer->err = conform->err;
	answer->cut = conform->err && port->set_took >= 0;
	answer->before = conform->before;
	answer->after = conform->after;
	answer->new_fd = port->data_fd >= 0 && port->data_fd != data_fd;
	still = alive(stroll, port->dead_fd, loaded);
	if (still < 0)
		return -1;
	answer->alive = still;
	return lost(stroll, mig_port_settle(port, conform->error));
}

static int step_reset(struct stroll *stroll, struct mig_answer *answer)
{
	struct conform *conform = stroll->conform;
	bool loaded = stroll->model.state == MIG_STATE_RESUMING;
	int still;

	if (conform_reset(conform))
		return -1;
	answer->err = conform->err;
	if (conform_get(conform, &answer->after))
		return -1;
	still = alive(stroll, conform->port->data_fd, loaded);
	if (still < 0)
		return -1;
	answer->alive = still;
	return lost(stroll, mig_port_close(conform->port, conform->error));
}

static int step_info(struct stroll *stroll, struct mig_answer *answer)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct mig_precopy precopy = { 0 };
	int ret = mig_port_precopy(stroll->conform->port, &precopy, &error);

	if (conform_stuck(stroll->conform, ret, "asking the data_fd of"))
		return -1;
	/* EINVAL is told as that there is no such data. */
	answer->err = ret == -ENODATA ? EINVAL : -ret;
	answer->initial = precopy.initial_bytes;
	return 0;
}

static int step_size(struct stroll *stroll, struct mig_answer *answer)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct mig_port *port = stroll->conform->port;
	uint64_t bytes;
	int ret = port->proto->size(port, &bytes, &error);

	if (conform_stuck(stroll->conform, ret, "asking the size of"))
		return -1;
	answer->err = -ret;
	return 0;
}

static int do_step(struct stroll *stroll, const struct mig_stride *stride,
		   struct mig_answer *answer)
{
	struct conform *conform = stroll->conform;

	switch (stride->kind) {
	case MIG_STRIDE_SET:
		return step_set(stroll, stride->state, answer);
	case MIG_STRIDE_READ:
		return stroll_read(stroll, stride->amount, answer);
	case MIG_STRIDE_DRAIN:
		return stroll_read(stroll, UINT64_MAX, answer);
	case MIG_STRIDE_WRITE:
		return stroll_write(stroll, stride->amount, answer);
	case MIG_STRIDE_WRITE_ALL:
		return stroll_write(stroll, SIZE_MAX, answer);
	case MIG_STRIDE_PRECOPY_INFO:
		return step_info(stroll, answer);
	case MIG_STRIDE_DATA_SIZE:
		return step_size(stroll, answer);
	case MIG_STRIDE_GET:
		return conform_get(conform, &answer->before);
	case MIG_STRIDE_RESET:
		return step_reset(stroll, answer);
	case MIG_STRIDE_CLOSE:
		stroll->keeps = false;
		return lost(stroll, mig_port_close(conform->port, conform->error));
	case MIG_STRIDE_REOPEN:
		return conform_reopen(conform) ? -1 : conform_get(conform, &answer->after);
	}
	return -1;
}

/* What the step did to the data that is kept. */
static void follow(struct stroll *stroll, enum mig_state before)
{
	const struct mig_model *model = &stroll->model;

	if (model->state != before)
		stroll->came = 0;
	if (model->session != stroll->session) {
		stroll->session = model->session;
		stroll->taking->size = stroll->taking->window_count = 0;
		stroll->keeps = true;
		stroll->put = stroll->windows = 0;
	}
	if (!model->ended || model->state != MIG_STATE_STOP_COPY || !stroll->keeps)
		return;
	stroll->given = stroll->taking;
	stroll->taking = stroll->own[stroll->given == stroll->own[0]];
	stroll->keeps = false;
	stroll->model.drains = true;
	hold_given(stroll);
}

/* The state could not be read, or nothing was written, for the device had faulted by itself. */
static int blind(struct stroll *stroll, const struct mig_stride *stride,
		 const struct mig_conform_item *found)
{
	const struct mig_answer answer = { .before = stroll->conform->before };

	stroll->strayed = *stride;
	stroll->stray = MIG_STRAY_NONE;
	if (stride->kind == MIG_STRIDE_SET && answer.before.state == MIG_STATE_ERROR)
		stroll->stray = mig_model_judge(&stroll->model, stride, &answer, stroll->text);
	if (stroll->stray != MIG_STRAY_MOVED) {
		stroll->stray = MIG_STRAY_UNREADABLE;
		snprintf(stroll->text, sizeof(stroll->text), "%s",
			 found->detail ? found->detail : "its state cannot be read");
	}
	return 1;
}

int stroll_step(struct stroll *stroll, const struct mig_stride *stride)
{
	struct conform *conform = stroll->conform;
	struct mig_conform_item *item = conform->item;
	struct mig_conform_item found = { .name = item->name, .verdict = MIG_CHECK_PASS };
	struct mig_answer answer = { .err = 0 };
	enum mig_state before = stroll->model.state;
	int ret;

	/* What the step finds is no verdict yet: it has to be told with the steps. */
	conform->item = &found;
	ret = do_step(stroll, stride, &answer);
	conform->item = item;
	if (ret && conform->lost)
		conform_fail(conform, "%s", found.detail ? found.detail : conform->error->text);
	else if (ret)
		ret = blind(stroll, stride, &found);
	free(found.detail);
	if (ret)
		return ret;
	stroll->stray = mig_model_judge(&stroll->model, stride, &answer, stroll->text);
	if (stroll->stray == MIG_STRAY_NONE) {
		follow(stroll, before);
		return 0;
	}
	stroll->strayed = *stride;
	return 1;
}

void stroll_end(struct stroll *stroll)
{
	struct mig_model *model = &stroll->model;
	struct mig_answer answer = { .err = 0 };

	if (stroll->conform->lost || model->resets || model->state != MIG_STATE_RESUMING)
		return;
	if (model->open && !model->whole && stroll_write(stroll, SIZE_MAX, &answer))
		return;
	if (!answer.err)
		conform_set(stroll->conform, MIG_STATE_STOP);
}
