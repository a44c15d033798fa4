// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dirty.h"
#include "migctl/logging.h"

static bool parse_action(const char *word, enum mig_dirty_action *action)
{
	for (int i = 0; i < MIG_DIRTY_ACTION_COUNT; i++) {
		*action = (enum mig_dirty_action)i;
		if (!strcmp(word, mig_dirty_action_name(*action)))
			return true;
	}
	return false;
}

static int unknown_word(struct mig_error *error, const char *word)
{
	const char *names[MIG_DIRTY_ACTION_COUNT];

	if (*word >= '0' && *word <= '9') {
		mig_error_set(error, MIG_KIND_USAGE, 0, "\"%.60s\" is no range", word);
		mig_error_hint(error, "IOVA+LENGTH or IOVA-END, the first address behind it: "
				      "0x100000+64K, 0-4G; several with commas");
		return -EINVAL;
	}
	for (int i = 0; i < MIG_DIRTY_ACTION_COUNT; i++)
		names[i] = mig_dirty_action_name((enum mig_dirty_action)i);
	return cli_unknown(error, "action", word, names, MIG_DIRTY_ACTION_COUNT);
}

/* "0+4K,1M-2M" */
static int parse_ranges(struct dirty *dirty, const char *word, size_t *used)
{
	struct mig_error *error = &dirty->cli->error;
	struct mig_dirty_step *step = dirty->count ? &dirty->steps[dirty->count - 1] : NULL;
	const char *at = word;

	do {
		size_t len = strcspn(at, ",");

		if (!cli_parse_range(at, len, &dirty->ranges[*used]))
			return unknown_word(error, word);
		++*used;
		if (!step || step->action == MIG_DIRTY_STOP || step->action == MIG_DIRTY_PROBE) {
			mig_error_set(error, MIG_KIND_USAGE, 0, "\"%.60s\" goes with no action",
				      word);
			mig_error_hint(
				error,
				"ranges go behind start, report or rate, and those behind "
				"the DEVICE: vfio-migctl dirty DEVICE start 0-4G report stop");
			return -EINVAL;
		}
		step->count++;
		at += len;
	} while (*at++);
	return 0;
}

static int read_words(struct dirty *dirty)
{
	const struct cli *cli = dirty->cli;
	size_t most = 1, used = 0;
	int ret = 0;

	for (int i = 1; i < cli->word_count; i++, most++)
		for (const char *at = cli->words[i]; *at; at++)
			most += *at == ',';
	dirty->ranges = calloc(most, sizeof(*dirty->ranges));
	if (!dirty->ranges)
		return mig_error_set(&dirty->cli->error, MIG_KIND_FAILED, ENOMEM, "out of memory");
	for (int i = 1; i < cli->word_count && !ret; i++) {
		struct mig_dirty_step *step = &dirty->steps[dirty->count];

		if (!parse_action(cli->words[i], &step->action)) {
			ret = parse_ranges(dirty, cli->words[i], &used);
			continue;
		}
		step->ranges = &dirty->ranges[used];
		dirty->count++;
	}
	/* Without a word more: what is there? */
	if (!dirty->count)
		dirty->steps[dirty->count++].action = MIG_DIRTY_PROBE;
	return ret;
}

/* What is known of the logging before an action: nothing when it may be from before. */
enum known {
	UNKNOWN,
	ON,
	OFF,
};

static int wrong(struct dirty *dirty, const struct mig_dirty_step *step, const char *why)
{
	mig_error_set(&dirty->cli->error, MIG_KIND_USAGE, 0, "%s %s",
		      mig_dirty_action_name(step->action), why);
	mig_error_hint(&dirty->cli->error,
		       "as in: vfio-migctl dirty DEVICE start 0-4G report stop");
	return -EINVAL;
}

static int follow(struct dirty *dirty, struct mig_dirty_step *step,
		  const struct mig_dirty_step **start, enum known *known)
{
	switch (step->action) {
	case MIG_DIRTY_PROBE:
		return 0;
	case MIG_DIRTY_START:
	case MIG_DIRTY_RATE:
		if (*known == ON)
			return wrong(dirty, step, "when it logs already: stop comes before");
		if (!step->count)
			return wrong(dirty, step, "needs the RANGEs to log");
		*start = step;
		*known = step->action == MIG_DIRTY_START ? ON : OFF;
		return 0;
	case MIG_DIRTY_REPORT:
		if (*known == OFF)
			return wrong(dirty, step,
				     "after the logging has ended: start comes before");
		if (!step->count && !*start)
			return wrong(dirty, step,
				     "needs the RANGEs: the kernel does not say what was started");
		if (!step->count) {
			step->ranges = (*start)->ranges;
			step->count = (*start)->count;
		}
		break;
	case MIG_DIRTY_STOP:
		if (*known == OFF)
			return wrong(dirty, step, "after the logging has ended");
		break;
	}
	dirty->needs_hold |= *known == UNKNOWN;
	if (step->action == MIG_DIRTY_STOP)
		*known = OFF;
	return 0;
}

int dirty_parse(struct dirty *dirty)
{
	const struct cli_options *options = &dirty->cli->options;
	const struct mig_dirty_step *start = NULL, *last = NULL;
	enum known known = UNKNOWN;
	bool rates = false;
	int ret = read_words(dirty);

	for (size_t i = 0; i < dirty->count && !ret; i++) {
		struct mig_dirty_step *step = &dirty->steps[i];

		ret = follow(dirty, step, &start, &known);
		if (!ret)
			ret = mig_dirty_check(step->ranges, step->count, mig_logging_max_ranges(),
					      options->page_size ? options->page_size
								 : MIG_DIRTY_PAGE_MIN,
					      &dirty->cli->error);
		rates |= step->action == MIG_DIRTY_RATE;
		if (step->action != MIG_DIRTY_PROBE)
			last = step;
	}
	if (ret)
		return ret;
	dirty->needs_hold |= last && last->action == MIG_DIRTY_START;
	if (!rates && (options->for_seconds > 0 || options->look_interval > 0))
		return mig_error_set(&dirty->cli->error, MIG_KIND_USAGE, EINVAL,
				     "--for and --interval are of rate");
	return 0;
}
