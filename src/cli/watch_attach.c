// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Only with --attach: a duplicate is the device open once more, and its driver
 * is reached by it. The descriptor is duplicated anew for every look, and closed after it: one
 * that was kept would keep the device open, and its group busy, when its
 * holder closes it or ends, and nothing tells that it closed it. So the
 * device outlives its holder by a look at most.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migctl/holder.h"
#include "migctl/openings.h"
#include "watch.h"

/* It is up to six calls: at each look they would be most of what watch costs. */
#define IDENTIFY_NS WATCH_SECOND

struct watch_attach {
	struct cli_session session; /* with a port, once it was there, whose fd comes and goes */
	/* What it said of itself where the descriptor does not tell, and when. */
	struct mig_device_ids ids;
	uint64_t ids_ns;
};

static const char nobody[] = "nobody is seen to have it open, to look through";
static const char not_it[] = "its holder has the group open, and not the device";
static const char which[] = "its holder has several devices open, and nothing tells which is this";
static const char forbidden[] = "the descriptor of its holder may not be looked through";
static const char missing[] = "this kernel has no pidfd_getfd(2) to look through its holder";
static const char closed[] = "its holder has just closed it";
static const char outdated[] = "what is open has changed, and is still to be looked at";
static const char no_migration[] = "it has no migration interface";
static const char refused[] = "the driver fails to tell it";

static const char *reason_of(int ret)
{
	switch (-ret) {
	case EACCES:
	case EPERM:
		return forbidden;
	case ENOTUNIQ:
		return which;
	case ENODEV:
		return not_it;
	case ENOSYS:
		return missing;
	case ENOTTY:
		return no_migration;
	case EBADF:
	case ESRCH:
	case ENOENT:
	case EAGAIN:
		return closed;
	default:
		return refused;
	}
}

/* What is said of one device ends no watch of the others. */
static void forget_error(struct watch *watch)
{
	watch->cli->error.kind = MIG_KIND_OK;
	watch->cli->error.cause = MIG_CAUSE_NONE;
}

static void close_duplicate(struct watch *watch, struct cli_session *session)
{
	struct mig_error ignored;

	if (session->device.fd >= 0 && !mig_sys_is_stuck(watch->real))
		mig_device_close(&session->device, &ignored);
}

static bool same_ids(const struct mig_device_ids *a, const struct mig_device_ids *b)
{
	return a->bus == b->bus && a->pci == b->pci && a->vendor == b->vendor &&
	       a->device == b->device && a->subvendor == b->subvendor &&
	       a->subdevice == b->subdevice;
}

static int find(struct watch *watch, struct watch_attach *attach, const struct mig_holders *holders,
		const struct mig_holder *holder)
{
	struct mig_error *error = &watch->cli->error;
	struct cli_session *session = &attach->session;
	int ret = cli_attach_which(session, holders, holder);

	if (ret)
		return ret;
	session->holder = *holder;
	if (session->holder_match == MIG_FD_MAYBE)
		ret = mig_device_identify(&session->device, &attach->ids, error);
	attach->ids_ns = watch_now_ns();
	if (!ret)
		ret = mig_port_open(&session->port, &session->device, error);
	close_duplicate(watch, session);
	return ret;
}

bool watch_attach_follow(struct watch *watch, struct watch_device *device,
			 const struct mig_holders *holders, const struct mig_holder *holder)
{
	struct cli_session *session = device->attach ? &device->attach->session : NULL;
	int ret;

	if (!watch->cli->options.attach || !device->target.vfio_bound || device->debugfs_fd >= 0 ||
	    device->stuck)
		return false;
	/* Its descriptor may be another by now, where it does not say of which device it is. */
	if (session && holder && session->holder.pid == holder->pid &&
	    session->holder_match == MIG_FD_SAME)
		return false;
	watch_attach_end(watch, device);
	device->reason = nobody;
	if (!holder || !watch_have_seam(watch))
		return true;
	device->attach = calloc(1, sizeof(*device->attach));
	if (!device->attach)
		return true;
	session = &device->attach->session;
	*session = (struct cli_session){ .cli = watch->cli,
					 .target = device->target,
					 .real = watch->real,
					 .sys = watch->sys,
					 .device.fd = -1 };
	cli_record_device(&session->target, &session->record);
	ret = find(watch, device->attach, holders, holder);
	forget_error(watch);
	if (watch_is_stuck(watch, device) || !ret)
		return true;
	device->reason = reason_of(ret);
	watch_attach_end(watch, device);
	return true;
}

const char *watch_attach_doubt(const struct watch_device *device)
{
	return device->attach && device->attach->session.doubt[0] ? device->attach->session.doubt
								  : NULL;
}

bool watch_attach_is_doubtful(const struct watch_device *device)
{
	return device->attach && device->attach->session.holder_match == MIG_FD_MAYBE;
}

bool watch_attach_is_outdated(struct watch *watch, const struct watch_device *device)
{
	if (!watch_attach_is_doubtful(device))
		return false;
	if (mig_openings_seen(watch->openings_fd))
		watch->holders.noticed = true;
	return watch->holders.noticed;
}

/*
 * Is the duplicate, which is taken already, of the device? To have another
 * under that number, its holder had to open that one's group, which is
 * noticed, or to have it open already: then the two differ in what they say of
 * themselves, or nothing would have been read. Or he has opened it by a node that
 * does not show, and let go of this one's group.
 */
static int still_it(struct watch *watch, struct watch_attach *attach)
{
	struct cli_session *session = &attach->session;
	struct mig_device_ids ids;
	int ret;

	if (!mig_holder_has_still(&watch->cli->host, &session->holder))
		return -EAGAIN;
	if (watch_now_ns() < attach->ids_ns + IDENTIFY_NS)
		return 0;
	ret = mig_device_identify(&session->device, &ids, &watch->cli->error);
	if (ret)
		return ret;
	attach->ids_ns = watch_now_ns();
	return same_ids(&ids, &attach->ids) ? 0 : -EAGAIN;
}

const char *watch_attach_read(struct watch *watch, struct watch_device *device,
			      struct mig_view *view)
{
	struct cli_session *session = &device->attach->session;
	struct mig_port *port = &session->port;
	bool late;
	int ret;

	session->sys = watch->sys;
	session->real = watch->real;
	ret = cli_attach_fd(session, session->holder.pid, session->holder_fd,
			    session->holder_match);
	late = !ret && watch_attach_is_outdated(watch, device);
	if (!ret && !late && watch_attach_is_doubtful(device))
		ret = still_it(watch, device->attach);
	if (!ret && !late)
		ret = port->proto->get(port, &view->state, &watch->cli->error);
	close_duplicate(watch, session);
	forget_error(watch);
	if (mig_sys_is_stuck(watch->real))
		return closed;
	if (late)
		return outdated;
	view->source = MIG_VIEW_HOLDER;
	if (!ret)
		return NULL;
	if (reason_of(ret) == refused)
		return refused;
	/* Whoever has it now is found by looking. */
	watch_attach_end(watch, device);
	watch->holders.noticed = true;
	return reason_of(ret);
}

/* Left by a call that did not come back in time. */
static void close_left(struct watch *watch, struct cli_session *session)
{
	if (session->device.fd < 0 || !watch_have_seam(watch))
		return;
	session->device.sys = watch->sys;
	close_duplicate(watch, session);
}

void watch_attach_resume(struct watch *watch, struct watch_device *device)
{
	close_left(watch, &device->attach->session);
	if (device->attach->session.port.proto)
		return;
	watch_attach_end(watch, device);
	watch->holders.noticed = true;
}

void watch_attach_end(struct watch *watch, struct watch_device *device)
{
	if (!device->attach)
		return;
	close_left(watch, &device->attach->session);
	free(device->attach);
	device->attach = NULL;
}
