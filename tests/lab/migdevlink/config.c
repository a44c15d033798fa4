// SPDX-License-Identifier: GPL-2.0
/* configfs: a directory per instance, named by the PCI device it is on. */
#include <linux/module.h>
#include <linux/slab.h>
#include "migdevlink.h"

static const char *const eswitch_words[] = {
	[MDL_LEGACY] = "legacy", [MDL_SWITCHDEV] = "switchdev", [MDL_NO_ESWITCH] = "unsupported",
};
static const char *const reporter_words[] = { [MDL_FW] = "fw", [MDL_FW_FATAL] = "fw_fatal" };

int mdl_text(char *to, const char *page, size_t max)
{
	size_t len = strcspn(page, "\n");

	if (len >= max)
		return -E2BIG;
	memcpy(to, page, len);
	to[len] = '\0';
	return 0;
}

#define MDL_TEXT(_name)										\
static ssize_t mdl_##_name##_show(struct config_item *item, char *page)				\
{												\
	return sprintf(page, "%s\n", to_mdl(item)->_name);					\
}												\
static ssize_t mdl_##_name##_store(struct config_item *item, const char *page, size_t len)	\
{												\
	struct mdl *m = to_mdl(item);								\
	int ret;										\
												\
	devl_lock(m->devlink);									\
	ret = mdl_text(m->_name, page, sizeof(m->_name));					\
	devl_unlock(m->devlink);								\
	return ret ?: len;									\
}												\
CONFIGFS_ATTR(mdl_, _name)

MDL_TEXT(eswitch_ack);
MDL_TEXT(serial);
MDL_TEXT(fw_version);
MDL_TEXT(fw_psid);

#define MDL_BOOL(_name)										\
static ssize_t mdl_##_name##_show(struct config_item *item, char *page)				\
{												\
	return sprintf(page, "%d\n", to_mdl(item)->_name);					\
}												\
static ssize_t mdl_##_name##_store(struct config_item *item, const char *page, size_t len)	\
{												\
	struct mdl *m = to_mdl(item);								\
	bool value;										\
	int ret = kstrtobool(page, &value);							\
												\
	if (ret)										\
		return ret;									\
	devl_lock(m->devlink);									\
	m->_name = value;									\
	ret = mdl_ports_sync(m);								\
	devl_unlock(m->devlink);								\
	return ret ?: len;									\
}												\
CONFIGFS_ATTR(mdl_, _name)

MDL_BOOL(legacy_ports);
MDL_BOOL(info);
MDL_BOOL(recovers);

static ssize_t mdl_eswitch_show(struct config_item *item, char *page)
{
	return sprintf(page, "%s\n", eswitch_words[READ_ONCE(to_mdl(item)->eswitch)]);
}

static ssize_t mdl_eswitch_store(struct config_item *item, const char *page, size_t len)
{
	struct mdl *m = to_mdl(item);
	int ret, i = sysfs_match_string(eswitch_words, page);

	if (i < 0)
		return i;
	devl_lock(m->devlink);
	m->eswitch = i;
	ret = mdl_ports_sync(m);
	devl_unlock(m->devlink);
	return ret ?: len;
}
CONFIGFS_ATTR(mdl_, eswitch);

static ssize_t mdl_fail_store(struct config_item *item, const char *page, size_t len)
{
	char text[MDL_TEXT_MAX], *words = text, *name;
	int i, ret = mdl_text(text, page, sizeof(text));

	if (ret)
		return ret;
	name = strsep(&words, " ");
	i = match_string(reporter_words, ARRAY_SIZE(reporter_words), name);
	return i < 0 ? i : mdl_fail(to_mdl(item), i, words ?: "made to fail") ?: len;
}
CONFIGFS_ATTR_WO(mdl_, fail);

static ssize_t mdl_heal_store(struct config_item *item, const char *page, size_t len)
{
	int i = sysfs_match_string(reporter_words, page);

	return i < 0 ? i : mdl_heal(to_mdl(item), i) ?: len;
}
CONFIGFS_ATTR_WO(mdl_, heal);

static ssize_t mdl_live_show(struct config_item *item, char *page)
{
	return sprintf(page, "%d\n", READ_ONCE(to_mdl(item)->live));
}

static ssize_t mdl_live_store(struct config_item *item, const char *page, size_t len)
{
	bool live;
	int ret = kstrtobool(page, &live);

	return ret ?: mdl_set_live(to_mdl(item), live) ?: len;
}
CONFIGFS_ATTR(mdl_, live);

static struct configfs_attribute *mdl_attrs[] = {
	&mdl_attr_live, &mdl_attr_eswitch, &mdl_attr_eswitch_ack, &mdl_attr_legacy_ports, &mdl_attr_info,
	&mdl_attr_serial, &mdl_attr_fw_version, &mdl_attr_fw_psid, &mdl_attr_fail, &mdl_attr_heal,
	&mdl_attr_recovers, NULL,
};

static void mdl_release(struct config_item *item)
{
	struct mdl *m = to_mdl(item);

	mutex_destroy(&m->lock);
	kfree(m);
}

static struct config_item *make_port(struct config_group *group, const char *name)
{
	struct mdl_port *port = mdl_port_new(to_mdl(&group->cg_item), name);

	return IS_ERR(port) ? ERR_CAST(port) : &port->item;
}

static void drop_port(struct config_group *group, struct config_item *item)
{
	mdl_port_drop(to_port(item));
}

static struct configfs_item_operations mdl_item_ops = { .release = mdl_release };
static struct configfs_group_operations mdl_group_ops = { .make_item = make_port, .drop_item = drop_port };

static const struct config_item_type mdl_type = {
	.ct_item_ops = &mdl_item_ops, .ct_group_ops = &mdl_group_ops, .ct_attrs = mdl_attrs, .ct_owner = THIS_MODULE,
};

static struct pci_dev *find_device(const char *name)
{
	unsigned int domain, bus, slot, function;
	int end = 0;

	if (sscanf(name, "%x:%x:%x.%x%n", &domain, &bus, &slot, &function, &end) != 4 || name[end])
		return NULL;
	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, function));
}

static struct config_group *make_instance(struct config_group *group, const char *name)
{
	struct pci_dev *pdev = find_device(name);
	struct mdl *m;

	if (!pdev)
		return ERR_PTR(-ENODEV);
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		goto put;
	m->pdev = pdev;
	if (mdl_alloc(m))
		goto free;
	mutex_init(&m->lock);
	INIT_LIST_HEAD(&m->ports);
	m->info = true;
	m->recovers = true;
	m->next_index = 0x10001;
	strscpy(m->serial, "MDL0001", sizeof(m->serial));
	strscpy(m->fw_version, "1.2.3", sizeof(m->fw_version));
	strscpy(m->fw_psid, "MDL_0000000001", sizeof(m->fw_psid));
	config_group_init_type_name(&m->group, name, &mdl_type);
	mdl_join(m);
	return &m->group;
free:
	kfree(m);
put:
	pci_dev_put(pdev);
	return ERR_PTR(-ENOMEM);
}

/* Its ports are gone: a directory with others in it is not removed. */
static void drop_instance(struct config_group *group, struct config_item *item)
{
	struct mdl *m = to_mdl(item);

	mdl_leave(m);
	mdl_set_live(m, false);
	devlink_free(m->devlink);
	pci_dev_put(m->pdev);
	config_item_put(item);
}

static struct configfs_group_operations subsys_ops = { .make_group = make_instance, .drop_item = drop_instance };

static const struct config_item_type subsys_type = { .ct_group_ops = &subsys_ops, .ct_owner = THIS_MODULE };

static struct configfs_subsystem subsys = {
	.su_group = { .cg_item = { .ci_namebuf = "migdevlink", .ci_type = &subsys_type } },
};

static int __init mdl_init(void)
{
	int ret;

	config_group_init(&subsys.su_group);
	mutex_init(&subsys.su_mutex);
	ret = configfs_register_subsystem(&subsys);
	if (ret)
		mutex_destroy(&subsys.su_mutex);
	return ret;
}

static void __exit mdl_exit(void)
{
	configfs_unregister_subsystem(&subsys);
	mutex_destroy(&subsys.su_mutex);
}

module_init(mdl_init);
module_exit(mdl_exit);
MODULE_DESCRIPTION("A devlink instance, made to order, on a PCI device whose driver has none");
MODULE_LICENSE("GPL");
