/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A migration protocol as seen from above: a small const table of functions,
 * the same for v1 (the migration region) and v2 (VFIO_DEVICE_FEATURE).
 */
#ifndef MIGCTL_PROTO_H
#define MIGCTL_PROTO_H

#include "migctl/device.h"
#include "migctl/region.h"
#include "migctl/state.h"

struct mig_proto;
struct mig_mover_ops;

/* The migration interface of one open device. */
struct mig_port {
	const struct mig_proto *proto;
	struct mig_device *device; /* not owned */
	/* v2: as announced. v1 announces nothing: what the protocol can express. */
	unsigned int caps;
	struct mig_region region; /* v1 */
	int data_fd;              /* v2: the transfer under way, owned; -1: none */
	int dead_fd;              /* v2: the one before it, owned; see mig_port_settle() */
	uint64_t set_ns;          /* how long the last write of the state took */
	int set_took;             /* v1: the bytes it took of 4; -1: an errno, or v2 */
	/*
	 * v1: the region may have another layout under the same type. It could
	 * not be looked for: the device is shared, or was found saving.
	 */
	bool unchecked;
};

struct mig_proto {
	enum mig_protocol id;
	int (*get)(struct mig_port *port, struct mig_reading *reading, struct mig_error *error);
	/*
	 * Writes the state once, after no check at all; now is the last reading,
	 * whose reserved bits are kept. A short or zero-length write is -EIO.
	 * What the driver made of it, get() tells; after a failure the state may
	 * be any.
	 */
	int (*set)(struct mig_port *port, struct mig_reading now, enum mig_state state,
		   struct mig_error *error);
	/* Bytes the driver expects to save; -ENODATA: it does not say. */
	int (*size)(struct mig_port *port, uint64_t *bytes, struct mig_error *error);
	/* How its data is moved; see mig_move_save(), mig_move_restore(). */
	const struct mig_mover_ops *mover;
};

extern const struct mig_proto mig_proto_v1;
extern const struct mig_proto mig_proto_v2;

/*
 * Finds the interface: v2 if the driver answers the feature, else a v1 region.
 * -ENOTTY with MIG_KIND_NO_MIGRATION and MIG_CAUSE_NO_PROTOCOL: neither, and
 * *error says what was found instead. Nothing of the device is changed.
 */
int mig_port_open(struct mig_port *port, struct mig_device *device, struct mig_error *error);
/*
 * Closes the data_fd of a transfer that the last set() ended. Not part of it:
 * the driver's release can take its time or never come back, and the state is
 * to be read before that. Only a stuck seam makes it fail.
 */
int mig_port_settle(struct mig_port *port, struct mig_error *error);
/* Closes every data_fd, likewise. The device stays open. */
int mig_port_close(struct mig_port *port, struct mig_error *error);

/* Can the device log DMA (feature 6)? 1, 0, or -errno when even asking failed. */
int mig_port_dma_logging(struct mig_port *port);

/* v2: what is left of pre-copy, asked of the data_fd. -ENODATA: not in it. */
struct mig_precopy {
	uint64_t initial_bytes;
	uint64_t dirty_bytes;
};
int mig_port_precopy(struct mig_port *port, struct mig_precopy *precopy, struct mig_error *error);

#endif
