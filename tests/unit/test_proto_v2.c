// SPDX-License-Identifier: GPL-2.0-or-later
/* The payloads are written out here from the notes, not taken from src/vfio. */
#include "script.h"

#include <linux/vfio.h>

#include "migctl/proto.h"

#define FEATURE _IO(';', 100 + 17)
#define PRECOPY_INFO _IO(';', 100 + 21)
#define GET (1u << 16)
#define SET (1u << 17)
#define PROBE (1u << 18)
enum {
	DEVICE = 12,
	DATA = 20
};

struct header {
	uint32_t argsz, flags;
};
struct migration {
	struct header header;
	uint64_t flags;
};
struct state {
	struct header header;
	uint32_t device_state;
	int32_t data_fd;
};
struct precopy {
	uint32_t argsz, flags;
	uint64_t initial_bytes, dirty_bytes;
};

static const struct header get_migration = { 16, GET | 1 }, get_state = { 16, GET | 2 },
			   get_size = { 16, GET | 9 };

#define ASK(what, ret, ...) IOCTL_(DEVICE, FEATURE, ret, .size = 16, EXPECT_(what), ##__VA_ARGS__)

static struct script script;
static struct mig_device device;
static struct mig_port port;
static struct mig_error error;

static void begin(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	memset(&error, 0, sizeof(error));
	device = (struct mig_device){ .sys = &script.sys, .fd = DEVICE, .name = "dev" };
	port = (struct mig_port){
		.proto = &mig_proto_v2, .device = &device, .data_fd = -1, .dead_fd = -1
	};
}

static void test_probe(void **state)
{
	static const struct {
		uint64_t flags;
		unsigned int caps;
	} answers[] = {
		{ 1, 1 }, { 3, 3 }, { 5, 5 },          { 7, 7 },
		{ 0, 0 }, { 8, 0 }, { UINT64_MAX, 7 }, { 0x100000001, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct migration answer = { { 16, GET | 1 }, answers[i].flags };
		const struct script_call calls[] = { ASK(get_migration, 0, BYTES_(answer)) };

		begin(calls, COUNT(calls));
		memset(&port, 0xa5, sizeof(port));
		assert_int_equal(mig_port_open(&port, &device, &error), 0);
		assert_ptr_equal(port.proto, &mig_proto_v2);
		assert_int_equal(port.caps, answers[i].caps);
		assert_int_equal(port.data_fd, -1);
		assert_int_equal(port.dead_fd, -1);
		assert_int_equal(port.set_took, -1);
		assert_int_equal(mig_port_close(&port, &error), 0);
		script_end(&script);
	}
}

/* ENOTTY and EINVAL lead on to v1, which has no region here; others do not. */
static void test_probe_fails(void **state)
{
	static const int leads_on[] = { -ENOTTY, -EINVAL }, ends[] = { -EIO, -ENODEV, -ENOTCONN };
	const struct vfio_device_info info = { .num_regions = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(leads_on); i++) {
		const struct script_call calls[] = { ASK(get_migration, leads_on[i]),
						     IOCTL_(DEVICE, VFIO_DEVICE_GET_INFO, 0,
							    BYTES_(info)) };

		begin(calls, COUNT(calls));
		assert_int_equal(mig_port_open(&port, &device, &error), -ENOTTY);
		assert_int_equal(error.kind, MIG_KIND_NO_MIGRATION);
		assert_int_equal(error.cause, MIG_CAUSE_NO_PROTOCOL);
		script_end(&script);
	}
	for (size_t i = 0; i < COUNT(ends); i++) {
		const struct script_call calls[] = { ASK(get_migration, ends[i]) };

		begin(calls, COUNT(calls));
		assert_int_equal(mig_port_open(&port, &device, &error), ends[i]);
		assert_int_equal(error.kind, MIG_KIND_FAILED);
		script_end(&script);
	}
}

static void test_probe_stuck(void **state)
{
	const struct script_call calls[] = { ASK(get_migration, 1, .stuck = true) };

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(mig_port_open(&port, &device, &error), -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_int_equal(script.after_stuck, 0); /* v1 is not tried then */
	script_end(&script);
}

static void test_get(void **state)
{
	static const uint32_t raws[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, UINT32_MAX };
	const struct script_call failing[] = { ASK(get_state, -EIO) };
	struct mig_reading reading;

	(void)state;
	for (size_t i = 0; i < COUNT(raws); i++) {
		const struct state answer = { { 16, GET | 2 }, raws[i], -1 };
		const struct script_call calls[] = { ASK(get_state, 0, BYTES_(answer)) };

		begin(calls, COUNT(calls));
		assert_int_equal(port.proto->get(&port, &reading, &error), 0);
		assert_int_equal(reading.raw, raws[i]);
		assert_int_equal(reading.state, i < 8 ? i : MIG_STATE_INVALID);
		script_end(&script);
	}
	begin(failing, COUNT(failing));
	assert_int_equal(port.proto->get(&port, &reading, &error), -EIO);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	script_end(&script);
}

static const struct mig_reading last = { MIG_STATE_RUNNING, UINT32_MAX };

/* One SET: what is written, and what becomes of the data_fds. */
static void set(enum mig_state to, int old_fd, int new_fd, int kept_fd)
{
	const struct state request = { { 16, SET | 2 }, (uint32_t)to, -1 };
	const struct state answer = { { 16, SET | 2 }, (uint32_t)to, new_fd };
	const struct script_call calls[] = { ASK(request, 0, BYTES_(answer)) };

	begin(calls, COUNT(calls));
	if (old_fd >= 0)
		script_has_fd(&script, old_fd);
	if (new_fd >= 0)
		script_has_fd(&script, new_fd);
	port.data_fd = old_fd;
	port.set_took = 77;
	assert_int_equal(port.proto->set(&port, last, to, &error), 0);
	assert_int_equal(port.set_ns, 1000);
	assert_int_equal(port.set_took, -1);
	assert_int_equal(port.data_fd, kept_fd);
	/* Closing waits: the driver may take its time, and the state is read first. */
	assert_int_equal(port.dead_fd, old_fd != kept_fd ? old_fd : -1);
	assert_int_equal(script.closed_count, 0);
	assert_int_equal(mig_port_settle(&port, &error), 0);
	assert_int_equal(port.dead_fd, -1);
	assert_int_equal(port.data_fd, kept_fd);
	assert_int_equal(script.closed_count, old_fd >= 0 && old_fd != kept_fd);
	assert_int_equal(mig_port_close(&port, &error), 0);
	assert_int_equal(port.data_fd, -1);
	assert_int_equal(mig_port_close(&port, &error), 0); /* once is enough */
	script_end(&script);
}

static void test_set_data_fd(void **state)
{
	(void)state;
	for (int to = 0; to < MIG_STATE_COUNT; to++)
		set((enum mig_state)to, -1, -1, -1);
	set(MIG_STATE_PRE_COPY, -1, DATA, DATA);
	set(MIG_STATE_RESUMING, -1, DATA, DATA);
	/* It outlives the way from pre-copy to STOP_COPY, where none comes. */
	set(MIG_STATE_PRE_COPY_P2P, DATA, -1, DATA);
	set(MIG_STATE_PRE_COPY, DATA, -1, DATA);
	set(MIG_STATE_STOP_COPY, DATA, -1, DATA);
	/* Whatever state comes after, the session is over. */
	set(MIG_STATE_STOP, DATA, -1, -1);
	set(MIG_STATE_RUNNING, DATA, -1, -1);
	set(MIG_STATE_RUNNING_P2P, DATA, -1, -1);
	/* A new one ends the old one: STOP_COPY to RESUMING in one SET. */
	set(MIG_STATE_RESUMING, DATA, DATA + 1, DATA + 1);
	set(MIG_STATE_STOP_COPY, DATA, DATA + 1, DATA + 1);
	/* Descriptor 0 is one like any. */
	set(MIG_STATE_STOP_COPY, -1, 0, 0);
	set(MIG_STATE_STOP, 0, -1, -1);
}

/* After a failure the kernel copies the request back: no data_fd is taken from it. */
static void test_set_fails(void **state)
{
	static const int errors[] = { EINVAL, EIO, ENOTCONN, EBUSY };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		const struct state request = { { 16, SET | 2 }, MIG_STATE_STOP_COPY, -1 };
		const struct state back = { { 16, SET | 2 }, MIG_STATE_STOP_COPY, 0 };
		const struct script_call calls[] = { ASK(request, -errors[i], BYTES_(back)) };

		begin(calls, COUNT(calls));
		script_has_fd(&script, DATA);
		port.data_fd = DATA;
		assert_int_equal(port.proto->set(&port, last, MIG_STATE_STOP_COPY, &error),
				 -errors[i]);
		assert_int_equal(port.set_took, -1);
		assert_int_equal(port.dead_fd, -1);
		assert_int_equal(error.err, errors[i]);
		assert_non_null(strstr(error.text, "stop-copy"));
		assert_int_equal(port.data_fd, DATA);
		assert_int_equal(mig_port_close(&port, &error), 0);
		script_end(&script);
	}
}

/* Both are closed, the one that ended first. What close(2) says of it is no news. */
static void test_close(void **state)
{
	(void)state;
	begin(NULL, 0);
	script_has_fd(&script, DATA);
	script_has_fd(&script, DATA + 1);
	script.close_ret = -EIO;
	port.dead_fd = DATA + 1;
	port.data_fd = DATA;
	assert_int_equal(mig_port_close(&port, &error), 0);
	assert_int_equal(script.closed_count, 2);
	assert_int_equal(script.closed[0], DATA + 1);
	assert_int_equal(port.dead_fd, -1);
	assert_int_equal(port.data_fd, -1);
	script_end(&script);
}

/* Nothing is tried on a seam that is stuck already, and that is no new failure. */
static void test_close_when_stuck(void **state)
{
	(void)state;
	begin(NULL, 0);
	port.data_fd = DATA;
	port.dead_fd = DATA + 1;
	script.stuck.stuck = true;
	assert_int_equal(mig_port_settle(&port, &error), 0);
	assert_int_equal(mig_port_close(&port, &error), 0);
	assert_int_equal(port.data_fd, -1);
	assert_int_equal(port.dead_fd, -1);
	assert_int_equal(script.after_stuck, 0);
}

/* A release that does not come back is told, and nothing is closed after it. */
static void test_close_hangs(void **state)
{
	(void)state;
	for (int settle = 0; settle < 2; settle++) {
		begin(NULL, 0);
		script_has_fd(&script, DATA);
		script_has_fd(&script, DATA + 1);
		script.close_hangs = true;
		port.dead_fd = DATA + 1;
		port.data_fd = DATA;
		assert_int_equal(settle ? mig_port_settle(&port, &error)
					: mig_port_close(&port, &error),
				 -ETIMEDOUT);
		assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
		assert_non_null(strstr(error.text, "data_fd"));
		assert_non_null(strstr(error.hint, "4242"));
		assert_int_equal(port.dead_fd, -1);
		assert_int_equal(script.closed_count, 0);
		assert_int_equal(mig_port_close(&port, &error), 0);
		assert_int_equal(script.after_stuck, 0);
		script_end(&script);
	}
}

static void test_size(void **state)
{
	const struct migration answer = { { 16, GET | 9 }, 0x123456789 };
	const struct script_call calls[] = { ASK(get_size, 0, BYTES_(answer)),
					     ASK(get_size, -ENOTTY), ASK(get_size, -EIO) };
	uint64_t bytes = 7;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(port.proto->size(&port, &bytes, &error), 0);
	assert_int_equal(bytes, 0x123456789);
	assert_int_equal(port.proto->size(&port, &bytes, &error), -ENODATA);
	assert_int_equal(port.proto->size(&port, &bytes, &error), -EIO);
	assert_int_equal(bytes, 0x123456789); /* unknown is never 0 */
	script_end(&script);
}

static void test_dma_logging(void **state)
{
	static const struct header probe = { 8, PROBE | SET | 6 };
	static const struct {
		int answer, expected;
	} answers[] = { { 0, 1 }, { -ENOTTY, 0 }, { -EINVAL, 0 }, { -EIO, -EIO } };

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct script_call calls[] = { IOCTL_(DEVICE, FEATURE, answers[i].answer,
							    .size = 8, EXPECT_(probe)) };

		begin(calls, COUNT(calls));
		assert_int_equal(mig_port_dma_logging(&port), answers[i].expected);
		script_end(&script);
	}
}

static void test_precopy(void **state)
{
	static const struct precopy request = { 24, 0, 0, 0 }, answer = { 24, 5, 4096, 512 };
	const struct script_call calls[] = {
		IOCTL_(DATA, PRECOPY_INFO, 0, .size = 24, EXPECT_(request), BYTES_(answer)),
		IOCTL_(DATA, PRECOPY_INFO, -EINVAL), IOCTL_(DATA, PRECOPY_INFO, -EIO)
	};
	struct mig_precopy precopy;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(mig_port_precopy(&port, &precopy, &error), -ENODATA);
	assert_int_equal(script.next, 0); /* no data_fd, nobody to ask */
	port.data_fd = DATA;
	assert_int_equal(mig_port_precopy(&port, &precopy, &error), 0);
	assert_int_equal(precopy.initial_bytes, 4096);
	assert_int_equal(precopy.dirty_bytes, 512);
	assert_int_equal(mig_port_precopy(&port, &precopy, &error), -ENODATA);
	assert_int_equal(mig_port_precopy(&port, &precopy, &error), -EIO);
	assert_int_equal(error.err, EIO);
	script_end(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe),       cmocka_unit_test(test_probe_fails),
		cmocka_unit_test(test_probe_stuck), cmocka_unit_test(test_get),
		cmocka_unit_test(test_set_data_fd), cmocka_unit_test(test_set_fails),
		cmocka_unit_test(test_close),       cmocka_unit_test(test_close_when_stuck),
		cmocka_unit_test(test_close_hangs), cmocka_unit_test(test_size),
		cmocka_unit_test(test_dma_logging), cmocka_unit_test(test_precopy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
