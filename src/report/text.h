/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the text reports share. */
#ifndef MIGCTL_REPORT_TEXT_H
#define MIGCTL_REPORT_TEXT_H

#include "migctl/escape.h"
#include "migctl/report.h"

/* An error's text and its escapes. */
#define TEXT_SIZE 2600

enum text_color {
	TEXT_GOOD,
	TEXT_MIDDLING,
	TEXT_BAD,
};

/* Escaped into the buffer; "-" for what is not known. */
const char *text_of(char buffer[TEXT_SIZE], const char *text);
/* " stop-copy pre-copy", each word after a blank. */
void text_caps(FILE *out, unsigned int caps);
enum text_color text_color_of(enum mig_outcome outcome);
void text_verdict(const struct mig_style *style, enum text_color color, const char *word);
/* What devlink knows of a device, in lines of show; NULL is taken. */
void text_devlink(const struct mig_style *style, const struct mig_devlink *devlink,
		  const char *name);
/* A row of columns on a terminal, by their eighths: 0 to 8, in UTF-8. */
extern const char *const text_blocks[9];
/* "yes", "no"; "unknown" for -1. */
const char *text_yes_no(int known);
void text_nic(const struct mig_style *style, const struct mig_nic_record *nic);
/* Of conform: from each state to each, and v1's questions of the review. */
void text_conform_matrix(const struct mig_style *style, const struct mig_conform_record *record);
void text_conform_review(FILE *out, const struct mig_conform_record *record);
void text_fallout(const struct mig_style *style, const struct mig_fallout_record *fallout);

#endif
