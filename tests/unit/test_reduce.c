// SPDX-License-Identifier: GPL-2.0-or-later
/* Long walks over a device in memory, with a fault that some order of steps shows. */
#include "unit.h"

#include "migctl/model.h"
#include "migctl/reduce.h"

#define STEPS 3000

/* What the device remembers; the fault shows in its last stop. */
struct device {
	bool pre_copied, closed;
	uint32_t written;
};

struct fake {
	struct mig_reducer reducer;
	bool (*faulty)(struct device *device, const struct mig_model *model,
		       const struct mig_stride *stride);
	size_t tries, most; /* 0: any number */
	bool over;          /* no more were allowed: none is made after that */
};

static struct mig_stride walk[STEPS];

static struct mig_model model_of(void)
{
	struct mig_model model = { .rules = { .protocol = MIG_PROTOCOL_V2, .caps = MIG_CAPS_ALL },
				   .resets = true,
				   .drains = true,
				   .loads = true,
				   .first = MIG_STATE_RUNNING };

	mig_model_begin(&model);
	return model;
}

/* An honest answer. */
static struct mig_answer answer_of(const struct mig_model *model, const struct mig_stride *stride)
{
	bool set = stride->kind == MIG_STRIDE_SET;
	enum mig_state to = set ? stride->state : MIG_STATE_RUNNING;
	bool saves = mig_model_saves(to);

	return (struct mig_answer){
		.before.state = model->state,
		.after.state = to,
		.new_fd = set && to != model->state &&
			  (to == MIG_STATE_RESUMING || (saves && !mig_model_saves(model->state))),
		.moved = 0,
		.whole = stride->kind == MIG_STRIDE_WRITE_ALL,
	};
}

static bool go(struct device *device, struct mig_model *model, const struct mig_stride *stride,
	       const struct fake *fake)
{
	struct mig_answer answer = answer_of(model, stride);
	char text[MIG_MODEL_TEXT];

	if (fake->faulty(device, model, stride))
		return true;
	assert_int_equal(mig_model_judge(model, stride, &answer, text), MIG_STRAY_NONE);
	return false;
}

static int fails(struct mig_reducer *reducer, const struct mig_stride *strides, size_t count)
{
	struct fake *fake = (struct fake *)reducer;
	struct device device = { .pre_copied = false };
	struct mig_model model = model_of();

	assert_int_not_equal(count, 0);
	assert_false(fake->over);
	fake->over = fake->most && fake->tries == fake->most;
	if (fake->over)
		return -1;
	fake->tries++;
	for (size_t i = 0; i < count; i++)
		if (mig_model_allows(&model, &strides[i]) && go(&device, &model, &strides[i], fake))
			return 1;
	return 0;
}

/* Walks until it shows: how many steps that took. */
static size_t walk_until(struct fake *fake, uint64_t seed)
{
	struct mig_random random = { .state = seed };
	struct device device = { .pre_copied = false };
	struct mig_model model = model_of();

	fake->reducer.fails = fails;
	for (size_t i = 0; i < STEPS; i++) {
		walk[i] = mig_model_choose(&model, &random);
		if (go(&device, &model, &walk[i], fake))
			return i + 1;
	}
	fail_msg("the fault was not met in %d steps", STEPS);
	return 0;
}

static bool after_close_in_precopy(struct device *device, const struct mig_model *model,
				   const struct mig_stride *stride)
{
	if (stride->kind == MIG_STRIDE_CLOSE && model->state == MIG_STATE_PRE_COPY)
		device->closed = true;
	return device->closed && stride->kind == MIG_STRIDE_SET &&
	       stride->state == MIG_STATE_RESUMING;
}

static void test_finds_the_least(void **state)
{
	char text[200];

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct fake fake = { .faulty = after_close_in_precopy };
		size_t count = walk_until(&fake, seed);

		count = mig_reduce(&fake.reducer, walk, count);
		mig_strides_text(walk, count, text, sizeof(text));
		assert_string_equal(text, "pre-copy,close,resuming");
	}
}

/* Not all of the steps before it are needed, but two far from each other are. */
static bool long_ago(struct device *device, const struct mig_model *model,
		     const struct mig_stride *stride)
{
	(void)model;
	device->pre_copied |= stride->kind == MIG_STRIDE_REOPEN;
	return device->pre_copied && stride->kind == MIG_STRIDE_WRITE && stride->amount > 60000;
}

static void test_far_apart(void **state)
{
	struct fake fake = { .faulty = long_ago };
	size_t count = walk_until(&fake, 3);

	(void)state;
	assert_true(count > 100);
	count = mig_reduce(&fake.reducer, walk, count);
	assert_int_equal(count, 3);
	assert_int_equal(walk[0].kind + walk[1].kind, MIG_STRIDE_REOPEN + MIG_STRIDE_SET);
	assert_int_equal(walk[2].kind, MIG_STRIDE_WRITE);
	assert_true(walk[2].amount > 60000); /* one byte does not show it */
}

static bool any_read(struct device *device, const struct mig_model *model,
		     const struct mig_stride *stride)
{
	(void)device;
	(void)model;
	return stride->kind == MIG_STRIDE_READ;
}

static void test_amounts(void **state)
{
	struct fake fake = { .faulty = any_read };
	size_t count = walk_until(&fake, 5);

	(void)state;
	count = mig_reduce(&fake.reducer, walk, count);
	assert_int_equal(count, 2);
	assert_int_equal(walk[1].amount, 1);
}

/* All that was written in a session. */
static bool whole(struct device *device, const struct mig_model *model,
		  const struct mig_stride *stride)
{
	if (model->state != MIG_STATE_RESUMING)
		device->written = 0;
	if (stride->kind == MIG_STRIDE_WRITE)
		device->written += stride->amount;
	if (stride->kind == MIG_STRIDE_WRITE_ALL)
		device->written = 100000;
	return device->written >= 100000 && stride->kind == MIG_STRIDE_SET;
}

/* One transfer of all does for many. */
static void test_gathers(void **state)
{
	static const char steps[] = "resuming,write:30000,get,write:30000,write:30000,data-size,"
				    "write:30000,stop";
	struct fake fake = { .reducer.fails = fails, .faulty = whole };
	struct mig_stride *strides;
	struct mig_error error;
	size_t count;
	char text[200];

	(void)state;
	assert_int_equal(mig_strides_parse(steps, &strides, &count, &error), 0);
	count = mig_reduce(&fake.reducer, strides, count);
	mig_strides_text(strides, count, text, sizeof(text));
	assert_string_equal(text, "resuming,write-all,stop");
	free(strides);
}

static bool never(struct device *device, const struct mig_model *model,
		  const struct mig_stride *stride)
{
	(void)device;
	(void)model;
	(void)stride;
	return false;
}

/* What does not show again is not made up; nor is a try made that was not allowed. */
static void test_gives_up(void **state)
{
	struct fake fake = { .reducer.fails = fails, .faulty = never };
	struct fake bounded = { .faulty = after_close_in_precopy };
	size_t count, least;

	(void)state;
	walk_until(&bounded, 1);
	assert_int_equal(mig_reduce(&fake.reducer, walk, 100), 0);
	assert_int_equal(fake.tries, 8); /* the last 1, 2, 4, ... 64, and all */
	assert_int_equal(mig_reduce(&fake.reducer, walk, 0), 0);
	count = walk_until(&bounded, 1);
	bounded.most = 8;
	least = mig_reduce(&bounded.reducer, walk, count);
	assert_int_equal(bounded.tries, 8);
	assert_in_range(least, 3, count);
	/* And what is left fails. */
	bounded.most = 0;
	bounded.over = false;
	assert_int_equal(fails(&bounded.reducer, walk, least), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_the_least), cmocka_unit_test(test_far_apart),
		cmocka_unit_test(test_amounts),         cmocka_unit_test(test_gathers),
		cmocka_unit_test(test_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
