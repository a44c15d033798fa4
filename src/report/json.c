// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <json-c/json.h>

#include "json.h"
#include "migctl/escape.h"

/*
 * json-c escapes control characters but passes any byte on, and JSON must be
 * UTF-8; so what came from elsewhere goes through our own escapes first.
 */
struct json_object *json_text(const char *text)
{
	char escaped[4096];

	if (!text)
		return NULL;
	return json_object_new_string(mig_escape(escaped, sizeof(escaped), text));
}

struct json_object *json_known(const char *text)
{
	return text[0] ? json_text(text) : NULL;
}

struct json_object *json_firmware(const struct mig_saved_meta *meta)
{
	struct json_object *object;

	if (!meta->firmware_version[0] && !meta->firmware_psid[0])
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "version", json_known(meta->firmware_version));
	json_object_object_add(object, "psid", json_known(meta->firmware_psid));
	return object;
}

struct json_object *json_state(bool seen, struct mig_reading reading)
{
	char text[MIG_STATE_TEXT];

	return seen ? json_object_new_string(mig_reading_name(reading, text)) : NULL;
}

struct json_object *json_flag(int known)
{
	return known < 0 ? NULL : json_object_new_boolean(known);
}

struct json_object *json_caps(unsigned int caps)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int cap = 1; cap <= MIG_CAPS_ALL; cap <<= 1)
		if (caps & cap)
			json_object_array_add(array, json_object_new_string(mig_cap_name(cap)));
	return array;
}

struct json_object *json_states(const enum mig_state *states, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, json_object_new_string(mig_state_name(states[i])));
	return array;
}

struct json_object *json_device(const struct mig_device_record *device)
{
	struct json_object *object, *netdev = NULL;

	if (!device)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "name", json_text(device->name));
	json_object_object_add(object, "bus", json_text(device->bus));
	json_object_object_add(object, "driver", json_text(device->driver));
	json_object_object_add(object, "group",
			       device->group < 0 ? NULL : json_object_new_int(device->group));
	json_object_object_add(object, "cdev", json_text(device->cdev));
	if (device->pf_netdev) {
		netdev = json_object_new_object();
		json_object_object_add(netdev, "pf", json_text(device->pf_netdev));
		json_object_object_add(netdev, "vf", json_object_new_int(device->vf));
	}
	json_object_object_add(object, "netdev", netdev);
	return object;
}

struct json_object *json_holder(const struct mig_holder_record *holder)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "pid", json_object_new_int(holder->pid));
	json_object_object_add(object, "comm", json_text(holder->comm));
	json_object_object_add(object, "unit", json_text(holder->unit));
	json_object_object_add(object, "container", json_text(holder->container));
	json_object_object_add(object, "vm", json_text(holder->vm));
	return object;
}

static struct json_object *via_object(const struct mig_via_record *via)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "how", json_object_new_string(via->how));
	json_object_object_add(object, "holder", json_holder(&via->holder));
	json_object_object_add(object, "certain", json_object_new_boolean(!via->doubt));
	json_object_object_add(object, "reason", json_text(via->doubt));
	json_object_object_add(
		object, "layout_checked",
		via->layout_checked < 0 ? NULL : json_object_new_boolean(via->layout_checked));
	return object;
}

static struct json_object *stack_lines(const char *stack)
{
	struct json_object *array = json_object_new_array();
	char line[MIG_LINE_SIZE];

	while (mig_next_line(&stack, line))
		json_object_array_add(array, json_text(line));
	return array;
}

static struct json_object *error_object(const struct mig_error *error,
					const struct mig_stuck_record *stuck)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "kind", json_object_new_string(mig_kind_name(error->kind)));
	/* A wrong word is wrong without a call having failed. */
	json_object_object_add(
		object, "errno",
		error->kind == MIG_KIND_USAGE ? NULL : json_text(mig_errno_name(error->err)));
	json_object_object_add(object, "message", json_text(error->text));
	json_object_object_add(object, "hint", error->hint[0] ? json_text(error->hint) : NULL);
	if (stuck) {
		json_object_object_add(object, "task", json_object_new_int(stuck->task));
		json_object_object_add(object, "task_ended", json_object_new_boolean(stuck->ended));
		json_object_object_add(object, "stack",
				       stuck->stack[0] ? stack_lines(stuck->stack) : NULL);
	}
	return object;
}

struct json_object *json_begin(const char *command)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "schema", json_object_new_int(1));
	json_object_object_add(object, "command", json_text(command));
	return object;
}

struct json_object *json_begin_head(const struct mig_head_record *head)
{
	struct json_object *object = json_begin(head->command);

	json_object_object_add(object, "device", json_device(head->device));
	if (head->via)
		json_object_object_add(object, "via", via_object(head->via));
	return object;
}

struct json_object *json_begin_state(const struct mig_state_record *record)
{
	struct json_object *object = json_begin_head(&record->head);

	json_object_object_add(
		object, "protocol",
		record->protocol == MIG_PROTOCOL_NONE
			? NULL
			: json_object_new_string(mig_protocol_name(record->protocol)));
	return object;
}

void json_add_state(struct json_object *object, const struct mig_state_record *record)
{
	json_object_object_add(object, "state", json_state(record->seen, record->state));
	json_object_object_add(object, "raw",
			       record->seen ? json_object_new_int64(record->state.raw) : NULL);
}

int json_finish(const struct mig_style *style, struct json_object *object,
		const struct mig_error *error, const struct mig_stuck_record *stuck)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text;

	if (error && error->kind != MIG_KIND_OK)
		json_object_object_add(object, "error", error_object(error, stuck));
	flags |= style->pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : 0;
	text = json_object_to_json_string_ext(object, flags);
	if (text)
		fprintf(style->out, "%s\n", text);
	json_object_put(object);
	return text ? 0 : -ENOMEM;
}

int mig_json_error(const struct mig_style *style, const char *command,
		   const struct mig_error *error)
{
	return json_finish(style, json_begin(command), error, NULL);
}

int mig_json_get(const struct mig_style *style, const struct mig_state_record *record)
{
	struct json_object *object = json_begin_state(record);

	json_add_state(object, record);
	return json_finish(style, object, record->head.error, record->head.stuck);
}

int mig_json_reset(const struct mig_style *style, const struct mig_reset_record *record)
{
	struct json_object *object = json_begin_state(&record->base);

	json_object_object_add(
		object, "outcome",
		record->judged ? json_object_new_string(mig_outcome_name(record->outcome)) : NULL);
	json_object_object_add(object, "usec",
			       record->judged ? json_object_new_int64((int64_t)record->usec)
					      : NULL);
	json_add_state(object, &record->base);
	return json_finish(style, object, record->base.head.error, record->base.head.stuck);
}

static struct json_object *hold_entry(const struct mig_hold_entry *entry)
{
	const struct mig_state_record *base = &entry->base;
	struct json_object *object = json_device(base->head.device);

	json_object_object_add(object, "protocol",
			       base->protocol == MIG_PROTOCOL_NONE
				       ? NULL
				       : json_object_new_string(mig_protocol_name(base->protocol)));
	json_add_state(object, base);
	json_object_object_add(
		object, "reset",
		entry->judged ? json_object_new_string(mig_outcome_name(entry->outcome)) : NULL);
	return object;
}

int mig_json_hold(const struct mig_style *style, const struct mig_hold_record *record)
{
	struct json_object *object = json_begin(record->command);
	struct json_object *devices = json_object_new_array();

	for (size_t i = 0; i < record->count; i++)
		json_object_array_add(devices, hold_entry(&record->entries[i]));
	json_object_object_add(object, "pid",
			       record->ready ? json_object_new_int(record->pid) : NULL);
	json_object_object_add(object, "devices", devices);
	json_object_object_add(object, "status",
			       record->ran ? json_object_new_int(record->status) : NULL);
	return json_finish(style, object, record->error, record->stuck);
}
