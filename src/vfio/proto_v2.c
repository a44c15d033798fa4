// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "feature.h"
#include "mover.h"
#include "probe.h"

_Static_assert(MIG_CAP_STOP_COPY == 1 && MIG_CAP_P2P == 2 && MIG_CAP_PRE_COPY == 4,
	       "capabilities are the bits of VFIO_DEVICE_FEATURE_MIGRATION");
#ifdef VFIO_DEVICE_FEATURE_MIGRATION
/* The states are enum members: the oldest v2 header, 5.18's, has these. */
_Static_assert((int)MIG_STATE_ERROR == VFIO_DEVICE_STATE_ERROR &&
		       (int)MIG_STATE_STOP == VFIO_DEVICE_STATE_STOP &&
		       (int)MIG_STATE_RUNNING == VFIO_DEVICE_STATE_RUNNING &&
		       (int)MIG_STATE_STOP_COPY == VFIO_DEVICE_STATE_STOP_COPY &&
		       (int)MIG_STATE_RESUMING == VFIO_DEVICE_STATE_RESUMING &&
		       (int)MIG_STATE_RUNNING_P2P == VFIO_DEVICE_STATE_RUNNING_P2P,
	       "states are numbered as in the system header");
_Static_assert(sizeof(struct uapi_feature_mig_state) ==
		       sizeof(struct vfio_device_feature) +
			       sizeof(struct vfio_device_feature_mig_state),
	       "system header");
#endif
_Static_assert(MIG_STATE_PRE_COPY == 6 && MIG_STATE_PRE_COPY_P2P == 7, "Linux 6.2");

int mig_proto_v2_probe(struct mig_port *port, struct mig_error *error)
{
	struct uapi_feature_migration answer = { .flags = 0 };
	int ret = feature_call(port->device, &answer.header, sizeof(answer),
			       UAPI_FEATURE_GET | UAPI_FEATURE_MIGRATION);

	/* EINVAL: a driver from before features knows the ioctl not at all. */
	if ((ret == -ENOTTY || ret == -EINVAL) && !mig_sys_is_stuck(port->device->sys))
		return 0;
	if (ret < 0)
		return mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret,
				     "VFIO_DEVICE_FEATURE_MIGRATION of %s", port->device->name);
	port->proto = &mig_proto_v2;
	port->caps = (unsigned int)(answer.flags & MIG_CAPS_ALL);
	return 1;
}

static int get(struct mig_port *port, struct mig_reading *reading, struct mig_error *error)
{
	struct uapi_feature_mig_state answer = { .data_fd = -1 };
	int ret = feature_call(port->device, &answer.header, sizeof(answer),
			       UAPI_FEATURE_GET | UAPI_FEATURE_MIG_DEVICE_STATE);

	if (ret < 0)
		return mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret,
				     "reading device_state of %s", port->device->name);
	*reading = mig_v2_reading(answer.device_state);
	return 0;
}

/*
 * A session outlives the arc to STOP_COPY from PRE_COPY, where no new data_fd
 * comes; leaving for any other state ends it.
 */
static void keep_data_fd(struct mig_port *port, enum mig_state state, int data_fd)
{
	bool transfers = state == MIG_STATE_STOP_COPY || state == MIG_STATE_RESUMING ||
			 state == MIG_STATE_PRE_COPY || state == MIG_STATE_PRE_COPY_P2P;

	if (port->data_fd >= 0 && (data_fd >= 0 || !transfers)) {
		port->dead_fd = port->data_fd;
		port->data_fd = -1;
	}
	if (data_fd >= 0)
		port->data_fd = data_fd;
}

static int set(struct mig_port *port, struct mig_reading now, enum mig_state state,
	       struct mig_error *error)
{
	struct uapi_feature_mig_state request = { .device_state = mig_v2_wire(state),
						  .data_fd = -1 };
	int ret = feature_call(port->device, &request.header, sizeof(request),
			       UAPI_FEATURE_SET | UAPI_FEATURE_MIG_DEVICE_STATE);

	(void)now; /* v2 has no reserved bits to keep */
	port->set_ns = port->device->sys->elapsed_ns;
	port->set_took = -1;
	/* On failure the kernel copies back what was asked, and no data_fd. */
	if (ret < 0)
		return mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret,
				     "writing device_state %s to %s", mig_state_name(state),
				     port->device->name);
	keep_data_fd(port, state, request.data_fd);
	return 0;
}

static int size(struct mig_port *port, uint64_t *bytes, struct mig_error *error)
{
	struct uapi_feature_mig_data_size answer = { .stop_copy_length = 0 };
	int ret = feature_call(port->device, &answer.header, sizeof(answer),
			       UAPI_FEATURE_GET | UAPI_FEATURE_MIG_DATA_SIZE);

	if (ret < 0) {
		mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret,
			      "VFIO_DEVICE_FEATURE_MIG_DATA_SIZE of %s", port->device->name);
		return ret == -ENOTTY ? -ENODATA : ret;
	}
	*bytes = answer.stop_copy_length;
	return 0;
}

int mig_port_dma_logging(struct mig_port *port)
{
	struct uapi_feature request;
	int ret = feature_call(port->device, &request, sizeof(request),
			       UAPI_FEATURE_PROBE | UAPI_FEATURE_SET |
				       UAPI_FEATURE_DMA_LOGGING_START);

	if (!ret)
		return 1;
	return ret == -ENOTTY || ret == -EINVAL ? 0 : ret;
}

int mig_port_precopy(struct mig_port *port, struct mig_precopy *precopy, struct mig_error *error)
{
	struct uapi_precopy_info info = { .argsz = sizeof(info) };
	int ret;

	if (port->data_fd < 0)
		return -ENODATA;
	ret = port->device->sys->ops->ioctl(port->device->sys, port->data_fd,
					    UAPI_MIG_GET_PRECOPY_INFO, &info, sizeof(info));
	if (ret == -EINVAL)
		return -ENODATA;
	if (ret < 0)
		return mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret,
				     "VFIO_MIG_GET_PRECOPY_INFO of %s", port->device->name);
	precopy->initial_bytes = info.initial_bytes;
	precopy->dirty_bytes = info.dirty_bytes;
	return 0;
}

const struct mig_proto mig_proto_v2 = {
	.id = MIG_PROTOCOL_V2,
	.get = get,
	.set = set,
	.size = size,
	.mover = &mig_mover_v2,
};
