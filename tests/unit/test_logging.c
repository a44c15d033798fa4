// SPDX-License-Identifier: GPL-2.0-or-later
/* The payloads are written out here from the notes, not taken from src/vfio. */
#include "script.h"

#include <linux/vfio.h>
#include <unistd.h>

#include "migctl/logging.h"

#define FEATURE _IO(';', 100 + 17)
#define GET (1u << 16)
#define SET (1u << 17)
#define DEVICE 12
#define PAGE 4096u
#define BITS ((uint64_t)MIG_LOGGING_BITMAP * 8)

struct start {
	uint32_t argsz, flags;
	uint64_t page_size;
	uint32_t num_ranges, reserved;
	uint64_t ranges;
};

/* As sent and as scripted: the pointers differ from run to run. */
struct report {
	uint32_t argsz, flags;
	uint64_t iova, length, page_size, bitmap;
};
#define REPORT_HEAD offsetof(struct report, bitmap)

/* What a driver does with the pointers in the payload; the script cannot. */
static struct mig_sys_ops ops;
static const struct mig_sys_ops *scripted;
static struct start started;
static struct mig_dirty_range started_with[4];
static struct report reports[8];
static size_t report_count;
static void (*driver)(uint64_t *bitmap, size_t report);
static volatile sig_atomic_t stop;

static int look(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	const uint32_t *header = arg;

	if ((header[1] & 0xffff) == 6) {
		memcpy(&started, arg, sizeof(started));
		memcpy(started_with, (void *)(uintptr_t)started.ranges,
		       (started.num_ranges < 4 ? started.num_ranges : 4) * 16);
	} else if ((header[1] & 0xffff) == 8) {
		memcpy(&reports[report_count], arg, sizeof(struct report));
		if (driver)
			driver((void *)(uintptr_t)reports[report_count].bitmap, report_count);
		report_count++;
	}
	return scripted->ioctl(sys, fd, request, arg, size);
}

static struct script script;
static struct mig_device device;
static struct mig_error error;
static struct mig_logging_bitmap bitmap;
static struct mig_dirty dirty;

static void begin(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	scripted = script.sys.ops;
	ops = *scripted;
	ops.ioctl = look;
	script.sys.ops = &ops;
	memset(&error, 0, sizeof(error));
	device = (struct mig_device){ .sys = &script.sys, .fd = DEVICE, .name = "dev" };
	report_count = 0;
	driver = NULL;
	assert_int_equal(mig_logging_bitmap_init(&bitmap, &error), 0);
	mig_dirty_init(&dirty, 8);
}

static void end(void)
{
	mig_dirty_clear(&dirty);
	mig_logging_bitmap_clear(&bitmap, &script.sys);
	script_end(&script);
}

static void test_start(void **state)
{
	static const struct {
		uint32_t argsz, flags;
	} stopped = { 8, SET | 7 };
	static const struct start answer = { 32, SET | 6, 65536, 2, 0, 0 };
	const struct mig_dirty_range ranges[] = { { 0, PAGE }, { 0x10000, 2 * PAGE } };
	const struct script_call calls[] = {
		IOCTL_(DEVICE, FEATURE, 0, .size = 32, .reply = &answer, .reply_size = 24),
		IOCTL_(DEVICE, FEATURE, -EBUSY, .size = 32),
		IOCTL_(DEVICE, FEATURE, 0, .size = 8, EXPECT_(stopped)),
		IOCTL_(DEVICE, FEATURE, -ENOTTY, .size = 8),
	};
	uint64_t page_size = PAGE;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(mig_logging_start(&device, ranges, 2, &page_size, &error), 0);
	assert_int_equal(started.argsz, 32);
	assert_int_equal(started.flags, SET | 6);
	assert_int_equal(started.page_size, PAGE);
	assert_int_equal(started.num_ranges, 2);
	assert_int_equal(started.reserved, 0);
	assert_memory_equal(started_with, ranges, sizeof(ranges));
	/* What the driver took, not what was asked. */
	assert_int_equal(page_size, 65536);
	page_size = PAGE;
	assert_int_equal(mig_logging_start(&device, ranges, 2, &page_size, &error), -EBUSY);
	assert_int_equal(page_size, PAGE);
	assert_int_equal(error.kind, MIG_KIND_NAK);
	assert_non_null(strstr(error.text, "starting DMA logging of dev: it logs already (EBUSY)"));
	assert_int_equal(mig_logging_stop(&device, &error), 0);
	assert_int_equal(mig_logging_stop(&device, &error), -ENOTTY);
	assert_int_equal(error.kind, MIG_KIND_NO_MIGRATION);
	assert_non_null(strstr(error.hint, "dirty DEVICE probe"));
	end();
}

static void ends(uint64_t *words, size_t report)
{
	(void)report;
	words[0] = 1;
	words[BITS / 64 - 1] = 1ull << 63;
}

static void report_is(size_t at, uint64_t iova, uint64_t length, uint64_t page_size)
{
	assert_int_equal(reports[at].argsz, 40);
	assert_int_equal(reports[at].flags, GET | 8);
	assert_int_equal(reports[at].iova, iova);
	assert_int_equal(reports[at].length, length);
	assert_int_equal(reports[at].page_size, page_size);
	/* What the kernel pins with one window: it begins with a page. */
	assert_int_equal(reports[at].bitmap % PAGE, 0);
}

/* A range of more pages than the bitmap has bits: pieces that meet, and runs over the seam. */
static void test_pieces(void **state)
{
	const struct mig_dirty_range range = { 0x40000000, (2 * BITS + 3) * PAGE };
	const struct script_call calls[] = {
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
	};

	(void)state;
	begin(calls, COUNT(calls));
	driver = ends;
	assert_int_equal(mig_logging_read(&device, &bitmap, &range, PAGE, &stop, &dirty, &error),
			 0);
	report_is(0, 0x40000000, BITS * PAGE, PAGE);
	report_is(1, 0x40000000 + BITS * PAGE, BITS * PAGE, PAGE);
	report_is(2, 0x40000000 + 2 * BITS * PAGE, 3 * PAGE, PAGE);
	/* First; last and first; last and first. */
	assert_int_equal(dirty.count, 3);
	assert_int_equal(dirty.pages, 5);
	assert_int_equal(dirty.runs[1].iova, 0x40000000 + (BITS - 1) * PAGE);
	assert_int_equal(dirty.runs[1].length, 2 * PAGE);
	assert_int_equal(dirty.runs[2].iova, 0x40000000 + (2 * BITS - 1) * PAGE);
	assert_int_equal(dirty.stray, 0);
	end();
}

static void first_only(uint64_t *words, size_t report)
{
	/* A report says nothing of the one before it. */
	assert_int_equal(words[0], 0);
	assert_int_equal(words[1], 0);
	words[report] = 0xf;
}

static void test_zeroed(void **state)
{
	const struct mig_dirty_range range = { 0, 66 * 65536 };
	const struct script_call calls[] = {
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
	};

	(void)state;
	begin(calls, COUNT(calls));
	driver = first_only;
	assert_int_equal(mig_logging_read(&device, &bitmap, &range, 65536, &stop, &dirty, &error),
			 0);
	assert_int_equal(dirty.pages, 4);
	assert_int_equal(mig_logging_read(&device, &bitmap, &range, 65536, &stop, &dirty, &error),
			 0);
	report_is(1, 0, 66 * 65536, 65536);
	/* Of the four bits that it sets now two belong to no page. */
	assert_int_equal(dirty.pages, 6);
	assert_int_equal(dirty.stray, 2);
	end();
}

static void strike(uint64_t *words, size_t report)
{
	words[0] = 0xff;
	stop = report == 1;
}

/* A signal between two pieces: what was told is kept, for no report tells it again. */
static void test_struck(void **state)
{
	const struct mig_dirty_range range = { 0, 4 * BITS * PAGE };
	const struct script_call calls[] = {
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
	};

	(void)state;
	begin(calls, COUNT(calls));
	driver = strike;
	assert_int_equal(mig_logging_read(&device, &bitmap, &range, PAGE, &stop, &dirty, &error),
			 -EINTR);
	assert_int_equal(dirty.pages, 16);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	stop = 0;
	end();
}

static void test_too_much(void **state)
{
	const struct mig_dirty_range most = { 0, BITS * PAGE }, more = { 0, BITS * PAGE + 1 },
				     odd = { 0, UINT64_MAX };
	const struct script_call calls[] = {
		IOCTL_(DEVICE, FEATURE, 0, .size = 40),
		IOCTL_(DEVICE, FEATURE, -EINVAL, .size = 40),
		IOCTL_(DEVICE, FEATURE, -EOVERFLOW, .size = 40),
	};

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(mig_logging_report(&device, &bitmap, &most, PAGE, &error), 0);
	assert_int_equal(mig_logging_report(&device, &bitmap, &more, PAGE, &error), -E2BIG);
	/* Not ours to judge, and no danger: the kernel refuses these itself. */
	assert_int_equal(mig_logging_report(&device, &bitmap, &most, 3, &error), -EINVAL);
	assert_int_equal(mig_logging_report(&device, &bitmap, &odd, 1ull << 63, &error),
			 -EOVERFLOW);
	assert_int_equal(error.kind, MIG_KIND_NAK);
	end();
}

static void test_refused(void **state)
{
	static const struct {
		int err;
		enum mig_kind kind;
		const char *text, *hint;
	} answers[] = {
		{ EINVAL, MIG_KIND_NAK, "it does not log", "start it first" },
		{ EOPNOTSUPP, MIG_KIND_FAILED, "CONFIG_IOMMUFD", "starting and stopping work" },
		{ EIO, MIG_KIND_FAILED, "has lost its log", "start again" },
		{ ENOTCONN, MIG_KIND_FAILED, "driver of its PF", "bind the PF" },
		{ EFAULT, MIG_KIND_FAILED, "Bad address", "" },
	};
	const struct mig_dirty_range range = { 0, PAGE };

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct script_call calls[] = { IOCTL_(DEVICE, FEATURE, -answers[i].err) };

		begin(calls, COUNT(calls));
		assert_int_equal(
			mig_logging_read(&device, &bitmap, &range, PAGE, &stop, &dirty, &error),
			-answers[i].err);
		assert_int_equal(error.kind, answers[i].kind);
		assert_non_null(strstr(error.text, answers[i].text));
		assert_non_null(strstr(error.hint, answers[i].hint));
		assert_int_equal(dirty.pages, 0);
		end();
	}
}

/* The driver still has the addresses: neither ranges nor bitmap are given back. */
static void test_stuck(void **state)
{
	const struct mig_dirty_range range = { 0x7000, PAGE };
	const struct script_call calls[] = { IOCTL_(DEVICE, FEATURE, -1, .stuck = true) };
	uint64_t page_size = PAGE, *kept;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(mig_logging_start(&device, &range, 1, &page_size, &error), -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_memory_equal((void *)(uintptr_t)started.ranges, &range, sizeof(range));
	free((void *)(uintptr_t)started.ranges);
	free(bitmap.words);
	end();
	begin(calls, COUNT(calls));
	kept = bitmap.words;
	assert_int_equal(mig_logging_read(&device, &bitmap, &range, PAGE, &stop, &dirty, &error),
			 -ETIMEDOUT);
	mig_logging_bitmap_clear(&bitmap, &script.sys);
	kept[0] = 1;
	free(kept);
	end();
}

#define START_(answer, ret) \
	IOCTL_(DEVICE, FEATURE, ret, .size = 32, .reply = &(answer), .reply_size = 24)

/* The least page size that the driver takes, of those that the ranges allow. */
static void test_begin(void **state)
{
	static const struct start larger = { 32, SET | 6, 65536, 1, 0, 0 };
	const struct mig_dirty_range range = { 0x4000, 0x4000 };
	const struct script_call calls[] = {
		IOCTL_(DEVICE, FEATURE, -EINVAL),
		IOCTL_(DEVICE, FEATURE, -EINVAL),
		START_(larger, 0),
		/* Given, it is the only one. */
		IOCTL_(DEVICE, FEATURE, -EINVAL),
		/* It is not the size. */
		IOCTL_(DEVICE, FEATURE, -EINVAL),
		IOCTL_(DEVICE, FEATURE, -EINVAL),
		IOCTL_(DEVICE, FEATURE, -EINVAL),
		/* Nor is the errno about it. */
		IOCTL_(DEVICE, FEATURE, -EBUSY),
	};
	uint64_t page_size = 0, asked;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(mig_logging_begin(&device, &range, 1, &page_size, &asked, &error), 0);
	assert_int_equal(started.page_size, 0x4000);
	assert_int_equal(asked, 0x4000);
	assert_int_equal(page_size, 65536);
	page_size = 0x2000;
	assert_int_equal(mig_logging_begin(&device, &range, 1, &page_size, &asked, &error),
			 -EINVAL);
	assert_int_equal(started.page_size, 0x2000);
	page_size = 0;
	assert_int_equal(mig_logging_begin(&device, &range, 1, &page_size, &asked, &error),
			 -EINVAL);
	assert_int_equal(asked, PAGE);
	assert_int_equal(started.page_size, 0x4000);
	assert_int_equal(error.kind, MIG_KIND_NAK);
	page_size = 0;
	assert_int_equal(mig_logging_begin(&device, &range, 1, &page_size, &asked, &error), -EBUSY);
	end();
}

/* What it says it logs at is no page size: it is stopped again. */
static void test_begin_nonsense(void **state)
{
	static const uint64_t sizes[] = { 0, 3, 0x3000, UINT64_MAX };
	const struct mig_dirty_range range = { 0, PAGE };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const struct start answer = { 32, SET | 6, sizes[i], 1, 0, 0 };
		const struct script_call calls[] = { START_(answer, 0),
						     IOCTL_(DEVICE, FEATURE, 0, .size = 8) };
		uint64_t page_size = 0, asked;

		begin(calls, COUNT(calls));
		assert_int_equal(mig_logging_begin(&device, &range, 1, &page_size, &asked, &error),
				 -EPROTO);
		assert_int_equal(error.kind, MIG_KIND_FAILED);
		assert_non_null(strstr(error.text, "which is no page size"));
		end();
	}
}

static volatile sig_atomic_t interrupt;

static void two_pages(uint64_t *words, size_t report)
{
	words[0] = 3;
	if (report == 4)
		interrupt = 1;
}

static void test_watch(void **state)
{
	const struct mig_dirty_range ranges[] = { { 0, 8 * PAGE }, { 0x100000, PAGE } };
	struct mig_logging_watch watch = {
		.ranges = ranges, .count = 2, .page_size = PAGE, .seconds = 0.02, .interval = 0.01
	};
	struct mig_dirty_rate rate = { .samples = NULL };
	struct script_call calls[16];

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		calls[i] = (struct script_call)IOCTL_(DEVICE, FEATURE, 0, .size = 40);
	interrupt = 0;
	begin(calls, 4);
	driver = two_pages;
	assert_int_equal(mig_logging_watch(&device, &watch, &interrupt, &rate, &error), 0);
	assert_int_equal(rate.count, 2);
	/* Two of the first range, and of the other one, where there is room for one. */
	assert_int_equal(rate.samples[1].pages, 3);
	assert_int_equal(rate.samples[1].bytes, 3 * PAGE);
	assert_in_range(rate.samples[1].usec, 1, 60000000);
	assert_int_equal(rate.stray, 2);
	mig_dirty_rate_clear(&rate);
	end();
	/* What the signal came into is no sample: it has one range and not the other. */
	begin(calls, 5);
	driver = two_pages;
	watch.seconds = 3600;
	assert_int_equal(mig_logging_watch(&device, &watch, &interrupt, &rate, &error), -EINTR);
	assert_int_equal(rate.count, 2);
	assert_non_null(strstr(error.text, "interrupted after 2 samples"));
	mig_dirty_rate_clear(&rate);
	end();
	interrupt = 0;
	calls[1].ret = -EIO;
	begin(calls, 2);
	assert_int_equal(mig_logging_watch(&device, &watch, &interrupt, &rate, &error), -EIO);
	assert_int_equal(rate.count, 0);
	end();
}

static void test_max(void **state)
{
	(void)state;
	assert_int_equal(mig_logging_max_ranges(), sysconf(_SC_PAGESIZE) / 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_struck),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_begin_nonsense),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_max),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
