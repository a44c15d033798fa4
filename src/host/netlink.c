// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

#define DUMP_TRIES 3

/* libnl's codes say less than an errno; those that it makes itself are few. */
int netlink_errno(int code)
{
	switch (abs(code)) {
	case NLE_SUCCESS:
		return 0;
	case NLE_NOMEM:
		return ENOMEM;
	case NLE_MSGSIZE:
	case NLE_MSG_TOOSHORT:
	case NLE_MSG_TRUNC:
		return EMSGSIZE;
	case NLE_PERM:
	case NLE_NOACCESS:
		return EPERM;
	case NLE_AGAIN:
	case NLE_DUMP_INTR:
		return EAGAIN;
	case NLE_BUSY:
		return EBUSY;
	case NLE_EXIST:
		return EEXIST;
	case NLE_NOADDR:
		return EADDRNOTAVAIL;
	case NLE_OBJ_NOTFOUND:
		return ENOENT;
	case NLE_BAD_SOCK:
		return EBADF;
	case NLE_AF_NOSUPPORT:
	case NLE_PROTO_MISMATCH:
		return EPROTONOSUPPORT;
	case NLE_OPNOTSUPP:
		return EOPNOTSUPP;
	case NLE_INVAL:
	case NLE_RANGE:
		return EINVAL;
	case NLE_INTR:
		return EINTR;
	case NLE_NODEV:
		return ENODEV;
	default:
		return EIO;
	}
}

/* The namespace's file: ip-netns(8) keeps its names in /run/netns, and a name goes before a PID. */
static int open_netns(const struct mig_host *host, struct mig_error *error)
{
	const char *word = host->netns;
	char path[MIG_PATH_SIZE], shown[MIG_NAME_SIZE];
	int fd = -1, ret = 0;

	if (!word[0] || !strcmp(word, ".") || !strcmp(word, ".."))
		ret = -EINVAL;
	else if (strchr(word, '/'))
		ret = mig_path(path, "%s", word);
	else
		ret = mig_path(path, "%s/%s", host->netns_dir, word);
	if (!ret)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!ret && fd < 0)
		ret = -errno;
	if (ret == -ENOENT && !word[strspn(word, "0123456789")] &&
	    !mig_path(path, "%s/%s/ns/net", host->proc, word)) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		ret = fd < 0 ? -errno : 0;
	}
	if (!ret)
		return fd;
	mig_error_set(error, MIG_KIND_USAGE, -ret, "there is no network namespace '%s': %s",
		      mig_escape(shown, sizeof(shown), word), strerror(-ret));
	mig_error_hint(error, "a name that \"ip netns\" lists, a PID, or a path like "
			      "/proc/PID/ns/net");
	return ret;
}

struct entry {
	struct nl_sock *sock;
	int protocol;
	int netns; /* fd; -1: ours */
	int err;   /* of setns(2) */
	int ret;   /* libnl's, of nl_connect() */
};

static void *enter_and_connect(void *argument)
{
	struct entry *entry = argument;

	if (setns(entry->netns, CLONE_NEWNET))
		entry->err = errno;
	else
		entry->ret = nl_connect(entry->sock, entry->protocol);
	return NULL;
}

/* A socket stays in the namespace in which it was opened; so its thread alone goes there. */
static int connect_in(struct entry *entry, const struct mig_host *host, struct mig_error *error)
{
	char shown[MIG_NAME_SIZE];
	pthread_t thread;
	int ret;

	entry->netns = open_netns(host, error);
	if (entry->netns < 0)
		return entry->netns;
	ret = pthread_create(&thread, NULL, enter_and_connect, entry);
	if (!ret)
		pthread_join(thread, NULL);
	close(entry->netns);
	if (ret)
		return mig_error_set(error, MIG_KIND_FAILED, ret, "cannot start a thread: %s",
				     strerror(ret));
	if (!entry->err)
		return 0;
	mig_escape(shown, sizeof(shown), host->netns);
	if (entry->err == EINVAL)
		return mig_error_set(error, MIG_KIND_USAGE, EINVAL,
				     "'%s' is not a network namespace", shown);
	ret = mig_error_set(error, MIG_KIND_FAILED, entry->err,
			    "cannot enter the network namespace '%s': %s", shown,
			    strerror(entry->err));
	if (entry->err == EPERM)
		mig_error_hint(error, "run it as root");
	return ret;
}

/* Kernels before 4.12 have no extended acks; all else goes well without. */
static void want_extended_acks(int fd)
{
	static const int on = 1;

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
}

static int start_helper(struct netlink_socket *nl, struct mig_error *error)
{
	int ret = netlink_helper_start(&nl->helper, nl_socket_get_fd(nl->sock));

	return ret ? mig_error_set(error, MIG_KIND_FAILED, -ret,
				   "cannot start a process for netlink's calls: %s", strerror(-ret))
		   : 0;
}

int netlink_open(struct netlink_socket *nl, int protocol, const struct mig_host *host,
		 struct mig_error *error)
{
	struct entry entry = { .protocol = protocol, .netns = -1 };
	int ret = 0;

	memset(nl, 0, sizeof(*nl));
	nl->timeout_ms = NETLINK_TIMEOUT_MS;
	nl->sock = entry.sock = nl_socket_alloc();
	if (!nl->sock)
		ret = mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	else if (host->netns)
		ret = connect_in(&entry, host, error);
	else
		entry.ret = nl_connect(entry.sock, protocol);
	if (!ret && entry.ret)
		ret = mig_error_set(error, MIG_KIND_FAILED, netlink_errno(entry.ret),
				    "cannot open a netlink socket (protocol %d): %s", protocol,
				    nl_geterror(entry.ret));
	if (!ret)
		ret = start_helper(nl, error);
	if (ret)
		netlink_close(nl);
	else
		want_extended_acks(nl_socket_get_fd(nl->sock));
	return ret;
}

void netlink_close(struct netlink_socket *nl)
{
	if (nl->sock)
		nl_socket_free(nl->sock);
	nl->sock = NULL;
	netlink_helper_stop(&nl->helper);
}

static int ask_once(struct netlink_socket *nl, struct nl_msg *message, struct netlink_reply *reply)
{
	int64_t until = netlink_now_ms() + nl->timeout_ms;
	struct nlmsghdr *header = nlmsg_hdr(message);
	ssize_t len;
	int ret;

	header->nlmsg_seq = nl_socket_use_seq(nl->sock);
	header->nlmsg_pid = nl_socket_get_local_port(nl->sock);
	header->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	reply->sequence = header->nlmsg_seq;
	len = netlink_helper_send(&nl->helper, header, header->nlmsg_len, until);
	if (len < 0)
		return (int)len;
	while (!reply->done) {
		len = netlink_helper_receive(&nl->helper, until);
		if (len < 0)
			return (int)len;
		ret = netlink_take(reply, nl->helper.buffer, (size_t)len);
		if (ret)
			return ret;
	}
	return reply->err;
}

static int failed(struct netlink_socket *nl, int ret, const char *what, struct mig_error *error)
{
	char shown[2 * NETLINK_SAID_SIZE];

	mig_error_set(error, ret == -ETIMEDOUT ? MIG_KIND_TIMEOUT : MIG_KIND_FAILED, -ret,
		      "cannot %s", what);
	if (ret == -ETIMEDOUT)
		mig_error_add(error, ": the kernel did not answer in time; a driver may hang that "
				     "has its lock");
	else if (nl->said[0])
		mig_error_add(error, ": %s (%s)", mig_escape(shown, sizeof(shown), nl->said),
			      strerror(-ret));
	else
		mig_error_add(error, ": %s", strerror(-ret));
	if (ret == -EPERM || ret == -EACCES)
		mig_error_hint(error, "run it as root");
	return ret;
}

int netlink_ask(struct netlink_socket *nl, struct nl_msg *message, netlink_visit *visit,
		void *context, struct mig_error *error, const char *what, ...)
{
	struct netlink_reply reply;
	char sentence[256];
	va_list args;
	int ret = -EAGAIN;

	for (int i = 0; i < DUMP_TRIES && ret == -EAGAIN; i++) {
		reply = (struct netlink_reply){ .visit = visit, .context = context };
		if (visit)
			visit(context, NULL);
		ret = ask_once(nl, message, &reply);
		if (!ret && reply.interrupted)
			ret = -EAGAIN;
	}
	memcpy(nl->said, reply.said, sizeof(nl->said));
	if (!ret)
		return reply.visited < 0 ? reply.visited : 0;
	va_start(args, what);
	vsnprintf(sentence, sizeof(sentence), what, args);
	va_end(args);
	return failed(nl, ret, sentence, error);
}
