/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vendor and device names, from libpci. It is loaded with dlopen(3) at the
 * first question, because linking it would cost every `get` the loading.
 */
#ifndef MIGCTL_NAMES_H
#define MIGCTL_NAMES_H

#include "migctl/target.h"

struct mig_names;

/* Loads nothing yet. NULL when memory is short; the questions take NULL and know no answer. */
struct mig_names *mig_names_open(void);
void mig_names_close(struct mig_names *names);

/*
 * Of a described target; NULL when the name, or libpci, is not there. Data of
 * a file: not escaped.
 */
const char *mig_names_vendor(struct mig_names *names, const struct mig_target *target, char *text,
			     size_t size);
/* Of an mdev it is the type's name, from sysfs. */
const char *mig_names_device(struct mig_names *names, const struct mig_target *target, char *text,
			     size_t size);

#endif
