// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>
#include <string.h>

#include "json.h"

static struct json_object *step_object(const struct mig_step *step)
{
	const struct mig_reading from = { step->from, step->from_raw };
	bool written = step->outcome != MIG_OUTCOME_PLANNED && step->outcome != MIG_OUTCOME_NOOP &&
		       step->outcome != MIG_OUTCOME_REFUSED;
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "from", json_state(true, from));
	json_object_object_add(object, "to", json_object_new_string(mig_state_name(step->to)));
	json_object_object_add(object, "outcome",
			       json_object_new_string(mig_outcome_name(step->outcome)));
	json_object_object_add(object, "errno", json_text(mig_errno_name(step->err)));
	json_object_object_add(object, "after", json_state(step->seen, step->after));
	json_object_object_add(object, "usec",
			       written ? json_object_new_int64((int64_t)step->usec) : NULL);
	return object;
}

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
	/* devlink health is not read yet: unknown. */
	json_object_object_add(object, "health", NULL);
	json_object_object_add(object, "recovery", recovery_object(fallout));
	return object;
}

int mig_json_set(const struct mig_style *style, const struct mig_set_record *record)
{
	const struct mig_state_record *base = &record->base;
	struct json_object *object = json_begin_state(base);
	struct json_object *steps = json_object_new_array();

	json_object_object_add(object, "table",
			       base->protocol == MIG_PROTOCOL_V1
				       ? json_object_new_string(mig_table_name(record->table))
				       : NULL);
	json_object_object_add(object, "capabilities",
			       base->protocol == MIG_PROTOCOL_NONE ? NULL
								   : json_caps(record->caps));
	for (size_t i = 0; i < record->count; i++)
		json_object_array_add(steps, step_object(&record->steps[i]));
	json_object_object_add(object, "steps", steps);
	json_object_object_add(
		object, "outcome",
		record->judged ? json_object_new_string(mig_outcome_name(record->outcome)) : NULL);
	json_add_state(object, base);
	json_object_object_add(object, "fallout", json_fallout(record->fallout));
	return json_finish(style, object, base->head.error, base->head.stuck);
}
