// SPDX-License-Identifier: GPL-2.0
/* Faults: what is armed, which call meets it, and the sleeping ones. */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "migsim.h"

#define MAX_FAULTS	32
#define HANG_MS		(10 * 60 * 1000)

struct migsim_fault {
	struct list_head list;
	bool arc;
	u32 from, to;			/* of an arc */
	enum migsim_call call;		/* otherwise */
	unsigned int times;		/* 0: until cleared */
	struct migsim_hit hit;
	char text[80];
};

static const char *const call_words[CALL_COUNT] = {
	[CALL_GET] = "get", [CALL_RESET] = "reset", [CALL_INFO] = "info", [CALL_REGION_INFO] = "region-info",
	[CALL_PENDING] = "pending", [CALL_DATA_OFFSET] = "data-offset", [CALL_DATA_SIZE] = "data-size",
	[CALL_DATA_READ] = "data-read", [CALL_DATA_WRITE] = "data-write", [CALL_PRECOPY_INFO] = "precopy-info",
	[CALL_OPEN] = "open",
};

static const char *const action_words[ACT_COUNT] = {
	[ACT_NAK] = "nak", [ACT_ERROR] = "error", [ACT_ERROR_OK] = "error-ok", [ACT_ZERO] = "zero",
	[ACT_ZERO_MOVE] = "zero-move", [ACT_SHORT] = "short", [ACT_LIE] = "lie", [ACT_NAK_LIE] = "nak-lie",
	[ACT_DELAY] = "delay", [ACT_HANG] = "hang", [ACT_HANG_D] = "hang-d",
};

static int parse_state(struct migsim *m, const char *word, u32 *state)
{
	if (!strcmp(word, "*")) {
		*state = MIGSIM_ANY;
		return 0;
	}
	return migsim_state_parse(m->cfg.protocol, word, state);
}

/* "FROM->TO", or the name of a call. */
static int parse_where(struct migsim *m, struct migsim_fault *f, char *word)
{
	char *arrow = strstr(word, "->");
	int i;

	if (arrow) {
		*arrow = '\0';
		f->arc = true;
		return parse_state(m, word, &f->from) ?: parse_state(m, arrow + 2, &f->to);
	}
	if (!strcmp(word, "read-state"))	/* v1's name for the same thing */
		word = "get";
	i = migsim_word_index(call_words, CALL_COUNT, word);
	if (i < 0)
		return i;
	f->call = i;
	return 0;
}

static int parse_action(struct migsim *m, struct migsim_fault *f, char *word)
{
	char *state = strchr(word, '=');
	int i;

	if (state)
		*state++ = '\0';
	i = migsim_word_index(action_words, ACT_COUNT, word);
	if (i < 0) {
		f->hit.err = -migsim_errno_parse(word);
		f->hit.action = ACT_NAK;
		return state || f->hit.err > 0 ? -EINVAL : 0;
	}
	f->hit.action = i;
	if ((i == ACT_LIE || i == ACT_NAK_LIE) != !!state)
		return -EINVAL;
	return state ? migsim_state_parse(m->cfg.protocol, state, &f->hit.lie) : 0;
}

static int parse_option(struct migsim_fault *f, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (!strcmp(word, "times"))
		return kstrtouint(value, 0, &f->times);
	if (!strcmp(word, "ms"))
		return kstrtouint(value, 0, &f->hit.ms);
	if (!strcmp(word, "at") && !f->arc)
		return kstrtou64(value, 0, &f->hit.at);
	if (strcmp(word, "errno"))
		return -EINVAL;
	f->hit.err = -migsim_errno_parse(value);
	return f->hit.err > 0 ? -EINVAL : 0;
}

static int parse_fault(struct migsim *m, struct migsim_fault *f, char *line)
{
	char *word;
	int n = 0, ret = 0;

	while (!ret && (word = strsep(&line, " \t"))) {
		if (!*word)
			continue;
		if (n == 0)
			ret = parse_where(m, f, word);
		else if (n == 1)
			ret = parse_action(m, f, word);
		else
			ret = parse_option(f, word);
		n++;
	}
	if (ret)
		return ret;
	if (n < 2)
		return -EINVAL;
	if (!f->hit.err)
		f->hit.err = f->hit.action == ACT_ERROR ? -EIO : -EINVAL;
	if (!f->hit.ms)
		f->hit.ms = f->hit.action == ACT_DELAY ? 100 : HANG_MS;
	return 0;
}

void migsim_clear_faults(struct migsim *m)
{
	struct migsim_fault *f, *next;
	LIST_HEAD(gone);

	spin_lock(&m->lock);
	list_splice_init(&m->faults, &gone);
	m->nfaults = 0;
	spin_unlock(&m->lock);
	list_for_each_entry_safe(f, next, &gone, list)
		kfree(f);
}

int migsim_fault_add(struct migsim *m, char *line)
{
	struct migsim_fault *f;
	int ret;

	if (!strcmp(line, "clear")) {
		migsim_clear_faults(m);
		return 0;
	}
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->times = 1;
	f->hit.at = U64_MAX;
	ret = strscpy(f->text, line, sizeof(f->text));
	if (ret >= 0)
		ret = parse_fault(m, f, line);
	if (!ret) {
		spin_lock(&m->lock);
		if (m->nfaults < MAX_FAULTS) {
			list_add_tail(&f->list, &m->faults);
			m->nfaults++;
			f = NULL;
		} else {
			ret = -ENOSPC;
		}
		spin_unlock(&m->lock);
	}
	kfree(f);
	return ret;
}

ssize_t migsim_fault_show(struct migsim *m, char *buf, size_t len)
{
	struct migsim_fault *f;
	size_t n = 0;

	spin_lock(&m->lock);
	list_for_each_entry(f, &m->faults, list)
		n += scnprintf(buf + n, len - n, "%s\n", f->text);
	spin_unlock(&m->lock);
	return n;
}

/* Called with the lock held. The last use frees it. */
static void fault_use(struct migsim *m, struct migsim_fault *f, struct migsim_hit *hit)
{
	*hit = f->hit;
	if (!f->times || --f->times)
		return;
	list_del(&f->list);
	m->nfaults--;
	kfree(f);
}

bool migsim_fault_arc(struct migsim *m, u32 from, u32 to, struct migsim_hit *hit)
{
	struct migsim_fault *f;

	hit->action = ACT_NONE;
	spin_lock(&m->lock);
	list_for_each_entry(f, &m->faults, list) {
		if (!f->arc || (f->from != MIGSIM_ANY && f->from != from) || (f->to != MIGSIM_ANY && f->to != to))
			continue;
		fault_use(m, f, hit);
		break;
	}
	spin_unlock(&m->lock);
	return hit->action != ACT_NONE;
}

/*
 * A fault with an offset hits the access that starts there; an access that would run over the offset is cut to end at it,
 * so that everything before the offset gets through.
 */
static bool fault_call(struct migsim *m, enum migsim_call call, u64 pos, size_t *len, struct migsim_hit *hit)
{
	struct migsim_fault *f;

	hit->action = ACT_NONE;
	spin_lock(&m->lock);
	list_for_each_entry(f, &m->faults, list) {
		u64 at = f->hit.at;

		if (f->arc || f->call != call)
			continue;
		if (at != U64_MAX && at != pos) {
			if (at > pos && at - pos < *len)
				*len = at - pos;
			continue;
		}
		fault_use(m, f, hit);
		break;
	}
	spin_unlock(&m->lock);
	return hit->action != ACT_NONE;
}

void migsim_release_hangs(struct migsim *m)
{
	spin_lock(&m->lock);
	m->release_seq++;
	spin_unlock(&m->lock);
	wake_up_all(&m->release_wq);
}

/* The sleeping part of a fault. Only a fatal signal ends it early with an error, and none ends hang-d. */
int migsim_fault_wait(struct migsim *m, const struct migsim_hit *hit)
{
	unsigned int seq = READ_ONCE(m->release_seq);
	long timeout = msecs_to_jiffies(hit->ms);
	long ret = 0;

	if (hit->action != ACT_DELAY && hit->action != ACT_HANG && hit->action != ACT_HANG_D)
		return 0;
	migsim_count(m, STAT_HANGING);
	if (hit->action == ACT_HANG_D)
		wait_event_timeout(m->release_wq, READ_ONCE(m->release_seq) != seq, timeout);
	else
		ret = wait_event_killable_timeout(m->release_wq, READ_ONCE(m->release_seq) != seq, timeout);
	atomic64_dec(&m->stats[STAT_HANGING]);
	return ret < 0 ? -EINTR : 0;
}

/* One driver call that is no arc: 0, or the errno it fails with. What else the fault asks for is left to the caller. */
int migsim_meet_data(struct migsim *m, enum migsim_call call, u64 pos, size_t *len, struct migsim_hit *hit)
{
	int ret;

	if (!fault_call(m, call, pos, len, hit))
		return 0;
	ret = migsim_fault_wait(m, hit);
	if (ret)
		return ret;
	switch (hit->action) {
	case ACT_ERROR:
		migsim_force(m, migsim_error_state(m));
		fallthrough;
	case ACT_NAK:
		return hit->err;
	case ACT_ERROR_OK:
		migsim_force(m, migsim_error_state(m));
		return 0;
	case ACT_SHORT:
		*len = max_t(size_t, *len / 2, 1);
		return 0;
	default:
		return 0;
	}
}

int migsim_meet(struct migsim *m, enum migsim_call call, struct migsim_hit *hit)
{
	size_t len = 1;

	return migsim_meet_data(m, call, 0, &len, hit);
}

/* Faults of the data itself: armed until cleared. */
static const struct { const char *word; bool arg; } data_fault_words[DF_COUNT] = {
	[DF_PENDING_FOREVER] = { "pending-forever", false }, [DF_BAD_OFFSET] = { "bad-offset", true },
	[DF_BAD_SIZE] = { "bad-size", true }, [DF_OFFSET_MOVES] = { "offset-moves", false },
	[DF_CORRUPT] = { "corrupt", true }, [DF_UNALIGNED] = { "unaligned", false },
};

int migsim_data_fault_add(struct migsim *m, char *line)
{
	char *value = strchr(line, '=');
	u64 arg = 0;
	int ret = 0;

	if (!strcmp(line, "clear")) {
		spin_lock(&m->lock);
		m->data_faults = 0;
		spin_unlock(&m->lock);
		return 0;
	}
	if (value)
		*value++ = '\0';
	for (int i = 0; i < DF_COUNT; i++) {
		if (strcmp(line, data_fault_words[i].word) || data_fault_words[i].arg != !!value)
			continue;
		if (value)
			ret = kstrtou64(value, 0, &arg);
		if (ret)
			return ret;
		spin_lock(&m->lock);
		m->data_fault_arg[i] = arg;
		m->data_faults |= BIT(i);
		spin_unlock(&m->lock);
		return 0;
	}
	return -EINVAL;
}

ssize_t migsim_data_fault_show(struct migsim *m, char *buf, size_t len)
{
	size_t n = 0;

	for (int i = 0; i < DF_COUNT; i++) {
		if (!migsim_data_fault(m, i))
			continue;
		n += scnprintf(buf + n, len - n, "%s", data_fault_words[i].word);
		if (data_fault_words[i].arg)
			n += scnprintf(buf + n, len - n, "=%llu", READ_ONCE(m->data_fault_arg[i]));
		n += scnprintf(buf + n, len - n, "\n");
	}
	return n;
}
