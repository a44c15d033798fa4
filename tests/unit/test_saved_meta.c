// SPDX-License-Identifier: GPL-2.0-or-later
/* The JSON of the META block: written to be read, and read without being believed. */
#include "test_saved_file.h"

/* A state with this META payload and nothing else. */
static struct outcome outcome_of(const void *json, size_t size)
{
	struct outcome outcome;
	struct file file;

	file_begin(&file, meta_of_tests());
	file_end(&file);
	file_remove(&file, MIG_SAVED_FILE_HEADER, block_size(file.bytes + MIG_SAVED_FILE_HEADER));
	file_insert(&file, MIG_SAVED_FILE_HEADER, TYPE_META, FLAG_REQUIRED, json, size);
	assert_true(forge(file.bytes, file.size, FORGE_ALL));
	outcome = file_outcome(&file);
	file_clear(&file);
	return outcome;
}

static struct mig_saved_meta accepted(const char *json)
{
	struct outcome outcome = outcome_of(json, strlen(json));

	if (outcome.ret)
		fail_msg("%s: %s", json, outcome.error.text);
	free(outcome.data);
	return outcome.meta;
}

static void json_refused(const void *json, size_t size, const char *const *words)
{
	struct outcome outcome = outcome_of(json, size);

	is_refused(&outcome, words);
	free(outcome.data);
}

#define JSON_REFUSED(json, ...) \
	json_refused((json), strlen(json), \
		     (const char *const[]){ "block 0 (META) at byte 16", __VA_ARGS__, NULL })

/* What comes back of this after it was written. */
static struct mig_saved_meta round_trip(const struct mig_saved_meta *meta)
{
	struct outcome outcome;
	struct file file;

	file_begin(&file, meta);
	file_end(&file);
	outcome = file_outcome(&file);
	assert_int_equal(outcome.ret, 0);
	free(outcome.data);
	file_clear(&file);
	return outcome.meta;
}

static void test_written(void **state)
{
	static const char expected[] =
		"{\"schema\":1,\"device\":{\"name\":\"0000:06:00.1\",\"bus\":\"pci\","
		"\"driver\":\"mlx5_vfio_pci\",\"vendor\":\"15b3\",\"device\":\"101e\","
		"\"subsystem_vendor\":\"15b3\",\"subsystem_device\":\"0042\"},"
		"\"protocol\":\"v2\",\"capabilities\":[\"stop-copy\",\"pre-copy\"],"
		"\"firmware\":{\"version\":\"22.36.1010\",\"psid\":\"MT_0000000359\"},"
		"\"host\":\"alpha\",\"kernel\":\"6.12.1\","
		"\"saved_at\":\"2026-11-22T10:11:12Z\",\"tool\":\"0.1.0\"}";
	struct file file;

	(void)state;
	file_begin(&file, meta_of_tests());
	assert_int_equal(get_le64(file.bytes + MIG_SAVED_FILE_HEADER + BLOCK_LENGTH),
			 sizeof(expected) - 1);
	assert_memory_equal(file.bytes + MIG_SAVED_FILE_HEADER + MIG_SAVED_BLOCK_HEADER, expected,
			    sizeof(expected) - 1);
	file_clear(&file);
}

static void test_unknown_is_null(void **state)
{
	static const char expected[] =
		"{\"schema\":1,\"device\":{\"name\":null,\"bus\":null,\"driver\":null,"
		"\"vendor\":null,\"device\":null,\"subsystem_vendor\":null,"
		"\"subsystem_device\":null},\"protocol\":null,\"capabilities\":[],"
		"\"firmware\":null,\"host\":null,\"kernel\":null,\"saved_at\":null,"
		"\"tool\":null}";
	const struct mig_saved_meta nothing = { .caps = 0 };
	struct mig_saved_meta meta;
	struct file file;

	(void)state;
	file_begin(&file, &nothing);
	assert_memory_equal(file.bytes + MIG_SAVED_FILE_HEADER + MIG_SAVED_BLOCK_HEADER, expected,
			    sizeof(expected) - 1);
	file_clear(&file);
	meta = round_trip(&nothing);
	assert_memory_equal(&meta, &nothing, sizeof(meta));
	meta = accepted("{\"schema\":1}");
	assert_memory_equal(&meta, &nothing, sizeof(meta));
	meta = accepted("{\"schema\":1,\"device\":null,\"capabilities\":null}");
	assert_memory_equal(&meta, &nothing, sizeof(meta));
}

/* Half of the firmware is known. */
static void test_firmware_in_part(void **state)
{
	struct mig_saved_meta meta = { .firmware_psid = "MT_0000000359" }, back;

	(void)state;
	back = round_trip(&meta);
	assert_memory_equal(&back, &meta, sizeof(meta));
}

static void fill(char *field, size_t size, char with)
{
	memset(field, with, size - 1);
	field[size - 1] = '\0';
}

static void test_longest(void **state)
{
	struct mig_saved_meta meta = *meta_of_tests(), back;

	(void)state;
	fill(meta.name, sizeof(meta.name), '"');
	fill(meta.bus, sizeof(meta.bus), '\\');
	fill(meta.driver, sizeof(meta.driver), '/');
	fill(meta.vendor, sizeof(meta.vendor), 'v');
	fill(meta.device, sizeof(meta.device), 'd');
	fill(meta.subsystem_vendor, sizeof(meta.subsystem_vendor), 's');
	fill(meta.subsystem_device, sizeof(meta.subsystem_device), 't');
	fill(meta.firmware_version, sizeof(meta.firmware_version), 'f');
	fill(meta.firmware_psid, sizeof(meta.firmware_psid), 'p');
	fill(meta.host, sizeof(meta.host), 'h');
	fill(meta.kernel, sizeof(meta.kernel), 'k');
	fill(meta.saved_at, sizeof(meta.saved_at), 'a');
	fill(meta.tool, sizeof(meta.tool), 't');
	meta.caps = MIG_CAPS_ALL;
	meta.protocol = MIG_PROTOCOL_V1;
	back = round_trip(&meta);
	assert_memory_equal(&back, &meta, sizeof(meta));
}

/* What a driver says need not be UTF-8; it is escaped, and cut to what a reader has room for. */
static void test_not_utf8(void **state)
{
	struct mig_saved_meta meta = { .driver = "caf\xc3\xa9 \xff\x1b" }, back;

	(void)state;
	back = round_trip(&meta);
	assert_string_equal(back.driver, "caf\xc3\xa9 \\xff\\x1b");
	fill(meta.driver, sizeof(meta.driver), (char)0xff);
	back = round_trip(&meta);
	assert_int_equal(strlen(back.driver), (sizeof(meta.driver) - 1) / 4 * 4);
	assert_int_equal(strspn(back.driver, "\\xf"), strlen(back.driver));
}

static void test_ignored(void **state)
{
	struct mig_saved_meta meta;

	(void)state;
	meta = accepted(" {\"schema\" : 1, \"later\": {\"a\": [1, 2.5, true]},\n"
			"\"device\": {\"name\": \"x\", \"slot\": 4}, \"protocol\": \"v1\",\n"
			"\"capabilities\": [\"p2p\", \"teleport\", \"stop-copy\"]}");
	assert_string_equal(meta.name, "x");
	assert_int_equal(meta.protocol, MIG_PROTOCOL_V1);
	assert_int_equal(meta.caps, MIG_CAP_P2P | MIG_CAP_STOP_COPY);
}

static void test_broken_json(void **state)
{
	(void)state;
	JSON_REFUSED("", "JSON is broken at byte 0");
	JSON_REFUSED("{\"schema\":1", "JSON is broken at byte 11 of 11 (it ends too early)");
	JSON_REFUSED("{\"schema\":1}x", "JSON is broken");
	JSON_REFUSED("{\"schema\":1}{\"schema\":1}", "JSON is broken");
	JSON_REFUSED("{\"schema\":1,}", "JSON is broken");
	JSON_REFUSED("{\"schema\":1 /* one */}", "JSON is broken");
	JSON_REFUSED("{\"schema\":1,\"host\":\"\xff\"}", "JSON is broken");
	json_refused("{\"schema\":1}\0", 13, (const char *const[]){ "JSON is broken", NULL });
	json_refused("{\"schema\"\0:1}", 13, (const char *const[]){ "JSON is broken", NULL });
	JSON_REFUSED("[]", "no JSON object");
	JSON_REFUSED("null ", "no JSON object");
	JSON_REFUSED("1 ", "no JSON object");
	JSON_REFUSED("\"schema\"", "no JSON object");
}

static void test_depth(void **state)
{
	char json[256];

	(void)state;
	/* The object, seven arrays in it, and eight: as the man page says. */
	snprintf(json, sizeof(json), "{\"schema\":1,\"later\":%s1%s}", "[[[[[[[", "]]]]]]]");
	accepted(json);
	snprintf(json, sizeof(json), "{\"schema\":1,\"later\":%s1%s}", "[[[[[[[[", "]]]]]]]]");
	JSON_REFUSED(json, "JSON is broken");
}

static void test_wrong_types(void **state)
{
	static const char *const strings[] = { "host", "kernel", "saved_at", "tool", "protocol" };
	static const char *const objects[] = { "device", "firmware" };
	static const char *const inner[] = {
		"name", "bus", "driver", "vendor", "device", "subsystem_vendor", "subsystem_device"
	};
	char json[128], word[64];

	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		snprintf(json, sizeof(json), "{\"schema\":1,\"%s\":7}", strings[i]);
		snprintf(word, sizeof(word), "\"%s\" is of type int, expected string", strings[i]);
		JSON_REFUSED(json, word);
	}
	for (size_t i = 0; i < COUNT(objects); i++) {
		snprintf(json, sizeof(json), "{\"schema\":1,\"%s\":[]}", objects[i]);
		snprintf(word, sizeof(word), "\"%s\" is of type array, expected object",
			 objects[i]);
		JSON_REFUSED(json, word);
	}
	for (size_t i = 0; i < COUNT(inner); i++) {
		snprintf(json, sizeof(json), "{\"schema\":1,\"device\":{\"%s\":{}}}", inner[i]);
		snprintf(word, sizeof(word), "\"%s\" is of type object, expected string", inner[i]);
		JSON_REFUSED(json, word);
	}
	JSON_REFUSED("{\"schema\":1,\"firmware\":{\"version\":false}}", "\"version\" is of type");
	JSON_REFUSED("{\"schema\":1,\"firmware\":{\"psid\":0.5}}", "\"psid\" is of type");
	JSON_REFUSED("{\"schema\":1,\"capabilities\":\"p2p\"}", "expected array");
	JSON_REFUSED("{\"schema\":1,\"capabilities\":[\"p2p\",1]}", "no string");
	JSON_REFUSED("{\"schema\":1,\"capabilities\":[null]}", "no string");
}

static void test_overlong(void **state)
{
	char host[66], json[128];

	(void)state;
	fill(host, sizeof(host), 'h');
	snprintf(json, sizeof(json), "{\"schema\":1,\"host\":\"%s\"}", host);
	JSON_REFUSED(json, "\"host\" has 65 bytes, expected at most 64");
	host[64] = '\0';
	snprintf(json, sizeof(json), "{\"schema\":1,\"host\":\"%s\"}", host);
	assert_string_equal(accepted(json).host, host);
	JSON_REFUSED("{\"schema\":1,\"host\":\"a\\u0000b\"}", "\"host\" has a NUL");
}

static void test_schema(void **state)
{
	(void)state;
	JSON_REFUSED("{}", "no \"schema\"");
	JSON_REFUSED("{\"schema\":null}", "no \"schema\"");
	JSON_REFUSED("{\"schema\":\"1\"}", "\"schema\" is of type string");
	JSON_REFUSED("{\"schema\":0}", "expected 1");
	JSON_REFUSED("{\"schema\":-1}", "expected 1");
	JSON_REFUSED("{\"schema\":2}", "another version", "schema is 2, expected 1");
	JSON_REFUSED("{\"schema\":1,\"protocol\":\"v3\"}", "another version", "\"v3\"");
	JSON_REFUSED("{\"schema\":1,\"protocol\":\"\\u001b[1m\"}", "another version",
		     "\"\\x1b[1m\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),     cmocka_unit_test(test_unknown_is_null),
		cmocka_unit_test(test_longest),     cmocka_unit_test(test_firmware_in_part),
		cmocka_unit_test(test_not_utf8),    cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_broken_json), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_wrong_types), cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
