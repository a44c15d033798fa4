// SPDX-License-Identifier: GPL-2.0
/* migsim: the platform driver, and the calls VFIO makes whatever the migration protocol. */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "migsim.h"

#define REGION_SHIFT	40	/* the region index in a file offset, as vfio-pci has it */

static DEFINE_MUTEX(plugged_lock);
static LIST_HEAD(plugged);
atomic64_t migsim_devices, migsim_opens, migsim_closes;

static int sim_open(struct vfio_device *vdev)
{
	struct migsim *m = vdev_to_migsim(vdev);
	struct migsim_hit hit;
	int ret;

	mutex_lock(&m->op_lock);
	ret = migsim_meet(m, CALL_OPEN, &hit);
	if (!ret && m->cfg.protocol == MIGSIM_V1)
		ret = migsim_v1_open(m);
	if (!ret) {
		if (!m->cfg.keep_state || !m->seen_open)
			migsim_force(m, migsim_defect(m, DEFECT_FIRST_STATE) ? migsim_stop_state(m) :
				     migsim_initial_state(&m->cfg));
		m->seen_open = true;
		migsim_count(m, STAT_OPENS);
		atomic64_inc(&migsim_opens);
	}
	mutex_unlock(&m->op_lock);
	return ret;
}

static void sim_close(struct vfio_device *vdev)
{
	struct migsim *m = vdev_to_migsim(vdev);

	mutex_lock(&m->op_lock);
	migsim_file_drop(m);
	migsim_v1_reset(m);
	migsim_v1_close(m);
	migsim_log_reset(m);
	migsim_count(m, STAT_CLOSES);
	atomic64_inc(&migsim_closes);
	mutex_unlock(&m->op_lock);
}

static long reset(struct migsim *m)
{
	u32 running = m->cfg.protocol == MIGSIM_V1 ? V1_RUNNING : VFIO_DEVICE_STATE_RUNNING;
	struct migsim_hit hit;
	int ret;

	if (!m->cfg.reset)
		return -EINVAL;	/* what vfio-pci says of a device without a reset */
	ret = migsim_meet(m, CALL_RESET, &hit);
	if (ret)
		return ret;
	migsim_file_end(m, migsim_defect(m, DEFECT_RESET_KEEPS_FD));
	migsim_v1_reset(m);
	if (migsim_defect(m, DEFECT_RESET_STOPS))
		running = migsim_stop_state(m);
	if (hit.action == ACT_LIE || hit.action == ACT_NAK_LIE)
		running = hit.lie;
	if (hit.action != ACT_ERROR_OK)
		migsim_force(m, running);
	migsim_count(m, STAT_RESETS);
	return hit.action == ACT_NAK_LIE ? hit.err : 0;
}

static long get_info(struct migsim *m, void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PLATFORM | (m->cfg.reset ? VFIO_DEVICE_FLAGS_RESET : 0);
	info.num_regions = migsim_num_regions(&m->cfg);
	info.num_irqs = 0;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static long ioctl_locked(struct migsim *m, unsigned int cmd, void __user *arg)
{
	struct migsim_hit hit;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return migsim_meet(m, CALL_INFO, &hit) ?: get_info(m, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return migsim_meet(m, CALL_REGION_INFO, &hit) ?: migsim_region_info(m, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return -EINVAL;
	case VFIO_DEVICE_RESET:
		return reset(m);
	default:
		return -ENOTTY;
	}
}

static long sim_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct migsim *m = vdev_to_migsim(vdev);
	long ret;

	mutex_lock(&m->op_lock);
	ret = ioctl_locked(m, cmd, (void __user *)arg);
	mutex_unlock(&m->op_lock);
	return ret;
}

static bool is_region(struct migsim *m, loff_t pos, size_t count)
{
	u64 off = pos & (BIT_ULL(REGION_SHIFT) - 1);

	return m->cfg.protocol == MIGSIM_V1 && pos >> REGION_SHIFT == m->cfg.region_index &&
	       count <= INT_MAX && off + count <= migsim_v1_region_size(&m->cfg);
}

static ssize_t sim_read(struct vfio_device *vdev, char __user *buf, size_t count, loff_t *pos)
{
	struct migsim *m = vdev_to_migsim(vdev);
	ssize_t ret;

	if (!is_region(m, *pos, count))
		return -EINVAL;
	ret = migsim_v1_read(m, buf, count, *pos & (BIT_ULL(REGION_SHIFT) - 1));
	if (ret > 0)
		*pos += ret;
	return ret;
}

static ssize_t sim_write(struct vfio_device *vdev, const char __user *buf, size_t count, loff_t *pos)
{
	struct migsim *m = vdev_to_migsim(vdev);
	ssize_t ret;

	if (!is_region(m, *pos, count))
		return -EINVAL;
	ret = migsim_v1_write(m, buf, count, *pos & (BIT_ULL(REGION_SHIFT) - 1));
	if (ret > 0)
		*pos += ret;
	return ret;
}

/* Without op_lock: mmap_lock is held here, and copying to user memory takes it inside op_lock. */
static int sim_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	struct migsim *m = vdev_to_migsim(vdev);

	return m->cfg.protocol == MIGSIM_V1 ? migsim_v1_mmap(m, vma) : -EINVAL;
}

static void sim_release(struct vfio_device *vdev)
{
	config_item_put(&vdev_to_migsim(vdev)->item);
}

static const struct vfio_device_ops sim_ops = {
	.name = MIGSIM_NAME,
	.release = sim_release,
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
	.open_device = sim_open,
	.close_device = sim_close,
	.read = sim_read,
	.write = sim_write,
	.ioctl = sim_ioctl,
	.mmap = sim_mmap,
};

static void set_vdev(struct migsim *m, struct vfio_device *vdev)
{
	struct iommu_group *group = vdev ? iommu_group_get(vdev->dev) : NULL;

	spin_lock(&m->lock);
	m->vdev = vdev;
	m->group = group ? iommu_group_id(group) : -1;
	spin_unlock(&m->lock);
	iommu_group_put(group);
}

static int sim_probe(struct platform_device *pdev)
{
	struct migsim **sim = dev_get_platdata(&pdev->dev);
	struct migsim_vdev *v;
	struct migsim *m;
	int ret;

	if (!sim)
		return -ENODEV;	/* a foreign device with our name in its driver_override */
	m = *sim;
	v = vfio_alloc_device(migsim_vdev, vdev, &pdev->dev, &sim_ops);
	if (IS_ERR(v))
		return PTR_ERR(v);
	v->sim = m;
	config_item_get(&m->item);
	if (m->cfg.protocol == MIGSIM_V2) {
		v->vdev.mig_ops = &migsim_v2_ops;
		v->vdev.migration_flags = m->cfg.caps;
		if (m->cfg.logging)
			v->vdev.log_ops = &migsim_log_ops;
	}
	platform_set_drvdata(pdev, v);
	set_vdev(m, &v->vdev);	/* set_state needs it as soon as the device can be opened */
	ret = vfio_register_emulated_iommu_dev(&v->vdev);
	if (ret) {
		set_vdev(m, NULL);
		vfio_put_device(&v->vdev);
		return ret;
	}
	set_vdev(m, &v->vdev);	/* again, now with its group */
	atomic64_inc(&migsim_devices);
	return 0;
}

static void sim_remove(struct platform_device *pdev)
{
	struct migsim_vdev *v = platform_get_drvdata(pdev);

	vfio_unregister_group_dev(&v->vdev);
	atomic64_dec(&migsim_devices);
	set_vdev(v->sim, NULL);
	vfio_put_device(&v->vdev);
}

static struct platform_driver sim_driver = {
	.probe = sim_probe,
	.remove = sim_remove,
	.driver = { .name = MIGSIM_NAME, .probe_type = PROBE_FORCE_SYNCHRONOUS },
};

static int override_driver(struct platform_device *pdev)
{
#ifdef DEVICE_HAS_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, MIGSIM_NAME);
#else
	pdev->driver_override = kstrdup(MIGSIM_NAME, GFP_KERNEL);
	return pdev->driver_override ? 0 : -ENOMEM;
#endif
}

/*
 * A name is taken until its device is quite gone: one whose directory was removed while a user has it open is no longer
 * found on the bus, but its sysfs entry is still there, and a second one would be a warning in the log.
 */
static int name_take(struct migsim *m)
{
	struct migsim *other;
	int ret = 0;

	mutex_lock(&plugged_lock);
	list_for_each_entry(other, &plugged, plugged)
		if (!strcmp(config_item_name(&other->item), config_item_name(&m->item)))
			ret = -EBUSY;
	if (!ret)
		list_add(&m->plugged, &plugged);
	mutex_unlock(&plugged_lock);
	return ret;
}

static void name_give(struct migsim *m)
{
	mutex_lock(&plugged_lock);
	list_del(&m->plugged);
	mutex_unlock(&plugged_lock);
}

/* The device's name is migsim-NAME and nothing more, so it needs driver_override to find its driver. */
static struct platform_device *pdev_new(struct migsim *m)
{
	struct platform_device *pdev;
	char *name;
	int ret;

	name = kasprintf(GFP_KERNEL, MIGSIM_NAME "-%s", config_item_name(&m->item));
	if (!name)
		return ERR_PTR(-ENOMEM);
	pdev = platform_device_alloc(name, PLATFORM_DEVID_NONE);
	kfree(name);
	if (!pdev)
		return ERR_PTR(-ENOMEM);
	ret = override_driver(pdev) ?: platform_device_add_data(pdev, &m, sizeof(m)) ?: platform_device_add(pdev);
	if (!ret)
		return pdev;
	platform_device_put(pdev);
	return ERR_PTR(ret);
}

int migsim_plug(struct migsim *m)
{
	struct platform_device *pdev;
	int ret = name_take(m);

	if (ret)
		return ret;
	pdev = pdev_new(m);
	if (!IS_ERR(pdev) && m->vdev) {
		m->pdev = pdev;
		return 0;
	}
	ret = PTR_ERR_OR_ZERO(pdev);
	if (!ret) {	/* probe failed and said why in the kernel log */
		platform_device_unregister(pdev);
		ret = -ENXIO;
	}
	name_give(m);
	return ret;
}

/* Blocks while the device is open. */
void migsim_unplug(struct migsim *m)
{
	platform_device_unregister(m->pdev);
	m->pdev = NULL;
	name_give(m);
}

static int __init migsim_init(void)
{
	int ret = platform_driver_register(&sim_driver);

	if (ret)
		return ret;
	ret = migsim_configfs_init();
	if (ret)
		platform_driver_unregister(&sim_driver);
	return ret;
}

static void __exit migsim_exit(void)
{
	migsim_configfs_exit();
	platform_driver_unregister(&sim_driver);
}

module_init(migsim_init);
module_exit(migsim_exit);
MODULE_IMPORT_NS(IOMMUFD);	/* iova_bitmap_set() */
MODULE_DESCRIPTION("Simulator of migratable VFIO devices");
MODULE_LICENSE("GPL");
