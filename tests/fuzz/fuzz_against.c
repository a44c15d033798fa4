// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of check from another host, as one that means harm would write it. */
#include <string.h>

#include "fuzz.h"
#include "migctl/report.h"

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mig_saved_meta *metas;
	struct mig_error error = { .kind = MIG_KIND_OK };
	size_t count;

	if (mig_json_read_check((const char *)data, size, &metas, &count, &error)) {
		HOLDS(error.kind == MIG_KIND_FAILED && error.text[0]);
		HOLDS(!metas && !count);
		return 0;
	}
	HOLDS(metas && count);
	for (size_t i = 0; i < count; i++) {
		HOLDS(metas[i].name[0] && ends(metas[i].name, sizeof(metas[i].name)));
		HOLDS(ends(metas[i].driver, sizeof(metas[i].driver)));
		HOLDS(ends(metas[i].vendor, sizeof(metas[i].vendor)));
		HOLDS(ends(metas[i].firmware_psid, sizeof(metas[i].firmware_psid)));
		HOLDS(ends(metas[i].kernel, sizeof(metas[i].kernel)));
		HOLDS(!(metas[i].caps & ~(unsigned int)MIG_CAPS_ALL));
		HOLDS(!metas[i].caps || metas[i].protocol != MIG_PROTOCOL_NONE);
	}
	free(metas);
	return 0;
}
