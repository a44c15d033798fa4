// SPDX-License-Identifier: GPL-2.0-or-later
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <zstd.h>

#include "statefile_zstd.h"

#define BLOCK (128u * 1024u) /* what zstd works on at once, ZSTD_BLOCKSIZE_MAX */

/*
 * As much as 16 threads compress no device delivers. Up to the middle levels
 * small jobs cost 1 or 2 % of the ratio and no time, and a thread takes 2 MiB where
 * it would take 14.
 */
#define THREADS_MAX 16
#define SMALL_JOB (1024 * 1024)
#define SMALL_JOB_LEVEL_MAX 6

/* 128 MiB: what zstd's own tool takes without being told to. */
#define WINDOW_LOG_MAX 27

#define FUNCTIONS(X) \
	X(createCCtx) \
	X(freeCCtx) \
	X(CCtx_setParameter) \
	X(compressStream2) \
	X(createDCtx) \
	X(freeDCtx) \
	X(DCtx_setParameter) \
	X(decompressStream) \
	X(isError) \
	X(getErrorName)

struct library {
	void *handle;
#define MEMBER(name) typeof(ZSTD_##name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
};

struct statefile_pack {
	struct library zstd;
	ZSTD_CCtx *stream;
	size_t fill;
	uint8_t buffer[BLOCK];
};

struct statefile_unpack {
	struct library zstd;
	ZSTD_DCtx *stream;
	ZSTD_inBuffer in;
	bool inside; /* a frame has begun, and not ended */
	uint8_t buffer[BLOCK];
};

static int load(struct library *zstd, struct mig_error *error)
{
	int ret;

	zstd->handle = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!zstd->handle) {
		ret = mig_error_set(error, MIG_KIND_FAILED, ELIBACC,
				    "cannot do zstd: libzstd.so.1 cannot be loaded");
		mig_error_hint(error, "install the package libzstd1 (Debian, Ubuntu, SUSE) or "
				      "libzstd (Fedora), or do without compression");
		return ret;
	}
#define LOOK_UP(name) \
	zstd->name = (typeof(ZSTD_##name) *)dlsym(zstd->handle, "ZSTD_" #name); \
	if (!zstd->name) \
		goto old;
	FUNCTIONS(LOOK_UP)
#undef LOOK_UP
	return 0;
old:
	ret = mig_error_set(error, MIG_KIND_FAILED, ELIBBAD,
			    "cannot do zstd: this libzstd.so.1 is older than 1.4");
	mig_error_hint(error, "update libzstd, or do without compression");
	return ret;
}

static void unload(struct library *zstd)
{
	if (zstd->handle)
		dlclose(zstd->handle);
}

static int no_memory(struct mig_error *error)
{
	return mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory for zstd");
}

/* Those that we may run on, which is what a container or taskset(1) leaves. */
static int threads(void)
{
	cpu_set_t cpus;
	int count = 1;

	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		count = CPU_COUNT(&cpus);
	return count < THREADS_MAX ? count : THREADS_MAX;
}

int statefile_pack_open(struct statefile_pack **out, int level, struct mig_error *error)
{
	struct statefile_pack *pack;
	struct library *zstd;
	int ret;

	if (level < 0 || level > STATEFILE_LEVEL_MAX)
		return mig_error_set(error, MIG_KIND_USAGE, EINVAL,
				     "zstd's levels go from 1 to %d, not to %d",
				     STATEFILE_LEVEL_MAX, level);
	pack = calloc(1, sizeof(*pack));
	if (!pack)
		return no_memory(error);
	zstd = &pack->zstd;
	ret = load(zstd, error);
	if (!ret) {
		pack->stream = zstd->createCCtx();
		ret = pack->stream ? 0 : no_memory(error);
	}
	if (ret) {
		statefile_pack_close(pack);
		return ret;
	}
	zstd->CCtx_setParameter(pack->stream, ZSTD_c_compressionLevel, level);
	zstd->CCtx_setParameter(pack->stream, ZSTD_c_checksumFlag, 1);
	/* A library built without threads refuses, and works on ours. */
	zstd->CCtx_setParameter(pack->stream, ZSTD_c_nbWorkers, threads());
	if (level <= SMALL_JOB_LEVEL_MAX)
		zstd->CCtx_setParameter(pack->stream, ZSTD_c_jobSize, SMALL_JOB);
	*out = pack;
	return 0;
}

void statefile_pack_close(struct statefile_pack *pack)
{
	if (!pack)
		return;
	if (pack->stream)
		pack->zstd.freeCCtx(pack->stream);
	unload(&pack->zstd);
	free(pack);
}

int statefile_pack_put(struct statefile_pack *pack, const void *data, size_t size, bool last,
		       statefile_write *write, void *context)
{
	ZSTD_inBuffer in = { .src = data, .size = size };
	size_t left;

	do {
		ZSTD_outBuffer out = { .dst = pack->buffer, .size = BLOCK, .pos = pack->fill };

		left = pack->zstd.compressStream2(pack->stream, &out, &in,
						  last ? ZSTD_e_end : ZSTD_e_continue);
		/* On valid parameters and buffers nothing else can go wrong. */
		if (pack->zstd.isError(left))
			return -ENOMEM;
		pack->fill = out.pos;
		if (pack->fill == BLOCK || (last && !left)) {
			int ret = write(context, pack->buffer, pack->fill);

			if (ret)
				return ret;
			pack->fill = 0;
		}
	} while (last ? left != 0 : in.pos < in.size);
	return 0;
}

/* RFC 8878, 3.1: a frame, or one to be skipped, as some tools put in front. */
bool statefile_is_packed(const uint8_t magic[STATEFILE_MAGIC_SIZE])
{
	uint32_t number = (uint32_t)magic[0] | (uint32_t)magic[1] << 8 | (uint32_t)magic[2] << 16 |
			  (uint32_t)magic[3] << 24;

	return number == ZSTD_MAGICNUMBER ||
	       (number & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

int statefile_unpack_open(struct statefile_unpack **out, struct mig_error *error)
{
	struct statefile_unpack *unpack = calloc(1, sizeof(*unpack));
	int ret;

	if (!unpack)
		return no_memory(error);
	ret = load(&unpack->zstd, error);
	if (!ret) {
		unpack->stream = unpack->zstd.createDCtx();
		ret = unpack->stream ? 0 : no_memory(error);
	}
	if (ret) {
		statefile_unpack_close(unpack);
		return ret;
	}
	unpack->zstd.DCtx_setParameter(unpack->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	unpack->in.src = unpack->buffer;
	*out = unpack;
	return 0;
}

void statefile_unpack_close(struct statefile_unpack *unpack)
{
	if (!unpack)
		return;
	if (unpack->stream)
		unpack->zstd.freeDCtx(unpack->stream);
	unload(&unpack->zstd);
	free(unpack);
}

long statefile_unpack_get(struct statefile_unpack *unpack, void *buffer, size_t size,
			  statefile_read *read, void *context, const char **why)
{
	ZSTD_outBuffer out = { .dst = buffer, .size = size };
	while (out.pos < out.size) {
		size_t left;

		if (unpack->in.pos == unpack->in.size) {
			ssize_t got = read(context, unpack->buffer, BLOCK);

			if (got < 0)
				return got;
			/* zstd keeps a byte of a frame unused while it has more to give out. */
			if (!got && !unpack->inside)
				break;
			if (!got) {
				*why = "its last frame is cut short";
				return -EBADMSG;
			}
			unpack->in.pos = 0;
			unpack->in.size = (size_t)got;
		}
		left = unpack->zstd.decompressStream(unpack->stream, &out, &unpack->in);
		if (unpack->zstd.isError(left)) {
			*why = unpack->zstd.getErrorName(left);
			return -EBADMSG;
		}
		unpack->inside = left;
	}
	return (long)out.pos;
}
