// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

static const struct mig_figure *find(const struct mig_figures *figures,
				     const struct mig_figure *like)
{
	return mig_figures_find((struct mig_figures *)figures, like);
}

const struct mig_figure *bench_find(const struct mig_figures *figures, enum mig_measure what,
				    uint64_t chunk)
{
	const struct mig_figure like = { .what = what, .chunk = chunk };

	return find(figures, &like);
}

const struct mig_figure *bench_find_arc(const struct mig_figures *figures, enum mig_state from,
					enum mig_state to)
{
	const struct mig_figure like = { .what = MIG_MEASURE_ARC, .from = from, .to = to };

	return find(figures, &like);
}

double bench_rate(const struct mig_figure *figure)
{
	struct mig_summary summary;

	if (!mig_summarize(figure->ns, figure->n, &summary) || !summary.median)
		return 0;
	return (double)figure->bytes * 1e9 / (double)summary.median;
}

void bench_bytes(uint64_t bytes, char text[32])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	for (; bytes && bytes % 1024 == 0 && unit < 4; unit++)
		bytes /= 1024;
	snprintf(text, 32, "%llu %s", (unsigned long long)bytes, units[unit]);
}

void bench_label(const struct mig_figure *figure, char *text, size_t size)
{
	char chunk[32];

	switch (figure->what) {
	case MIG_MEASURE_ARC:
		snprintf(text, size, "%s -> %s", mig_state_name(figure->from),
			 mig_state_name(figure->to));
		return;
	case MIG_MEASURE_STOPPED:
		snprintf(text, size, "time stopped");
		return;
	case MIG_MEASURE_GET:
		snprintf(text, size, "reading the state");
		return;
	case MIG_MEASURE_DATA_SIZE:
		snprintf(text, size, "asking for the data size");
		return;
	case MIG_MEASURE_SAVE:
	case MIG_MEASURE_RESTORE:
		break;
	}
	if (!figure->chunk) {
		snprintf(text, size, "%s", mig_measure_name(figure->what));
		return;
	}
	bench_bytes(figure->chunk, chunk);
	snprintf(text, size, "%s, %s a call", mig_measure_name(figure->what), chunk);
}
