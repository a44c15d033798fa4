// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>
#include <string.h>

#include "json.h"

/* {"correctable":{"RxErr":1},"nonfatal":{},"fatal":{}} */
static struct json_object *aer_object(const struct mig_fallout_record *fallout)
{
	static const char *const severities[] = { "correctable", "nonfatal", "fatal" };
	struct json_object *object;

	if (!fallout->aer_known)
		return NULL;
	object = json_object_new_object();
	for (size_t i = 0; i < sizeof(severities) / sizeof(*severities); i++) {
		struct json_object *deltas = json_object_new_object();

		for (size_t j = 0; j < fallout->aer_count; j++)
			if (!strcmp(fallout->aer[j].severity, severities[i]))
				json_object_object_add(
					deltas, fallout->aer[j].name,
					json_object_new_int64((int64_t)fallout->aer[j].delta));
		json_object_object_add(object, severities[i], deltas);
	}
	return object;
}

static struct json_object *pci_object(const struct mig_fallout_record *fallout)
{
	struct json_object *object, *errors;

	if (!fallout->pci)
		return NULL;
	object = json_object_new_object();
	errors = json_object_new_array();
	json_object_object_add(object, "status",
			       fallout->status < 0 ? NULL : json_object_new_int(fallout->status));
	for (size_t i = 0; i < fallout->pci_error_count; i++)
		json_object_array_add(errors, json_object_new_string(fallout->pci_errors[i]));
	json_object_object_add(object, "new_errors", errors);
	json_object_object_add(object, "aer", aer_object(fallout));
	return object;
}

static struct json_object *log_array(const struct mig_fallout_record *fallout)
{
	struct json_object *array;

	if (!fallout->log_known)
		return NULL;
	array = json_object_new_array();
	for (size_t i = 0; i < fallout->log_count; i++)
		json_object_array_add(array, json_text(fallout->log[i]));
	return array;
}

static struct json_object *health_object(const struct mig_devlink_health *health)
{
	struct json_object *object;

	if (!health)
		return NULL;
	object = json_object_new_object();
	json_add_health(object, health);
	return object;
}

static void add_reporter(struct json_object *array, const struct mig_devlink_health *before,
			 const struct mig_devlink_health *after)
{
	const struct mig_devlink_health *either = after ? after : before;
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_text(either->name));
	json_object_object_add(object, "of", json_text(either->of_port ? "port" : "device"));
	json_object_object_add(object, "before", health_object(before));
	json_object_object_add(object, "after", health_object(after));
	json_object_array_add(array, object);
}

static struct json_object *health_array(const struct mig_fallout_record *fallout)
{
	const struct mig_devlink *before = fallout->devlink_before, *after = fallout->devlink_after;
	struct json_object *array;

	if (!before || !after)
		return NULL;
	array = json_object_new_array();
	for (size_t i = 0; i < after->health_count; i++)
		add_reporter(
			array,
			mig_health_find(before->health, before->health_count, &after->health[i]),
			&after->health[i]);
	for (size_t i = 0; i < before->health_count; i++)
		if (!mig_health_find(after->health, after->health_count, &before->health[i]))
			add_reporter(array, &before->health[i], NULL);
	return array;
}

static struct json_object *event_array(const struct mig_fallout_record *fallout)
{
	struct json_object *array, *object;

	if (!fallout->events_known)
		return NULL;
	array = json_object_new_array();
	for (size_t i = 0; i < fallout->event_count; i++) {
		object = json_object_new_object();
		json_object_object_add(object, "action", json_text(fallout->events[i].action));
		json_object_object_add(object, "driver", json_text(fallout->events[i].driver));
		json_object_object_add(object, "recovery", json_text(fallout->events[i].recovery));
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *count_or_null(int64_t count)
{
	return count < 0 ? NULL : json_object_new_int64(count);
}

static struct json_object *interrupts_object(const struct mig_fallout_record *fallout)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "error", count_or_null(fallout->error_interrupts));
	json_object_object_add(object, "request", count_or_null(fallout->request_interrupts));
	return object;
}

static struct json_object *recovery_object(const struct mig_fallout_record *fallout)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "offered",
			       json_flag(fallout->reset_known ? fallout->reset_offered : -1));
	json_object_object_add(object, "attempted", json_object_new_boolean(fallout->attempted));
	json_object_object_add(object, "outcome",
			       fallout->attempted
				       ? json_object_new_string(mig_outcome_name(fallout->outcome))
				       : NULL);
	json_object_object_add(object, "state",
			       json_state(fallout->attempted && fallout->seen, fallout->after));
	return object;
}

struct json_object *json_fallout(const struct mig_fallout_record *fallout)
{
	struct json_object *object;

	if (!fallout)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "state", json_state(true, fallout->state));
	json_object_object_add(object, "errno", json_text(mig_errno_name(fallout->err)));
	json_object_object_add(object, "message", json_text(fallout->message));
	json_object_object_add(object, "pci", pci_object(fallout));
	json_object_object_add(object, "kernel_log", log_array(fallout));
	json_object_object_add(object, "health", health_array(fallout));
	json_object_object_add(object, "uevents", event_array(fallout));
	json_object_object_add(object, "interrupts", interrupts_object(fallout));
	json_object_object_add(object, "dma_logging_lost", json_flag(fallout->logging_lost));
	json_object_object_add(object, "recovery", recovery_object(fallout));
	return object;
}
