/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the groups of conformance tests build on. A test is a function that
 * drives the device through the calls below and says what it found; it need
 * not clean up. Where a call returns < 0, the test is judged already: return.
 */
#ifndef MIGCTL_VFIO_CONFORM_H
#define MIGCTL_VFIO_CONFORM_H

#include "migctl/conform.h"

struct conform {
	struct mig_port *port;
	struct mig_sys *sys;
	const struct mig_conform_test *test;
	struct mig_conform_item *item; /* of the test that runs */
	const struct mig_conform_options *options;
	struct mig_conform_host *host;
	const volatile sig_atomic_t *stop;
	struct mig_conform *run;
	struct mig_error *error;  /* why the run cannot go on */
	bool lost;                /* it cannot: no call reaches the device any more */
	struct mig_reading first; /* before anything was written */
	/* Of the last conform_set(): what the driver said (0 or an errno), and what was then. */
	int err;
	uint64_t set_ns;
	struct mig_reading before, after;
	bool nakked; /* conform_go(): v1, a step was refused, and the state is the one before it */
	struct image *image; /* image.h: what it gave at the beginning; NULL: it could not be had */
};

/* A test as its group declares it. */
struct conform_test {
	const char *name;      /* without the group */
	const char *authority; /* file: what; and in words of our own which rule */
	enum mig_protocol protocol;
	unsigned int caps;
	bool needs_reset, illegal;
	void (*run)(struct conform *conform);
};

/* Collects; a name may be made on the stack. */
struct conform_list;
void conform_add(struct conform_list *list, const struct conform_test *test, const char *name,
		 enum mig_state from, enum mig_state to);
void conform_add_all(struct conform_list *list, const struct conform_test *tests, size_t count);
enum mig_protocol conform_list_protocol(const struct conform_list *list);
unsigned int conform_list_caps(const struct conform_list *list);
const struct mig_conform_options *conform_list_options(const struct conform_list *list);

/* One a file, conform_NAME.c: adds its tests to the list. */
struct conform_group {
	const char *name;
	void (*list)(struct conform_list *list);
};
extern const struct conform_group conform_open, conform_arcs, conform_refusals, conform_data,
	conform_resume, conform_reset_group, conform_errors, conform_region, conform_logging,
	conform_walk;

/* The verdict: the worst that is said stays, with its first sentence. */
void conform_fail(struct conform *conform, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void conform_warn(struct conform *conform, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void conform_skip(struct conform *conform, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A sentence for a test that passes. */
void conform_note(struct conform *conform, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A signal came, or the device is lost: a loop of a test ends. */
bool conform_over(const struct conform *conform);

/*
 * A call that returned ret. When the seam is stuck the device is lost, and this
 * is true: every wrapper below asks it, a test that calls the seam itself must.
 */
bool conform_stuck(struct conform *conform, int ret, const char *doing);

/* Reads the state: 0; -1: it cannot be read, and the test has failed. */
int conform_get(struct conform *conform, struct mig_reading *reading);
/* Fails the test unless the state is that; when: "after the reset". */
int conform_expect(struct conform *conform, enum mig_state state, const char *when);
/*
 * One write of the state, and a look: conform->err, set_ns, before and after.
 * 0 whatever the driver made of it; -1: lost, unreadable, in _ERROR by itself,
 * which fails the test, or a hazard, which is not written and skips it.
 */
int conform_set(struct conform *conform, enum mig_state state);
/* Is conform->before _ERROR, to which nothing is written? Then the test has failed. */
bool conform_faulted(struct conform *conform);
/* What the driver said to it: "success", "EINVAL", "0 of 4 bytes". */
#define CONFORM_SAID 32
const char *conform_said(const struct conform *conform, char text[CONFORM_SAID]);
/*
 * After a conform_set() that failed: may the device be where it is? Where it
 * was, in _ERROR, or, v2, in a state that the transition passes.
 */
bool conform_on_path(const struct conform *conform, enum mig_state asked);
/*
 * Legally to a state, step by step by the rules' route; with RESUMING left on
 * the way, after a good load. -1: it did not get there, and the test has failed,
 * or is skipped where a v1 driver naks: it may, and arcs/ says which.
 */
int conform_go(struct conform *conform, enum mig_state state);
/*
 * v2: VFIO_DEVICE_FEATURE, as large as argsz says or not; answers go to arg.
 * -errno as the driver said it in conform->err: 0, or -1 when lost.
 */
struct uapi_feature;
int conform_feature(struct conform *conform, struct uapi_feature *arg, size_t size);
/* Writes the state it gave at the beginning, in RESUMING; nothing where there is none. */
int conform_feed(struct conform *conform);
/* From RUNNING and back, once; the engine's. */
int conform_have_image(struct conform *conform);
/* VFIO_DEVICE_RESET, -errno as the driver said it in conform->err: 0, or -1 when lost. */
int conform_reset(struct conform *conform);
/* Closes and opens anew: 0, or -1 when lost. */
int conform_reopen(struct conform *conform);
/* To RUNNING by whatever leads there: the route, a reset, opening anew. -1: nothing did. */
int conform_home(struct conform *conform);

#endif
