// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>

#include "json.h"

static void add_number(struct json_object *object, const char *key, bool known, uint64_t number)
{
	json_object_object_add(object, key, known ? json_object_new_uint64(number) : NULL);
}

/* Those that were entered, in order. */
static struct json_object *phases(const struct mig_move_record *record)
{
	struct json_object *array = json_object_new_array();

	for (int i = 0; i < MIG_PHASE_COUNT; i++) {
		const struct mig_phase_record *phase = &record->phases[i];
		struct json_object *object;

		if (!phase->entered)
			continue;
		object = json_object_new_object();
		json_object_object_add(object, "name",
				       json_object_new_string(mig_phase_name((enum mig_phase)i)));
		add_number(object, "usec", true, phase->usec);
		add_number(object, "bytes", true, phase->bytes);
		json_object_array_add(array, object);
	}
	return array;
}

int mig_json_move(const struct mig_style *style, const struct mig_move_record *record)
{
	const struct mig_state_record *base = &record->base;
	struct json_object *object = json_begin_state(base);

	add_number(object, "bytes", record->moved, record->bytes);
	add_number(object, "chunks", record->moved, record->chunks);
	add_number(object, "usec", record->moved, record->usec);
	if (record->restored) {
		add_number(object, "load_usec", record->moved, record->load_usec);
	} else {
		add_number(object, "stop_usec", record->moved, record->stop_usec);
		add_number(object, "precopy_rounds", record->moved, record->precopy_rounds);
	}
	json_object_object_add(object, "phases", record->moved ? phases(record) : NULL);
	json_object_object_add(object, "digest", json_text(record->digest));
	json_add_state(object, base);
	json_object_object_add(object, "path", json_text(record->path));
	json_object_object_add(object, "fallout", json_fallout(record->fallout));
	return json_finish(style, object, base->head.error, base->head.stuck);
}

/* As every device of the contract, and the ids that say what kind it is. */
static struct json_object *saved_device(const struct mig_saved_meta *meta)
{
	const struct mig_device_record device = {
		.name = meta->name[0] ? meta->name : NULL,
		.bus = meta->bus[0] ? meta->bus : NULL,
		.driver = meta->driver[0] ? meta->driver : NULL,
		.group = -1, /* of another machine, or another boot */
	};
	struct json_object *object = json_device(&device);

	json_object_object_add(object, "vendor_id", json_known(meta->vendor));
	json_object_object_add(object, "device_id", json_known(meta->device));
	json_object_object_add(object, "subsystem_vendor_id", json_known(meta->subsystem_vendor));
	json_object_object_add(object, "subsystem_device_id", json_known(meta->subsystem_device));
	return object;
}

static void add_meta(struct json_object *object, const struct mig_saved_meta *meta)
{
	json_object_object_add(object, "saved_at", meta ? json_known(meta->saved_at) : NULL);
	json_object_object_add(object, "host", meta ? json_known(meta->host) : NULL);
	json_object_object_add(object, "kernel", meta ? json_known(meta->kernel) : NULL);
	json_object_object_add(object, "tool", meta ? json_known(meta->tool) : NULL);
	json_object_object_add(object, "device", meta ? saved_device(meta) : NULL);
	json_object_object_add(object, "protocol",
			       meta && meta->protocol != MIG_PROTOCOL_NONE
				       ? json_object_new_string(mig_protocol_name(meta->protocol))
				       : NULL);
	json_object_object_add(object, "capabilities", meta ? json_caps(meta->caps) : NULL);
	json_object_object_add(object, "firmware", meta ? json_firmware(meta) : NULL);
}

int mig_json_inspect(const struct mig_style *style, const struct mig_inspect_record *record)
{
	struct json_object *object = json_begin(record->head.command), *fits = NULL;
	char digest[MIG_DIGEST_TEXT];

	json_object_object_add(object, "path", json_text(record->path));
	json_object_object_add(object, "whole",
			       record->judged ? json_object_new_boolean(record->whole) : NULL);
	add_number(object, "bytes", record->meta, record->totals.bytes);
	add_number(object, "chunks", record->meta, record->totals.transactions);
	json_object_object_add(object, "digest",
			       record->whole ? json_object_new_string(mig_digest_text(
						       record->totals.digest, digest))
					     : NULL);
	add_meta(object, record->meta);
	if (record->target) {
		fits = json_object_new_object();
		json_object_object_add(fits, "device", json_device(record->target));
		json_object_object_add(fits, "compatible",
				       json_object_new_boolean(record->compatible));
		json_object_object_add(fits, "reason", json_text(record->reason));
	}
	json_object_object_add(object, "compatible_with", fits);
	return json_finish(style, object, record->head.error, record->head.stuck);
}
