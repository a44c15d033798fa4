// SPDX-License-Identifier: GPL-2.0-or-later
/* Conformance of DMA logging, asked of a device in memory that breaks one rule at a time. */
#include "unit.h"

#include <linux/vfio.h>
#include <unistd.h>

#include "migctl/conform.h"
#include "migctl/dirty.h"

#define FEATURE _IO(';', 100 + 17)
#define PROBE (1u << 18)
#define DEVICE 12

/* What is wrong with it: nothing, when all is 0. */
struct wrong {
	bool none;          /* it has no log */
	uint64_t least;     /* smaller pages are refused */
	uint64_t says;      /* the page size it hands back */
	uint32_t few;       /* ranges at most */
	uint64_t space;     /* bytes in all ranges at most: no fault, mlx5 has that */
	bool twice;         /* starts twice */
	bool deaf;          /* goes on after the stop */
	bool idle;          /* reports when it does not log */
	bool sticky;        /* does not clear */
	bool with_state;    /* the log ends with the state */
	bool outlives;      /* and does not with the device's closing */
	bool moves;         /* a report stops the device */
	bool takes_any;     /* no request is bad */
	bool spoils;        /* a report of more than was started fails, and all after it */
	int stop, report;   /* errnos of theirs */
	unsigned int stray; /* bits behind the end of a report */
};

static struct fake {
	struct mig_sys sys;
	struct mig_stuck stuck;
	struct wrong wrong;
	uint32_t state;
	bool logs, dirty, spoilt;
	size_t starts, stops, opens;
} fake;

struct start {
	uint32_t argsz, flags;
	uint64_t page_size;
	uint32_t count, reserved;
	uint64_t ranges;
};

struct report {
	uint32_t argsz, flags;
	uint64_t iova, length, page_size, bitmap;
};

/* As the kernel's core does, before it asks the driver. */
static int core_start(const struct start *start)
{
	const uint64_t *range = (const void *)(uintptr_t)start->ranges;

	if (!start->count || start->count > (uint32_t)sysconf(_SC_PAGESIZE) / 16)
		return start->count ? -E2BIG : -EINVAL;
	for (uint32_t i = 0; i < start->count; i++, range += 2) {
		if ((range[0] | range[1]) & (start->page_size - 1))
			return -EINVAL;
		if (range[0] + range[1] < range[0])
			return -EOVERFLOW;
		if (i && range[0] < range[-2] + range[-1])
			return -EINVAL;
		/* pds has a byte for 8 pages, and the kernel complains of memory of no bytes. */
		assert_true(range[1] / start->page_size >= 8);
	}
	return 0;
}

static uint64_t space_of(const struct start *start)
{
	const uint64_t *range = (const void *)(uintptr_t)start->ranges;
	uint64_t space = 0;

	for (uint32_t i = 0; i < start->count; i++)
		space += range[2 * i + 1];
	return space;
}

static int do_start(struct start *start)
{
	int ret = core_start(start);

	fake.starts++;
	if (ret && !fake.wrong.takes_any)
		return ret;
	if (fake.wrong.few && start->count > fake.wrong.few)
		return -E2BIG;
	if (fake.wrong.space && space_of(start) > fake.wrong.space)
		return -EOPNOTSUPP;
	if (start->page_size < fake.wrong.least ||
	    (start->page_size & (start->page_size - 1) && !fake.wrong.takes_any))
		return -EINVAL;
	if (fake.logs && !fake.wrong.twice)
		return -EBUSY;
	fake.logs = true;
	fake.spoilt = false;
	if (fake.wrong.says)
		start->page_size = fake.wrong.says;
	return 0;
}

static int do_report(const struct report *report)
{
	uint64_t *bitmap = (void *)(uintptr_t)report->bitmap;
	uint64_t pages;

	if (fake.wrong.takes_any && report->page_size < 4096)
		return 0;
	if (!fake.wrong.takes_any &&
	    (report->page_size < 4096 || report->page_size & (report->page_size - 1)))
		return -EINVAL;
	if (report->iova + report->length < report->iova)
		return -EOVERFLOW;
	if (fake.wrong.report)
		return -fake.wrong.report;
	if (!fake.logs)
		return fake.wrong.idle ? 0 : -EINVAL;
	fake.spoilt |= fake.wrong.spoils && report->iova + report->length > 1u << 30;
	if (fake.spoilt)
		return -EIO;
	pages = report->length / report->page_size;
	if (fake.dirty && pages && !report->iova)
		bitmap[0] |= 1;
	for (unsigned int i = 0; i < fake.wrong.stray; i++)
		bitmap[(pages + i) / 64] |= 1ull << (pages + i) % 64;
	fake.dirty &= fake.wrong.sticky;
	if (fake.wrong.moves)
		fake.state = MIG_STATE_STOP;
	return 0;
}

static int do_stop(void)
{
	fake.stops++;
	fake.logs &= fake.wrong.deaf;
	return -fake.wrong.stop;
}

static int do_state(uint32_t flags, uint32_t *state)
{
	if (flags & VFIO_DEVICE_FEATURE_SET) {
		if (*state != MIG_STATE_STOP && *state != MIG_STATE_RUNNING)
			return -EINVAL;
		fake.logs &= !fake.wrong.with_state;
		fake.state = *state;
	}
	*state = fake.state;
	((int32_t *)state)[1] = -1;
	return 0;
}

static int fake_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	uint32_t *word = arg, number;

	(void)sys;
	(void)size;
	assert_int_equal(fd, DEVICE);
	if (request == VFIO_DEVICE_GET_INFO)
		return 0;
	assert_int_equal(request, FEATURE);
	number = word[1] & 0xffff;
	if (number >= 6 && number <= 8 && fake.wrong.none)
		return -ENOTTY;
	if (word[1] & PROBE)
		return 0;
	switch (number) {
	case 2:
		return do_state(word[1], &word[2]);
	case 6:
		return do_start(arg);
	case 7:
		return do_stop();
	case 8:
		return do_report(arg);
	default:
		return -ENOTTY;
	}
}

static int fake_close(struct mig_sys *sys, int fd)
{
	(void)sys;
	(void)fd;
	return 0;
}

static const struct mig_sys_ops ops = { .ioctl = fake_ioctl, .close = fake_close };

static struct mig_device device = { .fd = DEVICE, .name = "fake" };
static struct mig_port port = {
	.proto = &mig_proto_v2, .device = &device, .caps = 1, .data_fd = -1, .dead_fd = -1
};

static int reopen(struct mig_conform_host *host, struct mig_error *error)
{
	(void)host;
	(void)error;
	fake.opens++;
	fake.logs &= fake.wrong.outlives;
	return 0;
}

static void tell(struct mig_conform_host *host, size_t number, const struct mig_conform_item *item)
{
	(void)host;
	(void)number;
	(void)item;
}

/* Their names are the results'. */
static struct mig_conform_test *tests;

static void run(const struct wrong *wrong, bool illegal, struct mig_conform *conform)
{
	static const volatile sig_atomic_t never;
	const struct mig_conform_options options = { .only = "logging", .illegal = illegal };
	struct mig_conform_host host = { .reopen = reopen, .tell = tell };
	struct mig_error error;
	size_t count;

	fake = (struct fake){
		.sys.ops = &ops, .wrong = *wrong, .state = MIG_STATE_RUNNING, .dirty = true
	};
	fake.sys.stuck = &fake.stuck;
	device.sys = &fake.sys;
	assert_int_equal(mig_conform_list(MIG_PROTOCOL_V2, 1, &options, &tests, &count, &error), 0);
	assert_int_equal(count, 14);
	assert_int_equal(
		mig_conform_run(conform, &port, tests, count, &options, &host, &never, &error), 0);
	assert_int_equal(conform->count, count);
}

static void clear(struct mig_conform *conform)
{
	mig_conform_clear(conform);
	free(tests);
}

/* The tests that say so, without their group, with a blank before each. */
static void verdict_is(const struct mig_conform *conform, enum mig_check_verdict verdict,
		       const char *expected)
{
	char found[512] = "";

	for (size_t i = 0; i < conform->count; i++)
		if (conform->items[i].verdict == verdict)
			snprintf(found + strlen(found), sizeof(found) - strlen(found), " %s",
				 strchr(conform->items[i].name, '/') + 1);
	assert_string_equal(found, expected);
}

static void finds(const struct wrong *wrong, const char *failed, const char *warned)
{
	struct mig_conform conform;

	run(wrong, true, &conform);
	verdict_is(&conform, MIG_CHECK_FAIL, failed);
	verdict_is(&conform, MIG_CHECK_WARN, warned);
	clear(&conform);
}

#define WRONG(...) (&(const struct wrong){ __VA_ARGS__ })

static void test_clean(void **state)
{
	struct mig_conform conform;

	(void)state;
	finds(WRONG(.few = 0), "", "");
	/* Each test ends what it began. */
	assert_false(fake.logs);
	/* A driver with larger pages that says so is as good. */
	finds(WRONG(.says = 65536), "", "");
	finds(WRONG(.space = 1u << 30), "", "");
	run(WRONG(.few = 0), false, &conform);
	verdict_is(&conform, MIG_CHECK_SKIP,
		   " start-twice report-idle stop-idle report-outside start-bad report-bad");
	verdict_is(&conform, MIG_CHECK_FAIL, "");
	/* And stops what was started, once, and nothing else. */
	assert_int_equal(fake.starts, fake.stops + 1); /* closing ends one */
	clear(&conform);
}

static void test_found(void **state)
{
	(void)state;
	finds(WRONG(.says = 3), " page-sizes", "");
	finds(WRONG(.says = 0x3000), " page-sizes", "");
	finds(WRONG(.least = 8192),
	      " ranges restart close-ends-it report report-page-sizes report-clears not-by-state"
	      " start-twice report-idle stop-idle report-outside start-bad report-bad",
	      " page-sizes");
	finds(WRONG(.few = 255), " ranges", "");
	finds(WRONG(.twice = true), " start-twice", "");
	finds(WRONG(.deaf = true), " restart report-idle", "");
	finds(WRONG(.idle = true), " report-idle", "");
	finds(WRONG(.sticky = true), " report-clears", "");
	finds(WRONG(.with_state = true), " not-by-state", "");
	finds(WRONG(.moves = true), " report", "");
	finds(WRONG(.takes_any = true), " start-bad report-bad", "");
	finds(WRONG(.outlives = true), " close-ends-it", "");
	finds(WRONG(.spoils = true), "", "");
	finds(WRONG(.stray = 1), " report-page-sizes", "");
	finds(WRONG(.report = EIO),
	      " report report-page-sizes report-clears not-by-state start-twice report-outside",
	      "");
	finds(WRONG(.stop = EINVAL),
	      " page-sizes ranges restart close-ends-it report report-page-sizes report-clears"
	      " not-by-state start-twice report-idle stop-idle report-outside start-bad report-bad",
	      "");
}

/* What cannot be asked is no fault. */
static void test_skipped(void **state)
{
	struct mig_conform conform;

	(void)state;
	run(WRONG(.none = true), true, &conform);
	for (size_t i = 0; i < conform.count; i++)
		assert_string_equal(conform.items[i].detail, "the driver does not log DMA");
	clear(&conform);
	run(WRONG(.report = EOPNOTSUPP), true, &conform);
	verdict_is(&conform, MIG_CHECK_FAIL, "");
	verdict_is(&conform, MIG_CHECK_SKIP,
		   " report report-page-sizes report-clears not-by-state start-twice report-idle"
		   " report-outside");
	clear(&conform);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_skipped),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
