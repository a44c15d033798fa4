// SPDX-License-Identifier: GPL-2.0-or-later
/* What devlink says: a part of show, and set-migratable. */
#include <json-c/json.h>

#include "devlink.h"
#include "json.h"

static struct json_object *known_number(int number)
{
	return number < 0 ? NULL : json_object_new_int(number);
}

static struct json_object *port_object(const struct mig_devlink *devlink)
{
	const struct mig_devlink_port *port = &devlink->port;
	struct json_object *object;

	if (!devlink->has_port)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "handle", json_text(devlink->handle));
	json_object_object_add(object, "index", json_object_new_int64(port->index));
	json_object_object_add(object, "flavour",
			       json_text(mig_devlink_flavour_name(port->flavour)));
	json_object_object_add(object, "pf", known_number(port->pf));
	json_object_object_add(object, "vf", known_number(port->vf));
	json_object_object_add(object, "controller", json_object_new_int64(port->controller));
	json_object_object_add(object, "external", json_object_new_boolean(port->external));
	json_object_object_add(object, "netdev", json_known(port->netdev));
	return object;
}

static struct json_object *hw_addr(const struct mig_devlink *devlink)
{
	char text[DEVLINK_ADDR_TEXT];

	return json_text(devlink_addr(devlink, text));
}

static struct json_object *function_state(const struct mig_devlink *devlink)
{
	return devlink->state == MIG_FUNCTION_UNKNOWN
		       ? NULL
		       : json_text(mig_function_state_name(devlink->state));
}

static struct json_object *function_opstate(const struct mig_devlink *devlink)
{
	return devlink->opstate == MIG_OPSTATE_UNKNOWN
		       ? NULL
		       : json_text(mig_function_opstate_name(devlink->opstate));
}

static struct json_object *migratable(const struct mig_devlink *devlink)
{
	return !devlink || devlink->migratable == MIG_MIGRATABLE_UNKNOWN
		       ? NULL
		       : json_text(mig_migratable_name(devlink->migratable));
}

static struct json_object *eswitch(const struct mig_devlink *devlink)
{
	return devlink->eswitch == MIG_ESWITCH_UNKNOWN
		       ? NULL
		       : json_text(mig_eswitch_name(devlink->eswitch));
}

static struct json_object *info_object(const struct mig_devlink_info *info)
{
	struct json_object *object;

	if (!info->driver[0] && !info->serial[0] && !info->firmware[0] && !info->psid[0])
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "driver", json_known(info->driver));
	json_object_object_add(object, "serial", json_known(info->serial));
	json_object_object_add(object, "firmware", json_known(info->firmware));
	json_object_object_add(object, "psid", json_known(info->psid));
	return object;
}

void json_add_health(struct json_object *object, const struct mig_devlink_health *health)
{
	json_object_object_add(object, "state",
			       health->state == MIG_HEALTH_UNKNOWN
				       ? NULL
				       : json_text(mig_health_state_name(health->state)));
	json_object_object_add(object, "errors", json_object_new_uint64(health->errors));
	json_object_object_add(object, "recoveries", json_object_new_uint64(health->recoveries));
}

static struct json_object *reporter_object(const struct mig_devlink_health *health)
{
	struct json_object *object = json_object_new_object();
	char text[DEVLINK_TIME_TEXT];

	json_object_object_add(object, "name", json_text(health->name));
	json_object_object_add(object, "of", json_text(health->of_port ? "port" : "device"));
	json_add_health(object, health);
	json_object_object_add(object, "last_dump", json_text(devlink_time(health->dump_ns, text)));
	return object;
}

static struct json_object *health_array(const struct mig_devlink *devlink)
{
	struct json_object *array;

	if (!devlink->health_known)
		return NULL;
	array = json_object_new_array();
	for (size_t i = 0; i < devlink->health_count; i++)
		json_object_array_add(array, reporter_object(&devlink->health[i]));
	return array;
}

struct json_object *json_devlink(const struct mig_devlink *devlink, const char *name)
{
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];
	struct json_object *object;

	if (!devlink || !devlink->instance)
		return NULL;
	mig_devlink_explain(devlink, name, sentence, remedy);
	object = json_object_new_object();
	json_object_object_add(object, "handle", json_text(devlink->handle));
	json_object_object_add(object, "eswitch", eswitch(devlink));
	json_object_object_add(object, "info", info_object(&devlink->info));
	json_object_object_add(object, "port", port_object(devlink));
	json_object_object_add(object, "why", json_known(devlink->has_port ? "" : sentence));
	json_object_object_add(object, "hw_addr", hw_addr(devlink));
	json_object_object_add(object, "migratable", migratable(devlink));
	json_object_object_add(object, "state", function_state(devlink));
	json_object_object_add(object, "opstate", function_opstate(devlink));
	json_object_object_add(object, "health", health_array(devlink));
	return object;
}

int mig_json_migratable(const struct mig_style *style, const struct mig_migratable_record *record)
{
	struct json_object *object = json_begin_head(&record->head);
	const struct mig_devlink *devlink = record->devlink;

	json_object_object_add(object, "port", devlink ? port_object(devlink) : NULL);
	json_object_object_add(object, "outcome",
			       record->judged ? json_text(mig_outcome_name(record->outcome))
					      : NULL);
	json_object_object_add(object, "migratable", migratable(devlink));
	json_object_object_add(
		object, "devlink",
		record->head.device ? json_devlink(devlink, record->head.device->name) : NULL);
	return json_finish(style, object, record->head.error, record->head.stuck);
}
