/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder of its own for each test, something to save, and the two kinds of
 * filesystem: one that can do what the newest can, one that cannot.
 */
#ifndef TEST_STATEFILE_H
#define TEST_STATEFILE_H

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "migctl/statefile.h"

struct folder {
	char root[64];
	char file[80]; /* where tests write to */
};

static inline int folder_setup(void **state)
{
	static struct folder folder;

	strcpy(folder.root, "/tmp/migctl-statefile-XXXXXX");
	assert_non_null(mkdtemp(folder.root));
	snprintf(folder.file, sizeof(folder.file), "%s/file", folder.root);
	*state = &folder;
	return 0;
}

/* Removes what is there, and says how much that was. */
static inline int folder_empty(const struct folder *folder)
{
	DIR *dir = opendir(folder->root);
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		count++;
		assert_int_equal(unlinkat(dirfd(dir), entry->d_name,
					  entry->d_type == DT_DIR ? AT_REMOVEDIR : 0),
				 0);
	}
	closedir(dir);
	return count;
}

static inline int folder_teardown(void **state)
{
	struct folder *folder = *state;

	folder_empty(folder);
	return rmdir(folder->root);
}

#define FOLDER_TEST(function) \
	cmocka_unit_test_setup_teardown(function, folder_setup, folder_teardown)

static inline void put_file(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(close(fd), 0);
}

/* To be freed. */
static inline uint8_t *get_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	*size = (size_t)st.st_size;
	bytes = malloc(*size + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *size), *size);
	bytes[*size] = '\0';
	close(fd);
	return bytes;
}

static inline void assert_file(const char *path, const char *text)
{
	size_t size;
	uint8_t *bytes = get_file(path, &size);

	assert_string_equal((char *)bytes, text);
	free(bytes);
}

static const struct mig_saved_meta meta_here = {
	.name = "0000:06:00.1",
	.bus = "pci",
	.driver = "mlx5_vfio_pci",
	.protocol = MIG_PROTOCOL_V2,
};

/* Byte at of what the driver gave: not to be compressed away, and none like its neighbours. */
static inline uint8_t pattern(uint64_t at)
{
	uint64_t mixed = (at + 1) * 0x9e3779b97f4a7c15u;

	return (uint8_t)(mixed >> 56) & (at & 64 ? 0xff : 0x03);
}

/* The sizes of the transactions that fill_all() makes; one is larger than a slot. */
static const size_t sizes[] = { 1, 0, 4096, MIG_SLOT_SIZE + 5, 7, MIG_SLOT_SIZE, 65537, 8, 300000 };
#define TRANSACTIONS (sizeof(sizes) / sizeof(*sizes))

static inline uint64_t total_size(void)
{
	uint64_t total = 0;

	for (size_t i = 0; i < TRANSACTIONS; i++)
		total += sizes[i];
	return total;
}

static inline int fill_one(struct mig_ring *ring, uint64_t *at, size_t size)
{
	do {
		size_t part = size < MIG_SLOT_SIZE ? size : MIG_SLOT_SIZE;
		struct mig_slot *slot;
		int ret = mig_ring_free(ring, &slot, 1);

		if (ret)
			return ret;
		for (size_t i = 0; i < part; i++)
			slot->data[i] = pattern((*at)++);
		size -= part;
		slot->size = part;
		slot->more = size > 0;
		mig_ring_fill(ring, 1);
	} while (size);
	return 0;
}

/* What the device's side does; it does not end the ring. */
static inline int fill_all(struct mig_ring *ring)
{
	uint64_t at = 0;
	int ret = 0;

	for (size_t i = 0; !ret && i < TRANSACTIONS; i++)
		ret = fill_one(ring, &at, sizes[i]);
	return ret;
}

/* All of a save, as the commands do it. */
static inline void save(const struct mig_out_options *options, struct mig_saved_totals *totals)
{
	struct mig_ring *ring = mig_ring_open(4, NULL);
	struct mig_error error = { .kind = MIG_KIND_OK };
	struct mig_out *out;

	assert_int_equal(mig_out_open(&out, options, &error), 0);
	assert_int_equal(mig_out_start(out, ring, &meta_here, &error), 0);
	assert_int_equal(fill_all(ring), 0);
	mig_ring_end(ring, 0);
	if (mig_out_finish(out, totals, &error))
		fail_msg("%s", error.text);
	assert_true(mig_out_discard(out));
	mig_ring_close(ring);
}

#endif
