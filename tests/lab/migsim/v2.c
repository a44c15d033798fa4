// SPDX-License-Identifier: GPL-2.0
/* The v2 protocol: arcs as vfio_mig_get_next_state() hands them out. */
#include <linux/err.h>
#include <linux/file.h>
#include "migsim.h"

/* Flags a device must have announced for a state to exist. */
static u32 state_needs(u32 state)
{
	switch (state) {
	case VFIO_DEVICE_STATE_PRE_COPY:
		return VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_PRE_COPY;
	case VFIO_DEVICE_STATE_PRE_COPY_P2P:
		return VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_PRE_COPY | VFIO_MIGRATION_P2P;
	case VFIO_DEVICE_STATE_RUNNING_P2P:
		return VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P;
	default:
		return VFIO_MIGRATION_STOP_COPY;
	}
}

static bool is_precopy(u32 state)
{
	return state == VFIO_DEVICE_STATE_PRE_COPY || state == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

static bool is_saving(u32 state)
{
	return is_precopy(state) || state == VFIO_DEVICE_STATE_STOP_COPY;
}

/*
 * Two requests that the kernel's own code cannot take: from ERROR vfio_mig_get_next_state() trips its WARN_ON, and
 * STOP_COPY->PRE_COPY spins in it for ever before the 2026 fix. They are counted, and must not bring the guest down.
 */
static bool is_hazard(struct migsim *m, u32 cur, u32 new)
{
	if (cur == new)
		return false;
	if (cur == VFIO_DEVICE_STATE_ERROR || (cur == VFIO_DEVICE_STATE_STOP_COPY && is_precopy(new))) {
		migsim_count(m, STAT_HAZARDS);
		return true;
	}
	return false;
}

/* What the arc does to the data; a new data file comes back where the uAPI has one. */
static struct file *arc_data(struct migsim *m, u32 from, u32 to)
{
	int ret;

	if (to == VFIO_DEVICE_STATE_RESUMING)
		return migsim_file_new(m, false, false);
	if (from == VFIO_DEVICE_STATE_RESUMING) {
		ret = migsim_file_load(m);
		if (ret)
			return ERR_PTR(ret);
	}
	if (is_saving(from) && is_saving(to))
		return NULL;	/* the session goes on */
	if (is_saving(to))
		return migsim_file_new(m, true, is_precopy(to));
	migsim_file_drop(m);
	return NULL;
}

/* Whether the fault decides the arc; *ret is then what the arc returns. */
static bool arc_fault(struct migsim *m, u32 from, const struct migsim_hit *hit, int *ret)
{
	*ret = migsim_fault_wait(m, hit);
	if (*ret)
		return true;
	switch (hit->action) {
	case ACT_NONE:
	case ACT_DELAY:
	case ACT_HANG:
	case ACT_HANG_D:
		return false;
	case ACT_ERROR:
	case ACT_ERROR_OK:
	case ACT_ZERO_MOVE:
		*ret = migsim_commit(m, from, VFIO_DEVICE_STATE_ERROR);
		break;
	case ACT_LIE:
	case ACT_NAK_LIE:
		*ret = migsim_commit(m, from, hit->lie);
		break;
	default:
		break;
	}
	if (!*ret && hit->action != ACT_ERROR_OK && hit->action != ACT_LIE)
		*ret = hit->err;
	return true;
}

/* One arc. *done says that the call ends here although the target may not be reached. */
static struct file *do_arc(struct migsim *m, u32 from, u32 to, bool *done)
{
	ktime_t start = ktime_get();
	struct file *file = NULL;
	struct migsim_hit hit;
	int ret = 0;

	migsim_fault_arc(m, from, to, &hit);
	*done = arc_fault(m, from, &hit, &ret);
	if (!*done) {
		file = arc_data(m, from, to);
		ret = IS_ERR(file) ? PTR_ERR(file) : migsim_commit(m, from, to);
	}
	migsim_trace(m, from, to, start, ret);
	if (!ret)
		return file;
	if (!IS_ERR_OR_NULL(file))
		fput(file);
	return ERR_PTR(ret);
}

static struct file *set_state(struct migsim *m, u32 new)
{
	enum vfio_device_mig_state next;
	struct file *file = NULL;
	bool done = false;
	u32 cur;
	int ret;

	migsim_count(m, STAT_SETS);
	if (is_hazard(m, migsim_state(m), new))
		return ERR_PTR(-EINVAL);
	while (!done && (cur = migsim_state(m)) != new) {
		if (file)	/* only a last arc may return data */
			fput(file);
		file = NULL;
		/* A forced or a lying state may be one that the core does not expect here: not the caller's doing. */
		if (cur == VFIO_DEVICE_STATE_ERROR)
			return ERR_PTR(-EIO);
		if (state_needs(cur) & ~m->cfg.caps)
			return ERR_PTR(-EINVAL);
		ret = vfio_mig_get_next_state(m->vdev, cur, new, &next);
		if (ret)
			return ERR_PTR(ret);
		file = do_arc(m, cur, next, &done);
		if (IS_ERR(file))
			break;
	}
	return file;
}

static struct file *v2_set_state(struct vfio_device *vdev, enum vfio_device_mig_state new)
{
	struct migsim *m = vdev_to_migsim(vdev);
	struct file *file;

	mutex_lock(&m->op_lock);
	file = set_state(m, new);
	mutex_unlock(&m->op_lock);
	return file;
}

static int v2_get_state(struct vfio_device *vdev, enum vfio_device_mig_state *state)
{
	struct migsim *m = vdev_to_migsim(vdev);
	struct migsim_hit hit;
	int ret;

	mutex_lock(&m->op_lock);
	migsim_count(m, STAT_GETS);
	ret = migsim_meet(m, CALL_GET, &hit);
	*state = migsim_state(m);
	mutex_unlock(&m->op_lock);
	return ret;
}

static int v2_get_data_size(struct vfio_device *vdev, unsigned long *length)
{
	struct migsim *m = vdev_to_migsim(vdev);
	struct migsim_hit hit;
	int ret;

	mutex_lock(&m->op_lock);
	ret = migsim_meet(m, CALL_DATA_SIZE, &hit);
	*length = hit.action == ACT_ZERO ? 0 : migsim_file_left(m);
	mutex_unlock(&m->op_lock);
	return ret;
}

const struct vfio_migration_ops migsim_v2_ops = {
	.migration_set_state = v2_set_state,
	.migration_get_state = v2_get_state,
	.migration_get_data_size = v2_get_data_size,
};
