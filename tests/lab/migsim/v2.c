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

/* A session that nobody was given the file of. */
static struct file *keep_file(struct file *file)
{
	if (!IS_ERR(file))
		fput(file);
	return IS_ERR(file) ? file : NULL;
}

/* A new session, and its file as far as the driver tells of it. */
static struct file *begin_session(struct migsim *m, u32 to)
{
	struct file *file = migsim_file_new(m, is_saving(to), is_precopy(to));

	if (to == VFIO_DEVICE_STATE_STOP_COPY && migsim_defect(m, DEFECT_NO_SAVE_FD))
		return keep_file(file);
	if (to == VFIO_DEVICE_STATE_RESUMING && migsim_defect(m, DEFECT_NO_LOAD_FD))
		return keep_file(file);
	return file;
}

static struct file *end_session(struct migsim *m, u32 from)
{
	bool lives = (from == VFIO_DEVICE_STATE_STOP_COPY && migsim_defect(m, DEFECT_SAVE_FD_LIVES)) ||
		     (from == VFIO_DEVICE_STATE_RESUMING && migsim_defect(m, DEFECT_LOAD_FD_LIVES)) ||
		     (is_precopy(from) && migsim_defect(m, DEFECT_PRECOPY_FD_LIVES));

	migsim_file_end(m, lives);
	if (from == VFIO_DEVICE_STATE_STOP_COPY && migsim_defect(m, DEFECT_STRAY_FD))
		return migsim_file_new(m, true, false);
	return NULL;
}

/* What the arc does to the data; a new data file comes back where the uAPI has one. */
static struct file *arc_data(struct migsim *m, u32 from, u32 to)
{
	int ret;

	if (to == VFIO_DEVICE_STATE_RESUMING)
		return begin_session(m, to);
	if (from == VFIO_DEVICE_STATE_RESUMING) {
		ret = migsim_file_load(m);
		if (ret && migsim_defect(m, DEFECT_FAIL_OFF_PATH)) {
			migsim_file_end(m, false);
			migsim_force(m, VFIO_DEVICE_STATE_RUNNING);
		}
		if (ret)
			return ERR_PTR(ret);
	}
	if (is_saving(from) && is_saving(to)) {	/* the session goes on */
		if (to == VFIO_DEVICE_STATE_STOP_COPY && migsim_defect(m, DEFECT_SECOND_FD))
			return migsim_file_new(m, true, false);
		return NULL;
	}
	if (is_saving(to))
		return begin_session(m, to);
	return end_session(m, from);
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
		if (from == VFIO_DEVICE_STATE_PRE_COPY && to == VFIO_DEVICE_STATE_RUNNING &&
		    migsim_defect(m, DEFECT_PRECOPY_ABORT_STOPS)) {
			to = VFIO_DEVICE_STATE_STOP;
			*done = true;
		}
		ret = IS_ERR(file) ? PTR_ERR(file) : migsim_commit(m, from, to);
	}
	migsim_trace(m, from, to, start, ret);
	if (!ret && migsim_defect(m, DEFECT_LOG_ENDS_WITH_STATE))
		migsim_log_reset(m);
	if (!ret)
		return file;
	if (!IS_ERR_OR_NULL(file))
		fput(file);
	return ERR_PTR(ret);
}

/* What the driver answers by itself, before it looks for a way. *file is that answer. */
static bool answer_defect(struct migsim *m, u32 cur, u32 new, struct file **file)
{
	bool known = new < VFIO_DEVICE_STATE_NR;

	*file = NULL;
	if (new == VFIO_DEVICE_STATE_ERROR && migsim_defect(m, DEFECT_TAKES_ERROR)) {
		migsim_force(m, new);
		return true;
	}
	if (!known || (state_needs(new) & ~m->cfg.caps))
		return migsim_defect(m, known ? DEFECT_TAKES_UNSUPPORTED : DEFECT_TAKES_INVALID);
	if (cur == new && new == VFIO_DEVICE_STATE_STOP_COPY && migsim_defect(m, DEFECT_SAME_STATE_RESTARTS)) {
		*file = migsim_file_new(m, true, false);
		return true;
	}
	if ((cur == new && migsim_defect(m, DEFECT_SAME_STATE_NAK)) ||
	    (new == VFIO_DEVICE_STATE_PRE_COPY_P2P && migsim_defect(m, DEFECT_PRECOPY_P2P_REFUSED)) ||
	    (new == VFIO_DEVICE_STATE_PRE_COPY && migsim_defect(m, DEFECT_PRECOPY_REFUSED))) {
		*file = ERR_PTR(-EINVAL);
		return true;
	}
	return false;
}

static struct file *set_state(struct migsim *m, u32 new)
{
	u32 first = migsim_state(m);
	enum vfio_device_mig_state next;
	struct file *file = NULL;
	bool done = false;
	u32 cur;
	int ret;

	migsim_count(m, STAT_SETS);
	if (is_hazard(m, first, new))
		return ERR_PTR(-EINVAL);
	if (answer_defect(m, first, new, &file))
		return file;
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
		if (ret && migsim_defect(m, DEFECT_REFUSAL_MOVES))
			migsim_force(m, VFIO_DEVICE_STATE_STOP);
		if (ret)
			return ERR_PTR(ret);
		if (next == VFIO_DEVICE_STATE_PRE_COPY && cur != first && migsim_defect(m, DEFECT_ROUTE_SHORT))
			return NULL;
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
	if (*state == VFIO_DEVICE_STATE_PRE_COPY && migsim_defect(m, DEFECT_GET_STALE))
		*state = VFIO_DEVICE_STATE_RUNNING;
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
	if (migsim_defect(m, DEFECT_DATA_SIZE_SMALL))
		*length /= 16;
	if (!ret && !is_saving(migsim_state(m)) && migsim_defect(m, DEFECT_DATA_SIZE_FAILS))
		ret = -EINVAL;
	mutex_unlock(&m->op_lock);
	return ret;
}

const struct vfio_migration_ops migsim_v2_ops = {
	.migration_set_state = v2_set_state,
	.migration_get_state = v2_get_state,
	.migration_get_data_size = v2_get_data_size,
};
