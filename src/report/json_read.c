// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report of a preflight, read again. Keys that are not known are passed
 * over, and null, or no such key, is "not known".
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "json_reading.h"
#include "migctl/report.h"

#define DEVICES_MAX 4096

#define GET_TEXT(object, key, field, error) json_get_text(object, key, field, sizeof(field), error)

static int get_ids(struct json_object *device, struct mig_saved_meta *meta, struct mig_error *error)
{
	struct json_object *ids;
	int ret = json_get(device, "ids", json_type_object, &ids, error);

	if (ret || !ids)
		return ret;
	ret = GET_TEXT(ids, "vendor", meta->vendor, error);
	if (!ret)
		ret = GET_TEXT(ids, "device", meta->device, error);
	if (!ret)
		ret = GET_TEXT(ids, "subsystem_vendor", meta->subsystem_vendor, error);
	if (!ret)
		ret = GET_TEXT(ids, "subsystem_device", meta->subsystem_device, error);
	return ret;
}

static int get_firmware(struct json_object *device, struct mig_saved_meta *meta,
			struct mig_error *error)
{
	struct json_object *firmware;
	int ret = json_get(device, "firmware", json_type_object, &firmware, error);

	if (ret || !firmware)
		return ret;
	ret = GET_TEXT(firmware, "version", meta->firmware_version, error);
	return ret ? ret : GET_TEXT(firmware, "psid", meta->firmware_psid, error);
}

/* A word that is not known is a capability of a later kernel, and passed over. */
static int get_protocol(struct json_object *device, struct mig_saved_meta *meta,
			struct mig_error *error)
{
	struct json_object *word, *caps;
	int ret = json_get(device, "protocol", json_type_string, &word, error);

	if (!ret)
		ret = json_get(device, "capabilities", json_type_array, &caps, error);
	if (ret || !word)
		return ret;
	if (!mig_protocol_parse(json_object_get_string(word), &meta->protocol))
		return json_wrong(error, "its \"protocol\" is neither v1 nor v2");
	for (size_t i = 0; caps && i < json_object_array_length(caps); i++) {
		struct json_object *cap = json_object_array_get_idx(caps, i);

		if (!json_object_is_type(cap, json_type_string))
			return json_wrong(error, "its \"capabilities\" has what is no string");
		for (unsigned int bit = 1; bit <= MIG_CAPS_ALL; bit <<= 1)
			if (!strcmp(json_object_get_string(cap), mig_cap_name(bit)))
				meta->caps |= bit;
	}
	return 0;
}

/* Its verdict on the protocol: without one to name, a failure says that there is none. */
static int get_verdict(struct json_object *device, struct mig_saved_meta *meta,
		       struct mig_error *error)
{
	struct json_object *checks, *name, *verdict;
	int ret = json_get(device, "checks", json_type_array, &checks, error);

	for (size_t i = 0; !ret && checks && i < json_object_array_length(checks); i++) {
		struct json_object *item = json_object_array_get_idx(checks, i);

		if (!json_object_is_type(item, json_type_object))
			return json_wrong(error, "its \"checks\" has what is no object");
		ret = json_get(item, "name", json_type_string, &name, error);
		if (!ret)
			ret = json_get(item, "verdict", json_type_string, &verdict, error);
		if (!ret && name && verdict && meta->protocol == MIG_PROTOCOL_NONE &&
		    !strcmp(json_object_get_string(name), "protocol"))
			meta->no_migration = !strcmp(json_object_get_string(verdict), "fail");
	}
	return ret;
}

static int get_device(struct json_object *device, struct mig_saved_meta *meta,
		      struct mig_error *error)
{
	char name[1024] = ""; /* of 255 bytes at most, with escapes */
	int ret;

	if (!json_object_is_type(device, json_type_object))
		return json_wrong(error, "its \"devices\" has what is no object");
	ret = GET_TEXT(device, "name", name, error);
	if (!ret && !name[0])
		ret = json_wrong(error, "a device in it has no name");
	snprintf(meta->name, sizeof(meta->name), "%.*s", (int)sizeof(meta->name) - 1, name);
	if (!ret)
		ret = GET_TEXT(device, "bus", meta->bus, error);
	if (!ret)
		ret = GET_TEXT(device, "driver", meta->driver, error);
	if (!ret)
		ret = get_ids(device, meta, error);
	if (!ret)
		ret = get_protocol(device, meta, error);
	if (!ret)
		ret = get_verdict(device, meta, error);
	if (!ret)
		ret = get_firmware(device, meta, error);
	return ret;
}

static int get_head(struct json_object *root, struct mig_saved_meta *meta,
		    struct json_object **devices, struct mig_error *error)
{
	int ret = json_get_command(root, "check", error);

	if (!ret)
		ret = GET_TEXT(root, "host", meta->host, error);
	if (!ret)
		ret = GET_TEXT(root, "kernel", meta->kernel, error);
	if (!ret)
		ret = json_get(root, "devices", json_type_array, devices, error);
	return ret;
}

static int get_all(struct json_object *root, struct mig_saved_meta **metas, size_t *count,
		   struct mig_error *error)
{
	struct mig_saved_meta head = { .name = "" };
	struct json_object *devices = NULL;
	size_t length;
	int ret;

	ret = get_head(root, &head, &devices, error);
	if (ret)
		return ret;
	length = devices ? json_object_array_length(devices) : 0;
	if (!length || length > DEVICES_MAX)
		return json_wrong(error, "it has %zu devices, expected 1 to %d", length,
				  DEVICES_MAX);
	*metas = calloc(length, sizeof(**metas));
	if (!*metas)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	for (; !ret && *count < length; ++*count) {
		(*metas)[*count] = head;
		ret = get_device(json_object_array_get_idx(devices, *count), &(*metas)[*count],
				 error);
	}
	return ret;
}

int mig_json_read_check(const char *text, size_t size, struct mig_saved_meta **metas, size_t *count,
			struct mig_error *error)
{
	struct json_object *root;
	int ret;

	*metas = NULL;
	*count = 0;
	ret = json_parse(text, size, &root, error);
	if (!ret)
		ret = get_all(root, metas, count, error);
	json_object_put(root);
	if (ret) {
		free(*metas);
		*metas = NULL;
		*count = 0;
	}
	return json_not_of(ret, "check",
			   "make it on the other host: vfio-migctl check --open --json DEVICE",
			   error);
}
