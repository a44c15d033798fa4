// SPDX-License-Identifier: GPL-2.0-or-later
#include "script.h"

static const char *const kind_names[] = { "openat", "ioctl", "pread", "pwrite", "read",
					  "write",  "copy",  "getfd", "mmap" };

/* NULL: the seam is stuck, and the call is not made. */
static const struct script_call *take(struct script *script, enum script_kind kind, int fd)
{
	const struct script_call *call;

	if (script->stuck.stuck) {
		script->after_stuck++;
		return NULL;
	}
	if (script->next == script->count)
		fail_msg("%s on %d after the end of the script", kind_names[kind], fd);
	call = &script->calls[script->next++];
	if (call->kind != kind || (kind != SCRIPT_OPENAT && call->fd != fd))
		fail_msg("call %zu: %s on %d, expected %s on %d", script->next - 1,
			 kind_names[kind], fd, kind_names[call->kind], call->fd);
	return call;
}

static int hang(struct script *script, const char *call, bool ended)
{
	script->stuck = (struct mig_stuck){
		.stuck = true, .call = call, .seconds = 2.5, .task = 4242, .ended = ended
	};
	return -ETIMEDOUT;
}

static long answer(struct script *script, const struct script_call *call)
{
	script->sys.elapsed_ns = 1000 * (uint64_t)script->next;
	if (call->during)
		call->during();
	if (call->stuck)
		return hang(script, kind_names[call->kind], call->ret == 0);
	if (call->gives_fd) {
		assert_in_range(call->ret, 0, SCRIPT_FDS - 1);
		assert_false(script->open[call->ret]);
		script->open[call->ret] = true;
	}
	return call->ret;
}

static int script_openat(struct mig_sys *sys, int dir, const char *path, int flags)
{
	struct script *script = (struct script *)sys;
	const struct script_call *call = take(script, SCRIPT_OPENAT, dir);

	(void)flags;
	if (!call)
		return -ETIMEDOUT;
	assert_string_equal(path, call->path);
	return (int)answer(script, call);
}

static int script_getfd(struct mig_sys *sys, pid_t pid, int fd)
{
	struct script *script = (struct script *)sys;
	const struct script_call *call = take(script, SCRIPT_GETFD, fd);

	if (!call)
		return -ETIMEDOUT;
	assert_int_equal(pid, call->value);
	return (int)answer(script, call);
}

static int script_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	struct script *script = (struct script *)sys;
	const struct script_call *call = take(script, SCRIPT_IOCTL, fd);

	if (!call)
		return -ETIMEDOUT;
	if (request != call->request)
		fail_msg("call %zu: ioctl 0x%lx, expected 0x%lx", script->next - 1, request,
			 call->request);
	if (call->size)
		assert_int_equal(size, call->size);
	if (!size)
		assert_int_equal((unsigned long)arg, call->value);
	if (call->expect) {
		assert_in_range(call->expect_size, 1, size);
		assert_memory_equal(arg, call->expect, call->expect_size);
	}
	if (call->reply) {
		assert_in_range(call->reply_size, 1, size);
		memcpy(arg, call->reply, call->reply_size);
	}
	return (int)answer(script, call);
}

static void transfer_is(struct script *script, const struct script_call *call, size_t size,
			off_t offset)
{
	if (size != call->size || offset != call->offset)
		fail_msg("call %zu: %s of %zu at 0x%llx, expected %zu at 0x%llx", script->next - 1,
			 kind_names[call->kind], size, (unsigned long long)offset, call->size,
			 (unsigned long long)call->offset);
}

static ssize_t get(struct script *script, enum script_kind kind, int fd, void *buffer, size_t size,
		   off_t offset)
{
	const struct script_call *call = take(script, kind, fd);

	if (!call)
		return -ETIMEDOUT;
	transfer_is(script, call, size, offset);
	if (call->reply)
		memcpy(buffer, call->reply, call->reply_size < size ? call->reply_size : size);
	return answer(script, call);
}

static ssize_t put(struct script *script, enum script_kind kind, int fd, const void *buffer,
		   size_t size, off_t offset)
{
	const struct script_call *call = take(script, kind, fd);

	if (!call)
		return -ETIMEDOUT;
	transfer_is(script, call, size, offset);
	if (call->expect) {
		assert_in_range(call->expect_size, 1, size);
		assert_memory_equal(buffer, call->expect, call->expect_size);
	}
	return answer(script, call);
}

static ssize_t script_pread(struct mig_sys *sys, int fd, void *buffer, size_t size, off_t offset)
{
	return get((struct script *)sys, SCRIPT_PREAD, fd, buffer, size, offset);
}

static ssize_t script_pwrite(struct mig_sys *sys, int fd, const void *buffer, size_t size,
			     off_t offset)
{
	return put((struct script *)sys, SCRIPT_PWRITE, fd, buffer, size, offset);
}

static ssize_t copy(struct script *script, const struct mig_call *made)
{
	const struct script_call *call = take(script, SCRIPT_COPY, 0);

	if (!call)
		return -ETIMEDOUT;
	transfer_is(script, call, made->size, 0);
	if (call->ret == (long)made->size)
		memcpy(made->buffer, made->from, made->size);
	return answer(script, call);
}

static ssize_t one(struct script *script, const struct mig_call *call)
{
	switch (call->kind) {
	case MIG_CALL_READ:
		return get(script, SCRIPT_READ, call->fd, call->buffer, call->size, 0);
	case MIG_CALL_WRITE:
		return put(script, SCRIPT_WRITE, call->fd, call->buffer, call->size, 0);
	case MIG_CALL_PREAD:
		return get(script, SCRIPT_PREAD, call->fd, call->buffer, call->size, call->offset);
	case MIG_CALL_PWRITE:
		return put(script, SCRIPT_PWRITE, call->fd, call->buffer, call->size, call->offset);
	case MIG_CALL_COPY:
		return copy(script, call);
	}
	fail_msg("no call has the kind %d", (int)call->kind);
	return -EINVAL;
}

static int script_batch(struct mig_sys *sys, struct mig_call *calls, size_t count)
{
	struct script *script = (struct script *)sys;

	script->batches++;
	for (size_t i = 0; i < count; i++)
		calls[i].result = -EINPROGRESS;
	for (size_t i = 0; i < count; i++) {
		ssize_t ret = one(script, &calls[i]);
		uint64_t value = 0;

		if (script->stuck.stuck)
			return -ETIMEDOUT;
		calls[i].result = ret;
		calls[i].elapsed_ns = script->sys.elapsed_ns;
		if (ret == sizeof(value))
			memcpy(&value, calls[i].buffer, sizeof(value));
		if (ret != (ssize_t)calls[i].size || (calls[i].until_zero && !value) ||
		    (calls[i].until_other && value != calls[i].value))
			return (int)i + 1;
	}
	return (int)count;
}

static int script_map(struct mig_sys *sys, int fd, size_t size, int prot, off_t offset, void **at)
{
	struct script *script = (struct script *)sys;
	const struct script_call *call = take(script, SCRIPT_MAP, fd);

	(void)prot;
	if (!call)
		return -ETIMEDOUT;
	transfer_is(script, call, size, offset);
	if (!call->ret && !call->stuck) {
		assert_null(script->mapped);
		script->mapped = call->reply;
		memcpy(at, &call->reply, sizeof(*at)); /* the script's is const */
	}
	return (int)answer(script, call);
}

static int script_unmap(struct mig_sys *sys, void *at, size_t size)
{
	struct script *script = (struct script *)sys;

	(void)size;
	if (script->stuck.stuck) {
		script->after_stuck++;
		return -ETIMEDOUT;
	}
	assert_ptr_equal(at, script->mapped);
	script->mapped = NULL;
	return 0;
}

static int script_close(struct mig_sys *sys, int fd)
{
	struct script *script = (struct script *)sys;

	if (script->stuck.stuck) {
		script->after_stuck++;
		return -ETIMEDOUT;
	}
	if (fd < 0 || fd >= SCRIPT_FDS || !script->open[fd])
		fail_msg("close of %d, which is not open", fd);
	if (script->close_hangs)
		return hang(script, "close", script->close_ends);
	script->open[fd] = false;
	script->closed[script->closed_count++] = fd;
	return script->close_ret;
}

static const struct mig_sys_ops script_ops = {
	.openat = script_openat,
	.getfd = script_getfd,
	.ioctl = script_ioctl,
	.pread = script_pread,
	.pwrite = script_pwrite,
	.close = script_close,
	.batch = script_batch,
	.map = script_map,
	.unmap = script_unmap,
};

void script_begin(struct script *script, const struct script_call *calls, size_t count)
{
	memset(script, 0, sizeof(*script));
	script->sys.ops = &script_ops;
	script->sys.stuck = &script->stuck;
	script->calls = calls;
	script->count = count;
}

void script_has_fd(struct script *script, int fd)
{
	script->open[fd] = true;
}

void script_end(struct script *script)
{
	if (script->next != script->count)
		fail_msg("%zu of %zu calls were made", script->next, script->count);
	assert_true(script->stuck.stuck || !script->mapped);
	/* What a stuck seam cannot close is the stuck task's. */
	for (int fd = 0; fd < SCRIPT_FDS && !script->stuck.stuck; fd++)
		if (script->open[fd])
			fail_msg("descriptor %d is left open", fd);
}
