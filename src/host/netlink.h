/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One socket to the kernel's netlink, for the files netlink_*.c of this room.
 * libnl makes the socket and the messages; receiving is done here, so that it
 * has a bound and a deadline, and so that what comes can be taken apart by
 * functions that need no socket (netlink_message.c): a reply is data.
 *
 * Authority: netlink(7), include/uapi/linux/netlink.h, net/netlink/af_netlink.c.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

#include "migctl/error.h"
#include "migctl/sysfs.h"
#include "netlink_helper.h"

/* For one request with all of its replies. */
#define NETLINK_TIMEOUT_MS 5000
/* The longest datagram taken: a PF with 2,000 VFs answers in half of that. */
#define NETLINK_DATAGRAM_MAX (1 << 20)
/* The kernel's own sentence about a refusal, as far as it is kept. */
#define NETLINK_SAID_SIZE 256

struct netlink_socket {
	struct nl_sock *sock; /* NULL: closed */
	struct netlink_helper helper;
	int timeout_ms; /* NETLINK_TIMEOUT_MS */
	/*
	 * The extended ack of the last request, "" when there was none: raw, so
	 * mig_escape() it. netlink_ask() has it in error->text already.
	 */
	char said[NETLINK_SAID_SIZE];
};

/*
 * Connects a socket of the protocol (NETLINK_ROUTE, NETLINK_GENERIC, ...) with
 * extended acks. host->netns is the network namespace to open it in, NULL for
 * ours: the name of one in /run/netns, else a PID, or a path if it has a slash.
 * Only the socket is of that namespace: a thread enters it, opens, and ends.
 *
 * MIG_KIND_USAGE: no such namespace. MIG_KIND_FAILED: the rest. Closed then.
 */
int netlink_open(struct netlink_socket *nl, int protocol, const struct mig_host *host,
		 struct mig_error *error);
/* Also of a closed one, and of one that is all zeroes. */
void netlink_close(struct netlink_socket *nl);

/*
 * What is called with each message of an answer, but not with acks, errors and
 * ends; it lies wholly in memory, nlmsg_len bytes. With NULL: forget what you
 * have, all begins anew. Non-zero ends the visits, but not the reading; a
 * negative one is an -errno that netlink_ask() returns, with *error untouched.
 */
typedef int netlink_visit(void *context, const struct nlmsghdr *message);

/*
 * Sends the message, made by nlmsg_alloc_simple(), genlmsg_put() and nla_put()
 * and still the caller's, and reads the answer to its end. NLM_F_REQUEST,
 * NLM_F_ACK, port and sequence are set here; a dump is one by NLM_F_DUMP. One
 * that changed while it was read is read again, three times at most. visit may
 * be NULL.
 *
 * what goes into the sentence "cannot WHAT: ...", already escaped. *error is
 * always filled when the kernel, the socket or the message is at fault: its
 * kind is FAILED, or TIMEOUT after NETLINK_TIMEOUT_MS, its err the kernel's.
 * After a timeout the socket is of no more use, and every question one.
 */
int netlink_ask(struct netlink_socket *nl, struct nl_msg *message, netlink_visit *visit,
		void *context, struct mig_error *error, const char *what, ...)
	__attribute__((format(printf, 6, 7)));

/* An errno, positive, for one of libnl's codes of either sign. */
int netlink_errno(int code);

/* netlink_message.c: pure. What has come of an answer so far. */
struct netlink_reply {
	uint32_t sequence; /* what is of another is skipped */
	netlink_visit *visit;
	void *context;
	int visited;      /* what a visit returned that was not 0 */
	bool done;        /* the ack, the error or the end was read */
	bool interrupted; /* the dump is not of one moment */
	int err;          /* 0, or the kernel's -errno */
	char said[NETLINK_SAID_SIZE];
};

/* Takes one datagram. -EBADMSG when it is not made of whole messages. */
int netlink_take(struct netlink_reply *reply, const void *data, size_t size);

/*
 * The attributes of size bytes by type, 0 to max; NULL where there is none. Of
 * two of one type the first counts, of what is malformed nothing after it.
 */
void netlink_table(const struct nlattr **table, int max, const void *data, size_t size);
/* Those inside an attribute, whether or not it says NLA_F_NESTED; none of NULL. */
void netlink_nested(const struct nlattr **table, int max, const struct nlattr *nest);
/* Those after the first header bytes of a message: sizeof(struct ifinfomsg), GENL_HDRLEN, ... */
void netlink_attributes(const struct nlattr **table, int max, const struct nlmsghdr *message,
			size_t header);
/* The first header bytes of a message's payload, or NULL when it is shorter. */
const void *netlink_header(const struct nlmsghdr *message, size_t header);

/*
 * The value of an attribute, which may be NULL. False, and the value untouched,
 * when there is none, or it has not exactly that length.
 */
bool netlink_u8(const struct nlattr *attr, uint8_t *value);
bool netlink_u16(const struct nlattr *attr, uint16_t *value);
bool netlink_u32(const struct nlattr *attr, uint32_t *value);
bool netlink_u64(const struct nlattr *attr, uint64_t *value);
/* A struct may have grown at its end since: at least size bytes, of which the first are copied. */
bool netlink_bytes(const struct nlattr *attr, void *bytes, size_t size);
/* False also when no NUL is inside, or when it does not fit: a name that was cut is another. */
bool netlink_string(const struct nlattr *attr, char *text, size_t size);

#endif
