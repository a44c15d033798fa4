// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What conform says of v1 windows that no simulator has: empty ones for ever,
 * more than was announced, an end that never comes. The device is a model in
 * memory that keeps every rule but those a test has it break.
 */
#include "unit.h"

#include <linux/vfio.h>
#include <signal.h>

#include "migctl/conform.h"

enum {
	DEVICE = 12,
	AT = 0x90000, /* where the region lies on the device's descriptor */
	HEADER = 32,
	TOTAL = 100,
	WINDOW = 40
};

struct wrong {
	bool empty;       /* the windows have nothing, and pending_bytes stays */
	bool endless;     /* pending_bytes is never 0 */
	uint64_t more;    /* pending_bytes is that much below what comes */
	bool stuck;       /* pending_bytes falls to 0 at the very end only */
	bool header;      /* the first data_offset is in the header */
	bool short_reads; /* pending_bytes has 4 bytes */
	bool counts;      /* each read of a window's data is another */
	bool drops_bits;  /* of device_state, when it is written */
};

static struct {
	struct mig_sys sys;
	struct wrong wrong;
	uint32_t raw;
	uint64_t at;    /* in the state; what the window has comes next */
	bool size_read; /* so pending_bytes acknowledges */
	unsigned char reads;
} fake;

static struct mig_conform run;
static struct mig_error error;

static uint64_t window(void)
{
	uint64_t left = fake.at < TOTAL ? TOTAL - fake.at : 0;

	if (fake.wrong.empty)
		return 0;
	return fake.wrong.endless || left > WINDOW ? WINDOW : left;
}

static uint64_t pending(void)
{
	uint64_t left;

	if (fake.size_read)
		fake.at += window();
	fake.size_read = false;
	left = fake.at < TOTAL ? TOTAL - fake.at : 0;
	if (fake.wrong.stuck && left)
		return TOTAL;
	if (fake.wrong.endless)
		return left > WINDOW ? left : WINDOW - 1 - (fake.at / WINDOW) % 7;
	return left > fake.wrong.more ? left - fake.wrong.more : left ? 1 : 0;
}

static uint64_t header(off_t at)
{
	bool saving = fake.raw & 2;

	switch (at) {
	case 0x00:
		return fake.raw;
	case 0x08:
		return saving ? pending() : 0;
	case 0x10:
		return fake.wrong.header && !fake.at ? 0x18 : HEADER;
	case 0x18:
		fake.size_read = saving;
		return saving ? window() : 0;
	}
	fail_msg("nothing is to be read at 0x%lx", (long)at);
	return 0;
}

static ssize_t fake_pread(struct mig_sys *sys, int fd, void *buffer, size_t size, off_t offset)
{
	uint64_t value;

	(void)sys;
	assert_int_equal(fd, DEVICE);
	offset -= AT;
	if (offset >= HEADER) {
		for (size_t i = 0; i < size; i++)
			((unsigned char *)buffer)[i] = (unsigned char)(fake.at + i + fake.reads);
		fake.reads += fake.wrong.counts;
		return (ssize_t)size;
	}
	value = header(offset);
	memcpy(buffer, &value, size);
	return offset == 0x08 && fake.wrong.short_reads ? 4 : (ssize_t)size;
}

static ssize_t fake_pwrite(struct mig_sys *sys, int fd, const void *buffer, size_t size,
			   off_t offset)
{
	uint32_t old = fake.raw;

	(void)sys;
	assert_int_equal(fd, DEVICE);
	assert_int_equal(offset, AT);
	memcpy(&fake.raw, buffer, size);
	if (fake.wrong.drops_bits)
		fake.raw &= 7;
	/* Pre-copy goes over into stop-and-copy. */
	if (!(fake.raw & old & 2))
		fake.at = fake.reads = 0;
	fake.size_read = false;
	return (ssize_t)size;
}

static int fake_batch(struct mig_sys *sys, struct mig_call *calls, size_t count)
{
	assert_int_equal(count, 1);
	assert_int_equal(calls->kind, MIG_CALL_PREAD);
	calls->result = fake_pread(sys, calls->fd, calls->buffer, calls->size, calls->offset);
	return 1;
}

static int fake_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	(void)sys;
	(void)arg;
	(void)size;
	assert_int_equal(fd, DEVICE);
	assert_int_equal(request, VFIO_DEVICE_RESET);
	fake.raw = (fake.raw & ~7u) | 1;
	return 0;
}

static void tell(struct mig_conform_host *host, size_t number, const struct mig_conform_item *item)
{
	(void)host;
	(void)number;
	(void)item;
}

static void make(struct mig_device *device, struct mig_port *port, struct wrong wrong)
{
	static const struct mig_sys_ops ops = {
		.ioctl = fake_ioctl, .pread = fake_pread, .pwrite = fake_pwrite, .batch = fake_batch
	};

	memset(&fake, 0, sizeof(fake));
	fake.sys.ops = &ops;
	fake.wrong = wrong;
	fake.raw = 0x100 | 1;
	*device = (struct mig_device){ .sys = &fake.sys,
				       .fd = DEVICE,
				       .name = "dev",
				       .informed = true,
				       .flags = VFIO_DEVICE_FLAGS_RESET };
	*port = (struct mig_port){
		.proto = &mig_proto_v1,
		.device = device,
		.caps = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY,
		.region = { .offset = AT, .size = HEADER + WINDOW, .read = true, .write = true },
		.data_fd = -1,
		.dead_fd = -1,
		.set_took = -1
	};
}

/* The verdict of the one test, and words of what it is told with. */
static void says(const char *name, struct wrong wrong, enum mig_check_verdict verdict,
		 const char *words)
{
	static volatile sig_atomic_t stop;
	const struct mig_conform_options options = { .only = name };
	struct mig_conform_host host = { .tell = tell };
	struct mig_conform_test *tests;
	struct mig_device device;
	struct mig_port port;
	size_t count;

	mig_conform_clear(&run);
	make(&device, &port, wrong);
	assert_int_equal(
		mig_conform_list(MIG_PROTOCOL_V1, port.caps, &options, &tests, &count, &error), 0);
	assert_int_equal(mig_conform_run(&run, &port, tests, count, &options, &host, &stop, &error),
			 0);
	free(tests);
	assert_int_equal(run.count, 1);
	assert_int_equal(fake.raw & 7, 1);
	if (run.items[0].verdict != verdict ||
	    !strstr(run.items[0].detail ? run.items[0].detail : "", words))
		fail_msg("%s: %s: %s", name, mig_check_verdict_name(run.items[0].verdict),
			 run.items[0].detail ? run.items[0].detail : "");
}

static void nothing_is_wrong(void **unused)
{
	static const char *const names[] = {
		"data/windows",           "data/registers-again",       "data/window-again",
		"data/kept-across-abort", "data/pre-copy-left-pending", "data/kept-across-pre-copy",
		"data/repeatable",        "region/reserved-bits",
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(names); i++)
		says(names[i], (struct wrong){ 0 }, MIG_CHECK_PASS, "");
	says("data/windows", (struct wrong){ 0 }, MIG_CHECK_PASS, "100 bytes in 3 windows");
}

static void windows_are_judged(void **unused)
{
	(void)unused;
	says("data/windows", (struct wrong){ .empty = true }, MIG_CHECK_FAIL, "with empty windows");
	says("data/windows", (struct wrong){ .endless = true }, MIG_CHECK_FAIL, "pending_bytes");
	says("data/windows", (struct wrong){ .stuck = true }, MIG_CHECK_FAIL,
	     "40 bytes were taken, and it is 100");
	says("data/windows", (struct wrong){ .header = true }, MIG_CHECK_FAIL,
	     "0x18, which is in the header");
	says("data/windows", (struct wrong){ .short_reads = true }, MIG_CHECK_FAIL,
	     "less than its 8 bytes");
	says("data/windows", (struct wrong){ .more = 10 }, MIG_CHECK_WARN,
	     "90 at first, and 100 bytes came");
	says("data/window-again", (struct wrong){ .counts = true }, MIG_CHECK_WARN, "40 bytes");
	says("region/reserved-bits", (struct wrong){ .drops_bits = true }, MIG_CHECK_FAIL,
	     "were 0x100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong),
		cmocka_unit_test(windows_are_judged),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	mig_conform_clear(&run);
	return failed;
}
