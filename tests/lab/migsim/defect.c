// SPDX-License-Identifier: GPL-2.0
/* Defects: their words, and which of them a device has now. What each does is where its rule would be kept. */
#include <linux/bitmap.h>
#include <linux/string.h>
#include "migsim.h"

#define DEFECT_ROW(_name, _word, _protocols) [DEFECT_##_name] = { _word, _protocols },
static const struct { const char *word; unsigned long protocols; } defects[DEFECT_COUNT] = {
	MIGSIM_DEFECTS(DEFECT_ROW)
};

/* One that this protocol cannot show is refused: it would be armed and never met. */
int migsim_defect_add(struct migsim *m, char *line)
{
	if (!strcmp(line, "none") || !strcmp(line, "clear")) {
		migsim_clear_defects(m);
		return 0;
	}
	for (int i = 0; i < DEFECT_COUNT; i++) {
		if (strcmp(line, defects[i].word))
			continue;
		if (!(defects[i].protocols & BIT(m->cfg.protocol)))
			return -EINVAL;
		set_bit(i, m->defects);
		return 0;
	}
	return -EINVAL;
}

void migsim_clear_defects(struct migsim *m)
{
	for (int i = 0; i < DEFECT_COUNT; i++)
		clear_bit(i, m->defects);
}

ssize_t migsim_defect_show(struct migsim *m, char *buf, size_t len)
{
	size_t n = 0;

	for (int i = 0; i < DEFECT_COUNT; i++)
		if (migsim_defect(m, i))
			n += scnprintf(buf + n, len - n, "%s\n", defects[i].word);
	return n ?: scnprintf(buf, len, "none\n");
}

/* Every word there is, each with the protocols it can be seen with. */
ssize_t migsim_defects_list(char *buf, size_t len)
{
	size_t n = 0;

	for (int i = 0; i < DEFECT_COUNT; i++)
		n += scnprintf(buf + n, len - n, "%s%s%s\n", defects[i].word,
			       defects[i].protocols & BIT(MIGSIM_V1) ? " v1" : "",
			       defects[i].protocols & BIT(MIGSIM_V2) ? " v2" : "");
	return n;
}
