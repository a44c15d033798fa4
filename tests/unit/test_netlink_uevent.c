// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/netlink_uevent.h"

#define BIND \
	"bind@/devices/pci0000:00/0000:00:03.0/0000:01:10.1\0" \
	"ACTION=bind\0DEVPATH=/devices/pci0000:00/0000:00:03.0/0000:01:10.1\0" \
	"SUBSYSTEM=pci\0DRIVER=vfio-pci\0PCI_ID=8086:10CA\0SEQNUM=1204\0"

/* On memory of the exact size, so that a sanitizer sees a step too far. */
static bool parse(const char *data, size_t size, struct mig_uevent *event)
{
	char *exact = malloc(size ? size : 1);
	bool good;

	assert_non_null(exact);
	memcpy(exact, data, size);
	good = mig_uevent_parse(exact, size, event);
	free(exact);
	return good;
}

/* The literal's own last NUL is not of the message: the one before it is. */
#define PARSE(text, event) parse(text, sizeof(text) - 1, event)

static void test_bind(void **state)
{
	struct mig_uevent event;

	(void)state;
	assert_true(PARSE(BIND, &event));
	assert_int_equal(event.action, MIG_UEVENT_BIND);
	assert_string_equal(event.name, "0000:01:10.1");
	assert_string_equal(event.subsystem, "pci");
	assert_string_equal(event.driver, "vfio-pci");
	assert_string_equal(event.recovery, "");
}

static void test_actions(void **state)
{
	static const struct {
		const char *head;
		enum mig_uevent_action action;
	} rows[] = {
		{ "add@/devices/d", MIG_UEVENT_ADD },       { "remove@/d", MIG_UEVENT_REMOVE },
		{ "change@/d", MIG_UEVENT_CHANGE },         { "bind@/d", MIG_UEVENT_BIND },
		{ "unbind@/devices/d", MIG_UEVENT_UNBIND }, { "online@/d", MIG_UEVENT_OTHER },
		{ "bin@/devices/d", MIG_UEVENT_OTHER },     { "bindx@/d", MIG_UEVENT_OTHER },
	};
	struct mig_uevent event;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(parse(rows[i].head, strlen(rows[i].head) + 1, &event));
		assert_int_equal(event.action, rows[i].action);
		assert_string_equal(event.name, "d");
		assert_string_equal(event.subsystem, "");
	}
	assert_string_equal(mig_uevent_action_name(MIG_UEVENT_UNBIND), "unbind");
}

/* However short it is cut: where the cut is not between two strings, it is seen. */
static void test_truncated(void **state)
{
	struct mig_uevent event;
	size_t whole = 0;

	(void)state;
	for (size_t size = 0; size < sizeof(BIND) - 1; size++) {
		bool good = parse(BIND, size, &event);

		assert_int_equal(good, size && !BIND[size - 1]);
		whole += good;
	}
	assert_int_equal(whole, 6);
}

static void test_malformed(void **state)
{
	struct mig_uevent event;
	char head[MIG_NAME_SIZE + 16];

	(void)state;
	assert_false(PARSE("bind/devices/d\0", &event));
	assert_false(PARSE("@/devices/d\0", &event));
	assert_false(PARSE("bind@devices/d\0", &event));
	assert_false(PARSE("bind@/devices/\0", &event));
	assert_false(PARSE("bind@/devices/..\0", &event));
	assert_false(PARSE("libudev\0\xfe\xed\xca\xfe\0\0\0(\0", &event));
	assert_false(PARSE("\0SUBSYSTEM=pci\0", &event));
	/* A name of 255 bytes is one, of 256 it is none. */
	snprintf(head, sizeof(head), "add@/%0255d", 0);
	assert_true(parse(head, strlen(head) + 1, &event));
	assert_int_equal(strlen(event.name), 255);
	snprintf(head, sizeof(head), "add@/%0256d", 0);
	assert_false(parse(head, strlen(head) + 1, &event));
}

static void test_pairs(void **state)
{
	struct mig_uevent event;

	(void)state;
	assert_true(PARSE("change@/d\0\0=\0x\0SUBSYSTEM=pci\0ERROR_EVENT=BEGIN_RECOVERY\0"
			  "SUBSYSTEM=mdev\0",
			  &event));
	assert_string_equal(event.subsystem, "pci");
	assert_string_equal(event.recovery, "BEGIN_RECOVERY");
	/* What could not be part of a path, or has no room, is not said. */
	assert_true(PARSE("bind@/d\0SUBSYSTEM=../../x\0DRIVER=..\0", &event));
	assert_string_equal(event.subsystem, "");
	assert_string_equal(event.driver, "");
	assert_true(PARSE("bind@/d\0SUBSYSTEM=0123456789012345678901234567890X\0", &event));
	assert_string_equal(event.subsystem, "");
	assert_true(PARSE("bind@/d\0SUBSYSTEM=0123456789012345678901234567890\0", &event));
	assert_int_equal(strlen(event.subsystem), 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bind),      cmocka_unit_test(test_actions),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
