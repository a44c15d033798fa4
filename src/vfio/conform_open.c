// SPDX-License-Identifier: GPL-2.0-or-later
/* What is there when a device is opened, before anything is asked of it. */
#include <errno.h>
#include <inttypes.h>

#include "conform.h"
#include "uapi.h"

static void first_state(struct conform *conform)
{
	if (!conform_reopen(conform))
		conform_expect(conform, MIG_STATE_RUNNING, "after opening");
}

/* v2's header does not say it, and mtty keeps its state: each driver's open does. */
static void not_kept(struct conform *conform)
{
	struct mig_reading now;
	char text[MIG_STATE_TEXT];

	if (conform_reopen(conform) || conform_get(conform, &now))
		return;
	if (now.state != MIG_STATE_RUNNING) {
		conform_skip(conform, "it does not begin in running anyway: open/first-state");
		return;
	}
	if (conform_go(conform, MIG_STATE_STOP) || conform_reopen(conform) ||
	    conform_get(conform, &now) || now.state == MIG_STATE_RUNNING)
		return;
	if (conform->port->proto->id == MIG_PROTOCOL_V1)
		conform_fail(conform, "closed in stop and opened again, the state is %s",
			     mig_reading_name(now, text));
	else
		conform_warn(conform,
			     "closed in stop and opened again, the state is %s: the next user does "
			     "not begin in running",
			     mig_reading_name(now, text));
}

static void read_v1(struct conform *conform)
{
	struct mig_reading first, again;
	char text[MIG_STATE_TEXT];

	if (conform_get(conform, &first) || conform_get(conform, &again))
		return;
	if (first.raw != again.raw)
		conform_fail(conform, "device_state was read as 0x%" PRIx32 ", then as 0x%" PRIx32,
			     first.raw, again.raw);
	else if (first.state == MIG_STATE_INVALID)
		conform_fail(conform, "the state is %s", mig_reading_name(first, text));
	else if (first.raw & ~MIG_V1_MASK)
		conform_warn(conform, "reserved bits are set: 0x%" PRIx32, first.raw);
}

static void read_v2(struct conform *conform)
{
	struct uapi_feature_mig_state answer[2];

	for (int i = 0; i < 2; i++) {
		answer[i] = (struct uapi_feature_mig_state){
			.header = { .argsz = sizeof(answer[i]),
				    .flags = UAPI_FEATURE_GET | UAPI_FEATURE_MIG_DEVICE_STATE },
			.device_state = UINT32_MAX,
		};
		if (conform_feature(conform, &answer[i].header, sizeof(answer[i])))
			return;
		if (conform->err) {
			conform_fail(conform, "GET: %s", mig_errno_name(conform->err));
			return;
		}
	}
	if (answer[0].device_state != answer[1].device_state)
		conform_fail(conform, "the state was %" PRIu32 ", then %" PRIu32,
			     answer[0].device_state, answer[1].device_state);
	else if (mig_v2_reading(answer[0].device_state).state == MIG_STATE_INVALID)
		conform_fail(conform, "the state is %" PRIu32 ", which is none",
			     answer[0].device_state);
	else if (answer[0].data_fd != -1 || answer[1].data_fd != -1)
		conform_fail(conform, "GET gave data_fd %" PRId32 ", not -1",
			     answer[answer[0].data_fd == -1].data_fd);
}

static void capabilities(struct conform *conform)
{
	struct uapi_feature_migration answer = { .header = { .argsz = sizeof(answer),
							     .flags = UAPI_FEATURE_GET |
								      UAPI_FEATURE_MIGRATION } };

	if (conform_feature(conform, &answer.header, sizeof(answer)))
		return;
	if (conform->err)
		conform_fail(conform, "GET: %s", mig_errno_name(conform->err));
	else if (!(answer.flags & MIG_CAP_STOP_COPY))
		conform_fail(conform, "STOP_COPY is not among the flags 0x%" PRIx64, answer.flags);
	else if ((answer.flags & MIG_CAPS_ALL) != conform->port->caps)
		conform_fail(conform,
			     "the flags are 0x%" PRIx64 ", and were 0x%x when it was opened",
			     answer.flags, conform->port->caps);
	else if (answer.flags & ~(uint64_t)MIG_CAPS_ALL)
		conform_warn(conform,
			     "the flags 0x%" PRIx64 " have bits that Linux 6.12 does not know",
			     answer.flags);
}

/* A probe asks whether it could be done, and does it not. */
static void probe(struct conform *conform)
{
	static const struct {
		uint32_t flags;
		const char *text;
	} probes[] = {
		{ UAPI_FEATURE_MIGRATION | UAPI_FEATURE_GET, "GET of MIGRATION" },
		{ UAPI_FEATURE_MIG_DEVICE_STATE | UAPI_FEATURE_GET, "GET of MIG_DEVICE_STATE" },
		{ UAPI_FEATURE_MIG_DEVICE_STATE | UAPI_FEATURE_SET, "SET of MIG_DEVICE_STATE" },
		{ UAPI_FEATURE_MIG_DEVICE_STATE | UAPI_FEATURE_GET | UAPI_FEATURE_SET,
		  "GET and SET of MIG_DEVICE_STATE" },
	};

	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		struct uapi_feature_mig_state request = {
			.header = { .argsz = sizeof(request),
				    .flags = UAPI_FEATURE_PROBE | probes[i].flags },
			.device_state = mig_v2_wire(MIG_STATE_STOP),
			.data_fd = -1,
		};

		if (conform_feature(conform, &request.header, sizeof(request)))
			return;
		if (conform->err)
			conform_fail(conform, "a probe of %s is answered with %s", probes[i].text,
				     mig_errno_name(conform->err));
	}
	conform_expect(conform, MIG_STATE_RUNNING, "after a probe alone");
}

static void data_size(struct conform *conform)
{
	struct mig_port *port = conform->port;

	for (int state = 0; state < MIG_STATE_COUNT && !conform_over(conform); state++) {
		struct mig_error error = { .kind = MIG_KIND_OK };
		uint64_t bytes;
		int ret;

		if (state == MIG_STATE_ERROR || !mig_table_v2_supported(port->caps, state) ||
		    conform_go(conform, state))
			continue;
		ret = port->proto->size(port, &bytes, &error);
		if (conform_stuck(conform, ret, "VFIO_DEVICE_FEATURE_MIG_DATA_SIZE of"))
			return;
		/* The core answers for every driver, since 6.2. */
		if (ret == -ENODATA)
			conform_skip(conform, "the kernel is older than the feature");
		else if (ret)
			conform_fail(conform, "in %s: %s", mig_state_name(state),
				     mig_errno_name(-ret));
	}
}

static const struct conform_test tests[] = {
	{ .name = "first-state",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		       "_RUNNING is the state in which a user finds the device",
	  .run = first_state },
	{ .name = "first-state",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "drivers/vfio/pci/mlx5/main.c, mlx5vf_pci_open_device: to open the device "
		       "puts it in RUNNING",
	  .run = first_state },
	{ .name = "state-not-kept",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		       "_RUNNING is the state in which a user finds the device",
	  .run = not_kept },
	{ .name = "state-not-kept",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "drivers/vfio/pci/mlx5/main.c, mlx5vf_pci_open_device: to open the device "
		       "puts it in RUNNING, whatever its last user left",
	  .run = not_kept },
	{ .name = "get",
	  .protocol = MIG_PROTOCOL_V1,
	  .authority = "include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: "
		       "device_state is one of the states defined, and to read it changes nothing",
	  .run = read_v1 },
	{ .name = "get",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "include/uapi/linux/vfio.h, vfio_device_feature_mig_state: GET gives the "
		       "current state and no data_fd; the state changes by SET and reset alone",
	  .run = read_v2 },
	{ .name = "capabilities",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "include/uapi/linux/vfio.h, vfio_device_feature_migration: STOP_COPY, at "
		       "least, is set; other flags are not defined",
	  .run = capabilities },
	{ .name = "probe",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "include/uapi/linux/vfio.h, VFIO_DEVICE_FEATURE_PROBE: success where the "
		       "feature and the methods named are there, and nothing is done",
	  .run = probe },
	{ .name = "data-size",
	  .protocol = MIG_PROTOCOL_V2,
	  .authority = "include/uapi/linux/vfio.h, VFIO_DEVICE_FEATURE_MIG_DATA_SIZE: may be asked "
		       "in each state",
	  .run = data_size },
};

static void list(struct conform_list *list)
{
	conform_add_all(list, tests, sizeof(tests) / sizeof(*tests));
}

const struct conform_group conform_open = { .name = "open", .list = list };
