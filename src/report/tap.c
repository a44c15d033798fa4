// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TAP version 13, as prove(1) reads it. A warning is an `ok` for a harness;
 * what there is to say stands in a block of YAML below.
 */
#include <inttypes.h>

#include "text.h"

static void yaml_text(FILE *out, const char *key, const char *text)
{
	char escaped[TEXT_SIZE];

	fprintf(out, "  %s: '", key);
	for (const char *at = mig_escape(escaped, sizeof(escaped), text); *at; at++) {
		/* In single quotes, YAML knows no escape but the quote doubled. */
		if (*at == '\'')
			putc('\'', out);
		putc(*at, out);
	}
	fputs("'\n", out);
}

void mig_tap_begin(const struct mig_style *style, size_t planned)
{
	fprintf(style->out, "TAP version 13\n1..%zu\n", planned);
}

void mig_tap_seed(const struct mig_style *style, uint64_t seed)
{
	fprintf(style->out, "# seed %" PRIu64 "\n", seed);
}

void mig_tap_item(const struct mig_style *style, size_t number, const struct mig_conform_item *item,
		  bool why)
{
	bool failed = item->verdict == MIG_CHECK_FAIL;
	char text[TEXT_SIZE];

	fprintf(style->out, "%sok %zu - %s", failed ? "not " : "", number, item->name);
	if (item->verdict == MIG_CHECK_SKIP)
		fprintf(style->out, " # SKIP %s", text_of(text, item->detail));
	putc('\n', style->out);
	if ((item->detail && item->verdict != MIG_CHECK_SKIP) || item->usec || why || failed) {
		fputs("  ---\n", style->out);
		fprintf(style->out, "  verdict: %s\n", mig_check_verdict_name(item->verdict));
		if (item->detail && item->verdict != MIG_CHECK_SKIP)
			yaml_text(style->out, "detail", item->detail);
		if (item->usec)
			fprintf(style->out, "  usec: %" PRIu64 "\n", item->usec);
		if (why || failed)
			yaml_text(style->out, "authority", item->authority);
		fputs("  ...\n", style->out);
	}
	/* Whoever watches a driver hang wants to see which test that was. */
	fflush(style->out);
}

void mig_tap_bail(const struct mig_style *style, const struct mig_error *error)
{
	char text[TEXT_SIZE];

	fprintf(style->out, "Bail out! %s\n", text_of(text, error->text));
}
