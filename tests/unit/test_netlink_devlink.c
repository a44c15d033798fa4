// SPDX-License-Identifier: GPL-2.0-or-later
/* devlink's answers, made by hand: what is believed of them. */
#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "unit.h"

#include "../../src/host/netlink_devlink.h"

#define PF "pci/0000:06:00.0"

static struct message {
	_Alignas(8) char bytes[1024];
} message;
static size_t nest; /* where the open nest begins, 0: none is */

static struct nlmsghdr *header(void)
{
	return (struct nlmsghdr *)message.bytes;
}

static void put(int type, const void *data, size_t size)
{
	struct nlattr attr = { .nla_len = (uint16_t)(NLA_HDRLEN + size),
			       .nla_type = (uint16_t)type };
	char *at = message.bytes + header()->nlmsg_len;

	assert_true(header()->nlmsg_len + NLA_HDRLEN + size + 3 < sizeof(message.bytes));
	memcpy(at, &attr, sizeof(attr));
	memcpy(at + NLA_HDRLEN, data, size);
	header()->nlmsg_len += (uint32_t)NLA_ALIGN(NLA_HDRLEN + size);
}

static void put_u8(int type, uint8_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u16(int type, uint16_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u32(int type, uint32_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u64(int type, uint64_t value)
{
	put(type, &value, sizeof(value));
}

static void put_text(int type, const char *text)
{
	put(type, text, strlen(text) + 1);
}

static void open_nest(int type)
{
	nest = header()->nlmsg_len;
	put(type, "", 0);
}

static void close_nest(void)
{
	struct nlattr *attr = (struct nlattr *)(message.bytes + nest);

	attr->nla_len = (uint16_t)(header()->nlmsg_len - nest);
}

static void begin(const char *bus, const char *device)
{
	memset(&message, 0, sizeof(message));
	header()->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	put_text(DEVLINK_ATTR_BUS_NAME, bus);
	put_text(DEVLINK_ATTR_DEV_NAME, device);
}

static void put_caps(uint32_t value, uint32_t selector)
{
	const struct nla_bitfield32 caps = { value, selector };

	put(DEVLINK_FN_ATTR_CAPS, &caps, sizeof(caps));
}

static void begin_port(uint32_t index, uint16_t pf, uint16_t vf)
{
	begin("pci", "0000:06:00.0");
	put_u32(DEVLINK_ATTR_PORT_INDEX, index);
	put_u16(DEVLINK_ATTR_PORT_FLAVOUR, DEVLINK_PORT_FLAVOUR_PCI_VF);
	put_u16(DEVLINK_ATTR_PORT_PCI_PF_NUMBER, pf);
	put_u16(DEVLINK_ATTR_PORT_PCI_VF_NUMBER, vf);
}

static struct devlink_port port;

static bool parse_port(void)
{
	memset(&port, 0xa5, sizeof(port));
	return devlink_parse_port(header(), PF, &port);
}

static void test_a_port(void **state)
{
	(void)state;
	begin_port(65540, 0, 3);
	put_u32(DEVLINK_ATTR_PORT_NETDEV_IFINDEX, 12);
	put_text(DEVLINK_ATTR_PORT_NETDEV_NAME, "eth0_3");
	put_u32(DEVLINK_ATTR_PORT_CONTROLLER_NUMBER, 1);
	put_u8(DEVLINK_ATTR_PORT_EXTERNAL, 1);
	put_u32(900, 7); /* of a kernel to come */
	open_nest(DEVLINK_ATTR_PORT_FUNCTION);
	put(DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR, "\x02\x00\x00\x00\x00\x07", 6);
	put_u8(DEVLINK_PORT_FN_ATTR_STATE, 1);
	put_u8(DEVLINK_PORT_FN_ATTR_OPSTATE, 0);
	put_caps(2, 3);
	put_u32(6, 9);
	close_nest();
	assert_true(parse_port());
	assert_int_equal(port.port.index, 65540);
	assert_int_equal(port.port.flavour, MIG_DEVLINK_FLAVOUR_PCI_VF);
	assert_int_equal(port.port.pf, 0);
	assert_int_equal(port.port.vf, 3);
	assert_int_equal(port.port.controller, 1);
	assert_true(port.port.external);
	assert_int_equal(port.port.ifindex, 12);
	assert_string_equal(port.port.netdev, "eth0_3");
	assert_int_equal(port.hw_addr_size, 6);
	assert_memory_equal(port.hw_addr, "\x02\x00\x00\x00\x00\x07", 6);
	assert_int_equal(port.state, MIG_FUNCTION_ACTIVE);
	assert_int_equal(port.opstate, MIG_OPSTATE_DETACHED);
	assert_int_equal(port.migratable, MIG_MIGRATABLE_ON);
	assert_false(devlink_parse_port(header(), "pci/0000:06:00.1", &port));
}

static enum mig_migratable migratable_of(uint32_t value, uint32_t selector)
{
	begin_port(1, 0, 0);
	open_nest(DEVLINK_ATTR_PORT_FUNCTION);
	put_caps(value, selector);
	close_nest();
	assert_true(parse_port());
	return port.migratable;
}

static void test_migratable(void **state)
{
	(void)state;
	assert_int_equal(migratable_of(2, 2), MIG_MIGRATABLE_ON);
	assert_int_equal(migratable_of(1, 3), MIG_MIGRATABLE_OFF);
	/* A value without its selector says nothing. */
	assert_int_equal(migratable_of(2, 1), MIG_MIGRATABLE_UNSUPPORTED);
	begin_port(1, 0, 0);
	assert_true(parse_port());
	assert_int_equal(port.migratable, MIG_MIGRATABLE_UNSUPPORTED);
	begin_port(1, 0, 0);
	open_nest(DEVLINK_ATTR_PORT_FUNCTION | NLA_F_NESTED);
	put_u32(DEVLINK_FN_ATTR_CAPS, 2);
	close_nest();
	assert_true(parse_port());
	assert_int_equal(port.migratable, MIG_MIGRATABLE_UNKNOWN);
}

/* What has another length than its type's is absent; what a port cannot be without makes it none.
 */
static void test_wrong_lengths(void **state)
{
	char address[MIG_DEVLINK_ADDR_MAX + 1] = { 1 };

	(void)state;
	begin("pci", "0000:06:00.0");
	put_u16(DEVLINK_ATTR_PORT_INDEX, 1);
	put_u16(DEVLINK_ATTR_PORT_FLAVOUR, 4);
	assert_false(parse_port());
	begin("pci", "0000:06:00.0");
	put_u32(DEVLINK_ATTR_PORT_INDEX, 1);
	assert_false(parse_port());
	begin("pci", "0000:06:00.0");
	put_u32(DEVLINK_ATTR_PORT_INDEX, 1);
	put_u16(DEVLINK_ATTR_PORT_FLAVOUR, 4);
	put_u32(DEVLINK_ATTR_PORT_PCI_VF_NUMBER, 3);
	put_u32(DEVLINK_ATTR_PORT_EXTERNAL, 1);
	put(DEVLINK_ATTR_PORT_NETDEV_NAME, "noend", 5);
	open_nest(DEVLINK_ATTR_PORT_FUNCTION);
	put(DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR, address, sizeof(address));
	put_u8(DEVLINK_PORT_FN_ATTR_STATE, 9);
	put_u32(DEVLINK_PORT_FN_ATTR_OPSTATE, 1);
	close_nest();
	assert_true(parse_port());
	assert_int_equal(port.port.vf, -1);
	assert_int_equal(port.port.pf, -1);
	assert_false(port.port.external);
	assert_string_equal(port.port.netdev, "");
	assert_int_equal(port.hw_addr_size, 0);
	assert_int_equal(port.state, MIG_FUNCTION_UNKNOWN);
	assert_int_equal(port.opstate, MIG_OPSTATE_UNKNOWN);
}

/* Every prefix of a good message: nothing is read behind its end (under ASan, at least). */
static void test_truncated(void **state)
{
	uint32_t whole;
	size_t good = 0;

	(void)state;
	begin_port(5, 0, 3);
	open_nest(DEVLINK_ATTR_PORT_FUNCTION);
	put_caps(2, 2);
	close_nest();
	whole = header()->nlmsg_len;
	for (uint32_t length = NLMSG_HDRLEN; length < whole; length++) {
		struct nlmsghdr *part = malloc(length);

		memcpy(part, &message, length);
		part->nlmsg_len = length;
		good += devlink_parse_port(part, PF, &port) && port.migratable == MIG_MIGRATABLE_ON;
		free(part);
	}
	assert_int_equal(good, 0);
	assert_true(parse_port());
	assert_int_equal(port.migratable, MIG_MIGRATABLE_ON);
}

static enum mig_eswitch eswitch_of(uint16_t mode)
{
	enum mig_eswitch eswitch = MIG_ESWITCH_NONE;

	begin("pci", "0000:06:00.0");
	put_u16(DEVLINK_ATTR_ESWITCH_MODE, mode);
	assert_true(devlink_parse_eswitch(header(), PF, &eswitch));
	return eswitch;
}

static void test_eswitch(void **state)
{
	enum mig_eswitch eswitch = MIG_ESWITCH_NONE;

	(void)state;
	assert_int_equal(eswitch_of(0), MIG_ESWITCH_LEGACY);
	assert_int_equal(eswitch_of(1), MIG_ESWITCH_SWITCHDEV);
	assert_int_equal(eswitch_of(77), MIG_ESWITCH_UNKNOWN);
	begin("pci", "0000:06:00.0");
	assert_false(devlink_parse_eswitch(header(), PF, &eswitch));
	assert_int_equal(eswitch, MIG_ESWITCH_NONE);
}

static void put_version(int type, const char *name, const char *value)
{
	open_nest(type);
	put_text(DEVLINK_ATTR_INFO_VERSION_NAME, name);
	if (value)
		put_text(DEVLINK_ATTR_INFO_VERSION_VALUE, value);
	close_nest();
}

static void test_info(void **state)
{
	struct mig_devlink_info info;

	(void)state;
	begin("pci", "0000:06:00.0");
	put_text(DEVLINK_ATTR_INFO_DRIVER_NAME, "mlx5_core");
	put_text(DEVLINK_ATTR_INFO_SERIAL_NUMBER, "MT2133X00");
	put_version(DEVLINK_ATTR_INFO_VERSION_FIXED, "fw.psid", "MT_0000000359");
	put_version(DEVLINK_ATTR_INFO_VERSION_STORED, "fw.version", "99.99.99");
	put_version(DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw", "1.0");
	put_version(DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw.version", NULL);
	put_version(DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw.version", "22.35.1012");
	put_version(DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw.mgmt", "2.0");
	assert_true(devlink_parse_info(header(), PF, &info));
	assert_string_equal(info.driver, "mlx5_core");
	assert_string_equal(info.serial, "MT2133X00");
	assert_string_equal(info.firmware, "22.35.1012");
	assert_string_equal(info.psid, "MT_0000000359");
	begin("pci", "0000:06:00.0");
	assert_true(devlink_parse_info(header(), PF, &info));
	assert_string_equal(info.firmware, "");
	begin("pci", "0000:06:00.1");
	assert_false(devlink_parse_info(header(), PF, &info));
	header()->nlmsg_len = NLMSG_HDRLEN;
	assert_false(devlink_parse_info(header(), PF, &info));
}

static void begin_reporter(const char *name)
{
	begin("pci", "0000:06:00.0");
	put_u32(DEVLINK_ATTR_PORT_INDEX, 65540);
	open_nest(DEVLINK_ATTR_HEALTH_REPORTER);
	if (name)
		put_text(DEVLINK_ATTR_HEALTH_REPORTER_NAME, name);
}

static void test_reporter(void **state)
{
	struct devlink_reporter reporter;

	(void)state;
	begin_reporter("vnic");
	put_u8(DEVLINK_ATTR_HEALTH_REPORTER_STATE, 1);
	put_u64(DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, 5);
	put_u64(DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT, 4);
	put_u64(DEVLINK_ATTR_HEALTH_REPORTER_DUMP_TS_NS, 1700000000000000000);
	close_nest();
	assert_true(devlink_parse_reporter(header(), PF, &reporter));
	assert_string_equal(reporter.health.name, "vnic");
	assert_true(reporter.health.of_port);
	assert_int_equal(reporter.port, 65540);
	assert_int_equal(reporter.health.state, MIG_HEALTH_ERROR);
	assert_int_equal(reporter.health.errors, 5);
	assert_int_equal(reporter.health.recoveries, 4);
	assert_true(reporter.health.dump_ns == 1700000000000000000);
	begin_reporter("fw");
	put_u8(DEVLINK_ATTR_HEALTH_REPORTER_STATE, 2);
	put_u32(DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, 5);
	close_nest();
	assert_true(devlink_parse_reporter(header(), PF, &reporter));
	assert_int_equal(reporter.health.state, MIG_HEALTH_UNKNOWN);
	assert_int_equal(reporter.health.errors, 0);
	begin_reporter(NULL);
	close_nest();
	assert_false(devlink_parse_reporter(header(), PF, &reporter));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_port),        cmocka_unit_test(test_migratable),
		cmocka_unit_test(test_wrong_lengths), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_eswitch),       cmocka_unit_test(test_info),
		cmocka_unit_test(test_reporter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
