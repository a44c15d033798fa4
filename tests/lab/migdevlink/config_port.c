// SPDX-License-Identifier: GPL-2.0
/* configfs: a directory per port. */
#include <linux/slab.h>
#include "migdevlink.h"

static const char *const migratable_words[] = {
	[MDL_OFF] = "off", [MDL_ON] = "on", [MDL_UNSUPPORTED] = "unsupported", [MDL_NO_OP] = "no-op",
};
static const char *const on_set_words[] = {
	[MDL_OBEY] = "obey", [MDL_REFUSE] = "refuse", [MDL_LIE] = "lie", [MDL_ALWAYS_ON] = "always-on",
};
static const char *const state_words[] = {
	[MDL_INACTIVE] = "inactive", [MDL_ACTIVE] = "active", [MDL_NO_STATE] = "none",
};
static const char *const opstate_words[] = { [MDL_DETACHED] = "detached", [MDL_ATTACHED] = "attached" };

/* What the kernel keeps of a port when it is registered is changed by registering it anew. */
static int set_fixed(struct mdl_port *port, u32 *field, u32 value)
{
	int ret;

	devl_lock(port->m->devlink);
	mdl_port_hide(port);
	*field = value;
	ret = mdl_port_sync(port);
	devl_unlock(port->m->devlink);
	return ret;
}

static int set_free(struct mdl_port *port, u32 *field, u32 value)
{
	devl_lock(port->m->devlink);
	*field = value;
	devl_unlock(port->m->devlink);
	return 0;
}

#define PORT_U32(_name, _max, _set)								\
static ssize_t port_##_name##_show(struct config_item *item, char *page)			\
{												\
	return sprintf(page, "%u\n", to_port(item)->_name);					\
}												\
static ssize_t port_##_name##_store(struct config_item *item, const char *page, size_t len)	\
{												\
	u32 value;										\
	int ret = kstrtou32(page, 0, &value);							\
												\
	if (!ret && value > (_max))								\
		ret = -ERANGE;									\
	return ret ?: _set(to_port(item), &to_port(item)->_name, value) ?: len;			\
}												\
CONFIGFS_ATTR(port_, _name)

#define PORT_WORD(_name, _set)									\
static ssize_t port_##_name##_show(struct config_item *item, char *page)			\
{												\
	return sprintf(page, "%s\n", _name##_words[to_port(item)->_name]);			\
}												\
static ssize_t port_##_name##_store(struct config_item *item, const char *page, size_t len)	\
{												\
	int i = sysfs_match_string(_name##_words, page);					\
												\
	return i < 0 ? i : _set(to_port(item), &to_port(item)->_name, i) ?: len;		\
}												\
CONFIGFS_ATTR(port_, _name)

/* Only the lack of the operation is fixed at registration. */
static int set_migratable(struct mdl_port *port, u32 *field, u32 value)
{
	return (*field == MDL_NO_OP || value == MDL_NO_OP ? set_fixed : set_free)(port, field, value);
}

PORT_U32(index, U32_MAX, set_fixed);
PORT_U32(controller, U32_MAX, set_fixed);
PORT_U32(pf, U16_MAX, set_fixed);
PORT_U32(number, U16_MAX, set_fixed);
PORT_U32(external, 1, set_fixed);
PORT_U32(err, MAX_ERRNO, set_free);
PORT_U32(sets, U32_MAX, set_free);
PORT_WORD(migratable, set_migratable);
PORT_WORD(on_set, set_free);
PORT_WORD(state, set_free);
PORT_WORD(opstate, set_free);

static ssize_t port_ack_show(struct config_item *item, char *page)
{
	return sprintf(page, "%s\n", to_port(item)->ack);
}

static ssize_t port_ack_store(struct config_item *item, const char *page, size_t len)
{
	struct mdl_port *port = to_port(item);
	int ret;

	devl_lock(port->m->devlink);
	ret = mdl_text(port->ack, page, sizeof(port->ack));
	devl_unlock(port->m->devlink);
	return ret ?: len;
}
CONFIGFS_ATTR(port_, ack);

static ssize_t port_hw_addr_show(struct config_item *item, char *page)
{
	return sprintf(page, "%pM\n", to_port(item)->hw_addr);
}

static ssize_t port_hw_addr_store(struct config_item *item, const char *page, size_t len)
{
	struct mdl_port *port = to_port(item);
	u8 addr[ETH_ALEN];

	if (!mac_pton(page, addr))
		return -EINVAL;
	devl_lock(port->m->devlink);
	ether_addr_copy(port->hw_addr, addr);
	devl_unlock(port->m->devlink);
	return len;
}
CONFIGFS_ATTR(port_, hw_addr);

/* vnic neither dumps nor recovers, so a report takes no lock of devlink's and can be made under it. */
static ssize_t port_fail_store(struct config_item *item, const char *page, size_t len)
{
	struct mdl_port *port = to_port(item);
	char text[MDL_TEXT_MAX];
	int ret = mdl_text(text, page, sizeof(text));

	if (ret)
		return ret;
	devl_lock(port->m->devlink);
	ret = port->vnic && port->m->live ? devlink_health_report(port->vnic, text, NULL) : -ENODEV;
	devl_unlock(port->m->devlink);
	return ret ?: len;
}
CONFIGFS_ATTR_WO(port_, fail);

static ssize_t port_heal_store(struct config_item *item, const char *page, size_t len)
{
	struct mdl_port *port = to_port(item);
	int ret = -ENODEV;

	devl_lock(port->m->devlink);
	if (port->vnic && port->m->live) {
		devlink_health_reporter_state_update(port->vnic, DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
		ret = 0;
	}
	devl_unlock(port->m->devlink);
	return ret ?: len;
}
CONFIGFS_ATTR_WO(port_, heal);

static ssize_t port_registered_show(struct config_item *item, char *page)
{
	return sprintf(page, "%d\n", READ_ONCE(to_port(item)->registered));
}
CONFIGFS_ATTR_RO(port_, registered);

static struct configfs_attribute *port_attrs[] = {
	&port_attr_index, &port_attr_controller, &port_attr_pf, &port_attr_number, &port_attr_external,
	&port_attr_migratable, &port_attr_on_set, &port_attr_ack, &port_attr_err, &port_attr_sets,
	&port_attr_state, &port_attr_opstate, &port_attr_hw_addr, &port_attr_fail, &port_attr_heal,
	&port_attr_registered, NULL,
};

static void port_release(struct config_item *item)
{
	kfree(to_port(item));
}

static struct configfs_item_operations port_item_ops = { .release = port_release };

static const struct config_item_type port_type = {
	.ct_item_ops = &port_item_ops, .ct_attrs = port_attrs, .ct_owner = THIS_MODULE,
};

static int parse_name(const char *name, struct mdl_port *port)
{
	static const struct { const char *prefix; enum mdl_flavour flavour; } kinds[] = {
		{ "vf", MDL_VF }, { "pf", MDL_PF }, { "p", MDL_PHYSICAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);
		u16 number;

		if (strncmp(name, kinds[i].prefix, len) || kstrtou16(name + len, 10, &number))
			continue;
		port->flavour = kinds[i].flavour;
		port->number = number;
		return 0;
	}
	return -EINVAL;
}

struct mdl_port *mdl_port_new(struct mdl *m, const char *name)
{
	struct mdl_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	int ret;

	if (!port)
		return ERR_PTR(-ENOMEM);
	ret = parse_name(name, port);
	if (ret) {
		kfree(port);
		return ERR_PTR(ret);
	}
	port->m = m;
	port->err = EOPNOTSUPP;
	port->state = MDL_NO_STATE;
	strscpy(port->ack, "Device doesn't support migration", sizeof(port->ack));
	config_item_init_type_name(&port->item, name, &port_type);
	devl_lock(m->devlink);
	/* No plain function of the numbers: whoever computes it finds another port. */
	port->index = m->next_index;
	m->next_index += 7;
	list_add_tail(&port->node, &m->ports);
	ret = mdl_port_sync(port);
	if (ret)
		list_del(&port->node);
	devl_unlock(m->devlink);
	if (!ret)
		return port;
	config_item_put(&port->item);
	return ERR_PTR(ret);
}

void mdl_port_drop(struct mdl_port *port)
{
	devl_lock(port->m->devlink);
	mdl_port_hide(port);
	list_del(&port->node);
	devl_unlock(port->m->devlink);
	config_item_put(&port->item);
}
