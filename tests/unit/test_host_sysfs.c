// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

static void test_escape(void **state)
{
	char out[32], small[6];

	(void)state;
	assert_string_equal(mig_escape(out, sizeof(out), "plain"), "plain");
	assert_string_equal(mig_escape(out, sizeof(out), "a\tb\x7f"), "a\\x09b\\x7f");
	assert_string_equal(mig_escape(out, sizeof(out), "gr\xc3\xbc\xc3\x9f"),
			    "gr\xc3\xbc\xc3\x9f");
	/* C1 control, overlong form, surrogate, above U+10FFFF, cut short */
	assert_string_equal(mig_escape(out, sizeof(out), "\xc2\x9b"), "\\xc2\\x9b");
	assert_string_equal(mig_escape(out, sizeof(out), "\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
	assert_string_equal(mig_escape(out, sizeof(out), "\xed\xa0\x80"), "\\xed\\xa0\\x80");
	assert_string_equal(mig_escape(out, sizeof(out), "\xf4\x90"), "\\xf4\\x90");
	assert_string_equal(mig_escape(out, sizeof(out), "\xf0\x9f\x98"), "\\xf0\\x9f\\x98");
	assert_string_equal(mig_escape(small, sizeof(small), "ab\x01"), "ab");
	assert_string_equal(mig_escape(small, sizeof(small), "abcd\xc3\xbc"), "abcd");
}

static void test_sysfs(void **state)
{
	struct tree *tree = *state;
	char text[8], path[MIG_PATH_SIZE];
	uint64_t value;

	tree_bytes(tree, "0x1f\n", "sys/hex");
	mig_path(path, "%s/hex", tree->sysfs);
	assert_int_equal(mig_sysfs_u64(path, 16, &value), 0);
	assert_int_equal(value, 0x1f);
	assert_int_equal(mig_sysfs_u64(path, 10, &value), -EINVAL);
	tree_bytes(tree, "-1\n", "sys/hex");
	assert_int_equal(mig_sysfs_u64(path, 10, &value), -EINVAL);
	tree_bytes(tree, "18446744073709551616\n", "sys/hex");
	assert_int_equal(mig_sysfs_u64(path, 10, &value), -ERANGE);
	tree_bytes(tree, "much longer than that\n", "sys/hex");
	assert_int_equal(mig_sysfs_text(path, text, sizeof(text)), 0);
	assert_string_equal(text, "much lo");
	mig_path(path, "%s/absent", tree->sysfs);
	assert_int_equal(mig_sysfs_text(path, text, sizeof(text)), -ENOENT);
	assert_int_equal(mig_sysfs_link(path, text, sizeof(text)), -ENOENT);
	tree_link(tree, "somewhere/too-long-a-name", "sys/link");
	mig_path(path, "%s/link", tree->sysfs);
	assert_int_equal(mig_sysfs_link(path, text, sizeof(text)), -ENAMETOOLONG);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		TREE_TEST(test_sysfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
