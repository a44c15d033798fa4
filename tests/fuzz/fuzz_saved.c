// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reader of the saved form, on what anyone could hand over. What it takes
 * is written again, and must come back the same.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "migctl/saved.h"

struct memory {
	struct mig_saved_input input;
	const uint8_t *data;
	size_t size;
};

static long memory_read(struct mig_saved_input *input, void *buffer, size_t size)
{
	struct memory *memory = (struct memory *)input;
	size_t give = memory->size < size ? memory->size : size;

	HOLDS(size > 0 && size <= MIG_SAVED_BLOCK_MAX);
	memcpy(buffer, memory->data, give);
	memory->data += give;
	memory->size -= give;
	return (long)give;
}

/* All that is there, written again piece by piece. */
struct copy {
	struct mig_saved_writer *writer;
	uint8_t *bytes;
	size_t size, room;
	struct mig_saved_totals totals;
};

static void copy_begin(struct copy *copy, const struct mig_saved_meta *meta)
{
	long size;

	copy->size = 0;
	copy->room = MIG_SAVED_BEGIN_MAX;
	copy->bytes = malloc(copy->room);
	copy->writer = mig_saved_writer_open();
	HOLDS(copy->bytes && copy->writer);
	size = mig_saved_begin(copy->writer, meta, copy->bytes, copy->room);
	HOLDS(size > 0 && (size_t)size <= copy->room && !(size % MIG_SAVED_ALIGN));
	copy->size = (size_t)size;
}

static uint8_t *copy_room(struct copy *copy, size_t size)
{
	if (copy->room - copy->size < size) {
		copy->room = 2 * (copy->size + size);
		copy->bytes = realloc(copy->bytes, copy->room);
		HOLDS(copy->bytes);
	}
	copy->size += size;
	return copy->bytes + copy->size - size;
}

static void copy_piece(struct copy *copy, const uint8_t *bytes, const struct mig_saved_piece *piece)
{
	uint8_t header[MIG_SAVED_BLOCK_HEADER];
	unsigned int padding =
		mig_saved_data(copy->writer, bytes, piece->size, piece->more, header);

	HOLDS(padding < MIG_SAVED_ALIGN && !((piece->size + padding) % MIG_SAVED_ALIGN));
	memcpy(copy_room(copy, sizeof(header)), header, sizeof(header));
	memcpy(copy_room(copy, piece->size), bytes, piece->size);
	memset(copy_room(copy, padding), 0, padding);
}

static void copy_end(struct copy *copy)
{
	mig_saved_end(copy->writer, copy_room(copy, MIG_SAVED_END_BLOCK), &copy->totals);
}

static void copy_clear(struct copy *copy)
{
	mig_saved_writer_close(copy->writer);
	free(copy->bytes);
}

/* It goes to a terminal. */
static bool is_clean(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return text[0];
}

#define ENDS(array) memchr((array), '\0', sizeof(array))

static void check_meta(const struct mig_saved_meta *meta)
{
	static const struct mig_saved_meta other = {
		.bus = "pci",
		.driver = "vfio-pci",
		.firmware_psid = "MT_0",
		.protocol = MIG_PROTOCOL_V1,
	};
	struct mig_error error;
	int ret;

	HOLDS(ENDS(meta->name) && ENDS(meta->bus) && ENDS(meta->driver));
	HOLDS(ENDS(meta->vendor) && ENDS(meta->device));
	HOLDS(ENDS(meta->subsystem_vendor) && ENDS(meta->subsystem_device));
	HOLDS(ENDS(meta->firmware_version) && ENDS(meta->firmware_psid));
	HOLDS(ENDS(meta->host) && ENDS(meta->kernel) && ENDS(meta->saved_at) && ENDS(meta->tool));
	HOLDS(!(meta->caps & ~MIG_CAPS_ALL));
	HOLDS(meta->protocol <= MIG_PROTOCOL_V2);
	HOLDS(mig_saved_fits(meta, meta, &error) == 0);
	ret = mig_saved_fits(meta, &other, &error);
	HOLDS(!ret || (ret == -EXDEV && is_clean(error.text) && error.hint[0]));
}

static void check_refusal(int ret, const struct mig_error *error)
{
	static const char verdict[] = "the saved state is of another version: ";
	bool newer = !strncmp(error->text, verdict, sizeof(verdict) - 1);

	HOLDS(ret == (newer ? -EPROTONOSUPPORT : -EBADMSG));
	HOLDS(error->err == -ret && error->kind == MIG_KIND_BAD_STATE);
	HOLDS(is_clean(error->text) && error->hint[0]);
}

/* Reads it to its end. 0, or what was refused; *copy is begun if the meta was good. */
static int read_all(const uint8_t *data, size_t size, struct copy *copy,
		    struct mig_saved_totals *totals)
{
	static uint8_t buffer[MIG_SAVED_BLOCK_MAX];
	struct memory memory = { .input.read = memory_read, .data = data, .size = size };
	struct mig_saved_reader *reader = mig_saved_reader_open(&memory.input);
	struct mig_saved_totals so_far, sum = { .bytes = 0 };
	struct mig_saved_piece piece = { .more = false };
	struct mig_saved_meta meta;
	struct mig_error error;
	int ret;

	HOLDS(reader);
	ret = mig_saved_read_meta(reader, &meta, &error);
	if (!ret) {
		check_meta(&meta);
		copy_begin(copy, &meta);
		while ((ret = mig_saved_read_piece(reader, buffer, &piece, totals, &error)) == 1) {
			HOLDS(piece.size <= MIG_SAVED_BLOCK_MAX);
			sum.bytes += piece.size;
			sum.transactions += !piece.more;
			copy_piece(copy, buffer, &piece);
		}
	}
	mig_saved_so_far(reader, &so_far);
	HOLDS(so_far.bytes == sum.bytes && so_far.transactions == sum.transactions);
	if (ret)
		check_refusal(ret, &error);
	else
		HOLDS(!memory.size && !piece.more && !memcmp(totals, &so_far, sizeof(so_far)));
	mig_saved_reader_close(reader);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct copy copy = { .bytes = NULL }, again = { .bytes = NULL };
	struct mig_saved_totals totals, second;

	if (!read_all(data, size, &copy, &totals)) {
		copy_end(&copy);
		HOLDS(!memcmp(&totals, &copy.totals, sizeof(totals)));
		HOLDS(!read_all(copy.bytes, copy.size, &again, &second));
		copy_end(&again);
		HOLDS(!memcmp(&totals, &second, sizeof(totals)));
		HOLDS(copy.size == again.size && !memcmp(copy.bytes, again.bytes, copy.size));
	}
	copy_clear(&copy);
	copy_clear(&again);
	return 0;
}
