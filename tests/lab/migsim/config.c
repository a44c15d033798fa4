// SPDX-License-Identifier: GPL-2.0
/* configfs: the tree, the life of a device, and what describes it before it is live. */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "migsim.h"

#define MAX_NAME	64	/* far below where sysfs and debugfs would object */

static struct workqueue_struct *unplug_wq;

static const char *const protocol_words[] = { [MIGSIM_V1] = "v1", [MIGSIM_V2] = "v2", [MIGSIM_NONE] = "none" };
static const char *const profile_words[] = {
	[MIGSIM_SPEC] = "spec", [MIGSIM_MLX5] = "mlx5", [MIGSIM_HISI] = "hisi", [MIGSIM_I40E] = "i40e",
	[MIGSIM_OPENEULER] = "openeuler", [MIGSIM_MTTY] = "mtty",
};
static const char *const v1_table_words[] = {
	[MIGSIM_OPEN] = "open", [MIGSIM_REVIEWED] = "reviewed", [MIGSIM_POSTED] = "posted",
};
static const struct { const char *word; u32 flag; } caps_words[] = {
	{ "stop-copy", VFIO_MIGRATION_STOP_COPY }, { "p2p", VFIO_MIGRATION_P2P }, { "pre-copy", VFIO_MIGRATION_PRE_COPY },
};

/* The description is read without a lock while the device is live: it changes only before. */
static int set_u32(struct migsim *m, u32 *field, u32 value)
{
	int ret = -EBUSY;

	spin_lock(&m->lock);
	if (m->live == MIGSIM_DEAD) {
		*field = value;
		ret = 0;
	}
	spin_unlock(&m->lock);
	return ret;
}

static int set_bool(struct migsim *m, bool *field, const char *page)
{
	bool value;
	int ret = kstrtobool(page, &value);

	if (ret)
		return ret;
	spin_lock(&m->lock);
	if (m->live == MIGSIM_DEAD)
		*field = value;
	else
		ret = -EBUSY;
	spin_unlock(&m->lock);
	return ret;
}

static int set_u64(struct migsim *m, u64 *field, const char *page, u64 max)
{
	u64 value;
	int ret = kstrtou64(page, 0, &value);

	if (ret)
		return ret;
	if (value > max)
		return -ERANGE;
	spin_lock(&m->lock);
	if (m->live == MIGSIM_DEAD)
		*field = value;
	else
		ret = -EBUSY;
	spin_unlock(&m->lock);
	return ret;
}

#define SIM_BOOL(_name)										\
static ssize_t sim_##_name##_show(struct config_item *item, char *page)				\
{												\
	return sprintf(page, "%d\n", to_migsim(item)->cfg._name);				\
}												\
static ssize_t sim_##_name##_store(struct config_item *item, const char *page, size_t len)	\
{												\
	return set_bool(to_migsim(item), &to_migsim(item)->cfg._name, page) ?: len;		\
}												\
CONFIGFS_ATTR(sim_, _name)

#define SIM_WORD(_name)										\
static ssize_t sim_##_name##_show(struct config_item *item, char *page)				\
{												\
	return sprintf(page, "%s\n", _name##_words[to_migsim(item)->cfg._name]);		\
}												\
static ssize_t sim_##_name##_store(struct config_item *item, const char *page, size_t len)	\
{												\
	int i = sysfs_match_string(_name##_words, page);					\
												\
	return i < 0 ? i : set_u32(to_migsim(item), &to_migsim(item)->cfg._name, i) ?: len;	\
}												\
CONFIGFS_ATTR(sim_, _name)

SIM_BOOL(mmap);
SIM_BOOL(reset);
SIM_BOOL(logging);
SIM_BOOL(keep_state);
SIM_WORD(profile);
SIM_WORD(v1_table);

static ssize_t sim_protocol_show(struct config_item *item, char *page)
{
	return sprintf(page, "%s\n", protocol_words[to_migsim(item)->cfg.protocol]);
}

/* State words mean other values under another protocol, so what was said with them goes. */
static ssize_t sim_protocol_store(struct config_item *item, const char *page, size_t len)
{
	struct migsim *m = to_migsim(item);
	int i = sysfs_match_string(protocol_words, page);
	int ret = i < 0 ? i : set_u32(m, &m->cfg.protocol, i);

	if (ret)
		return ret;
	migsim_clear_faults(m);
	migsim_clear_defects(m);
	ret = set_u32(m, &m->cfg.initial_state, MIGSIM_ANY);
	migsim_force(m, migsim_initial_state(&m->cfg));
	return ret ?: len;
}
CONFIGFS_ATTR(sim_, protocol);

static ssize_t sim_caps_show(struct config_item *item, char *page)
{
	u32 caps = to_migsim(item)->cfg.caps;
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(caps_words); i++)
		if (caps & caps_words[i].flag)
			n += sprintf(page + n, "%s%s", n ? "," : "", caps_words[i].word);
	return n + sprintf(page + n, "\n");
}

static int parse_cap(const char *word, u32 *caps)
{
	for (size_t i = 0; i < ARRAY_SIZE(caps_words); i++) {
		if (strcmp(caps_words[i].word, word))
			continue;
		*caps |= caps_words[i].flag;
		return 0;
	}
	return *word ? -EINVAL : 0;
}

static ssize_t sim_caps_store(struct config_item *item, const char *page, size_t len)
{
	char *copy = kstrndup(page, len, GFP_KERNEL), *rest, *word;
	u32 caps = 0;
	int ret = 0;

	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	while (!ret && (word = strsep(&rest, ",")))
		ret = parse_cap(word, &caps);
	kfree(copy);
	return ret ?: set_u32(to_migsim(item), &to_migsim(item)->cfg.caps, caps) ?: len;
}
CONFIGFS_ATTR(sim_, caps);

static ssize_t sim_state_size_show(struct config_item *item, char *page)
{
	return sprintf(page, "%llu\n", to_migsim(item)->cfg.state_size);
}

static ssize_t sim_state_size_store(struct config_item *item, const char *page, size_t len)
{
	return set_u64(to_migsim(item), &to_migsim(item)->cfg.state_size, page, S64_MAX) ?: len;
}
CONFIGFS_ATTR(sim_, state_size);

static ssize_t sim_chunk_size_show(struct config_item *item, char *page)
{
	return sprintf(page, "%llu\n", migsim_chunk(&to_migsim(item)->cfg));
}

static ssize_t sim_chunk_size_store(struct config_item *item, const char *page, size_t len)
{
	return set_u64(to_migsim(item), &to_migsim(item)->cfg.chunk_size, page, MIGSIM_MAX_WINDOW) ?: len;
}
CONFIGFS_ATTR(sim_, chunk_size);

static ssize_t sim_region_index_show(struct config_item *item, char *page)
{
	return sprintf(page, "%u\n", to_migsim(item)->cfg.region_index);
}

static ssize_t sim_region_index_store(struct config_item *item, const char *page, size_t len)
{
	u32 index;
	int ret = kstrtou32(page, 0, &index);

	if (!ret && index > 31)
		ret = -ERANGE;
	return ret ?: set_u32(to_migsim(item), &to_migsim(item)->cfg.region_index, index) ?: len;
}
CONFIGFS_ATTR(sim_, region_index);

static ssize_t sim_initial_state_show(struct config_item *item, char *page)
{
	struct migsim *m = to_migsim(item);
	char buf[12];

	return sprintf(page, "%s\n", migsim_state_word(m->cfg.protocol, migsim_initial_state(&m->cfg), buf, sizeof(buf)));
}

static ssize_t sim_initial_state_store(struct config_item *item, const char *page, size_t len)
{
	struct migsim *m = to_migsim(item);
	char word[24];
	u32 state;
	int ret = strscpy(word, page, sizeof(word));

	ret = ret < 0 ? ret : migsim_state_parse(m->cfg.protocol, strim(word), &state);
	return ret ?: set_u32(m, &m->cfg.initial_state, state) ?: len;
}
CONFIGFS_ATTR(sim_, initial_state);

static ssize_t sim_live_show(struct config_item *item, char *page)
{
	return sprintf(page, "%d\n", READ_ONCE(to_migsim(item)->live) == MIGSIM_LIVE);
}

/* CHANGING keeps everyone else out without a lock that they would have to wait for. */
static int enter_change(struct migsim *m, enum migsim_live from)
{
	int ret = -EBUSY;

	spin_lock(&m->lock);
	if (m->live == from) {
		m->live = MIGSIM_CHANGING;
		ret = 0;
	}
	spin_unlock(&m->lock);
	return ret;
}

static ssize_t sim_live_store(struct config_item *item, const char *page, size_t len)
{
	struct migsim *m = to_migsim(item);
	bool live;
	int ret = kstrtobool(page, &live);

	if (!ret)
		ret = enter_change(m, live ? MIGSIM_DEAD : MIGSIM_LIVE);
	if (ret)
		return ret;
	if (live) {
		m->seen_open = false;
		migsim_force(m, migsim_initial_state(&m->cfg));
		ret = migsim_plug(m);
	} else {
		migsim_unplug(m);
	}
	spin_lock(&m->lock);
	m->live = live && !ret ? MIGSIM_LIVE : MIGSIM_DEAD;
	spin_unlock(&m->lock);
	return ret ?: len;
}
CONFIGFS_ATTR(sim_, live);

static struct configfs_attribute *describe_attrs[] = {
	&sim_attr_protocol, &sim_attr_caps, &sim_attr_profile, &sim_attr_v1_table, &sim_attr_state_size,
	&sim_attr_chunk_size, &sim_attr_region_index, &sim_attr_initial_state, &sim_attr_mmap, &sim_attr_reset,
	&sim_attr_logging, &sim_attr_keep_state, &sim_attr_live,
};
static struct configfs_attribute *all_attrs[ARRAY_SIZE(describe_attrs) + 32];

static void sim_item_release(struct config_item *item)
{
	struct migsim *m = to_migsim(item);

	migsim_clear_faults(m);
	migsim_dirty_clear(m);
	mutex_destroy(&m->op_lock);
	mutex_destroy(&m->log_lock);
	kvfree(m);
}

static struct configfs_item_operations sim_item_ops = { .release = sim_item_release };

static const struct config_item_type sim_type = {
	.ct_item_ops = &sim_item_ops, .ct_attrs = all_attrs, .ct_bin_attrs = migsim_bin_attrs, .ct_owner = THIS_MODULE,
};

static void unplug_work(struct work_struct *work)
{
	struct migsim *m = container_of(work, struct migsim, unplug);

	migsim_unplug(m);
	config_item_put(&m->item);
}

static struct config_item *make_device(struct config_group *group, const char *name)
{
	struct migsim *m;

	if (strlen(name) > MAX_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	m = kvzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&m->lock);
	mutex_init(&m->op_lock);
	mutex_init(&m->log_lock);
	init_waitqueue_head(&m->release_wq);
	INIT_WORK(&m->unplug, unplug_work);
	INIT_LIST_HEAD(&m->faults);
	INIT_LIST_HEAD(&m->dirty);
	m->group = -1;
	m->generation = 1;
	m->cfg.protocol = MIGSIM_V2;
	m->cfg.caps = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P | VFIO_MIGRATION_PRE_COPY;
	m->cfg.state_size = SZ_64K;
	m->cfg.region_index = 9;
	m->cfg.initial_state = MIGSIM_ANY;
	m->cfg.reset = true;
	m->cfg.logging = true;
	m->state = migsim_initial_state(&m->cfg);
	config_item_init_type_name(&m->item, name, &sim_type);
	return &m->item;
}

/*
 * rmdir: an open device cannot go before its user does, and waiting here would block every other mkdir and rmdir. A worker
 * waits instead. Hangs end now, for nobody could release them later.
 */
static void drop_device(struct config_group *group, struct config_item *item)
{
	struct migsim *m = to_migsim(item);
	bool open = atomic64_read(&m->stats[STAT_OPENS]) != atomic64_read(&m->stats[STAT_CLOSES]);

	migsim_clear_faults(m);
	migsim_release_hangs(m);
	if (m->pdev && open) {
		config_item_get(item);
		queue_work(unplug_wq, &m->unplug);
	} else if (m->pdev) {
		migsim_unplug(m);
	}
	config_item_put(item);
}

static struct configfs_group_operations subsys_ops = { .make_item = make_device, .drop_item = drop_device };

static const struct config_item_type subsys_type = {
	.ct_group_ops = &subsys_ops, .ct_attrs = migsim_total_attrs, .ct_owner = THIS_MODULE,
};

static struct configfs_subsystem subsys = {
	.su_group = { .cg_item = { .ci_namebuf = MIGSIM_NAME, .ci_type = &subsys_type } },
};

int __init migsim_configfs_init(void)
{
	size_t n = ARRAY_SIZE(describe_attrs);
	int ret;

	if (WARN_ON(n + migsim_runtime_attr_count >= ARRAY_SIZE(all_attrs)))
		return -EINVAL;
	memcpy(all_attrs, describe_attrs, sizeof(describe_attrs));
	memcpy(all_attrs + n, migsim_runtime_attrs, migsim_runtime_attr_count * sizeof(*all_attrs));
	unplug_wq = alloc_workqueue("migsim", WQ_UNBOUND, 0);
	if (!unplug_wq)
		return -ENOMEM;
	config_group_init(&subsys.su_group);
	mutex_init(&subsys.su_mutex);
	ret = configfs_register_subsystem(&subsys);
	if (ret) {
		mutex_destroy(&subsys.su_mutex);
		destroy_workqueue(unplug_wq);
	}
	return ret;
}

void migsim_configfs_exit(void)
{
	configfs_unregister_subsystem(&subsys);
	mutex_destroy(&subsys.su_mutex);
	destroy_workqueue(unplug_wq);	/* waits for what rmdir left to it */
}
