/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device in memory, of either protocol, that keeps every rule but those a test has it break. */
#ifndef TEST_CONFORM_FAKE_H
#define TEST_CONFORM_FAKE_H

#include "unit.h"

#include <linux/vfio.h>
#include <signal.h>

#include "migctl/conform.h"
#include "migctl/table.h"

enum {
	DEVICE = 12,
	FIRST_DATA_FD = 20,
	AT = 0x9000, /* v1: where the region lies on the device's descriptor */
	HEADER = 0x20,
	STATE_SIZE = 12,
	WINDOW = 4,
	STATE_BITS = 7
};

/* What is wrong with it: nothing, when all is 0. */
struct wrong {
	/* An arc that fails or misleads, unless it is from ERROR to ERROR. */
	enum mig_state from, to;
	int err;          /* what it answers; 0: success */
	bool short_write; /* v1: it takes nothing */
	enum mig_state lands;
	unsigned int after; /* so many times it goes well before */
	bool hangs;
	bool gives_fd, keeps_fd; /* with each arc, with none */
	bool fd_lives;           /* when its session is over */
	bool takes_any, moves;   /* what is no state; refused, it stops all the same */
	bool silent;             /* v1: refuses by taking nothing */
	bool bits;               /* v1: takes a reserved bit */
	bool error_left;         /* v1: a write leads out of ERROR */
	bool part_moves;         /* a part of a load is refused, in RUNNING */
	bool part_faults;        /* v2: or in ERROR, which it may */
	bool restless;           /* each GET is another */
	size_t faults;           /* v2: by itself, at that GET; 0: never */
	bool get_fd;
	bool probe_acts, probe_fails, short_argsz, any_flags;
	bool size_fails, no_size;
	bool reset_stops, reset_fails, reset_twice;
	uint64_t flags; /* v2: more than its capabilities, or fewer: by exclusive or */
	bool opens_stopped, keeps;
};

static struct fake {
	struct mig_sys sys;
	struct mig_stuck stuck;
	struct wrong wrong;
	enum mig_protocol protocol;
	unsigned int caps;
	enum mig_state state;
	uint32_t reserved;
	int session, next_fd; /* the data_fd that is alive; -1: none */
	int descriptors;      /* data_fds not closed yet */
	size_t moved;         /* of the session */
	bool window_read;     /* v1: so reading pending_bytes moves on */
	size_t gets, sets, resets;
	unsigned int arcs; /* the wrong one */
} fake;

static volatile sig_atomic_t stop;
static size_t told, stop_at; /* tests that ended; a signal comes in the one after; 0: none */

static inline bool is_saving(enum mig_state state)
{
	return state == MIG_STATE_STOP_COPY || state == MIG_STATE_PRE_COPY ||
	       state == MIG_STATE_PRE_COPY_P2P;
}

static inline int hang(void)
{
	fake.stuck = (struct mig_stuck){ .stuck = true,
					 .call = "ioctl",
					 .seconds = 1,
					 .task = 4242,
					 /* What it was given may be freed then, and must be. */
					 .ended = true };
	return -ETIMEDOUT;
}

static inline bool is_wrong_arc(enum mig_state to)
{
	const struct wrong *wrong = &fake.wrong;

	if (wrong->from == wrong->to || fake.state != wrong->from || to != wrong->to)
		return false;
	return fake.arcs++ >= wrong->after;
}

/* One arc: 0, or -errno. */
static inline int arc(enum mig_state to)
{
	bool was_saving = is_saving(fake.state);

	if (is_wrong_arc(to)) {
		fake.state = fake.wrong.lands;
		return fake.wrong.hangs ? hang() : -fake.wrong.err;
	}
	if (fake.state == MIG_STATE_RESUMING && fake.moved != STATE_SIZE) {
		if (fake.wrong.part_moves)
			fake.state = MIG_STATE_RUNNING;
		else if (fake.protocol == MIG_PROTOCOL_V1 || fake.wrong.part_faults)
			fake.state = MIG_STATE_ERROR;
		return -EINVAL;
	}
	fake.state = to;
	if (was_saving && is_saving(to))
		return 0;
	fake.session = -1;
	fake.moved = 0;
	fake.window_read = false;
	if (is_saving(to) || to == MIG_STATE_RESUMING)
		fake.session = fake.next_fd++;
	return 0;
}

struct state_arg {
	uint32_t argsz, flags, device_state;
	int32_t data_fd;
};

static inline int set_v2(struct state_arg *arg)
{
	enum mig_state to = mig_v2_reading(arg->device_state).state;
	int ret = 0, old = fake.session;

	fake.sets++;
	if (stop_at && told == stop_at)
		stop = 1;
	arg->data_fd = -1;
	if (to == MIG_STATE_INVALID || to == MIG_STATE_ERROR ||
	    !mig_table_v2_supported(fake.caps, to)) {
		if (fake.wrong.moves || fake.wrong.takes_any)
			fake.state = MIG_STATE_STOP;
		return fake.wrong.takes_any ? 0 : -EINVAL;
	}
	/* Nothing that harms a kernel is asked of any device. */
	assert_null(fake.state == to ? NULL : mig_table_v2_hazard(fake.caps, fake.state, to));
	assert_int_not_equal(fake.state, MIG_STATE_ERROR);
	if (fake.state == to && fake.wrong.from == to && fake.wrong.to == to)
		return -fake.wrong.err;
	while (!ret && fake.state != to) {
		enum mig_state next = mig_table_v2_next(fake.caps, fake.state, to);

		ret = arc(next);
		if (!ret && fake.state != next)
			break;
	}
	if (ret)
		return ret;
	if ((fake.session != old && fake.session >= 0 && !fake.wrong.keeps_fd) ||
	    fake.wrong.gives_fd) {
		arg->data_fd =
			fake.session != old && fake.session >= 0 ? fake.session : fake.next_fd++;
		fake.descriptors++;
	}
	return 0;
}

static inline int mig_state_feature(struct state_arg *arg)
{
	uint32_t probe = arg->flags & VFIO_DEVICE_FEATURE_PROBE;
	uint32_t ops = arg->flags & (VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET);

	if (probe) {
		if (fake.wrong.probe_acts)
			fake.state = MIG_STATE_STOP;
		return fake.wrong.probe_fails ? -ENOTTY : 0;
	}
	if (arg->argsz < sizeof(*arg) && !fake.wrong.short_argsz)
		return -EINVAL;
	if ((!ops || ops == (VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET) ||
	     arg->flags & 1u << 31) &&
	    !fake.wrong.any_flags)
		return -EINVAL;
	if (ops & VFIO_DEVICE_FEATURE_SET)
		return set_v2(arg);
	if (fake.wrong.faults && fake.gets + 1 == fake.wrong.faults)
		fake.state = MIG_STATE_ERROR;
	arg->device_state = mig_v2_wire(fake.state);
	if (fake.wrong.restless && fake.gets % 2)
		arg->device_state = MIG_STATE_STOP;
	fake.gets++;
	arg->data_fd = fake.wrong.get_fd ? 3 : -1;
	return 0;
}

static inline int reset(void)
{
	fake.resets++;
	if (fake.wrong.reset_fails || (fake.wrong.reset_twice && !(fake.resets % 2)))
		return -EIO;
	fake.state = fake.wrong.reset_stops ? MIG_STATE_STOP : MIG_STATE_RUNNING;
	fake.session = -1;
	return 0;
}

static inline int fake_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg,
			     size_t size)
{
	struct state_arg *feature = arg;
	uint64_t value;

	(void)sys;
	assert_false(fake.stuck.stuck);
	assert_int_equal(fd, DEVICE);
	if (request == VFIO_DEVICE_RESET)
		return reset();
	assert_int_equal(request, VFIO_DEVICE_FEATURE);
	assert_int_equal(size, 16);
	if (fake.protocol == MIG_PROTOCOL_V1)
		return -ENOTTY;
	switch (feature->flags & VFIO_DEVICE_FEATURE_MASK) {
	case 1: /* MIGRATION */
		if (feature->flags & VFIO_DEVICE_FEATURE_SET)
			return fake.wrong.any_flags ? 0 : -EINVAL;
		value = fake.caps ^ fake.wrong.flags;
		break;
	case 2: /* MIG_DEVICE_STATE */
		return mig_state_feature(feature);
	case 9: /* MIG_DATA_SIZE */
		if (fake.wrong.no_size || fake.wrong.size_fails)
			return fake.wrong.no_size ? -ENOTTY : -EIO;
		value = STATE_SIZE;
		break;
	default:
		return -ENOTTY;
	}
	if (!(feature->flags & VFIO_DEVICE_FEATURE_PROBE))
		memcpy((char *)arg + 8, &value, sizeof(value));
	return fake.wrong.probe_fails && feature->flags & VFIO_DEVICE_FEATURE_PROBE ? -ENOTTY : 0;
}

static inline ssize_t set_v1(uint32_t raw)
{
	struct mig_reading reading = mig_v1_reading(raw & STATE_BITS);
	int ret = -EINVAL;

	fake.sets++;
	if (((raw ^ fake.reserved) & ~(uint32_t)STATE_BITS) && fake.wrong.bits)
		fake.reserved = raw & ~(uint32_t)STATE_BITS;
	if (fake.state == MIG_STATE_ERROR)
		ret = fake.wrong.error_left ? 0 : -EIO,
		fake.state = ret ? MIG_STATE_ERROR : reading.state;
	else if ((raw ^ fake.reserved) & ~(uint32_t)STATE_BITS)
		ret = -EINVAL;
	else if (reading.state == MIG_STATE_INVALID || reading.state == MIG_STATE_ERROR) {
		if (fake.wrong.moves || fake.wrong.takes_any)
			fake.state = MIG_STATE_STOP;
		ret = fake.wrong.takes_any ? 0 : -EINVAL;
	} else {
		ret = reading.state == fake.state ? 0 : arc(reading.state);
	}
	if (ret && (fake.wrong.short_write || fake.wrong.silent))
		return 0;
	return ret ? ret : 4;
}

static inline ssize_t fake_pread(struct mig_sys *sys, int fd, void *buffer, size_t size,
				 off_t offset)
{
	size_t left = is_saving(fake.state) ? STATE_SIZE - fake.moved : 0;
	uint64_t value = 0;

	(void)sys;
	assert_false(fake.stuck.stuck);
	assert_int_equal(fd, DEVICE);
	offset -= AT;
	if (offset >= HEADER) {
		memset(buffer, 'x', size);
		fake.window_read = true;
		return (ssize_t)size;
	}
	switch (offset) {
	case 0x00:
		assert_int_equal(size, 4);
		value = mig_v1_wire(fake.state) | fake.reserved;
		value ^= fake.wrong.restless && fake.gets++ % 2;
		break;
	case 0x08:
		if (fake.window_read)
			fake.moved += WINDOW, left -= WINDOW;
		fake.window_read = false;
		value = left;
		break;
	case 0x10:
		value = HEADER;
		break;
	case 0x18:
		value = left < WINDOW ? left : WINDOW;
		break;
	default:
		fail_msg("nothing is to be read at 0x%lx", (long)offset);
	}
	memcpy(buffer, &value, size);
	return (ssize_t)size;
}

static inline ssize_t fake_pwrite(struct mig_sys *sys, int fd, const void *buffer, size_t size,
				  off_t offset)
{
	uint32_t raw;

	(void)sys;
	assert_false(fake.stuck.stuck);
	assert_int_equal(fd, DEVICE);
	offset -= AT;
	if (offset == 0x18)
		fake.moved += *(const unsigned char *)buffer;
	if (offset)
		return (ssize_t)size;
	assert_int_equal(size, 4);
	memcpy(&raw, buffer, sizeof(raw));
	return set_v1(raw);
}

static inline ssize_t stream(const struct mig_call *call)
{
	size_t left = STATE_SIZE - fake.moved, size = call->size < left ? call->size : left;

	if (call->fd != fake.session)
		return fake.wrong.fd_lives ? (ssize_t)call->size : -ENODEV;
	if (call->kind == MIG_CALL_READ)
		memset(call->buffer, 'x', size);
	else if (size < call->size)
		return -ENOMEM;
	fake.moved += size;
	return (ssize_t)size;
}

static inline int fake_batch(struct mig_sys *sys, struct mig_call *calls, size_t count)
{
	assert_false(fake.stuck.stuck);
	assert_int_equal(count, 1);
	if (calls->kind == MIG_CALL_PREAD)
		calls->result =
			fake_pread(sys, calls->fd, calls->buffer, calls->size, calls->offset);
	else if (calls->kind == MIG_CALL_PWRITE)
		calls->result =
			fake_pwrite(sys, calls->fd, calls->buffer, calls->size, calls->offset);
	else
		calls->result = stream(calls);
	return 1;
}

static inline int fake_close(struct mig_sys *sys, int fd)
{
	(void)sys;
	assert_true(fd >= FIRST_DATA_FD && fd < fake.next_fd);
	fake.descriptors--;
	return 0;
}

static const struct mig_sys_ops fake_ops = {
	.ioctl = fake_ioctl,
	.pread = fake_pread,
	.pwrite = fake_pwrite,
	.batch = fake_batch,
	.close = fake_close,
};

static struct mig_device device;
static struct mig_port port;

static inline void make_fake(enum mig_protocol protocol, unsigned int caps,
			     const struct wrong *wrong)
{
	fake = (struct fake){ .sys = { .ops = &fake_ops, .stuck = &fake.stuck },
			      .protocol = protocol,
			      .caps = caps,
			      .state = MIG_STATE_RUNNING,
			      .session = -1,
			      .next_fd = FIRST_DATA_FD };
	if (wrong)
		fake.wrong = *wrong;
	device = (struct mig_device){ .sys = &fake.sys,
				      .fd = DEVICE,
				      .name = "dev",
				      .informed = true,
				      .flags = VFIO_DEVICE_FLAGS_RESET };
	port = (struct mig_port){
		.proto = protocol == MIG_PROTOCOL_V1 ? &mig_proto_v1 : &mig_proto_v2,
		.device = &device,
		.caps = caps,
		.region = { .offset = AT, .size = 0x1000, .read = true, .write = true },
		.data_fd = -1,
		.dead_fd = -1,
		.set_took = -1,
	};
}

#endif
