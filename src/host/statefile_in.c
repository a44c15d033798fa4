// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/statefile.h"
#include "statefile_source.h"
#include "statefile_thread.h"

struct mig_in {
	struct statefile_source source;
	struct mig_saved_reader *reader; /* NULL: not begun */
	struct mig_saved_meta meta;      /* of what was begun */
	uint8_t *scratch;                /* a piece, where there is no ring */
	bool checked;
	struct mig_saved_totals first; /* when it was checked */
	struct mig_ring *ring;
	struct statefile_thread thread;
	/* The thread's, until it is over. */
	int ret;
	struct mig_error error;
	struct mig_saved_totals totals;
};

static int no_memory(struct mig_error *error)
{
	return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory for the input");
}

/* What the reader says, with the name that it does not know; or what we know better. */
static int explain(const struct mig_in *in, int ret, struct mig_error *error)
{
	struct mig_error said = *error;

	if (in->source.why.kind != MIG_KIND_OK) {
		*error = in->source.why;
		return -in->source.why.err;
	}
	mig_error_set(error, said.kind, said.err, "%.300s: %.*s", in->source.shown,
		      (int)sizeof(said.text), said.text);
	mig_error_hint(error, "%s", said.hint);
	return ret;
}

int mig_in_open(struct mig_in **opened, const char *path, const volatile sig_atomic_t *stop,
		struct mig_error *error)
{
	struct mig_in *in = calloc(1, sizeof(*in));
	int ret;

	if (!in)
		return no_memory(error);
	in->source.stop = stop;
	in->source.quit = &in->thread.quit;
	ret = statefile_source_open(&in->source, path, error);
	if (ret)
		mig_in_close(in);
	else
		*opened = in;
	return ret;
}

bool mig_in_twice(const struct mig_in *in)
{
	return in->source.regular;
}

/* Up to the data, once. */
static int begin(struct mig_in *in, struct mig_error *error)
{
	int ret;

	if (in->reader)
		return 0;
	ret = statefile_source_begin(&in->source, error);
	if (ret)
		return ret;
	in->reader = mig_saved_reader_open(&in->source.input);
	if (!in->reader)
		return no_memory(error);
	ret = mig_saved_read_meta(in->reader, &in->meta, error);
	return ret ? explain(in, ret, error) : 0;
}

int mig_in_meta(struct mig_in *in, struct mig_saved_meta *meta, struct mig_error *error)
{
	int ret = begin(in, error);

	if (!ret)
		*meta = in->meta;
	return ret;
}

/* As mig_saved_read_piece(); at the end it is what it was when it was checked, too. */
static int next(struct mig_in *in, void *buffer, struct mig_saved_piece *piece,
		struct mig_saved_totals *totals, struct mig_error *error)
{
	int ret = mig_saved_read_piece(in->reader, buffer, piece, totals, error);

	if (ret < 0)
		return explain(in, ret, error);
	if (ret || !in->checked)
		return ret;
	if (totals->bytes == in->first.bytes && totals->transactions == in->first.transactions &&
	    !memcmp(totals->digest, in->first.digest, sizeof(totals->digest)))
		return 0;
	ret = mig_error_set(error, MIG_KIND_BAD_STATE, EBADMSG,
			    "%.300s was changed after it was checked", in->source.shown);
	mig_error_hint(error, "see that nobody writes to it, and try again");
	return ret;
}

int mig_in_each(struct mig_in *in, mig_in_piece *take, void *context,
		struct mig_saved_totals *totals, struct mig_error *error)
{
	struct mig_saved_totals here;
	struct mig_saved_piece piece;
	int ret = begin(in, error);

	if (!ret && !in->scratch)
		in->scratch = malloc(MIG_SAVED_BLOCK_MAX);
	if (!ret && !in->scratch)
		ret = no_memory(error);
	if (ret)
		return ret;
	while ((ret = next(in, in->scratch, &piece, &here, error)) > 0) {
		ret = take ? take(context, in->scratch, &piece, error) : 0;
		if (ret)
			break;
	}
	/* Of a part, what is good of it. */
	if (ret)
		mig_saved_so_far(in->reader, &here);
	if (totals)
		*totals = here;
	return ret;
}

static int rewind_to_start(struct mig_in *in, struct mig_error *error)
{
	mig_saved_reader_close(in->reader);
	in->reader = NULL;
	return statefile_source_rewind(&in->source, error);
}

int mig_in_check(struct mig_in *in, struct mig_saved_totals *totals, struct mig_error *error)
{
	int ret = in->source.regular
			  ? rewind_to_start(in, error)
			  : mig_error_set(error, MIG_KIND_FAILED, ESPIPE,
					  "%.300s can be read only once", in->source.shown);

	if (!ret)
		ret = mig_in_each(in, NULL, NULL, &in->first, error);
	if (!ret)
		ret = rewind_to_start(in, error);
	if (ret)
		return ret;
	in->checked = true;
	if (totals)
		*totals = in->first;
	return 0;
}

/* 0: all of it. -ECANCELED: nobody wants the rest. */
static int fill_ring(struct mig_in *in)
{
	struct mig_saved_piece piece;
	struct mig_slot *slot;
	int ret;

	for (;;) {
		if (mig_ring_free(in->ring, &slot, 1))
			return mig_error_set(&in->error, MIG_KIND_FAILED, ECANCELED,
					     "%.300s was not read to its end", in->source.shown);
		ret = next(in, slot->data, &piece, &in->totals, &in->error);
		if (ret <= 0)
			return ret;
		slot->size = piece.size;
		slot->more = piece.more;
		mig_ring_fill(in->ring, 1);
	}
}

static void *run(void *context)
{
	struct mig_in *in = context;
	int ret = fill_ring(in);

	in->ret = ret;
	atomic_store(&in->thread.over, true);
	mig_ring_end(in->ring, -ret);
	return NULL;
}

int mig_in_start(struct mig_in *in, struct mig_ring *ring, struct mig_error *error)
{
	int ret = begin(in, error);

	if (ret)
		return ret;
	in->ring = ring;
	ret = statefile_thread_start(&in->thread, run, in);
	if (ret)
		return mig_error_set(error, MIG_KIND_FAILED, -ret,
				     "cannot start the thread that reads %.300s: %s",
				     in->source.shown, strerror(-ret));
	return 0;
}

int mig_in_finish(struct mig_in *in, struct mig_saved_totals *totals, struct mig_error *error)
{
	if (!statefile_thread_quit(&in->thread))
		return mig_error_set(error, MIG_KIND_FAILED, EINTR,
				     "interrupted while reading %.300s", in->source.shown);
	if (in->ret)
		*error = in->error;
	else if (totals)
		*totals = in->totals;
	return in->ret;
}

bool mig_in_close(struct mig_in *in)
{
	if (!in)
		return true;
	if (!statefile_thread_quit(&in->thread))
		return false;
	mig_saved_reader_close(in->reader);
	statefile_source_close(&in->source);
	free(in->scratch);
	free(in);
	return true;
}
