// SPDX-License-Identifier: GPL-2.0-or-later
/* watch's reading of debugfs, against a seam that does as it is told. */
#include "unit.h"

#include <errno.h>

#include "watch.h"

static const char *shown; /* by the file; NULL: no call can be made */
static int refusal;       /* when none can */
static struct mig_view told;

static int openat_it(struct mig_sys *sys, int dir, const char *path, int flags)
{
	(void)sys, (void)dir, (void)path, (void)flags;
	return 3;
}

static ssize_t pread_it(struct mig_sys *sys, int fd, void *buffer, size_t size, off_t offset)
{
	size_t length = shown ? strlen(shown) : 0;

	(void)sys, (void)fd, (void)offset;
	if (!shown)
		return refusal;
	if (length > size)
		length = size;
	memcpy(buffer, shown, length);
	return (ssize_t)length;
}

static int close_it(struct mig_sys *sys, int fd)
{
	(void)sys, (void)fd;
	return 0;
}

static int batch_it(struct mig_sys *sys, struct mig_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		calls[i].result = -EINPROGRESS;
	if (!shown)
		return refusal;
	for (size_t i = 0; i < count; i++) {
		calls[i].result = pread_it(sys, calls[i].fd, calls[i].buffer, calls[i].size, 0);
		if (calls[i].result != (ssize_t)calls[i].size)
			return (int)i + 1;
	}
	return (int)count;
}

static const struct mig_sys_ops ops = {
	.openat = openat_it, .pread = pread_it, .close = close_it, .batch = batch_it
};
static struct mig_sys sys = { .ops = &ops };

int cli_sys_open(struct cli *cli, double seconds, struct mig_sys **real, struct mig_sys **outer)
{
	(void)cli, (void)seconds;
	*real = *outer = &sys;
	return 0;
}

uint64_t watch_now_ns(void)
{
	return 0;
}

void watch_tell(struct watch *watch, struct watch_device *device, const struct mig_view *now)
{
	(void)watch;
	told = device->view = *now;
}

const char *watch_attach_read(struct watch *watch, struct watch_device *device,
			      struct mig_view *view)
{
	(void)watch, (void)device, (void)view;
	fail();
	return NULL;
}

bool watch_attach_is_outdated(struct watch *of, const struct watch_device *it)
{
	(void)of, (void)it;
	return false;
}

uint64_t watch_look_due(const struct watch_look *look)
{
	(void)look;
	return 0;
}

void watch_attach_resume(struct watch *watch, struct watch_device *device)
{
	(void)watch, (void)device;
	fail();
}

void watch_attach_end(struct watch *watch, struct watch_device *device)
{
	(void)watch, (void)device;
}

static struct cli cli;
static struct watch_device device;
static struct watch watch;

static void begin(void)
{
	memset(&cli, 0, sizeof(cli));
	cli.host = mig_host_default;
	device = (struct watch_device){ .target = { .vfio_bound = true }, .debugfs_fd = -1 };
	watch = (struct watch){ .cli = &cli, .devices = &device, .count = 1 };
	device.view.present = true;
	watch_state_begin(&watch, &device);
	assert_int_equal(device.debugfs_fd, 3);
	shown = "RUNNING\n";
	watch_take_states(&watch);
}

static void end(void)
{
	watch_state_end(&watch, &device);
	free(watch.round);
}

static void test_changes(void **state)
{
	(void)state;
	begin();
	assert_true(told.seen);
	assert_int_equal(told.state.state, MIG_STATE_RUNNING);
	shown = "RUNNING_P2P\n";
	watch_take_states(&watch);
	assert_int_equal(told.state.state, MIG_STATE_RUNNING_P2P);
	shown = "STOP\n";
	watch_take_states(&watch);
	assert_int_equal(told.state.state, MIG_STATE_STOP);
	end();
}

/* No worker can be started: what was read last is not what is. */
static void test_no_worker(void **state)
{
	static const int refusals[] = { -EAGAIN, -ENOMEM };

	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		begin();
		assert_true(told.seen);
		shown = NULL;
		refusal = refusals[i];
		watch_take_states(&watch);
		assert_false(told.seen);
		assert_non_null(strstr(device.reason, "too many processes"));
		shown = "RUNNING\n";
		watch_take_states(&watch);
		assert_true(told.seen);
		assert_null(device.reason);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_no_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
