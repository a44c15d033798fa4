// SPDX-License-Identifier: GPL-2.0-or-later
/* --trace: what each line says, and that the answers pass through untouched. */
#include "script.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/mman.h>

#include "migctl/sys.h"

#define FEATURE _IO(';', 100 + 17)
#define GET (1u << 16)
#define SET (1u << 17)
#define PROBE (1u << 18)

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

static struct script script;
static struct mig_sys *trace;
static char last[1024], all[8][128];
static size_t lines;

static void sink(void *context, const char *line)
{
	assert_ptr_equal(context, &script);
	snprintf(last, sizeof(last), "%s", line);
	snprintf(all[lines % COUNT(all)], sizeof(all[0]), "%s", line);
	lines++;
}

static void begin(const struct script_call *calls, size_t count)
{
	script_begin(&script, calls, count);
	lines = 0;
	trace = mig_sys_trace_open(&script.sys, sink, &script);
	assert_non_null(trace);
}

static void end(void)
{
	mig_sys_trace_close(trace);
	script_end(&script);
}

/* The time is the script's: a microsecond for the first call, two for the second. */
static void line_is(const char *expected)
{
	assert_string_equal(last, expected);
}

/* On the heap to its exact size, so that ASan sees a byte too far. */
static void traced(unsigned long request, const void *arg, size_t size, int answer,
		   const char *expected)
{
	const struct script_call calls[] = { IOCTL_(7, request, answer) };
	void *exact = size ? malloc(size) : NULL;

	if (size)
		memcpy(exact, arg, size);
	begin(calls, 1);
	assert_int_equal(trace->ops->ioctl(trace, 7, request, exact, size), answer);
	assert_int_equal(lines, 1);
	assert_int_equal(trace->elapsed_ns, 1000);
	line_is(expected);
	end();
	free(exact);
}

static void test_openat_close(void **state)
{
	const struct script_call calls[] = { OPEN_("/dev/vfio/26", 5), OPEN_("/x", -EBUSY),
					     GETFD_(812, 31, -EPERM) };

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(trace->ops->openat(trace, AT_FDCWD, "/dev/vfio/26", O_RDWR), 5);
	line_is("open(\"/dev/vfio/26\", O_RDWR) = 5 <0.000001>");
	assert_int_equal(trace->ops->openat(trace, AT_FDCWD, "/x", O_RDONLY), -EBUSY);
	line_is("open(\"/x\", O_RDONLY) = -1 EBUSY <0.000002>");
	assert_int_equal(trace->ops->close(trace, 5), 0);
	line_is("close(5) = 0 <0.000002>");
	assert_int_equal(trace->ops->getfd(trace, 812, 31), -EPERM);
	line_is("pidfd_getfd(812, 31) = -1 EPERM <0.000003>");
	assert_int_equal(lines, 4);
	end();
}

static void test_registers(void **state)
{
	static const uint32_t raw = 3;
	static const uint64_t wide = 0x123456789;
	const struct script_call calls[] = {
		{ .kind = SCRIPT_PREAD,
		  .fd = 7,
		  .size = 4,
		  .offset = 0x90000,
		  .ret = 4,
		  BYTES_(raw) },
		{ .kind = SCRIPT_PREAD, .fd = 7, .size = 8, .offset = 8, .ret = 8, BYTES_(wide) },
		{ .kind = SCRIPT_PREAD, .fd = 7, .size = 8, .offset = 8, .ret = -EINVAL },
		{ .kind = SCRIPT_PREAD, .fd = 7, .size = 8, .offset = 8, .ret = 0 },
		{ .kind = SCRIPT_PWRITE, .fd = 7, .size = 4, .offset = 0, .ret = 4, EXPECT_(raw) },
		{ .kind = SCRIPT_PWRITE, .fd = 7, .size = 4, .offset = 0, .ret = 0 },
	};
	uint64_t value = 0;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(trace->ops->pread(trace, 7, &value, 4, 0x90000), 4);
	assert_int_equal(value, 3);
	line_is("pread(7, 4 at 0x90000) [0x3] = 4 <0.000001>");
	assert_int_equal(trace->ops->pread(trace, 7, &value, 8, 8), 8);
	line_is("pread(7, 8 at 0x8) [0x123456789] = 8 <0.000002>");
	assert_int_equal(trace->ops->pread(trace, 7, &value, 8, 8), -EINVAL);
	line_is("pread(7, 8 at 0x8) = -1 EINVAL <0.000003>");
	assert_int_equal(trace->ops->pread(trace, 7, &value, 8, 8), 0);
	line_is("pread(7, 8 at 0x8) = 0 <0.000004>");
	assert_int_equal(trace->ops->pwrite(trace, 7, &raw, 4, 0), 4);
	line_is("pwrite(7, 4 at 0x0) [0x3] = 4 <0.000005>");
	assert_int_equal(trace->ops->pwrite(trace, 7, &raw, 4, 0), 0);
	line_is("pwrite(7, 4 at 0x0) [0x3] = 0 <0.000006>");
	end();
}

static void test_opening(void **state)
{
	static const char name[] = "0000:06:00.1", token[] = "0000:06:00.1 vf_token=x",
			  odd[] = " vf_token=x vf_token=y";
	const int container = 11;
	const struct vfio_group_status status = { 8, VFIO_GROUP_FLAGS_VIABLE };
	const struct {
		uint32_t argsz, flags;
		int32_t iommufd;
		uint32_t out_devid;
	} bind = { 16, 0, 13, 2 };

	(void)state;
	traced(VFIO_GROUP_SET_CONTAINER, &container, sizeof(container), 0,
	       "ioctl(7, VFIO_GROUP_SET_CONTAINER, [11]) = 0 <0.000001>");
	traced(VFIO_GROUP_GET_STATUS, &status, sizeof(status), 0,
	       "ioctl(7, VFIO_GROUP_GET_STATUS, {flags=0x1}) = 0 <0.000001>");
	traced(VFIO_GROUP_GET_DEVICE_FD, name, sizeof(name), 12,
	       "ioctl(7, VFIO_GROUP_GET_DEVICE_FD, \"0000:06:00.1\") = 12 <0.000001>");
	/* The token itself is nobody's but its users'. */
	traced(VFIO_GROUP_GET_DEVICE_FD, token, sizeof(token), -EACCES,
	       "ioctl(7, VFIO_GROUP_GET_DEVICE_FD, \"0000:06:00.1 vf_token=...\") = -1 EACCES "
	       "<0.000001>");
	traced(VFIO_GROUP_GET_DEVICE_FD, odd, sizeof(odd), 12,
	       "ioctl(7, VFIO_GROUP_GET_DEVICE_FD, \" vf_token=...\") = 12 <0.000001>");
	traced(_IO(';', 118), &bind, sizeof(bind), 0,
	       "ioctl(7, VFIO_DEVICE_BIND_IOMMUFD, {iommufd=13 out_devid=2}) = 0 <0.000001>");
	traced(VFIO_DEVICE_RESET, NULL, 0, -EIO,
	       "ioctl(7, VFIO_DEVICE_RESET, 0) = -1 EIO <0.000001>");
}

static void test_values(void **state)
{
	const struct script_call calls[] = { IOCTL_(7, VFIO_SET_IOMMU, 0, .value = 3) };

	(void)state;
	begin(calls, 1);
	assert_int_equal(trace->ops->ioctl(trace, 7, VFIO_SET_IOMMU, (void *)3, 0), 0);
	line_is("ioctl(7, VFIO_SET_IOMMU, 3) = 0 <0.000001>");
	end();
}

static void test_information(void **state)
{
	const struct vfio_device_info info = { .flags = 3, .num_regions = 10, .num_irqs = 5 };
	const struct vfio_region_info region = { 48, 0xb, 9, 32, 0x10000, 0x90000 };
	const struct {
		uint32_t argsz, flags;
		uint64_t initial_bytes, dirty_bytes;
	} precopy = { 24, 0, 4096, 512 };

	(void)state;
	traced(VFIO_DEVICE_GET_INFO, &info, sizeof(info), 0,
	       "ioctl(7, VFIO_DEVICE_GET_INFO, {flags=0x3 num_regions=10 num_irqs=5}) = 0 "
	       "<0.000001>");
	traced(VFIO_DEVICE_GET_REGION_INFO, &region, sizeof(region), 0,
	       "ioctl(7, VFIO_DEVICE_GET_REGION_INFO, {argsz=48 flags=0xb index=9 cap_offset=32 "
	       "size=0x10000 offset=0x90000}) = 0 <0.000001>");
	traced(_IO(';', 121), &precopy, sizeof(precopy), 0,
	       "ioctl(7, VFIO_MIG_GET_PRECOPY_INFO, {initial_bytes=4096 dirty_bytes=512}) = 0 "
	       "<0.000001>");
}

/* What a call that failed has put there is nothing to show; what was asked is. */
static void test_failed(void **state)
{
	const struct vfio_device_info info = { .flags = 3, .num_regions = 10, .num_irqs = 5 };
	const struct vfio_region_info region = { 48, 0xb, 9, 32, 0x10000, 0x90000 };
	const struct vfio_group_status status = { 8, VFIO_GROUP_FLAGS_VIABLE };
	const struct migration caps = { { 16, GET | 1 }, 7 };
	const struct state get = { { 16, GET | 2 }, 2, 9 }, set = { { 16, SET | 2 }, 3, 9 };
	const int container = 11;

	(void)state;
	traced(VFIO_DEVICE_GET_INFO, &info, sizeof(info), -EIO,
	       "ioctl(7, VFIO_DEVICE_GET_INFO, {}) = -1 EIO <0.000001>");
	traced(VFIO_DEVICE_GET_REGION_INFO, &region, sizeof(region), -EINVAL,
	       "ioctl(7, VFIO_DEVICE_GET_REGION_INFO, {index=9}) = -1 EINVAL <0.000001>");
	traced(VFIO_GROUP_GET_STATUS, &status, sizeof(status), -EIO,
	       "ioctl(7, VFIO_GROUP_GET_STATUS, {}) = -1 EIO <0.000001>");
	traced(VFIO_GROUP_SET_CONTAINER, &container, sizeof(container), -EPERM,
	       "ioctl(7, VFIO_GROUP_SET_CONTAINER, [11]) = -1 EPERM <0.000001>");
	traced(FEATURE, &caps, sizeof(caps), -ENOTTY,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET MIGRATION}) = -1 ENOTTY <0.000001>");
	traced(FEATURE, &get, sizeof(get), -EIO,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET MIG_DEVICE_STATE}) = -1 EIO <0.000001>");
	traced(FEATURE, &set, sizeof(set), -ENOTCONN,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {SET MIG_DEVICE_STATE device_state=3 "
	       "(stop-copy)}) = -1 ENOTCONN <0.000001>");
}

static void test_features(void **state)
{
	const struct migration caps = { { 16, GET | 1 }, 7 }, size = { { 16, GET | 9 }, 0x1000 };
	const struct state get = { { 16, GET | 2 }, 2, -1 }, set = { { 16, SET | 2 }, 3, 9 },
			   odd = { { 16, GET | 2 }, 99, -1 };
	const struct header probe = { 8, PROBE | SET | 6 }, unknown = { 8, GET | 200 },
			    bare = { 8, SET | 2 };

	(void)state;
	traced(FEATURE, &caps, sizeof(caps), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET MIGRATION 0x7}) = 0 <0.000001>");
	traced(FEATURE, &size, sizeof(size), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET MIG_DATA_SIZE 0x1000}) = 0 <0.000001>");
	traced(FEATURE, &get, sizeof(get), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET MIG_DEVICE_STATE device_state=2 (running) "
	       "data_fd=-1}) = 0 <0.000001>");
	traced(FEATURE, &set, sizeof(set), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {SET MIG_DEVICE_STATE device_state=3 (stop-copy) "
	       "data_fd=9}) = 0 <0.000001>");
	traced(FEATURE, &odd, sizeof(odd), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET MIG_DEVICE_STATE device_state=99 "
	       "(invalid(0x63)) data_fd=-1}) = 0 <0.000001>");
	/* No more than the header: nothing behind it is read. */
	traced(FEATURE, &probe, sizeof(probe), -ENOTTY,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {PROBE SET DMA_LOGGING_START}) = -1 ENOTTY "
	       "<0.000001>");
	traced(FEATURE, &unknown, sizeof(unknown), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET feature 200}) = 0 <0.000001>");
	traced(FEATURE, &bare, sizeof(bare), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {SET MIG_DEVICE_STATE}) = 0 <0.000001>");
}

/* What was asked is shown also when it was refused. */
static void test_logging(void **state)
{
	static const uint64_t ranges[] = { 0, 4096, 0x10000, 0x2000, 1, 2, 3, 4, 5, 6 };
	struct {
		struct header header;
		uint64_t page_size;
		uint32_t count, reserved;
		uint64_t ranges;
	} start = { { 32, SET | 6 }, 4096, 2, 0, (uintptr_t)ranges };
	const struct header stop = { 8, SET | 7 };
	const struct {
		struct header header;
		uint64_t iova, length, page_size, bitmap;
	} report = { { 40, GET | 8 }, 0x10000, 0x2000, 4096, 0 };

	(void)state;
	traced(FEATURE, &start, sizeof(start), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {SET DMA_LOGGING_START page_size=0x1000 [0x0+0x1000 "
	       "0x10000+0x2000] num_ranges=2}) = 0 <0.000001>");
	start.count = 5;
	traced(FEATURE, &start, sizeof(start), -EINVAL,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {SET DMA_LOGGING_START page_size=0x1000 [0x0+0x1000 "
	       "0x10000+0x2000 0x1+0x2 0x3+0x4 ...] num_ranges=5}) = -1 EINVAL <0.000001>");
	traced(FEATURE, &stop, sizeof(stop), 0,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {SET DMA_LOGGING_STOP}) = 0 <0.000001>");
	traced(FEATURE, &report, sizeof(report), -EINVAL,
	       "ioctl(7, VFIO_DEVICE_FEATURE, {GET DMA_LOGGING_REPORT 0x10000+0x2000 "
	       "page_size=0x1000}) = -1 EINVAL <0.000001>");
}

static void test_unknown(void **state)
{
	static const char bytes[10] = "";

	(void)state;
	traced(0x1234, bytes, sizeof(bytes), 5, "ioctl(7, 0x1234, {10 bytes}) = 5 <0.000001>");
	traced(0x1234, bytes, sizeof(bytes), -99999, "ioctl(7, 0x1234, {}) = -1 error <0.000001>");
}

/* A name of any length is cut, and the line ends within its buffer. */
static void test_long(void **state)
{
	char *name = malloc(2000);
	const struct script_call calls[] = { IOCTL_(7, VFIO_GROUP_GET_DEVICE_FD, 12) };

	(void)state;
	assert_non_null(name);
	memset(name, 'x', 1999);
	name[1999] = '\0';
	begin(calls, 1);
	trace->ops->ioctl(trace, 7, VFIO_GROUP_GET_DEVICE_FD, name, 2000);
	assert_in_range(strlen(last), 500, 511);
	end();
	free(name);
}

static void test_no_answer(void **state)
{
	const struct script_call calls[] = { IOCTL_(7, VFIO_SET_IOMMU, 1, .value = 3,
						    .stuck = true) };

	(void)state;
	begin(calls, 1);
	assert_ptr_equal(trace->stuck, script.sys.stuck);
	assert_int_equal(trace->ops->ioctl(trace, 7, VFIO_SET_IOMMU, (void *)3, 0), -ETIMEDOUT);
	assert_non_null(strstr(last, " = no answer"));
	assert_true(mig_sys_is_stuck(trace));
	end();
}

/* A line for each call that was made, as if it had been made alone. */
static void test_batch(void **state)
{
	static const uint64_t word = 0x20;
	uint64_t value = 0;
	char text[16];
	struct mig_call made[] = {
		{ .kind = MIG_CALL_PREAD, .fd = 7, .buffer = &value, .size = 8, .offset = 16 },
		{ .kind = MIG_CALL_COPY, .buffer = text, .from = &word, .size = 8 },
		{ .kind = MIG_CALL_PWRITE, .fd = 7, .buffer = &value, .size = 8, .offset = 24 },
		{ .kind = MIG_CALL_WRITE, .fd = 9, .buffer = text, .size = 8 },
		{ .kind = MIG_CALL_READ, .fd = 9, .buffer = text, .size = 16 },
		{ .kind = MIG_CALL_READ, .fd = 9, .buffer = text, .size = 16 },
	};
	static const char *const expected[] = {
		"pread(7, 8 at 0x10) [0x20] = 8 <0.000001>",
		"copy(8) = 8 <0.000002>",
		"pwrite(7, 8 at 0x18) [0x20] = 8 <0.000003>",
		"write(9, 8) = 8 <0.000004>",
		"read(9, 16) = 5 <0.000005>",
	};
	const struct script_call calls[] = {
		CALL_(PREAD, 7, 8, 8, .offset = 16, BYTES_(word)),
		CALL_(COPY, 0, 8, 8),
		CALL_(PWRITE, 7, 8, 8, .offset = 24, EXPECT_(word)),
		CALL_(WRITE, 9, 8, 8),
		CALL_(READ, 9, 16, 5),
	};

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(trace->ops->batch(trace, made, COUNT(made)), 5);
	assert_int_equal(script.batches, 1);
	assert_int_equal(trace->elapsed_ns, 5000);
	assert_int_equal(lines, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(all[i], expected[i]);
	end();
}

static void test_batch_no_answer(void **state)
{
	char text[16];
	struct mig_call made[3];
	const struct script_call calls[] = {
		CALL_(READ, 9, 16, 16),
		CALL_(READ, 9, 16, 0, .stuck = true),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(made); i++)
		made[i] = (struct mig_call){
			.kind = MIG_CALL_READ, .fd = 9, .buffer = text, .size = 16
		};
	begin(calls, COUNT(calls));
	assert_int_equal(trace->ops->batch(trace, made, COUNT(made)), -ETIMEDOUT);
	assert_int_equal(lines, 2);
	assert_string_equal(all[0], "read(9, 16) = 16 <0.000001>");
	assert_string_equal(all[1], "read(9, 16) = no answer <0.000002>");
	end();
}

static void test_map(void **state)
{
	static char memory[8];
	const struct script_call calls[] = {
		CALL_(MAP, 7, 8192, -EINVAL, .offset = 0x1000),
		CALL_(MAP, 7, 8192, 0, .offset = 0x1000, .reply = memory),
	};
	void *at;

	(void)state;
	begin(calls, COUNT(calls));
	assert_int_equal(trace->ops->map(trace, 7, 8192, PROT_READ, 0x1000, &at), -EINVAL);
	line_is("mmap(7, 8192 at 0x1000, PROT_READ) = -1 EINVAL <0.000001>");
	assert_int_equal(trace->ops->map(trace, 7, 8192, PROT_READ | PROT_WRITE, 0x1000, &at), 0);
	line_is("mmap(7, 8192 at 0x1000, PROT_READ|PROT_WRITE) = 0 <0.000002>");
	assert_ptr_equal(at, memory);
	assert_int_equal(trace->ops->unmap(trace, at, 8192), 0);
	line_is("munmap(8192) = 0 <0.000002>");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openat_close),    cmocka_unit_test(test_registers),
		cmocka_unit_test(test_opening),         cmocka_unit_test(test_values),
		cmocka_unit_test(test_information),     cmocka_unit_test(test_failed),
		cmocka_unit_test(test_features),        cmocka_unit_test(test_logging),
		cmocka_unit_test(test_unknown),         cmocka_unit_test(test_long),
		cmocka_unit_test(test_no_answer),       cmocka_unit_test(test_batch),
		cmocka_unit_test(test_batch_no_answer), cmocka_unit_test(test_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
