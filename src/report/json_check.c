// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>

#include "json.h"

static struct json_object *ids_object(const struct mig_saved_meta *meta)
{
	struct json_object *object;

	if (!meta->vendor[0])
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "vendor", json_known(meta->vendor));
	json_object_object_add(object, "device", json_known(meta->device));
	json_object_object_add(object, "subsystem_vendor", json_known(meta->subsystem_vendor));
	json_object_object_add(object, "subsystem_device", json_known(meta->subsystem_device));
	return object;
}

static struct json_object *item_object(const struct mig_check_item *item)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_text(item->name));
	json_object_object_add(object, "verdict", json_text(mig_check_verdict_name(item->verdict)));
	json_object_object_add(object, "found", json_text(item->found));
	json_object_object_add(object, "remedy", json_text(item->remedy));
	return object;
}

static struct json_object *device_object(const struct mig_check_device_record *record)
{
	struct json_object *object = json_device(&record->device);
	struct json_object *checks = json_object_new_array();
	const struct mig_saved_meta *meta = record->meta;
	bool protocol = meta->protocol != MIG_PROTOCOL_NONE;

	for (size_t i = 0; i < record->count; i++)
		json_object_array_add(checks, item_object(&record->items[i]));
	json_object_object_add(object, "ids", ids_object(meta));
	json_object_object_add(object, "protocol",
			       protocol ? json_text(mig_protocol_name(meta->protocol)) : NULL);
	json_object_object_add(object, "capabilities", protocol ? json_caps(meta->caps) : NULL);
	json_object_object_add(object, "firmware", json_firmware(meta));
	json_object_object_add(object, "verdict",
			       json_text(mig_check_verdict_name(record->verdict)));
	json_object_object_add(object, "checks", checks);
	return object;
}

int mig_json_check(const struct mig_style *style, const struct mig_check_record *record)
{
	struct json_object *object = json_begin(record->head.command);
	struct json_object *devices = json_object_new_array();

	for (size_t i = 0; i < record->count; i++)
		json_object_array_add(devices, device_object(&record->devices[i]));
	json_object_object_add(object, "host", json_known(record->host));
	json_object_object_add(object, "kernel", json_known(record->kernel));
	json_object_object_add(object, "checked_at", json_known(record->checked_at));
	json_object_object_add(object, "devices", devices);
	return json_finish(style, object, record->head.error, record->head.stuck);
}
