// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "migctl/netlink_uevent.h"

#define KERNEL_GROUP 1
/* Binding 200 VFs is a burst of some 1,000 messages. */
#define RECEIVE_BUFFER (1 << 20)
/* The kernel's have a path and UEVENT_BUFFER_SIZE, which is 2 KiB. */
#define MESSAGE_SIZE 16384

struct mig_uevents {
	struct nl_sock *socket;
};

static int open_failed(struct mig_uevents *uevents, int ret, struct mig_error *error)
{
	mig_error_set(error, MIG_KIND_FAILED, 0,
		      "open the socket of the kernel's device events: %s", nl_geterror(ret));
	mig_uevents_close(uevents);
	return ret == -NLE_NOMEM ? -ENOMEM : -EIO;
}

int mig_uevents_open(struct mig_uevents **out, struct mig_error *error)
{
	struct mig_uevents *uevents = calloc(1, sizeof(*uevents));
	int ret;

	if (uevents)
		uevents->socket = nl_socket_alloc();
	if (!uevents || !uevents->socket)
		return open_failed(uevents, -NLE_NOMEM, error);
	ret = nl_connect(uevents->socket, NETLINK_KOBJECT_UEVENT);
	/* Before the first message can come, so that each has its sender's. */
	if (!ret)
		ret = nl_socket_set_passcred(uevents->socket, 1);
	if (!ret)
		ret = nl_socket_set_nonblocking(uevents->socket);
	if (!ret)
		ret = nl_socket_set_buffer_size(uevents->socket, RECEIVE_BUFFER, 0);
	/* Else libnl looks at each first, and an empty one would stay there for ever. */
	if (!ret)
		ret = nl_socket_set_msg_buf_size(uevents->socket, MESSAGE_SIZE);
	if (!ret)
		ret = nl_socket_add_membership(uevents->socket, KERNEL_GROUP);
	if (ret)
		return open_failed(uevents, ret, error);
	*out = uevents;
	return 0;
}

int mig_uevents_fd(const struct mig_uevents *uevents)
{
	return nl_socket_get_fd(uevents->socket);
}

/*
 * Who may send to the group has another port number than the kernel's 0; what
 * the kernel passes on for the owner of a network namespace has port 0, and
 * the credentials of who gave it (uevent_net_broadcast()).
 */
static bool from_kernel(const struct sockaddr_nl *sender, const struct ucred *creds)
{
	return sender->nl_family == AF_NETLINK && !sender->nl_pid && creds && !creds->pid;
}

int mig_uevents_next(struct mig_uevents *uevents, struct mig_uevent *event)
{
	for (;;) {
		struct sockaddr_nl sender = { .nl_family = AF_UNSPEC };
		unsigned char *data = NULL;
		struct ucred *creds = NULL;
		int len = nl_recv(uevents->socket, &sender, &data, &creds);
		bool good = len > 0 && from_kernel(&sender, creds) &&
			    mig_uevent_parse((const char *)data, (size_t)len, event);

		if (len > 0) {
			free(data);
			free(creds);
		}
		if (good)
			return 0;
		/* libnl has one code for ENOMEM and ENOBUFS; either way some are lost. */
		if (len == -NLE_NOMEM)
			return -ENOBUFS;
		if (len == -NLE_AGAIN || !len)
			return -EAGAIN;
		if (len < 0 && len != -NLE_MSG_TRUNC && len != -NLE_NOADDR)
			return -EIO;
	}
}

void mig_uevents_close(struct mig_uevents *uevents)
{
	if (!uevents)
		return;
	nl_socket_free(uevents->socket);
	free(uevents);
}
