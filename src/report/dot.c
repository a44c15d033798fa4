// SPDX-License-Identifier: GPL-2.0-or-later
#include "migctl/report.h"

/* Posted arcs are solid, the review's bold, the questioned ones dashed. */
static const char *const styles[] = {
	[MIG_ORIGIN_POSTED] = "solid",
	[MIG_ORIGIN_REVIEW] = "bold",
	[MIG_ORIGIN_QUESTIONED] = "dashed",
};

static void dot_v1(FILE *out, enum mig_table table)
{
	fprintf(out, "digraph \"vfio_v1_%s\" {\n", mig_table_name(table));
	for (size_t i = 0; i < MIG_V1_STATES; i++) {
		for (size_t j = 0; j < MIG_V1_STATES; j++) {
			const struct mig_arc *arc =
				mig_table_v1_arc(table, mig_v1_states[i], mig_v1_states[j]);

			if (arc)
				fprintf(out, "\t\"%s\" -> \"%s\" [style=%s, tooltip=\"%s\"];\n",
					mig_state_name(mig_v1_states[i]),
					mig_state_name(mig_v1_states[j]), styles[arc->origin],
					arc->reason);
		}
	}
	/* Drawn apart: it is neither a source nor a target of any arc. */
	fprintf(out, "\t\"error\" [style=dashed];\n}\n");
}

/* The arcs a driver implements; the compositions would hide them. */
static void dot_v2(FILE *out, unsigned int caps)
{
	fprintf(out, "digraph \"vfio_v2\" {\n");
	for (int from = 0; from < MIG_STATE_COUNT; from++)
		for (int to = 0; to < MIG_STATE_COUNT; to++)
			if (from != to &&
			    mig_table_v2_next(caps, (enum mig_state)from, (enum mig_state)to) ==
				    (enum mig_state)to &&
			    to != MIG_STATE_ERROR)
				fprintf(out, "\t\"%s\" -> \"%s\";\n",
					mig_state_name((enum mig_state)from),
					mig_state_name((enum mig_state)to));
	fprintf(out, "\t\"error\" [style=dashed];\n}\n");
}

void mig_dot_table(FILE *out, const struct mig_table_record *record)
{
	if (record->rules.protocol == MIG_PROTOCOL_V1)
		dot_v1(out, record->rules.table);
	else
		dot_v2(out, record->rules.caps);
}
