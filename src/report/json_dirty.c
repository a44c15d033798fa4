// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>

#include "json.h"

static struct json_object *range_object(const struct mig_dirty_range *range)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "iova", json_object_new_uint64(range->iova));
	json_object_object_add(object, "length", json_object_new_uint64(range->length));
	return object;
}

static struct json_object *range_array(const struct mig_dirty_range *ranges, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, range_object(&ranges[i]));
	return array;
}

static struct json_object *tracking_object(const struct mig_tracking *tracking, bool container)
{
	struct json_object *object = json_object_new_object(), *sizes;

	json_object_object_add(object, "dirty_tracking",
			       json_object_new_string(mig_tracked_name(tracking->tracked)));
	if (container) {
		sizes = json_object_new_array();
		for (unsigned int bit = 0; bit < 64; bit++)
			if (tracking->page_sizes & (uint64_t)1 << bit)
				json_object_array_add(sizes,
						      json_object_new_uint64((uint64_t)1 << bit));
		json_object_object_add(object, "page_sizes", sizes);
		json_object_object_add(
			object, "max_bitmap_bytes",
			tracking->max_bitmap ? json_object_new_uint64(tracking->max_bitmap) : NULL);
	}
	json_object_object_add(object, "reason", json_known(tracking->reason));
	return object;
}

/* With the sums of all in the object around them. What a failure cut short is told once, too. */
static void add_reports(struct json_object *object, const struct mig_dirty_step *step)
{
	struct json_object *array = json_object_new_array();
	uint64_t pages = 0, bytes = 0, stray = 0;
	bool told;

	for (size_t i = 0; step->dirty && i < step->count; i++) {
		const struct mig_dirty *dirty = &step->dirty[i];
		struct json_object *range = range_object(&step->ranges[i]);

		json_object_object_add(range, "pages", json_object_new_uint64(dirty->pages));
		json_object_object_add(range, "bytes", json_object_new_uint64(dirty->bytes));
		json_object_object_add(range, "run_count", json_object_new_uint64(dirty->count));
		json_object_object_add(range, "runs", range_array(dirty->runs, dirty->kept));
		json_object_array_add(array, range);
		pages += dirty->pages;
		bytes += dirty->bytes;
		stray += dirty->stray;
	}
	told = step->done || pages;
	json_object_object_add(object, "page_size", json_object_new_uint64(step->grain));
	json_object_object_add(object, "pages", told ? json_object_new_uint64(pages) : NULL);
	json_object_object_add(object, "bytes", told ? json_object_new_uint64(bytes) : NULL);
	json_object_object_add(object, "stray_bits", told ? json_object_new_uint64(stray) : NULL);
	json_object_object_add(object, "ranges", array);
}

static struct json_object *figures_object(const struct mig_dirty_rate *rate, bool bytes)
{
	struct mig_dirty_figures figures;
	struct json_object *object;

	if (!rate->count || mig_dirty_figures(rate, bytes, &figures))
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "min", json_object_new_double(figures.min));
	json_object_object_add(object, "median", json_object_new_double(figures.median));
	json_object_object_add(object, "max", json_object_new_double(figures.max));
	return object;
}

static void add_start(struct json_object *object, const struct mig_dirty_step *step)
{
	bool known = step->done || step->rate.count;

	json_object_object_add(object, "asked_page_size",
			       step->asked ? json_object_new_uint64(step->asked) : NULL);
	json_object_object_add(object, "logged_page_size",
			       known ? json_object_new_uint64(step->page_size) : NULL);
}

static void add_rate(struct json_object *object, const struct mig_dirty_step *step)
{
	struct json_object *array = json_object_new_array();
	uint64_t pages = 0, bytes = 0, usec = 0;

	for (size_t i = 0; i < step->rate.count; i++) {
		const struct mig_dirty_sample *sample = &step->rate.samples[i];
		struct json_object *one = json_object_new_object();

		json_object_object_add(one, "usec", json_object_new_uint64(sample->usec));
		json_object_object_add(one, "pages", json_object_new_uint64(sample->pages));
		json_object_object_add(one, "bytes", json_object_new_uint64(sample->bytes));
		json_object_array_add(array, one);
		pages += sample->pages;
		bytes += sample->bytes;
		usec += sample->usec;
	}
	json_object_object_add(object, "page_size",
			       step->grain ? json_object_new_uint64(step->grain) : NULL);
	json_object_object_add(object, "pages", json_object_new_uint64(pages));
	json_object_object_add(object, "bytes", json_object_new_uint64(bytes));
	json_object_object_add(object, "usec", json_object_new_uint64(usec));
	json_object_object_add(object, "stray_bits", json_object_new_uint64(step->rate.stray));
	json_object_object_add(object, "pages_per_sec", figures_object(&step->rate, false));
	json_object_object_add(object, "bytes_per_sec", figures_object(&step->rate, true));
	json_object_object_add(object, "samples", array);
	json_object_object_add(object, "ranges", range_array(step->ranges, step->count));
}

static struct json_object *step_object(const struct mig_dirty_step *step)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "action",
			       json_object_new_string(mig_dirty_action_name(step->action)));
	json_object_object_add(object, "done", json_object_new_boolean(step->done));
	switch (step->action) {
	case MIG_DIRTY_PROBE:
	case MIG_DIRTY_STOP:
		break;
	case MIG_DIRTY_START:
		add_start(object, step);
		json_object_object_add(object, "ranges", range_array(step->ranges, step->count));
		break;
	case MIG_DIRTY_REPORT:
		add_reports(object, step);
		break;
	case MIG_DIRTY_RATE:
		add_start(object, step);
		add_rate(object, step);
		break;
	}
	return object;
}

int mig_json_dirty(const struct mig_style *style, const struct mig_dirty_record *record)
{
	struct json_object *object = json_begin_head(&record->head);
	struct json_object *actions = json_object_new_array();

	json_object_object_add(object, "dma_logging", json_flag(record->logging));
	json_object_object_add(object, "container",
			       record->probed ? tracking_object(&record->container, true) : NULL);
	json_object_object_add(object, "iommufd",
			       record->probed ? tracking_object(&record->iommufd, false) : NULL);
	for (size_t i = 0; i < record->count; i++)
		json_object_array_add(actions, step_object(&record->steps[i]));
	json_object_object_add(object, "actions", actions);
	return json_finish(style, object, record->head.error, record->head.stuck);
}
