// SPDX-License-Identifier: GPL-2.0-or-later
/* A report of ours, from a file or a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "migctl/escape.h"

/* The preflight of a thousand devices takes 5 MiB. */
#define SIZE_MAX_READ (32u << 20)

static int blame(struct cli *cli, const char *path, int err)
{
	char name[400];

	return mig_error_set(&cli->error, MIG_KIND_FAILED, err, "cannot read %s: %s",
			     mig_escape(name, sizeof(name), path), strerror(err));
}

/* All of it, into memory of its own. */
static int read_all(struct cli *cli, const char *path, int fd, char **text, size_t *size)
{
	size_t room = 65536;

	*size = 0;
	*text = malloc(room);
	while (*text) {
		ssize_t length = read(fd, *text + *size, room - *size);

		if (length < 0 && errno == EINTR && !cli_interrupted)
			continue;
		if (length < 0)
			return blame(cli, path, errno);
		if (!length)
			return 0;
		*size += (size_t)length;
		if (*size > SIZE_MAX_READ)
			return blame(cli, path, EFBIG);
		if (*size == room) {
			char *grown = realloc(*text, room *= 2);

			if (!grown)
				break;
			*text = grown;
		}
	}
	return blame(cli, path, ENOMEM);
}

int cli_read_file(struct cli *cli, const char *path, char **text, size_t *size)
{
	bool piped = !strcmp(path, "-");
	int fd = piped ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int ret;

	*text = NULL;
	if (fd < 0)
		return blame(cli, path, errno);
	ret = read_all(cli, path, fd, text, size);
	if (!piped)
		close(fd);
	return ret;
}

void cli_blame_file(struct cli *cli, const char *path, int ret)
{
	char why[sizeof(cli->error.text)], name[200];

	if (ret != -EBADMSG)
		return;
	snprintf(why, sizeof(why), "%s", cli->error.text);
	snprintf(cli->error.text, sizeof(cli->error.text), "%s is %.400s",
		 mig_escape(name, sizeof(name), path), why);
}
