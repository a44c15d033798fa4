/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from drivers, firmware and files, made fit to print. */
#ifndef MIGCTL_ESCAPE_H
#define MIGCTL_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Control characters and what is not UTF-8 come out as \xNN. Cut (never in
 * mid-escape or mid-character) to fit size; returns out.
 */
char *mig_escape(char *out, size_t size, const char *text);

/* Letters, digits and :._+@, only, and no '-' first: can stand in a command line. */
bool mig_name_is_plain(const char *name);

#endif
