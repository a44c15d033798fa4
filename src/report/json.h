/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the JSON reports share. Functions give a new reference, or NULL, which
 * json-c prints as null: our "unknown".
 */
#ifndef MIGCTL_REPORT_JSON_H
#define MIGCTL_REPORT_JSON_H

#include <json-c/json_types.h>

#include "migctl/report.h"

struct json_object *json_text(const char *text); /* escaped */
/* "" is what is not known, in values that are their own memory. */
struct json_object *json_known(const char *text);
/* NULL where neither part of it is known. */
struct json_object *json_firmware(const struct mig_saved_meta *meta);
struct json_object *json_state(bool seen, struct mig_reading reading);
struct json_object *json_flag(int known); /* 1, 0, -1 is null */
struct json_object *json_caps(unsigned int caps);
struct json_object *json_states(const enum mig_state *states, size_t count);
struct json_object *json_device(const struct mig_device_record *device);
/* NULL for a device without an instance. */
struct json_object *json_devlink(const struct mig_devlink *devlink, const char *name);
/* State and counts of a reporter. */
void json_add_health(struct json_object *object, const struct mig_devlink_health *health);
struct json_object *json_holder(const struct mig_holder_record *holder);
struct json_object *json_fallout(const struct mig_fallout_record *fallout);
struct json_object *json_nic(const struct mig_nic_record *nic);

/* The keys that every report begins with; each adds to the one before. */
struct json_object *json_begin(const char *command);
struct json_object *json_begin_head(const struct mig_head_record *head);
struct json_object *json_begin_state(const struct mig_state_record *record);
void json_add_state(struct json_object *object, const struct mig_state_record *record);
/* Adds the error, prints, and drops the object. */
int json_finish(const struct mig_style *style, struct json_object *object,
		const struct mig_error *error, const struct mig_stuck_record *stuck);

#endif
