// SPDX-License-Identifier: GPL-2.0
/* The data part of the v1 region: one window at a time, acknowledged as each posted driver had it. */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "migsim.h"

#define WINDOW_SLACK	128	/* room to show the same window at another data_offset */
#define WINDOW_MOVE	64

size_t migsim_v1_data_start(const struct migsim_config *cfg)
{
	if (cfg->mmap)
		return PAGE_SIZE;
	return cfg->profile == MIGSIM_OPENEULER ? 0x28 : 0x20;
}

static size_t window_buf_len(const struct migsim_config *cfg)
{
	size_t len = migsim_chunk(cfg) + WINDOW_SLACK;

	return cfg->mmap ? PAGE_ALIGN(len) : len;
}

u64 migsim_v1_region_size(const struct migsim_config *cfg)
{
	return migsim_v1_data_start(cfg) + window_buf_len(cfg);
}

void migsim_v1_reset(struct migsim *m)
{
	m->win.len = 0;
	m->win.shift = 0;
	m->win.ready = false;
	m->win.size_read = false;
	m->win.consumed = 0;
}

int migsim_v1_open(struct migsim *m)
{
	size_t len = window_buf_len(&m->cfg);

	m->win.buf = vmalloc_user(PAGE_ALIGN(len));
	if (!m->win.buf)
		return -ENOMEM;
	m->win.buf_len = len;
	migsim_save_begin(m, &m->save, false);
	migsim_load_begin(m, &m->load);
	migsim_v1_reset(m);
	return 0;
}

/* A mapping holds the device open, so none is left. */
void migsim_v1_close(struct migsim *m)
{
	vfree(m->win.buf);
	m->win.buf = NULL;
}

int migsim_v1_mmap(struct migsim *m, struct vm_area_struct *vma)
{
	unsigned long pgoff = vma->vm_pgoff & ((1UL << (40 - PAGE_SHIFT)) - 1);

	if (!m->cfg.mmap || vma->vm_pgoff >> (40 - PAGE_SHIFT) != m->cfg.region_index)
		return -EINVAL;
	if (!(vma->vm_flags & VM_SHARED) || pgoff < 1)	/* the header always traps */
		return -EINVAL;
	return remap_vmalloc_range(vma, m->win.buf, pgoff - 1);
}

static u32 v1_state(struct migsim *m)
{
	return migsim_state(m) & V1_MASK;
}

bool migsim_v1_saving(u32 state)
{
	return state == V1_STOP_COPY || state == V1_PRE_COPY;
}

static u64 bytes_pending(struct migsim *m, u32 state)
{
	u64 left = migsim_save_limit(m, &m->save, state == V1_PRE_COPY) - m->save.pos;

	if (m->win.ready)
		left += m->win.len - (m->cfg.profile == MIGSIM_HISI ? m->win.consumed : 0);
	if (migsim_data_fault(m, DF_PENDING_FOREVER))
		left = max(left, migsim_chunk(&m->cfg));
	return left;
}

/* Reading pending_bytes acknowledges a window whose data_size was read. hisi_acc counts the bytes instead. */
static void window_ack(struct migsim *m)
{
	struct migsim_window *win = &m->win;
	__le64 len = cpu_to_le64(win->len);
	bool taken = m->cfg.profile == MIGSIM_HISI ? win->consumed >= win->len : win->size_read;

	if (!win->ready || !taken)
		return;
	if (win->len) {
		migsim_hash_add(&m->save.windows, &len, sizeof(len));
		migsim_count(m, STAT_WINDOWS);
		atomic64_add(win->len, &m->stats[STAT_BYTES_OUT]);
	}
	win->ready = false;
	win->len = 0;
}

ssize_t migsim_v1_read_pending(struct migsim *m, u64 *val)
{
	u32 state = v1_state(m);
	bool stale = m->cfg.profile == MIGSIM_MLX5;

	migsim_count(m, STAT_PENDING_READS);
	*val = 0;
	if (!migsim_v1_saving(state))
		return stale ? 0 : sizeof(*val);	/* mlx5 as posted read no bytes at all here */
	if (stale)
		*val = bytes_pending(m, state);
	window_ack(m);
	if (!stale)
		*val = bytes_pending(m, state);
	if (state == V1_STOP_COPY && !m->win.ready && m->save.pos >= m->save.total)
		migsim_save_done(m, &m->save);
	if (*val && migsim_defect(m, DEFECT_PENDING_STUCK))
		*val = m->save.total;
	if (m->save.pos >= m->save.total / 2 && migsim_defect(m, DEFECT_PENDING_ZERO_EARLY))
		*val = 0;
	return sizeof(*val);
}

static void window_prepare(struct migsim *m, u32 state)
{
	struct migsim_window *win = &m->win;
	u64 left = migsim_save_limit(m, &m->save, state == V1_PRE_COPY) - m->save.pos;

	if (migsim_data_fault(m, DF_PENDING_FOREVER))
		left = U64_MAX;
	win->len = min(left, migsim_chunk(&m->cfg));
	win->ready = true;
	win->size_read = false;
	win->consumed = 0;
	migsim_save_take(m, &m->save, win->buf + win->shift, win->len);
}

ssize_t migsim_v1_read_offset(struct migsim *m, u64 *val)
{
	struct migsim_window *win = &m->win;
	u32 state = v1_state(m), shift = win->shift & WINDOW_MOVE;

	if (m->cfg.profile == MIGSIM_I40E)
		return -EFAULT;
	if (migsim_data_fault(m, DF_OFFSET_MOVES))
		shift ^= WINDOW_MOVE;
	if (migsim_data_fault(m, DF_UNALIGNED))
		shift |= 1;
	if (win->ready && shift != win->shift)
		memmove(win->buf + shift, win->buf + win->shift, win->len);
	win->shift = shift;
	if (migsim_v1_saving(state) && (!(win->ready && win->len) || migsim_defect(m, DEFECT_OFFSET_ADVANCES)))
		window_prepare(m, state);
	*val = migsim_v1_data_start(&m->cfg) + shift;
	if (migsim_data_fault(m, DF_BAD_OFFSET))
		*val = READ_ONCE(m->data_fault_arg[DF_BAD_OFFSET]);
	if (migsim_defect(m, DEFECT_OFFSET_ZERO))
		*val = 0;
	if (migsim_defect(m, DEFECT_OFFSET_IN_HEAD))
		*val = 0x18;
	if (migsim_defect(m, DEFECT_OFFSET_BEYOND))
		*val = migsim_v1_region_size(&m->cfg);
	return sizeof(*val);
}

ssize_t migsim_v1_read_size(struct migsim *m, u64 *val)
{
	u32 state = v1_state(m);

	/* Where data_offset cannot be read, this is what makes the window ready. */
	if (m->cfg.profile == MIGSIM_I40E && migsim_v1_saving(state) && !(m->win.ready && m->win.len))
		window_prepare(m, state);
	*val = m->win.ready ? m->win.len : 0;
	m->win.size_read = m->win.ready;
	if (migsim_data_fault(m, DF_BAD_SIZE))
		*val = READ_ONCE(m->data_fault_arg[DF_BAD_SIZE]);
	if (*val && migsim_defect(m, DEFECT_SIZE_BEYOND))
		*val = migsim_v1_region_size(&m->cfg);
	return sizeof(*val);
}

ssize_t migsim_v1_write_size(struct migsim *m, u64 len)
{
	struct migsim_window *win = &m->win;
	__le64 sum = cpu_to_le64(len);

	if (v1_state(m) != V1_RESUMING || len > win->buf_len - win->shift)
		return -EINVAL;
	migsim_hash_add(&m->load.windows, &sum, sizeof(sum));
	migsim_load_add(m, &m->load, win->buf + win->shift, len);
	if (migsim_defect(m, DEFECT_SIZE_WRITE_TWICE))
		migsim_load_add(m, &m->load, win->buf + win->shift, len);
	migsim_count(m, STAT_WINDOWS);
	return sizeof(len);
}

ssize_t migsim_v1_read_data(struct migsim *m, char __user *buf, size_t count, u64 at)
{
	struct migsim_window *win = &m->win;
	struct migsim_hit hit;
	int ret;

	if (!migsim_v1_saving(v1_state(m)) || at > win->buf_len || count > win->buf_len - at)
		return -EINVAL;
	ret = migsim_meet_data(m, CALL_DATA_READ, m->save.pos - win->len + at - win->shift, &count, &hit);
	if (ret || hit.action == ACT_ZERO)
		return ret;
	if (copy_to_user(buf, win->buf + at, count))
		return -EFAULT;
	if (m->cfg.profile == MIGSIM_HISI) {	/* gone once read */
		memset(win->buf + at, 0, count);
		win->consumed = min_t(u64, win->len, (u64)win->consumed + count);
	}
	return count;
}

ssize_t migsim_v1_write_data(struct migsim *m, const char __user *buf, size_t count, u64 at)
{
	struct migsim_window *win = &m->win;
	struct migsim_hit hit;
	int ret;

	if (v1_state(m) != V1_RESUMING || at > win->buf_len || count > win->buf_len - at)
		return -EINVAL;
	ret = migsim_meet_data(m, CALL_DATA_WRITE, m->load.pos + at - win->shift, &count, &hit);
	if (ret || hit.action == ACT_ZERO)
		return ret;
	return copy_from_user(win->buf + at, buf, count) ? -EFAULT : count;
}
