// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a driver, or the kernel for it, has to refuse: by an errno, and with the
 * state as it was. Only with --illegal: some hardware stops at such a request.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "conform_load.h"
#include "uapi.h"

/* Asked for what; conform->err is the answer. -1: the test is judged. */
static int refused(struct conform *conform, const char *asked)
{
	struct mig_reading now;
	char text[MIG_STATE_TEXT], said[CONFORM_SAID];

	if (conform_get(conform, &now))
		return -1;
	if (now.raw != conform->before.raw) {
		conform_fail(conform, "asked for %s, the driver said %s, and the state is %s",
			     asked, conform_said(conform, said), mig_reading_name(now, text));
		return -1;
	}
	if (conform->err && conform->port->set_took < 0)
		return 0;
	conform_fail(conform, "asked for %s, the driver said %s; the state is what it was", asked,
		     conform_said(conform, said));
	return -1;
}

/* v2: one request as it is, which gives no data_fd that is to be kept. */
static int request(struct conform *conform, uint32_t flags, uint32_t argsz, uint32_t state,
		   const char *asked)
{
	struct uapi_feature_mig_state request = {
		.header = { .argsz = argsz, .flags = flags },
		.device_state = state,
		.data_fd = -1,
	};
	struct mig_sys *sys = conform->sys;

	conform->port->set_took = -1;
	if (conform_get(conform, &conform->before) || conform_faulted(conform) ||
	    conform_feature(conform, &request.header, sizeof(request)))
		return -1;
	if (!conform->err && (flags & UAPI_FEATURE_SET) && request.data_fd >= 0 &&
	    conform_stuck(conform, sys->ops->close(sys, request.data_fd), "closing the data_fd of"))
		return -1;
	return refused(conform, asked);
}

#define SET (UAPI_FEATURE_SET | UAPI_FEATURE_MIG_DEVICE_STATE)
#define WHOLE ((uint32_t)sizeof(struct uapi_feature_mig_state))

static void error_state(struct conform *conform)
{
	if (!request(conform, SET, WHOLE, mig_v2_wire(MIG_STATE_ERROR), "error in running") &&
	    !conform_go(conform, MIG_STATE_STOP))
		request(conform, SET, WHOLE, mig_v2_wire(MIG_STATE_ERROR), "error in stop");
}

/* Near the last one there is, and far: a table that is looked up unchecked ends somewhere. */
static void no_state(struct conform *conform)
{
	static const uint32_t states[] = { 8, 0x100, 0x80000000, UINT32_MAX };
	char asked[32];

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		snprintf(asked, sizeof(asked), "state 0x%" PRIx32, states[i]);
		if (request(conform, SET, WHOLE, states[i], asked))
			return;
	}
}

static void not_announced(struct conform *conform)
{
	static const enum mig_state from[] = { MIG_STATE_RUNNING, MIG_STATE_STOP,
					       MIG_STATE_RESUMING };
	enum mig_state to = conform->test->to;

	if (mig_table_v2_supported(conform->port->caps, to)) {
		conform_skip(conform, "the device announces %s", mig_state_name(to));
		return;
	}
	for (size_t i = 0; i < sizeof(from) / sizeof(*from); i++)
		if (conform_go(conform, from[i]) ||
		    request(conform, SET, WHOLE, mig_v2_wire(to), mig_state_name(to)))
			return;
}

static void short_argsz(struct conform *conform)
{
	const uint32_t stop = mig_v2_wire(MIG_STATE_STOP), header = sizeof(struct uapi_feature);

	if (!request(conform, SET, header, stop, "stop, with argsz 8") &&
	    !request(conform, SET, WHOLE - 1, stop, "stop, with argsz 15") &&
	    !request(conform, SET, header - 1, stop, "stop, with argsz 7"))
		request(conform, UAPI_FEATURE_GET | UAPI_FEATURE_MIG_DEVICE_STATE, header, 0,
			"the state, with argsz 8");
}

static void bad_flags(struct conform *conform)
{
	const uint32_t stop = mig_v2_wire(MIG_STATE_STOP);

	if (!request(conform, SET | UAPI_FEATURE_GET, WHOLE, stop, "GET and SET at once") &&
	    !request(conform, UAPI_FEATURE_MIG_DEVICE_STATE, WHOLE, stop, "neither GET nor SET") &&
	    !request(conform, SET | 1u << 31, WHOLE, stop, "SET with flag 31"))
		request(conform, UAPI_FEATURE_SET | UAPI_FEATURE_MIGRATION, WHOLE, 0,
			"SET of MIGRATION");
}

/* v1: one write of device_state as it is. */
static int write_raw(struct conform *conform, uint32_t raw, const char *asked)
{
	struct mig_port *port = conform->port;
	struct mig_sys *sys = conform->sys;
	ssize_t put;

	if (conform_get(conform, &conform->before))
		return -1;
	raw |= conform->before.raw & ~MIG_V1_MASK;
	put = sys->ops->pwrite(
		sys, port->device->fd, &raw, sizeof(raw),
		(off_t)(port->region.offset + offsetof(struct uapi_v1_header, device_state)));
	port->set_took = put < 0 ? -1 : (int)put;
	conform->err = put < 0 ? (int)-put : put == sizeof(raw) ? 0 : EIO;
	if (conform_stuck(conform, (int)put, "writing device_state of"))
		return -1;
	return refused(conform, asked);
}

static void invalid_101b(struct conform *conform)
{
	write_raw(conform, MIG_V1_RESUMING | MIG_V1_RUNNING, "101b");
}

static void invalid_111b(struct conform *conform)
{
	write_raw(conform, MIG_V1_MASK, "111b");
}

static void error_110b(struct conform *conform)
{
	write_raw(conform, MIG_V1_RESUMING | MIG_V1_SAVING, "110b");
}

/* It is not to be found changed by who asks next, nor by region/reserved-bits. */
static void put_back(struct conform *conform, struct mig_reading now)
{
	struct mig_error error = { .kind = MIG_KIND_OK };
	int ret;

	if (now.state == MIG_STATE_ERROR || now.state == MIG_STATE_INVALID)
		return;
	ret = conform->port->proto->set(conform->port, conform->before, now.state, &error);
	conform_stuck(conform, ret, "writing device_state of");
}

/* The header has the user keep them; what comes of changing one it leaves open. */
static void reserved_bit(struct conform *conform)
{
	struct mig_port *port = conform->port;
	struct mig_reading other, now;
	struct mig_error error = { .kind = MIG_KIND_OK };
	char said[CONFORM_SAID], text[MIG_STATE_TEXT];
	int ret;

	if (conform_get(conform, &conform->before) || conform_faulted(conform))
		return;
	other = conform->before;
	other.raw ^= 1u << 31;
	ret = port->proto->set(port, other, MIG_STATE_STOP, &error);
	conform->err = -ret;
	if (conform_stuck(conform, ret, "writing device_state of") || conform_get(conform, &now))
		return;
	if ((now.raw ^ conform->before.raw) & ~MIG_V1_MASK) {
		conform_warn(conform, "bit 31 was written, and stays changed: 0x%" PRIx32, now.raw);
		put_back(conform, now);
	} else if (conform->err && (now.state != MIG_STATE_RUNNING || port->set_took >= 0))
		conform_fail(conform, "bit 31 was written: the driver said %s, and the state is %s",
			     conform_said(conform, said), mig_reading_name(now, text));
	else if (!conform->err && now.state != MIG_STATE_STOP)
		conform_fail(conform, "stop was written with bit 31: success, and the state is %s",
			     mig_reading_name(now, text));
	else
		conform_note(conform, conform->err ? "refused with %s" : "ignored: %s",
			     conform_said(conform, said));
}

/* A device gets there by a load that is found bad, where its driver has it so. */
static void leave_error(struct conform *conform)
{
	struct mig_reading now;

	if (conform_begin_load(conform) || conform_load_part(conform) ||
	    conform_set(conform, MIG_STATE_RUNNING) || conform_get(conform, &now))
		return;
	if (now.state == MIG_STATE_ERROR)
		write_raw(conform, MIG_V1_RUNNING, "running in _ERROR");
	else
		conform_skip(conform, "a part of a load does not lead to _ERROR");
}

#define V1_HEADER "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "

static const struct conform_test tests[] = {
	{ .name = "error-state",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority =
		  "include/uapi/linux/vfio.h, enum vfio_device_mig_state: ERROR is no state to "
		  "ask for",
	  .run = error_state,
	  .illegal = true },
	{ .name = "no-state",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "drivers/vfio/vfio_main.c, vfio_mig_get_next_state: a number that is no "
		       "state is EINVAL",
	  .run = no_state,
	  .illegal = true },
	{ .name = "argsz",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "include/linux/vfio.h, vfio_check_feature: an argsz without room for the "
		       "answer is EINVAL",
	  .run = short_argsz,
	  .illegal = true },
	{ .name = "flags",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "drivers/vfio/vfio_main.c, vfio_ioctl_device_feature: one of GET and SET, "
		       "that the feature has, and no unknown flag",
	  .run = bad_flags,
	  .illegal = true },
	{ .name = "invalid-101b",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1_HEADER "101b is no state, and a failed write has an errno and the state "
				 "before it",
	  .run = invalid_101b,
	  .illegal = true },
	{ .name = "invalid-111b",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1_HEADER "111b is no state, and a failed write has an errno and the state "
				 "before it",
	  .run = invalid_111b,
	  .illegal = true },
	{ .name = "error-110b",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = "thread: Williamson: _ERROR is above the last state, neither a source nor a "
		       "target",
	  .run = error_110b,
	  .illegal = true },
	{ .name = "leave-error",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1_HEADER "_ERROR is left by a reset alone",
	  .needs_reset = true,
	  .run = leave_error,
	  .illegal = true },
	{ .name = "reserved-bit",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = V1_HEADER "bits 3-31 are reserved, and written as they were read",
	  .run = reserved_bit,
	  .illegal = true },
};

static const struct conform_test unsupported = {
	.protocol = MIG_PROTOCOL_V2,
	.authority = "include/uapi/linux/vfio.h, enum vfio_device_mig_state: an optional state "
		     "cannot be asked of a device that does not announce it",
	.illegal = true,
	.run = not_announced,
};

static void list(struct conform_list *list)
{
	static const enum mig_state optional[] = { MIG_STATE_RUNNING_P2P, MIG_STATE_PRE_COPY,
						   MIG_STATE_PRE_COPY_P2P };
	char name[MIG_CONFORM_NAME];

	for (size_t i = 0; i < sizeof(optional) / sizeof(*optional); i++) {
		snprintf(name, sizeof(name), "%s-not-announced", mig_state_name(optional[i]));
		conform_add(list, &unsupported, name, MIG_STATE_INVALID, optional[i]);
	}
	conform_add_all(list, tests, sizeof(tests) / sizeof(*tests));
}

const struct conform_group conform_refusals = { .name = "refusals", .list = list };
