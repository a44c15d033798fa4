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
