/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records to words: text for people, JSON for scripts, dot for Graphviz.
 *
 * The texts are data and go to the stream given; talk (hints, warnings) is
 * the caller's, on stderr, but for the wording, which is here as well.
 * Everything that came from a driver, the kernel or a file is escaped here.
 */
#ifndef MIGCTL_REPORT_H
#define MIGCTL_REPORT_H

#include <stdio.h>

#include "migctl/dirty.h"
#include "migctl/record.h"

struct mig_style {
	FILE *out;
	bool color;
	bool pretty; /* JSON with line breaks */
};

void mig_text_get(const struct mig_style *style, const struct mig_state_record *record);
void mig_text_show(const struct mig_style *style, const struct mig_show_record *record);
void mig_text_set(const struct mig_style *style, const struct mig_set_record *record);
void mig_text_reset(const struct mig_style *style, const struct mig_reset_record *record);
void mig_text_move(const struct mig_style *style, const struct mig_move_record *record);
void mig_text_inspect(const struct mig_style *style, const struct mig_inspect_record *record);
/* 16 bytes a line, as others' tools print them; offset is that of the first byte. */
void mig_text_hexdump(FILE *out, uint64_t offset, const uint8_t *data, size_t size);
void mig_text_migratable(const struct mig_style *style, const struct mig_migratable_record *record);
void mig_text_list(const struct mig_style *style, const struct mig_list_record *records,
		   size_t count);
void mig_text_check(const struct mig_style *style, const struct mig_check_record *record);
/* TAP as the tests end; the matrix, when all have. */
void mig_tap_begin(const struct mig_style *style, size_t planned);
/* That of the random walk, as a comment. */
void mig_tap_seed(const struct mig_style *style, uint64_t seed);
void mig_tap_item(const struct mig_style *style, size_t number, const struct mig_conform_item *item,
		  bool why);
void mig_tap_bail(const struct mig_style *style, const struct mig_error *error);
void mig_text_conform(const struct mig_style *style, const struct mig_conform_record *record);
void mig_text_conform_list(const struct mig_style *style, const struct mig_conform_item *items,
			   size_t count, bool why);
/* One line each, of `watch`; what is written is not flushed. */
void mig_text_watch(const struct mig_style *style, const struct mig_watch_record *record);
void mig_text_dirty(const struct mig_style *style, const struct mig_dirty_record *record);
void mig_text_bench(const struct mig_style *style, const struct mig_bench_record *record);
void mig_text_compare(const struct mig_style *style, const struct mig_compare_record *record);
void mig_text_table(const struct mig_style *style, const struct mig_table_record *record);
void mig_text_explain(const struct mig_style *style, const struct mig_explain_record *record);
/* "vfio-migctl: text", the hint, and the stack of what is stuck. */
void mig_text_error(const struct mig_style *style, const struct mig_error *error,
		    const struct mig_stuck_record *stuck);

/* One line (or one pretty object) each. 0, or -ENOMEM. */
int mig_json_get(const struct mig_style *style, const struct mig_state_record *record);
int mig_json_show(const struct mig_style *style, const struct mig_show_record *record);
int mig_json_set(const struct mig_style *style, const struct mig_set_record *record);
int mig_json_reset(const struct mig_style *style, const struct mig_reset_record *record);
int mig_json_hold(const struct mig_style *style, const struct mig_hold_record *record);
int mig_json_move(const struct mig_style *style, const struct mig_move_record *record);
int mig_json_inspect(const struct mig_style *style, const struct mig_inspect_record *record);
int mig_json_migratable(const struct mig_style *style, const struct mig_migratable_record *record);
int mig_json_list(const struct mig_style *style, const struct mig_head_record *head,
		  const struct mig_list_record *records, size_t count);
int mig_json_check(const struct mig_style *style, const struct mig_check_record *record);
int mig_json_conform(const struct mig_style *style, const struct mig_conform_record *record);
/* error is NULL when there is none. */
int mig_json_conform_list(const struct mig_style *style, const struct mig_conform_item *items,
			  size_t count, const struct mig_error *error);
int mig_json_watch(const struct mig_style *style, const struct mig_watch_record *record);
/*
 * What mig_json_check() printed, on another host and not to be trusted: a meta
 * for each device, for free(3). The form is read where it is written. -EBADMSG
 * with *error when it is something else.
 */
int mig_json_read_check(const char *text, size_t size, struct mig_saved_meta **metas, size_t *count,
			struct mig_error *error);
int mig_json_dirty(const struct mig_style *style, const struct mig_dirty_record *record);
int mig_json_bench(const struct mig_style *style, const struct mig_bench_record *record);
/* One line of names, then one a figure: RFC 4180, but for the line feeds. */
void mig_csv_bench(const struct mig_style *style, const struct mig_bench_record *record);
/*
 * What mig_json_bench() printed, on any machine and not to be trusted. 0, or
 * -EBADMSG or -ENOMEM with *error; *run is good for mig_figures_clear() always.
 */
int mig_json_read_bench(const char *text, size_t size, struct mig_bench_run *run,
			struct mig_error *error);
int mig_json_compare(const struct mig_style *style, const struct mig_compare_record *record);
int mig_json_table(const struct mig_style *style, const struct mig_table_record *record);
int mig_json_explain(const struct mig_style *style, const struct mig_explain_record *record);
/* For a failure before there is anything else to say. */
int mig_json_error(const struct mig_style *style, const char *command,
		   const struct mig_error *error);

void mig_dot_table(FILE *out, const struct mig_table_record *record);

#endif
