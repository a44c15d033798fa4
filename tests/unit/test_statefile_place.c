// SPDX-License-Identifier: GPL-2.0-or-later
/* Names: what an output may take the place of, when it appears, and what is left of it. */
#include "test_statefile.h"

/* What this filesystem cannot do; it stands before the C library's. */
static bool no_tmpfile, no_noreplace;

int openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	unsigned int mode;

	va_start(args, flags);
	mode = va_arg(args, unsigned int);
	va_end(args);
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned int flags)
{
	if (no_noreplace && flags) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from, old, to, new, flags);
}

static const struct {
	bool no_tmpfile, no_noreplace;
} filesystems[] = { { false, false }, { true, false }, { true, true } };

#define FOR_EACH_FILESYSTEM \
	for (size_t fs = 0; fs < sizeof(filesystems) / sizeof(*filesystems) && \
			    (no_tmpfile = filesystems[fs].no_tmpfile, \
			    no_noreplace = filesystems[fs].no_noreplace, true); \
	     fs++)

static int put(struct mig_out **out, const char *path, bool force, struct mig_error *error)
{
	const struct mig_out_options options = { .path = path, .force = force, .raw = true };
	int ret = mig_out_open(out, &options, error);

	if (!ret)
		assert_int_equal(mig_out_put(*out, "new", 3, error), 0);
	return ret;
}

static void test_appears_at_the_end(void **state)
{
	const struct folder *folder = *state;
	mode_t mask = umask(0);
	struct mig_error error;
	struct mig_out *out;
	struct stat st;

	FOR_EACH_FILESYSTEM
	{
		assert_int_equal(put(&out, folder->file, false, &error), 0);
		assert_int_equal(access(folder->file, F_OK), -1);
		assert_int_equal(mig_out_finish(out, NULL, &error), 0);
		assert_file(folder->file, "new");
		assert_int_equal(lstat(folder->file, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		assert_int_equal(st.st_nlink, 1);
		assert_true(mig_out_discard(out));
		assert_file(folder->file, "new");
		assert_int_equal(folder_empty(folder), 1);
	}
	umask(mask);
}

static void test_nothing_is_left(void **state)
{
	const struct folder *folder = *state;
	struct mig_error error;
	struct mig_out *out;

	FOR_EACH_FILESYSTEM
	{
		assert_int_equal(put(&out, folder->file, false, &error), 0);
		assert_true(mig_out_discard(out));
		assert_int_equal(folder_empty(folder), 0);
		put_file(folder->file, "old", 3);
		assert_int_equal(put(&out, folder->file, true, &error), 0);
		assert_true(mig_out_discard(out));
		assert_file(folder->file, "old");
		assert_int_equal(folder_empty(folder), 1);
	}
	assert_true(mig_out_discard(NULL));
}

static void test_exists(void **state)
{
	const struct folder *folder = *state;
	struct mig_error error;
	struct mig_out *out;

	FOR_EACH_FILESYSTEM
	{
		put_file(folder->file, "old", 3);
		assert_int_equal(put(&out, folder->file, false, &error), -EEXIST);
		assert_int_equal(error.kind, MIG_KIND_FAILED);
		assert_non_null(strstr(error.text, folder->file));
		assert_non_null(strstr(error.hint, "--force"));
		assert_file(folder->file, "old");
		assert_int_equal(put(&out, folder->file, true, &error), 0);
		assert_file(folder->file, "old");
		assert_int_equal(mig_out_finish(out, NULL, &error), 0);
		assert_true(mig_out_discard(out));
		assert_file(folder->file, "new");
		assert_int_equal(folder_empty(folder), 1);
	}
}

/* Somebody makes a file of the name while the device is being drained. */
static void test_appears_meanwhile(void **state)
{
	const struct folder *folder = *state;
	struct mig_error error;
	struct mig_out *out;

	FOR_EACH_FILESYSTEM
	{
		assert_int_equal(put(&out, folder->file, false, &error), 0);
		put_file(folder->file, "other", 5);
		assert_int_equal(mig_out_finish(out, NULL, &error), -EEXIST);
		assert_true(mig_out_discard(out));
		assert_file(folder->file, "other");
		assert_int_equal(folder_empty(folder), 1);
		assert_int_equal(put(&out, folder->file, true, &error), 0);
		put_file(folder->file, "other", 5);
		assert_int_equal(mig_out_finish(out, NULL, &error), 0);
		assert_true(mig_out_discard(out));
		assert_file(folder->file, "new");
		assert_int_equal(folder_empty(folder), 1);
	}
}

static void test_link_is_not_followed(void **state)
{
	const struct folder *folder = *state;
	struct mig_error error;
	struct mig_out *out;
	char target[80];
	struct stat st;

	snprintf(target, sizeof(target), "%s/target", folder->root);
	FOR_EACH_FILESYSTEM
	{
		/* First it leads nowhere, then to a file. */
		assert_int_equal(symlink("target", folder->file), 0);
		assert_int_equal(put(&out, folder->file, false, &error), -EEXIST);
		put_file(target, "old", 3);
		assert_int_equal(put(&out, folder->file, false, &error), -EEXIST);
		assert_int_equal(put(&out, folder->file, true, &error), 0);
		assert_int_equal(mig_out_finish(out, NULL, &error), 0);
		assert_true(mig_out_discard(out));
		assert_int_equal(lstat(folder->file, &st), 0);
		assert_true(S_ISREG(st.st_mode));
		assert_file(folder->file, "new");
		assert_file(target, "old");
		assert_int_equal(folder_empty(folder), 2);
	}
}

static void test_no_file(void **state)
{
	const struct folder *folder = *state;
	struct mig_error error;
	struct mig_out *out;
	char path[512];

	assert_int_equal(mkdir(folder->file, 0755), 0);
	assert_int_equal(put(&out, folder->file, true, &error), -EISDIR);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_int_equal(rmdir(folder->file), 0);
	/* A folder that appears meanwhile is not replaced either. */
	FOR_EACH_FILESYSTEM
	{
		assert_int_equal(put(&out, folder->file, true, &error), 0);
		assert_int_equal(mkdir(folder->file, 0755), 0);
		assert_int_equal(mig_out_finish(out, NULL, &error), -EISDIR);
		assert_true(mig_out_discard(out));
		assert_int_equal(folder_empty(folder), 1);
	}
	snprintf(path, sizeof(path), "%s/", folder->root);
	assert_int_equal(put(&out, path, true, &error), -EISDIR);
	assert_int_equal(put(&out, "..", true, &error), -EISDIR);
	assert_int_equal(put(&out, "", true, &error), -EISDIR);
	snprintf(path, sizeof(path), "%s/none/file", folder->root);
	assert_int_equal(put(&out, path, false, &error), -ENOENT);
	assert_non_null(strstr(error.text, path));
	snprintf(path, sizeof(path), "%s/%0256d", folder->root, 0);
	assert_int_equal(put(&out, path, false, &error), -ENAMETOOLONG);
	/* As long as a name can be, which leaves no room for another around it. */
	snprintf(path, sizeof(path), "%s/%0255d", folder->root, 0);
	FOR_EACH_FILESYSTEM
	{
		assert_int_equal(put(&out, path, true, &error), 0);
		assert_int_equal(mig_out_finish(out, NULL, &error), 0);
		assert_true(mig_out_discard(out));
	}
}

/* --force must not put a file where the system has its own. */
static void test_system_link(void **state)
{
	const struct folder *folder = *state;
	struct mig_error error;
	struct mig_out *out;

	assert_int_equal(symlink("/proc/self/fd/1", folder->file), 0);
	assert_int_equal(put(&out, folder->file, true, &error), -EEXIST);
	assert_int_equal(folder_empty(folder), 1);
}

static void test_streams(void **state)
{
	const struct folder *folder = *state;
	struct mig_error error;
	struct mig_out *out;
	int ends[2], reader;
	char path[32], got[8] = "";
	struct stat st;

	assert_int_equal(put(&out, "/dev/null", false, &error), 0);
	assert_int_equal(mig_out_finish(out, NULL, &error), 0);
	assert_true(mig_out_discard(out));

	assert_int_equal(mkfifo(folder->file, 0600), 0);
	reader = open(folder->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(put(&out, folder->file, false, &error), 0);
	assert_int_equal(mig_out_finish(out, NULL, &error), 0);
	assert_true(mig_out_discard(out));
	assert_int_equal(read(reader, got, sizeof(got)), 3);
	close(reader);
	assert_int_equal(lstat(folder->file, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));

	/* As a shell gives >(command). */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	assert_int_equal(put(&out, path, false, &error), 0);
	assert_int_equal(mig_out_finish(out, NULL, &error), 0);
	assert_true(mig_out_discard(out));
	assert_int_equal(read(ends[0], got, sizeof(got)), 3);
	close(ends[0]);
	close(ends[1]);
	assert_string_equal(got, "new");

	/* But not a file by that way: it would be written from its beginning. */
	reader = open(folder->root, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	snprintf(path, sizeof(path), "/dev/fd/%d", reader);
	assert_int_equal(put(&out, path, true, &error), -EEXIST);
	close(reader);
}

static void test_terminal(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), kept = dup(STDOUT_FILENO), slave;
	struct mig_error error;
	struct mig_out *out;

	(void)state;
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(put(&out, ptsname(fd), false, &error), -ENOTTY);
	assert_int_equal(error.kind, MIG_KIND_USAGE);
	slave = open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(dup2(slave, STDOUT_FILENO), STDOUT_FILENO);
	error.kind = MIG_KIND_OK;
	assert_int_equal(put(&out, "-", false, &error), -ENOTTY);
	assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(error.kind, MIG_KIND_USAGE);
	close(slave);
	close(kept);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_appears_at_the_end),
		FOLDER_TEST(test_nothing_is_left),
		FOLDER_TEST(test_exists),
		FOLDER_TEST(test_appears_meanwhile),
		FOLDER_TEST(test_link_is_not_followed),
		FOLDER_TEST(test_no_file),
		FOLDER_TEST(test_system_link),
		FOLDER_TEST(test_streams),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
