/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own reports, read again: they come from another host, so every presence,
 * type and length is checked. 0, or -EBADMSG with what is wrong in *error, for
 * json_not_of() to say of what.
 */
#ifndef MIGCTL_REPORT_JSON_READING_H
#define MIGCTL_REPORT_JSON_READING_H

#include <json-c/json_types.h>
#include <stddef.h>

#include "migctl/error.h"

/* *root is the caller's, and NULL after a failure. -ENOMEM, too. */
int json_parse(const char *text, size_t size, struct json_object **root, struct mig_error *error);
/* An object of the schema, and this command's. */
int json_get_command(struct json_object *root, const char *command, struct mig_error *error);
/* *value is NULL for null and for no such key. */
int json_get(struct json_object *object, const char *key, enum json_type type,
	     struct json_object **value, struct mig_error *error);
/* The text stays as it was for null and for no such key. */
int json_get_text(struct json_object *object, const char *key, char *text, size_t size,
		  struct mig_error *error);
int json_wrong(struct mig_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Passes ret on; a wrong form is told to be no report of the command. */
int json_not_of(int ret, const char *command, const char *hint, struct mig_error *error);

#endif
