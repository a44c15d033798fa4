// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>

#include "bench.h"
#include "json.h"

static struct json_object *number(double value, const char *format)
{
	char text[64];

	snprintf(text, sizeof(text), format, value);
	return json_object_new_double_s(value, text);
}

static struct json_object *run_object(const char *path, const struct mig_bench_run *run)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "path", json_text(path));
	json_object_object_add(object, "device", run ? json_known(run->device) : NULL);
	json_object_object_add(object, "driver", run ? json_known(run->driver) : NULL);
	json_object_object_add(object, "kernel", run ? json_known(run->kernel) : NULL);
	json_object_object_add(object, "protocol",
			       run && run->protocol != MIG_PROTOCOL_NONE
				       ? json_object_new_string(mig_protocol_name(run->protocol))
				       : NULL);
	json_object_object_add(object, "cycles", run ? json_object_new_uint64(run->cycles) : NULL);
	return object;
}

static struct json_object *side(const struct mig_figure *figure)
{
	struct json_object *object;
	struct mig_summary summary;

	if (!figure)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "n", json_object_new_uint64(figure->n));
	json_object_object_add(object, "median_usec",
			       mig_summarize(figure->ns, figure->n, &summary)
				       ? number((double)summary.median / 1e3, "%.3f")
				       : NULL);
	return object;
}

static struct json_object *item_object(const struct mig_comparison *item)
{
	const struct mig_figure *figure = item->a ? item->a : item->b;
	struct json_object *object = json_object_new_object();
	bool arc = figure->what == MIG_MEASURE_ARC;

	json_object_object_add(object, "what",
			       json_object_new_string(mig_measure_name(figure->what)));
	json_object_object_add(object, "from",
			       arc ? json_object_new_string(mig_state_name(figure->from)) : NULL);
	json_object_object_add(object, "to",
			       arc ? json_object_new_string(mig_state_name(figure->to)) : NULL);
	json_object_object_add(object, "chunk",
			       figure->chunk ? json_object_new_uint64(figure->chunk) : NULL);
	json_object_object_add(object, "a", side(item->a));
	json_object_object_add(object, "b", side(item->b));
	json_object_object_add(object, "change_percent",
			       item->tested ? number(item->change, "%.2f") : NULL);
	json_object_object_add(object, "p", item->tested ? number(item->p, "%.3g") : NULL);
	json_object_object_add(object, "verdict",
			       json_object_new_string(mig_shift_name(item->shift)));
	return object;
}

int mig_json_compare(const struct mig_style *style, const struct mig_compare_record *record)
{
	struct json_object *object = json_begin(record->head.command);
	struct json_object *items = record->items ? json_object_new_array() : NULL;

	json_object_object_add(object, "a", run_object(record->paths[0], record->runs[0]));
	json_object_object_add(object, "b", run_object(record->paths[1], record->runs[1]));
	json_object_object_add(object, "alpha", number(record->options.alpha, "%g"));
	json_object_object_add(object, "margin_percent",
			       json_object_new_uint64(record->options.margin));
	for (size_t i = 0; items && i < record->count; i++)
		json_object_array_add(items, item_object(&record->items[i]));
	json_object_object_add(object, "figures", items);
	return json_finish(style, object, record->head.error, record->head.stuck);
}
