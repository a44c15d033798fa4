// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "uapi.h"

#define OFFSET(field) offsetof(struct uapi_v1_header, field)

struct image *image_open(void)
{
	return calloc(1, sizeof(struct image));
}

void image_close(struct image *image, const struct mig_sys *sys)
{
	if (!image || (sys && mig_sys_is_stuck(sys) && !sys->stuck->ended))
		return;
	free(image->data);
	free(image->windows);
	free(image);
}

ssize_t image_call(struct image *image, struct mig_sys *sys, enum mig_call_kind kind, int fd,
		   size_t size, off_t offset)
{
	int made;

	image->call = (struct mig_call){
		.kind = kind, .fd = fd, .buffer = image->piece, .size = size, .offset = offset
	};
	made = sys->ops->batch(sys, &image->call, 1);
	if (made < 0)
		return made;
	return image->call.result > (ssize_t)size ? -EPROTO : image->call.result;
}

ssize_t image_stream(struct image *image, struct mig_sys *sys, enum mig_call_kind kind, int fd,
		     size_t size)
{
	ssize_t moved = -EINTR;

	for (int i = 0; i < IMAGE_EINTR_MAX && moved == -EINTR; i++)
		moved = image_call(image, sys, kind, fd, size, 0);
	return moved;
}

static int failed(struct mig_port *port, struct mig_error *error, int ret, const char *doing)
{
	return mig_sys_error(port->device->sys, error, MIG_KIND_FAILED, ret, "%s %s", doing,
			     port->device->name);
}

int image_keep(struct image *image, size_t size, struct mig_error *error)
{
	/* A driver without an end gives IMAGE_MAX, which can take a minute. */
	if (image->stop && *image->stop)
		return mig_error_set(error, MIG_KIND_FAILED, EINTR, "interrupted");
	if (size > IMAGE_MAX - image->size)
		return mig_error_set(error, MIG_KIND_FAILED, EFBIG,
				     "the state is larger than %u MiB", IMAGE_MAX >> 20);
	if (image->size + size > image->room) {
		size_t room = image->room ? image->room * 2 : IMAGE_PIECE;
		uint8_t *data = realloc(image->data, room);

		if (!data)
			return mig_error_set(error, MIG_KIND_FAILED, ENOMEM,
					     "out of memory for the state");
		image->data = data;
		image->room = room;
	}
	memcpy(image->data + image->size, image->piece, size);
	image->size += size;
	return 0;
}

static size_t step(const struct image *image, size_t at)
{
	return image->step ? image->step(at) : IMAGE_PIECE;
}

static int save_v2(struct image *image, struct mig_port *port, struct mig_error *error)
{
	for (;;) {
		ssize_t got = image_stream(image, port->device->sys, MIG_CALL_READ, port->data_fd,
					   step(image, image->size));
		int ret;

		if (!got)
			return 0;
		if (got < 0)
			return failed(port, error, (int)got, "reading the data_fd of");
		ret = image_keep(image, (size_t)got, error);
		if (ret)
			return ret;
	}
}

static int get_word(struct image *image, struct mig_port *port, size_t offset, uint64_t *word,
		    struct mig_error *error, const char *doing)
{
	ssize_t got = image_call(image, port->device->sys, MIG_CALL_PREAD, port->device->fd,
				 sizeof(*word), (off_t)(port->region.offset + offset));

	memcpy(word, image->piece, sizeof(*word));
	if (got == (ssize_t)sizeof(*word))
		return 0;
	/* i40e's RFC has no data_offset: its data is behind the header. */
	if (got == -EFAULT && offset == OFFSET(data_offset)) {
		*word = sizeof(struct uapi_v1_header);
		return 0;
	}
	return failed(port, error, got < 0 ? (int)got : -EIO, doing);
}

int image_add_window(struct image *image, size_t size, struct mig_error *error)
{
	if (image->window_count == IMAGE_WINDOWS_MAX)
		return mig_error_set(error, MIG_KIND_FAILED, EFBIG,
				     "the state is in more than %u transactions",
				     IMAGE_WINDOWS_MAX);
	if (image->window_count >= image->window_room) {
		size_t room = image->window_room ? image->window_room * 2 : 64;
		size_t *windows = reallocarray(image->windows, room, sizeof(*windows));

		if (!windows)
			return mig_error_set(error, MIG_KIND_FAILED, ENOMEM,
					     "out of memory for the state");
		image->windows = windows;
		image->window_room = room;
	}
	image->windows[image->window_count++] = size;
	return 0;
}

/* Both ways: size bytes of the window, at most; the image's at *at when they go in. */
static int move_window(struct image *image, struct mig_port *port, uint64_t offset, uint64_t size,
		       size_t *at, struct mig_error *error)
{
	const struct mig_region *region = &port->region;

	if (offset < sizeof(struct uapi_v1_header) || offset > region->size ||
	    size > region->size - offset)
		return mig_error_set(error, MIG_KIND_FAILED, EPROTO,
				     "the driver of %s breaks the protocol: %" PRIu64
				     " bytes at data_offset 0x%" PRIx64
				     " are not in the data part of the region",
				     port->device->name, size, offset);
	for (uint64_t done = 0; done < size;) {
		size_t want = size - done < IMAGE_PIECE ? (size_t)(size - done) : IMAGE_PIECE;
		ssize_t moved;
		int ret = 0;

		if (at)
			memcpy(image->piece, image->data + *at, want);
		moved = image_call(image, port->device->sys, at ? MIG_CALL_PWRITE : MIG_CALL_PREAD,
				   port->device->fd, want, (off_t)(region->offset + offset + done));
		if (moved <= 0)
			return failed(port, error, moved ? (int)moved : -EIO,
				      at ? "writing the data of" : "reading the data of");
		if (at)
			*at += (size_t)moved;
		else
			ret = image_keep(image, (size_t)moved, error);
		if (ret)
			return ret;
		done += (uint64_t)moved;
	}
	return 0;
}

int image_window(struct image *image, struct mig_port *port, struct mig_error *error)
{
	uint64_t pending, offset, size;
	int ret = get_word(image, port, OFFSET(pending_bytes), &pending, error,
			   "reading pending_bytes of");

	if (ret || !pending)
		return ret;
	ret = get_word(image, port, OFFSET(data_offset), &offset, error, "reading data_offset of");
	if (!ret)
		ret = get_word(image, port, OFFSET(data_size), &size, error,
			       "reading data_size of");
	if (ret)
		return ret;
	if (!size)
		return IMAGE_EMPTY;
	ret = move_window(image, port, offset, size, NULL, error);
	if (!ret)
		ret = image_add_window(image, size, error);
	return ret ? ret : IMAGE_MORE;
}

static int save_v1(struct image *image, struct mig_port *port, struct mig_error *error)
{
	unsigned int empty = 0;
	int ret;

	do {
		ret = image_window(image, port, error);
		/* mlx5's pending_bytes is the one before it advanced: nothing more is the end. */
		if (ret == IMAGE_EMPTY && ++empty == IMAGE_EMPTY_MAX)
			return 0;
	} while (ret > 0);
	return ret;
}

int image_save_rest(struct image *image, struct mig_port *port, struct mig_error *error)
{
	if (port->proto->id == MIG_PROTOCOL_V1)
		return save_v1(image, port, error);
	return save_v2(image, port, error);
}

int image_save(struct image *image, struct mig_port *port, struct mig_error *error)
{
	image->size = image->window_count = 0;
	return image_save_rest(image, port, error);
}

int image_put(struct image *image, struct mig_port *port, size_t most, size_t *at,
	      struct mig_error *error)
{
	size_t end = most < image->size - *at ? *at + most : image->size;

	while (*at < end) {
		size_t want = end - *at < step(image, *at) ? end - *at : step(image, *at);
		ssize_t put;

		memcpy(image->piece, image->data + *at, want);
		put = image_stream(image, port->device->sys, MIG_CALL_WRITE, port->data_fd, want);
		if (put <= 0)
			return failed(port, error, put ? (int)put : -EIO, "writing the data_fd of");
		*at += (size_t)put;
	}
	return 0;
}

int image_put_window(struct image *image, struct mig_port *port, size_t window, size_t *at,
		     struct mig_error *error)
{
	uint64_t offset, size = image->windows[window];
	ssize_t put;
	int ret = get_word(image, port, OFFSET(data_offset), &offset, error,
			   "reading data_offset of");

	if (!ret)
		ret = move_window(image, port, offset, size, at, error);
	if (ret)
		return ret;
	memcpy(image->piece, &size, sizeof(size));
	put = image_call(image, port->device->sys, MIG_CALL_PWRITE, port->device->fd, sizeof(size),
			 (off_t)(port->region.offset + OFFSET(data_size)));
	if (put == (ssize_t)sizeof(size))
		return 0;
	return failed(port, error, put < 0 ? (int)put : -EIO, "writing data_size of");
}

static int load_v1(struct image *image, struct mig_port *port, struct mig_error *error)
{
	size_t at = 0;
	int ret = 0;

	for (size_t i = 0; !ret && i < image->window_count; i++)
		ret = image_put_window(image, port, i, &at, error);
	return ret;
}

int image_load(struct image *image, struct mig_port *port, struct mig_error *error)
{
	size_t at = 0;

	if (port->proto->id == MIG_PROTOCOL_V1)
		return load_v1(image, port, error);
	return image_put(image, port, image->size, &at, error);
}
