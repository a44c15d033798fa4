/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of one process that holds a device. */
#ifndef MIGCTL_HOST_HOLDER_OF_H
#define MIGCTL_HOST_HOLDER_OF_H

#include "migctl/holder.h"

/* Fills comm, unit, container and vm of holder->pid; what cannot be told stays "". */
void holder_describe(const struct mig_host *host, struct mig_holder *holder);

/* What the link of a device's descriptor says, when it was opened by its group. */
#define HOLDER_DEVICE_LINK "anon_inode:[vfio-device]"

/*
 * What the link of a descriptor says; path is its own. False: that is not
 * there, or not ours to read, and link is "".
 */
bool holder_fd_link(const struct mig_host *host, pid_t pid, int fd, char path[MIG_PATH_SIZE],
		    char link[MIG_NAME_SIZE]);

/*
 * The name of the device that such a descriptor is of, on kernels that tell
 * (vfio_device_show_fdinfo(), since 6.18). False: this one does not.
 */
bool holder_fd_device(const struct mig_host *host, pid_t pid, const char *fd,
		      char name[MIG_NAME_SIZE]);

#endif
