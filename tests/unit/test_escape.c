// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "migctl/escape.h"

static void comes_out(const char *text, const char *expected)
{
	char out[512];

	assert_ptr_equal(mig_escape(out, sizeof(out), text), out);
	assert_string_equal(out, expected);
}

static void test_kept(void **state)
{
	(void)state;
	comes_out("", "");
	comes_out("0000:06:00.1 mlx5_core ~!\"'\\", "0000:06:00.1 mlx5_core ~!\"'\\");
	comes_out("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7",
		  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7");
	comes_out("\xc2\xa0", "\xc2\xa0"); /* the first after the C1 controls */
	comes_out("\xed\x9f\xbf\xee\x80\x80",
		  "\xed\x9f\xbf\xee\x80\x80");             /* around the surrogates */
	comes_out("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"); /* U+10FFFF */
}

static void test_controls(void **state)
{
	(void)state;
	for (int c = 1; c < 0x20; c++) {
		char text[] = { 'a', (char)c, 'b', '\0' }, expected[8];

		snprintf(expected, sizeof(expected), "a\\x%02xb", c);
		comes_out(text, expected);
	}
	comes_out("\x7f", "\\x7f");
	comes_out("\x1b[31mred", "\\x1b[31mred");
	comes_out("\xc2\x9b"
		  "1m",
		  "\\xc2\\x9b1m"); /* CSI as one character */
	comes_out("\xc2\x80", "\\xc2\\x80");
}

static void test_not_utf8(void **state)
{
	(void)state;
	comes_out("\x80", "\\x80");
	comes_out("\xff\xfe", "\\xff\\xfe");
	comes_out("\xc3", "\\xc3"); /* cut off */
	comes_out("\xe2\x82", "\\xe2\\x82");
	comes_out("\xe2\x82x", "\\xe2\\x82x");
	comes_out("\xf0\x9f\x90", "\\xf0\\x9f\\x90");
	comes_out("\xc0\xaf", "\\xc0\\xaf"); /* overlong */
	comes_out("\xc1\xbf", "\\xc1\\xbf");
	comes_out("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	comes_out("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf");
	comes_out("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
	comes_out("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
	comes_out("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
}

/* Cut at every size: a whole number of characters and escapes, never more. */
static void test_cut(void **state)
{
	static const char *const units[] = {
		"a", "\\x01", "\xc3\xa9", "\xe2\x82\xac", "\\xff", "z"
	};
	static const char text[] = "a\x01\xc3\xa9\xe2\x82\xac\xffz";

	(void)state;
	for (size_t size = 1; size < 24; size++) {
		char *out = malloc(size), expected[32] = "";

		assert_non_null(out);
		for (size_t i = 0; i < COUNT(units) && strlen(expected) + strlen(units[i]) < size;
		     i++)
			strcat(expected, units[i]);
		assert_string_equal(mig_escape(out, size, text), expected);
		free(out); /* its end is watched by ASan */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
