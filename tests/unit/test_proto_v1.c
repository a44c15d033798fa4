// SPDX-License-Identifier: GPL-2.0-or-later
#include "script.h"

#include <linux/vfio.h>

#include "migctl/proto.h"

#define FEATURE _IO(';', 100 + 17)
#define HEAD sizeof(struct vfio_region_info)
enum {
	DEVICE = 12
};
#define AT 0x90000 /* where the region lies on the device's descriptor */

struct typed {
	struct vfio_region_info info;
	struct vfio_region_info_cap_type cap;
};

static const struct vfio_region_info plain = { HEAD, 3, 0, 0, 0x1000, 0 };
static const struct vfio_region_info longer = { sizeof(struct typed), 0xb, 0, 0, 0x10000, AT };
static const struct typed migration = { { sizeof(struct typed), 0xb, 0, HEAD, 0x10000, AT },
					{ { 2, 1, 0 }, 3, 1 } };
static const uint64_t pending;
static const uint32_t running = 1;

#define NO_V2 IOCTL_(DEVICE, FEATURE, -ENOTTY, .size = 16)
#define INFO(answer) IOCTL_(DEVICE, VFIO_DEVICE_GET_INFO, 0, BYTES_(answer))
#define REGION(ret, answer) IOCTL_(DEVICE, VFIO_DEVICE_GET_REGION_INFO, ret, BYTES_(answer))
#define REGISTER(how, offs, width, answer, ...) \
	{ \
		.kind = SCRIPT_##how, .fd = DEVICE, .size = (width), .offset = AT + (offs), \
		.ret = (answer), ##__VA_ARGS__ \
	}
#define PENDING REGISTER(PREAD, 8, 8, 8, BYTES_(pending))
#define FIND NO_V2, INFO(info), REGION(0, longer), REGION(0, migration)
#define GET(raw) REGISTER(PREAD, 0, 4, 4, BYTES_(raw))
#define PUT(raw, ret) REGISTER(PWRITE, 0, 4, ret, EXPECT_(raw))

static struct script script;
static struct mig_device device;
static struct mig_port port;
static struct mig_error error;

static int run(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	memset(&error, 0, sizeof(error));
	device = (struct mig_device){ .sys = &script.sys, .fd = DEVICE, .name = "dev" };
	return mig_port_open(&port, &device, &error);
}

/* A port on a region that was found; the script is of what comes then. */
static void begin(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	memset(&error, 0, sizeof(error));
	device = (struct mig_device){ .sys = &script.sys, .fd = DEVICE, .name = "dev" };
	port = (struct mig_port){ .proto = &mig_proto_v1,
				  .device = &device,
				  .region = { .size = 0x10000, .offset = AT },
				  .data_fd = -1,
				  .dead_fd = -1 };
}

static void test_found_at_any_index(void **state)
{
	(void)state;
	for (uint32_t index = 0; index < 12; index++) {
		const struct vfio_device_info info = { .num_regions = index + 1 };
		struct script_call calls[20] = { NO_V2, INFO(info) };
		size_t count = 2;

		for (uint32_t i = 0; i < index; i++) /* every third one is not there at all */
			calls[count++] = (struct script_call)REGION(i % 3 ? 0 : -EINVAL, plain);
		calls[count++] = (struct script_call)REGION(0, longer);
		calls[count++] = (struct script_call)REGION(0, migration);
		calls[count++] = (struct script_call)GET(running);
		calls[count++] = (struct script_call)PENDING;
		if (run(calls, count))
			fail_msg("%s", error.text);
		assert_ptr_equal(port.proto, &mig_proto_v1);
		assert_int_equal(port.proto->id, MIG_PROTOCOL_V1);
		assert_int_equal(port.region.index, index);
		assert_int_equal(port.region.offset, AT);
		assert_int_equal(port.caps, MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY);
		assert_int_equal(mig_port_close(&port, &error), 0);
		script_end(&script);
	}
}

static void found_nothing(const struct script_call *calls, size_t count, const char *word)
{
	assert_int_equal(run(calls, count), -ENOTTY);
	assert_int_equal(error.kind, MIG_KIND_NO_MIGRATION);
	assert_int_equal(error.cause, MIG_CAUSE_NO_PROTOCOL);
	if (!strstr(error.text, word))
		fail_msg("\"%s\" does not say \"%s\"", error.text, word);
	script_end(&script);
}

static void test_nothing(void **state)
{
	const struct vfio_device_info info = { .num_regions = 1 }, none = { .num_regions = 0 };
	struct typed other = migration;
	const struct script_call no_regions[] = { NO_V2, INFO(none) };
	const struct script_call untyped[] = { NO_V2, INFO(info), REGION(0, plain) };
	const struct script_call typed[] = { NO_V2, INFO(info), REGION(0, longer),
					     REGION(0, other) };

	(void)state;
	found_nothing(no_regions, COUNT(no_regions), "none of its regions");
	found_nothing(untyped, COUNT(untyped), "none of its regions");
	other.cap.type = 2;
	found_nothing(typed, COUNT(typed), "none of its regions");
	other.cap.type = 3;
	other.cap.subtype = 2;
	found_nothing(typed, COUNT(typed), "none of its regions");
}

/* What was met instead is named: each of these is no v1 region. */
static void test_unfit(void **state)
{
	const struct vfio_device_info info = { .num_regions = 1 };
	struct vfio_region_info first = longer;
	struct typed second = migration;
	const struct script_call calls[] = { NO_V2, INFO(info), REGION(0, first),
					     REGION(0, second) };

	(void)state;
	first.size = 31;
	found_nothing(calls, COUNT(calls), "too small");
	first.size = 0;
	found_nothing(calls, COUNT(calls), "too small");
	first = longer;
	first.flags = VFIO_REGION_INFO_FLAG_CAPS | VFIO_REGION_INFO_FLAG_READ;
	found_nothing(calls, COUNT(calls), "cannot be read and written");
	first.flags = VFIO_REGION_INFO_FLAG_CAPS | VFIO_REGION_INFO_FLAG_WRITE;
	found_nothing(calls, COUNT(calls), "cannot be read and written");
	first = longer;
	first.offset = INT64_MAX; /* its end is past what off_t can say */
	found_nothing(calls, COUNT(calls), "too small or");
	first.offset = UINT64_MAX - 0xffff;
	found_nothing(calls, COUNT(calls), "too small or");
	first.offset = 0x8000000000000000;
	first.size = 0x8000000000000010;
	found_nothing(calls, COUNT(calls), "too small or");
	first = longer;
	second.info.cap_offset = 8;
	found_nothing(calls, COUNT(calls), "outside the reply");
	second.info.cap_offset = HEAD;
	second.cap.header.id = 77;
	second.cap.header.next = HEAD;
	found_nothing(calls, COUNT(calls), "loops");
}

static void test_openeuler(void **state)
{
	static const uint32_t command = 1;
	const struct vfio_device_info info = { .num_regions = 1 };
	const struct script_call calls[] = { FIND, GET(running), REGISTER(PREAD, 8, 8, -EINVAL),
					     REGISTER(PREAD, 8, 4, 4, BYTES_(command)) };

	(void)state;
	found_nothing(calls, COUNT(calls), "openEuler");
}

/* Drivers that stumble over pending_bytes in another way are v1 still. */
static void test_pending_bytes_fail(void **state)
{
	const struct vfio_device_info info = { .num_regions = 1 };
	struct script_call calls[] = { FIND, GET(running), REGISTER(PREAD, 8, 8, 0),
				       REGISTER(PREAD, 8, 4, -EINVAL) };

	(void)state;
	assert_int_equal(run(calls, 6), 0); /* mlx5 may answer with 0 bytes */
	script_end(&script);
	calls[5].ret = -EIO;
	assert_int_equal(run(calls, 6), 0);
	script_end(&script);
	calls[5].ret = -EINVAL; /* and 4 bytes do not work either */
	assert_int_equal(run(calls, 7), 0);
	script_end(&script);
}

/* What another process uses is not asked, and said to be unchecked. */
static void test_shared_is_unchecked(void **state)
{
	const struct vfio_device_info info = { .num_regions = 1 };
	const struct script_call calls[] = { FIND, GET(running), PENDING };

	(void)state;
	assert_int_equal(run(calls, COUNT(calls)), 0);
	assert_false(port.unchecked);
	script_end(&script);
	begin(calls, COUNT(calls) - 2);
	device.shared = true;
	assert_int_equal(mig_port_open(&port, &device, &error), 0);
	assert_ptr_equal(port.proto, &mig_proto_v1);
	assert_true(port.unchecked);
	script_end(&script);
}

/*
 * While a device saves, reading pending_bytes acknowledges a window; who only
 * looks must not. The reserved bits do not hide it.
 */
static void test_saving_is_left_alone(void **state)
{
	static const uint32_t saving[] = { 2, 3, 6, 0xfffffffa },
			      others[] = { 0, 1, 4, 0xfffffff9 };
	const struct vfio_device_info info = { .num_regions = 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(saving); i++) {
		const struct script_call calls[] = { FIND, GET(saving[i]) };

		assert_int_equal(run(calls, COUNT(calls)), 0);
		assert_ptr_equal(port.proto, &mig_proto_v1);
		assert_true(port.unchecked);
		script_end(&script);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct script_call calls[] = { FIND, GET(others[i]), PENDING };

		assert_int_equal(run(calls, COUNT(calls)), 0);
		script_end(&script);
	}
}

/* Nor is a guess made when the state is not known. */
static void test_state_unreadable(void **state)
{
	static const long answers[] = { -EIO, -EFAULT, -EINVAL, 0, 2 };
	const struct vfio_device_info info = { .num_regions = 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct script_call calls[] = { FIND, REGISTER(PREAD, 0, 4, answers[i]) };

		assert_int_equal(run(calls, COUNT(calls)), 0);
		assert_ptr_equal(port.proto, &mig_proto_v1);
		script_end(&script);
	}
}

static void test_probe_fails(void **state)
{
	const struct vfio_device_info info = { .num_regions = 3 };
	const struct script_call no_info[] = { NO_V2, IOCTL_(DEVICE, VFIO_DEVICE_GET_INFO, -EIO) };
	const struct script_call no_region[] = { NO_V2, INFO(info), REGION(-EIO, plain) };
	struct script_call hangs[] = { FIND, GET(running), PENDING };

	(void)state;
	assert_int_equal(run(no_info, COUNT(no_info)), -EIO);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	script_end(&script);
	assert_int_equal(run(no_region, COUNT(no_region)), -EIO);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	script_end(&script);
	for (size_t at = 1; at < COUNT(hangs); at++) {
		const struct script_call saved = hangs[at];

		hangs[at].stuck = true;
		assert_int_equal(run(hangs, at + 1), -ETIMEDOUT);
		assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
		script_end(&script);
		hangs[at] = saved;
	}
}

/* A driver that claims regions without end is asked a bounded number of times. */
static void test_many_regions(void **state)
{
	static struct script_call calls[MIG_REGIONS_MAX + 2];
	const struct vfio_device_info info = { .num_regions = UINT32_MAX };

	(void)state;
	calls[0] = (struct script_call)NO_V2;
	calls[1] = (struct script_call)INFO(info);
	for (size_t i = 0; i < MIG_REGIONS_MAX; i++)
		calls[i + 2] = (struct script_call)REGION(-EINVAL, plain);
	found_nothing(calls, COUNT(calls), "none of its regions");
}

static void test_get(void **state)
{
	static const uint32_t raw = 0xabcdef03;
	const struct script_call calls[] = { GET(raw), REGISTER(PREAD, 0, 4, 2),
					     REGISTER(PREAD, 0, 4, 0),
					     REGISTER(PREAD, 0, 4, -EFAULT) };
	struct mig_reading reading;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(port.proto->get(&port, &reading, &error), 0);
	assert_int_equal(reading.state, MIG_STATE_PRE_COPY);
	assert_int_equal(reading.raw, raw);
	assert_int_equal(port.proto->get(&port, &reading, &error), -EIO);
	assert_int_equal(port.proto->get(&port, &reading, &error), -EIO);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_int_equal(port.proto->get(&port, &reading, &error), -EFAULT);
	assert_int_equal(error.err, EFAULT);
	script_end(&script);
}

/* Bits 3-31 come back as they were last read, whatever the state; nothing is read for it. */
static void test_set(void **state)
{
	static const uint32_t reserved[] = { 0, 0xfffffff8, 0x80000008 };

	(void)state;
	for (size_t i = 0; i < COUNT(reserved); i++) {
		for (int s = 0; s < MIG_STATE_COUNT; s++) {
			const uint32_t was = reserved[i] | 1,
				       is = reserved[i] | mig_v1_wire((enum mig_state)s);
			const struct script_call calls[] = { PUT(is, 4) };

			if (!mig_state_in(MIG_PROTOCOL_V1, (enum mig_state)s))
				continue;
			begin(calls, COUNT(calls));
			assert_int_equal(port.proto->set(&port, mig_v1_reading(was),
							 (enum mig_state)s, &error),
					 0);
			assert_int_equal(port.set_ns, 1000);
			assert_int_equal(port.set_took, 4);
			script_end(&script);
		}
	}
}

/* What has no errno gets none: the driver took too few bytes, or claims too many. */
static void test_set_fails(void **state)
{
	static const uint32_t is = 0x83;
	static const struct {
		long answer;
		int expected, err, took;
	} answers[] = { { 0, -EIO, 0, 0 },
			{ 2, -EIO, 0, 2 },
			{ 3, -EIO, 0, 3 },
			{ 5, -EIO, 0, 5 },
			{ -EBUSY, -EBUSY, EBUSY, -1 } };

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct script_call calls[] = { PUT(is, answers[i].answer) };

		begin(calls, COUNT(calls));
		port.set_took = 77;
		assert_int_equal(
			port.proto->set(&port, mig_v1_reading(0x81), MIG_STATE_PRE_COPY, &error),
			answers[i].expected);
		assert_int_equal(error.kind, MIG_KIND_FAILED);
		assert_int_equal(error.err, answers[i].err);
		assert_int_equal(port.set_took, answers[i].took);
		assert_non_null(strstr(error.text, "pre-copy"));
		assert_int_equal(strstr(error.text, "of 4 bytes") != NULL, answers[i].took >= 0);
		script_end(&script);
	}
}

static void test_set_stuck(void **state)
{
	static const uint32_t is = 0;
	const struct script_call calls[] = { REGISTER(PWRITE, 0, 4, 1, EXPECT_(is),
						      .stuck = true) };

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(port.proto->set(&port, mig_v1_reading(1), MIG_STATE_STOP, &error),
			 -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_int_equal(port.set_took, -1);
	assert_int_equal(port.set_ns, 1000);
	script_end(&script);
}

static void test_size(void **state)
{
	uint64_t bytes = 7;

	(void)state;
	begin(NULL, 0);
	assert_int_equal(port.proto->size(&port, &bytes, &error), -ENODATA);
	assert_int_equal(bytes, 7);
	script_end(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_at_any_index),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_unfit),
		cmocka_unit_test(test_openeuler),
		cmocka_unit_test(test_pending_bytes_fail),
		cmocka_unit_test(test_shared_is_unchecked),
		cmocka_unit_test(test_saving_is_left_alone),
		cmocka_unit_test(test_state_unreadable),
		cmocka_unit_test(test_probe_fails),
		cmocka_unit_test(test_many_regions),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_fails),
		cmocka_unit_test(test_set_stuck),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
