// SPDX-License-Identifier: GPL-2.0-or-later
/* What is, as against what was done: show and list. */
#include <json-c/json.h>

#include "json.h"

static struct json_object *region_object(const struct mig_region_record *region)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "index", json_object_new_int64(region->index));
	json_object_object_add(object, "size", json_object_new_uint64(region->size));
	json_object_object_add(object, "read", json_object_new_boolean(region->read));
	json_object_object_add(object, "write", json_object_new_boolean(region->write));
	json_object_object_add(object, "mmap", json_object_new_boolean(region->mmap));
	json_object_object_add(object, "type",
			       region->typed ? json_object_new_int64(region->type) : NULL);
	json_object_object_add(object, "subtype",
			       region->typed ? json_object_new_int64(region->subtype) : NULL);
	json_object_object_add(object, "mmap_areas", json_object_new_int64((int64_t)region->areas));
	json_object_object_add(object, "migration", json_object_new_boolean(region->migration));
	json_object_object_add(object, "broken", json_text(region->broken));
	return object;
}

static struct json_object *precopy_object(const struct mig_show_record *record)
{
	struct json_object *object;

	if (!record->precopy_known)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "initial_bytes",
			       json_object_new_uint64(record->initial_bytes));
	json_object_object_add(object, "dirty_bytes", json_object_new_uint64(record->dirty_bytes));
	return object;
}

int mig_json_show(const struct mig_style *style, const struct mig_show_record *record)
{
	const struct mig_state_record *base = &record->base;
	bool known = base->protocol != MIG_PROTOCOL_NONE && !record->state_only;
	struct json_object *object = json_begin_state(base);
	struct json_object *regions = json_object_new_array();

	for (size_t i = 0; i < record->region_count; i++)
		json_object_array_add(regions, region_object(&record->regions[i]));
	json_object_object_add(object, "capabilities", known ? json_caps(record->caps) : NULL);
	json_add_state(object, base);
	json_object_object_add(object, "regions", regions);
	json_object_object_add(object, "data_size",
			       record->size_known ? json_object_new_uint64(record->data_size)
						  : NULL);
	json_object_object_add(object, "precopy", precopy_object(record));
	json_object_object_add(object, "dma_logging", json_flag(record->dma_logging));
	json_object_object_add(object, "next",
			       base->seen && known ? json_states(record->next, record->next_count)
						   : NULL);
	json_object_object_add(object, "reset_supported", json_flag(record->reset_supported));
	json_object_object_add(
		object, "devlink",
		base->head.device ? json_devlink(record->devlink, base->head.device->name) : NULL);
	json_object_object_add(object, "nic", json_nic(record->nic));
	return json_finish(style, object, base->head.error, base->head.stuck);
}

static struct json_object *list_object(const struct mig_list_record *record)
{
	struct json_object *object = json_device(&record->device);

	json_object_object_add(object, "vendor", json_text(record->vendor));
	json_object_object_add(object, "model", json_text(record->model));
	json_object_object_add(object, "holder",
			       record->held ? json_holder(&record->holder) : NULL);
	json_object_object_add(object, "migration",
			       json_object_new_string(mig_migration_name(record->migration)));
	return object;
}

int mig_json_list(const struct mig_style *style, const struct mig_head_record *head,
		  const struct mig_list_record *records, size_t count)
{
	struct json_object *object = json_begin(head->command);
	struct json_object *devices = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(devices, list_object(&records[i]));
	json_object_object_add(object, "devices", devices);
	return json_finish(style, object, head->error, NULL);
}
