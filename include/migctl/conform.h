/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conformance: a driver held to the migration protocol it announces.
 *
 * Each test asks one thing of the device, starting from RUNNING, and cites the
 * authority that says so: the uAPI header, the kernel's function, or, for v1,
 * the header of 5.8-5.17 and the review of its table. Hazards are never asked
 * for. After each test the device is brought back to RUNNING, at the end to
 * where it was found; when that fails, the run is over and says how it is left.
 */
#ifndef MIGCTL_CONFORM_H
#define MIGCTL_CONFORM_H

#include <signal.h>

#include "migctl/proto.h"
#include "migctl/record.h"

#define MIG_CONFORM_NAME 64

struct mig_conform_test {
	char name[MIG_CONFORM_NAME]; /* "arcs/running-to-stop": its group, and what it asks */
	const char *authority;       /* which rule of whom; static */
	enum mig_protocol protocol;
	unsigned int caps;  /* what the device must have announced, else it is skipped */
	bool needs_reset;   /* likewise, that it can be reset */
	bool illegal;       /* asks for what a driver has to refuse: some hardware stops then */
	const void *inside; /* the engine's */
	enum mig_state from, to; /* of arcs and the like */
};

struct mig_conform_options {
	/* Comma lists of groups, names, or patterns of glob(7); NULL: all, none. */
	const char *only, *skip;
	bool illegal;
	bool stop_at_fail;
	unsigned int repeat; /* each test so many times; its worst verdict counts */
	uint64_t walk;       /* steps of the random walk; 0: none */
	uint64_t seed;       /* of it */
	const char *replay;  /* instead of it these steps, see migctl/stride.h; NULL: none */
};

/*
 * All the tests of a protocol for a device with these capabilities, in the
 * order in which they run, as far as the options want them; for free(3).
 * -EINVAL with *error: only or skip name none.
 */
int mig_conform_list(enum mig_protocol protocol, unsigned int caps,
		     const struct mig_conform_options *options, struct mig_conform_test **tests,
		     size_t *count, struct mig_error *error);

/* What the engine needs of whoever runs it. */
struct mig_conform_host {
	/*
	 * Closes the device and opens it anew, into the same port: 0, or -errno
	 * with *error, and the port is closed then.
	 */
	int (*reopen)(struct mig_conform_host *host, struct mig_error *error);
	/* A test is over; number counts from 1. */
	void (*tell)(struct mig_conform_host *host, size_t number,
		     const struct mig_conform_item *item);
};

struct mig_conform {
	struct mig_conform_item *items; /* one for each test that was run */
	size_t count;
	struct mig_conform_answer *answers; /* v1: to the questions of the review */
	size_t answer_count;
	bool seen; /* the last reading; false: the state is not known */
	struct mig_reading last;
	bool failed; /* a test */
};

/*
 * Runs them. 0: all were run, whatever their verdicts; -EINTR: *stop was set,
 * and the device was brought back; another -errno with *error: the run could not
 * go on. *conform is good in every case, and for mig_conform_clear().
 */
int mig_conform_run(struct mig_conform *conform, struct mig_port *port,
		    const struct mig_conform_test *tests, size_t count,
		    const struct mig_conform_options *options, struct mig_conform_host *host,
		    const volatile sig_atomic_t *stop, struct mig_error *error);
void mig_conform_clear(struct mig_conform *conform);

#endif
