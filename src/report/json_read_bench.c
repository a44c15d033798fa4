// SPDX-License-Identifier: GPL-2.0-or-later
/* What bench measured, read again: of its report the samples, from which all else is made. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "json_reading.h"
#include "migctl/report.h"

/* A fortnight: no call takes longer, and sums of these do not overflow. */
#define NS_MAX 1209600000000000u

/* A whole number; absent is 0. */
static int get_number(struct json_object *object, const char *key, uint64_t most, uint64_t *number,
		      struct mig_error *error)
{
	struct json_object *value;
	int ret = json_get(object, key, json_type_int, &value, error);

	*number = 0;
	if (ret || !value)
		return ret;
	if (json_object_get_int64(value) < 0 || json_object_get_uint64(value) > most)
		return json_wrong(error, "its \"%s\" is out of range", key);
	*number = json_object_get_uint64(value);
	return 0;
}

static int get_state(struct json_object *object, const char *key, enum mig_state *state,
		     struct mig_error *error)
{
	struct json_object *word;
	int ret = json_get(object, key, json_type_string, &word, error);

	if (!ret && (!word || !mig_state_parse(json_object_get_string(word), state)))
		ret = json_wrong(error, "its \"%s\" is no state", key);
	return ret;
}

static int get_what(struct json_object *object, struct mig_figure *figure, struct mig_error *error)
{
	struct json_object *word;
	int ret = json_get(object, "what", json_type_string, &word, error);

	if (ret)
		return ret;
	if (!word || !mig_measure_parse(json_object_get_string(word), &figure->what))
		return json_wrong(error, "its \"samples\" have what this version does not know");
	if (figure->what == MIG_MEASURE_ARC) {
		ret = get_state(object, "from", &figure->from, error);
		if (!ret)
			ret = get_state(object, "to", &figure->to, error);
	}
	if (!ret)
		ret = get_number(object, "chunk", INT64_MAX, &figure->chunk, error);
	if (!ret)
		ret = get_number(object, "bytes", INT64_MAX, &figure->bytes, error);
	return ret;
}

static int get_times(struct json_object *object, struct mig_figure *figure, struct mig_error *error)
{
	struct json_object *list;
	int ret = json_get(object, "nsec", json_type_array, &list, error);
	size_t length = !ret && list ? json_object_array_length(list) : 0;

	if (!ret && (!list || length > MIG_SAMPLES_MAX))
		ret = json_wrong(error, "its \"nsec\" is missing, or has more than %d",
				 MIG_SAMPLES_MAX);
	for (size_t i = 0; !ret && i < length; i++) {
		struct json_object *ns = json_object_array_get_idx(list, i);

		if (!json_object_is_type(ns, json_type_int) || json_object_get_int64(ns) < 0 ||
		    json_object_get_uint64(ns) > NS_MAX)
			return json_wrong(error, "its \"nsec\" has what is no time");
		ret = mig_figure_take(figure, json_object_get_uint64(ns));
		if (ret)
			mig_error_set(error, MIG_KIND_FAILED, -ret, "out of memory");
	}
	return ret;
}

static int get_figure(struct json_object *object, struct mig_figures *figures,
		      struct mig_error *error)
{
	struct mig_figure like = { .n = 0 }, *figure;
	int ret;

	if (!json_object_is_type(object, json_type_object))
		return json_wrong(error, "its \"samples\" have what is no object");
	ret = get_what(object, &like, error);
	if (ret)
		return ret;
	if (mig_figures_find(figures, &like))
		return json_wrong(error, "its \"samples\" have the same thing twice");
	figure = mig_figures_add(figures, &like);
	if (!figure)
		return json_wrong(error, "it has more figures than any run");
	figure->bytes = like.bytes;
	return get_times(object, figure, error);
}

static int get_head(struct json_object *root, struct mig_bench_run *run, struct mig_error *error)
{
	struct json_object *device, *protocol;
	int ret = json_get_command(root, "bench", error);

	if (!ret)
		ret = json_get(root, "device", json_type_object, &device, error);
	if (!ret && device)
		ret = json_get_text(device, "name", run->device, sizeof(run->device), error);
	if (!ret && device)
		ret = json_get_text(device, "driver", run->driver, sizeof(run->driver), error);
	if (!ret)
		ret = json_get_text(root, "kernel", run->kernel, sizeof(run->kernel), error);
	if (!ret)
		ret = get_number(root, "cycles", UINT32_MAX, &run->cycles, error);
	if (!ret)
		ret = json_get(root, "protocol", json_type_string, &protocol, error);
	if (!ret && protocol &&
	    !mig_protocol_parse(json_object_get_string(protocol), &run->protocol))
		ret = json_wrong(error, "its \"protocol\" is neither v1 nor v2");
	return ret;
}

static int get_all(struct json_object *root, struct mig_bench_run *run, struct mig_error *error)
{
	struct json_object *samples = NULL;
	int ret = get_head(root, run, error);

	if (!ret)
		ret = json_get(root, "samples", json_type_array, &samples, error);
	if (!ret && (!samples || !json_object_array_length(samples)))
		ret = json_wrong(error, "it has no \"samples\": nothing was measured");
	for (size_t i = 0; !ret && i < json_object_array_length(samples); i++)
		ret = get_figure(json_object_array_get_idx(samples, i), &run->figures, error);
	mig_figures_sort(&run->figures);
	return ret;
}

int mig_json_read_bench(const char *text, size_t size, struct mig_bench_run *run,
			struct mig_error *error)
{
	struct json_object *root;
	int ret;

	memset(run, 0, sizeof(*run));
	ret = json_parse(text, size, &root, error);
	if (!ret)
		ret = get_all(root, run, error);
	json_object_put(root);
	return json_not_of(ret, "bench", "make one with: vfio-migctl bench --json DEVICE", error);
}
