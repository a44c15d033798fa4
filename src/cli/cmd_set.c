// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "fallout.h"
#include "migctl/walk.h"

struct set {
	struct cli *cli;
	struct cli_session session;
	enum mig_state targets[CLI_WORDS_MAX];
	size_t target_count;
	struct cli_fallout_snap snap;
	struct mig_plan plan;
	struct mig_walk walk;
	struct mig_set_record record;
	struct cli_fallout fallout;
};

static int parse_targets(struct set *set)
{
	const struct cli *cli = set->cli;

	for (int i = 1; i < cli->word_count; i++)
		if (cli_parse_state(cli->words[i], &set->targets[set->target_count++],
				    &set->cli->error))
			return -EINVAL;
	return 0;
}

/* It was in _ERROR before we came: recover, and report that as what it is, fallout. */
static int recover_first(struct set *set, struct mig_reading *first)
{
	struct cli_session *session = &set->session;
	struct mig_set_record *record = &set->record;
	struct mig_error *error = &set->cli->error;

	mig_error_set(error, MIG_KIND_FAULTED, 0, "%s was found in _ERROR", session->record.name);
	cli_fallout_collect(&set->fallout, session, &set->snap, 0, &record->base);
	record->fallout = &set->fallout.record;
	if (!record->fallout->attempted || record->fallout->outcome != MIG_OUTCOME_ACCEPTED)
		return -EIO;
	error->kind = MIG_KIND_OK;
	*first = record->base.state;
	cli_note(set->cli, "%s was in _ERROR; reset brought it to running", session->record.name);
	return 0;
}

/* The state to start from; out of _ERROR first, where that was asked for. */
static int read_first(struct set *set, struct mig_reading *first)
{
	struct cli_session *session = &set->session;
	struct cli *cli = set->cli;
	int ret = session->port.proto->get(&session->port, first, &cli->error);

	if (ret)
		return ret;
	set->record.base.seen = true;
	set->record.base.state = *first;
	if (first->state != MIG_STATE_ERROR || !cli->options.reset_on_error) {
		cli_session_note_first(session, *first);
		return 0;
	}
	if (!cli->options.dry_run)
		return recover_first(set, first);
	cli_note(cli, "%s is in _ERROR: it would be reset first, which should bring it to running",
		 session->record.name);
	first->state = MIG_STATE_RUNNING;
	return 0;
}

/*
 * A v2 device that was in RESUMING before we came has lost the session that it
 * was to load. Linux 6.12's mtty follows the pointer to it all the same when it
 * leaves the state, an Oops that takes the device's mutex along; and what a
 * driver without that defect would load is a part. Only a reset leads out.
 */
static int refuse_stale(struct set *set, struct mig_reading first)
{
	struct mig_error *error = &set->cli->error;

	if (set->session.port.proto->id != MIG_PROTOCOL_V2 || first.state != MIG_STATE_RESUMING ||
	    !set->plan.count || set->plan.steps[0].noop)
		return 0;
	set->plan.count = 1;
	mig_error_set(error, MIG_KIND_REFUSED, 0,
		      "%s was found in resuming, and what it was to load %s the process that took "
		      "it there: leaving that state harms some kernels",
		      set->session.record.name,
		      set->session.via == CLI_VIA_ATTACH ? "goes through" : "is gone with");
	mig_error_hint(
		error,
		"recover with: vfio-migctl reset %s; a device without reset must be unbound, or "
		"an mdev made anew",
		set->session.record.name);
	return -EPERM;
}

static int make_plan(struct set *set, struct mig_reading first)
{
	const struct cli_options *options = &set->cli->options;
	const struct mig_rules rules = { .protocol = set->session.port.proto->id,
					 .table = options->table,
					 .caps = set->session.port.caps };
	const struct mig_plan_options how = { .direct = options->direct, .force = options->force };
	struct mig_error refusal;
	int ret = mig_plan_build(&set->plan, &rules, &how, first.state, set->targets,
				 set->target_count, &set->cli->error);

	if (!ret)
		ret = refuse_stale(set, first);
	if (ret && ret != -EPERM)
		return ret;
	if (!ret && !options->dry_run)
		return 0;
	/* Nothing is written; the record of that needs memory, and no more. */
	refusal = set->cli->error;
	if (!mig_walk_plan(&set->walk, &set->plan, first, ret, &set->cli->error))
		set->cli->error = refusal;
	return ret;
}

static void take_record(struct set *set)
{
	struct mig_set_record *record = &set->record;
	const struct mig_walk *walk = &set->walk;

	record->judged = walk->count > 0;
	record->steps = walk->steps;
	record->count = walk->count;
	record->outcome = walk->outcome;
	if (walk->count) {
		record->base.seen = walk->seen;
		record->base.state = walk->last;
	}
	if (!record->judged || record->outcome != MIG_OUTCOME_FAULTED)
		return;
	cli_fallout_clear(&set->fallout);
	cli_fallout_collect(&set->fallout, &set->session, &set->snap,
			    walk->steps[walk->count - 1].err, &record->base);
	record->fallout = &set->fallout.record;
}

/* State lasts only while the device is open, and it no longer is. */
static void note_end(const struct set *set)
{
	const struct mig_set_record *record = &set->record;
	char text[MIG_STATE_TEXT];
	bool wrote = false;

	for (size_t i = 0; i < record->count; i++)
		wrote |= record->steps[i].outcome != MIG_OUTCOME_NOOP &&
			 record->steps[i].outcome != MIG_OUTCOME_REFUSED &&
			 record->steps[i].outcome != MIG_OUTCOME_PLANNED;
	for (size_t i = 0; i < record->count; i++)
		if (record->steps[i].err && record->steps[i].outcome == MIG_OUTCOME_ACCEPTED)
			cli_note(set->cli,
				 "the driver failed %s -> %s (%s), and yet shows the state asked "
				 "for",
				 mig_state_name(record->steps[i].from),
				 mig_state_name(record->steps[i].to),
				 mig_errno_name(record->steps[i].err));
	/* Somebody else keeps it open. */
	if (set->session.via != CLI_VIA_OPEN)
		return;
	if (!wrote || set->cli->stuck || !record->base.seen ||
	    record->base.state.state == MIG_STATE_RUNNING)
		return;
	cli_note(set->cli,
		 "%s was in %s when it was closed: most drivers drop that state and start in "
		 "running "
		 "again",
		 set->session.record.name, mig_reading_name(record->base.state, text));
}

static void work(struct set *set)
{
	struct mig_reading first;
	int ret = cli_session_open(&set->session, set->cli, set->cli->words[0]);

	if (!set->session.ported)
		return;
	set->record.base.protocol = set->session.port.proto->id;
	set->record.caps = set->session.port.caps;
	if (set->cli->options.table_given && set->record.base.protocol == MIG_PROTOCOL_V2)
		cli_note(set->cli, "--table is of v1, and without effect on this v2 device");
	ret = cli_fallout_begin(&set->snap, &set->session, !set->cli->options.dry_run);
	if (!ret)
		ret = read_first(set, &first);
	if (!ret)
		ret = make_plan(set, first);
	if (!ret && !set->cli->options.dry_run)
		mig_walk_run(&set->walk, &set->session.port, &set->plan, first, &cli_interrupted,
			     &set->cli->error);
	take_record(set);
	cli_fallout_end(&set->snap, &set->session);
}

static int run(struct cli *cli)
{
	struct mig_style out = cli_stdout(cli);
	struct set set = { .cli = cli };
	int status;

	set.record.table = cli->options.table;
	cli_fallout_init(&set.snap);
	if (parse_targets(&set)) {
		set.record.base.head.command = cli->command->name;
	} else {
		cli_interrupt_catch();
		work(&set);
		cli_session_close(&set.session);
		set.record.base.head = cli_session_head(&set.session);
		cli->signal = cli_interrupted;
	}
	set.record.base.head.error = cli->error.kind == MIG_KIND_OK ? NULL : &cli->error;
	if (cli->options.json)
		cli_printed(cli, mig_json_set(&out, &set.record));
	else
		mig_text_set(&out, &set.record);
	status = cli_end(cli, set.record.base.head.stuck);
	/* The verdict first, also where both streams are one. */
	fflush(stdout);
	note_end(&set);
	cli_fallout_clear(&set.fallout);
	mig_walk_clear(&set.walk);
	mig_plan_clear(&set.plan);
	return status;
}

static const int keys[] = { CLI_KEY_TABLE,          CLI_KEY_DIRECT, CLI_KEY_DRY_RUN,  CLI_KEY_FORCE,
			    CLI_KEY_RESET_ON_ERROR, CLI_KEY_ATTACH, CLI_KEY_VF_TOKEN, 0 };

const struct cli_command cli_cmd_set = {
	.name = "set",
	.args = "DEVICE STATE...",
	.summary = "Walks to each STATE in turn, checks, writes, re-reads",
	.touches = "changes",
	.detail =
		"All the STATEs are checked before the first write. v1 is written one transition "
		"at a time as named; in v2 the way to a STATE is walked arc by arc unless --direct "
		"leaves it to the kernel. State lasts only while the device is open: name all the "
		"STATEs in one command.",
	.min = 2,
	.max = CLI_WORDS_MAX,
	.words = { CLI_WORD_DEVICE, CLI_WORD_STATE },
	.keys = keys,
	.run = run,
};
