// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_reading.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA 1
/* Ours have five levels; those of a later version are passed over up to here. */
#define DEPTH 12

int json_wrong(struct mig_error *error, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	mig_error_set(error, MIG_KIND_FAILED, EBADMSG, "%s", text);
	return -EBADMSG;
}

int json_not_of(int ret, const char *command, const char *hint, struct mig_error *error)
{
	char text[256];

	if (ret != -EBADMSG)
		return ret;
	snprintf(text, sizeof(text), "%.255s", error->text);
	mig_error_set(error, MIG_KIND_FAILED, EBADMSG, "not a report of %s: %s", command, text);
	mig_error_hint(error, "%s", hint);
	return ret;
}

int json_get(struct json_object *object, const char *key, enum json_type type,
	     struct json_object **value, struct mig_error *error)
{
	*value = NULL;
	if (json_object_object_get_ex(object, key, value) && *value &&
	    !json_object_is_type(*value, type))
		return json_wrong(error, "its \"%s\" is of type %s, expected %s", key,
				  json_type_to_name(json_object_get_type(*value)),
				  json_type_to_name(type));
	return 0;
}

int json_get_text(struct json_object *object, const char *key, char *text, size_t size,
		  struct mig_error *error)
{
	struct json_object *value;
	int ret = json_get(object, key, json_type_string, &value, error);
	size_t length;

	if (ret || !value)
		return ret;
	length = (size_t)json_object_get_string_len(value);
	if (length >= size || memchr(json_object_get_string(value), '\0', length))
		return json_wrong(error, "its \"%s\" is too long, or has a NUL in it", key);
	memcpy(text, json_object_get_string(value), length);
	text[length] = '\0';
	return 0;
}

int json_get_command(struct json_object *root, const char *command, struct mig_error *error)
{
	struct json_object *schema, *word;
	int ret;

	if (!json_object_is_type(root, json_type_object))
		return json_wrong(error, "it is no JSON object");
	ret = json_get(root, "schema", json_type_int, &schema, error);
	if (!ret)
		ret = json_get(root, "command", json_type_string, &word, error);
	if (!ret && (!schema || json_object_get_int64(schema) != SCHEMA))
		ret = json_wrong(error, "its \"schema\" is not %d", SCHEMA);
	if (!ret && (!word || strcmp(json_object_get_string(word), command) != 0))
		ret = json_wrong(error, "its \"command\" is not \"%s\"", command);
	return ret;
}

int json_parse(const char *text, size_t size, struct json_object **root, struct mig_error *error)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	int ret = 0;

	*root = NULL;
	if (!tokener)
		return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (size <= INT_MAX)
		*root = json_tokener_parse_ex(tokener, text, (int)size);
	/* White space may follow: with what we print, a line feed does. */
	if (size > INT_MAX || json_tokener_get_error(tokener) != json_tokener_success)
		ret = json_wrong(error, "its JSON is broken at byte %zu of %zu",
				 json_tokener_get_parse_end(tokener), size);
	json_tokener_free(tokener);
	return ret;
}
