// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>

#include "json.h"

static struct json_object *holder_object(const struct mig_view *view)
{
	struct json_object *object;

	if (!view->held)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "pid", json_object_new_int(view->holder_pid));
	json_object_object_add(object, "comm", json_text(view->holder_comm));
	return object;
}

static struct json_object *driver_object(const struct mig_view *view)
{
	return view->driver[0] ? json_text(view->driver) : NULL;
}

static struct json_object *health_array(const struct mig_view *view)
{
	struct json_object *array = json_object_new_array(), *object;

	for (size_t i = 0; i < view->health_count; i++) {
		const struct mig_devlink_health *health = &view->health[i];

		object = json_object_new_object();
		json_object_object_add(object, "reporter", json_text(health->name));
		json_object_object_add(object, "of",
				       json_text(health->of_port ? "port" : "device"));
		json_object_object_add(object, "state",
				       json_text(mig_health_state_name(health->state)));
		json_object_object_add(object, "errors", json_object_new_uint64(health->errors));
		json_object_object_add(object, "recoveries",
				       json_object_new_uint64(health->recoveries));
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *migratable_word(const struct mig_view *view)
{
	return view->migratable == MIG_MIGRATABLE_UNKNOWN
		       ? NULL
		       : json_text(mig_migratable_name(view->migratable));
}

static struct json_object *view_object(const struct mig_view *view)
{
	struct json_object *object;

	if (!view->present)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "driver", driver_object(view));
	json_object_object_add(object, "holder", holder_object(view));
	json_object_object_add(object, "migratable", migratable_word(view));
	json_object_object_add(object, "health", health_array(view));
	json_object_object_add(object, "state", json_state(view->seen, view->state));
	json_object_object_add(object, "state_by",
			       view->seen ? json_text(mig_view_source_name(view->source)) : NULL);
	return object;
}

static struct json_object *side(enum mig_change change, const struct mig_view *view)
{
	switch (change) {
	case MIG_CHANGE_DEVICE:
		return view_object(view);
	case MIG_CHANGE_DRIVER:
		return driver_object(view);
	case MIG_CHANGE_HOLDER:
		return holder_object(view);
	case MIG_CHANGE_MIGRATABLE:
		return migratable_word(view);
	case MIG_CHANGE_HEALTH:
		return health_array(view);
	case MIG_CHANGE_STATE:
		return json_state(view->seen, view->state);
	}
	return NULL;
}

int mig_json_watch(const struct mig_style *style, const struct mig_watch_record *record)
{
	struct json_object *object = json_begin("watch");

	json_object_object_add(object, "time", json_text(record->time));
	json_object_object_add(object, "device", json_device(&record->device));
	json_object_object_add(object, "what", json_text(mig_change_name(record->change)));
	json_object_object_add(object, "before", side(record->change, record->before));
	json_object_object_add(object, "after", side(record->change, record->after));
	json_object_object_add(object, "reason", json_text(record->reason));
	return json_finish(style, object, NULL, NULL);
}
