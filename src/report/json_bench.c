// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>

#include "bench.h"
#include "json.h"

/* To the nanosecond, and no digit more than that has. */
static struct json_object *usec(uint64_t ns)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03llu", (unsigned long long)(ns / 1000),
		 (unsigned long long)(ns % 1000));
	return json_object_new_double_s((double)ns / 1e3, text);
}

/* The four figures; NULL: there are none. */
static struct json_object *times(const struct mig_figure *figure)
{
	struct json_object *object;
	struct mig_summary summary;

	if (!figure || !mig_summarize(figure->ns, figure->n, &summary))
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "min", usec(summary.min));
	json_object_object_add(object, "median", usec(summary.median));
	json_object_object_add(object, "p99", usec(summary.p99));
	json_object_object_add(object, "max", usec(summary.max));
	return object;
}

static struct json_object *count(size_t n)
{
	return json_object_new_uint64(n);
}

static struct json_object *arcs(const struct mig_figures *figures)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < figures->count; i++) {
		const struct mig_figure *figure = &figures->items[i];
		struct json_object *object;

		if (figure->what != MIG_MEASURE_ARC)
			continue;
		object = json_object_new_object();
		json_object_object_add(object, "from",
				       json_object_new_string(mig_state_name(figure->from)));
		json_object_object_add(object, "to",
				       json_object_new_string(mig_state_name(figure->to)));
		json_object_object_add(object, "n", count(figure->n));
		json_object_object_add(object, "usec", times(figure));
		json_object_object_add(object, "naks", count(figure->naks));
		json_object_object_add(object, "errno", json_text(mig_errno_name(figure->err)));
		json_object_array_add(array, object);
	}
	return array;
}

static void add_moved(struct json_object *object, const struct mig_figure *figure)
{
	struct mig_summary summary;

	mig_summarize(figure->ns, figure->n, &summary);
	json_object_object_add(object, "n", count(figure->n));
	json_object_object_add(object, "bytes", json_object_new_uint64(figure->bytes));
	json_object_object_add(object, "usec", usec(summary.median));
	json_object_object_add(object, "bytes_per_sec",
			       json_object_new_uint64((uint64_t)bench_rate(figure)));
}

/* A save or a restore, and the same by each size of a call. */
static struct json_object *moved(const struct mig_figures *figures, enum mig_measure what)
{
	const struct mig_figure *whole = bench_find(figures, what, 0);
	struct json_object *object, *chunks;

	if (!whole || !whole->n)
		return NULL;
	object = json_object_new_object();
	chunks = json_object_new_array();
	add_moved(object, whole);
	for (size_t i = 0; i < figures->count; i++) {
		const struct mig_figure *figure = &figures->items[i];
		struct json_object *chunk;

		if (figure->what != what || !figure->chunk || !figure->n)
			continue;
		chunk = json_object_new_object();
		json_object_object_add(chunk, "chunk", json_object_new_uint64(figure->chunk));
		add_moved(chunk, figure);
		json_object_array_add(chunks, chunk);
	}
	json_object_object_add(object, "chunks", chunks);
	return object;
}

/* All that was measured, as --compare reads it again. */
static struct json_object *samples(const struct mig_figures *figures)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < figures->count; i++) {
		const struct mig_figure *figure = &figures->items[i];
		struct json_object *object = json_object_new_object();
		struct json_object *list = json_object_new_array();
		bool arc = figure->what == MIG_MEASURE_ARC;

		json_object_object_add(object, "what",
				       json_object_new_string(mig_measure_name(figure->what)));
		if (arc) {
			json_object_object_add(
				object, "from",
				json_object_new_string(mig_state_name(figure->from)));
			json_object_object_add(object, "to",
					       json_object_new_string(mig_state_name(figure->to)));
		}
		if (figure->chunk)
			json_object_object_add(object, "chunk",
					       json_object_new_uint64(figure->chunk));
		if (figure->bytes)
			json_object_object_add(object, "bytes",
					       json_object_new_uint64(figure->bytes));
		for (size_t k = 0; k < figure->n; k++)
			json_object_array_add(list, json_object_new_uint64(figure->ns[k]));
		json_object_object_add(object, "nsec", list);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *budget(const struct mig_bench_record *record)
{
	struct json_object *object;
	char text[32];

	if (record->budget < 0)
		return NULL;
	object = json_object_new_object();
	snprintf(text, sizeof(text), "%g", record->budget);
	json_object_object_add(object, "msec", json_object_new_double_s(record->budget, text));
	json_object_object_add(object, "exceeded",
			       record->judged ? json_object_new_boolean(record->over) : NULL);
	return object;
}

static struct json_object *reason(const char *text)
{
	return text && text[0] ? json_text(text) : NULL;
}

static void add_figures(struct json_object *object, const struct mig_figures *figures)
{
	json_object_object_add(object, "arcs", figures ? arcs(figures) : NULL);
	json_object_object_add(object, "save", figures ? moved(figures, MIG_MEASURE_SAVE) : NULL);
	json_object_object_add(object, "restore",
			       figures ? moved(figures, MIG_MEASURE_RESTORE) : NULL);
	json_object_object_add(object, "stop_usec",
			       figures ? times(bench_find(figures, MIG_MEASURE_STOPPED, 0)) : NULL);
	json_object_object_add(
		object, "load_usec",
		figures ? times(bench_find_arc(figures, MIG_STATE_RESUMING, MIG_STATE_STOP))
			: NULL);
	json_object_object_add(object, "get_usec",
			       figures ? times(bench_find(figures, MIG_MEASURE_GET, 0)) : NULL);
	json_object_object_add(object, "data_size_usec",
			       figures ? times(bench_find(figures, MIG_MEASURE_DATA_SIZE, 0))
				       : NULL);
	json_object_object_add(object, "samples", figures ? samples(figures) : NULL);
}

int mig_json_bench(const struct mig_style *style, const struct mig_bench_record *record)
{
	const struct mig_state_record *base = &record->base;
	struct json_object *object = json_begin_state(base);

	json_object_object_add(object, "capabilities",
			       base->protocol == MIG_PROTOCOL_NONE ? NULL
								   : json_caps(record->caps));
	json_object_object_add(object, "kernel", json_text(record->kernel));
	json_object_object_add(object, "cycles", count(record->cycles));
	json_object_object_add(object, "cycles_wanted", count(record->wanted));
	json_object_object_add(object, "usec", json_object_new_uint64(record->usec));
	json_object_object_add(object, "read_only", json_object_new_boolean(record->read_only));
	json_object_object_add(object, "precopy", json_object_new_boolean(record->precopy));
	json_object_object_add(object, "was_reset", json_object_new_boolean(record->was_reset));
	json_object_object_add(object, "interrupted", json_object_new_boolean(record->interrupted));
	json_object_object_add(object, "budget", budget(record));
	json_object_object_add(object, "no_save", reason(record->no_save));
	json_object_object_add(object, "no_restore", reason(record->no_restore));
	add_figures(object, record->figures);
	json_add_state(object, base);
	json_object_object_add(object, "fallout", json_fallout(record->fallout));
	return json_finish(style, object, base->head.error, base->head.stuck);
}
