// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process can have several VFIO devices open. A descriptor of a device's own
 * node tells which it is, and so does fdinfo since Linux 6.18; before that
 * the mark of a hold of ours or what the device says of itself must do, or
 * nothing does: no guesses.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "migctl/inventory.h"

int cli_attach_fd(struct cli_session *session, pid_t pid, int fd, enum mig_fd_match least)
{
	struct mig_error *error = &session->cli->error, ignored;
	const struct mig_host *host = &mig_host_default;
	/* A second look by the same descriptor, which did not tell at the first. */
	bool again = session->opened && session->holder_fd == fd &&
		     session->holder_match == MIG_FD_MAYBE && least == MIG_FD_MAYBE;
	enum mig_fd_match match;
	int ret = mig_device_attach(&session->device, session->sys, session->target.name, pid, fd,
				    error);

	if (ret == -EPERM)
		mig_error_hint(error, "run it as root, or as the process's own user where "
				      "kernel.yama.ptrace_scope is 0");
	if (ret < 0)
		return ret;
	if (again)
		match = mig_holder_fd_is_some(host, getpid(), session->device.fd) ? MIG_FD_MAYBE
										  : MIG_FD_OTHER;
	else
		match = mig_holder_fd_match(host, getpid(), session->device.fd, &session->target);
	if (match >= least) {
		session->opened = true;
		session->holder_fd = fd;
		session->holder_match = match;
		return 0;
	}
	mig_device_close(&session->device, &ignored);
	mig_error_set(error, MIG_KIND_FAILED, EAGAIN, "process %d closed %s while we were looking",
		      (int)pid, session->record.name);
	mig_error_hint(error, "try again");
	return -EAGAIN;
}

static bool same_ids(const struct mig_pci_ids *target, const struct mig_device_ids *ids)
{
	return target->valid && ids->pci && target->vendor == ids->vendor &&
	       target->device == ids->device && target->subvendor == ids->subvendor &&
	       target->subdevice == ids->subdevice;
}

/*
 * May what the device says be said by this one? An mdev says that it is of the
 * kind of bus that it imitates: PCI, CCW or AP in every driver that Linux has.
 */
static bool fits(struct mig_target *target, const struct mig_device_ids *ids)
{
	static const char *const imitated[] = { "pci", "ccw", "ap" };

	if (!strcmp(target->bus, "pci")) {
		mig_target_describe(target);
		return same_ids(&target->ids, ids);
	}
	if (!ids->bus)
		return true;
	if (strcmp(target->bus, "mdev"))
		return !strcmp(target->bus, ids->bus);
	for (size_t i = 0; i < sizeof(imitated) / sizeof(*imitated); i++)
		if (!strcmp(ids->bus, imitated[i]))
			return true;
	return false;
}

/* What another device, of which the same could be said, is to the process. */
enum rival {
	RIVAL_NONE,
	RIVAL_FREE, /* nobody is seen to have it, and so this process may */
	RIVAL_HELD, /* it has its group open */
};

/*
 * A group's descriptor can be closed while that of a device of it stays open,
 * and then nothing but the device itself tells that it is in use. One that
 * another process has is not this one's: a group has one opener.
 */
static enum rival rival_of(const struct mig_holders *holders, pid_t pid,
			   const struct mig_target *other)
{
	enum rival rival = RIVAL_FREE;

	for (size_t i = 0; i < holders->count; i++) {
		const struct mig_holder *holder = &holders->items[i];

		if (!mig_holder_has(holder, other))
			continue;
		/* By its own node it would not be among those that are in doubt. */
		if (holder->pid == pid && strncmp(holder->key, "devices/", 8))
			return RIVAL_HELD;
		rival = RIVAL_NONE;
	}
	return rival;
}

/* The worst of them; name: "" when it is not known which. */
static enum rival find_rival(const struct cli_session *session, const struct mig_holders *holders,
			     pid_t pid, const struct mig_device_ids *ids, char name[MIG_NAME_SIZE])
{
	struct mig_inventory inventory;
	struct mig_error ignored;
	enum rival worst = RIVAL_NONE;

	name[0] = '\0';
	if (mig_inventory_read(&mig_host_default, false, &inventory, &ignored))
		return RIVAL_FREE;
	for (size_t i = 0; worst != RIVAL_HELD && i < inventory.count; i++) {
		struct mig_target *other = &inventory.targets[i];
		enum rival rival;

		if (!strcmp(other->name, session->target.name))
			continue;
		rival = rival_of(holders, pid, other);
		if (rival <= worst || !fits(other, ids))
			continue;
		worst = rival;
		strcpy(name, other->name);
	}
	mig_inventory_clear(&inventory);
	return worst;
}

/* The descriptors of a process that may be the device's. */
struct fitting {
	int count;
	int fd;                   /* there, of the first; it stays open as device */
	struct mig_device device; /* fd is -1: there is none */
	struct mig_device_ids ids;
};

static void drop_device(struct cli_session *session, struct mig_device *device)
{
	if (device->fd >= 0 && !mig_sys_is_stuck(session->sys))
		mig_device_close(device, &session->cli->error);
}

/* One that was duplicated; it is kept, or closed. -errno: the seam is stuck. */
static int judge_fd(struct cli_session *session, int fd, struct fitting *fitting)
{
	struct mig_device *device = &session->device;
	struct mig_device_ids said;
	int ret = mig_device_identify(device, &said, &session->cli->error);

	if (mig_sys_is_stuck(session->sys))
		return ret ? ret : -ETIMEDOUT;
	/* One that does not say may be the one. */
	if (!ret && !fits(&session->target, &said)) {
		drop_device(session, device);
	} else if (fitting->count) {
		fitting->count++;
		drop_device(session, device);
	} else {
		fitting->count = ret ? 2 : 1;
		fitting->fd = fd;
		fitting->ids = said;
		fitting->device = *device;
	}
	/* What is kept is not the session's yet. */
	device->fd = -1;
	return mig_sys_is_stuck(session->sys) ? -ETIMEDOUT : 0;
}

/* Not to be closed now: whoever closes what the session has closes it, too. */
static void leave(struct cli_session *session, const struct mig_device *kept)
{
	if (kept->fd < 0)
		return;
	if (session->device.fd < 0)
		session->device = *kept;
	else
		session->device.group_fd = kept->fd;
}

/* -errno with *error: not all could be looked at, and none is kept. */
static int find_fitting(struct cli_session *session, pid_t pid, const struct mig_holder_fds *found,
			struct fitting *fitting)
{
	for (size_t i = 0; i < found->count; i++) {
		int ret = cli_attach_fd(session, pid, found->fds[i], MIG_FD_MAYBE);

		/* Closed since: it is none of those that are in doubt any more. */
		if (ret == -EBADF || ret == -EAGAIN)
			continue;
		session->opened = false;
		if (!ret)
			ret = judge_fd(session, found->fds[i], fitting);
		if (ret) {
			if (mig_sys_is_stuck(session->sys))
				leave(session, &fitting->device);
			else
				drop_device(session, &fitting->device);
			return ret;
		}
	}
	return 0;
}

/* Takes the one that was looked at; its number there may be another's by now. */
static int take(struct cli_session *session, const struct fitting *fitting)
{
	session->device = fitting->device;
	session->opened = true;
	session->holder_fd = fitting->fd;
	session->holder_match = MIG_FD_MAYBE;
	return 0;
}

static int refuse_rival(struct cli_session *session, const struct mig_holder *holder,
			enum rival rival, const char *name)
{
	struct mig_error *error = &session->cli->error;
	char text[CLI_HOLDER_TEXT];

	mig_error_set(error, MIG_KIND_FAILED, ENOTUNIQ,
		      "%s has a VFIO device open that may be %s or %s, %s: nothing tells which",
		      cli_holder_text(holder, text), session->record.name,
		      name[0] ? name : "another",
		      rival == RIVAL_HELD ? "whose group it has open, too"
					  : "which nobody is seen to have open");
	return -ENOTUNIQ;
}

static int refuse_several(struct cli_session *session, const struct mig_holder *holder,
			  const struct mig_holder_fds *found, int count)
{
	struct mig_error *error = &session->cli->error;
	char text[CLI_HOLDER_TEXT];

	if (count && found->count == 1 && !found->more) {
		mig_error_set(error, MIG_KIND_FAILED, ENOTUNIQ,
			      "%s has a VFIO device open that fails to tell what it is: it may be "
			      "%s or another",
			      cli_holder_text(holder, text), session->record.name);
		return -ENOTUNIQ;
	}
	mig_error_set(error, MIG_KIND_FAILED, count ? ENOTUNIQ : ENODEV,
		      count ? "%s has several VFIO devices open (%zu%s descriptors), and nothing "
			      "tells which of them is %s"
			    : "%s has VFIO devices open (%zu%s descriptors), and none of them can "
			      "be %s",
		      cli_holder_text(holder, text), found->count, found->more ? " and more" : "",
		      session->record.name);
	return count ? -ENOTUNIQ : -ENODEV;
}

/* Who only reads is told that it may be another's state; who writes needs to be sure. */
static int in_doubt(struct cli_session *session, const struct mig_holders *holders,
		    const struct mig_holder *holder, const struct mig_holder_fds *found)
{
	struct fitting fitting = { .device.fd = -1 };
	enum rival rival = RIVAL_NONE;
	char name[MIG_NAME_SIZE];
	int ret = find_fitting(session, holder->pid, found, &fitting);

	if (ret)
		return ret;
	if (fitting.count == 1 && !found->more) {
		rival = find_rival(session, holders, holder->pid, &fitting.ids, name);
		if (rival == RIVAL_FREE && cli_reads(session->cli))
			snprintf(session->doubt, sizeof(session->doubt),
				 "what process %d has open may be %s instead, which nobody is seen "
				 "to have open",
				 (int)holder->pid, name[0] ? name : "another device");
		if (rival == RIVAL_NONE || session->doubt[0])
			return take(session, &fitting);
		ret = refuse_rival(session, holder, rival, name);
	} else {
		ret = refuse_several(session, holder, found, fitting.count);
	}
	drop_device(session, &fitting.device);
	if (mig_sys_is_stuck(session->sys))
		return -ETIMEDOUT;
	mig_error_hint(&session->cli->error,
		       "by a device's own node, /dev/vfio/devices, or since Linux 6.18 the "
		       "descriptor itself tells");
	return ret;
}

int cli_attach_which(struct cli_session *session, const struct mig_holders *holders,
		     const struct mig_holder *holder)
{
	struct mig_error *error = &session->cli->error;
	const char *name = session->record.name;
	struct mig_holder_fds found;
	struct mig_hold hold;
	char text[CLI_HOLDER_TEXT];
	int ret = mig_holder_fds(&mig_host_default, holder->pid, &session->target, &found);

	session->doubt[0] = '\0';
	cli_holder_text(holder, text);
	if (ret) {
		mig_error_set(error,
			      ret == -EACCES || ret == -EPERM ? MIG_KIND_NO_DEVICE
							      : MIG_KIND_FAILED,
			      -ret, "what %s has open cannot be read: %s", text, strerror(-ret));
		return ret;
	}
	if (found.sure)
		return cli_attach_fd(session, holder->pid, found.fds[0], MIG_FD_SAME);
	if (found.count &&
	    !mig_hold_find(&mig_host_default, holder->pid, session->target.name, &hold)) {
		close(hold.mark);
		return cli_attach_fd(session, holder->pid, hold.fd, MIG_FD_MAYBE);
	}
	if (found.count)
		return in_doubt(session, holders, holder, &found);
	mig_error_set(error, MIG_KIND_FAILED, ENODEV, "%s has the group of %s open, and not %s",
		      text, name, name);
	return -ENODEV;
}
