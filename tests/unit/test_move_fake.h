/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saving and restoring on the scripted seam: every call to the device is in
 * the script, in its order. What is saved is collected by another thread.
 */
#ifndef TEST_MOVE_FAKE_H
#define TEST_MOVE_FAKE_H

#include "script.h"

#include <linux/vfio.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "migctl/move.h"

enum {
	DEVICE = 12,
	DATA_FD = 20
};
#define AT 0x90000 /* where the v1 region lies on the device's descriptor */
#define REGION 0x400000
#define MIB MIG_SLOT_SIZE

#define WORD(value) .reply = (const uint64_t[]){ value }, .reply_size = 8
#define RAW(value) .reply = (const uint32_t[]){ value }, .reply_size = 4

/* v1: the registers, in the values of the region; states are letters of the table. */
#define V1_RAW(letter) mig_v1_wire(letter_state(letter))
#define GET(letter) CALL_(PREAD, DEVICE, 4, 4, .offset = AT, RAW(V1_RAW(letter)))
#define GET_RAW(raw) CALL_(PREAD, DEVICE, 4, 4, .offset = AT, RAW(raw))
#define PUT(letter, answer) \
	CALL_(PWRITE, DEVICE, 4, answer, .offset = AT, \
	      .expect = (const uint32_t[]){ V1_RAW(letter) }, .expect_size = 4)
/* An accepted transition. */
#define GO(letter) PUT(letter, 4), GET(letter)
#define REGISTER(at, answer, ...) \
	CALL_(PREAD, DEVICE, 8, answer, .offset = AT + (at), ##__VA_ARGS__)
#define PENDING(bytes) REGISTER(0x08, 8, WORD(bytes))
#define OFFSET(bytes) REGISTER(0x10, 8, WORD(bytes))
#define SIZE(bytes) REGISTER(0x18, 8, WORD(bytes))
#define PUT_SIZE(bytes, answer) \
	CALL_(PWRITE, DEVICE, 8, answer, .offset = AT + 0x18, \
	      .expect = (const uint64_t[]){ bytes }, .expect_size = 8)
#define DATA(at, bytes, answer, ...) \
	CALL_(PREAD, DEVICE, bytes, answer, .offset = AT + (at), ##__VA_ARGS__)
#define PUT_DATA(at, bytes, answer, ...) \
	CALL_(PWRITE, DEVICE, bytes, answer, .offset = AT + (at), ##__VA_ARGS__)

/* v2 */
struct v2_state {
	uint32_t argsz, flags, device_state;
	int32_t data_fd;
};
#define FEATURE _IO(';', 100 + 17)
#define V2_GET(letter) \
	IOCTL_(DEVICE, FEATURE, 0, \
	       .reply = (const struct v2_state[]){ { 16, 1u << 16 | 2, letter_state(letter), \
						     -1 } }, \
	       .reply_size = 16)
#define V2_SET(letter, fd, answer) \
	IOCTL_(DEVICE, FEATURE, answer, \
	       .expect = (const struct v2_state[]){ { 16, 1u << 17 | 2, letter_state(letter), \
						      -1 } }, \
	       .expect_size = 16, \
	       .reply = (const struct v2_state[]){ { 16, 1u << 17 | 2, letter_state(letter), \
						     fd } }, \
	       .reply_size = 16)
#define V2_GO(letter, fd) V2_SET(letter, fd, 0), V2_GET(letter)
#define V2_SIZE(bytes) \
	IOCTL_(DEVICE, FEATURE, 0, .reply = (const uint64_t[]){ 1u << 16 | 9, bytes }, \
	       .reply_size = 16)
#define NO_SIZE IOCTL_(DEVICE, FEATURE, -ENOTTY, .size = 16)
#define READ(bytes, answer, ...) CALL_(READ, DATA_FD, bytes, answer, ##__VA_ARGS__)
#define WRITE(bytes, answer, ...) CALL_(WRITE, DATA_FD, bytes, answer, ##__VA_ARGS__)

#define PRECOPY_INFO _IO(';', 100 + 21)
#define PRECOPY(initial, dirty) \
	IOCTL_(DATA_FD, PRECOPY_INFO, 0, .reply = (const uint64_t[]){ 24, initial, dirty }, \
	       .reply_size = 24)

#define RESET IOCTL_(DEVICE, VFIO_DEVICE_RESET, 0)

static struct script script;
static struct mig_device device;
static struct mig_port port;
static struct mig_move move;
static struct mig_move_options options;
static struct mig_error error;
static volatile sig_atomic_t stop;
static struct mig_watcher *watcher; /* &watching, or NULL */
static struct mig_progress seen[64];
static size_t seen_count;
static unsigned int ring_slots = 4;
static bool resets = true; /* the device offers it */
static bool close_hangs;

static inline void watch(struct mig_watcher *unused, const struct mig_progress *progress)
{
	(void)unused;
	seen[seen_count++ % COUNT(seen)] = *progress;
}

static struct mig_watcher watching __attribute__((unused)) = { .progress = watch };

/* What came out of a ring: the pieces, and the first bytes of all of them. */
static struct {
	struct mig_ring *ring;
	size_t count;
	size_t sizes[64];
	bool more[64];
	uint64_t bytes;
	uint8_t first[64]; /* of each piece its first byte */
	int end;
} taken;
static int fails_first; /* whoever empties gives up with it before it took anything; 0: no */

static inline void *collect(void *unused)
{
	struct mig_slot *slot;

	for (;;) {
		taken.end = mig_ring_full(taken.ring, &slot, 1);
		if (taken.end <= 0)
			return unused;
		taken.sizes[taken.count % 64] = slot->size;
		taken.more[taken.count % 64] = slot->more;
		taken.first[taken.count % 64] = slot->data[0];
		taken.bytes += slot->size;
		taken.count++;
		mig_ring_empty(taken.ring, 1);
	}
}

static inline void begin(const struct mig_proto *proto, const struct script_call *calls,
			 size_t count)
{
	script_begin(&script, calls, count);
	stop = 0;
	memset(&error, 0, sizeof(error));
	memset(&move, 0xa5, sizeof(move));
	device = (struct mig_device){ .sys = &script.sys,
				      .fd = DEVICE,
				      .name = "dev",
				      .informed = true,
				      .flags = resets ? VFIO_DEVICE_FLAGS_RESET : 0 };
	port.proto = proto;
	port.device = &device;
	port.data_fd = port.dead_fd = port.set_took = -1;
	port.region.index = 9;
	port.region.size = REGION;
	port.region.offset = AT;
	if (!port.caps)
		port.caps = MIG_CAP_STOP_COPY | MIG_CAP_PRE_COPY;
	script.close_hangs = script.close_ends = close_hangs;
	if (proto == &mig_proto_v2)
		script_has_fd(&script, DATA_FD);
}

static inline int reset_options(void **state)
{
	(void)state;
	memset(&options, 0, sizeof(options));
	memset(&port, 0, sizeof(port));
	fails_first = 0;
	close_hangs = false;
	resets = true;
	watcher = NULL;
	seen_count = 0;
	ring_slots = 4;
	return 0;
}

static inline int run_save(const struct mig_proto *proto, const struct script_call *calls,
			   size_t count)
{
	pthread_t thread;
	int ret;

	begin(proto, calls, count);
	memset(&taken, 0, sizeof(taken));
	taken.ring = mig_ring_open(ring_slots, &stop);
	assert_non_null(taken.ring);
	if (fails_first)
		mig_ring_fail(taken.ring, fails_first);
	assert_int_equal(pthread_create(&thread, NULL, collect, NULL), 0);
	ret = mig_move_save(&move, &port, &options, taken.ring, &stop, watcher, &error);
	pthread_join(thread, NULL);
	mig_ring_close(taken.ring);
	return ret;
}

struct piece {
	size_t size;
	bool more;
	uint8_t byte; /* all of it */
};

static const struct piece one[] __attribute__((unused)) = { { .size = 10, .byte = 7 } };

/* What may happen during a call. */
static inline void interrupt(void)
{
	stop = 1;
}

static inline void time_passes(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 110000000 }, NULL);
}

static struct mig_ring *input; /* of a restore */

static inline void damage(void)
{
	mig_ring_end(input, EILSEQ);
}

/* end: what the ring ends with; -1: it does not, and damage() sees to it. */
static inline int run_restore(const struct mig_proto *proto, const struct script_call *calls,
			      size_t count, const struct piece *pieces, size_t n, int end)
{
	struct mig_ring *ring = mig_ring_open(16, &stop);
	struct mig_slot *slot;
	int ret;

	assert_non_null(ring);
	input = ring;
	begin(proto, calls, count);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(mig_ring_free(ring, &slot, 1), 0);
		memset(slot->data, pieces[i].byte, pieces[i].size);
		slot->size = pieces[i].size;
		slot->more = pieces[i].more;
		mig_ring_fill(ring, 1);
	}
	if (end >= 0)
		mig_ring_end(ring, end);
	ret = mig_move_restore(&move, &port, &options, ring, &stop, watcher, &error);
	/* Whoever fills is told of a failure. */
	if (ret)
		assert_int_equal(mig_ring_free(ring, &slot, 1), ret);
	mig_ring_close(ring);
	return ret;
}

/* As the program does: what is open yet is closed, and all of the script was needed. */
static inline void done(void)
{
	struct mig_error ignored;

	mig_port_close(&port, &ignored);
	if (port.proto == &mig_proto_v2 && !script.stuck.stuck && script.open[DATA_FD])
		script.open[DATA_FD] = false; /* the script never gave it */
	script_end(&script);
	mig_move_clear(&move);
	assert_null(move.steps);
}

static inline void says(const char *word)
{
	if (!strstr(error.text, word))
		fail_msg("\"%s\" does not say \"%s\"", error.text, word);
}

/* The states that were written, a letter each, and whether the last is where it is. */
static inline void went(const char *letters)
{
	char found[64] = "";

	assert_in_range(move.count, 0, 60);
	for (size_t i = 0; i < move.count; i++)
		found[i] = state_letter(move.steps[i].to);
	assert_string_equal(found, letters);
}

static inline void is_in(char letter)
{
	assert_true(move.seen);
	assert_int_equal(move.last.state, letter_state(letter));
}

#define ONLY(kind_) assert_int_equal(error.kind, kind_)

/* A save failed, the device works as before, and whoever writes the file knows. */
static inline void brought_back(int ret, enum mig_kind kind, int err)
{
	assert_int_equal(ret, -err);
	assert_int_equal(taken.end, -err);
	ONLY(kind);
	assert_false(move.left);
	is_in('R');
	done();
}

#endif
