/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that find a target share. */
#ifndef TARGET_FIND_H
#define TARGET_FIND_H

#include "migctl/target.h"

/* Room for a word in which every byte was escaped. */
#define TARGET_ESCAPED_WORD (4 * MIG_TARGET_WORD_MAX + 1)

/*
 * ndo_get_phys_port_name() of switchdev drivers, in devlink's form: p0 is the
 * uplink, which is the PF's own; pf0vf1, pf0sf2, c1pf0vf1 stand for a VF or SF.
 */
bool target_is_representor(const char *phys_port_name);

/* MIG_KIND_USAGE about the word; -EINVAL. */
int target_malformed(struct mig_error *error, const char *word, const char *why);
/* Gives the error, set already, the hint where names are to be had; -ENODEV. */
int target_not_found(struct mig_error *error);
/* What follows the prefix, or NULL. */
const char *target_after(const char *word, const char *prefix);
/* Digits only, nine of them at most. */
bool target_number(const char *digits, int *number);

/*
 * target_nic.c. Whether the word is one of a PF's network device and a VF's
 * number: "eth0/vf2", "eth0/2", "eth0 vf 2"; *len is of the device's name.
 */
bool target_is_vf(const char *word, int *len, int *vf);
/* What such a word names; len as above. */
int target_vf(const struct mig_host *host, const char *word, int len, int vf,
	      struct mig_target *target, struct mig_error *error);
/* word is all of it, mac what follows "mac:". */
int target_mac(const struct mig_host *host, const char *word, const char *mac,
	       struct mig_target *target, struct mig_error *error);
/* The device of the network device of that name; -ENXIO, and no error: there is none. */
int target_netdev(const struct mig_host *host, const char *name, struct mig_target *target,
		  struct mig_error *error);

#endif
