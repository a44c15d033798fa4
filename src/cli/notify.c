// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

void cli_notify_open(struct cli_notify *notify, const struct cli *cli)
{
	const char *name = secure_getenv("NOTIFY_SOCKET");
	size_t len = name ? strlen(name) : 0;

	notify->socket[0] = '\0';
	if ((len > 1 && len < sizeof(notify->socket)) && (name[0] == '/' || name[0] == '@'))
		memcpy(notify->socket, name, len + 1);
	else if (len)
		cli_note(cli, "NOTIFY_SOCKET is neither a path nor an abstract name: nobody is "
			      "told when the devices are open");
	unsetenv("NOTIFY_SOCKET");
}

void cli_notify_send(const struct cli_notify *notify, const struct cli *cli, const char *lines)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(notify->socket);
	int fd;

	if (!len)
		return;
	_Static_assert(sizeof(address.sun_path) >= sizeof(notify->socket), "unix(7)");
	memcpy(address.sun_path, notify->socket, len);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    sendto(fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		cli_note(cli, "telling %s: %s", notify->socket, strerror(errno));
	if (fd >= 0)
		close(fd);
}

int cli_ready_check(struct cli *cli)
{
	int fd = cli->options.ready_fd;
	int flags = fd ? fcntl(fd, F_GETFL) : O_WRONLY;

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY) {
		/* Not for COMMAND: its reader waits for the end of it. */
		if (fd)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		return 0;
	}
	mig_error_set(&cli->error, MIG_KIND_USAGE, 0, "--ready-fd %d is not open for writing", fd);
	mig_error_hint(&cli->error, "as in: vfio-migctl hold DEVICE --ready-fd=3 3>file");
	return -EINVAL;
}

void cli_ready_send(const struct cli *cli)
{
	static const char line[] = "ready\n";
	int fd = cli->options.ready_fd;

	if (!fd)
		return;
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		cli_note(cli, "--ready-fd %d: %s", fd, strerror(errno));
	close(fd);
}
