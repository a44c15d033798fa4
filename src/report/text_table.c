// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules themselves, with no device: table and explain. */
#include "text.h"

static void table_v1(FILE *out, enum mig_table table)
{
	size_t count = 0;

	for (size_t i = 0; i < MIG_V1_STATES; i++)
		for (size_t j = 0; j < MIG_V1_STATES; j++)
			count +=
				mig_table_v1_arc(table, mig_v1_states[i], mig_v1_states[j]) != NULL;
	fprintf(out, "v1, table %s: %zu arcs\n\n%-12s", mig_table_name(table), count, "from \\ to");
	for (size_t j = 0; j < MIG_V1_STATES; j++)
		fprintf(out, "  %-10s", mig_state_name(mig_v1_states[j]));
	for (size_t i = 0; i < MIG_V1_STATES; i++) {
		fprintf(out, "\n%-12s", mig_state_name(mig_v1_states[i]));
		for (size_t j = 0; j < MIG_V1_STATES; j++) {
			const struct mig_arc *arc =
				mig_table_v1_arc(table, mig_v1_states[i], mig_v1_states[j]);

			fprintf(out, "  %-10s",
				i == j ? "."
				: arc  ? mig_origin_name(arc->origin)
				       : "-");
		}
	}
	fprintf(out, "\n\n");
	for (size_t i = 0; i < MIG_V1_STATES; i++) {
		for (size_t j = 0; j < MIG_V1_STATES; j++) {
			const struct mig_arc *arc =
				mig_table_v1_arc(table, mig_v1_states[i], mig_v1_states[j]);

			if (arc)
				fprintf(out, "%-9s -> %-9s  %-10s  %s\n",
					mig_state_name(mig_v1_states[i]),
					mig_state_name(mig_v1_states[j]),
					mig_origin_name(arc->origin), arc->reason);
		}
	}
	fprintf(out, "error: neither a source nor a target; only a reset leads out of it\n");
}

static void table_v2(FILE *out, unsigned int caps)
{
	size_t count = 0;

	fprintf(out, "v2, capabilities");
	text_caps(out, caps);
	fprintf(out, "\n\n");
	for (int from = 0; from < MIG_STATE_COUNT; from++) {
		for (int to = 0; to < MIG_STATE_COUNT; to++) {
			struct mig_route route;
			char text[256];

			if (from == to || !mig_table_v2_supported(caps, (enum mig_state)from) ||
			    !mig_table_v2_supported(caps, (enum mig_state)to))
				continue;
			if (mig_route_v2(caps, (enum mig_state)from, (enum mig_state)to, &route)) {
				mig_route_text((enum mig_state)from, &route, text, sizeof(text));
				fprintf(out, "%s\n", text);
				count++;
			} else {
				fprintf(out, "%s -> %s  blocked: %s\n",
					mig_state_name((enum mig_state)from),
					mig_state_name((enum mig_state)to),
					mig_table_v2_refusal(caps, (enum mig_state)from,
							     (enum mig_state)to));
			}
		}
	}
	fprintf(out, "error: neither a source nor a target; only a reset leads out of it\n");
	fprintf(out, "%zu routes\n", count);
}

void mig_text_table(const struct mig_style *style, const struct mig_table_record *record)
{
	if (record->rules.protocol == MIG_PROTOCOL_V1)
		table_v1(style->out, record->rules.table);
	else
		table_v2(style->out, record->rules.caps);
}

void mig_text_explain(const struct mig_style *style, const struct mig_explain_record *record)
{
	const struct mig_ruling *ruling = &record->ruling;
	bool v1 = record->rules.protocol == MIG_PROTOCOL_V1;
	char text[256];

	text_verdict(style, ruling->allowed ? TEXT_GOOD : TEXT_BAD,
		     ruling->allowed ? "allowed" : "not allowed");
	fprintf(style->out, ": %s %s -> %s%s%s\n", mig_protocol_name(record->rules.protocol),
		mig_state_name(record->from), mig_state_name(record->to), v1 ? ", table " : "",
		v1 ? mig_table_name(record->rules.table) : "");
	fprintf(style->out, "  reason  %s\n", ruling->reason);
	if (ruling->arc)
		fprintf(style->out, "  rule    %s\n",
			ruling->arc->origin == MIG_ORIGIN_POSTED   ? "the patch as posted"
			: ruling->arc->origin == MIG_ORIGIN_REVIEW ? "the review of the patch"
								   : "a question of the review");
	if (ruling->route.count) {
		mig_route_text(record->from, &ruling->route, text, sizeof(text));
		fprintf(style->out, "  %s  %s\n", ruling->allowed ? "route " : "instead", text);
	}
}
