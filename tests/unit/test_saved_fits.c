// SPDX-License-Identifier: GPL-2.0-or-later
/* Which device a saved state may be restored to. */
#include "test_saved_file.h"

#define TEXT(member) \
	offsetof(struct mig_saved_meta, member), sizeof(((struct mig_saved_meta *)NULL)->member)

/* In the order in which they are compared; the names of what is compared. */
static const struct {
	size_t at, size;
	const char *what;
} rows[] = {
	{ TEXT(bus), "another bus" },
	{ TEXT(vendor), "another vendor id" },
	{ TEXT(device), "another device id" },
	{ TEXT(subsystem_vendor), "another subsystem vendor id" },
	{ TEXT(subsystem_device), "another subsystem device id" },
	{ TEXT(driver), "another driver" },
	{ TEXT(firmware_version), "another firmware version" },
	{ TEXT(firmware_psid), "another firmware PSID" },
};

static void fits(const struct mig_saved_meta *meta, const struct mig_saved_meta *here)
{
	struct mig_error error = { .text = "" };

	if (mig_saved_fits(meta, here, &error))
		fail_msg("%s", error.text);
}

static void fits_not(const struct mig_saved_meta *meta, const struct mig_saved_meta *here,
		     const char *words)
{
	struct mig_error error;

	assert_int_equal(mig_saved_fits(meta, here, &error), -EXDEV);
	assert_int_equal(error.kind, MIG_KIND_BAD_STATE);
	assert_int_equal(error.err, EXDEV);
	assert_non_null(strstr(error.hint, "--force"));
	if (!strstr(error.text, words))
		fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void test_same(void **state)
{
	const struct mig_saved_meta nothing = { .caps = 0 };

	(void)state;
	fits(meta_of_tests(), meta_of_tests());
	fits(&nothing, &nothing);
	fits(meta_of_tests(), &nothing);
	fits(&nothing, meta_of_tests());
}

/* Where and when it was saved does not matter. */
static void test_not_compared(void **state)
{
	struct mig_saved_meta here = *meta_of_tests();

	(void)state;
	memcpy(here.name, "0000:07", 8);
	memcpy(here.host, "beta", 5);
	memcpy(here.kernel, "5.17", 5);
	memcpy(here.saved_at, "2027", 5);
	memcpy(here.tool, "0.2", 4);
	fits(meta_of_tests(), &here);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mig_saved_meta here = *meta_of_tests();
		char *text = (char *)&here + rows[i].at;

		text[0] ^= 1;
		fits_not(meta_of_tests(), &here, rows[i].what);
		fits_not(&here, meta_of_tests(), rows[i].what);
		text[0] ^= 1;
		/* A longer one that begins alike is another too. */
		memcpy(text + strlen(text), "x", 2);
		fits_not(meta_of_tests(), &here, rows[i].what);
		/* Not known on one side: not compared. */
		memset(text, 0, rows[i].size);
		fits(meta_of_tests(), &here);
		fits(&here, meta_of_tests());
	}
}

/* The first row that differs is the one that is named. */
static void test_order(void **state)
{
	struct mig_saved_meta here = *meta_of_tests();

	(void)state;
	here.caps = 0;
	for (size_t i = COUNT(rows); i--;) {
		((char *)&here + rows[i].at)[0] ^= 1;
		/* Firmware comes after the protocol and its capabilities. */
		fits_not(meta_of_tests(), &here, i >= 6 ? "capability" : rows[i].what);
	}
}

static void test_protocol(void **state)
{
	struct mig_saved_meta here = *meta_of_tests();

	(void)state;
	here.protocol = MIG_PROTOCOL_V1;
	fits_not(meta_of_tests(), &here, "another protocol: the state was saved with v2");
	fits_not(&here, meta_of_tests(), "another protocol: the state was saved with v1");
	here.protocol = MIG_PROTOCOL_NONE;
	here.caps = 0;
	fits(meta_of_tests(), &here);
	fits(&here, meta_of_tests());
}

static void test_capabilities(void **state)
{
	(void)state;
	for (unsigned int saved = 0; saved <= MIG_CAPS_ALL; saved++) {
		for (unsigned int has = 0; has <= MIG_CAPS_ALL; has++) {
			struct mig_saved_meta meta = *meta_of_tests(), here = meta;
			unsigned int lacking = saved & ~has;
			char words[64];

			meta.caps = saved;
			here.caps = has;
			if (!lacking) {
				fits(&meta, &here);
				continue;
			}
			snprintf(words, sizeof(words), "the capability %s,",
				 mig_cap_name(lacking & -lacking));
			fits_not(&meta, &here, words);
		}
	}
}

/* What a file says is not to move the cursor. */
static void test_escaped(void **state)
{
	struct mig_saved_meta meta = *meta_of_tests();

	(void)state;
	memcpy(meta.driver, "\x1b[2J", 5);
	fits_not(&meta, meta_of_tests(), "\\x1b[2J");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),     cmocka_unit_test(test_not_compared),
		cmocka_unit_test(test_rows),     cmocka_unit_test(test_order),
		cmocka_unit_test(test_protocol), cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
