// SPDX-License-Identifier: GPL-2.0-or-later
#include "script.h"

#include <linux/vfio.h>

#include "migctl/region.h"

#define HEAD ((uint32_t)sizeof(struct vfio_region_info))
#define SPARSE VFIO_REGION_INFO_CAP_SPARSE_MMAP
#define TYPE VFIO_REGION_INFO_CAP_TYPE

/* A reply is put together on the heap to its exact size, so that ASan sees a byte too far. */
struct reply {
	unsigned char bytes[1024];
	size_t size;
};

static struct reply *start(struct reply *reply, uint32_t cap_offset)
{
	struct vfio_region_info head = { .argsz = 256, .cap_offset = cap_offset, .size = 0x10000 };

	memset(reply, 0, sizeof(*reply));
	memcpy(reply->bytes, &head, sizeof(head));
	reply->size = sizeof(head);
	return reply;
}

static void put(struct reply *reply, size_t offset, const void *bytes, size_t size)
{
	memcpy(reply->bytes + offset, bytes, size);
	if (reply->size < offset + size)
		reply->size = offset + size;
}

static void put_type(struct reply *reply, uint32_t at, uint32_t next)
{
	const struct vfio_region_info_cap_type cap = { { TYPE, 1, next }, 3, 1 };

	put(reply, at, &cap, sizeof(cap));
}

static void put_sparse(struct reply *reply, uint32_t at, uint32_t next, uint32_t claimed,
		       uint32_t real)
{
	const struct vfio_region_info_cap_sparse_mmap cap = { .header = { SPARSE, 1, next },
							      .nr_areas = claimed };

	put(reply, at, &cap, sizeof(cap));
	for (uint32_t i = 0; i < real; i++) {
		const struct vfio_region_sparse_mmap_area area = { 0x1000u * (i + 1), 0x800 };

		put(reply, at + sizeof(cap) + i * sizeof(area), &area, sizeof(area));
	}
}

static struct mig_region parse(const struct reply *reply)
{
	struct mig_region region = { .size = 0x10000 };
	unsigned char *exact = malloc(reply->size ? reply->size : 1);

	assert_non_null(exact);
	memcpy(exact, reply->bytes, reply->size);
	mig_region_parse_caps(exact, reply->size, &region);
	free(exact);
	return region;
}

static void is_migration(const struct mig_region *region, bool is)
{
	assert_int_equal(region->typed, is);
	assert_int_equal(region->type, is ? 3 : 0);
	assert_int_equal(region->subtype, is ? 1 : 0);
}

static void is_broken(const struct reply *reply, const char *word)
{
	struct mig_region region = parse(reply);

	if (!region.broken || !strstr(region.broken, word))
		fail_msg("\"%s\" does not say \"%s\"", region.broken ? region.broken : "(fine)",
			 word);
}

static void test_good(void **state)
{
	struct mig_region region;
	struct reply reply;

	(void)state;
	/* sparse, then type; and the other way round; and in memory backwards */
	put_sparse(start(&reply, HEAD), HEAD, HEAD + 48, 2, 2);
	put_type(&reply, HEAD + 48, 0);
	region = parse(&reply);
	assert_null(region.broken);
	is_migration(&region, true);
	assert_int_equal(region.areas, 2);
	assert_int_equal(region.area[0].offset, 0x1000);
	assert_int_equal(region.area[1].offset, 0x2000);
	assert_int_equal(region.area[1].size, 0x800);
	put_type(start(&reply, HEAD), HEAD, HEAD + 16);
	put_sparse(&reply, HEAD + 16, 0, 1, 1);
	region = parse(&reply);
	assert_null(region.broken);
	is_migration(&region, true);
	assert_int_equal(region.areas, 1);
	put_type(start(&reply, HEAD + 32), HEAD, 0);
	put_sparse(&reply, HEAD + 32, HEAD, 1, 1);
	region = parse(&reply);
	assert_null(region.broken);
	is_migration(&region, true);
}

static void test_nothing(void **state)
{
	const struct vfio_info_cap_header unknown = { 99, 1, HEAD + 8 };
	struct mig_region region;
	struct reply reply;

	(void)state;
	region = parse(start(&reply, 0));
	assert_null(region.broken);
	is_migration(&region, false);
	/* What is unknown is passed over. */
	put(start(&reply, HEAD), HEAD, &unknown, sizeof(unknown));
	put_type(&reply, HEAD + 8, 0);
	region = parse(&reply);
	assert_null(region.broken);
	is_migration(&region, true);
}

static void test_loops(void **state)
{
	struct reply reply;

	(void)state;
	put_type(start(&reply, HEAD), HEAD, HEAD);
	is_broken(&reply, "loops");
	put_type(start(&reply, HEAD), HEAD, HEAD + 16);
	put_type(&reply, HEAD + 16, HEAD);
	is_broken(&reply, "loops");
	assert_true(parse(&reply).typed); /* what was read before stands */
}

static void test_out_of_range(void **state)
{
	static const uint32_t outside[] = { 1,        8,      HEAD - 8,   HEAD - 1,  HEAD + 16,
					    HEAD + 9, 0x1000, 0xfffffff8, UINT32_MAX };
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < COUNT(outside); i++) {
		start(&reply, outside[i]); /* where the chain begins */
		reply.size = HEAD + 16;
		is_broken(&reply, "outside");
		put_type(start(&reply, HEAD), HEAD, outside[i]); /* where it goes on */
		is_broken(&reply, "outside");
		assert_true(parse(&reply).typed);
	}
}

static void test_cut_off(void **state)
{
	struct reply reply;

	(void)state;
	start(&reply, HEAD);
	for (reply.size = 0; reply.size < HEAD; reply.size++)
		is_broken(&reply, "cut off");
	put_type(start(&reply, HEAD), HEAD, 0);
	for (reply.size = HEAD; reply.size < HEAD + 16; reply.size++) {
		is_broken(&reply, reply.size < HEAD + 8 ? "outside" : "cut off");
		assert_false(parse(&reply).typed);
	}
	put_sparse(start(&reply, HEAD), HEAD, 0, 0, 0);
	for (reply.size = HEAD + 8; reply.size < HEAD + 16; reply.size++)
		is_broken(&reply, "cut off");
}

static void test_unaligned(void **state)
{
	struct reply reply;

	(void)state;
	for (uint32_t off = 1; off < 8; off++) {
		put_type(start(&reply, HEAD + off), HEAD + off, 0);
		is_broken(&reply, "aligned");
		assert_false(parse(&reply).typed);
	}
}

static void test_sparse_lies(void **state)
{
	static const uint32_t claims[] = { 3, 17, 0x10000, 0x0fffffff, 0x10000000, UINT32_MAX };
	static const struct vfio_region_sparse_mmap_area bad[] = {
		{ 0x10001, 0 },    { 0x10000, 1 },    { 0, 0x10001 },
		{ 8, UINT64_MAX }, { UINT64_MAX, 8 },
	};
	struct mig_region region;
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < COUNT(claims); i++) {
		put_sparse(start(&reply, HEAD), HEAD, 0, claims[i], 2);
		is_broken(&reply, "more areas");
		assert_int_equal(parse(&reply).areas, 0);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		put_sparse(start(&reply, HEAD), HEAD, 0, 2, 2);
		put(&reply, HEAD + 32, &bad[i], sizeof(bad[i]));
		is_broken(&reply, "outside the region");
		assert_int_equal(parse(&reply).areas, 1);
	}
	/* More than there is room for, all of them real: the first ones. */
	put_sparse(start(&reply, HEAD), HEAD, 0, 20, 20);
	for (uint32_t i = 0; i < 20; i++) {
		const struct vfio_region_sparse_mmap_area area = { 0x100u * i, 0x80 };

		put(&reply, HEAD + 16 + i * sizeof(area), &area, sizeof(area));
	}
	region = parse(&reply);
	assert_int_equal(region.areas, MIG_SPARSE_MAX);
	assert_int_equal(region.area[MIG_SPARSE_MAX - 1].offset, 0x100 * (MIG_SPARSE_MAX - 1));
}

static void test_unknown_version(void **state)
{
	const struct vfio_region_info_cap_type cap = { { TYPE, 2, 0 }, 3, 1 };
	struct mig_region region;
	struct reply reply;

	(void)state;
	put(start(&reply, HEAD), HEAD, &cap, sizeof(cap));
	is_broken(&reply, "version");
	region = parse(&reply);
	is_migration(&region, false);
}

/* Any 64 bytes after the head: no crash, no area outside, and it ends. */
static void test_noise(void **state)
{
	struct mig_region region;
	struct reply reply;

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		start(&reply, HEAD + 8 * (uint32_t)(rand() % 10));
		reply.size = HEAD + 64;
		for (size_t i = HEAD; i < reply.size; i++)
			reply.bytes[i] = (unsigned char)(rand() % 3 ? rand() % 4 : rand());
		region = parse(&reply);
		assert_in_range(region.areas, 0, MIG_SPARSE_MAX);
		for (size_t i = 0; i < region.areas; i++)
			assert_true(region.area[i].offset <= region.size &&
				    region.area[i].size <= region.size - region.area[i].offset);
	}
}

static struct mig_device device_on(struct script *script)
{
	return (struct mig_device){ .sys = &script->sys, .fd = 12, .name = "dev" };
}

static void test_read_in_two_steps(void **state)
{
	const struct vfio_region_info ask = { .argsz = HEAD, .index = 9 },
				      again = { .argsz = HEAD + 16, .index = 9 },
				      first = { HEAD + 16, 0xb, 9, 0, 0x10000, 0x90000 };
	struct reply full;
	const struct script_call calls[] = {
		IOCTL_(12, VFIO_DEVICE_GET_REGION_INFO, 0, .size = HEAD, EXPECT_(ask),
		       BYTES_(first)),
		IOCTL_(12, VFIO_DEVICE_GET_REGION_INFO, 0, .size = HEAD + 16, EXPECT_(again),
		       .reply = full.bytes, .reply_size = HEAD + 16),
	};
	struct mig_region region;
	struct mig_error error;
	struct script script;
	struct mig_device device = device_on(&script);

	(void)state;
	put_type(start(&full, HEAD), HEAD, 0);
	SCRIPT(&script, calls);
	assert_int_equal(mig_region_read(&device, 9, &region, &error), 0);
	assert_int_equal(region.index, 9);
	assert_true(region.read && region.write && !region.mmap);
	assert_int_equal(region.size, 0x10000);
	assert_int_equal(region.offset, 0x90000);
	is_migration(&region, true);
	assert_null(region.broken);
	script_end(&script);
}

/* One call, and what it must leave behind. */
static void read_once(struct vfio_region_info answer, long ret, int expected, const char *broken)
{
	const struct script_call calls[] = {
		IOCTL_(12, VFIO_DEVICE_GET_REGION_INFO, ret, .size = HEAD, BYTES_(answer)),
	};
	struct mig_region region;
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct script script;
	struct mig_device device = device_on(&script);

	SCRIPT(&script, calls);
	assert_int_equal(mig_region_read(&device, 1, &region, &error), expected);
	if (expected)
		assert_int_equal(error.err, -expected);
	else if (broken)
		assert_non_null(strstr(region.broken, broken));
	else
		assert_null(region.broken);
	script_end(&script);
}

static void test_access(void **state)
{
	(void)state;
	for (uint32_t flags = 0; flags < 8; flags++) {
		const struct vfio_region_info answer = { HEAD, flags, 1, 0, 0x100, 0 };
		const struct script_call calls[] = {
			IOCTL_(12, VFIO_DEVICE_GET_REGION_INFO, 0, BYTES_(answer)),
		};
		struct mig_region region;
		struct mig_error error;
		struct script script;
		struct mig_device device = device_on(&script);

		SCRIPT(&script, calls);
		memset(&region, 0xa5, sizeof(region));
		assert_int_equal(mig_region_read(&device, 1, &region, &error), 0);
		assert_int_equal(region.read, (flags & VFIO_REGION_INFO_FLAG_READ) != 0);
		assert_int_equal(region.write, (flags & VFIO_REGION_INFO_FLAG_WRITE) != 0);
		assert_int_equal(region.mmap, (flags & VFIO_REGION_INFO_FLAG_MMAP) != 0);
		script_end(&script);
	}
}

static void test_read_once(void **state)
{
	(void)state;
	read_once((struct vfio_region_info){ HEAD, 3, 1, 0, 0x100, 0 }, 0, 0, NULL);
	/* Larger, but without the flag that says what for; and the flag, but nothing more. */
	read_once((struct vfio_region_info){ 4096, 3, 1, 0, 0x100, 0 }, 0, 0, NULL);
	read_once((struct vfio_region_info){ HEAD, 0xb, 1, HEAD, 0x100, 0 }, 0, 0, NULL);
	read_once((struct vfio_region_info){ UINT32_MAX, 0xb, 1, 0, 0x100, 0 }, 0, 0, "memory");
	read_once((struct vfio_region_info){ MIG_SYS_BOUNCE + 1, 0xb, 1, 0, 1, 0 }, 0, 0, "memory");
	read_once((struct vfio_region_info){ 0 }, -EINVAL, -EINVAL, NULL);
	read_once((struct vfio_region_info){ 0 }, -EIO, -EIO, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),        cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_loops),       cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_cut_off),     cmocka_unit_test(test_unaligned),
		cmocka_unit_test(test_sparse_lies), cmocka_unit_test(test_unknown_version),
		cmocka_unit_test(test_noise),       cmocka_unit_test(test_read_in_two_steps),
		cmocka_unit_test(test_access),      cmocka_unit_test(test_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
