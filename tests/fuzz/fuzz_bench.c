// SPDX-License-Identifier: GPL-2.0-or-later
/* A report of bench, as one that means harm would write it, and what comparing with it says. */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "migctl/report.h"

static struct mig_comparison items[2 * MIG_FIGURES_MAX];

static void compare(const struct mig_figures *figures)
{
	const struct mig_compare_options options = { .alpha = 0.01, .margin = 10 };
	size_t count;
	int ret = mig_compare(figures, figures, &options, items, &count);

	HOLDS(!ret || ret == -ENOMEM);
	for (size_t i = 0; !ret && i < count; i++) {
		HOLDS(items[i].a && items[i].b == items[i].a);
		HOLDS(items[i].shift == MIG_SHIFT_SAME || items[i].shift == MIG_SHIFT_TOO_FEW ||
		      items[i].shift == MIG_SHIFT_ALONE);
		HOLDS(items[i].p >= 0 && items[i].p <= 1.000001 && items[i].change == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct mig_bench_run run;
	int ret = mig_json_read_bench((const char *)data, size, &run, &error);

	HOLDS(run.figures.count <= MIG_FIGURES_MAX);
	if (ret) {
		HOLDS(error.kind == MIG_KIND_FAILED && error.text[0]);
		mig_figures_clear(&run.figures);
		return 0;
	}
	HOLDS(run.figures.count && memchr(run.device, '\0', sizeof(run.device)) &&
	      memchr(run.kernel, '\0', sizeof(run.kernel)));
	for (size_t i = 0; i < run.figures.count; i++) {
		const struct mig_figure *figure = &run.figures.items[i];

		HOLDS((int)figure->what < MIG_MEASURE_COUNT && figure->n <= MIG_SAMPLES_MAX);
		HOLDS((int)figure->from < MIG_STATE_COUNT && (int)figure->to < MIG_STATE_COUNT);
		for (size_t k = 1; k < figure->n; k++)
			HOLDS(figure->ns[k - 1] <= figure->ns[k]);
	}
	compare(&run.figures);
	mig_figures_clear(&run.figures);
	return 0;
}
