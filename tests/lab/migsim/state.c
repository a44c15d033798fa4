// SPDX-License-Identifier: GPL-2.0
/* Names of states and errnos, the state itself, and the record of every arc. */
#include "migsim.h"

static const char *const v1_words[] = {
	[V1_STOP] = "stop", [V1_RUNNING] = "running", [V1_STOP_COPY] = "stop-copy",
	[V1_PRE_COPY] = "pre-copy", [V1_RESUMING] = "resuming", [V1_ERROR] = "error",
};

static const char *const v2_words[] = {
	[VFIO_DEVICE_STATE_ERROR] = "error", [VFIO_DEVICE_STATE_STOP] = "stop",
	[VFIO_DEVICE_STATE_RUNNING] = "running", [VFIO_DEVICE_STATE_STOP_COPY] = "stop-copy",
	[VFIO_DEVICE_STATE_RESUMING] = "resuming", [VFIO_DEVICE_STATE_RUNNING_P2P] = "running-p2p",
	[VFIO_DEVICE_STATE_PRE_COPY] = "pre-copy", [VFIO_DEVICE_STATE_PRE_COPY_P2P] = "pre-copy-p2p",
};

static const struct { const char *word; int err; } errnos[] = {
	{ "EPERM", EPERM }, { "ENOENT", ENOENT }, { "EINTR", EINTR }, { "EIO", EIO }, { "ENXIO", ENXIO },
	{ "E2BIG", E2BIG }, { "EAGAIN", EAGAIN }, { "ENOMEM", ENOMEM }, { "EACCES", EACCES }, { "EFAULT", EFAULT },
	{ "EBUSY", EBUSY }, { "EEXIST", EEXIST }, { "ENODEV", ENODEV }, { "EINVAL", EINVAL }, { "ENOTTY", ENOTTY },
	{ "ENOSPC", ENOSPC }, { "EPIPE", EPIPE }, { "ERANGE", ERANGE }, { "ENOMSG", ENOMSG }, { "ENODATA", ENODATA },
	{ "EPROTO", EPROTO }, { "EOVERFLOW", EOVERFLOW }, { "EOPNOTSUPP", EOPNOTSUPP }, { "ECONNRESET", ECONNRESET },
	{ "ENOTCONN", ENOTCONN }, { "ETIMEDOUT", ETIMEDOUT }, { "ECANCELED", ECANCELED },
};

/* A word that is not listed is hexadecimal, for the values a broken v1 device may show. */
const char *migsim_state_word(u32 protocol, u32 state, char *buf, size_t len)
{
	if (protocol == MIGSIM_V2 && state < ARRAY_SIZE(v2_words))
		return v2_words[state];
	if (protocol == MIGSIM_V1 && state < ARRAY_SIZE(v1_words) && v1_words[state])
		return v1_words[state];
	snprintf(buf, len, "0x%x", state);
	return buf;
}

/* As match_string(), but the table may have holes. */
int migsim_word_index(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (words[i] && !strcmp(words[i], word))
			return i;
	return -EINVAL;
}

int migsim_state_parse(u32 protocol, const char *word, u32 *state)
{
	int i;

	if (protocol == MIGSIM_V2)
		i = migsim_word_index(v2_words, ARRAY_SIZE(v2_words), word);
	else
		i = migsim_word_index(v1_words, ARRAY_SIZE(v1_words), word);
	if (i >= 0) {
		*state = i;
		return 0;
	}
	return protocol == MIGSIM_V1 ? kstrtou32(word, 0, state) : -EINVAL;
}

const char *migsim_errno_word(int err, char *buf, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].err == err)
			return errnos[i].word;
	snprintf(buf, len, "%d", err);
	return buf;
}

int migsim_errno_parse(const char *word)
{
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(errnos); i++)
		if (!strcasecmp(errnos[i].word, word))
			return errnos[i].err;
	if (kstrtoint(word, 10, &err) || err < 1 || err > MAX_ERRNO)
		return -EINVAL;
	return err;
}

u32 migsim_initial_state(const struct migsim_config *cfg)
{
	if (cfg->initial_state != MIGSIM_ANY)
		return cfg->initial_state;
	if (cfg->protocol == MIGSIM_V1)
		return cfg->profile == MIGSIM_I40E ? V1_STOP : V1_RUNNING;
	return VFIO_DEVICE_STATE_RUNNING;
}

/* The v1 window, or the longest v2 read (0: no limit). The posted mlx5 driver had 128 KiB. */
u64 migsim_chunk(const struct migsim_config *cfg)
{
	if (cfg->chunk_size || cfg->protocol != MIGSIM_V1)
		return cfg->chunk_size;
	return cfg->profile == MIGSIM_MLX5 ? 128 << 10 : 4096;
}

u32 migsim_error_state(struct migsim *m)
{
	return m->cfg.protocol == MIGSIM_V1 ? V1_ERROR : VFIO_DEVICE_STATE_ERROR;
}

u32 migsim_stop_state(struct migsim *m)
{
	return m->cfg.protocol == MIGSIM_V1 ? V1_STOP : VFIO_DEVICE_STATE_STOP;
}

/* As device_state shows it; v1 with its reserved bits. */
u32 migsim_state(struct migsim *m)
{
	u32 state;

	spin_lock(&m->lock);
	state = m->state;
	if (m->cfg.protocol == MIGSIM_V1)
		state |= m->reserved_bits;
	if (state == V1_STOP && migsim_defect(m, DEFECT_RESERVED_BIT_USED))
		state |= BIT(31);
	spin_unlock(&m->lock);
	return state;
}

void migsim_force(struct migsim *m, u32 state)
{
	spin_lock(&m->lock);
	m->state = state;
	spin_unlock(&m->lock);
}

/* The end of an arc. A state forced from outside meanwhile stands: the device failed under the driver's hands. */
int migsim_commit(struct migsim *m, u32 from, u32 to)
{
	u32 mask = m->cfg.protocol == MIGSIM_V1 ? V1_MASK : MIGSIM_ANY;
	int ret = 0;

	spin_lock(&m->lock);
	if ((m->state & mask) == from)
		m->state = (m->state & ~mask) | to;
	else
		ret = -EIO;
	spin_unlock(&m->lock);
	return ret;
}

/* As real drivers do: it is what a tool finds in the kernel log after a fault. */
static void tell_error(struct migsim *m, const struct migsim_arc *arc)
{
	char from[12], to[12];

	dev_err_ratelimited(&m->pdev->dev, "device_state is _ERROR after %s -> %s\n",
			    migsim_state_word(m->cfg.protocol, arc->from, from, sizeof(from)),
			    migsim_state_word(m->cfg.protocol, arc->to, to, sizeof(to)));
}

void migsim_trace(struct migsim *m, u32 from, u32 to, ktime_t start, int err)
{
	struct migsim_arc arc = { .from = from, .to = to, .err = err };

	arc.usec = clamp_t(s64, ktime_us_delta(ktime_get(), start), 0, U32_MAX);
	spin_lock(&m->lock);
	arc.after = m->cfg.protocol == MIGSIM_V1 ? m->state & V1_MASK : m->state;
	m->trace[m->trace_count++ % MIGSIM_TRACE_LEN] = arc;
	spin_unlock(&m->lock);
	if (arc.after == from && err)
		migsim_count(m, STAT_NAKS);
	if (arc.after != from && arc.after == migsim_error_state(m)) {
		migsim_count(m, STAT_ERRORS);
		tell_error(m, &arc);
	}
}

/* With len 0 only the length is counted, as a binary attribute asks. */
ssize_t migsim_trace_show(struct migsim *m, char *buf, size_t len)
{
	char from[12], to[12], after[12], err[12];
	unsigned int first = 0;
	size_t n = 0;

	spin_lock(&m->lock);
	if (m->trace_count > MIGSIM_TRACE_LEN)
		first = m->trace_count - MIGSIM_TRACE_LEN;
	for (unsigned int i = first; i < m->trace_count; i++) {
		const struct migsim_arc *arc = &m->trace[i % MIGSIM_TRACE_LEN];
		u32 proto = m->cfg.protocol;
		size_t room = n < len ? len - n : 0;

		n += snprintf(room ? buf + n : NULL, room, "%s %s %u %s %s\n",
			      migsim_state_word(proto, arc->from, from, sizeof(from)),
			      migsim_state_word(proto, arc->to, to, sizeof(to)), arc->usec,
			      migsim_errno_word(-arc->err, err, sizeof(err)),
			      migsim_state_word(proto, arc->after, after, sizeof(after)));
	}
	spin_unlock(&m->lock);
	/* snprintf() spends the last byte on its NUL: the caller makes room for it. */
	return n;
}
