/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two calls on a netlink socket that can hang, made by another process.
 * The kernel answers within them, and takes the lock of rtnetlink or of a
 * devlink instance for it; a driver that hangs while it has that lock makes
 * everybody wait for it, and neither a signal nor a socket's timeout ends the
 * wait. It is not done in a thread because a process ends with its last one.
 */
#ifndef NETLINK_HELPER_H
#define NETLINK_HELPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct netlink_helper {
	pid_t pid; /* 0: there is none */
	int fd;    /* its orders, and their results */
	bool late; /* it did not answer in time, and is not asked again */
	/* Shared with it: what is sent, and what was received. NETLINK_DATAGRAM_MAX bytes. */
	void *buffer;
};

/* For the socket netlink_fd, of which it has a duplicate, and nothing else of ours. 0 or -errno. */
int netlink_helper_start(struct netlink_helper *helper, int netlink_fd);
/* Also of one that was not started, and is all zeroes. What hangs is left behind. */
void netlink_helper_stop(struct netlink_helper *helper);

/*
 * Sends size bytes to the kernel. until is of CLOCK_MONOTONIC, in milliseconds.
 * -ETIMEDOUT: it was not reached, now or before; else sendto(2)'s.
 */
ssize_t netlink_helper_send(struct netlink_helper *helper, const void *data, size_t size,
			    int64_t until);
/* Receives a datagram of the kernel's into the buffer: its size. -EMSGSIZE: it was longer. */
ssize_t netlink_helper_receive(struct netlink_helper *helper, int64_t until);

int64_t netlink_now_ms(void);

#endif
