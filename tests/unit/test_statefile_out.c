// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that writes: what comes out, and what it says when that does not go. */
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "test_statefile.h"

/* Of a machine without libzstd; it stands before the C library's. */
static bool no_zstd;

void *dlopen(const char *file, int mode)
{
	void *(*real)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");

	return no_zstd ? NULL : real(file, mode);
}

static void assert_bytes(const uint8_t *bytes, size_t size)
{
	assert_int_equal(size, total_size());
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != pattern(i))
			fail_msg("byte %zu is 0x%02x", i, bytes[i]);
}

static void test_raw(void **state)
{
	const struct folder *folder = *state;
	struct mig_saved_totals saved, raw;
	uint8_t *bytes;
	size_t size;

	save(&(struct mig_out_options){ .path = folder->file, .raw = true }, &raw);
	bytes = get_file(folder->file, &size);
	assert_bytes(bytes, size);
	free(bytes);
	save(&(struct mig_out_options){ .path = folder->file, .force = true }, &saved);
	assert_int_equal(saved.bytes, total_size());
	assert_int_equal(saved.transactions, TRANSACTIONS);
	assert_int_equal(raw.bytes, saved.bytes);
	assert_int_equal(raw.transactions, saved.transactions);
	assert_memory_equal(raw.digest, saved.digest, sizeof(raw.digest));
}

/* As `inspect --raw` writes, which has no compression of its own. */
static void test_put(void **state)
{
	const struct folder *folder = *state;
	const struct mig_out_options options = { .path = folder->file, .raw = true };
	struct mig_error error;
	struct mig_out *out;

	assert_int_equal(mig_out_open(&out, &options, &error), 0);
	assert_int_equal(mig_out_put(out, "one", 3, &error), 0);
	assert_int_equal(mig_out_put(out, "", 0, &error), 0);
	assert_int_equal(mig_out_put(out, " two", 4, &error), 0);
	assert_int_equal(mig_out_finish(out, NULL, &error), 0);
	assert_true(mig_out_discard(out));
	assert_file(folder->file, "one two");
	assert_int_equal(mig_out_open(&out,
				      &(struct mig_out_options){ .path = "/dev/full", .raw = true },
				      &error),
			 0);
	assert_int_equal(mig_out_put(out, "one", 3, &error), -ENOSPC);
	assert_non_null(strstr(error.text, "/dev/full"));
	assert_true(mig_out_discard(out));
}

static void test_zstd_options(void **state)
{
	const struct folder *folder = *state;
	struct mig_out_options options = { .path = folder->file, .compress = true, .level = 20 };
	struct mig_error error;
	struct mig_out *out;

	assert_int_equal(mig_out_open(&out, &options, &error), -EINVAL);
	assert_int_equal(error.kind, MIG_KIND_USAGE);
	options.level = 19;
	no_zstd = true;
	assert_int_equal(mig_out_open(&out, &options, &error), -ELIBACC);
	no_zstd = false;
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_non_null(strstr(error.hint, "libzstd1"));
	assert_int_equal(folder_empty(folder), 0);
	assert_int_equal(mig_out_open(&out, &options, &error), 0);
	assert_true(mig_out_discard(out));
}

/* Until a thread fails, which it may do now or with the next. */
static int fill_until_it_fails(struct mig_ring *ring)
{
	uint64_t at = 0;
	int ret;

	do
		ret = fill_one(ring, &at, 65536);
	while (!ret);
	return ret;
}

/* What the device's side meets, and what the reason is afterwards. */
static int fails(const struct mig_out_options *options, struct mig_error *error)
{
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_out *out;
	int ret;

	assert_int_equal(mig_out_open(&out, options, error), 0);
	assert_int_equal(mig_out_start(out, ring, &meta_here, error), 0);
	ret = fill_until_it_fails(ring);
	mig_ring_end(ring, -ret);
	assert_int_equal(mig_out_finish(out, NULL, error), ret);
	assert_int_equal(error->kind, MIG_KIND_FAILED);
	assert_true(mig_out_discard(out));
	mig_ring_close(ring);
	return ret;
}

static void test_disk_full(void **state)
{
	struct mig_error error;

	(void)state;
	for (int compress = 0; compress < 2; compress++) {
		assert_int_equal(fails(&(struct mig_out_options){ .path = "/dev/full",
								  .compress = compress },
				       &error),
				 -ENOSPC);
		assert_non_null(strstr(error.text, "/dev/full after 0 bytes: No space left"));
	}
}

/* SIGXFSZ, which is to end the process, is not for a thread of ours. */
static void test_file_too_large(void **state)
{
	const struct rlimit limit = { 1000000, RLIM_INFINITY },
			    none = { RLIM_INFINITY, RLIM_INFINITY };
	const struct folder *folder = *state;
	struct mig_error error;

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(fails(&(struct mig_out_options){ .path = folder->file }, &error), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_non_null(strstr(error.text, "after 1000000 bytes"));
	assert_non_null(strstr(error.hint, "ulimit"));
	assert_int_equal(folder_empty(folder), 0);
}

/* Nor is SIGPIPE. */
static void test_broken_pipe(void **state)
{
	struct mig_error error;
	char path[32];
	int ends[2];

	(void)state;
	for (int compress = 0; compress < 2; compress++) {
		struct mig_out_options options = { .path = path, .compress = compress };
		struct mig_ring *ring = mig_ring_open(4, NULL);
		struct mig_out *out;

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
		assert_int_equal(mig_out_open(&out, &options, &error), 0);
		close(ends[0]);
		close(ends[1]);
		assert_int_equal(mig_out_start(out, ring, &meta_here, &error), 0);
		assert_int_equal(fill_until_it_fails(ring), -EPIPE);
		mig_ring_end(ring, EPIPE);
		assert_int_equal(mig_out_finish(out, NULL, &error), -EPIPE);
		assert_non_null(strstr(error.text, "after 0 bytes: Broken pipe"));
		assert_true(mig_out_discard(out));
		mig_ring_close(ring);
	}
}

struct reader {
	int fd;
	uint8_t *bytes;
	size_t size;
};

/* In its own time, and in odd sizes. */
static void *read_slowly(void *context)
{
	struct reader *reader = context;
	ssize_t got;

	while ((got = read(reader->fd, reader->bytes + reader->size, 33333)) > 0) {
		reader->size += (size_t)got;
		usleep(500);
	}
	return NULL;
}

/* Standard output is a pipe that somebody has made non-blocking: writes are short, or are none. */
static void test_nonblocking_stdout(void **state)
{
	struct reader reader = { .bytes = malloc(total_size() + 100000) };
	int ends[2], kept = dup(STDOUT_FILENO);
	pthread_t thread;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	reader.fd = ends[0];
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reader), 0);
	assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	save(&(struct mig_out_options){ .path = "-", .raw = true }, NULL);
	assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
	close(kept);
	close(ends[1]);
	pthread_join(thread, NULL);
	close(ends[0]);
	assert_bytes(reader.bytes, reader.size);
	free(reader.bytes);
}

/* Nobody reads, and nobody will: it is not waited for, and what it uses stays. */
static void test_left_behind(void **state)
{
	volatile sig_atomic_t stop = 0;
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_error error;
	struct mig_out *out;
	char path[32];
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	assert_int_equal(mig_out_open(&out,
				      &(struct mig_out_options){ .path = path, .stop = &stop },
				      &error),
			 0);
	assert_int_equal(mig_out_start(out, ring, &meta_here, &error), 0);
	assert_int_equal(fill_one(ring, &(uint64_t){ 0 }, 100000), 0);
	mig_ring_end(ring, 0);
	usleep(100000);
	stop = 1;
	assert_int_equal(mig_out_finish(out, NULL, &error), -EINTR);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_false(mig_out_discard(out));
	/* Now it can go on, notices, and is over, before a sanitizer counts what is lost. */
	close(ends[0]);
	assert_true(mig_out_discard(out));
	close(ends[1]);
	mig_ring_close(ring);
}

/* A non-blocking one lets it go, so it comes back. */
static void test_comes_back(void **state)
{
	struct mig_ring *ring = mig_ring_open(4, NULL);
	int ends[2], kept = dup(STDOUT_FILENO);
	struct mig_error error;
	struct mig_out *out;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(mig_out_open(&out, &(struct mig_out_options){ .path = "-" }, &error), 0);
	assert_int_equal(mig_out_start(out, ring, &meta_here, &error), 0);
	assert_int_equal(fill_one(ring, &(uint64_t){ 0 }, 100000), 0);
	mig_ring_end(ring, 0);
	usleep(50000);
	assert_true(mig_out_discard(out));
	assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
	close(kept);
	close(ends[0]);
	close(ends[1]);
	mig_ring_close(ring);
}

/* The device's side had to end: nothing is made of the part. */
static void test_device_failed(void **state)
{
	const struct folder *folder = *state;
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_error error;
	struct mig_out *out;

	assert_int_equal(
		mig_out_open(&out, &(struct mig_out_options){ .path = folder->file }, &error), 0);
	assert_int_equal(mig_out_start(out, ring, &meta_here, &error), 0);
	assert_int_equal(fill_all(ring), 0);
	mig_ring_end(ring, ENODEV);
	assert_int_equal(mig_out_finish(out, NULL, &error), -ENODEV);
	assert_true(mig_out_discard(out));
	assert_int_equal(folder_empty(folder), 0);
	mig_ring_close(ring);
}

static void test_interrupted(void **state)
{
	volatile sig_atomic_t stop = 0;
	const struct folder *folder = *state;
	struct mig_ring *ring = mig_ring_open(4, &stop);
	struct mig_error error;
	struct mig_out *out;
	struct mig_slot *slots[2];

	assert_int_equal(
		mig_out_open(&out, &(struct mig_out_options){ .path = folder->file, .stop = &stop },
			     &error),
		0);
	assert_int_equal(mig_out_start(out, ring, &meta_here, &error), 0);
	assert_int_equal(fill_one(ring, &(uint64_t){ 0 }, 5), 0);
	stop = 1;
	while (!mig_ring_free(ring, slots, 2))
		usleep(1000);
	mig_ring_end(ring, EINTR);
	assert_int_equal(mig_out_finish(out, NULL, &error), -EINTR);
	assert_true(mig_out_discard(out));
	assert_int_equal(folder_empty(folder), 0);
	mig_ring_close(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_raw),
		FOLDER_TEST(test_put),
		FOLDER_TEST(test_zstd_options),
		FOLDER_TEST(test_disk_full),
		FOLDER_TEST(test_file_too_large),
		FOLDER_TEST(test_broken_pipe),
		FOLDER_TEST(test_nonblocking_stdout),
		FOLDER_TEST(test_left_behind),
		cmocka_unit_test(test_comes_back),
		FOLDER_TEST(test_device_failed),
		FOLDER_TEST(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
