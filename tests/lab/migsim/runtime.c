// SPDX-License-Identifier: GPL-2.0
/* configfs: what can be set, forced and read at any time. */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "migsim.h"

static const char *const load_result_words[] = {
	[MIGSIM_LOAD_NONE] = "none", [MIGSIM_LOAD_OK] = "ok", [MIGSIM_TRUNCATED] = "truncated",
	[MIGSIM_CORRUPT] = "corrupt", [MIGSIM_FOREIGN] = "foreign",
};

static const char *const chain_words[] = {
	[CHAIN_OK] = "ok", [CHAIN_LOOP] = "loop", [CHAIN_SELF] = "self", [CHAIN_OUT_OF_RANGE] = "out-of-range",
	[CHAIN_UNALIGNED] = "unaligned", [CHAIN_TRUNCATED] = "truncated", [CHAIN_HUGE_ARGSZ] = "huge-argsz",
	[CHAIN_NO_CAPS_FLAG] = "no-caps-flag", [CHAIN_WRONG_VERSION] = "wrong-version", [CHAIN_SPARSE_BAD] = "sparse-bad",
};

static const char *const stat_words[STAT_COUNT] = {
	[STAT_OPENS] = "opens", [STAT_CLOSES] = "closes", [STAT_SETS] = "sets", [STAT_GETS] = "gets",
	[STAT_RESETS] = "resets", [STAT_BYTES_OUT] = "bytes_out", [STAT_BYTES_IN] = "bytes_in",
	[STAT_WINDOWS] = "windows", [STAT_PENDING_READS] = "pending_reads", [STAT_NAKS] = "naks",
	[STAT_ERRORS] = "errors", [STAT_RESERVED_VIOLATIONS] = "reserved_violations", [STAT_HAZARDS] = "hazards",
	[STAT_HANGING] = "hanging",
};

/* Hands one trimmed line to a parser that may cut it up. */
static ssize_t store_line(struct migsim *m, const char *page, size_t len, int (*parse)(struct migsim *m, char *line))
{
	char *copy = kstrndup(page, len, GFP_KERNEL);
	int ret;

	if (!copy)
		return -ENOMEM;
	ret = parse(m, strim(copy));
	kfree(copy);
	return ret ?: len;
}

static ssize_t sim_state_show(struct config_item *item, char *page)
{
	struct migsim *m = to_migsim(item);
	u32 state = migsim_state(m);
	char buf[12];

	if (m->cfg.protocol == MIGSIM_V1)
		return sprintf(page, "0x%x\n", state);
	return sprintf(page, "%s\n", migsim_state_word(MIGSIM_V2, state, buf, sizeof(buf)));
}

static int parse_state(struct migsim *m, char *line)
{
	u32 state;
	int ret = migsim_state_parse(m->cfg.protocol, line, &state);

	if (!ret)
		migsim_force(m, state);
	return ret;
}

static ssize_t sim_state_store(struct config_item *item, const char *page, size_t len)
{
	return store_line(to_migsim(item), page, len, parse_state);
}
CONFIGFS_ATTR(sim_, state);

static ssize_t sim_faults_show(struct config_item *item, char *page)
{
	return migsim_fault_show(to_migsim(item), page, PAGE_SIZE);
}

static ssize_t sim_faults_store(struct config_item *item, const char *page, size_t len)
{
	return store_line(to_migsim(item), page, len, migsim_fault_add);
}
CONFIGFS_ATTR(sim_, faults);

static ssize_t sim_data_faults_show(struct config_item *item, char *page)
{
	return migsim_data_fault_show(to_migsim(item), page, PAGE_SIZE);
}

static ssize_t sim_data_faults_store(struct config_item *item, const char *page, size_t len)
{
	return store_line(to_migsim(item), page, len, migsim_data_fault_add);
}
CONFIGFS_ATTR(sim_, data_faults);

static ssize_t sim_defect_show(struct config_item *item, char *page)
{
	return migsim_defect_show(to_migsim(item), page, PAGE_SIZE);
}

static ssize_t sim_defect_store(struct config_item *item, const char *page, size_t len)
{
	return store_line(to_migsim(item), page, len, migsim_defect_add);
}
CONFIGFS_ATTR(sim_, defect);

static ssize_t sim_chain_show(struct config_item *item, char *page)
{
	return sprintf(page, "%s\n", chain_words[READ_ONCE(to_migsim(item)->chain)]);
}

static ssize_t sim_chain_store(struct config_item *item, const char *page, size_t len)
{
	int i = sysfs_match_string(chain_words, page);

	if (i < 0)
		return i;
	WRITE_ONCE(to_migsim(item)->chain, i);
	return len;
}
CONFIGFS_ATTR(sim_, chain);

static ssize_t sim_release_store(struct config_item *item, const char *page, size_t len)
{
	migsim_release_hangs(to_migsim(item));
	return len;
}
CONFIGFS_ATTR_WO(sim_, release);

static u64 get_u64(struct migsim *m, const u64 *field)
{
	u64 value;

	spin_lock(&m->lock);
	value = *field;
	spin_unlock(&m->lock);
	return value;
}

static ssize_t put_u64(struct migsim *m, u64 *field, const char *page, size_t len)
{
	u64 value;
	int ret = kstrtou64(page, 0, &value);

	if (ret)
		return ret;
	spin_lock(&m->lock);
	*field = value;
	spin_unlock(&m->lock);
	return len;
}

#define SIM_SUM(_name)								\
static ssize_t sim_##_name##_show(struct config_item *item, char *page)		\
{										\
	struct migsim *m = to_migsim(item);					\
										\
	return sprintf(page, "%016llx\n", get_u64(m, &m->_name));		\
}										\
CONFIGFS_ATTR_RO(sim_, _name)

#define SIM_U64(_name)								\
static ssize_t sim_##_name##_show(struct config_item *item, char *page)		\
{										\
	struct migsim *m = to_migsim(item);					\
										\
	return sprintf(page, "%llu\n", get_u64(m, &m->_name));			\
}										\
static ssize_t sim_##_name##_store(struct config_item *item, const char *page, size_t len) \
{										\
	struct migsim *m = to_migsim(item);					\
										\
	return put_u64(m, &m->_name, page, len);				\
}										\
CONFIGFS_ATTR(sim_, _name)

SIM_SUM(checksum);
SIM_SUM(loaded_checksum);
SIM_SUM(window_sizes);
SIM_SUM(loaded_window_sizes);
SIM_U64(generation);
SIM_U64(precopy_dirty);

static ssize_t sim_reserved_bits_show(struct config_item *item, char *page)
{
	return sprintf(page, "0x%x\n", READ_ONCE(to_migsim(item)->reserved_bits));
}

static ssize_t sim_reserved_bits_store(struct config_item *item, const char *page, size_t len)
{
	u32 bits;
	int ret = kstrtou32(page, 0, &bits);

	if (!ret && (bits & V1_MASK))
		ret = -EINVAL;
	if (!ret)
		WRITE_ONCE(to_migsim(item)->reserved_bits, bits);
	return ret ?: len;
}
CONFIGFS_ATTR(sim_, reserved_bits);

static ssize_t sim_load_result_show(struct config_item *item, char *page)
{
	return sprintf(page, "%s\n", load_result_words[READ_ONCE(to_migsim(item)->load_result)]);
}
CONFIGFS_ATTR_RO(sim_, load_result);

static ssize_t sim_stats_show(struct config_item *item, char *page)
{
	struct migsim *m = to_migsim(item);
	s64 closes = atomic64_read(&m->stats[STAT_CLOSES]), opens = atomic64_read(&m->stats[STAT_OPENS]);
	int n = 0;

	for (int i = 0; i < STAT_COUNT; i++)
		n += sprintf(page + n, "%s %lld\n", stat_words[i], atomic64_read(&m->stats[i]));
	return n + sprintf(page + n, "open_now %lld\n", opens - closes);
}
CONFIGFS_ATTR_RO(sim_, stats);

static int parse_dirty(struct migsim *m, char *line)
{
	char *iova = strsep(&line, " \t");
	u64 start, length;
	int ret;

	if (!strcmp(iova, "clear") && !line) {
		migsim_dirty_clear(m);
		return 0;
	}
	if (!line)
		return -EINVAL;
	ret = kstrtou64(iova, 0, &start) ?: kstrtou64(skip_spaces(line), 0, &length);
	return ret ?: migsim_dirty_add(m, start, length);
}

static ssize_t sim_dirty_show(struct config_item *item, char *page)
{
	return migsim_dirty_show(to_migsim(item), page, PAGE_SIZE);
}

static ssize_t sim_dirty_store(struct config_item *item, const char *page, size_t len)
{
	return store_line(to_migsim(item), page, len, parse_dirty);
}
CONFIGFS_ATTR(sim_, dirty);

static ssize_t sim_dev_name_show(struct config_item *item, char *page)
{
	return scnprintf(page, PAGE_SIZE, MIGSIM_NAME "-%s\n", config_item_name(item));
}
CONFIGFS_ATTR_RO(sim_, dev_name);

static ssize_t sim_group_show(struct config_item *item, char *page)
{
	int group = READ_ONCE(to_migsim(item)->group);

	return group < 0 ? -ENODEV : sprintf(page, "%d\n", group);
}
CONFIGFS_ATTR_RO(sim_, group);

static ssize_t sim_cdev_show(struct config_item *item, char *page)
{
	struct migsim *m = to_migsim(item);
	ssize_t ret = -ENODEV;

	spin_lock(&m->lock);
	if (m->vdev && m->group >= 0)	/* its name is set once it is registered */
		ret = sprintf(page, "%s\n", dev_name(&m->vdev->device));
	spin_unlock(&m->lock);
	return ret;
}
CONFIGFS_ATTR_RO(sim_, cdev);

/* A binary attribute because a text one ends at 4 KiB. The first call, without a buffer, asks for the length. */
static ssize_t sim_trace_read(struct config_item *item, void *buf, size_t len)
{
	struct migsim *m = to_migsim(item);
	ssize_t n;
	char *text;

	if (!buf)
		return migsim_trace_show(m, NULL, 0);
	text = kvzalloc(len + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	n = min_t(ssize_t, migsim_trace_show(m, text, len + 1), len);
	memcpy(buf, text, n);
	memset(buf + n, '\n', len - n);	/* cleared between the two calls */
	kvfree(text);
	return len;
}

static ssize_t sim_trace_write(struct config_item *item, const void *buf, size_t len)
{
	struct migsim *m = to_migsim(item);

	spin_lock(&m->lock);
	m->trace_count = 0;
	spin_unlock(&m->lock);
	return len;
}
CONFIGFS_BIN_ATTR(sim_, trace, NULL, SZ_64K);

struct configfs_bin_attribute *migsim_bin_attrs[] = { &sim_attr_trace, NULL };

struct configfs_attribute *migsim_runtime_attrs[] = {
	&sim_attr_state, &sim_attr_faults, &sim_attr_data_faults, &sim_attr_chain, &sim_attr_release, &sim_attr_generation,
	&sim_attr_precopy_dirty, &sim_attr_reserved_bits, &sim_attr_load_result, &sim_attr_checksum,
	&sim_attr_loaded_checksum, &sim_attr_window_sizes, &sim_attr_loaded_window_sizes, &sim_attr_stats, &sim_attr_dirty,
	&sim_attr_defect, &sim_attr_dev_name, &sim_attr_group, &sim_attr_cdev,
};

const size_t migsim_runtime_attr_count = ARRAY_SIZE(migsim_runtime_attrs);

/* Beside the devices: of all of them. */
#define TOTAL(_name)								\
static ssize_t total_##_name##_show(struct config_item *item, char *page)	\
{										\
	return sprintf(page, "%lld\n", atomic64_read(&migsim_##_name));		\
}										\
CONFIGFS_ATTR_RO(total_, _name)

TOTAL(opens);
TOTAL(closes);
TOTAL(devices);

static ssize_t total_defects_show(struct config_item *item, char *page)
{
	return migsim_defects_list(page, PAGE_SIZE);
}
CONFIGFS_ATTR_RO(total_, defects);

struct configfs_attribute *migsim_total_attrs[] = {
	&total_attr_opens, &total_attr_closes, &total_attr_devices, &total_attr_defects, NULL,
};
