// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of another host's preflight, from a file or a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "migctl/escape.h"

/* A thousand devices take 5 MiB. */
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

int cli_check_against(struct cli *cli, struct mig_saved_meta **metas, size_t *count)
{
	const char *path = cli->options.against;
	bool piped = !strcmp(path, "-");
	int fd = piped ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text = NULL, why[sizeof(cli->error.text)], name[200];
	size_t size;
	int ret;

	*metas = NULL;
	*count = 0;
	if (fd < 0)
		return blame(cli, path, errno);
	ret = read_all(cli, path, fd, &text, &size);
	if (!piped)
		close(fd);
	if (!ret)
		ret = mig_json_read_check(text, size, metas, count, &cli->error);
	if (ret == -EBADMSG) {
		snprintf(why, sizeof(why), "%s", cli->error.text);
		snprintf(cli->error.text, sizeof(cli->error.text), "%s is %.400s",
			 mig_escape(name, sizeof(name), path), why);
	}
	free(text);
	return ret;
}
