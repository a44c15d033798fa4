// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages made by hand, and what is made of them; then a real socket of this machine. */
#include <dirent.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "unit.h"

#include "netlink_forge.h"

static struct forge forge;

struct seen {
	int messages, restarts;
	int answer;
};

static int see(void *context, const struct nlmsghdr *message)
{
	struct seen *seen = context;

	if (!message) {
		seen->restarts++;
		seen->messages = 0;
		return 0;
	}
	seen->messages++;
	return seen->answer;
}

static struct netlink_reply reply_to(struct seen *seen)
{
	return (struct netlink_reply){ .sequence = FORGE_SEQUENCE, .visit = see, .context = seen };
}

static void test_an_answer_is_taken_to_its_end(void **state)
{
	struct seen seen = { 0 };
	struct netlink_reply reply = reply_to(&seen);
	int status = 0;

	(void)state;
	forge.size = 0;
	forge_message(&forge, RTM_NEWLINK, NLM_F_MULTI, "abcde", 5);
	forge_message(&forge, RTM_NEWLINK, NLM_F_MULTI, "", 0)->nlmsg_seq = 8;
	forge_message(&forge, NLMSG_NOOP, 0, "", 0);
	forge_message(&forge, RTM_NEWLINK, NLM_F_MULTI | NLM_F_DUMP_INTR, "", 0);
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), 0);
	assert_false(reply.done);
	assert_int_equal(seen.messages, 2);
	assert_true(reply.interrupted);

	forge.size = 0;
	forge_message(&forge, NLMSG_DONE, NLM_F_MULTI, &status, sizeof(status));
	forge_message(&forge, RTM_NEWLINK, NLM_F_MULTI, "", 0);
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), 0);
	assert_true(reply.done);
	assert_int_equal(reply.err, 0);
	assert_int_equal(seen.messages, 2);
}

/* The visitor that had enough is not asked again, but the answer is read on. */
static void test_a_visitor_ends_the_visits(void **state)
{
	struct seen seen = { .answer = -ENOSPC };
	struct netlink_reply reply = reply_to(&seen);
	int status = 0;

	(void)state;
	forge.size = 0;
	forge_message(&forge, RTM_NEWLINK, 0, "", 0);
	forge_message(&forge, RTM_NEWLINK, 0, "", 0);
	forge_message(&forge, NLMSG_DONE, 0, &status, sizeof(status));
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), 0);
	assert_int_equal(seen.messages, 1);
	assert_int_equal(reply.visited, -ENOSPC);
	assert_true(reply.done);
}

/* Takes the message that was forged, of nothing before. */
static struct netlink_reply taken(void)
{
	struct netlink_reply reply = { .sequence = FORGE_SEQUENCE };

	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), 0);
	assert_true(reply.done);
	return reply;
}

/* An error's beginning: the status and the header of the request, of which there were len bytes. */
static void begin_error(int flags, int status, uint32_t len)
{
	const struct nlmsgerr error = { .error = status, .msg.nlmsg_len = len };

	forge.size = 0;
	forge_message(&forge, NLMSG_ERROR, flags, &error, sizeof(error));
}

static void test_the_kernels_sentence(void **state)
{
	static const char said[] = "Device doesn't support migration";
	const int status = -ENODEV;
	struct netlink_reply reply;
	char text[600];

	(void)state;
	/* After the header alone, after the whole request, and after a dump's status. */
	begin_error(NLM_F_CAPPED | NLM_F_ACK_TLVS, -EOPNOTSUPP, NLMSG_HDRLEN + 8);
	forge_string(&forge, NLMSGERR_ATTR_MSG, said);
	reply = taken();
	assert_int_equal(reply.err, -EOPNOTSUPP);
	assert_string_equal(reply.said, said);
	forge_last(&forge)->nlmsg_flags = NLM_F_CAPPED;
	assert_string_equal(taken().said, "");

	begin_error(NLM_F_ACK_TLVS, -EINVAL, NLMSG_HDRLEN + 8);
	forge_bytes(&forge, "request", 8);
	forge_string(&forge, NLMSGERR_ATTR_MSG, said);
	assert_string_equal(taken().said, said);

	forge.size = 0;
	forge_message(&forge, NLMSG_DONE, NLM_F_ACK_TLVS, &status, sizeof(status));
	forge_string(&forge, NLMSGERR_ATTR_MSG, said);
	reply = taken();
	assert_int_equal(reply.err, -ENODEV);
	assert_string_equal(reply.said, said);

	/* Cut where it is too long, and at its end where it has no NUL. */
	memset(text, 'x', sizeof(text));
	begin_error(NLM_F_CAPPED | NLM_F_ACK_TLVS, -EINVAL, 0);
	forge_attr(&forge, NLMSGERR_ATTR_MSG, text, sizeof(text));
	assert_int_equal(strlen(taken().said), NETLINK_SAID_SIZE - 1);
	begin_error(NLM_F_CAPPED | NLM_F_ACK_TLVS, -EINVAL, 0);
	forge_attr(&forge, NLMSGERR_ATTR_MSG, "abc", 3);
	assert_string_equal(taken().said, "abc");
}

static void test_lies_about_the_echo(void **state)
{
	static const uint32_t lengths[] = { 0, 15, 17, 4000, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		begin_error(NLM_F_ACK_TLVS, -EINVAL, lengths[i]);
		assert_int_equal(taken().err, -EINVAL);
		assert_string_equal(taken().said, "");
	}
	/* Neither a success nor an errno. */
	begin_error(NLM_F_CAPPED, 3, 0);
	assert_int_equal(taken().err, -EBADMSG);
	begin_error(NLM_F_CAPPED, INT32_MIN, 0);
	assert_int_equal(taken().err, -EBADMSG);
}

static void test_what_is_no_datagram(void **state)
{
	struct seen seen = { 0 };
	struct netlink_reply reply = reply_to(&seen);
	struct nlmsghdr *message;

	(void)state;
	forge.size = 0;
	message = forge_message(&forge, RTM_NEWLINK, 0, "abcd", 4);
	for (size_t size = 1; size < forge.size; size++)
		assert_int_equal(netlink_take(&reply, forge.bytes, size), -EBADMSG);
	message->nlmsg_len = 0;
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), -EBADMSG);
	message->nlmsg_len = UINT32_MAX;
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), -EBADMSG);
	assert_int_equal(seen.messages, 0);
	/* An error, and an end, with less than a status. */
	message->nlmsg_len = NLMSG_HDRLEN + 3;
	message->nlmsg_type = NLMSG_ERROR;
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), -EBADMSG);
	message->nlmsg_type = NLMSG_DONE;
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), -EBADMSG);
	assert_false(reply.done);
	message->nlmsg_type = NLMSG_OVERRUN;
	assert_int_equal(netlink_take(&reply, forge.bytes, forge.size), -ENOBUFS);
}

static void test_attributes_have_their_length(void **state)
{
	const struct nlattr *table[16];
	uint64_t wide = 0x1122334455667788;
	uint8_t u8 = 0;
	uint16_t u16 = 0;
	uint32_t u32 = 0;
	uint64_t u64 = 0;
	char text[8] = "old";

	(void)state;
	forge.size = 0;
	forge_message(&forge, RTM_NEWLINK, 0, "", 0);
	forge_lie(&forge, 1, &wide, 8, 8);
	forge_lie(&forge, 2, &wide, 4, 4);
	forge_lie(&forge, 3, &wide, 2, 2);
	forge_lie(&forge, 4 | NLA_F_NESTED, &wide, 1, 1);
	forge_lie(&forge, 5, "eth0", 5, 5);
	forge_lie(&forge, 6, "eth0", 4, 4);
	forge_lie(&forge, 7, "", 0, 0);
	forge_lie(&forge, 8, "longname", 9, 9);
	forge_lie(&forge, 200, "beyond", 7, 7);
	forge_lie(&forge, 5, "eth1", 5, 5);
	netlink_attributes(table, 15, forge_last(&forge), 0);

	assert_true(netlink_u64(table[1], &u64) && u64 == wide);
	assert_true(netlink_u32(table[2], &u32) && u32 == 0x55667788);
	assert_true(netlink_u16(table[3], &u16) && u16 == 0x7788);
	assert_true(netlink_u8(table[4], &u8) && u8 == 0x88);
	assert_false(netlink_u32(table[1], &u32));
	assert_false(netlink_u64(table[2], &u64));
	assert_false(netlink_u8(table[7], &u8));
	assert_false(netlink_u16(NULL, &u16));
	assert_int_equal(u8, 0x88);
	assert_int_equal(u16, 0x7788);
	assert_true(netlink_bytes(table[1], &u32, 4) && u32 == 0x55667788);
	assert_false(netlink_bytes(table[3], &u32, 4));

	assert_false(netlink_string(table[6], text, sizeof(text)));
	assert_false(netlink_string(table[7], text, sizeof(text)));
	assert_false(netlink_string(table[8], text, sizeof(text)));
	assert_false(netlink_string(table[9], text, sizeof(text)));
	assert_string_equal(text, "old");
	assert_true(netlink_string(table[5], text, sizeof(text)));
	assert_string_equal(text, "eth0");
}

static void test_a_lying_length_ends_the_attributes(void **state)
{
	const struct nlattr *table[4];
	size_t first;

	(void)state;
	forge.size = 0;
	forge_message(&forge, RTM_NEWLINK, 0, "", 0);
	forge_attr(&forge, 1, "ab", 2);
	first = forge.size;
	forge_lie(&forge, 2, "cd", 2, 300);
	forge_lie(&forge, 3, "ef", 2, 2);
	netlink_attributes(table, 3, forge_last(&forge), 0);
	assert_non_null(table[1]);
	assert_null(table[2]);
	assert_null(table[3]);
	((struct nlattr *)(forge.bytes + first))->nla_len = 3;
	netlink_attributes(table, 3, forge_last(&forge), 0);
	assert_null(table[2]);
	for (size_t cut = 0; cut < NLA_HDRLEN + 2; cut++) {
		forge_last(&forge)->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + cut);
		netlink_attributes(table, 3, forge_last(&forge), 0);
		assert_null(table[1]);
	}
	netlink_nested(table, 3, NULL);
	assert_null(table[1]);
}

static int ask_for(struct netlink_socket *nl, const char *name, int flags, struct seen *seen,
		   struct mig_error *error)
{
	struct ifinfomsg info = { 0 };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETLINK, flags);
	int ret;

	nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
	if (name)
		nla_put_string(message, IFLA_IFNAME, name);
	ret = netlink_ask(nl, message, see, seen, error, "find the link %s", name ? name : "all");
	nlmsg_free(message);
	return ret;
}

static void test_a_real_socket(void **state)
{
	struct mig_host host = mig_host_default;
	struct netlink_socket nl;
	struct mig_error error;
	struct seen seen = { 0 };
	pid_t helper;

	(void)state;
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &host, &error), 0);
	assert_int_equal(ask_for(&nl, "lo", 0, &seen, &error), 0);
	assert_int_equal(seen.messages, 1);
	assert_int_equal(ask_for(&nl, NULL, NLM_F_DUMP, &seen, &error), 0);
	assert_true(seen.messages >= 1);
	assert_int_equal(seen.restarts, 2);
	assert_int_equal(ask_for(&nl, "nosuchlink", 0, &seen, &error), -ENODEV);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	assert_int_equal(error.err, ENODEV);
	assert_string_equal(error.text, "cannot find the link nosuchlink: No such device");
	/* Its policy says fifteen bytes, and its refusal says so. */
	assert_int_equal(ask_for(&nl, "a name that is longer than any", 0, &seen, &error), -ERANGE);
	assert_non_null(strstr(error.text, nl.said));
	assert_true(nl.said[0]);
	helper = nl.helper.pid;
	netlink_close(&nl);
	netlink_close(&nl);
	/* Not a zombie either. */
	assert_int_equal(kill(helper, 0), -1);
}

/* A process that is stopped answers as late as one that waits for a driver's lock. */
static void test_a_kernel_that_does_not_answer(void **state)
{
	struct netlink_socket nl;
	struct mig_error error;
	struct seen seen = { 0 };
	int64_t begin;

	(void)state;
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &mig_host_default, &error), 0);
	/* However busy the machine is: the helper is there. */
	assert_int_equal(ask_for(&nl, "lo", 0, &seen, &error), 0);
	assert_int_equal(kill(nl.helper.pid, SIGSTOP), 0);
	nl.timeout_ms = 50;
	begin = netlink_now_ms();
	assert_int_equal(ask_for(&nl, "lo", 0, &seen, &error), -ETIMEDOUT);
	assert_int_equal(error.kind, MIG_KIND_TIMEOUT);
	assert_non_null(strstr(error.text, "cannot find the link lo: the kernel did not answer"));
	/* It is not waited for twice. */
	nl.timeout_ms = 10000;
	assert_int_equal(ask_for(&nl, "lo", 0, &seen, &error), -ETIMEDOUT);
	netlink_close(&nl);
	assert_true(netlink_now_ms() - begin < 9000);

	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &mig_host_default, &error), 0);
	assert_int_equal(kill(nl.helper.pid, SIGKILL), 0);
	assert_int_equal(ask_for(&nl, "lo", 0, &seen, &error), -EPIPE);
	assert_int_equal(error.kind, MIG_KIND_FAILED);
	netlink_close(&nl);
}

/* It must not keep a device, nor a pipe, open for as long as a driver hangs. */
static void test_the_helper_has_nothing_of_ours(void **state)
{
	char path[64], name[MIG_NAME_SIZE];
	int fds[2], count = 0;
	struct netlink_socket nl;
	struct mig_error error;
	struct seen seen = { 0 };
	struct dirent *entry;
	DIR *dir;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &mig_host_default, &error), 0);
	/* It has begun when it has answered. */
	assert_int_equal(ask_for(&nl, "lo", 0, &seen, &error), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd", nl.helper.pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fd/%.10s", nl.helper.pid, entry->d_name);
		assert_int_equal(mig_sysfs_link(path, name, sizeof(name)), 0);
		assert_int_equal(strncmp(name, "socket:", 7), 0);
		count++;
	}
	assert_int_equal(count, 2);
	closedir(dir);
	netlink_close(&nl);
	close(fds[0]);
	close(fds[1]);
}

static void test_namespaces(void **state)
{
	struct mig_host host = mig_host_default;
	struct netlink_socket nl;
	struct mig_error error;
	char pid[32];

	(void)state;
	host.netns = "no-such-namespace";
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &host, &error), -ENOENT);
	assert_int_equal(error.kind, MIG_KIND_USAGE);
	host.netns = "";
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &host, &error), -EINVAL);
	host.netns = "..";
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &host, &error), -EINVAL);
	if (geteuid())
		return;
	snprintf(pid, sizeof(pid), "%d", getpid());
	host.netns = pid;
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &host, &error), 0);
	netlink_close(&nl);
	host.netns = "/dev/null";
	assert_int_equal(netlink_open(&nl, NETLINK_ROUTE, &host, &error), -EINVAL);
	assert_non_null(strstr(error.text, "'/dev/null' is not a network namespace"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_is_taken_to_its_end),
		cmocka_unit_test(test_a_visitor_ends_the_visits),
		cmocka_unit_test(test_the_kernels_sentence),
		cmocka_unit_test(test_lies_about_the_echo),
		cmocka_unit_test(test_what_is_no_datagram),
		cmocka_unit_test(test_attributes_have_their_length),
		cmocka_unit_test(test_a_lying_length_ends_the_attributes),
		cmocka_unit_test(test_a_real_socket),
		cmocka_unit_test(test_a_kernel_that_does_not_answer),
		cmocka_unit_test(test_the_helper_has_nothing_of_ours),
		cmocka_unit_test(test_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
