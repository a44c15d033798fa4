// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose process it is: the unit or container that its cgroups tell of, and the
 * VM that QEMU was told the name of. All of it is text that the process, or
 * who started it, has chosen.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "holder_of.h"

/* libvirt gives -name first, and nobody's command line has more before it. */
#define CMDLINE_SIZE 8192

#define SHORT_ID 12 /* as docker ps, podman ps and crictl ps print them */

/* A container's id: 64 hexadecimal digits, followed by nothing or by ".scope". */
static bool is_id(const char *text)
{
	size_t len = strspn(text, "0123456789abcdef");

	return len == 64 && (!text[len] || !strcmp(text + len, ".scope"));
}

static bool ends_in(const char *text, const char *suffix)
{
	size_t len = strlen(text), tail = strlen(suffix);

	return len > tail && !strcmp(text + len - tail, suffix);
}

/*
 * A component of a cgroup's path that is a container: "docker-ID.scope",
 * "crio-ID.scope" and their like under systemd's driver, a bare ID below the
 * runtime's name or a pod under cgroupfs's, "lxc.payload.NAME", and what
 * systemd-machined has under machine.slice.
 */
static bool take_container(struct mig_holder *holder, const char *name, const char *above)
{
	static const char *const runtimes[] = { "docker", "libpod", "crio", "cri-containerd",
						"nerdctl" };
	const char *runtime = strstr(above, "pod") && !strstr(above, "libpod") ? "kubepods" : above;
	size_t size = sizeof(holder->container);

	for (size_t i = 0; i < sizeof(runtimes) / sizeof(*runtimes); i++) {
		size_t len = strlen(runtimes[i]);

		if (strncmp(name, runtimes[i], len) || name[len] != '-' || !is_id(name + len + 1))
			continue;
		snprintf(holder->container, size, "%s:%.*s", runtimes[i], SHORT_ID, name + len + 1);
		return true;
	}
	if (is_id(name)) {
		snprintf(holder->container, size, "%.32s%s%.*s", runtime, *runtime ? ":" : "",
			 SHORT_ID, name);
		return true;
	}
	if (!strncmp(name, "lxc.payload.", 12) || !strcmp(above, "lxc")) {
		snprintf(holder->container, size, "lxc:%.*s", (int)size - 8,
			 strcmp(above, "lxc") ? name + 12 : name);
		return true;
	}
	return false;
}

/* One path, outermost first: the innermost unit and container are the nearest. */
static void read_path(struct mig_holder *holder, char *path)
{
	const char *above = "";
	char *save = NULL;

	for (char *name = strtok_r(path, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
		if (!take_container(holder, name, above) &&
		    (ends_in(name, ".service") || ends_in(name, ".scope")))
			snprintf(holder->unit, sizeof(holder->unit), "%s", name);
		above = name;
	}
}

/*
 * Lines "ID:CONTROLLERS:PATH" (cgroups(7)): v2 has one, "0::PATH"; v1 has one
 * a hierarchy, of which systemd's own knows the units. The others are looked
 * at as well, for a container can be in them alone.
 */
static void read_cgroups(struct mig_holder *holder, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (path)
			read_path(holder, path + 1);
	}
}

/* The value of -name: NAME, or options of which guest=NAME is one; ",," is a comma in it. */
static void take_name(struct mig_holder *holder, const char *value)
{
	size_t used = 0;

	while (value && strncmp(value, "guest=", 6)) {
		const char *comma = strchr(value, ',');

		/* The first may be the name without its key. */
		if (!strchr(value, '=') || (comma && strchr(value, '=') > comma))
			break;
		value = comma ? comma + 1 : NULL;
	}
	if (!value)
		return;
	if (!strncmp(value, "guest=", 6))
		value += 6;
	while (*value && used + 1 < sizeof(holder->vm)) {
		if (value[0] == ',' && value[1] != ',')
			break;
		value += value[0] == ',';
		holder->vm[used++] = *value++;
	}
	holder->vm[used] = '\0';
}

/* text: the arguments, each with its NUL, but perhaps the last one cut. */
static void read_cmdline(struct mig_holder *holder, const char *text, size_t len)
{
	const char *end = text + len, *program = strrchr(text, '/');
	bool named = false;

	program = program ? program + 1 : text;
	if (!strstr(program, "qemu") && !strstr(program, "kvm"))
		return;
	for (const char *at = text; at < end; at += strlen(at) + 1) {
		if (named) {
			take_name(holder, at);
			return;
		}
		named = !strcmp(at, "-name") || !strcmp(at, "--name");
	}
}

static size_t read_all(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0 ? (size_t)len : 0;
}

void holder_describe(const struct mig_host *host, struct mig_holder *holder)
{
	char path[MIG_PATH_SIZE], text[CMDLINE_SIZE];
	size_t len;

	holder->comm[0] = holder->unit[0] = holder->container[0] = holder->vm[0] = '\0';
	if (!mig_path(path, "%s/%d/comm", host->proc, holder->pid))
		mig_sysfs_text(path, holder->comm, sizeof(holder->comm));
	if (!mig_path(path, "%s/%d/cgroup", host->proc, holder->pid)) {
		read_all(path, text, sizeof(text));
		read_cgroups(holder, text);
	}
	if (mig_path(path, "%s/%d/cmdline", host->proc, holder->pid))
		return;
	len = read_all(path, text, sizeof(text));
	if (len)
		read_cmdline(holder, text, len);
}
