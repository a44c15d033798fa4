// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The META block: what was saved, as JSON that people and other programs can
 * read too. A key that is not known is passed over; null, or no such key, is
 * "not known"; anything else but what vfio-migctl-state(5) says is damage.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "migctl/escape.h"
#include "saved_form.h"

#define SCHEMA 1
/* Ours has three levels; those of a later version are passed over up to here. */
#define DEPTH 9

struct field {
	const char *key;
	size_t at, size;
};

#define FIELD(key, member) \
	{ \
		key, offsetof(struct mig_saved_meta, member), \
			sizeof(((struct mig_saved_meta *)NULL)->member) \
	}

static const struct field device_fields[] = {
	FIELD("name", name),
	FIELD("bus", bus),
	FIELD("driver", driver),
	FIELD("vendor", vendor),
	FIELD("device", device),
	FIELD("subsystem_vendor", subsystem_vendor),
	FIELD("subsystem_device", subsystem_device),
	{ NULL, 0, 0 },
};

static const struct field firmware_fields[] = {
	FIELD("version", firmware_version),
	FIELD("psid", firmware_psid),
	{ NULL, 0, 0 },
};

static const struct field own_fields[] = {
	FIELD("host", host), FIELD("kernel", kernel), FIELD("saved_at", saved_at),
	FIELD("tool", tool), { NULL, 0, 0 },
};

/* JSON is UTF-8; what sysfs and firmware say need not be. Cut to what a reader has room for. */
static struct json_object *text_object(const struct mig_saved_meta *meta, const struct field *field)
{
	char escaped[sizeof(*meta)];
	const char *text = (const char *)meta + field->at;

	return text[0] ? json_object_new_string(mig_escape(escaped, field->size, text)) : NULL;
}

static void add_fields(struct json_object *object, const struct mig_saved_meta *meta,
		       const struct field *fields)
{
	for (; fields->key; fields++)
		json_object_object_add(object, fields->key, text_object(meta, fields));
}

static struct json_object *fields_object(const struct mig_saved_meta *meta,
					 const struct field *fields)
{
	struct json_object *object = json_object_new_object();

	add_fields(object, meta, fields);
	return object;
}

static struct json_object *caps_object(unsigned int caps)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int cap = 1; cap <= MIG_CAPS_ALL; cap <<= 1)
		if (caps & cap)
			json_object_array_add(array, json_object_new_string(mig_cap_name(cap)));
	return array;
}

long saved_meta_write(const struct mig_saved_meta *meta, uint8_t *text, size_t size)
{
	struct json_object *root = json_object_new_object();
	bool firmware = meta->firmware_version[0] || meta->firmware_psid[0];
	bool protocol = meta->protocol != MIG_PROTOCOL_NONE;
	size_t length = 0;
	const char *json;
	long ret;

	json_object_object_add(root, "schema", json_object_new_int(SCHEMA));
	json_object_object_add(root, "device", fields_object(meta, device_fields));
	json_object_object_add(root, "protocol",
			       protocol ? json_object_new_string(mig_protocol_name(meta->protocol))
					: NULL);
	json_object_object_add(root, "capabilities", caps_object(meta->caps));
	json_object_object_add(root, "firmware",
			       firmware ? fields_object(meta, firmware_fields) : NULL);
	add_fields(root, meta, own_fields);
	json = json_object_to_json_string_length(
		root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	if (!json)
		ret = -ENOMEM;
	else if (length > size)
		ret = -ENOSPC;
	else
		ret = (long)length;
	if (ret > 0)
		memcpy(text, json, length);
	json_object_put(root);
	return ret;
}

static int wrong(char why[SAVED_WHY], int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int wrong(char why[SAVED_WHY], int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, SAVED_WHY, format, args);
	va_end(args);
	return -err;
}

/* *value is NULL for null and for no such key. */
static int get(struct json_object *object, const char *key, enum json_type type,
	       struct json_object **value, char why[SAVED_WHY])
{
	*value = NULL;
	if (json_object_object_get_ex(object, key, value) && *value &&
	    !json_object_is_type(*value, type))
		return wrong(why, EBADMSG, "its \"%s\" is of type %s, expected %s", key,
			     json_type_to_name(json_object_get_type(*value)),
			     json_type_to_name(type));
	return 0;
}

static int get_fields(struct json_object *object, const struct field *fields,
		      struct mig_saved_meta *meta, char why[SAVED_WHY])
{
	struct json_object *value;

	for (; fields->key; fields++) {
		size_t length;
		int ret = get(object, fields->key, json_type_string, &value, why);

		if (ret)
			return ret;
		if (!value)
			continue;
		length = (size_t)json_object_get_string_len(value);
		if (length >= fields->size)
			return wrong(why, EBADMSG, "its \"%s\" has %zu bytes, expected at most %zu",
				     fields->key, length, fields->size - 1);
		if (memchr(json_object_get_string(value), '\0', length))
			return wrong(why, EBADMSG, "its \"%s\" has a NUL in it", fields->key);
		memcpy((char *)meta + fields->at, json_object_get_string(value), length);
	}
	return 0;
}

/* An object with fields in it, which may be null. */
static int get_object(struct json_object *root, const char *key, const struct field *fields,
		      struct mig_saved_meta *meta, char why[SAVED_WHY])
{
	struct json_object *object;
	int ret = get(root, key, json_type_object, &object, why);

	return ret || !object ? ret : get_fields(object, fields, meta, why);
}

/* A word that is not known is a capability of a later kernel, and passed over. */
static int get_caps(struct json_object *root, struct mig_saved_meta *meta, char why[SAVED_WHY])
{
	struct json_object *array;
	int ret = get(root, "capabilities", json_type_array, &array, why);

	for (size_t i = 0; !ret && array && i < json_object_array_length(array); i++) {
		struct json_object *word = json_object_array_get_idx(array, i);

		if (!json_object_is_type(word, json_type_string))
			return wrong(why, EBADMSG, "its \"capabilities\" has what is no string");
		for (unsigned int cap = 1; cap <= MIG_CAPS_ALL; cap <<= 1)
			if (!strcmp(json_object_get_string(word), mig_cap_name(cap)))
				meta->caps |= cap;
	}
	return ret;
}

static int get_protocol(struct json_object *root, struct mig_saved_meta *meta, char why[SAVED_WHY])
{
	char escaped[64];
	struct json_object *value;
	int ret = get(root, "protocol", json_type_string, &value, why);

	if (ret || !value || mig_protocol_parse(json_object_get_string(value), &meta->protocol))
		return ret;
	return wrong(why, EPROTONOSUPPORT, "its protocol is \"%s\", expected v1 or v2",
		     mig_escape(escaped, sizeof(escaped), json_object_get_string(value)));
}

static int get_schema(struct json_object *root, char why[SAVED_WHY])
{
	struct json_object *value;
	int ret = get(root, "schema", json_type_int, &value, why);

	if (ret)
		return ret;
	if (!value || json_object_get_int64(value) < SCHEMA)
		return wrong(why, EBADMSG, "it has no \"schema\", expected %d", SCHEMA);
	if (json_object_get_int64(value) > SCHEMA)
		return wrong(why, EPROTONOSUPPORT, "its schema is %lld, expected %d",
			     (long long)json_object_get_int64(value), SCHEMA);
	return 0;
}

static int get_all(struct json_object *root, struct mig_saved_meta *meta, char why[SAVED_WHY])
{
	int ret = get_schema(root, why);

	if (!ret)
		ret = get_object(root, "device", device_fields, meta, why);
	if (!ret)
		ret = get_protocol(root, meta, why);
	if (!ret)
		ret = get_caps(root, meta, why);
	if (!ret)
		ret = get_object(root, "firmware", firmware_fields, meta, why);
	if (!ret)
		ret = get_fields(root, own_fields, meta, why);
	return ret;
}

static int broken(char why[SAVED_WHY], enum json_tokener_error err, size_t at, size_t size)
{
	return wrong(why, EBADMSG, "its JSON is broken at byte %zu of %zu (%s)", at, size,
		     err == json_tokener_continue ? "it ends too early"
						  : json_tokener_error_desc(err));
}

int saved_meta_read(const uint8_t *text, size_t size, struct mig_saved_meta *meta,
		    char why[SAVED_WHY])
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct json_object *root;
	enum json_tokener_error err;
	size_t end;
	int ret;

	memset(meta, 0, sizeof(*meta));
	if (!tokener)
		return wrong(why, ENOMEM, "out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tokener, (const char *)text, (int)size);
	err = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	if (err != json_tokener_success || end != size)
		ret = broken(why, err, end, size);
	else if (!json_object_is_type(root, json_type_object))
		ret = wrong(why, EBADMSG, "it is no JSON object");
	else
		ret = get_all(root, meta, why);
	json_object_put(root);
	json_tokener_free(tokener);
	return ret;
}
