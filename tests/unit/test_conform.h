/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conformance tests run on the device in memory. */
#ifndef TEST_CONFORM_H
#define TEST_CONFORM_H

#include "test_conform_fake.h"

static struct mig_conform run;
static struct mig_conform_test *tests; /* whose names the items have */
static size_t test_count;
static struct mig_error error;

static inline int reopen(struct mig_conform_host *host, struct mig_error *err)
{
	(void)host;
	mig_port_close(&port, err);
	if (!fake.wrong.keeps)
		fake.state = fake.wrong.opens_stopped ? MIG_STATE_STOP : MIG_STATE_RUNNING;
	fake.session = -1;
	return 0;
}

static inline void tell(struct mig_conform_host *host, size_t number,
			const struct mig_conform_item *item)
{
	(void)host;
	assert_int_equal(number, ++told);
	assert_ptr_equal(item, &run.items[number - 1]);
}

/* Runs tests on the device that was made; done() afterwards. */
static inline int conform_with(const struct mig_conform_options *options)
{
	struct mig_conform_host host = { .reopen = reopen, .tell = tell };

	told = 0;
	stop = 0;
	memset(&error, 0, sizeof(error));
	assert_int_equal(
		mig_conform_list(fake.protocol, fake.caps, options, &tests, &test_count, &error),
		0);
	return mig_conform_run(&run, &port, tests, test_count, options, &host, &stop, &error);
}

static inline void done(void)
{
	mig_conform_clear(&run);
	free(tests);
	tests = NULL;
}

static inline const struct mig_conform_item *find(const char *name)
{
	for (size_t i = 0; i < run.count; i++)
		if (!strcmp(run.items[i].name, name))
			return &run.items[i];
	fail_msg("%s was not run", name);
	return NULL;
}

#endif
