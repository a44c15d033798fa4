// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netlink.h"

/* An order is the number of bytes to send, or none to receive; the result of the call comes back.
 */
#define RECEIVE 0

int64_t netlink_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static ssize_t send_to_kernel(int fd, const void *buffer, size_t size)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(fd, buffer, size, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
}

/* Another process may send to us, but its port is not the kernel's. */
static ssize_t receive_of_kernel(int fd, void *buffer)
{
	struct sockaddr_nl from = { 0 };
	struct iovec part = { .iov_base = buffer, .iov_len = NETLINK_DATAGRAM_MAX };
	struct msghdr message = { .msg_name = &from, .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t len;

	do {
		message.msg_namelen = sizeof(from);
		len = recvmsg(fd, &message, MSG_TRUNC);
	} while (len >= 0 && (message.msg_namelen != sizeof(from) || from.nl_pid));
	return len;
}

/* A device, or the pipe of our standard output, must not stay open for as long as this hangs. */
static void close_all_but(int one, int other)
{
	int low = one < other ? one : other, high = one < other ? other : one;

	for (int fd = 0; fd < low; fd++)
		close(fd);
	for (int fd = low + 1; fd < high; fd++)
		close(fd);
	/* Kernels before 5.9 do not have it. */
	if (close_range((unsigned int)high + 1, ~0u, 0))
		for (int fd = high + 1; fd < 1024; fd++)
			close(fd);
}

/* The child: system calls only, for what it has of the C library is a copy of unknown state. */
__attribute__((noreturn)) static void help(int fd, int netlink_fd, void *buffer)
{
	uint32_t order;
	int64_t result;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_all_but(fd, netlink_fd);
	while (read(fd, &order, sizeof(order)) == sizeof(order)) {
		result = order == RECEIVE ? receive_of_kernel(netlink_fd, buffer)
					  : send_to_kernel(netlink_fd, buffer, order);
		if (result < 0)
			result = -errno;
		if (write(fd, &result, sizeof(result)) != sizeof(result))
			break;
	}
	_exit(0);
}

/*
 * fork(2) without a signal at its end, which a `hold` would take for its
 * command's. It begins with all signals blocked: a Ctrl-C is ours to see.
 */
static pid_t start(const int pair[2], int netlink_fd, void *buffer)
{
	sigset_t all, old;
	long pid;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = syscall(SYS_clone, 0, NULL, NULL, NULL, 0);
	err = errno;
	if (!pid)
		help(pair[1], netlink_fd, buffer);
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = err;
	return (pid_t)pid;
}

int netlink_helper_start(struct netlink_helper *helper, int netlink_fd)
{
	int pair[2], ret;

	memset(helper, 0, sizeof(*helper));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	helper->buffer = mmap(NULL, NETLINK_DATAGRAM_MAX, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ret = helper->buffer == MAP_FAILED ? -errno : 0;
	if (!ret) {
		helper->pid = start(pair, netlink_fd, helper->buffer);
		ret = helper->pid < 0 ? -errno : 0;
	}
	close(pair[1]);
	if (!ret) {
		helper->fd = pair[0];
		return 0;
	}
	close(pair[0]);
	if (helper->buffer != MAP_FAILED)
		munmap(helper->buffer, NETLINK_DATAGRAM_MAX);
	memset(helper, 0, sizeof(*helper));
	return ret;
}

void netlink_helper_stop(struct netlink_helper *helper)
{
	if (helper->pid <= 0)
		return;
	kill(helper->pid, SIGKILL);
	waitpid(helper->pid, NULL, __WALL | (helper->late ? WNOHANG : 0));
	close(helper->fd);
	munmap(helper->buffer, NETLINK_DATAGRAM_MAX);
	memset(helper, 0, sizeof(*helper));
}

static ssize_t give_order(struct netlink_helper *helper, uint32_t order, int64_t until)
{
	struct pollfd ready = { .fd = helper->fd, .events = POLLIN };
	int64_t left, result;
	int count;

	if (helper->late)
		return -ETIMEDOUT;
	if (send(helper->fd, &order, sizeof(order), MSG_NOSIGNAL) != sizeof(order))
		return -errno;
	do {
		left = until - netlink_now_ms();
		count = left > 0 ? poll(&ready, 1, (int)left) : 0;
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return -errno;
	helper->late = !count;
	if (!count)
		return -ETIMEDOUT;
	/* It can have been killed. */
	return recv(helper->fd, &result, sizeof(result), 0) == sizeof(result) ? (ssize_t)result
									      : -EPIPE;
}

ssize_t netlink_helper_send(struct netlink_helper *helper, const void *data, size_t size,
			    int64_t until)
{
	if (!size || size > NETLINK_DATAGRAM_MAX)
		return -EMSGSIZE;
	if (!helper->late)
		memcpy(helper->buffer, data, size);
	return give_order(helper, (uint32_t)size, until);
}

ssize_t netlink_helper_receive(struct netlink_helper *helper, int64_t until)
{
	ssize_t len = give_order(helper, RECEIVE, until);

	return len > NETLINK_DATAGRAM_MAX ? -EMSGSIZE : len;
}
