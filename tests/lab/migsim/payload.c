// SPDX-License-Identifier: GPL-2.0
/*
 * The saved state: a stream of exactly state_size bytes, generated from (generation, offset) and never stored.
 *
 * 64 bytes and more: magic, generation, size, check of those three (8 bytes each, little endian), a body, and an end
 * mark from the last whole word on. Shorter streams have no room for that: byte 0 is the generation's low byte, and the
 * rest follows from it.
 */
#include <linux/unaligned.h>
#include "migsim.h"

#define PAYLOAD_MAGIC	0x31304d495347494dULL	/* "MIGSIM01" in memory order */
#define PAYLOAD_SMALL	64
#define GOLDEN		0x9e3779b97f4a7c15ULL

/* The finaliser of splitmix64: any bit of the input changes half of the output. */
static u64 mix(u64 x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static u64 head_check(u64 gen, u64 total)
{
	return mix(PAYLOAD_MAGIC ^ mix(gen) ^ total);
}

static u64 word_at(u64 gen, u64 total, u64 i)
{
	u64 w;

	if (total < PAYLOAD_SMALL) {
		gen &= 0xff;
		w = mix(gen + (i + 1) * GOLDEN);
		return i ? w : (w & ~0xffULL) | gen;
	}
	switch (i) {
	case 0:
		return PAYLOAD_MAGIC;
	case 1:
		return gen;
	case 2:
		return total;
	case 3:
		return head_check(gen, total);
	}
	if (i >= total / 8 - 1)
		return mix(~gen ^ total ^ i);
	return mix(gen + (i + 1) * GOLDEN);
}

static void fill(u64 gen, u64 total, u64 pos, u8 *buf, size_t len)
{
	u64 word;
	size_t n;

	while (len) {
		word = word_at(gen, total, pos / 8);
		n = min_t(size_t, len, 8 - pos % 8);
		if (n == 8)
			put_unaligned_le64(word, buf);
		else
			for (size_t i = 0; i < n; i++)
				buf[i] = word >> (8 * ((pos + i) % 8));
		pos += n;
		buf += n;
		len -= n;
	}
}

static void hash_word(struct migsim_hash *hash, u64 word)
{
	hash->h = rol64(hash->h ^ word, 27) * GOLDEN + 1;
}

/* The sum depends on the bytes alone, not on how calls cut them. */
void migsim_hash_add(struct migsim_hash *hash, const void *data, size_t len)
{
	const u8 *buf = data;

	hash->len += len;
	while (len) {
		if (!hash->n && len >= 8) {
			hash_word(hash, get_unaligned_le64(buf));
			buf += 8;
			len -= 8;
			continue;
		}
		hash->part |= (u64)*buf++ << (8 * hash->n++);
		len--;
		if (hash->n == 8) {
			hash_word(hash, hash->part);
			hash->part = 0;
			hash->n = 0;
		}
	}
}

/* Of an empty stream too it is not 0, which says that there was no stream yet. */
static u64 hash_value(const struct migsim_hash *hash)
{
	return mix(mix(hash->h ^ hash->part) ^ hash->len ^ GOLDEN);
}

void migsim_save_begin(struct migsim *m, struct migsim_save *save, bool precopy)
{
	memset(save, 0, sizeof(*save));
	save->total = m->cfg.state_size;
	save->initial = precopy ? save->total / 4 : 0;
	spin_lock(&m->lock);
	save->gen = m->generation;
	m->precopy_dirty = 0;
	spin_unlock(&m->lock);
}

/* How far the stream may be read now. */
u64 migsim_save_limit(struct migsim *m, const struct migsim_save *save, bool precopy)
{
	u64 limit = save->total;

	if (precopy)
		limit = min(limit, save->initial + READ_ONCE(m->precopy_dirty));
	return max(limit, save->pos);
}

void migsim_save_take(struct migsim *m, struct migsim_save *save, u8 *buf, size_t len)
{
	u64 at = READ_ONCE(m->data_fault_arg[DF_CORRUPT]);

	fill(save->gen, save->total, save->pos, buf, len);
	if (migsim_data_fault(m, DF_CORRUPT) && at >= save->pos && at - save->pos < len)
		buf[at - save->pos] ^= 1;
	migsim_hash_add(&save->bytes, buf, len);
	save->pos += len;
}

void migsim_save_done(struct migsim *m, struct migsim_save *save)
{
	if (save->done)
		return;
	save->done = true;
	spin_lock(&m->lock);
	m->checksum = hash_value(&save->bytes);
	m->window_sizes = hash_value(&save->windows);
	spin_unlock(&m->lock);
}

/* STOP_COPY is left, the stream read to its end or not. */
void migsim_save_left(struct migsim *m, const struct migsim_save *save)
{
	bool whole = save->pos >= save->total;

	if (!migsim_defect(m, whole ? DEFECT_SAVE_CHANGES : DEFECT_SAVE_ABORT_LOSES))
		return;
	spin_lock(&m->lock);
	m->generation++;
	spin_unlock(&m->lock);
}

void migsim_load_begin(struct migsim *m, struct migsim_load *load)
{
	memset(load, 0, sizeof(*load));
	spin_lock(&m->lock);
	m->load_result = MIGSIM_LOAD_NONE;
	if (migsim_defect(m, DEFECT_LOAD_IGNORED))
		m->generation++;	/* cleared for what is to come, which the uAPI allows */
	spin_unlock(&m->lock);
}

static void load_head(struct migsim *m, struct migsim_load *load)
{
	u64 total;

	if (m->cfg.state_size < PAYLOAD_SMALL) {
		load->gen = load->head[0];
		return;
	}
	load->gen = get_unaligned_le64(load->head + 8);
	total = get_unaligned_le64(load->head + 16);
	if (get_unaligned_le64(load->head) != PAYLOAD_MAGIC)
		load->foreign = true;
	else if (get_unaligned_le64(load->head + 24) != head_check(load->gen, total))
		load->corrupt = true;
	else if (total != m->cfg.state_size)
		load->foreign = true;
}

static size_t load_some(struct migsim *m, struct migsim_load *load, const u8 *buf, size_t len)
{
	u64 total = m->cfg.state_size;
	size_t head = total < PAYLOAD_SMALL ? 1 : sizeof(load->head);
	u8 want[256];
	size_t n;

	if (load->pos >= total) {	/* more than the device has state for */
		load->corrupt = true;
		return len;
	}
	if (load->pos < head) {
		n = min_t(u64, len, head - load->pos);
		memcpy(load->head + load->pos, buf, n);
		if (load->pos + n == head)
			load_head(m, load);
		return n;
	}
	n = min3((u64)len, total - load->pos, (u64)sizeof(want));
	if (load->foreign || load->corrupt)
		return n;
	fill(load->gen, total, load->pos, want, n);
	load->corrupt = memcmp(buf, want, n) != 0;
	return n;
}

void migsim_load_add(struct migsim *m, struct migsim_load *load, const u8 *buf, size_t len)
{
	size_t n;

	migsim_hash_add(&load->bytes, buf, len);
	atomic64_add(len, &m->stats[STAT_BYTES_IN]);
	while (len) {
		n = load_some(m, load, buf, len);
		load->pos += n;
		buf += n;
		len -= n;
	}
}

static enum migsim_load_result load_verdict(struct migsim *m, struct migsim_load *load)
{
	if (load->foreign)
		return MIGSIM_FOREIGN;
	if (load->corrupt)
		return MIGSIM_CORRUPT;
	if (load->pos == m->cfg.state_size)
		return MIGSIM_LOAD_OK;
	/* Drivers differ on a load of nothing: hisi_acc takes it for no load, mtty refuses it. */
	if (!load->pos && m->cfg.profile != MIGSIM_MTTY)
		return MIGSIM_LOAD_NONE;
	return MIGSIM_TRUNCATED;
}

/* On leaving RESUMING: 0, or -EINVAL when what came is not a whole state of this device. */
int migsim_load_finish(struct migsim *m, struct migsim_load *load)
{
	enum migsim_load_result result = load_verdict(m, load);
	bool corrupt = result == MIGSIM_CORRUPT || result == MIGSIM_FOREIGN;

	spin_lock(&m->lock);
	m->load_result = result;
	if (result == MIGSIM_LOAD_OK) {
		if (m->cfg.state_size && !migsim_defect(m, DEFECT_LOAD_IGNORED))
			m->generation = load->gen;
		m->loaded_checksum = hash_value(&load->bytes);
		m->loaded_window_sizes = hash_value(&load->windows);
	}
	spin_unlock(&m->lock);
	if ((corrupt && migsim_defect(m, DEFECT_LOAD_CORRUPT)) ||
	    (result == MIGSIM_TRUNCATED && migsim_defect(m, DEFECT_LOAD_TRUNCATED)))
		return 0;
	return result == MIGSIM_LOAD_OK || result == MIGSIM_LOAD_NONE ? 0 : -EINVAL;
}
