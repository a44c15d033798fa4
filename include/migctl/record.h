/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was found and done, as plain values: the rooms that touch devices and
 * the machine fill these, report makes words of them, and neither knows the
 * other. Strings are borrowed and not escaped; NULL, -1 where it says so, or
 * a false `known`, is "unknown".
 */
#ifndef MIGCTL_RECORD_H
#define MIGCTL_RECORD_H

#include "migctl/compare.h"
#include "migctl/devlink.h"
#include "migctl/error.h"
#include "migctl/route.h"
#include "migctl/saved.h"
#include "migctl/verdict.h"
#include "migctl/view.h"

struct mig_device_record {
	const char *name;
	const char *bus;
	const char *driver;
	int group; /* -1: none */
	const char *cdev;
	const char *pf_netdev; /* NULL: not a VF with a known PF netdev */
	int vf;
};

/* The link of a VF, as its PF has set it (IFLA_VF_LINK_STATE_*). */
enum mig_vf_link {
	MIG_VF_LINK_UNKNOWN,
	MIG_VF_LINK_AUTO, /* that of the PF */
	MIG_VF_LINK_ENABLE,
	MIG_VF_LINK_DISABLE,
};

/* "auto", "enable", "disable", as ip-link(8) has them; NULL: unknown. */
const char *mig_vf_link_name(enum mig_vf_link link);
/* "802.1Q" or "802.1ad" of an EtherType; NULL: neither. */
const char *mig_vlan_proto_name(int proto);
/* "02:00:00:00:00:01"; gives text. */
char *mig_mac_text(const uint8_t mac[6], char text[18]);

struct mig_vf_counters {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t broadcast, multicast, rx_dropped, tx_dropped;
};

/* What a PF's network device says of one of its VFs. */
struct mig_nic_record {
	char pf_netdev[16];
	int vf;
	bool mac_known;
	uint8_t mac[6];      /* all zero: the PF has set none */
	int vlan;            /* -1: unknown; 0: none */
	int qos;             /* -1: unknown */
	int vlan_proto;      /* EtherType, 0x8100 or 0x88a8; -1: unknown */
	int trust, spoofchk; /* 1, 0, -1: unknown */
	enum mig_vf_link link;
	bool rates_known;
	uint32_t min_rate, max_rate; /* Mbit/s, 0: no limit */
	bool counted;                /* a driver that counts nothing shows zeroes */
	struct mig_vf_counters counters;
};

/* A process that has a device open. */
struct mig_holder_record {
	int pid;
	const char *comm;
	const char *unit; /* this and the next two: NULL when there is none */
	const char *container;
	const char *vm;
};

/* How a device was reached that was not opened: through who has it open. */
struct mig_via_record {
	const char *how; /* "hold", "attach", "debugfs" */
	struct mig_holder_record holder;
	const char *doubt;  /* why what is seen may be another device's; NULL: it is this one's */
	int layout_checked; /* v1: the region has that of the protocol; -1: not v1 */
};

enum mig_migration {
	MIG_MIGRATION_UNKNOWN,
	MIG_MIGRATION_NONE,
	MIG_MIGRATION_V1,
	MIG_MIGRATION_V2,
};

const char *mig_migration_name(enum mig_migration migration);

struct mig_list_record {
	struct mig_device_record device;
	const char *vendor;
	const char *model;
	bool held;
	struct mig_holder_record holder;
	enum mig_migration migration;
};

/* One SET, or what stands in its place. */
struct mig_step {
	enum mig_state from;
	uint32_t from_raw; /* the reading, where from is MIG_STATE_INVALID */
	enum mig_state to;
	enum mig_outcome outcome;
	int err;   /* of the write, 0: it went well */
	bool seen; /* the state was read again */
	struct mig_reading after;
	uint64_t usec; /* in the driver's write */
	uint64_t nsec; /* the same, to the last */
	bool forced;
};

struct mig_aer_record {
	const char *severity; /* "correctable", "nonfatal", "fatal" */
	const char *name;
	uint64_t delta;
};

struct mig_event_record { /* announced of the device, in the order of time */
	const char *action;
	const char *driver;   /* NULL: it says none */
	const char *recovery; /* a step of PCI error recovery, "BEGIN_RECOVERY"; NULL: it is none */
};

struct mig_fallout_record {
	struct mig_reading state;
	int err; /* what the failing write said, 0: success */
	const char *message;
	bool pci;   /* else it has neither a status register nor AER */
	int status; /* -1: unknown */
	bool aer_known;
	const struct mig_aer_record *aer;
	size_t aer_count;
	bool log_known;
	const char *const *log;
	size_t log_count;
	size_t log_dropped;
	/* Health before and after; NULL: devlink knows none. */
	const struct mig_devlink *devlink_before, *devlink_after;
	bool events_known;
	const struct mig_event_record *events;
	size_t event_count;
	bool events_lost; /* there were more */
	/* How often vfio-pci sent the interrupt; -1: the device has none. */
	int64_t error_interrupts;   /* an AER error, or none that can be recovered */
	int64_t request_interrupts; /* the driver was asked to give the device back */
	int logging_lost;           /* 1, 0, -1: cannot be asked without taking what was logged */
	/* Error bits of the status register that were not set before: sticky ones say nothing. */
	const char *pci_errors[8];
	size_t pci_error_count;
	bool reset_known;
	bool reset_offered;
	bool attempted; /* a reset out of it: the rest is of that */
	enum mig_outcome outcome;
	bool seen;
	struct mig_reading after;
};

/* A driver call that passed its deadline. */
struct mig_stuck_record {
	int task;
	bool ended;
	const char *stack; /* "": not readable */
};

/* The next line of a text of several, cut to the room; false after the last. */
#define MIG_LINE_SIZE 256
bool mig_next_line(const char **text, char line[MIG_LINE_SIZE]);

/* What every report begins and ends with. */
struct mig_head_record {
	const char *command;
	const struct mig_device_record *device; /* NULL: none was found */
	const struct mig_error *error;          /* NULL: as asked */
	const struct mig_stuck_record *stuck;   /* NULL: every call came back */
	const struct mig_via_record *via;       /* NULL: opened, or not reached */
};

struct mig_state_record { /* get, and the head of the others */
	struct mig_head_record head;
	enum mig_protocol protocol; /* NONE: none, or not known */
	bool seen;
	struct mig_reading state;
};

struct mig_region_record {
	uint32_t index;
	uint64_t size;
	bool read, write, mmap;
	bool typed;
	uint32_t type, subtype;
	size_t areas;
	bool migration;
	const char *broken;
};

struct mig_show_record {
	struct mig_state_record base;
	bool state_only; /* by debugfs: nothing else is known */
	unsigned int caps;
	const struct mig_region_record *regions;
	size_t region_count;
	bool size_known;
	uint64_t data_size;
	bool precopy_known;
	uint64_t initial_bytes, dirty_bytes;
	int dma_logging;     /* 1, 0, -1: unknown */
	int reset_supported; /* 1, 0, -1: unknown */
	enum mig_state next[MIG_STATE_COUNT];
	size_t next_count;
	const struct mig_devlink *devlink; /* NULL: not asked */
	const struct mig_nic_record *nic; /* NULL: no VF of a NIC, or its PF's netdev is not seen */
};

struct mig_migratable_record { /* set-migratable */
	struct mig_head_record head;
	const struct mig_devlink *devlink; /* at the end */
	bool judged;                       /* devlink and outcome are good */
	enum mig_outcome outcome;
};

struct mig_set_record {
	struct mig_state_record base; /* the last state seen */
	enum mig_table table;         /* v1 */
	unsigned int caps;
	const struct mig_step *steps;
	size_t count;
	bool judged; /* outcome is known; else it failed before the first step */
	enum mig_outcome outcome;
	const struct mig_fallout_record *fallout; /* NULL: it did not fault */
};

struct mig_reset_record {
	struct mig_state_record base;
	bool judged;
	enum mig_outcome outcome;
	uint64_t usec;
};

/* A device that was held, and how it ended. */
struct mig_hold_entry {
	struct mig_state_record base;
	bool judged; /* it was reset at the end */
	enum mig_outcome outcome;
};

struct mig_hold_record {
	const char *command;
	const struct mig_error *error;        /* NULL: as asked */
	const struct mig_stuck_record *stuck; /* NULL: every call came back */
	bool ready;                           /* the devices were opened */
	int pid;
	const struct mig_hold_entry *entries;
	size_t count;
	bool ran; /* COMMAND did, and ended with */
	int status;
};

/* What a transfer goes through, in order; it need not go through all. */
enum mig_phase {
	MIG_PHASE_PRE_COPY,
	MIG_PHASE_STOP_COPY,
	MIG_PHASE_RESUMING,
	MIG_PHASE_LOAD, /* RESUMING -> STOP: the driver takes what it was given */
	MIG_PHASE_BACK, /* all is moved: to where the device is to be left */
};
#define MIG_PHASE_COUNT (MIG_PHASE_BACK + 1)

const char *mig_phase_name(enum mig_phase phase);

/* With the transitions that lead into it. */
struct mig_phase_record {
	bool entered;
	uint64_t usec;
	uint64_t bytes;
};

struct mig_move_record { /* save, restore */
	struct mig_state_record base;
	bool restored; /* which of the two it is */
	bool moved;    /* the transfer began: the figures are good */
	uint64_t bytes;
	uint64_t chunks; /* transactions */
	uint64_t usec;
	uint64_t stop_usec;
	uint64_t load_usec;
	uint64_t precopy_rounds;
	struct mig_phase_record phases[MIG_PHASE_COUNT];
	bool bars;          /* draw them */
	const char *digest; /* NULL: not all of it came through */
	const char *path;
	const struct mig_fallout_record *fallout; /* NULL: it did not fault */
};

struct mig_inspect_record {
	struct mig_head_record head; /* of no device */
	const char *path;
	const struct mig_saved_meta *meta;      /* NULL: it could not be read */
	struct mig_saved_totals totals;         /* so far, when it is not whole */
	bool judged;                            /* false: reading it failed, or was interrupted */
	bool whole;                             /* when judged */
	const struct mig_device_record *target; /* --for; NULL: not asked */
	bool compatible;
	const char *reason; /* why not */
};

/* In the order of how bad: the worst of several is the verdict of all. */
enum mig_check_verdict {
	MIG_CHECK_SKIP, /* does not concern the device, or cannot be told */
	MIG_CHECK_PASS,
	MIG_CHECK_WARN,
	MIG_CHECK_FAIL,
};

const char *mig_check_verdict_name(enum mig_check_verdict verdict);

struct mig_check_item {
	const char *name;
	enum mig_check_verdict verdict;
	char *found;  /* owned by whoever judged; a sentence without its full stop */
	char *remedy; /* likewise; shell commands or what to do, NULL: there is nothing to mend */
};

struct mig_check_device_record {
	struct mig_device_record device;
	const struct mig_saved_meta *meta; /* what another host compares with its own */
	enum mig_check_verdict verdict;
	const struct mig_check_item *items; /* of the same names, in the same order, for all */
	size_t count;
};

struct mig_check_record {
	struct mig_head_record head; /* of no device */
	const char *host, *kernel;   /* this machine's name and release */
	const char *checked_at;      /* RFC 3339, UTC */
	const struct mig_check_device_record *devices;
	size_t count;
};

struct mig_conform_item { /* one test of conform */
	const char *name;
	const char *authority;
	enum mig_protocol protocol;
	bool illegal;
	enum mig_check_verdict verdict;
	char *detail;  /* owned by whoever ran it; a sentence without its full stop, or NULL */
	uint64_t usec; /* in the driver, for a test of one transition; 0: not timed */
	enum mig_state from, to; /* of such a test; MIG_STATE_INVALID: of another */
};

/* May it go from one state to another? What the three tables of v1 say, and this driver. */
struct mig_conform_answer {
	enum mig_state from, to;
	enum mig_outcome outcome;
	int err; /* of the write */
};

struct mig_conform_record {
	struct mig_state_record base; /* the last state seen */
	unsigned int caps;
	const struct mig_conform_item *items;
	size_t count;   /* that were run */
	size_t planned; /* that were to be */
	const struct mig_conform_answer *answers;
	size_t answer_count;
	uint64_t seed; /* of the random walk; 0: there was none */
	bool why;      /* with the authorities */
};

struct mig_watch_record { /* one change of one device */
	const char *time; /* UTC, "2026-11-22T22:31:14.123Z" */
	struct mig_device_record device;
	enum mig_change change;
	const struct mig_view *before, *after;
	const char *reason; /* why the state is not known; NULL: it is */
};

struct mig_bench_record {
	struct mig_state_record base;
	const char *kernel; /* the release that runs here */
	unsigned int caps;
	const struct mig_figures *figures; /* sorted; NULL: nothing was measured */
	unsigned int cycles, wanted;       /* that were made, and asked for */
	uint64_t usec;                     /* of the whole */
	bool read_only, precopy, was_reset, interrupted;
	const char *no_save, *no_restore;         /* why there is none; "" or NULL: there is */
	double budget;                            /* milliseconds; negative: none was given */
	bool judged, over;                        /* over is known; the time stopped exceeds it */
	const struct mig_fallout_record *fallout; /* NULL: it did not fault */
	bool utf8;                                /* what it goes to shows that */
};

/* What a file has of a run; its own memory, nothing of it escaped. */
struct mig_bench_run {
	char device[256], driver[64], kernel[128];
	enum mig_protocol protocol;
	uint64_t cycles;
	struct mig_figures figures; /* sorted; mig_figures_clear() frees them */
};

struct mig_compare_record {
	struct mig_head_record head; /* of no device */
	const char *paths[2];
	const struct mig_bench_run *runs[2];
	struct mig_compare_options options;
	const struct mig_comparison *items; /* NULL: they were not compared */
	size_t count;
};

struct mig_table_record {
	struct mig_rules rules;
};

struct mig_explain_record {
	const struct mig_error *error; /* NULL: allowed */
	struct mig_rules rules;
	enum mig_state from;
	enum mig_state to;
	struct mig_ruling ruling;
};

#endif
