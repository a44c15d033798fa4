// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/devlink.h>
#include <string.h>

#include "migctl/netlink_devlink.h"
#include "netlink_devlink.h"

struct change {
	struct mig_devlinks *devlinks;
	const struct mig_target *target;
	enum mig_migratable before, asked;
	struct mig_devlink *devlink;  /* how it is now */
	int err;                      /* positive errno of the write, 0: it went well */
	struct mig_error wrote;       /* with the kernel's word, when err */
	char said[NETLINK_SAID_SIZE]; /* that word alone, "": none */
	char name[2 * MIG_NAME_SIZE];
};

/* A driver asks the firmware what it may do when it binds. */
static int refuse_bound(const struct change *change, struct mig_error *error)
{
	char driver[4 * sizeof(change->target->driver)];

	mig_escape(driver, sizeof(driver), change->target->driver);
	mig_error_set(error, MIG_KIND_REFUSED, EBUSY,
		      "%s is bound to %s, and migratable counts from the next binding on: nothing "
		      "was written",
		      change->name, driver);
	mig_error_hint(error,
		       "echo %s > /sys/bus/pci/devices/%s/driver/unbind, and bind it again "
		       "afterwards; or --force",
		       change->name, change->name);
	return -EBUSY;
}

/* Setting, the kernel wants NLA_F_NESTED; telling, it leaves it out. */
static bool put_migratable(struct nl_msg *message, uint32_t index, bool on)
{
	const struct nla_bitfield32 caps = { .value = on ? DEVLINK_FN_CAP_MIGRATABLE : 0,
					     .selector = DEVLINK_FN_CAP_MIGRATABLE };
	struct nlattr *nest;

	if (!message || nla_put_u32(message, DEVLINK_ATTR_PORT_INDEX, index))
		return false;
	nest = nla_nest_start(message, DEVLINK_ATTR_PORT_FUNCTION | NLA_F_NESTED);
	return nest && !nla_put(message, DEVLINK_FN_ATTR_CAPS, sizeof(caps), &caps) &&
	       nla_nest_end(message, nest) >= 0;
}

static int write_it(struct change *change)
{
	const struct mig_devlink *devlink = change->devlink;
	struct nl_msg *message =
		devlink_question(change->devlinks, devlink->handle, DEVLINK_CMD_PORT_SET, 0);
	struct netlink_socket *nl = devlink_socket(change->devlinks, devlink->handle);
	int ret;

	if (put_migratable(message, devlink->port.index, change->asked == MIG_MIGRATABLE_ON))
		ret = netlink_ask(nl, message, NULL, NULL, &change->wrote,
				  "turn migratable %s for port %s/%u of %s",
				  mig_migratable_name(change->asked), devlink->handle,
				  devlink->port.index, change->name);
	else
		ret = mig_error_set(&change->wrote, MIG_KIND_FAILED, ENOMEM, "out of memory");
	nlmsg_free(message);
	/* Reading it back asks again. */
	memcpy(change->said, nl->said, sizeof(change->said));
	return ret;
}

/* There is no port to write to; or nothing to write. */
static int refuse(const struct change *change, struct mig_error *error)
{
	const struct mig_devlink *devlink = change->devlink;
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];
	enum mig_kind kind = MIG_KIND_NO_DEVICE;
	int err = ENODEV;

	if (devlink->gap == MIG_DEVLINK_GAP_UNREADABLE && devlink->err != EPERM) {
		err = devlink->err;
		kind = err == ETIMEDOUT ? MIG_KIND_TIMEOUT : MIG_KIND_FAILED;
	}
	mig_devlink_explain(devlink, change->target->name, sentence, remedy);
	mig_error_set(error, kind, err, "%s", sentence);
	mig_error_hint(error, "%s", remedy);
	return -error->err;
}

/* What it is, when that is not what was asked. */
static void add_reading(const struct change *change, struct mig_error *error)
{
	const struct mig_devlink *devlink = change->devlink;

	if (devlink->has_port)
		mig_error_add(error, "; it reads %s now", mig_migratable_name(devlink->migratable));
	else
		mig_error_add(error, "; it cannot be read now");
}

static int unsupported(const struct change *change, struct mig_error *error)
{
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];
	char word[2 * NETLINK_SAID_SIZE];

	mig_devlink_explain(change->devlink, change->target->name, sentence, remedy);
	mig_error_set(error, MIG_KIND_NO_MIGRATION, EOPNOTSUPP, "%s", sentence);
	if (change->said[0])
		mig_error_add(error, "; the kernel says: %s",
			      mig_escape(word, sizeof(word), change->said));
	mig_error_hint(error, "%s", remedy);
	return -error->err;
}

static int judge(const struct change *change, enum mig_outcome outcome, struct mig_error *error)
{
	const struct mig_devlink *devlink = change->devlink;

	if (outcome == MIG_OUTCOME_ACCEPTED)
		return 0;
	if (change->before == MIG_MIGRATABLE_UNSUPPORTED && devlink->has_port &&
	    devlink->migratable == change->before)
		return unsupported(change, error);
	if (change->err) {
		*error = change->wrote;
		if (outcome == MIG_OUTCOME_ASTRAY)
			add_reading(change, error);
		error->kind = mig_outcome_kind(outcome);
	} else {
		mig_error_set(error, mig_outcome_kind(outcome), EPROTO,
			      "the kernel took migratable %s for port %s/%u of %s without an error",
			      mig_migratable_name(change->asked), devlink->handle,
			      change->devlink->port.index, change->name);
		add_reading(change, error);
	}
	mig_error_hint(error, "devlink port show %s/%u, and the kernel log, may say more",
		       devlink->handle, devlink->port.index);
	return -error->err;
}

static int change_it(struct change *change, bool force, enum mig_outcome *outcome,
		     struct mig_error *error)
{
	struct mig_devlink_port port;

	mig_devlinks_read(change->devlinks, change->target, change->devlink);
	*outcome = MIG_OUTCOME_REFUSED;
	if (!change->devlink->has_port)
		return refuse(change, error);
	change->before = change->devlink->migratable;
	if (change->before == change->asked) {
		*outcome = MIG_OUTCOME_NOOP;
		return 0;
	}
	if (change->target->driver[0] && !force)
		return refuse_bound(change, error);
	change->err = -write_it(change);
	if (change->err == EPERM && !change->said[0]) {
		*error = change->wrote;
		error->kind = MIG_KIND_NO_DEVICE;
		return -EPERM;
	}
	if (change->err == ETIMEDOUT) {
		change->devlink->migratable = MIG_MIGRATABLE_UNKNOWN;
		*error = change->wrote;
		*outcome = MIG_OUTCOME_TIMEOUT;
		return -ETIMEDOUT;
	}
	port = change->devlink->port;
	mig_devlinks_forget(change->devlinks);
	mig_devlinks_read(change->devlinks, change->target, change->devlink);
	if (!change->devlink->has_port)
		change->devlink->port = port;
	*outcome = mig_migratable_verdict(change->before, change->asked, change->err,
					  change->devlink->migratable);
	return judge(change, *outcome, error);
}

int mig_devlink_set_migratable(const struct mig_host *host, const struct mig_target *target,
			       bool on, bool force, struct mig_devlink *devlink,
			       enum mig_outcome *outcome, struct mig_error *error)
{
	struct change change = { .target = target,
				 .asked = on ? MIG_MIGRATABLE_ON : MIG_MIGRATABLE_OFF,
				 .devlink = devlink };
	int ret = mig_devlinks_open(host, &change.devlinks, error);

	memset(devlink, 0, sizeof(*devlink));
	*outcome = MIG_OUTCOME_REFUSED;
	if (ret)
		return ret;
	mig_escape(change.name, sizeof(change.name), target->name);
	ret = change_it(&change, force, outcome, error);
	mig_devlinks_close(change.devlinks);
	return ret;
}
