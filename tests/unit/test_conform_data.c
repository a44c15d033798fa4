// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What conform says of data that no simulator gives: a state that is another
 * each time, pre-copy without an end, an abort that loses something. The device
 * is a model in memory that keeps every rule but those a test has it break.
 */
#include "unit.h"

#include <linux/vfio.h>
#include <signal.h>

#include "migctl/conform.h"
#include "migctl/table.h"

enum {
	DEVICE = 12,
	FIRST_FD = 20,
	TOTAL = 200, /* bytes of its state */
	INITIAL = 50 /* of them, in pre-copy */
};
#define PRECOPY_INFO _IO(';', 100 + 21)

struct wrong {
	bool unsteady;      /* its state is another each time */
	bool loses;         /* a save that is left unfinished changes it */
	bool endless;       /* there is always more in STOP_COPY */
	uint64_t estimate;  /* MIG_DATA_SIZE; 0: as it is */
	bool always_more;   /* in pre-copy */
	uint64_t dirty;     /* dirty_bytes, and nothing to read */
	uint64_t initial;   /* initial_bytes at the end for now */
	bool dead_ends;     /* a session that is over reads as if it had ended */
	bool part_runs;     /* a part of a load is refused, in RUNNING */
	bool part_taken;    /* or it is the state then */
	bool grows;         /* with each load */
	unsigned int eintr; /* so many before each call that moves data */
};

static struct {
	struct mig_sys sys;
	struct wrong wrong;
	enum mig_state state;
	unsigned char content[TOTAL], loaded[TOTAL + 1];
	size_t at; /* of the session */
	int session, next_fd;
	unsigned int eintr;
} fake;

static struct mig_conform run;
static struct mig_error error;
static const unsigned int caps = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY;

static bool saves(enum mig_state state)
{
	return state == MIG_STATE_STOP_COPY || state == MIG_STATE_PRE_COPY;
}

static int leave_resuming(void)
{
	if (fake.at && fake.at != TOTAL && !fake.wrong.part_taken) {
		if (fake.wrong.part_runs)
			fake.state = MIG_STATE_RUNNING;
		return -EINVAL;
	}
	if (fake.at)
		memcpy(fake.content, fake.loaded, TOTAL);
	fake.content[TOTAL - 1] += fake.wrong.grows;
	return 0;
}

static int arc(enum mig_state to)
{
	if (fake.state == MIG_STATE_RESUMING && leave_resuming())
		return -EINVAL;
	if (saves(fake.state) && saves(to)) {
		fake.state = to;
		return 0;
	}
	if (saves(fake.state) && fake.at < TOTAL && fake.at > 0)
		fake.content[1] += fake.wrong.loses;
	fake.session = -1;
	if (saves(to) || to == MIG_STATE_RESUMING) {
		fake.session = fake.next_fd++;
		fake.at = 0;
		fake.content[0] += fake.wrong.unsteady;
	}
	fake.state = to;
	return 0;
}

struct state_arg {
	uint32_t argsz, flags, device_state;
	int32_t data_fd;
};

static int state_feature(struct state_arg *arg)
{
	enum mig_state to;
	int old = fake.session;

	if (arg->flags & VFIO_DEVICE_FEATURE_GET) {
		arg->device_state = mig_v2_wire(fake.state);
		return 0;
	}
	to = mig_v2_reading(arg->device_state).state;
	while (fake.state != to)
		if (arc(mig_table_v2_next(caps, fake.state, to)))
			return -EINVAL;
	arg->data_fd = fake.session != old ? fake.session : -1;
	return 0;
}

static int info(int fd, uint64_t *arg)
{
	uint32_t argsz = (uint32_t)arg[0];

	if (argsz < 24 || fake.state != MIG_STATE_PRE_COPY || fd != fake.session)
		return -EINVAL;
	arg[1] = fake.at < INITIAL ? INITIAL - fake.at : fake.wrong.initial;
	arg[2] = fake.wrong.dirty;
	return 0;
}

static int fake_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	uint32_t *feature = arg;
	uint64_t value = fake.wrong.estimate ? fake.wrong.estimate : TOTAL;

	(void)sys;
	(void)size;
	if (request == PRECOPY_INFO)
		return info(fd, arg);
	assert_int_equal(fd, DEVICE);
	if (request == VFIO_DEVICE_RESET) {
		fake.state = MIG_STATE_RUNNING;
		fake.session = -1;
		return 0;
	}
	assert_int_equal(request, VFIO_DEVICE_FEATURE);
	if ((feature[1] & VFIO_DEVICE_FEATURE_MASK) == 2)
		return state_feature(arg);
	assert_int_equal(feature[1] & VFIO_DEVICE_FEATURE_MASK, 9);
	memcpy(feature + 2, &value, sizeof(value));
	return 0;
}

static ssize_t read_stream(void *buffer, size_t size)
{
	bool now = fake.state == MIG_STATE_PRE_COPY;
	size_t end = now ? INITIAL : TOTAL, left = fake.at < end ? end - fake.at : 0;

	if ((now && fake.wrong.always_more && !left) || (!now && fake.wrong.endless)) {
		memset(buffer, 'm', size);
		return (ssize_t)size;
	}
	if (size > left)
		size = left;
	memcpy(buffer, fake.content + fake.at, size);
	fake.at += size;
	return !size && now ? -ENOMSG : (ssize_t)size;
}

static ssize_t write_stream(const void *buffer, size_t size)
{
	if (size > sizeof(fake.loaded) - fake.at)
		return -ENOMEM;
	memcpy(fake.loaded + fake.at, buffer, size);
	fake.at += size;
	return (ssize_t)size;
}

static int fake_batch(struct mig_sys *sys, struct mig_call *calls, size_t count)
{
	bool reads = calls->kind == MIG_CALL_READ;

	(void)sys;
	assert_int_equal(count, 1);
	if (calls->kind == MIG_CALL_PREAD || calls->kind == MIG_CALL_PWRITE)
		calls->result = -ESPIPE;
	else if (calls->fd != fake.session)
		calls->result = fake.wrong.dead_ends && reads ? 0 : -ENODEV;
	else if (reads != saves(fake.state))
		calls->result = -EBADF;
	else if (fake.eintr++ < fake.wrong.eintr)
		calls->result = -EINTR;
	else if (reads)
		calls->result = read_stream(calls->buffer, calls->size);
	else
		calls->result = write_stream(calls->buffer, calls->size);
	if (calls->result != -EINTR)
		fake.eintr = 0;
	return 1;
}

static int fake_close(struct mig_sys *sys, int fd)
{
	(void)sys;
	assert_true(fd >= FIRST_FD && fd < fake.next_fd);
	return 0;
}

static int reopen(struct mig_conform_host *host, struct mig_error *err)
{
	(void)host;
	(void)err;
	return 0;
}

static void tell(struct mig_conform_host *host, size_t number, const struct mig_conform_item *item)
{
	(void)host;
	(void)number;
	(void)item;
}

/* What the one test says of a device that is wrong in that. */
static const struct mig_conform_item *ask(const char *name, struct wrong wrong)
{
	static const struct mig_sys_ops ops = { .ioctl = fake_ioctl,
						.batch = fake_batch,
						.close = fake_close };
	static volatile sig_atomic_t stop;
	static struct mig_device device;
	static struct mig_port port;
	const struct mig_conform_options options = { .only = name };
	struct mig_conform_host host = { .reopen = reopen, .tell = tell };
	struct mig_conform_test *tests;
	size_t count;

	mig_conform_clear(&run);
	memset(&fake, 0, sizeof(fake));
	fake.sys.ops = &ops;
	fake.wrong = wrong;
	fake.state = MIG_STATE_RUNNING;
	fake.session = -1;
	fake.next_fd = FIRST_FD;
	for (size_t i = 0; i < TOTAL; i++)
		fake.content[i] = (unsigned char)(i * 7);
	device = (struct mig_device){ .sys = &fake.sys,
				      .fd = DEVICE,
				      .name = "dev",
				      .informed = true,
				      .flags = VFIO_DEVICE_FLAGS_RESET };
	port = (struct mig_port){ .proto = &mig_proto_v2,
				  .device = &device,
				  .caps = caps,
				  .data_fd = -1,
				  .dead_fd = -1,
				  .set_took = -1 };
	assert_int_equal(mig_conform_list(MIG_PROTOCOL_V2, caps, &options, &tests, &count, &error),
			 0);
	assert_int_equal(count, 1);
	assert_int_equal(mig_conform_run(&run, &port, tests, count, &options, &host, &stop, &error),
			 0);
	free(tests);
	assert_int_equal(run.count, 1);
	assert_int_equal(fake.state, MIG_STATE_RUNNING);
	return &run.items[0];
}

/* The verdict, and words of what it is told with. */
static void says(const char *name, struct wrong wrong, enum mig_check_verdict verdict,
		 const char *words)
{
	const struct mig_conform_item *item = ask(name, wrong);

	if (item->verdict != verdict || !strstr(item->detail ? item->detail : "", words))
		fail_msg("%s: %s: %s", name, mig_check_verdict_name(item->verdict),
			 item->detail ? item->detail : "");
}

static void nothing_is_wrong(void **unused)
{
	static const char *const names[] = {
		"data/drains",        "data/stream-fd",     "data/repeatable",
		"data/any-size",      "data/pre-copy-end",  "data/kept-across-abort",
		"data/size-estimate", "data/pre-copy-info", "data/kept-across-pre-copy",
		"data/initial-bytes", "data/one-session",   "data/dead-after-stop-copy",
		"resume/round-trip",  "resume/any-size",    "resume/from-pre-copy",
		"resume/stream-fd",   "resume/truncated",   "resume/dead-after-load",
		"resume/nothing",     "resume/too-much",    "resume/reset-aborts",
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(names); i++)
		says(names[i], (struct wrong){ 0 }, MIG_CHECK_PASS, "");
}

static void what_changes_by_itself_is_no_fault(void **unused)
{
	(void)unused;
	says("data/repeatable", (struct wrong){ .unsteady = true }, MIG_CHECK_WARN,
	     "differ at byte 0");
	says("data/any-size", (struct wrong){ .unsteady = true }, MIG_CHECK_PASS, "not compared");
	says("data/kept-across-abort", (struct wrong){ .unsteady = true, .loses = true },
	     MIG_CHECK_PASS, "not compared");
}

static void what_an_abort_loses_is(void **unused)
{
	(void)unused;
	says("data/kept-across-abort", (struct wrong){ .loses = true }, MIG_CHECK_FAIL,
	     "differ at byte 1");
	/* It ran, and its data is its own affair. */
	says("data/kept-across-pre-copy", (struct wrong){ .loses = true }, MIG_CHECK_WARN,
	     "half read");
}

static void a_stream_has_an_end(void **unused)
{
	(void)unused;
	says("data/drains", (struct wrong){ .endless = true }, MIG_CHECK_FAIL, "no end");
	/* One that says so is large, and no more is known of it. */
	says("data/drains", (struct wrong){ .endless = true, .estimate = 1u << 31 }, MIG_CHECK_SKIP,
	     "64 MiB");
	says("data/any-size", (struct wrong){ .endless = true, .estimate = 1u << 31 },
	     MIG_CHECK_SKIP, "the group data");
	says("data/size-estimate", (struct wrong){ .estimate = TOTAL - 9 }, MIG_CHECK_PASS,
	     "191 bytes were expected, and 200 came");
	says("data/size-estimate", (struct wrong){ .estimate = TOTAL / 2 }, MIG_CHECK_WARN,
	     "100 bytes were expected, and 200 came");
	says("data/dead-after-stop-copy", (struct wrong){ .dead_ends = true }, MIG_CHECK_FAIL,
	     "as if the state were whole");
}

static void pre_copy_ends_for_now(void **unused)
{
	(void)unused;
	says("data/pre-copy-end", (struct wrong){ .always_more = true }, MIG_CHECK_PASS,
	     "always more");
	says("data/pre-copy-end", (struct wrong){ .dirty = 5 }, MIG_CHECK_WARN, "dirty_bytes is 5");
	says("data/pre-copy-end", (struct wrong){ .initial = 3 }, MIG_CHECK_FAIL,
	     "initial_bytes is 3");
}

static void loads_are_judged(void **unused)
{
	(void)unused;
	says("resume/truncated", (struct wrong){ .part_runs = true }, MIG_CHECK_FAIL,
	     "the state is running");
	says("resume/truncated", (struct wrong){ .part_taken = true }, MIG_CHECK_WARN,
	     "100 of 200 bytes are taken");
	says("resume/round-trip", (struct wrong){ .grows = true }, MIG_CHECK_WARN, "at byte 199");
}

static void an_interruption_is_not_for_ever(void **unused)
{
	(void)unused;
	says("data/drains", (struct wrong){ .eintr = 3 }, MIG_CHECK_PASS, "200 bytes");
	says("resume/any-size", (struct wrong){ .eintr = 3 }, MIG_CHECK_PASS, "");
	says("data/drains", (struct wrong){ .eintr = UINT32_MAX }, MIG_CHECK_FAIL,
	     "Interrupted system call");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong),
		cmocka_unit_test(what_changes_by_itself_is_no_fault),
		cmocka_unit_test(what_an_abort_loses_is),
		cmocka_unit_test(a_stream_has_an_end),
		cmocka_unit_test(pre_copy_ends_for_now),
		cmocka_unit_test(loads_are_judged),
		cmocka_unit_test(an_interruption_is_not_for_ever),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	mig_conform_clear(&run);
	return failed;
}
