/* SPDX-License-Identifier: GPL-2.0 */
/*
 * migsim: simulated migratable VFIO devices, described through configfs.
 *
 * Locks, outermost first:
 *   op_lock    one driver call on the device, as a real driver's state mutex; a simulated hang sleeps with it held
 *   mig->lock  one call on a v2 data file
 *   log_lock   DMA logging
 *   lock       (spin) everything configfs shows or sets; never held across a sleep, so configfs
 *              answers and releases a hang whatever the device is doing
 */
#ifndef MIGSIM_H
#define MIGSIM_H

#include <linux/atomic.h>
#include <linux/configfs.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <linux/vfio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "defect.h"

#define MIGSIM_NAME		"migsim"
#define MIGSIM_ANY		(~0U)
#define MIGSIM_TRACE_LEN	512
#define MIGSIM_MAX_WINDOW	(16U << 20)

enum migsim_protocol { MIGSIM_V1, MIGSIM_V2, MIGSIM_NONE };
enum migsim_profile { MIGSIM_SPEC, MIGSIM_MLX5, MIGSIM_HISI, MIGSIM_I40E, MIGSIM_OPENEULER, MIGSIM_MTTY };
enum migsim_table { MIGSIM_OPEN, MIGSIM_REVIEWED, MIGSIM_POSTED };
enum migsim_load_result { MIGSIM_LOAD_NONE, MIGSIM_LOAD_OK, MIGSIM_TRUNCATED, MIGSIM_CORRUPT, MIGSIM_FOREIGN };
enum migsim_live { MIGSIM_DEAD, MIGSIM_CHANGING, MIGSIM_LIVE };

/* device_state of the v1 region: RUNNING is bit 0, SAVING bit 1, RESUMING bit 2. */
enum { V1_STOP = 0, V1_RUNNING = 1, V1_STOP_COPY = 2, V1_PRE_COPY = 3, V1_RESUMING = 4, V1_ERROR = 6, V1_MASK = 7 };

enum migsim_chain {
	CHAIN_OK, CHAIN_LOOP, CHAIN_SELF, CHAIN_OUT_OF_RANGE, CHAIN_UNALIGNED, CHAIN_TRUNCATED,
	CHAIN_HUGE_ARGSZ, CHAIN_NO_CAPS_FLAG, CHAIN_WRONG_VERSION, CHAIN_SPARSE_BAD,
};

enum migsim_call {
	CALL_GET, CALL_RESET, CALL_INFO, CALL_REGION_INFO, CALL_PENDING, CALL_DATA_OFFSET, CALL_DATA_SIZE,
	CALL_DATA_READ, CALL_DATA_WRITE, CALL_PRECOPY_INFO, CALL_OPEN, CALL_COUNT,
};

enum migsim_action {
	ACT_NONE, ACT_NAK, ACT_ERROR, ACT_ERROR_OK, ACT_ZERO, ACT_ZERO_MOVE, ACT_SHORT,
	ACT_LIE, ACT_NAK_LIE, ACT_DELAY, ACT_HANG, ACT_HANG_D, ACT_COUNT,
};

/* What an armed fault does to the call that met it. err is negative. */
struct migsim_hit {
	enum migsim_action action;
	int err;
	u32 lie;
	unsigned int ms;
	u64 at;		/* stream offset it is tied to, or U64_MAX */
};

enum migsim_stat {
	STAT_OPENS, STAT_CLOSES, STAT_SETS, STAT_GETS, STAT_RESETS, STAT_BYTES_OUT, STAT_BYTES_IN, STAT_WINDOWS,
	STAT_PENDING_READS, STAT_NAKS, STAT_ERRORS, STAT_RESERVED_VIOLATIONS, STAT_HAZARDS, STAT_HANGING, STAT_COUNT,
};

enum { DF_PENDING_FOREVER, DF_BAD_OFFSET, DF_BAD_SIZE, DF_OFFSET_MOVES, DF_CORRUPT, DF_UNALIGNED, DF_COUNT };

struct migsim_arc {
	u32 from, to, after, usec;
	int err;
};

struct migsim_hash {
	u64 h, len, part;
	unsigned int n;
};

/* One saving session: the position in a generated stream. */
struct migsim_save {
	u64 gen, total, pos;
	u64 initial;	/* end of what pre-copy offers as initial_bytes */
	bool done;
	struct migsim_hash bytes, windows;
};

/* One loading session: every byte is compared as it comes. */
struct migsim_load {
	u64 gen, pos;
	u8 head[32];
	bool foreign, corrupt;
	struct migsim_hash bytes, windows;
};

/* The data part of a v1 region. A window is what one data_offset read makes ready. */
struct migsim_window {
	u8 *buf;
	size_t buf_len;
	u32 len, shift, consumed;
	bool ready, size_read;
};

/* Fixed while the device is live. */
struct migsim_config {
	u32 protocol, profile, v1_table, caps;
	u64 state_size, chunk_size;
	u32 region_index, initial_state;
	bool mmap, reset, logging, keep_state;
};

struct migsim_file;

struct migsim {
	struct config_item item;
	spinlock_t lock;
	enum migsim_live live;
	struct platform_device *pdev;
	struct list_head plugged;
	struct work_struct unplug;
	struct vfio_device *vdev;
	int group;

	struct migsim_config cfg;
	u32 state, reserved_bits;
	u64 generation, checksum, loaded_checksum, window_sizes, loaded_window_sizes;
	u64 precopy_dirty;	/* bytes pre-copy offers beyond the initial ones */
	u32 load_result, chain;
	struct list_head faults;
	unsigned int nfaults;
	unsigned long data_faults;
	u64 data_fault_arg[DF_COUNT];
	DECLARE_BITMAP(defects, DEFECT_COUNT);
	struct migsim_arc trace[MIGSIM_TRACE_LEN];
	unsigned int trace_count;
	atomic64_t stats[STAT_COUNT];

	wait_queue_head_t release_wq;
	unsigned int release_seq;

	struct mutex op_lock;
	bool seen_open;
	struct migsim_save save;
	struct migsim_load load;
	struct migsim_window win;
	struct migsim_file *file;

	struct mutex log_lock;
	bool log_active;
	struct list_head dirty;
	unsigned int ndirty;
};

struct migsim_vdev {
	struct vfio_device vdev;	/* first: vfio_alloc_device() wants it there */
	struct migsim *sim;
};

static inline struct migsim *to_migsim(struct config_item *item)
{
	return container_of(item, struct migsim, item);
}

static inline struct migsim *vdev_to_migsim(struct vfio_device *vdev)
{
	return container_of(vdev, struct migsim_vdev, vdev)->sim;
}

static inline void migsim_count(struct migsim *m, enum migsim_stat stat)
{
	atomic64_inc(&m->stats[stat]);
}

static inline bool migsim_data_fault(struct migsim *m, int which)
{
	return READ_ONCE(m->data_faults) & BIT(which);
}

static inline bool migsim_defect(const struct migsim *m, enum migsim_defect which)
{
	return test_bit(which, m->defects);
}

/* main.c */
extern atomic64_t migsim_devices, migsim_opens, migsim_closes;
int migsim_plug(struct migsim *m);
void migsim_unplug(struct migsim *m);

/* config.c, runtime.c: the configfs attributes that describe a device, and those of its running */
int migsim_configfs_init(void);
void migsim_configfs_exit(void);
extern struct configfs_attribute *migsim_attrs[];
extern struct configfs_attribute *migsim_runtime_attrs[];
extern struct configfs_attribute *migsim_total_attrs[];
extern struct configfs_bin_attribute *migsim_bin_attrs[];
extern const size_t migsim_runtime_attr_count;
void migsim_clear_faults(struct migsim *m);
void migsim_release_hangs(struct migsim *m);

/* state.c */
const char *migsim_state_word(u32 protocol, u32 state, char *buf, size_t len);
int migsim_state_parse(u32 protocol, const char *word, u32 *state);
u32 migsim_initial_state(const struct migsim_config *cfg);
u64 migsim_chunk(const struct migsim_config *cfg);
u32 migsim_state(struct migsim *m);
int migsim_commit(struct migsim *m, u32 from, u32 to);
void migsim_force(struct migsim *m, u32 state);
u32 migsim_error_state(struct migsim *m);
u32 migsim_stop_state(struct migsim *m);
void migsim_trace(struct migsim *m, u32 from, u32 to, ktime_t start, int err);
ssize_t migsim_trace_show(struct migsim *m, char *buf, size_t len);
const char *migsim_errno_word(int err, char *buf, size_t len);
int migsim_errno_parse(const char *word);
int migsim_word_index(const char *const *words, size_t n, const char *word);

/* fault.c */
int migsim_fault_add(struct migsim *m, char *line);
ssize_t migsim_fault_show(struct migsim *m, char *buf, size_t len);
bool migsim_fault_arc(struct migsim *m, u32 from, u32 to, struct migsim_hit *hit);
int migsim_fault_wait(struct migsim *m, const struct migsim_hit *hit);
int migsim_meet(struct migsim *m, enum migsim_call call, struct migsim_hit *hit);
int migsim_meet_data(struct migsim *m, enum migsim_call call, u64 pos, size_t *len, struct migsim_hit *hit);
int migsim_data_fault_add(struct migsim *m, char *line);
ssize_t migsim_data_fault_show(struct migsim *m, char *buf, size_t len);

/* defect.c */
int migsim_defect_add(struct migsim *m, char *line);
void migsim_clear_defects(struct migsim *m);
ssize_t migsim_defect_show(struct migsim *m, char *buf, size_t len);
ssize_t migsim_defects_list(char *buf, size_t len);

/* payload.c */
void migsim_hash_add(struct migsim_hash *hash, const void *buf, size_t len);
void migsim_save_begin(struct migsim *m, struct migsim_save *save, bool precopy);
u64 migsim_save_limit(struct migsim *m, const struct migsim_save *save, bool precopy);
void migsim_save_take(struct migsim *m, struct migsim_save *save, u8 *buf, size_t len);
void migsim_save_done(struct migsim *m, struct migsim_save *save);
void migsim_save_left(struct migsim *m, const struct migsim_save *save);
void migsim_load_begin(struct migsim *m, struct migsim_load *load);
void migsim_load_add(struct migsim *m, struct migsim_load *load, const u8 *buf, size_t len);
int migsim_load_finish(struct migsim *m, struct migsim_load *load);

/* v1.c */
ssize_t migsim_v1_read(struct migsim *m, char __user *buf, size_t count, u64 off);
ssize_t migsim_v1_write(struct migsim *m, const char __user *buf, size_t count, u64 off);

/* window.c */
size_t migsim_v1_data_start(const struct migsim_config *cfg);
u64 migsim_v1_region_size(const struct migsim_config *cfg);
int migsim_v1_open(struct migsim *m);
void migsim_v1_close(struct migsim *m);
void migsim_v1_reset(struct migsim *m);
int migsim_v1_mmap(struct migsim *m, struct vm_area_struct *vma);
bool migsim_v1_saving(u32 state);
ssize_t migsim_v1_read_pending(struct migsim *m, u64 *val);
ssize_t migsim_v1_read_offset(struct migsim *m, u64 *val);
ssize_t migsim_v1_read_size(struct migsim *m, u64 *val);
ssize_t migsim_v1_write_size(struct migsim *m, u64 len);
ssize_t migsim_v1_read_data(struct migsim *m, char __user *buf, size_t count, u64 at);
ssize_t migsim_v1_write_data(struct migsim *m, const char __user *buf, size_t count, u64 at);

/* region.c */
u32 migsim_num_regions(const struct migsim_config *cfg);
long migsim_region_info(struct migsim *m, void __user *arg);

/* v2.c, stream.c */
extern const struct vfio_migration_ops migsim_v2_ops;
struct file *migsim_file_new(struct migsim *m, bool saving, bool precopy);
void migsim_file_drop(struct migsim *m);
void migsim_file_end(struct migsim *m, bool lives);
int migsim_file_load(struct migsim *m);
unsigned long migsim_file_left(struct migsim *m);

/* dirty.c */
extern const struct vfio_log_ops migsim_log_ops;
int migsim_dirty_add(struct migsim *m, u64 iova, u64 length);
void migsim_dirty_clear(struct migsim *m);
ssize_t migsim_dirty_show(struct migsim *m, char *buf, size_t len);
void migsim_log_reset(struct migsim *m);

#endif
