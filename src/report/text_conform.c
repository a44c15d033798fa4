// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

void mig_text_conform_list(const struct mig_style *style, const struct mig_conform_item *items,
			   size_t count, bool why)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(style->out, "%s  %s%s\n", mig_protocol_name(items[i].protocol),
			items[i].name, items[i].illegal ? "  (--illegal)" : "");
		if (why)
			fprintf(style->out, "      %s\n", items[i].authority);
	}
}

void mig_text_conform(const struct mig_style *style, const struct mig_conform_record *record)
{
	size_t counts[MIG_CHECK_FAIL + 1] = { 0 };

	for (size_t i = 0; i < record->count; i++)
		counts[record->items[i].verdict]++;
	text_verdict(style, counts[MIG_CHECK_FAIL] ? TEXT_BAD : TEXT_GOOD,
		     counts[MIG_CHECK_FAIL] ? "fails" : "conforms");
	fprintf(style->out, ": %zu passed, %zu failed, %zu warned, %zu skipped\n",
		counts[MIG_CHECK_PASS], counts[MIG_CHECK_FAIL], counts[MIG_CHECK_WARN],
		counts[MIG_CHECK_SKIP]);
}
