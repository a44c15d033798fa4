/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a device's migration takes, measured: each arc, the data out and in,
 * the time it stands still. Times are those of the driver's calls, without what
 * the program itself does between them; that stood still is by the clock.
 */
#ifndef MIGCTL_BENCH_H
#define MIGCTL_BENCH_H

#include <signal.h>

#include "migctl/error.h"
#include "migctl/figure.h"
#include "migctl/proto.h"

struct mig_bench_options {
	unsigned int cycles; /* so often, or */
	double seconds;      /* as often as goes into so long, but once; 0: no limit */
	bool read_only;      /* nothing of the device is changed: GET, and MIG_DATA_SIZE */
	bool no_precopy;
	bool no_restore;
	uint64_t until_bytes; /* of pre-copy: as in struct mig_move_options */
	double until_seconds;
	/* One save and one restore a cycle by one of these in turn: bytes a call. */
	const uint64_t *chunks;
	size_t chunk_count;
};

/* A state that takes more memory is not kept, so not restored. */
#define MIG_BENCH_STATE_MAX ((uint64_t)256 << 20)

struct mig_bench {
	struct mig_figures figures; /* sorted; mig_bench_clear() frees them */
	unsigned int cycles;        /* that were begun and ended */
	uint64_t usec;              /* of the whole */
	bool precopy;               /* the saves went through it */
	/* Why there is none, or no more, in a sentence's part; "": there is. */
	char no_save[200], no_restore[200];
	bool seen; /* the last reading */
	struct mig_reading last;
	int err;   /* of the write that ended it; 0: none */
	bool left; /* it is not in the state in which it was found */
	bool reset;
};

/*
 * From RUNNING, and back to it whatever happens: an arc that is refused is
 * left out from then on, every other failure ends the run. 0, or -errno with
 * *error; what was measured so far is good always. -EPERM, MIG_KIND_REFUSED:
 * it is in another state, and was not touched. -EINTR with MIG_KIND_FAILED:
 * *stop was set.
 */
int mig_bench_run(struct mig_bench *bench, struct mig_port *port,
		  const struct mig_bench_options *options, const volatile sig_atomic_t *stop,
		  struct mig_error *error);
void mig_bench_clear(struct mig_bench *bench);

#endif
