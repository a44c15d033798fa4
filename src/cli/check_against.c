// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of another host's preflight, from a file or a pipe. */
#include <stdlib.h>

#include "check.h"

int cli_check_against(struct cli *cli, struct mig_saved_meta **metas, size_t *count)
{
	const char *path = cli->options.against;
	char *text = NULL;
	size_t size;
	int ret;

	*metas = NULL;
	*count = 0;
	ret = cli_read_file(cli, path, &text, &size);
	if (!ret)
		ret = mig_json_read_check(text, size, metas, count, &cli->error);
	if (ret)
		cli_blame_file(cli, path, ret);
	free(text);
	return ret;
}
