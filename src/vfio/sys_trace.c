// SPDX-License-Identifier: GPL-2.0-or-later
/* --trace: the seam again, with a line a call. It judges nothing. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "migctl/state.h"
#include "migctl/sys.h"
#include "uapi.h"

struct trace {
	struct mig_sys sys;
	struct mig_sys *inner;
	mig_trace_line *sink;
	void *context;
};

struct line {
	char text[512];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - line->used;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line->text + line->used, room, format, args);
	va_end(args);
	if (len > 0)
		line->used += (size_t)len < room ? (size_t)len : room - 1;
}

static void say(struct trace *trace, struct line *line, long ret, bool answered, uint64_t elapsed)
{
	const char *name = ret < 0 ? mig_errno_name((int)-ret) : NULL;

	if (!answered)
		put(line, " = no answer");
	else if (ret < 0)
		put(line, " = -1 %s", name ? name : "error");
	else
		put(line, " = %ld", ret);
	put(line, " <%.6f>", (double)elapsed / 1e9);
	trace->sink(trace->context, line->text);
}

static void finish(struct trace *trace, struct line *line, long ret)
{
	trace->sys.elapsed_ns = trace->inner->elapsed_ns;
	say(trace, line, ret, !mig_sys_is_stuck(trace->inner), trace->sys.elapsed_ns);
}

static const struct {
	unsigned long request;
	const char *name;
} requests[] = {
	{ VFIO_GET_API_VERSION, "VFIO_GET_API_VERSION" },
	{ VFIO_CHECK_EXTENSION, "VFIO_CHECK_EXTENSION" },
	{ VFIO_SET_IOMMU, "VFIO_SET_IOMMU" },
	{ VFIO_GROUP_GET_STATUS, "VFIO_GROUP_GET_STATUS" },
	{ VFIO_GROUP_SET_CONTAINER, "VFIO_GROUP_SET_CONTAINER" },
	{ VFIO_GROUP_GET_DEVICE_FD, "VFIO_GROUP_GET_DEVICE_FD" },
	{ VFIO_DEVICE_GET_INFO, "VFIO_DEVICE_GET_INFO" },
	{ VFIO_DEVICE_GET_REGION_INFO, "VFIO_DEVICE_GET_REGION_INFO" },
	{ VFIO_DEVICE_GET_IRQ_INFO, "VFIO_DEVICE_GET_IRQ_INFO" },
	{ VFIO_DEVICE_SET_IRQS, "VFIO_DEVICE_SET_IRQS" },
	{ VFIO_DEVICE_RESET, "VFIO_DEVICE_RESET" },
	{ UAPI_FEATURE, "VFIO_DEVICE_FEATURE" },
	{ UAPI_DEVICE_BIND_IOMMUFD, "VFIO_DEVICE_BIND_IOMMUFD" },
	{ VFIO_IOMMU_GET_INFO, "VFIO_IOMMU_GET_INFO" },
	{ UAPI_IOMMU_GET_HW_INFO, "IOMMU_GET_HW_INFO" },
	{ UAPI_MIG_GET_PRECOPY_INFO, "VFIO_MIG_GET_PRECOPY_INFO" },
};

static void put_request(struct line *line, unsigned long request)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		if (requests[i].request == request) {
			put(line, "%s", requests[i].name);
			return;
		}
	}
	put(line, "0x%lx", request);
}

/* The ranges are our memory, which --trace may read as well as the kernel does. */
static void put_logging_start(struct line *line, const struct uapi_feature_logging_start *start)
{
	const struct uapi_logging_range *ranges = (const void *)(uintptr_t)start->ranges;

	put(line, " page_size=0x%" PRIx64 " [", start->page_size);
	for (uint32_t i = 0; ranges && i < start->num_ranges && i < 4; i++)
		put(line, "%s0x%" PRIx64 "+0x%" PRIx64, i ? " " : "", ranges[i].iova,
		    ranges[i].length);
	put(line, "%s] num_ranges=%u", start->num_ranges > 4 ? " ..." : "", start->num_ranges);
}

/* True: it was one of these. Both directions of them have what was asked. */
static bool put_logging(struct line *line, uint32_t number, const void *arg, size_t size)
{
	if (number == UAPI_FEATURE_DMA_LOGGING_START &&
	    size >= sizeof(struct uapi_feature_logging_start)) {
		put_logging_start(line, arg);
		return true;
	}
	if (number == UAPI_FEATURE_DMA_LOGGING_REPORT &&
	    size >= sizeof(struct uapi_feature_logging_report)) {
		const struct uapi_feature_logging_report *report = arg;

		put(line, " 0x%" PRIx64 "+0x%" PRIx64 " page_size=0x%" PRIx64, report->iova,
		    report->length, report->page_size);
		return true;
	}
	return false;
}

/* A GET that failed has put nothing there; of a SET it is what was asked. */
static void put_feature(struct line *line, const void *arg, size_t size, bool answered)
{
	static const char *const names[] = {
		[UAPI_FEATURE_MIGRATION] = "MIGRATION",
		[UAPI_FEATURE_MIG_DEVICE_STATE] = "MIG_DEVICE_STATE",
		[UAPI_FEATURE_DMA_LOGGING_START] = "DMA_LOGGING_START",
		[UAPI_FEATURE_DMA_LOGGING_STOP] = "DMA_LOGGING_STOP",
		[UAPI_FEATURE_DMA_LOGGING_REPORT] = "DMA_LOGGING_REPORT",
		[UAPI_FEATURE_MIG_DATA_SIZE] = "MIG_DATA_SIZE",
	};
	const struct uapi_feature *header = arg;
	uint32_t number = header->flags & 0xffff;

	put(line, "{%s%s%s", header->flags & UAPI_FEATURE_PROBE ? "PROBE " : "",
	    header->flags & UAPI_FEATURE_GET ? "GET " : "",
	    header->flags & UAPI_FEATURE_SET ? "SET " : "");
	if (number < sizeof(names) / sizeof(*names) && names[number])
		put(line, "%s", names[number]);
	else
		put(line, "feature %u", number);
	if (put_logging(line, number, arg, size) ||
	    (!answered && !(header->flags & UAPI_FEATURE_SET))) {
		put(line, "}");
		return;
	}
	if (number == UAPI_FEATURE_MIG_DEVICE_STATE &&
	    size >= sizeof(struct uapi_feature_mig_state)) {
		const struct uapi_feature_mig_state *state = arg;
		char text[MIG_STATE_TEXT];

		put(line, " device_state=%u (%s)", state->device_state,
		    mig_reading_name(mig_v2_reading(state->device_state), text));
		if (answered)
			put(line, " data_fd=%d", state->data_fd);
	} else if (size >= sizeof(struct uapi_feature_migration)) {
		const struct uapi_feature_migration *value = arg;

		put(line, " 0x%" PRIx64, value->flags);
	}
	put(line, "}");
}

static void put_argument(struct line *line, unsigned long request, const void *arg, size_t size,
			 bool answered)
{
	if (!size) {
		put(line, "%lu", (unsigned long)arg);
	} else if (request == UAPI_FEATURE) {
		put_feature(line, arg, size, answered);
	} else if (request == VFIO_GROUP_GET_DEVICE_FD) {
		/* A VF token is a secret between the users of the PF and of the VF. */
		const char *name = arg, *token = strstr(name, " vf_token=");

		put(line, "\"%.*s%s\"", token ? (int)(token - name) : (int)strlen(name), name,
		    token ? " vf_token=..." : "");
	} else if (request == VFIO_GROUP_SET_CONTAINER) {
		put(line, "[%d]", *(const int *)arg);
	} else if (request == VFIO_DEVICE_GET_REGION_INFO && !answered) {
		put(line, "{index=%u}", ((const struct vfio_region_info *)arg)->index);
	} else if (!answered) {
		put(line, "{}");
	} else if (request == VFIO_DEVICE_GET_INFO) {
		const struct vfio_device_info *info = arg;

		put(line, "{flags=0x%x num_regions=%u num_irqs=%u}", info->flags, info->num_regions,
		    info->num_irqs);
	} else if (request == VFIO_DEVICE_GET_REGION_INFO) {
		const struct vfio_region_info *info = arg;

		put(line, "{argsz=%u flags=0x%x index=%u cap_offset=%u size=0x%llx offset=0x%llx}",
		    info->argsz, info->flags, info->index, info->cap_offset,
		    (unsigned long long)info->size, (unsigned long long)info->offset);
	} else if (request == UAPI_DEVICE_BIND_IOMMUFD) {
		const struct uapi_bind_iommufd *bind = arg;

		put(line, "{iommufd=%d out_devid=%u}", bind->iommufd, bind->out_devid);
	} else if (request == VFIO_GROUP_GET_STATUS) {
		put(line, "{flags=0x%x}", ((const struct vfio_group_status *)arg)->flags);
	} else if (request == UAPI_MIG_GET_PRECOPY_INFO) {
		const struct uapi_precopy_info *info = arg;

		put(line, "{initial_bytes=%" PRIu64 " dirty_bytes=%" PRIu64 "}",
		    info->initial_bytes, info->dirty_bytes);
	} else {
		put(line, "{%zu bytes}", size);
	}
}

/* Registers are 4 or 8 bytes; of anything longer the length says enough. */
static void put_bytes(struct line *line, const void *bytes, ssize_t len)
{
	uint64_t value = 0;

	if (len != 4 && len != 8)
		return;
	memcpy(&value, bytes, (size_t)len);
	put(line, " [0x%" PRIx64 "]", value);
}

static void put_pread(struct line *line, int fd, const void *buffer, size_t size, off_t offset,
		      ssize_t ret)
{
	put(line, "pread(%d, %zu at 0x%llx)", fd, size, (unsigned long long)offset);
	put_bytes(line, buffer, ret);
}

static void put_pwrite(struct line *line, int fd, const void *buffer, size_t size, off_t offset)
{
	put(line, "pwrite(%d, %zu at 0x%llx)", fd, size, (unsigned long long)offset);
	put_bytes(line, buffer, (ssize_t)size);
}

static int trace_openat(struct mig_sys *sys, int dir, const char *path, int flags)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	int ret = trace->inner->ops->openat(trace->inner, dir, path, flags);

	put(&line, "open(\"%s\", %s)", path, (flags & O_ACCMODE) == O_RDWR ? "O_RDWR" : "O_RDONLY");
	finish(trace, &line, ret);
	return ret;
}

static int trace_ioctl(struct mig_sys *sys, int fd, unsigned long request, void *arg, size_t size)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	int ret = trace->inner->ops->ioctl(trace->inner, fd, request, arg, size);

	put(&line, "ioctl(%d, ", fd);
	put_request(&line, request);
	put(&line, ", ");
	put_argument(&line, request, arg, size, ret >= 0);
	put(&line, ")");
	finish(trace, &line, ret);
	return ret;
}

static ssize_t trace_pread(struct mig_sys *sys, int fd, void *buffer, size_t size, off_t offset)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	ssize_t ret = trace->inner->ops->pread(trace->inner, fd, buffer, size, offset);

	put_pread(&line, fd, buffer, size, offset, ret);
	finish(trace, &line, ret);
	return ret;
}

static ssize_t trace_pwrite(struct mig_sys *sys, int fd, const void *buffer, size_t size,
			    off_t offset)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	ssize_t ret = trace->inner->ops->pwrite(trace->inner, fd, buffer, size, offset);

	put_pwrite(&line, fd, buffer, size, offset);
	finish(trace, &line, ret);
	return ret;
}

static int trace_close(struct mig_sys *sys, int fd)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	int ret = trace->inner->ops->close(trace->inner, fd);

	put(&line, "close(%d)", fd);
	finish(trace, &line, ret);
	return ret;
}

static int trace_getfd(struct mig_sys *sys, pid_t pid, int fd)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	int ret = trace->inner->ops->getfd(trace->inner, pid, fd);

	put(&line, "pidfd_getfd(%d, %d)", (int)pid, fd);
	finish(trace, &line, ret);
	return ret;
}

static void put_call(struct line *line, const struct mig_call *call)
{
	switch (call->kind) {
	case MIG_CALL_READ:
		put(line, "read(%d, %zu)", call->fd, call->size);
		return;
	case MIG_CALL_WRITE:
		put(line, "write(%d, %zu)", call->fd, call->size);
		return;
	case MIG_CALL_PREAD:
		put_pread(line, call->fd, call->buffer, call->size, call->offset, call->result);
		return;
	case MIG_CALL_PWRITE:
		put_pwrite(line, call->fd, call->buffer, call->size, call->offset);
		return;
	case MIG_CALL_COPY:
		put(line, "copy(%zu)", call->size);
		return;
	}
}

static int trace_batch(struct mig_sys *sys, struct mig_call *calls, size_t count)
{
	struct trace *trace = (struct trace *)sys;
	int ret = trace->inner->ops->batch(trace->inner, calls, count);
	bool stuck = mig_sys_is_stuck(trace->inner);

	trace->sys.elapsed_ns = trace->inner->elapsed_ns;
	for (size_t i = 0; i < count && (stuck || (int)i < ret); i++) {
		/* What is not back is the last that was made. */
		bool back = !stuck || calls[i].result != -EINPROGRESS;
		struct line line = { .used = 0 };

		put_call(&line, &calls[i]);
		say(trace, &line, calls[i].result, back,
		    back ? calls[i].elapsed_ns : trace->sys.elapsed_ns);
		if (!back)
			break;
	}
	return ret;
}

static int trace_map(struct mig_sys *sys, int fd, size_t size, int prot, off_t offset, void **at)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	int ret = trace->inner->ops->map(trace->inner, fd, size, prot, offset, at);

	put(&line, "mmap(%d, %zu at 0x%llx, %s)", fd, size, (unsigned long long)offset,
	    prot & PROT_WRITE ? "PROT_READ|PROT_WRITE" : "PROT_READ");
	finish(trace, &line, ret);
	return ret;
}

static int trace_unmap(struct mig_sys *sys, void *at, size_t size)
{
	struct trace *trace = (struct trace *)sys;
	struct line line = { .used = 0 };
	int ret = trace->inner->ops->unmap(trace->inner, at, size);

	put(&line, "munmap(%zu)", size);
	finish(trace, &line, ret);
	return ret;
}

static const struct mig_sys_ops trace_ops = {
	.openat = trace_openat,
	.ioctl = trace_ioctl,
	.pread = trace_pread,
	.pwrite = trace_pwrite,
	.close = trace_close,
	.getfd = trace_getfd,
	.batch = trace_batch,
	.map = trace_map,
	.unmap = trace_unmap,
};

struct mig_sys *mig_sys_trace_open(struct mig_sys *inner, mig_trace_line *sink, void *context)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return NULL;
	trace->sys.ops = &trace_ops;
	trace->sys.stuck = inner->stuck;
	trace->inner = inner;
	trace->sink = sink;
	trace->context = context;
	return &trace->sys;
}

void mig_sys_trace_close(struct mig_sys *sys)
{
	free((struct trace *)sys);
}
