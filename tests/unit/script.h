/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripted seam: a list of calls to expect, in order, with the answers to
 * give. A call that is not the next one fails the test, and so does a close of
 * what is not open. Closes need no line of their own: they are noted. A batch
 * is the calls it consists of.
 */
#ifndef TEST_SCRIPT_H
#define TEST_SCRIPT_H

#include "unit.h"

#include "migctl/sys.h"

enum script_kind {
	SCRIPT_OPENAT,
	SCRIPT_IOCTL,
	SCRIPT_PREAD,
	SCRIPT_PWRITE,
	SCRIPT_READ,
	SCRIPT_WRITE,
	SCRIPT_COPY,  /* of a batch: made as it is, when it is to succeed */
	SCRIPT_GETFD, /* fd: of process value */
	SCRIPT_MAP,   /* reply is the address; unmapping is noted, as closing is */
};

struct script_call {
	enum script_kind kind;
	const char *path; /* openat */
	int fd;
	unsigned long request;
	unsigned long value; /* ioctl: the argument, when it is no pointer */
	size_t size;         /* ioctl: 0, any; else the exact one */
	off_t offset;
	const void *expect; /* what must arrive, or NULL */
	size_t expect_size;
	const void *reply; /* what to put into the buffer, or NULL */
	size_t reply_size;
	long ret;
	bool gives_fd;        /* ret is a new descriptor that must be closed */
	bool stuck;           /* it does not come back, and nothing after it is made */
	void (*during)(void); /* what happens meanwhile */
};

#define SCRIPT_FDS 32

struct script {
	struct mig_sys sys;
	struct mig_stuck stuck;
	const struct script_call *calls;
	size_t count, next;
	bool open[SCRIPT_FDS];
	int closed[SCRIPT_FDS]; /* in their order */
	size_t closed_count;
	int close_ret;    /* what closing answers */
	bool close_hangs; /* it does not come back */
	bool close_ends;  /* but can be ended */
	size_t after_stuck;
	size_t batches;     /* handed over so far */
	const void *mapped; /* one at a time */
};

void script_begin(struct script *script, const struct script_call *calls, size_t count);
/* All expected calls were made, and no descriptor is left open. */
void script_end(struct script *script);
/* A descriptor that was opened before the script begins. */
void script_has_fd(struct script *script, int fd);

#define OPEN_(node, answer) \
	{ \
		.kind = SCRIPT_OPENAT, .path = (node), .ret = (answer), .gives_fd = (answer) >= 0 \
	}
#define GETFD_(pid, descriptor, answer) \
	{ \
		.kind = SCRIPT_GETFD, .fd = (descriptor), .value = (pid), .ret = (answer), \
		.gives_fd = (answer) >= 0 \
	}
#define IOCTL_(descriptor, req, answer, ...) \
	{ \
		.kind = SCRIPT_IOCTL, .fd = (descriptor), .request = (req), .ret = (answer), \
		##__VA_ARGS__ \
	}
#define CALL_(what, descriptor, length, answer, ...) \
	{ \
		.kind = SCRIPT_##what, .fd = (descriptor), .size = (length), .ret = (answer), \
		##__VA_ARGS__ \
	}
#define BYTES_(object) .reply = &(object), .reply_size = sizeof(object)
#define EXPECT_(object) .expect = &(object), .expect_size = sizeof(object)
#define SCRIPT(script, calls) script_begin((script), (calls), COUNT(calls))

#endif
