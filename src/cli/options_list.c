// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of all commands, as --help and completion show them. */
#include <string.h>

#include "cli.h"

static const struct argp_option global_options[] = {
	{ NULL, 0, NULL, 0, "Global options, before or after the command:", 2 },
	{ "json", 'j', NULL, 0, "One JSON object on standard output", 2 },
	{ "pretty", 'p', NULL, 0, "--json with line breaks", 2 },
	{ "quiet", 'q', NULL, 0, "No notes on standard error, only errors", 2 },
	{ "verbose", 'v', NULL, 0, "More notes on standard error", 2 },
	{ "trace", CLI_KEY_TRACE, NULL, 0,
	  "Every system call on the device, decoded, on standard error", 2 },
	{ "color", CLI_KEY_COLOR, "WHEN", OPTION_ARG_OPTIONAL,
	  "auto (default), always or never; NO_COLOR is respected", 2 },
	{ "netns", CLI_KEY_NETNS, "NAME|PID|PATH", 0,
	  "Look network devices up in this network namespace", 2 },
	{ "timeout", CLI_KEY_TIMEOUT, "SECONDS", 0,
	  "Give each driver call this long (default 30; 0: no limit); watch: the whole command",
	  2 },
	{ "help", 'h', NULL, 0, "This help", 2 },
	{ "usage", CLI_KEY_USAGE, NULL, 0, "The synopsis alone", 2 },
	{ "version", 'V', NULL, 0, "The version", 2 },
};

static const struct argp_option command_options[] = {
	{ "table", CLI_KEY_TABLE, "TABLE", 0,
	  "v1: the table to go by: posted, reviewed (default) or open", 1 },
	{ "protocol", CLI_KEY_PROTOCOL, "PROTOCOL", 0, "v1 or v2", 1 },
	{ "caps", CLI_KEY_CAPS, "LIST", 0,
	  "v2: what the device announces: stop-copy,p2p,pre-copy (default all three)", 1 },
	{ "direct", CLI_KEY_DIRECT, NULL, 0, "v2: one write per STATE, routed by the kernel", 1 },
	{ "dry-run", CLI_KEY_DRY_RUN, NULL, 0, "Say what would be written, write nothing", 1 },
	{ "force", CLI_KEY_FORCE, NULL, 0,
	  "Write what the table forbids, but never what harms the kernel", 1 },
	{ "reset-on-error", CLI_KEY_RESET_ON_ERROR, NULL, 0,
	  "Recover from _ERROR by VFIO_DEVICE_RESET", 1 },
	{ "vf-token", CLI_KEY_VF_TOKEN, "UUID", 0, "The VF token that the PF's VFIO user has set",
	  1 },
	{ "dot", CLI_KEY_DOT, NULL, 0, "The table as a graph for Graphviz", 1 },
	{ "all", CLI_KEY_ALL, NULL, 0,
	  "Also PCI devices that VFIO could have and another driver has, or none", 1 },
	{ "leave-stopped", CLI_KEY_LEAVE_STOPPED, NULL, 0, "Leave the device in stop at the end",
	  1 },
	{ "no-precopy", CLI_KEY_NO_PRECOPY, NULL, 0,
	  "Go straight to stop-and-copy: longer without the device, simpler", 1 },
	{ "precopy-until", CLI_KEY_PRECOPY_UNTIL, "BYTES|SECONDS", 0,
	  "Leave pre-copy when no more than BYTES (64K, 16M, 1G) are pending, or after so long "
	  "(10s); "
	  "both: 16M,10s (default 0,60s)",
	  1 },
	{ "compress", CLI_KEY_COMPRESS, "LEVEL", OPTION_ARG_OPTIONAL,
	  "Wrap it in zstd, level 1 to 19 (default 3)", 1 },
	{ "rate", CLI_KEY_RATE, "BYTES", 0,
	  "Move no more than BYTES (16M) a second, also while the device stands still", 1 },
	{ "force", CLI_KEY_REPLACE, NULL, 0, "Replace the file if it exists", 1 },
	{ "force", CLI_KEY_OVERRIDE, NULL, 0,
	  "Load it although another kind of device was saved; never what is damaged", 1 },
	{ "force", CLI_KEY_WHILE_BOUND, NULL, 0,
	  "Set it although a driver is bound to the VF: it counts when the next one binds", 1 },
	{ "raw", CLI_KEY_RAW, NULL, 0, "The driver's bytes alone: no identity, no checks", 1 },
	{ "raw", CLI_KEY_RAW_FILE, "FILE", 0, "Write the driver's bytes alone to FILE", 1 },
	{ "for", CLI_KEY_FOR, "DEVICE", 0,
	  "Say whether DEVICE would take it: exit 11 if not. Passive", 1 },
	{ "phases", CLI_KEY_PHASES, NULL, 0, "Draw how long each phase took", 1 },
	{ "hexdump", CLI_KEY_HEXDUMP, NULL, 0, "Dump the driver's bytes instead of the report", 1 },
	{ "against", CLI_KEY_AGAINST, "FILE", 0,
	  "Compare with what check --json printed on another host: would a state saved there load "
	  "here?",
	  1 },
	{ "open", CLI_KEY_OPEN, NULL, 0,
	  "Open the devices for what only they tell; that resets PCI devices", 1 },
	{ "interval", CLI_KEY_INTERVAL, "SECONDS", 0,
	  "Look at the states this often (default 0.2, at least 0.01)", 1 },
	{ "until", CLI_KEY_UNTIL, "STATE", 0,
	  "End with 0 when every DEVICE is in STATE, with 10 when that takes longer than "
	  "--timeout, which here is of the whole",
	  1 },
	{ "only", CLI_KEY_ONLY, "TESTS", 0,
	  "Run these alone: names, groups, or patterns, with commas between", 1 },
	{ "skip", CLI_KEY_SKIP, "TESTS", 0, "Leave these out", 1 },
	{ "list", CLI_KEY_LIST, NULL, 0, "Name the tests, and run none", 1 },
	{ "why", CLI_KEY_WHY, NULL, 0, "With each test, the authority that asks for it", 1 },
	{ "matrix", CLI_KEY_MATRIX, NULL, 0, "A matrix for people instead of TAP", 1 },
	{ "illegal", CLI_KEY_ILLEGAL, NULL, 0,
	  "Also ask for what a driver must refuse: some hardware stops then until it is reset", 1 },
	{ "stop-at-fail", 'E', NULL, 0, "Stop at the first test that fails", 1 },
	{ "repeat", CLI_KEY_REPEAT, "N", 0, "Each test N times; the worst counts", 1 },
	{ "walk", CLI_KEY_WALK, "N", 0, "A random walk of N legal steps with data, too", 1 },
	{ "seed", CLI_KEY_SEED, "N", 0, "The seed of the walk; default: one of its own", 1 },
	{ "replay", CLI_KEY_REPLAY, "STEPS", 0,
	  "Instead of a random walk these steps, as a walk that failed names them", 1 },
	{ "page-size", CLI_KEY_PAGE_SIZE, "SIZE", 0,
	  "Ask for pages of SIZE (64K); the driver may take another (default: the least that it "
	  "takes)",
	  1 },
	{ "for", CLI_KEY_FOR_SECONDS, "SECONDS", 0, "rate: watch for so long (default 10)", 1 },
	{ "interval", CLI_KEY_LOOK_INTERVAL, "SECONDS", 0,
	  "rate: ask this often (default 1, or a tenth of a shorter --for)", 1 },
	{ "all", CLI_KEY_ALL_RUNS, NULL, 0, "report: show every run of dirty pages", 1 },
	{ "cycles", CLI_KEY_CYCLES, "N", 0, "Measure each thing N times (default 100)", 1 },
	{ "seconds", CLI_KEY_SECONDS, "SECONDS", 0,
	  "Begin no cycle after so long (default 30; 0: no limit)", 1 },
	{ "chunk", CLI_KEY_CHUNK, "BYTES,...", 0,
	  "Also save and restore by so many bytes a call, up to 1M "
	  "(default 4K,16K,64K,256K,1M; 0: none)",
	  1 },
	{ "no-restore", CLI_KEY_NO_RESTORE, NULL, 0, "Load nothing into the device", 1 },
	{ "read-only", CLI_KEY_READ_ONLY, NULL, 0,
	  "Only what does not change the device: how long it takes to tell its state", 1 },
	{ "csv", CLI_KEY_CSV, NULL, 0, "A line of names, then one of values for each figure", 1 },
	{ "budget", CLI_KEY_BUDGET, "MS", 0,
	  "Exit 12 when the median of the time stopped is more milliseconds", 1 },
	{ "compare", CLI_KEY_COMPARE, NULL, 0,
	  "Compare two files that bench --json wrote: the words are these, and no device", 1 },
	{ "margin", CLI_KEY_MARGIN, "PERCENT", 0,
	  "--compare: no less than such a change of a median counts (default 25)", 1 },
	{ "attach", CLI_KEY_ATTACH, "PID", OPTION_ARG_OPTIONAL,
	  "Go through the process that has the device open, or through PID, and open nothing", 1 },
	{ "detach", CLI_KEY_DETACH, NULL, 0,
	  "Go to the background when the devices are open, and print the process's number", 1 },
	{ "ready-fd", CLI_KEY_READY_FD, "FD", 0,
	  "Write a line to descriptor FD and close it when the devices are open", 1 },
	{ "reset-at-end", CLI_KEY_RESET_AT_END, NULL, 0,
	  "Reset those that are not running at the end", 1 },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

void cli_options_list(const struct cli_command *command, struct argp_option list[CLI_OPTIONS_MAX])
{
	size_t count = 0;

	for (const int *key = command ? command->keys : NULL; key && *key; key++)
		for (size_t i = 0; i < COUNT(command_options); i++)
			if (command_options[i].key == *key)
				list[count++] = command_options[i];
	for (size_t i = 0; i < COUNT(global_options); i++)
		list[count++] = global_options[i];
	memset(&list[count], 0, sizeof(*list));
}
