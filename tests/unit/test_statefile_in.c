// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that reads: what goes in, and from where. */
#include <pthread.h>
#include <sys/time.h>

#include "test_statefile_back.h"

static void test_file(void **state)
{
	const struct folder *folder = *state;
	struct mig_saved_totals totals;
	struct mig_error error;
	struct taken taken = { 0 };
	struct mig_saved_meta meta;
	struct mig_in *in;

	save(&(struct mig_out_options){ .path = folder->file }, &totals);
	restore(folder->file, &totals);
	/* As it is inspected; the order of looking does not matter. */
	in = open_in(folder->file, NULL);
	assert_int_equal(mig_in_meta(in, &meta, &error), 0);
	assert_int_equal(mig_in_check(in, NULL, &error), 0);
	assert_int_equal(mig_in_each(in, take, &taken, &totals, &error), 0);
	assert_all(&taken, &totals);
	assert_true(mig_in_close(in));
	assert_true(mig_in_close(NULL));
}

struct feeder {
	int fd;
	const uint8_t *bytes;
	size_t size, each;
};

static void *feed(void *context)
{
	struct feeder *feeder = context;
	size_t done = 0;

	while (done < feeder->size) {
		size_t left = feeder->size - done;
		ssize_t put = write(feeder->fd, feeder->bytes + done,
				    left < feeder->each ? left : feeder->each);

		assert_true(put > 0);
		done += (size_t)put;
	}
	close(feeder->fd);
	return NULL;
}

static void test_pipe(void **state)
{
	static const size_t each[] = { 1000, 4096, 1000000 };
	const struct folder *folder = *state;
	struct mig_saved_totals totals;

	for (int compress = 0; compress < 2; compress++)
		for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++) {
			struct feeder feeder = { .each = each[i] };
			pthread_t thread;
			uint8_t *bytes;
			char path[32];
			int ends[2];

			save(&(struct mig_out_options){ .path = folder->file,
							.force = true,
							.compress = compress },
			     &totals);
			bytes = get_file(folder->file, &feeder.size);
			assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
			feeder.fd = ends[1];
			feeder.bytes = bytes;
			snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
			assert_int_equal(pthread_create(&thread, NULL, feed, &feeder), 0);
			restore(path, &totals);
			pthread_join(thread, NULL);
			close(ends[0]);
			free(bytes);
		}
}

/* Standard input, and it stands where ours begins. */
static void test_stdin(void **state)
{
	const struct folder *folder = *state;
	struct mig_saved_totals totals;
	int kept = dup(STDIN_FILENO), fd = open(folder->root, O_TMPFILE | O_RDWR, 0600);
	uint8_t *bytes;
	size_t size;

	save(&(struct mig_out_options){ .path = folder->file }, &totals);
	bytes = get_file(folder->file, &size);
	assert_int_equal(write(fd, "other", 5), 5);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	restore("-", &totals);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), 0);
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	free(bytes);
	close(kept);
	close(fd);
}

static void test_terminal(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct mig_error error;
	struct mig_in *in;

	(void)state;
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(mig_in_open(&in, ptsname(fd), NULL, &error), -ENOTTY);
	assert_int_equal(error.kind, MIG_KIND_USAGE);
	close(fd);
}

static volatile sig_atomic_t stopped;

static void note(int number)
{
	stopped = number;
}

/* A pipe that nothing comes from, on the thread that has the signals and on the other. */
static void test_silent_pipe(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	const struct folder *folder = *state;
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_saved_totals totals;
	struct mig_saved_meta meta;
	struct mig_error error;
	struct mig_in *in;
	uint8_t *bytes;
	char path[32];
	size_t size;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	in = open_in(path, &stopped);
	assert_false(mig_in_twice(in));
	assert_int_equal(mig_in_check(in, NULL, &error), -ESPIPE);
	signal(SIGALRM, note);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(mig_in_meta(in, &meta, &error), -EINTR);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_non_null(strstr(error.text, "interrupted after 0 bytes of /dev/fd/"));
	assert_true(mig_in_close(in));

	save(&(struct mig_out_options){ .path = folder->file }, &totals);
	bytes = get_file(folder->file, &size);
	assert_int_equal(write(ends[1], bytes, 2000), 2000);
	in = open_in(path, NULL);
	assert_int_equal(mig_in_start(in, ring, &error), 0);
	usleep(50000);
	assert_int_equal(mig_in_finish(in, NULL, &error), -EINTR);
	assert_non_null(strstr(error.text, "interrupted after 2000 bytes of /dev/fd/"));
	assert_true(mig_in_close(in));
	assert_int_equal(mig_ring_full(ring, (struct mig_slot *[1]){ NULL }, 1), -EINTR);
	mig_ring_close(ring);
	free(bytes);
	close(ends[0]);
	close(ends[1]);
}

/* The device would have no more of it. */
static void test_not_wanted(void **state)
{
	const struct folder *folder = *state;
	struct mig_ring *ring = mig_ring_open(2, NULL);
	struct mig_saved_totals totals;
	struct mig_error error;
	struct mig_in *in;

	save(&(struct mig_out_options){ .path = folder->file }, &totals);
	in = open_in(folder->file, NULL);
	assert_int_equal(mig_in_start(in, ring, &error), 0);
	mig_ring_fail(ring, ENODEV);
	assert_int_equal(mig_in_finish(in, &totals, &error), -ECANCELED);
	assert_true(mig_in_close(in));
	mig_ring_close(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_file),        FOLDER_TEST(test_pipe),
		FOLDER_TEST(test_stdin),       cmocka_unit_test(test_terminal),
		FOLDER_TEST(test_silent_pipe), FOLDER_TEST(test_not_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
