// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages and attributes, taken apart without a socket. */
#include <errno.h>
#include <string.h>

#include "netlink.h"

void netlink_table(const struct nlattr **table, int max, const void *data, size_t size)
{
	struct nlattr *attr = (struct nlattr *)data;
	int left = size > NETLINK_DATAGRAM_MAX ? 0 : (int)size;

	memset(table, 0, ((size_t)max + 1) * sizeof(*table));
	for (; nla_ok(attr, left); attr = nla_next(attr, &left))
		if (nla_type(attr) <= max && !table[nla_type(attr)])
			table[nla_type(attr)] = attr;
}

void netlink_nested(const struct nlattr **table, int max, const struct nlattr *nest)
{
	netlink_table(table, max, nest ? nla_data(nest) : NULL, nest ? (size_t)nla_len(nest) : 0);
}

const void *netlink_header(const struct nlmsghdr *message, size_t header)
{
	if (message->nlmsg_len < NLMSG_HDRLEN + header)
		return NULL;
	return (const char *)message + NLMSG_HDRLEN;
}

void netlink_attributes(const struct nlattr **table, int max, const struct nlmsghdr *message,
			size_t header)
{
	const char *payload = netlink_header(message, NLMSG_ALIGN(header));

	netlink_table(table, max, payload ? payload + NLMSG_ALIGN(header) : NULL,
		      payload ? message->nlmsg_len - NLMSG_HDRLEN - NLMSG_ALIGN(header) : 0);
}

static bool exactly(const struct nlattr *attr, void *value, size_t size)
{
	return attr && (size_t)nla_len(attr) == size && netlink_bytes(attr, value, size);
}

bool netlink_u8(const struct nlattr *attr, uint8_t *value)
{
	return exactly(attr, value, sizeof(*value));
}

bool netlink_u16(const struct nlattr *attr, uint16_t *value)
{
	return exactly(attr, value, sizeof(*value));
}

bool netlink_u32(const struct nlattr *attr, uint32_t *value)
{
	return exactly(attr, value, sizeof(*value));
}

bool netlink_u64(const struct nlattr *attr, uint64_t *value)
{
	return exactly(attr, value, sizeof(*value));
}

bool netlink_bytes(const struct nlattr *attr, void *bytes, size_t size)
{
	if (!attr || (size_t)nla_len(attr) < size)
		return false;
	memcpy(bytes, nla_data(attr), size);
	return true;
}

bool netlink_string(const struct nlattr *attr, char *text, size_t size)
{
	size_t room = attr ? (size_t)nla_len(attr) : 0;
	size_t len = room ? strnlen(nla_data(attr), room) : 0;

	if (!room || len == room || len >= size)
		return false;
	memcpy(text, nla_data(attr), len + 1);
	return true;
}

/*
 * The kernel's sentence, which follows the request that is echoed (or its
 * header alone, NLM_F_CAPPED) after an error, and the status after a dump.
 */
static void take_said(struct netlink_reply *reply, const struct nlmsghdr *message, size_t skip)
{
	const struct nlattr *table[NLMSGERR_ATTR_MSG + 1];
	size_t len;

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	netlink_attributes(table, NLMSGERR_ATTR_MSG, message, skip);
	if (!table[NLMSGERR_ATTR_MSG])
		return;
	len = strnlen(nla_data(table[NLMSGERR_ATTR_MSG]),
		      (size_t)nla_len(table[NLMSGERR_ATTR_MSG]));
	if (len >= sizeof(reply->said))
		len = sizeof(reply->said) - 1;
	memcpy(reply->said, nla_data(table[NLMSGERR_ATTR_MSG]), len);
	reply->said[len] = '\0';
}

/* Errors and ends both begin with a status: 0 or the kernel's -errno. */
static int take_status(struct netlink_reply *reply, const struct nlmsghdr *message, size_t header)
{
	const void *payload = netlink_header(message, header);
	int status;

	if (!payload)
		return -EBADMSG;
	memcpy(&status, payload, sizeof(status));
	reply->done = true;
	reply->err = status < 0 && status >= -4095 ? status : status ? -EBADMSG : 0;
	return 0;
}

static int take_error(struct netlink_reply *reply, const struct nlmsghdr *message)
{
	int ret = take_status(reply, message, sizeof(struct nlmsgerr));
	struct nlmsgerr echoed;
	size_t skip = sizeof(echoed);

	if (ret)
		return ret;
	memcpy(&echoed, netlink_header(message, sizeof(echoed)), sizeof(echoed));
	if (!(message->nlmsg_flags & NLM_F_CAPPED)) {
		if (echoed.msg.nlmsg_len < NLMSG_HDRLEN ||
		    echoed.msg.nlmsg_len > message->nlmsg_len)
			return 0;
		skip += echoed.msg.nlmsg_len - NLMSG_HDRLEN;
	}
	take_said(reply, message, skip);
	return 0;
}

static int take_one(struct netlink_reply *reply, const struct nlmsghdr *message)
{
	int ret;

	if (message->nlmsg_seq != reply->sequence || reply->done)
		return 0;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		reply->interrupted = true;
	switch (message->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
		return take_error(reply, message);
	case NLMSG_OVERRUN:
		return -ENOBUFS;
	case NLMSG_DONE:
		ret = take_status(reply, message, sizeof(int));
		if (!ret)
			take_said(reply, message, sizeof(int));
		return ret;
	default:
		if (reply->visit && !reply->visited)
			reply->visited = reply->visit(reply->context, message);
		return 0;
	}
}

int netlink_take(struct netlink_reply *reply, const void *data, size_t size)
{
	const char *at = data;
	int ret = 0;

	while (!ret && size >= NLMSG_HDRLEN) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)at;
		size_t step;

		if (message->nlmsg_len < NLMSG_HDRLEN || message->nlmsg_len > size)
			return -EBADMSG;
		ret = take_one(reply, message);
		step = NLMSG_ALIGN(message->nlmsg_len);
		if (step > size)
			step = size;
		at += step;
		size -= step;
	}
	return !ret && size ? -EBADMSG : ret;
}
