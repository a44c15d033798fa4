// SPDX-License-Identifier: GPL-2.0
/* DMA logging: configfs says what the device dirtied, a report clears what it covers. */
#include <linux/iova_bitmap.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "migsim.h"

#define MAX_DIRTY	64
#define FEW_RANGES	8

struct dirty_range {
	struct list_head list;
	u64 first, last;
};

static int range_add(struct migsim *m, u64 first, u64 last)
{
	struct dirty_range *d;

	lockdep_assert_held(&m->log_lock);
	if (m->ndirty >= MAX_DIRTY)
		return -ENOSPC;
	d = kmalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	d->first = first;
	d->last = last;
	list_add(&d->list, &m->dirty);	/* in front: a walk in progress does not meet what it split off */
	m->ndirty++;
	return 0;
}

static void range_del(struct migsim *m, struct dirty_range *d)
{
	list_del(&d->list);
	m->ndirty--;
	kfree(d);
}

int migsim_dirty_add(struct migsim *m, u64 iova, u64 length)
{
	int ret;

	if (!length || iova + length - 1 < iova)
		return -EINVAL;
	mutex_lock(&m->log_lock);
	ret = range_add(m, iova, iova + length - 1);
	mutex_unlock(&m->log_lock);
	return ret;
}

void migsim_dirty_clear(struct migsim *m)
{
	struct dirty_range *d, *next;

	mutex_lock(&m->log_lock);
	list_for_each_entry_safe(d, next, &m->dirty, list)
		range_del(m, d);
	mutex_unlock(&m->log_lock);
}

ssize_t migsim_dirty_show(struct migsim *m, char *buf, size_t len)
{
	struct dirty_range *d;
	size_t n = 0;

	mutex_lock(&m->log_lock);
	list_for_each_entry(d, &m->dirty, list)
		n += scnprintf(buf + n, len - n, "0x%llx 0x%llx\n", d->first, d->last - d->first + 1);
	mutex_unlock(&m->log_lock);
	return n;
}

/* Cut [first, last] out of d. */
static int range_cut(struct migsim *m, struct dirty_range *d, u64 first, u64 last)
{
	int ret = 0;

	if (d->first < first && d->last > last)
		ret = range_add(m, last + 1, d->last);
	if (ret)
		return ret;
	if (d->first < first)
		d->last = first - 1;
	else if (d->last > last)
		d->first = last + 1;
	else
		range_del(m, d);
	return 0;
}

static int report(struct migsim *m, u64 iova, u64 length, struct iova_bitmap *bitmap)
{
	u64 end = iova + length - 1;
	struct dirty_range *d, *next;
	int ret = 0;

	if (!m->log_active)
		return migsim_defect(m, DEFECT_LOG_REPORT_IDLE) ? 0 : -EINVAL;
	if (!length)
		return 0;
	list_for_each_entry_safe(d, next, &m->dirty, list) {
		u64 first = max(d->first, iova), last = min(d->last, end);

		if (first > last)
			continue;
		iova_bitmap_set(bitmap, first, last - first + 1);
		if (migsim_defect(m, DEFECT_LOG_NOT_CLEARED))
			continue;
		ret = range_cut(m, d, first, last);
		if (ret)
			break;
	}
	return ret;
}

static int log_read_and_clear(struct vfio_device *vdev, unsigned long iova, unsigned long length,
			      struct iova_bitmap *bitmap)
{
	struct migsim *m = vdev_to_migsim(vdev);
	int ret;

	mutex_lock(&m->log_lock);
	ret = report(m, iova, length, bitmap);
	mutex_unlock(&m->log_lock);
	return ret;
}

static int log_start(struct vfio_device *vdev, struct rb_root_cached *ranges, u32 nnodes, u64 *page_size)
{
	struct migsim *m = vdev_to_migsim(vdev);
	int ret = 0;

	if (*page_size < SZ_4K || !is_power_of_2(*page_size))
		return -EINVAL;
	if (nnodes > FEW_RANGES && migsim_defect(m, DEFECT_LOG_FEW_RANGES))
		return -E2BIG;
	mutex_lock(&m->log_lock);
	if (m->log_active && !migsim_defect(m, DEFECT_LOG_STARTS_TWICE))
		ret = -EBUSY;
	else
		m->log_active = true;
	mutex_unlock(&m->log_lock);
	if (!ret && migsim_defect(m, DEFECT_LOG_PAGE_SIZE))
		*page_size = 0;
	return ret;
}

/* Stopping what was not started is no error, as in mlx5. */
static int log_stop(struct vfio_device *vdev)
{
	struct migsim *m = vdev_to_migsim(vdev);

	if (!migsim_defect(m, DEFECT_LOG_STOP_IGNORED))
		migsim_log_reset(m);
	return 0;
}

void migsim_log_reset(struct migsim *m)
{
	mutex_lock(&m->log_lock);
	m->log_active = false;
	mutex_unlock(&m->log_lock);
}

const struct vfio_log_ops migsim_log_ops = {
	.log_start = log_start,
	.log_stop = log_stop,
	.log_read_and_clear = log_read_and_clear,
};
