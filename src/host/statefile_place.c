// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "statefile_place.h"

static int terminal(struct mig_error *error, const char *shown)
{
	int ret = mig_error_set(error, MIG_KIND_USAGE, ENOTTY,
				"%.300s is a terminal, and device state is no text", shown);

	mig_error_hint(error, "give the name of a file, or send it through a pipe or to a file: "
			      "vfio-migctl save DEVICE - > FILE");
	return ret;
}

static int exists(const struct statefile_place *place, struct mig_error *error)
{
	int ret = mig_error_set(error, MIG_KIND_FAILED, EEXIST, "%.300s exists already",
				place->shown);

	mig_error_hint(error, "give another name, or --force to replace it");
	return ret;
}

static int folder(const struct statefile_place *place, struct mig_error *error)
{
	int ret =
		mig_error_set(error, MIG_KIND_FAILED, EISDIR,
			      "\"%.300s\" is not the name of a file but of a folder", place->shown);

	mig_error_hint(error, "give the name of a file in it, or - for standard output");
	return ret;
}

static int cannot(const struct statefile_place *place, const char *what, int err,
		  struct mig_error *error)
{
	return mig_error_set(error, MIG_KIND_FAILED, err, "cannot %s %.300s: %s", what,
			     place->shown, strerror(err));
}

static int open_stdout(struct statefile_place *place, struct mig_error *error)
{
	place->shown = "standard output";
	place->borrowed = true;
	place->fd = STDOUT_FILENO;
	if (fcntl(place->fd, F_GETFD) < 0)
		return cannot(place, "write to", errno, error);
	return isatty(place->fd) ? terminal(error, place->shown) : 0;
}

static int open_folder(struct statefile_place *place, struct mig_error *error)
{
	const char *path = place->shown, *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *above;

	if (!name[0] || !strcmp(name, ".") || !strcmp(name, ".."))
		return folder(place, error);
	if (strlen(name) > NAME_MAX)
		return cannot(place, "create", ENAMETOOLONG, error);
	strcpy(place->name, name);
	/* With its slash, so that there is something left of "/file". */
	above = slash ? strndup(path, (size_t)(name - path)) : strdup(".");
	if (!above)
		return cannot(place, "create", ENOMEM, error);
	place->dir = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(above);
	if (place->dir >= 0)
		return 0;
	cannot(place, "open the folder of", errno, error);
	if (error->err == ENOENT)
		mig_error_hint(error, "create the folder first");
	return -error->err;
}

/* A FIFO or a character device: written as it is, like a pipe. */
static int open_stream(struct statefile_place *place, int nofollow, struct mig_error *error)
{
	struct stat st;

	place->fd = openat(place->dir, place->name, O_WRONLY | O_CLOEXEC | O_NOCTTY | nofollow);
	if (place->fd < 0 || fstat(place->fd, &st))
		return cannot(place, "open", errno, error);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return exists(place, error);
	if (isatty(place->fd))
		return terminal(error, place->shown);
	close(place->dir);
	place->dir = -1;
	return 0;
}

/* As /dev/stdout does: a thing of the system, and not of ours to replace. */
static bool leads_to_procfs(const struct statefile_place *place)
{
	static const char procfs[] = "/proc/";
	char target[sizeof(procfs)];
	ssize_t len = readlinkat(place->dir, place->name, target, sizeof(target));

	return len == sizeof(target) && !memcmp(target, procfs, sizeof(procfs) - 1);
}

/* Sets place->fd when what has the name already is written to. */
static int look(struct statefile_place *place, struct mig_error *error)
{
	int nofollow = O_NOFOLLOW, ret;
	struct statfs fs;
	struct stat st;

	if (fstatat(place->dir, place->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : cannot(place, "look at", errno, error);
	/* /dev/fd/63, which is a shell's >(command): procfs shows descriptors as links. */
	if (S_ISLNK(st.st_mode) && !fstatfs(place->dir, &fs) && fs.f_type == PROC_SUPER_MAGIC) {
		nofollow = 0;
		if (fstatat(place->dir, place->name, &st, 0))
			return cannot(place, "look at", errno, error);
	}
	if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		return open_stream(place, nofollow, error);
	if (S_ISDIR(st.st_mode))
		return folder(place, error);
	if (nofollow && (S_ISREG(st.st_mode) || (S_ISLNK(st.st_mode) && !leads_to_procfs(place))))
		return place->force ? 0 : exists(place, error);
	ret = mig_error_set(error, MIG_KIND_FAILED, EEXIST,
			    "%.300s exists, and it is nothing that a file could take the place of",
			    place->shown);
	mig_error_hint(error, "to write into it, send standard output there, with - as FILE");
	return ret;
}

/* Reports none but -errno: the callers differ in what they were about to do. */
static int random_name(struct statefile_place *place)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -EIO;
	snprintf(place->temp, sizeof(place->temp), ".vfio-migctl-%016" PRIx64, number);
	return 0;
}

/* The one way to a file without a name that needs no capability (open(2), O_TMPFILE). */
static void nameless_path(const struct statefile_place *place, char path[32])
{
	snprintf(path, 32, "/proc/self/fd/%d", place->fd);
}

static int create(struct statefile_place *place, struct mig_error *error)
{
	char path[32];
	int ret;

	/* Nothing stays of it even when we are killed; not every filesystem can. */
	place->fd = openat(place->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (place->fd >= 0) {
		nameless_path(place, path);
		if (!faccessat(AT_FDCWD, path, F_OK, 0))
			return 0;
		close(place->fd);
		place->fd = -1;
	}
	ret = random_name(place);
	if (!ret) {
		place->fd = openat(place->dir, place->temp,
				   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (place->fd >= 0)
			return 0;
		ret = -errno;
	}
	place->temp[0] = '\0';
	return cannot(place, "create", -ret, error);
}

int statefile_place_open(struct statefile_place *place, const char *path, bool force,
			 struct mig_error *error)
{
	int ret;

	*place = (struct statefile_place){ .fd = -1, .dir = -1, .force = force, .shown = path };
	if (!strcmp(path, "-"))
		return open_stdout(place, error);
	ret = open_folder(place, error);
	if (!ret)
		ret = look(place, error);
	if (!ret && place->fd < 0)
		ret = create(place, error);
	return ret;
}

static int link_nameless(const struct statefile_place *place, const char *name)
{
	char path[32];

	nameless_path(place, path);
	return linkat(AT_FDCWD, path, place->dir, name, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

/* Never over what has the name, by whatever means the filesystem has for that. */
static int rename_new(struct statefile_place *place)
{
	if (!renameat2(place->dir, place->temp, place->dir, place->name, RENAME_NOREPLACE)) {
		place->temp[0] = '\0';
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* The temporary name is taken away by statefile_place_forget(). */
	return linkat(place->dir, place->temp, place->dir, place->name, 0) ? -errno : 0;
}

static int give_name(struct statefile_place *place)
{
	int ret;

	if (!place->temp[0]) {
		ret = link_nameless(place, place->name);
		if (ret != -EEXIST || !place->force)
			return ret;
		/* linkat(2) replaces nothing, but rename(2) does, so it needs some name first. */
		ret = random_name(place);
		if (!ret)
			ret = link_nameless(place, place->temp);
		if (ret) {
			place->temp[0] = '\0';
			return ret;
		}
	}
	if (!place->force)
		return rename_new(place);
	if (renameat(place->dir, place->temp, place->dir, place->name))
		return -errno;
	place->temp[0] = '\0';
	return 0;
}

int statefile_place_commit(struct statefile_place *place, struct mig_error *error)
{
	struct stat st;
	int ret;

	if (fstat(place->fd, &st))
		return cannot(place, "look at", errno, error);
	if (S_ISREG(st.st_mode) && fsync(place->fd)) {
		cannot(place, "make durable", errno, error);
		mig_error_hint(error, "see the kernel log for the reason");
		return -error->err;
	}
	if (place->dir < 0)
		return 0;
	ret = give_name(place);
	if (ret == -EEXIST)
		return exists(place, error);
	if (ret) {
		cannot(place, "give its name to", -ret, error);
		if (ret == -EPERM || ret == -EOPNOTSUPP)
			mig_error_hint(error, "the filesystem can only replace names: give --force "
					      "or another folder");
		return ret;
	}
	statefile_place_forget(place);
	/* Some filesystems do not sync folders, and have nothing to sync there. */
	if (fsync(place->dir) && errno != EINVAL)
		return cannot(place, "make durable the name of", errno, error);
	return 0;
}

void statefile_place_forget(struct statefile_place *place)
{
	if (place->temp[0])
		unlinkat(place->dir, place->temp, 0);
	place->temp[0] = '\0';
}

void statefile_place_close(struct statefile_place *place)
{
	statefile_place_forget(place);
	if (place->fd >= 0 && !place->borrowed)
		close(place->fd);
	if (place->dir >= 0)
		close(place->dir);
	place->fd = place->dir = -1;
}
