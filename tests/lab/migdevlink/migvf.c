// SPDX-License-Identifier: GPL-2.0
/*
 * migvf_vfio_pci: a variant driver, as mlx5_vfio_pci is one, for the VFs of QEMU's igb. A VF whose PF has a devlink instance
 * of ours is migratable if its port was when it was bound. The device itself is passed through and takes no part: its
 * "state" is a page that is saved and loaded.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio_pci_core.h>
#include "migdevlink.h"

#define STATE_SIZE	4096

/* A data file may outlive its session, and the device. */
struct session {
	refcount_t users;
	struct mutex lock;
	bool over;
	size_t len;		/* of what was loaded */
	u8 bytes[STATE_SIZE];
};

struct migvf {
	struct vfio_pci_core_device core;
	struct mutex lock;
	enum vfio_device_mig_state state;
	struct session *session;
	u8 bytes[STATE_SIZE];
};

static struct migvf *to_migvf(struct vfio_device *vdev)
{
	return container_of(vdev, struct migvf, core.vdev);
}

static void session_put(struct session *session)
{
	if (refcount_dec_and_test(&session->users))
		kfree(session);
}

static int session_release(struct inode *inode, struct file *file)
{
	session_put(file->private_data);
	return 0;
}

/*
 * No lock while user memory is copied: a reset takes the session's inside vfio-pci's memory lock, which a fault takes inside
 * mmap_lock. What is saved does not change.
 */
static ssize_t session_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct session *session = file->private_data;

	if (READ_ONCE(session->over))
		return -ENODEV;
	return simple_read_from_buffer(buf, len, pos, session->bytes, STATE_SIZE);
}

static ssize_t session_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct session *session = file->private_data;
	ssize_t ret = len;
	void *bytes;

	if (len > STATE_SIZE)
		return -ENOSPC;
	bytes = memdup_user(buf, len);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	mutex_lock(&session->lock);
	if (session->over) {
		ret = -ENODEV;
	} else if (len > STATE_SIZE - session->len) {
		ret = -ENOSPC;
	} else {
		memcpy(session->bytes + session->len, bytes, len);
		session->len += len;
	}
	mutex_unlock(&session->lock);
	kfree(bytes);
	return ret;
}

static const struct file_operations save_fops = {
	.owner = THIS_MODULE, .read = session_read, .release = session_release,
};
static const struct file_operations load_fops = {
	.owner = THIS_MODULE, .write = session_write, .release = session_release,
};

static struct file *session_begin(struct migvf *m, bool saving)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	struct file *file;

	if (!session)
		return ERR_PTR(-ENOMEM);
	refcount_set(&session->users, 2);
	mutex_init(&session->lock);
	if (saving)
		memcpy(session->bytes, m->bytes, STATE_SIZE);
	file = anon_inode_getfile("[migvf-data]", saving ? &save_fops : &load_fops, session,
				  saving ? O_RDONLY : O_WRONLY);
	if (IS_ERR(file)) {
		kfree(session);
		return file;
	}
	m->session = session;
	return file;
}

static void session_end(struct migvf *m)
{
	struct session *session = m->session;

	if (!session)
		return;
	m->session = NULL;
	mutex_lock(&session->lock);
	WRITE_ONCE(session->over, true);
	mutex_unlock(&session->lock);
	session_put(session);
}

static int load(struct migvf *m)
{
	struct session *session = m->session;
	int ret = -EINVAL;

	mutex_lock(&session->lock);
	if (session->len == STATE_SIZE) {
		memcpy(m->bytes, session->bytes, STATE_SIZE);
		ret = 0;
	}
	mutex_unlock(&session->lock);
	return ret;
}

/* One arc of the protocol. */
static struct file *step(struct migvf *m, enum vfio_device_mig_state next)
{
	int ret;

	if (m->state == VFIO_DEVICE_STATE_STOP && next == VFIO_DEVICE_STATE_STOP_COPY)
		return session_begin(m, true);
	if (m->state == VFIO_DEVICE_STATE_STOP && next == VFIO_DEVICE_STATE_RESUMING)
		return session_begin(m, false);
	if (m->state == VFIO_DEVICE_STATE_RESUMING) {
		ret = load(m);
		if (ret)
			return ERR_PTR(ret);
	}
	session_end(m);
	return NULL;
}

static struct file *set_state(struct vfio_device *vdev, enum vfio_device_mig_state wanted)
{
	struct migvf *m = to_migvf(vdev);
	enum vfio_device_mig_state next;
	struct file *file = NULL;
	int ret;

	mutex_lock(&m->lock);
	while (!IS_ERR(file) && m->state != wanted) {	/* an arc that gives a file is always the last */
		ret = vfio_mig_get_next_state(vdev, m->state, wanted, &next);
		file = ret ? ERR_PTR(ret) : step(m, next);
		if (!IS_ERR(file))
			m->state = next;
	}
	mutex_unlock(&m->lock);
	return file;
}

static int get_state(struct vfio_device *vdev, enum vfio_device_mig_state *state)
{
	struct migvf *m = to_migvf(vdev);

	mutex_lock(&m->lock);
	*state = m->state;
	mutex_unlock(&m->lock);
	return 0;
}

static int get_data_size(struct vfio_device *vdev, unsigned long *size)
{
	*size = STATE_SIZE;
	return 0;
}

static const struct vfio_migration_ops mig_ops = {
	.migration_set_state = set_state,
	.migration_get_state = get_state,
	.migration_get_data_size = get_data_size,
};

static void back_to_running(struct migvf *m)
{
	mutex_lock(&m->lock);
	session_end(m);
	m->state = VFIO_DEVICE_STATE_RUNNING;
	mutex_unlock(&m->lock);
}

static int migvf_init(struct vfio_device *vdev)
{
	struct migvf *m = to_migvf(vdev);

	mutex_init(&m->lock);
	m->state = VFIO_DEVICE_STATE_RUNNING;
	if (migdevlink_vf_migratable(to_pci_dev(vdev->dev))) {
		vdev->migration_flags = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P;
		vdev->mig_ops = &mig_ops;
	}
	return vfio_pci_core_init_dev(vdev);
}

static int migvf_open(struct vfio_device *vdev)
{
	struct migvf *m = to_migvf(vdev);
	int ret = vfio_pci_core_enable(&m->core);

	if (ret)
		return ret;
	back_to_running(m);
	vfio_pci_core_finish_enable(&m->core);
	return 0;
}

static void migvf_close(struct vfio_device *vdev)
{
	back_to_running(to_migvf(vdev));
	vfio_pci_core_close_device(vdev);
}

static const struct vfio_device_ops migvf_ops = {
	.name = "migvf-vfio-pci",
	.init = migvf_init,
	.release = vfio_pci_core_release_dev,
	.open_device = migvf_open,
	.close_device = migvf_close,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
};

static int migvf_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct migvf *m = vfio_alloc_device(migvf, core.vdev, &pdev->dev, &migvf_ops);
	int ret;

	if (IS_ERR(m))
		return PTR_ERR(m);
	dev_set_drvdata(&pdev->dev, &m->core);
	ret = vfio_pci_core_register_device(&m->core);
	if (ret)
		vfio_put_device(&m->core.vdev);
	return ret;
}

static void migvf_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);

	vfio_pci_core_unregister_device(core);
	vfio_put_device(&core->vdev);
}

static void migvf_reset_done(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);

	back_to_running(container_of(core, struct migvf, core));
}

static const struct pci_error_handlers migvf_err_handlers = {
	.reset_done = migvf_reset_done,
	.error_detected = vfio_pci_core_aer_err_detected,
};

static const struct pci_device_id migvf_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_INTEL, 0x10ca) },	/* 82576 VF */
	{}
};
MODULE_DEVICE_TABLE(pci, migvf_ids);

static struct pci_driver migvf_driver = {
	.name = KBUILD_MODNAME,
	.id_table = migvf_ids,
	.probe = migvf_probe,
	.remove = migvf_remove,
	.err_handler = &migvf_err_handlers,
	.driver_managed_dma = true,
};
module_pci_driver(migvf_driver);

MODULE_DESCRIPTION("A VFIO variant driver for VFs that have nothing to migrate");
MODULE_LICENSE("GPL");
