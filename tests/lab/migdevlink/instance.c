// SPDX-License-Identifier: GPL-2.0
/* The devlink instance: eswitch mode, info, health. */
#include <linux/export.h>
#include "migdevlink.h"

static DEFINE_MUTEX(instances_lock);	/* taken before all others */
static LIST_HEAD(instances);

static struct mdl *devlink_to_mdl(struct devlink *devlink)
{
	return *(struct mdl **)devlink_priv(devlink);
}

static int eswitch_mode_get(struct devlink *devlink, u16 *mode)
{
	struct mdl *m = devlink_to_mdl(devlink);

	if (m->eswitch == MDL_NO_ESWITCH)
		return -EOPNOTSUPP;
	*mode = m->eswitch == MDL_SWITCHDEV ? DEVLINK_ESWITCH_MODE_SWITCHDEV : DEVLINK_ESWITCH_MODE_LEGACY;
	return 0;
}

static int eswitch_mode_set(struct devlink *devlink, u16 mode, struct netlink_ext_ack *extack)
{
	struct mdl *m = devlink_to_mdl(devlink);

	if (m->eswitch_ack[0]) {
		NL_SET_ERR_MSG_FMT(extack, "%s", m->eswitch_ack);
		return -EBUSY;
	}
	if (m->eswitch == MDL_NO_ESWITCH)
		return -EOPNOTSUPP;
	if (mode != DEVLINK_ESWITCH_MODE_LEGACY && mode != DEVLINK_ESWITCH_MODE_SWITCHDEV)
		return -EINVAL;
	m->eswitch = mode == DEVLINK_ESWITCH_MODE_SWITCHDEV ? MDL_SWITCHDEV : MDL_LEGACY;
	return mdl_ports_sync(m);
}

/* What has no text is left out. The driver's name is not ours to say: the kernel takes that of the device's driver. */
static int info_get(struct devlink *devlink, struct devlink_info_req *req, struct netlink_ext_ack *extack)
{
	struct mdl *m = devlink_to_mdl(devlink);
	int ret = 0;

	if (!m->info)
		return -EOPNOTSUPP;
	if (m->serial[0])
		ret = devlink_info_serial_number_put(req, m->serial);
	if (!ret && m->fw_psid[0])
		ret = devlink_info_version_fixed_put(req, "fw.psid", m->fw_psid);
	if (!ret && m->fw_version[0])
		ret = devlink_info_version_running_put(req, DEVLINK_INFO_VERSION_GENERIC_FW, m->fw_version);
	if (!ret && m->fw_version[0])
		ret = devlink_info_version_stored_put(req, DEVLINK_INFO_VERSION_GENERIC_FW, m->fw_version);
	return ret;
}

static const struct devlink_ops instance_ops = {
	.eswitch_mode_get = eswitch_mode_get,
	.eswitch_mode_set = eswitch_mode_set,
	.info_get = info_get,
};

static int reporter_dump(struct devlink_health_reporter *reporter, struct devlink_fmsg *fmsg, void *text,
			 struct netlink_ext_ack *extack)
{
	devlink_fmsg_string_pair_put(fmsg, "error", text ?: "none");
	return 0;
}

static int reporter_recover(struct devlink_health_reporter *reporter, void *text, struct netlink_ext_ack *extack)
{
	struct mdl *m = devlink_health_reporter_priv(reporter);

	return m->recovers ? 0 : -EIO;
}

/* As mlx5 has them: one that only tells, one that recovers by itself. */
static const struct devlink_health_reporter_ops reporter_ops[MDL_REPORTERS] = {
	[MDL_FW] = { .name = "fw", .dump = reporter_dump },
	[MDL_FW_FATAL] = { .name = "fw_fatal", .dump = reporter_dump, .recover = reporter_recover },
};

int mdl_alloc(struct mdl *m)
{
	m->devlink = devlink_alloc(&instance_ops, sizeof(m), &m->pdev->dev);
	if (!m->devlink)
		return -ENOMEM;
	*(struct mdl **)devlink_priv(m->devlink) = m;
	return 0;
}

static void reporters_destroy(struct mdl *m)
{
	for (size_t i = 0; i < MDL_REPORTERS; i++) {
		if (m->reporters[i])
			devl_health_reporter_destroy(m->reporters[i]);
		m->reporters[i] = NULL;
	}
}

static int reporters_create(struct mdl *m)
{
	for (size_t i = 0; i < MDL_REPORTERS; i++) {
		struct devlink_health_reporter *reporter = devl_health_reporter_create(m->devlink, &reporter_ops[i], 0, m);

		if (IS_ERR(reporter)) {
			reporters_destroy(m);
			return PTR_ERR(reporter);
		}
		m->reporters[i] = reporter;
	}
	return 0;
}

static int live_on(struct mdl *m)
{
	int ret = reporters_create(m);

	if (ret)
		return ret;
	m->live = true;
	ret = mdl_ports_sync(m);
	if (ret) {
		m->live = false;
		mdl_ports_sync(m);
		reporters_destroy(m);
		return ret;
	}
	return devl_register(m->devlink);
}

static void live_off(struct mdl *m)
{
	devl_unregister(m->devlink);
	m->live = false;
	mdl_ports_sync(m);
	reporters_destroy(m);
}

int mdl_set_live(struct mdl *m, bool live)
{
	int ret = 0;

	mutex_lock(&m->lock);
	devl_lock(m->devlink);
	if (live && !m->live)
		ret = live_on(m);
	else if (!live && m->live)
		live_off(m);
	devl_unlock(m->devlink);
	mutex_unlock(&m->lock);
	return ret;
}

/* What becomes of the report is for the reporter's state to tell. */
int mdl_fail(struct mdl *m, enum mdl_reporter which, const char *text)
{
	int ret = -ENODEV;

	mutex_lock(&m->lock);
	if (m->live) {	/* it changes under both locks */
		devlink_health_report(m->reporters[which], text, (void *)text);
		ret = 0;
	}
	mutex_unlock(&m->lock);
	return ret;
}

int mdl_heal(struct mdl *m, enum mdl_reporter which)
{
	int ret = -ENODEV;

	mutex_lock(&m->lock);
	if (m->live) {
		devlink_health_reporter_state_update(m->reporters[which], DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
		ret = 0;
	}
	mutex_unlock(&m->lock);
	return ret;
}

void mdl_join(struct mdl *m)
{
	mutex_lock(&instances_lock);
	list_add(&m->node, &instances);
	mutex_unlock(&instances_lock);
}

void mdl_leave(struct mdl *m)
{
	mutex_lock(&instances_lock);
	list_del(&m->node);
	mutex_unlock(&instances_lock);
}

static bool port_migratable(struct mdl *m, int number)
{
	struct mdl_port *port;
	bool on = false;

	devl_lock(m->devlink);
	list_for_each_entry(port, &m->ports, node)
		if (port->registered && port->flavour == MDL_VF && port->number == number && !port->external)
			on = port->migratable == MDL_ON;
	devl_unlock(m->devlink);
	return on;
}

bool migdevlink_vf_migratable(struct pci_dev *vf)
{
	bool migratable = true;
	struct mdl *m;

	mutex_lock(&instances_lock);
	list_for_each_entry(m, &instances, node)
		if (m->pdev == pci_physfn(vf))
			migratable = port_migratable(m, pci_iov_vf_id(vf));
	mutex_unlock(&instances_lock);
	return migratable;
}
EXPORT_SYMBOL_GPL(migdevlink_vf_migratable);
