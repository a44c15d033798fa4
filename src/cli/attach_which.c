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

/* Another device of a group that the process has, of which the same could be said? */
static bool has_rival(const struct cli_session *session, const struct mig_holders *holders,
		      pid_t pid, const struct mig_device_ids *ids)
{
	struct mig_inventory inventory;
	struct mig_error ignored;
	bool rival = false;

	if (mig_inventory_read(&mig_host_default, false, &inventory, &ignored))
		return true;
	for (size_t i = 0; !rival && i < inventory.count; i++) {
		struct mig_target *other = &inventory.targets[i];

		if (!strcmp(other->name, session->target.name))
			continue;
		/* By its own node it would not be among those that are in doubt. */
		other->cdev[0] = '\0';
		for (size_t h = 0; !rival && h < holders->count; h++)
			rival = holders->items[h].pid == pid &&
				mig_holder_has(&holders->items[h], other) && fits(other, ids);
	}
	mig_inventory_clear(&inventory);
	return rival;
}

/* How many of them it may be; *fits_fd, *ids: the last such. -errno with *error. */
static int count_fitting(struct cli_session *session, pid_t pid, const struct mig_holder_fds *found,
			 int *fits_fd, struct mig_device_ids *ids)
{
	struct mig_error *error = &session->cli->error, ignored;
	struct mig_device_ids said;
	int count = 0, ret;

	for (size_t i = 0; i < found->count; i++) {
		ret = cli_attach_fd(session, pid, found->fds[i], MIG_FD_MAYBE);
		/* Closed since: it is none of those that are in doubt any more. */
		if (ret == -EBADF || ret == -EAGAIN)
			continue;
		if (ret)
			return ret;
		session->opened = false;
		ret = mig_device_identify(&session->device, &said, error);
		if (!mig_sys_is_stuck(session->sys))
			mig_device_close(&session->device, &ignored);
		if (mig_sys_is_stuck(session->sys))
			return ret ? ret : -ETIMEDOUT;
		/* One that does not say may be the one. */
		if (ret || fits(&session->target, &said)) {
			*fits_fd = found->fds[i];
			*ids = said;
			count += ret ? 2 : 1;
		}
	}
	return count;
}

static int in_doubt(struct cli_session *session, const struct mig_holders *holders,
		    const struct mig_holder *holder, const struct mig_holder_fds *found)
{
	struct mig_error *error = &session->cli->error;
	struct mig_device_ids ids = { .bus = NULL };
	char text[CLI_HOLDER_TEXT];
	int fd = -1, count = count_fitting(session, holder->pid, found, &fd, &ids);

	if (count < 0)
		return count;
	if (count == 1 && !found->more && !has_rival(session, holders, holder->pid, &ids))
		return cli_attach_fd(session, holder->pid, fd, MIG_FD_MAYBE);
	mig_error_set(error, MIG_KIND_FAILED, count ? ENOTUNIQ : ENODEV,
		      count ? "%s has several VFIO devices open (%zu%s descriptors), and nothing "
			      "tells which of them is %s"
			    : "%s has VFIO devices open (%zu%s descriptors), and none of them can "
			      "be %s",
		      cli_holder_text(holder, text), found->count, found->more ? " and more" : "",
		      session->record.name);
	mig_error_hint(error, "by a device's own node, /dev/vfio/devices, or since Linux 6.18 the "
			      "descriptor itself tells");
	return count ? -ENOTUNIQ : -ENODEV;
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
