// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_DEVICE_GET_REGION_INFO with its capability chain, whole or broken. Whatever the chain claims, the reply is built
 * in one small zeroed buffer and no more than that is ever copied out.
 */
#include <linux/uaccess.h>
#include "migsim.h"

#define CAP_UNKNOWN	0x7f00
#define HUGE_ARGSZ	0xfffffff0U
#define BAD_OFFSET	0x1000

struct region_reply {
	struct vfio_region_info info;	/* first */
	u8 chain[128];
	size_t len;	/* of info and chain */
	u32 argsz;	/* as claimed */
};

/* The chain is addressed from the start of the info, as the uAPI does. */
static void *cap_at(struct region_reply *r, size_t off, size_t size, u16 id, u16 version, u32 next)
{
	struct vfio_info_cap_header head = { .id = id, .version = version, .next = next };
	u8 *cap = (u8 *)r + off;

	memcpy(cap, &head, sizeof(head));
	r->len = max(r->len, off + size);
	return cap;
}

static void type_cap(struct region_reply *r, size_t off, u16 version, u32 next)
{
	u32 type[2] = { VFIO_REGION_TYPE_MIGRATION_DEPRECATED, VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED };
	u8 *cap = cap_at(r, off, sizeof(struct vfio_region_info_cap_type), VFIO_REGION_INFO_CAP_TYPE, version, next);

	memcpy(cap + offsetof(struct vfio_region_info_cap_type, type), type, sizeof(type));
}

/* One area; returns where the next capability may go. */
static size_t sparse_cap(struct region_reply *r, size_t off, u32 nr_areas, u64 start, u64 size)
{
	size_t len = sizeof(struct vfio_region_info_cap_sparse_mmap) + sizeof(struct vfio_region_sparse_mmap_area);
	struct vfio_region_info_cap_sparse_mmap *cap;

	cap = cap_at(r, off, len, VFIO_REGION_INFO_CAP_SPARSE_MMAP, 1, off + len);
	cap->nr_areas = nr_areas;
	cap->areas[0].offset = start;
	cap->areas[0].size = size;
	return off + len;
}

static void unknown_cap(struct region_reply *r, size_t off, u32 next)
{
	cap_at(r, off, sizeof(struct vfio_info_cap_header), CAP_UNKNOWN, 1, next);
}

static void whole_chain(struct migsim *m, struct region_reply *r, u16 version)
{
	size_t start = migsim_v1_data_start(&m->cfg);
	size_t off = sizeof(r->info);

	if (m->cfg.mmap && migsim_defect(m, DEFECT_MMAP_OVER_HEAD))
		off = sparse_cap(r, off, 1, 0, r->info.size);
	else if (m->cfg.mmap && migsim_defect(m, DEFECT_MMAP_BEYOND))
		off = sparse_cap(r, off, 1, start, r->info.size);
	else if (m->cfg.mmap)
		off = sparse_cap(r, off, 1, start, r->info.size - start);
	type_cap(r, off, version, 0);
}

static void build_chain(struct migsim *m, struct region_reply *r, enum migsim_chain kind)
{
	const size_t first = sizeof(r->info), second = first + sizeof(struct vfio_info_cap_header);

	switch (kind) {
	case CHAIN_OK:
	case CHAIN_NO_CAPS_FLAG:
	case CHAIN_HUGE_ARGSZ:
		whole_chain(m, r, 1);
		break;
	case CHAIN_WRONG_VERSION:
		whole_chain(m, r, 99);
		break;
	case CHAIN_LOOP:
		unknown_cap(r, first, second);
		unknown_cap(r, second, first);
		break;
	case CHAIN_SELF:
		unknown_cap(r, first, first);
		break;
	case CHAIN_OUT_OF_RANGE:
		unknown_cap(r, first, BAD_OFFSET);
		break;
	case CHAIN_UNALIGNED:
		unknown_cap(r, first, second + 5);
		type_cap(r, second + 5, 1, 0);
		break;
	case CHAIN_TRUNCATED:
		unknown_cap(r, first, second);
		type_cap(r, second, 1, 0);
		r->len = second + sizeof(struct vfio_info_cap_header);
		break;
	case CHAIN_SPARSE_BAD:
		type_cap(r, sparse_cap(r, first, 0x10000000, r->info.size + SZ_1M, U64_MAX - SZ_4K), 1, 0);
		break;
	}
}

static void build_migration_region(struct migsim *m, struct region_reply *r)
{
	enum migsim_chain kind = READ_ONCE(m->chain);

	r->info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE | VFIO_REGION_INFO_FLAG_CAPS;
	if (m->cfg.mmap)
		r->info.flags |= VFIO_REGION_INFO_FLAG_MMAP;
	r->info.size = migsim_v1_region_size(&m->cfg);
	build_chain(m, r, kind);
	if (kind == CHAIN_NO_CAPS_FLAG)
		r->info.flags &= ~VFIO_REGION_INFO_FLAG_CAPS;
	r->argsz = kind == CHAIN_HUGE_ARGSZ ? HUGE_ARGSZ : r->len;
}

/* PCI's fixed regions end at index 8; the others are there and empty. */
u32 migsim_num_regions(const struct migsim_config *cfg)
{
	return cfg->protocol == MIGSIM_V1 ? max(10U, cfg->region_index + 1) : 0;
}

long migsim_region_info(struct migsim *m, void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct region_reply r = { .len = minsz, .argsz = minsz };
	struct vfio_region_info in;
	size_t len = minsz;

	if (copy_from_user(&in, arg, minsz))
		return -EFAULT;
	if (in.argsz < minsz || in.index >= migsim_num_regions(&m->cfg))
		return -EINVAL;
	r.info.index = in.index;
	r.info.offset = (u64)in.index << 40;
	if (in.index == m->cfg.region_index)
		build_migration_region(m, &r);
	r.info.argsz = r.argsz;
	/* As the kernel's drivers do: too small a buffer learns the size and gets no chain. */
	if (r.len > minsz && in.argsz >= r.argsz) {
		r.info.cap_offset = minsz;
		len = r.len;
	}
	return copy_to_user(arg, &r, len) ? -EFAULT : 0;
}
