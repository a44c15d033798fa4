// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * devlink's messages, as a driver or firmware that means harm would fill them:
 * each is a port, an eswitch, an info and a reporter, and then all of them are
 * what is said of VF 0. Framing is fuzz_link's.
 */
#include <string.h>

#include "../../src/host/netlink_devlink.h"
#include "fuzz.h"

#define HANDLE "pci/0000:02:00.0"
#define KEPT 64

static struct devlink_port ports[KEPT];
static struct devlink_reporter reporters[KEPT];

#define IS_TEXT(field) (memchr(field, '\0', sizeof(field)) != NULL)

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static void parse(const struct nlmsghdr *message, struct devlink_instance *instance)
{
	struct devlink_port port;
	struct devlink_reporter reporter;

	if (devlink_parse_port(message, HANDLE, &port)) {
		HOLDS(IS_TEXT(port.port.netdev));
		HOLDS(port.port.pf >= -1 && port.port.pf <= UINT16_MAX);
		HOLDS(port.port.vf >= -1 && port.port.vf <= UINT16_MAX);
		HOLDS(port.hw_addr_size <= sizeof(port.hw_addr));
		HOLDS(mig_migratable_name(port.migratable));
		HOLDS(mig_function_state_name(port.state));
		HOLDS(mig_function_opstate_name(port.opstate));
		if (instance->port_count < KEPT)
			ports[instance->port_count++] = port;
	}
	devlink_parse_eswitch(message, HANDLE, &instance->eswitch);
	HOLDS(mig_eswitch_name(instance->eswitch));
	devlink_parse_info(message, HANDLE, &instance->info);
	HOLDS(IS_TEXT(instance->info.driver) && IS_TEXT(instance->info.serial));
	HOLDS(IS_TEXT(instance->info.firmware) && IS_TEXT(instance->info.psid));
	if (devlink_parse_reporter(message, HANDLE, &reporter)) {
		HOLDS(IS_TEXT(reporter.health.name));
		HOLDS(mig_health_state_name(reporter.health.state));
		if (instance->reporter_count < KEPT)
			reporters[instance->reporter_count++] = reporter;
	}
}

static int visit(void *context, const struct nlmsghdr *message)
{
	/* Alone in memory, so that a read behind its end is seen. */
	struct nlmsghdr *exact = malloc(message->nlmsg_len);

	HOLDS(exact);
	memcpy(exact, message, message->nlmsg_len);
	parse(exact, context);
	free(exact);
	return 0;
}

static void tell(const struct devlink_instance *instance)
{
	struct mig_target target = { .bus = "pci", .is_vf = true, .pf = "0000:02:00.0" };
	struct mig_devlink devlink = { .handle = HANDLE, .instance = true };
	char sentence[MIG_DEVLINK_SENTENCE], remedy[MIG_DEVLINK_SENTENCE];

	devlink_tell(instance, &target, &devlink);
	HOLDS(devlink.has_port == (devlink.gap == MIG_DEVLINK_GAP_NONE));
	HOLDS(!devlink.has_port ||
	      (devlink.port.vf == 0 && !devlink.port.external && !devlink.port.controller));
	HOLDS(devlink.has_port || devlink.migratable == MIG_MIGRATABLE_UNKNOWN);
	HOLDS(devlink.health_count <= MIG_DEVLINK_HEALTH_MAX);
	for (size_t i = 0; i < devlink.health_count; i++)
		HOLDS(!devlink.health[i].of_port || devlink.has_port);
	HOLDS(mig_devlink_explain(&devlink, "0000:02:10.0", sentence, remedy) ==
	      (!devlink.has_port || devlink.migratable != MIG_MIGRATABLE_ON));
	HOLDS(is_printable(sentence) && is_printable(remedy));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct devlink_instance instance = { .ports = ports, .reporters = reporters };
	struct netlink_reply reply = { .visit = visit, .context = &instance };
	uint8_t *exact = malloc(size ? size : 1);

	HOLDS(exact);
	if (size)
		memcpy(exact, data, size);
	/* The sequence number is not what is looked for here. */
	if (size >= NLMSG_HDRLEN)
		reply.sequence = ((struct nlmsghdr *)exact)->nlmsg_seq;
	netlink_take(&reply, exact, size);
	free(exact);
	tell(&instance);
	return 0;
}
