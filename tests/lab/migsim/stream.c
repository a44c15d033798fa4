// SPDX-License-Identifier: GPL-2.0
/* The v2 data file. It may outlive the session, the open and the device: from then on it only says ENODEV. */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "migsim.h"

#define BOUNCE_LEN	(16 << 10)
#define LOST_RECORD	16

struct migsim_file {
	struct file *filp;
	struct mutex lock;
	struct migsim *sim;	/* NULL once the session is over */
	bool saving;
	bool outlived;	/* its session ended and it goes on all the same: a defect */
	struct migsim_save save;
	struct migsim_load load;
	u8 *bounce;
};

static bool precopy_now(struct migsim *m)
{
	u32 state = migsim_state(m);

	return state == VFIO_DEVICE_STATE_PRE_COPY || state == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

static ssize_t copy_out(struct migsim_file *mig, char __user *buf, size_t len)
{
	size_t done = 0, n;

	while (done < len) {
		n = min_t(size_t, len - done, BOUNCE_LEN);
		migsim_save_take(mig->sim, &mig->save, mig->bounce, n);
		if (copy_to_user(buf + done, mig->bounce, n))
			return -EFAULT;
		done += n;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	atomic64_add(done, &mig->sim->stats[STAT_BYTES_OUT]);
	migsim_count(mig->sim, STAT_WINDOWS);
	return done;
}

/* What read(2) returns where STOP_COPY has nothing more. */
static ssize_t read_end(struct migsim *m, struct migsim_save *save)
{
	migsim_save_done(m, save);
	if (migsim_defect(m, DEFECT_END_MOVES))
		migsim_force(m, VFIO_DEVICE_STATE_STOP);
	if (migsim_defect(m, DEFECT_END_ONCE))
		migsim_save_begin(m, save, false);
	if (migsim_defect(m, DEFECT_END_EIO))
		return -EIO;
	return migsim_defect(m, DEFECT_END_ENOMSG) ? -ENOMSG : 0;
}

static ssize_t read_precopy_end(struct migsim *m)
{
	return m->cfg.profile == MIGSIM_MTTY || migsim_defect(m, DEFECT_PRECOPY_END_ZERO) ? 0 : -ENOMSG;
}

/* How much there is to read now. */
static u64 read_left(struct migsim_file *mig, bool precopy)
{
	u64 limit = migsim_save_limit(mig->sim, &mig->save, precopy);

	if (precopy && migsim_defect(mig->sim, DEFECT_PRECOPY_END_EARLY))
		limit = max(min(limit, mig->save.initial / 2), mig->save.pos);
	return limit - mig->save.pos;
}

/* As a file of records: what a read leaves of one is gone. */
static void lose_rest(struct migsim_file *mig, u64 left)
{
	struct migsim_save *save = &mig->save;
	size_t rest = round_up(save->pos, LOST_RECORD) - save->pos;

	save->pos += min_t(u64, rest, left);
}

static ssize_t read_session(struct migsim_file *mig, char __user *buf, size_t len)
{
	struct migsim *m = mig->sim;
	bool precopy = precopy_now(m);
	struct migsim_hit hit;
	u64 chunk, left;
	ssize_t ret;

	if (!precopy && !mig->outlived && migsim_state(m) != VFIO_DEVICE_STATE_STOP_COPY)
		return -ENODEV;
	ret = migsim_meet_data(m, CALL_DATA_READ, mig->save.pos, &len, &hit);
	if (ret)
		return ret;
	if (hit.action == ACT_ZERO)
		return 0;
	chunk = migsim_chunk(&m->cfg);
	if (chunk)
		len = min_t(u64, len, chunk);
	left = read_left(mig, precopy);
	if (!migsim_data_fault(m, DF_PENDING_FOREVER))
		len = min_t(u64, len, left);
	if (!len)
		return precopy ? read_precopy_end(m) : read_end(m, &mig->save);
	ret = copy_out(mig, buf, len);
	if (ret > 0 && migsim_defect(m, DEFECT_READ_LOSES_REST))
		lose_rest(mig, left - ret);
	return ret;
}

static ssize_t stream_read(struct file *filp, char __user *buf, size_t len, loff_t *pos)
{
	struct migsim_file *mig = filp->private_data;
	ssize_t ret = -ENODEV;

	if (!len)
		return 0;
	mutex_lock(&mig->lock);
	if (mig->sim)
		ret = read_session(mig, buf, len);
	mutex_unlock(&mig->lock);
	return ret;
}

static ssize_t write_session(struct migsim_file *mig, const char __user *buf, size_t len)
{
	struct migsim_hit hit;
	size_t done = 0, n;
	int ret;

	if (!mig->outlived && migsim_state(mig->sim) != VFIO_DEVICE_STATE_RESUMING)
		return -ENODEV;
	ret = migsim_meet_data(mig->sim, CALL_DATA_WRITE, mig->load.pos, &len, &hit);
	if (ret)
		return ret;
	if (hit.action == ACT_ZERO)
		return 0;
	if (!mig->load.pos && len < sizeof(mig->load.head) && migsim_defect(mig->sim, DEFECT_HEAD_IN_ONE_WRITE))
		mig->load.foreign = true;
	while (done < len) {
		n = min_t(size_t, len - done, BOUNCE_LEN);
		if (copy_from_user(mig->bounce, buf + done, n))
			return -EFAULT;
		migsim_load_add(mig->sim, &mig->load, mig->bounce, n);
		done += n;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

static ssize_t stream_write(struct file *filp, const char __user *buf, size_t len, loff_t *pos)
{
	struct migsim_file *mig = filp->private_data;
	ssize_t ret = -ENODEV;

	if (!len)
		return 0;
	mutex_lock(&mig->lock);
	if (mig->sim)
		ret = write_session(mig, buf, len);
	mutex_unlock(&mig->lock);
	return ret;
}

static int precopy_info(struct migsim_file *mig, struct vfio_precopy_info *info)
{
	struct migsim_save *save = &mig->save;
	struct migsim_hit hit;
	u64 left;
	int ret;

	if (migsim_defect(mig->sim, DEFECT_PRECOPY_INFO_NONE))
		return -ENOTTY;
	if (!precopy_now(mig->sim) && !migsim_defect(mig->sim, DEFECT_PRECOPY_INFO_ALWAYS))
		return -EINVAL;
	ret = migsim_meet(mig->sim, CALL_PRECOPY_INFO, &hit);
	if (ret || hit.action == ACT_ZERO)
		return ret;
	left = migsim_save_limit(mig->sim, save, true) - save->pos;
	if (save->initial > save->pos)
		info->initial_bytes = save->initial - save->pos;
	if (migsim_defect(mig->sim, DEFECT_INITIAL_BYTES_ZERO))
		info->initial_bytes = 0;
	info->dirty_bytes = left - info->initial_bytes;
	if (migsim_defect(mig->sim, DEFECT_INITIAL_BYTES_STUCK))
		info->initial_bytes = save->initial;
	return 0;
}

static long stream_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_precopy_info, dirty_bytes);
	struct migsim_file *mig = filp->private_data;
	struct vfio_precopy_info info = {};
	int ret = -ENODEV;

	if (cmd != VFIO_MIG_GET_PRECOPY_INFO)
		return -ENOTTY;
	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	info.flags = 0;
	info.initial_bytes = 0;
	info.dirty_bytes = 0;
	mutex_lock(&mig->lock);
	if (mig->sim)
		ret = mig->saving ? precopy_info(mig, &info) : -EINVAL;
	mutex_unlock(&mig->lock);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

static int stream_release(struct inode *inode, struct file *filp)
{
	struct migsim_file *mig = filp->private_data;

	mutex_destroy(&mig->lock);
	kfree(mig->bounce);
	kfree(mig);
	return 0;
}

static const struct file_operations save_fops = {
	.owner = THIS_MODULE, .read = stream_read, .unlocked_ioctl = stream_ioctl,
	.compat_ioctl = compat_ptr_ioctl, .release = stream_release,
};

static const struct file_operations load_fops = {
	.owner = THIS_MODULE, .write = stream_write, .release = stream_release,
};

/* A new session, with one reference on its file for the caller and one for the device. */
struct file *migsim_file_new(struct migsim *m, bool saving, bool precopy)
{
	struct migsim_file *mig;
	struct file *filp;

	migsim_file_drop(m);	/* one that a forced state left behind */
	mig = kzalloc(sizeof(*mig), GFP_KERNEL);
	if (!mig)
		return ERR_PTR(-ENOMEM);
	mig->bounce = kmalloc(BOUNCE_LEN, GFP_KERNEL);
	if (!mig->bounce) {
		kfree(mig);
		return ERR_PTR(-ENOMEM);
	}
	filp = anon_inode_getfile("[migsim-data]", saving ? &save_fops : &load_fops, mig,
				  saving ? O_RDONLY : O_WRONLY);
	if (IS_ERR(filp)) {
		kfree(mig->bounce);
		kfree(mig);
		return filp;
	}
	stream_open(filp->f_inode, filp);
	mutex_init(&mig->lock);
	mig->filp = filp;
	mig->sim = m;
	mig->saving = saving;
	if (saving)
		migsim_save_begin(m, &mig->save, precopy);
	else
		migsim_load_begin(m, &mig->load);
	m->file = mig;
	return get_file(filp);
}

/* The session is over: whoever still has the file reads ENODEV from it. */
void migsim_file_drop(struct migsim *m)
{
	struct migsim_file *mig = m->file;

	if (!mig)
		return;
	m->file = NULL;
	mutex_lock(&mig->lock);
	if (mig->saving && mig->save.pos == mig->save.total)
		migsim_save_done(m, &mig->save);
	mig->sim = NULL;
	mutex_unlock(&mig->lock);
	fput(mig->filp);
}

/* The arc or the reset that ends a session; called in the state that it leaves. */
void migsim_file_end(struct migsim *m, bool lives)
{
	struct migsim_file *mig = m->file;

	if (!mig || mig->outlived)
		return;
	mutex_lock(&mig->lock);
	if (mig->saving && migsim_state(m) == VFIO_DEVICE_STATE_STOP_COPY)
		migsim_save_left(m, &mig->save);
	mig->outlived = lives;
	mutex_unlock(&mig->lock);
	if (!lives)
		migsim_file_drop(m);
}

/* On leaving RESUMING. A refused load keeps the session, as mtty does: the rest of the data may still come. */
int migsim_file_load(struct migsim *m)
{
	int ret = 0;

	if (!m->file || m->file->saving || m->file->outlived)
		return 0;
	mutex_lock(&m->file->lock);
	ret = migsim_load_finish(m, &m->file->load);
	mutex_unlock(&m->file->lock);
	return ret;
}

unsigned long migsim_file_left(struct migsim *m)
{
	unsigned long left = m->cfg.state_size;

	if (!m->file || !m->file->saving || m->file->outlived)
		return left;
	mutex_lock(&m->file->lock);
	left -= min_t(u64, left, m->file->save.pos);
	mutex_unlock(&m->file->lock);
	return left;
}
