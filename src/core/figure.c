// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/figure.h"

static const char *const names[MIG_MEASURE_COUNT] = {
	[MIG_MEASURE_ARC] = "arc",   [MIG_MEASURE_STOPPED] = "stopped",
	[MIG_MEASURE_SAVE] = "save", [MIG_MEASURE_RESTORE] = "restore",
	[MIG_MEASURE_GET] = "get",   [MIG_MEASURE_DATA_SIZE] = "data-size",
};

const char *mig_measure_name(enum mig_measure measure)
{
	return names[measure];
}

bool mig_measure_parse(const char *word, enum mig_measure *measure)
{
	for (int i = 0; i < MIG_MEASURE_COUNT; i++) {
		if (!strcmp(word, names[i])) {
			*measure = (enum mig_measure)i;
			return true;
		}
	}
	return false;
}

struct mig_figure *mig_figures_find(struct mig_figures *figures, const struct mig_figure *like)
{
	for (size_t i = 0; i < figures->count; i++) {
		struct mig_figure *figure = &figures->items[i];

		if (figure->what == like->what && figure->from == like->from &&
		    figure->to == like->to && figure->chunk == like->chunk)
			return figure;
	}
	return NULL;
}

struct mig_figure *mig_figures_add(struct mig_figures *figures, const struct mig_figure *like)
{
	struct mig_figure *figure = mig_figures_find(figures, like);

	if (figure || figures->count == MIG_FIGURES_MAX)
		return figure;
	figure = &figures->items[figures->count++];
	*figure = (struct mig_figure){
		.what = like->what, .from = like->from, .to = like->to, .chunk = like->chunk
	};
	return figure;
}

int mig_figure_take(struct mig_figure *figure, uint64_t ns)
{
	if (figure->n == MIG_SAMPLES_MAX)
		return -E2BIG;
	if (figure->n == figure->room) {
		size_t room = figure->room ? figure->room * 2 : 64;
		uint64_t *grown = reallocarray(figure->ns, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		figure->ns = grown;
		figure->room = room;
	}
	figure->ns[figure->n++] = ns;
	return 0;
}

void mig_figure_moved(struct mig_figure *figure, uint64_t bytes)
{
	figure->moved += bytes;
	figure->bytes = figure->moved / figure->n;
}

static int by_size(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

void mig_figures_sort(struct mig_figures *figures)
{
	for (size_t i = 0; i < figures->count; i++)
		if (figures->items[i].n)
			qsort(figures->items[i].ns, figures->items[i].n, sizeof(uint64_t), by_size);
}

void mig_figures_clear(struct mig_figures *figures)
{
	for (size_t i = 0; i < figures->count; i++)
		free(figures->items[i].ns);
	figures->count = 0;
}
