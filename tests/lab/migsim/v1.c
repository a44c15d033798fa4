// SPDX-License-Identifier: GPL-2.0
/* The v1 protocol: the header's registers and device_state. The data part is in window.c. */
#include <linux/uaccess.h>
#include "migsim.h"

enum v1_reg { REG_STATE, REG_CMD, REG_VERSION, REG_PENDING, REG_OFFSET, REG_SIZE };

#define RESERVED_OFF	0x04

struct v1_layout {
	u32 off, width;
	enum v1_reg reg;
};

static const struct v1_layout spec_layout[] = {
	{ 0x00, 4, REG_STATE }, { 0x08, 8, REG_PENDING }, { 0x10, 8, REG_OFFSET }, { 0x18, 8, REG_SIZE },
};

/* openEuler's vfio_pci_migration has a command and a version where everyone else has pending_bytes. */
static const struct v1_layout openeuler_layout[] = {
	{ 0x00, 4, REG_STATE }, { 0x08, 4, REG_CMD }, { 0x0c, 4, REG_VERSION },
	{ 0x10, 8, REG_PENDING }, { 0x18, 8, REG_OFFSET }, { 0x20, 8, REG_SIZE },
};

static bool is_target(struct migsim *m, u32 state)
{
	switch (state) {
	case V1_PRE_COPY:
		return m->cfg.caps & VFIO_MIGRATION_PRE_COPY;
	case V1_STOP_COPY:
		return m->cfg.caps & VFIO_MIGRATION_STOP_COPY;
	case V1_ERROR:
		return migsim_defect(m, DEFECT_TAKES_ERROR);
	default:
		return state <= V1_RESUMING || migsim_defect(m, DEFECT_TAKES_INVALID);
	}
}

/* The table as posted, with RUNNING->RESUMING as the review confirmed it, or none: every pair. */
static bool in_table(struct migsim *m, u32 from, u32 to)
{
	static const u8 posted[V1_RESUMING + 1] = {
		[V1_STOP] = BIT(V1_RUNNING) | BIT(V1_RESUMING),
		[V1_RUNNING] = BIT(V1_STOP) | BIT(V1_STOP_COPY) | BIT(V1_PRE_COPY),
		[V1_STOP_COPY] = BIT(V1_STOP) | BIT(V1_RUNNING),
		[V1_PRE_COPY] = BIT(V1_RUNNING) | BIT(V1_STOP_COPY),
		[V1_RESUMING] = BIT(V1_RUNNING) | BIT(V1_STOP),
	};

	if (m->cfg.v1_table == MIGSIM_OPEN)
		return true;
	if (m->cfg.v1_table == MIGSIM_REVIEWED && from == V1_RUNNING && to == V1_RESUMING)
		return true;
	return posted[from] & BIT(to);
}

static int arc_data(struct migsim *m, u32 from, u32 to)
{
	int ret;

	if (from == V1_RESUMING) {
		ret = migsim_load_finish(m, &m->load);
		if (ret) {
			migsim_commit(m, from, V1_ERROR);
			return ret;
		}
	}
	if (from == V1_PRE_COPY && to == V1_STOP_COPY)
		return 0;	/* the session goes on */
	if (from == V1_STOP_COPY)
		migsim_save_left(m, &m->save);
	migsim_v1_reset(m);
	if (migsim_v1_saving(to))
		migsim_save_begin(m, &m->save, to == V1_PRE_COPY);
	if (to == V1_RESUMING)
		migsim_load_begin(m, &m->load);
	return 0;
}

/* How a posted driver may fail: by errno, by writing nothing or too little, openly or not. */
static int arc_fault(struct migsim *m, u32 from, const struct migsim_hit *hit)
{
	int ret = 0;

	switch (hit->action) {
	case ACT_ERROR:
	case ACT_ERROR_OK:
	case ACT_ZERO_MOVE:
		ret = migsim_commit(m, from, V1_ERROR);
		break;
	case ACT_LIE:
	case ACT_NAK_LIE:
		ret = migsim_commit(m, from, hit->lie & V1_MASK);
		break;
	default:
		break;
	}
	if (ret)
		return ret;
	switch (hit->action) {
	case ACT_ERROR_OK:
	case ACT_LIE:
		return sizeof(u32);
	case ACT_ZERO:
	case ACT_ZERO_MOVE:
		return 0;
	case ACT_SHORT:
		return 2;
	default:
		return hit->err;
	}
}

/* A request that the driver does not take. */
static int refuse(struct migsim *m)
{
	if (migsim_defect(m, DEFECT_REFUSAL_MOVES))
		migsim_force(m, V1_STOP);
	return migsim_defect(m, DEFECT_REFUSAL_SILENT) ? sizeof(u32) : -EINVAL;
}

/* Returns what the write returns. */
static int do_arc(struct migsim *m, u32 from, u32 to)
{
	struct migsim_hit hit;
	int ret;

	if (from > V1_RESUMING && migsim_defect(m, DEFECT_ERROR_LEFT))
		return migsim_commit(m, from, to) ?: sizeof(u32);
	if (from > V1_RESUMING || !is_target(m, to) || !in_table(m, from, to))
		return refuse(m);
	if (migsim_fault_arc(m, from, to, &hit)) {
		ret = migsim_fault_wait(m, &hit);
		if (ret)
			return ret;
		if (hit.action < ACT_DELAY)
			return arc_fault(m, from, &hit);
	}
	ret = arc_data(m, from, to);
	if (from == V1_PRE_COPY && to == V1_RUNNING && migsim_defect(m, DEFECT_PRECOPY_ABORT_STOPS))
		to = V1_STOP;
	if (!ret)
		ret = migsim_commit(m, from, to);
	return ret ?: sizeof(u32);
}

static int set_state(struct migsim *m, u32 raw)
{
	u32 shown = migsim_state(m);
	u32 from = shown & V1_MASK, to = raw & V1_MASK;
	ktime_t start = ktime_get();
	int ret = -EINVAL;

	migsim_count(m, STAT_SETS);
	if ((raw ^ shown) & ~V1_MASK)
		migsim_count(m, STAT_RESERVED_VIOLATIONS);
	else if (from == to && from <= V1_RESUMING)
		return sizeof(u32);
	else
		ret = do_arc(m, from, to);
	migsim_trace(m, from, to, start, min(ret, 0));
	/* hisi_acc as posted returned 0 from the write of a transition that failed. */
	return ret < 0 && m->cfg.profile == MIGSIM_HISI ? 0 : ret;
}

static const struct v1_layout *find_reg(struct migsim *m, u64 off, size_t count)
{
	bool other = m->cfg.profile == MIGSIM_OPENEULER;
	const struct v1_layout *l = other ? openeuler_layout : spec_layout;
	size_t n = other ? ARRAY_SIZE(openeuler_layout) : ARRAY_SIZE(spec_layout);

	for (; n--; l++)
		if (l->off == off && l->width == count)
			return l;
	return NULL;	/* not a register, the reserved one, or not its native width */
}

/* The register that this is a part of, for a driver that does not mind. */
static const struct v1_layout *find_part(struct migsim *m, u64 off, size_t count)
{
	if (!migsim_defect(m, DEFECT_ANY_WIDTH))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(spec_layout); i++) {
		const struct v1_layout *l = &spec_layout[i];

		if (off >= l->off && off + count <= l->off + l->width)
			return l;
	}
	return NULL;
}

static ssize_t read_reg(struct migsim *m, const struct v1_layout *l, u64 *val)
{
	static const enum migsim_call calls[] = {
		[REG_STATE] = CALL_GET, [REG_PENDING] = CALL_PENDING,
		[REG_OFFSET] = CALL_DATA_OFFSET, [REG_SIZE] = CALL_DATA_SIZE,
	};
	size_t width = l->width;
	struct migsim_hit hit;
	ssize_t ret;

	*val = l->reg == REG_VERSION;
	if (l->reg == REG_CMD || l->reg == REG_VERSION)
		return width;
	if (l->reg == REG_STATE)
		migsim_count(m, STAT_GETS);
	ret = migsim_meet_data(m, calls[l->reg], 0, &width, &hit);
	if (ret || hit.action == ACT_ZERO)
		return ret;
	*val = migsim_state(m);
	if (l->reg == REG_PENDING)
		ret = migsim_v1_read_pending(m, val);
	else if (l->reg == REG_OFFSET)
		ret = migsim_v1_read_offset(m, val);
	else if (l->reg == REG_SIZE)
		ret = migsim_v1_read_size(m, val);
	else
		ret = width;
	return min_t(ssize_t, ret, width);
}

static ssize_t v1_read(struct migsim *m, char __user *buf, size_t count, u64 off)
{
	size_t start = migsim_v1_data_start(&m->cfg);
	const struct v1_layout *l;
	ssize_t ret;
	u64 val = 0;

	if (off >= start)
		return migsim_v1_read_data(m, buf, count, off - start);
	l = find_reg(m, off, count) ?: find_part(m, off, count);
	if (l)
		ret = read_reg(m, l, &val);
	else if (off == RESERVED_OFF && count == sizeof(u32) && migsim_defect(m, DEFECT_RESERVED_NOT_ZERO))
		ret = count;
	else
		return -EINVAL;
	if (!l)
		val = U32_MAX;
	if (l && ret > 0 && count < l->width) {
		val >>= 8 * (off - l->off);
		ret = count;
	}
	if (ret > 0 && copy_to_user(buf, &val, ret))
		return -EFAULT;
	return ret;
}

static ssize_t write_reg(struct migsim *m, const struct v1_layout *l, u64 val)
{
	size_t width = l->width;
	struct migsim_hit hit;
	int ret;

	if (l->reg == REG_STATE)
		return set_state(m, val);
	if (l->reg != REG_SIZE)
		return -EINVAL;
	ret = migsim_meet_data(m, CALL_DATA_SIZE, 0, &width, &hit);
	if (ret || hit.action == ACT_ZERO)
		return ret;
	return min_t(ssize_t, migsim_v1_write_size(m, val), width);
}

static ssize_t v1_write(struct migsim *m, const char __user *buf, size_t count, u64 off)
{
	size_t start = migsim_v1_data_start(&m->cfg);
	const struct v1_layout *l;
	ssize_t ret;
	u64 val = 0;

	if (off >= start)
		return migsim_v1_write_data(m, buf, count, off - start);
	l = find_reg(m, off, count) ?: find_part(m, off, count);
	if (!l || l->off != off)
		return -EINVAL;
	if (copy_from_user(&val, buf, count))
		return -EFAULT;
	ret = write_reg(m, l, val);
	return min_t(ssize_t, ret, count);
}

ssize_t migsim_v1_read(struct migsim *m, char __user *buf, size_t count, u64 off)
{
	ssize_t ret;

	mutex_lock(&m->op_lock);
	ret = v1_read(m, buf, count, off);
	mutex_unlock(&m->op_lock);
	return ret;
}

ssize_t migsim_v1_write(struct migsim *m, const char __user *buf, size_t count, u64 off)
{
	ssize_t ret;

	mutex_lock(&m->op_lock);
	ret = v1_write(m, buf, count, off);
	mutex_unlock(&m->op_lock);
	return ret;
}
