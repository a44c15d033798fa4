// SPDX-License-Identifier: GPL-2.0-or-later
/* The model of a random walk: what a device may be asked, and what it may answer. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "migctl/model.h"

bool mig_model_saves(enum mig_state state)
{
	return state == MIG_STATE_STOP_COPY || state == MIG_STATE_PRE_COPY ||
	       state == MIG_STATE_PRE_COPY_P2P;
}

static bool pre_copies(enum mig_state state)
{
	return mig_model_saves(state) && state != MIG_STATE_STOP_COPY;
}

static bool transfers(enum mig_state state)
{
	return mig_model_saves(state) || state == MIG_STATE_RESUMING;
}

/* What a transfer left behind is over. */
static void settle(struct mig_model *model, enum mig_state state)
{
	model->state = state;
	model->open = model->ended = model->whole = model->told = model->spoiled = false;
}

void mig_model_begin(struct mig_model *model)
{
	settle(model, MIG_STATE_RUNNING);
	model->session = 0;
	memset(model->refused, 0, sizeof(model->refused));
	memset(model->accepted, 0, sizeof(model->accepted));
}

/*
 * A part of a load is aborted by a reset, says uapi; a device that offers none
 * is not to be left with one.
 */
static bool may_leave(const struct mig_model *model)
{
	return model->state != MIG_STATE_RESUMING || model->whole || model->resets;
}

static bool may_set(const struct mig_model *model, enum mig_state state)
{
	bool v2 = model->rules.protocol == MIG_PROTOCOL_V2;
	struct mig_ruling ruling;

	/* The same state is no transition, and v1 does not say what writing it does. */
	if (model->state == state && !v2)
		return false;
	if (state == MIG_STATE_RESUMING && !model->loads)
		return false;
	if (model->refused[model->state] & (1u << state))
		return false;
	mig_rule(&model->rules, model->state, state, &ruling);
	return ruling.allowed && !ruling.hazard && (model->state == state || may_leave(model));
}

bool mig_model_allows(const struct mig_model *model, const struct mig_stride *stride)
{
	bool v2 = model->rules.protocol == MIG_PROTOCOL_V2;

	if (model->spoiled)
		return stride->kind == MIG_STRIDE_RESET && model->resets;
	switch (stride->kind) {
	case MIG_STRIDE_SET:
		return may_set(model, stride->state);
	case MIG_STRIDE_DRAIN:
		return model->drains && model->open && mig_model_saves(model->state);
	case MIG_STRIDE_READ:
		return model->open && mig_model_saves(model->state);
	case MIG_STRIDE_WRITE:
	case MIG_STRIDE_WRITE_ALL:
		return model->open && model->state == MIG_STATE_RESUMING && !model->whole;
	case MIG_STRIDE_PRECOPY_INFO:
		return v2 && model->open && pre_copies(model->state);
	case MIG_STRIDE_DATA_SIZE:
		return v2;
	case MIG_STRIDE_GET:
		return true;
	case MIG_STRIDE_RESET:
		return model->resets;
	case MIG_STRIDE_CLOSE:
		return v2 && model->open && may_leave(model);
	case MIG_STRIDE_REOPEN:
		/* mtty keeps its state and not its data, and 6.12's trips over that. */
		return !transfers(model->state) || model->resets;
	}
	return false;
}

static enum mig_stray stray(char text[MIG_MODEL_TEXT], enum mig_stray what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum mig_stray stray(char text[MIG_MODEL_TEXT], enum mig_stray what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, MIG_MODEL_TEXT, format, args);
	va_end(args);
	return what;
}

static const char *errno_text(int err)
{
	const char *name = mig_errno_name(err);

	return err ? name ? name : "an errno" : "success";
}

/*
 * Refused, which is no fault in two cases: what was given to RESUMING is not
 * whole (uapi: the driver must fail it, and may go to ERROR); and v1 announces
 * nothing, so that only a nak tells what a driver does not have: pre-copy, or
 * an arc of another table. What it did once it has.
 */
static enum mig_stray refused(struct mig_model *model, enum mig_state to,
			      const struct mig_answer *answer, char text[MIG_MODEL_TEXT])
{
	enum mig_state from = model->state, after = answer->after.state;
	bool loads = from == MIG_STATE_RESUMING;
	char name[MIG_STATE_TEXT];

	if (loads && (!model->whole || model->empty) && model->resets &&
	    (after == MIG_STATE_RESUMING || after == MIG_STATE_ERROR)) {
		settle(model, after);
		model->spoiled = true;
		return MIG_STRAY_NONE;
	}
	if (model->rules.protocol == MIG_PROTOCOL_V1 && !loads && !answer->cut && after == from &&
	    !(model->accepted[from] & (1u << to))) {
		model->refused[from] |= (uint8_t)(1u << to);
		return MIG_STRAY_NONE;
	}
	return stray(text, MIG_STRAY_REFUSED, "%s -> %s%s: the driver said %s, and the state is %s",
		     mig_state_name(from), mig_state_name(to),
		     loads ? ", with all of a state that it gave" : "",
		     answer->cut ? "neither success nor an errno" : errno_text(answer->err),
		     mig_reading_name(answer->after, name));
}

static enum mig_stray judge_moved(const struct mig_model *model, struct mig_reading now,
				  char text[MIG_MODEL_TEXT])
{
	char name[MIG_STATE_TEXT];

	if (now.state == model->state)
		return MIG_STRAY_NONE;
	return stray(text, MIG_STRAY_MOVED, "by itself the state is %s, not %s",
		     mig_reading_name(now, name), mig_state_name(model->state));
}

static enum mig_stray judge_set(struct mig_model *model, enum mig_state to,
				const struct mig_answer *answer, char text[MIG_MODEL_TEXT])
{
	enum mig_state from = model->state;
	bool v2 = model->rules.protocol == MIG_PROTOCOL_V2;
	bool goes_on = from == to || (mig_model_saves(from) && mig_model_saves(to));
	bool begins = transfers(to) && !goes_on;
	char name[MIG_STATE_TEXT];

	if (judge_moved(model, answer->before, text))
		return MIG_STRAY_MOVED;
	if (answer->err)
		return refused(model, to, answer, text);
	if (answer->after.state != to)
		return stray(text, MIG_STRAY_ELSEWHERE, "after %s -> %s the state is %s, not %s",
			     mig_state_name(from), mig_state_name(to),
			     mig_reading_name(answer->after, name), mig_state_name(to));
	if (v2 && answer->new_fd != begins)
		return stray(text, MIG_STRAY_FD, "%s -> %s gave %s data_fd", mig_state_name(from),
			     mig_state_name(to), begins ? "no" : "a");
	if (answer->alive)
		return stray(text, MIG_STRAY_ALIVE,
			     "after %s -> %s the data_fd of the session that is over moves data",
			     mig_state_name(from), mig_state_name(to));
	model->accepted[from] |= (uint8_t)(1u << to);
	if (goes_on) {
		/* What was the end in pre-copy was so for then. */
		model->ended &= from == to;
		model->state = to;
		return MIG_STRAY_NONE;
	}
	settle(model, to);
	model->session += begins;
	model->open = begins;
	model->whole = to == MIG_STATE_RESUMING && model->empty;
	return MIG_STRAY_NONE;
}

static enum mig_stray judge_read(struct mig_model *model, const struct mig_answer *answer,
				 char text[MIG_MODEL_TEXT])
{
	const char *where = mig_state_name(model->state);

	if (answer->err)
		return stray(text, MIG_STRAY_READ, "in %s, %s: %s", where,
			     answer->what ? "a transaction" : "read(2)",
			     answer->what ? answer->what : errno_text(answer->err));
	if (model->ended && answer->moved && model->state == MIG_STATE_STOP_COPY)
		return stray(text, MIG_STRAY_AFTER_END,
			     "in %s, %" PRIu64 " bytes came after the end of the data", where,
			     answer->moved);
	if (answer->endless)
		return stray(text, MIG_STRAY_ENDLESS,
			     "in %s the data does not end: it gave far more than at the beginning",
			     where);
	if (answer->end)
		model->ended = true;
	return MIG_STRAY_NONE;
}

static enum mig_stray judge_write(struct mig_model *model, const struct mig_answer *answer,
				  char text[MIG_MODEL_TEXT])
{
	if (answer->err)
		return stray(text, MIG_STRAY_WRITE, "in resuming, a write of the data: %s",
			     answer->what ? answer->what : errno_text(answer->err));
	model->whole = answer->whole;
	return MIG_STRAY_NONE;
}

static enum mig_stray judge_info(struct mig_model *model, const struct mig_answer *answer,
				 char text[MIG_MODEL_TEXT])
{
	bool told = model->told;
	uint64_t before = model->initial;

	if (answer->err)
		return stray(text, MIG_STRAY_INFO, "in %s, VFIO_MIG_GET_PRECOPY_INFO failed: %s",
			     mig_state_name(model->state), errno_text(answer->err));
	/*
	 * In PRE_COPY_P2P mlx5 does not wait for what it gathers: it tells of what
	 * is there, and of more in PRE_COPY (mlx5vf_precopy_ioctl).
	 */
	if (model->state != MIG_STATE_PRE_COPY) {
		told = false;
	} else {
		model->told = true;
		model->initial = answer->initial;
	}
	if (told && answer->initial > before)
		return stray(text, MIG_STRAY_INFO,
			     "initial_bytes grew in one session, from %" PRIu64 " to %" PRIu64,
			     before, answer->initial);
	if (model->ended && answer->initial)
		return stray(text, MIG_STRAY_INFO,
			     "in %s, after the end of the data for now, there are %" PRIu64
			     " initial_bytes",
			     mig_state_name(model->state), answer->initial);
	return MIG_STRAY_NONE;
}

static enum mig_stray judge_reset(struct mig_model *model, const struct mig_answer *answer,
				  char text[MIG_MODEL_TEXT])
{
	char name[MIG_STATE_TEXT];

	if (answer->err)
		return stray(text, MIG_STRAY_RESET, "in %s, the reset failed: %s",
			     mig_state_name(model->state), errno_text(answer->err));
	if (answer->after.state != MIG_STATE_RUNNING)
		return stray(text, MIG_STRAY_RESET,
			     "after a reset in %s the state is %s, not running",
			     mig_state_name(model->state), mig_reading_name(answer->after, name));
	if (answer->alive)
		return stray(text, MIG_STRAY_ALIVE,
			     "after a reset in %s the data_fd of the session that is over moves "
			     "data",
			     mig_state_name(model->state));
	settle(model, MIG_STATE_RUNNING);
	return MIG_STRAY_NONE;
}

/* Most begin anew, the i40e of the RFC in STOP; mtty goes on where it was. */
static enum mig_stray judge_reopen(struct mig_model *model, struct mig_reading now,
				   char text[MIG_MODEL_TEXT])
{
	char name[MIG_STATE_TEXT];

	if (now.state != MIG_STATE_RUNNING && now.state != model->state &&
	    now.state != model->first)
		return stray(text, MIG_STRAY_REOPENED,
			     "closed in %s and opened again, the state is %s",
			     mig_state_name(model->state), mig_reading_name(now, name));
	settle(model, now.state);
	/* The session is gone with the descriptor. */
	model->spoiled = transfers(now.state);
	return MIG_STRAY_NONE;
}

enum mig_stray mig_model_judge(struct mig_model *model, const struct mig_stride *stride,
			       const struct mig_answer *answer, char text[MIG_MODEL_TEXT])
{
	switch (stride->kind) {
	case MIG_STRIDE_SET:
		return judge_set(model, stride->state, answer, text);
	case MIG_STRIDE_READ:
	case MIG_STRIDE_DRAIN:
		return judge_read(model, answer, text);
	case MIG_STRIDE_WRITE:
	case MIG_STRIDE_WRITE_ALL:
		return judge_write(model, answer, text);
	case MIG_STRIDE_PRECOPY_INFO:
		return judge_info(model, answer, text);
	case MIG_STRIDE_DATA_SIZE:
		/* Linux 6.2 brought it: older drivers have none. */
		if (!answer->err || answer->err == ENODATA)
			return MIG_STRAY_NONE;
		return stray(text, MIG_STRAY_SIZE,
			     "in %s, VFIO_DEVICE_FEATURE_MIG_DATA_SIZE failed: %s",
			     mig_state_name(model->state), errno_text(answer->err));
	case MIG_STRIDE_GET:
		return judge_moved(model, answer->before, text);
	case MIG_STRIDE_RESET:
		return judge_reset(model, answer, text);
	case MIG_STRIDE_CLOSE:
		model->open = false;
		return MIG_STRAY_NONE;
	case MIG_STRIDE_REOPEN:
		return judge_reopen(model, answer->after, text);
	}
	return MIG_STRAY_NONE;
}
