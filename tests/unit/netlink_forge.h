/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages made by hand, with lengths that may be lies. */
#ifndef NETLINK_FORGE_H
#define NETLINK_FORGE_H

#include <string.h>

#include "../../src/host/netlink.h"

#define FORGE_SEQUENCE 7

/* Aligned as what is received is. */
struct forge {
	_Alignas(8) char bytes[1 << 18];
	size_t size;
	size_t message; /* where the last one begins */
};

static inline struct nlmsghdr *forge_last(struct forge *forge)
{
	return (struct nlmsghdr *)(forge->bytes + forge->message);
}

/* Not sealed: its length is set by what is added, until the next message. */
static inline void forge_bytes(struct forge *forge, const void *bytes, size_t size)
{
	memcpy(forge->bytes + forge->size, bytes, size);
	forge->size += NLMSG_ALIGN(size);
	forge_last(forge)->nlmsg_len = (uint32_t)(forge->size - forge->message);
}

static inline struct nlmsghdr *forge_message(struct forge *forge, int type, int flags,
					     const void *payload, size_t size)
{
	struct nlmsghdr header = { .nlmsg_type = (uint16_t)type,
				   .nlmsg_flags = (uint16_t)flags,
				   .nlmsg_seq = FORGE_SEQUENCE };

	forge->message = forge->size;
	forge_bytes(forge, &header, sizeof(header));
	forge_bytes(forge, payload, size);
	forge_last(forge)->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size);
	return forge_last(forge);
}

/* The attribute says that it has claimed bytes, which is true when that is size. */
static inline void forge_lie(struct forge *forge, int type, const void *data, size_t size,
			     size_t claimed)
{
	struct nlattr attr = { .nla_len = (uint16_t)(NLA_HDRLEN + claimed),
			       .nla_type = (uint16_t)type };

	forge_bytes(forge, &attr, sizeof(attr));
	forge_bytes(forge, data, size);
}

static inline void forge_attr(struct forge *forge, int type, const void *data, size_t size)
{
	forge_lie(forge, type, data, size, size);
}

static inline void forge_string(struct forge *forge, int type, const char *text)
{
	forge_attr(forge, type, text, strlen(text) + 1);
}

static inline void forge_u32(struct forge *forge, int type, uint32_t value)
{
	forge_attr(forge, type, &value, sizeof(value));
}

/* The length's low 16 bits, as the kernel's nla_nest_end() keeps them. */
static inline size_t forge_begin(struct forge *forge, int type)
{
	size_t at = forge->size;

	forge_attr(forge, type, "", 0);
	return at;
}

static inline void forge_end(struct forge *forge, size_t begin)
{
	((struct nlattr *)(forge->bytes + begin))->nla_len = (uint16_t)(forge->size - begin);
}

#endif
