/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: options, commands, and what they share. This floor joins
 * host and vfio, which do not know each other, and hands records to report.
 */
#ifndef MIGCTL_CLI_H
#define MIGCTL_CLI_H

#include <argp.h>
#include <signal.h>

#include "migctl/bench.h"
#include "migctl/conform.h"
#include "migctl/device.h"
#include "migctl/dirty.h"
#include "migctl/hold.h"
#include "migctl/holder.h"
#include "migctl/proto.h"
#include "migctl/report.h"
#include "migctl/target.h"

enum cli_color {
	CLI_COLOR_AUTO,
	CLI_COLOR_ALWAYS,
	CLI_COLOR_NEVER
};

/* What the options of all commands say; a command reads its own. */
struct cli_options {
	bool json, pretty, quiet, verbose, trace;
	enum cli_color color;
	double timeout; /* seconds a driver call, 0: no limit */
	const char *vf_token;
	enum mig_table table;
	bool table_given;
	enum mig_protocol protocol; /* NONE: not given */
	unsigned int caps;
	bool caps_given;
	bool direct, dry_run, force, reset_on_error;
	bool dot, all;
	/* save, restore, inspect */
	bool leave_stopped, no_precopy, compress, raw, hexdump, phases;
	uint64_t until_bytes;
	double until_seconds;
	int level;     /* of --compress, 0: zstd's own default */
	uint64_t rate; /* bytes a second, 0: no limit */
	const char *for_device, *raw_file;
	/* check */
	bool open;
	const char *against;
	/* show, get, set, watch */
	bool attach;
	pid_t attach_pid; /* 0: whoever holds it */
	/* watch */
	double interval; /* seconds */
	bool until_given;
	enum mig_state until;
	bool timeout_given; /* timeout is that of the whole then */
	/* bench */
	struct {
		unsigned int cycles;
		double seconds;
		uint64_t chunks[MIG_CHUNKS_MAX];
		size_t chunk_count;
		bool chunks_given, read_only, no_restore, csv, compare;
		double budget; /* milliseconds; negative: none */
		bool margin_given;
		unsigned int margin; /* per cent */
	} bench;
	/* conform */
	struct mig_conform_options conform;
	bool list, why, matrix;
	/* dirty */
	uint64_t page_size;   /* 0: the least that the driver takes */
	double for_seconds;   /* of rate; 0: not given */
	double look_interval; /* of rate; 0: not given */
	/* hold */
	bool detach, reset_at_end;
	int ready_fd; /* 0: none */
};

/* Keys of the options without a letter. */
enum cli_key {
	CLI_KEY_TRACE = 0x100,
	CLI_KEY_COLOR,
	CLI_KEY_TIMEOUT,
	CLI_KEY_VF_TOKEN,
	CLI_KEY_TABLE,
	CLI_KEY_PROTOCOL,
	CLI_KEY_CAPS,
	CLI_KEY_DIRECT,
	CLI_KEY_DRY_RUN,
	CLI_KEY_FORCE,
	CLI_KEY_RESET_ON_ERROR,
	CLI_KEY_DOT,
	CLI_KEY_ALL,
	CLI_KEY_LEAVE_STOPPED,
	CLI_KEY_NO_PRECOPY,
	CLI_KEY_PRECOPY_UNTIL,
	CLI_KEY_COMPRESS,
	CLI_KEY_RATE,
	CLI_KEY_REPLACE,  /* --force, of a file that is there */
	CLI_KEY_OVERRIDE, /* --force, of an identity that differs */
	CLI_KEY_RAW,
	CLI_KEY_RAW_FILE, /* --raw FILE */
	CLI_KEY_FOR,
	CLI_KEY_HEXDUMP,
	CLI_KEY_PHASES,
	CLI_KEY_WHILE_BOUND, /* --force, of a VF that has a driver: set-migratable */
	/* check */
	CLI_KEY_OPEN,
	CLI_KEY_AGAINST,
	/* watch */
	CLI_KEY_INTERVAL,
	CLI_KEY_UNTIL,
	/* bench */
	CLI_KEY_CYCLES,
	CLI_KEY_SECONDS,
	CLI_KEY_CHUNK,
	CLI_KEY_READ_ONLY,
	CLI_KEY_NO_RESTORE,
	CLI_KEY_CSV,
	CLI_KEY_BUDGET,
	CLI_KEY_COMPARE,
	CLI_KEY_MARGIN,
	/* conform */
	CLI_KEY_ONLY,
	CLI_KEY_SKIP,
	CLI_KEY_LIST,
	CLI_KEY_WHY,
	CLI_KEY_MATRIX,
	CLI_KEY_ILLEGAL,
	CLI_KEY_REPEAT,
	CLI_KEY_WALK,
	CLI_KEY_SEED,
	/* dirty */
	CLI_KEY_PAGE_SIZE,
	CLI_KEY_FOR_SECONDS,
	CLI_KEY_LOOK_INTERVAL, /* --interval, of rate */
	CLI_KEY_ALL_RUNS,      /* --all, of what was dirty */
	CLI_KEY_REPLAY,
	/* hold, and what goes through a holder */
	CLI_KEY_ATTACH,
	CLI_KEY_DETACH,
	CLI_KEY_READY_FD,
	CLI_KEY_RESET_AT_END,
	CLI_KEY_NETNS,
	CLI_KEY_USAGE,
};

/* What a word of the command line is, for completion. */
enum cli_word {
	CLI_WORD_NONE,
	CLI_WORD_DEVICE,
	CLI_WORD_STATE,
	CLI_WORD_PROTOCOL,
	CLI_WORD_FILE,
	CLI_WORD_SWITCH,
	CLI_WORD_LOGGING, /* an action of dirty, or a range */
};

#define CLI_WORDS_MAX 64

struct cli {
	struct cli_options options;
	struct mig_host host; /* with --netns */
	const struct cli_command *command;
	const char *words[CLI_WORDS_MAX]; /* the command's arguments, NULL after the last */
	int word_count;
	char **argv;            /* hold: COMMAND and its arguments; NULL: none */
	bool help;              /* the word "help" was read where a command goes */
	struct mig_error error; /* OK, or why the command fails */
	int signal;             /* to end by, when all is reported; 0: none */
	bool stuck;             /* a driver call was left behind */
};

struct cli_command {
	const char *name;
	const char *args;       /* "DEVICE STATE..." */
	const char *summary;    /* one line, for the list of commands */
	const char *touches;    /* what it does to the device, in the words of cli.md's table */
	const char *detail;     /* for --help, after the options */
	int min, max;           /* how many words it takes */
	enum cli_word words[3]; /* what each is; the last one repeats */
	const int *keys;        /* its options, 0 after the last; NULL: none of its own */
	bool describes;         /* its text names the PF, too */
	bool runs;              /* what is after "--" is a COMMAND, not words of its own */
	bool reads;             /* it only reads: a device in use may be read beside its user */
	bool unbound;           /* its device need not be on VFIO, or must not */
	int (*run)(struct cli *cli); /* gives the exit status */
};

/* Does it only read, this time? */
static inline bool cli_reads(const struct cli *cli)
{
	return cli->command->reads || cli->options.bench.read_only;
}

extern const struct cli_command *const cli_commands[];
extern const size_t cli_command_count;

/* options_*.c: the options of one command, or some; as cli_options_key(). */
error_t cli_options_bench_key(struct cli *cli, int key, const char *arg);
error_t cli_options_watch_key(struct cli *cli, int key, const char *arg);

/* options.c: what they are without being given. */
void cli_options_init(struct cli_options *options);
/* options_list.c: the command's own and the global options, for argp and for completion. */
#define CLI_OPTIONS_MAX 64
void cli_options_list(const struct cli_command *command, struct argp_option list[CLI_OPTIONS_MAX]);
/* options_check.c: those of check. */
error_t cli_options_check_key(struct cli *cli, int key, const char *arg);
/* Handles one key; ARGP_ERR_UNKNOWN for what is no option. EINVAL with cli->error. */
error_t cli_options_key(struct cli *cli, int key, const char *arg);
/* options_dirty.c: those of dirty. */
error_t cli_options_dirty_key(struct cli *cli, int key, const char *arg);
/* options_conform.c: those of conform. */
error_t cli_options_conform_key(struct cli *cli, int key, const char *arg);
/* options_hold.c: the same for its own. */
error_t cli_options_hold_key(struct cli *cli, int key, const char *arg);
/* The words that "--color" and its like take, NULL after the last; NULL: it takes no such. */
const char *const *cli_option_words(const char *option);
/* blame.c: after argp gave up without saying why, finds the word that it stumbled over. */
void cli_options_blame(struct cli *cli, const struct argp_option *list, int argc, char **argv);

/* suggest.c: the known word nearest to a mistyped one, NULL: none is near. */
const char *cli_suggest(const char *word, const char *const *known, size_t count);
/* MIG_KIND_USAGE about a word that is none of the known ones; gives -EINVAL. */
int cli_unknown(struct mig_error *error, const char *what, const char *word,
		const char *const *known, size_t count);
int cli_parse_state(const char *word, enum mig_state *state, struct mig_error *error);

/* quantity.c: "64", "64K", "64MiB"; powers of 1024. False: it is no such thing. */
bool cli_parse_bytes(const char *word, uint64_t *bytes);
/*
 * The first len of word: "IOVA+LENGTH" or "IOVA-END", END being the first
 * address behind it; hexadecimal with 0x, or as bytes. What it means is not checked.
 */
bool cli_parse_range(const char *word, size_t len, struct mig_dirty_range *range);
/* A number of seconds followed by the unit ("" or "s"), at most a year. */
bool cli_parse_seconds(const char *word, const char *unit, double *seconds);

/*
 * read_file.c: all of a file, or of standard input for "-", of up to 32 MiB, for
 * free(3). -errno with cli->error. What then is no report of ours is blamed on it.
 */
int cli_read_file(struct cli *cli, const char *path, char **text, size_t *size);
void cli_blame_file(struct cli *cli, const char *path, int ret);

/* bench_compare.c: bench --compare, two files and no device. Gives the status. */
int cli_bench_compare(struct cli *cli);

/* output.c */
/* Does standard output go where UTF-8 shows, by the locale and the terminal? */
bool cli_utf8(void);
struct mig_style cli_stdout(const struct cli *cli);
struct mig_style cli_stderr(const struct cli *cli);
/* A line of talk on stderr; nothing under --quiet and --json. */
void cli_note(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes what a mig_json_*() returned. */
void cli_printed(struct cli *cli, int ret);
/* In text the error goes to stderr; in JSON the report has it already. Gives the status. */
int cli_end(struct cli *cli, const struct mig_stuck_record *stuck);

/* "on" and "off", NULL after them. */
extern const char *const cli_switch_words[];
/* How a session came to its device. */
enum cli_via {
	CLI_VIA_OPEN,    /* opened it */
	CLI_VIA_HOLD,    /* has a duplicate of that of a `hold` of ours */
	CLI_VIA_ATTACH,  /* has a duplicate of any other process's descriptor */
	CLI_VIA_DEBUGFS, /* has nothing but the state that debugfs showed */
};

/* session.c: one device, from word to port, and back. */
struct cli_session {
	struct cli *cli;
	struct mig_target target;
	struct mig_device_record record;
	bool found; /* target and record are good */
	struct mig_sys *real, *sys;
	struct mig_device device;
	bool opened;
	struct mig_port port;
	bool ported;
	enum cli_via via;
	struct mig_holder holder; /* whose descriptor it is */
	int holder_fd;            /* and its number there */
	enum mig_fd_match holder_match;
	struct mig_hold hold; /* when locked: its mark is ours until the device is closed */
	bool locked;
	char doubt[MIG_NAME_SIZE + 100]; /* it may be another device's; "": it is this one's */
	struct mig_via_record via_record;
	struct mig_reading shown; /* by debugfs */
	struct mig_stuck_record stuck;
};

/*
 * Finds, opens and probes; on failure cli->error says why, with what the host
 * knows of it, and the session is good for cli_session_head() and _close().
 */
int cli_session_open(struct cli_session *session, struct cli *cli, const char *word);
/* Its two halves: passive, and not. */
int cli_session_find(struct cli_session *session, struct cli *cli, const char *word);
int cli_session_enter(struct cli_session *session);
/* The same, but never by a device that is held: for who wants to have it. */
int cli_session_enter_alone(struct cli_session *session);
/* Closes an entered device and opens it anew, into the same port; -errno with cli->error. */
int cli_session_reopen(struct cli_session *session);
/*
 * The same, but only by a hold of ours that has it; nothing is opened. -ENOENT,
 * cli->error untouched: there is none.
 */
int cli_session_enter_held(struct cli_session *session);
/* Protocol and state into the record, by whichever way the session has. */
int cli_session_read(struct cli_session *session, struct mig_state_record *record);
/*
 * A seam with this deadline, and what it is to be called through: itself, or
 * with --trace a tracing one. The caller's; -ENOMEM with cli->error, both NULL then.
 */
int cli_sys_open(struct cli *cli, double seconds, struct mig_sys **real, struct mig_sys **sys);
void cli_session_close(struct cli_session *session);
/* Head of the reports; valid while the session is. error only when there is one. */
struct mig_head_record cli_session_head(struct cli_session *session);
/* The same with protocol and, when seen, the state; sets FAULTED for _ERROR. */
void cli_record_device(const struct mig_target *target, struct mig_device_record *record);
/* A device in _ERROR makes `get` and `show` fail, after they have printed it. */
void cli_session_blame_state(struct cli_session *session, struct mig_reading reading);
/* What should make a person look twice at the first state after opening. */
void cli_session_note_first(const struct cli_session *session, struct mig_reading first);

/*
 * How a command on one device ends: closes it, prints the record as JSON or,
 * of what was opened, as text, and gives the status. A macro, for each record
 * has a type of its own, and two functions of that type; *head is its head.
 */
#define cli_session_end(session, record, head, json_function, text_function) \
	({ \
		struct cli *end_cli = (session)->cli; \
		struct mig_style end_out = cli_stdout(end_cli); \
		cli_session_close(session); \
		*(head) = cli_session_head(session); \
		if (end_cli->options.json) \
			cli_printed(end_cli, json_function(&end_out, record)); \
		else if ((session)->opened || (session)->via != CLI_VIA_OPEN) \
			text_function(&end_out, record); \
		cli_end(end_cli, (head)->stuck); \
	})

/* holder.c: a process that has a device open, as a record and in a sentence. */
void cli_record_holder(const struct mig_holder *holder, struct mig_holder_record *record);
/* "process 812 (qemu-system-x86, VM web1, unit …)", escaped. */
#define CLI_HOLDER_TEXT 480
char *cli_holder_text(const struct mig_holder *holder, char text[CLI_HOLDER_TEXT]);

/*
 * attach.c: --attach, the device by the descriptor of who holds it, or, for a
 * command that only reads, its state by debugfs. The session's seam is there.
 */
int cli_attach(struct cli_session *session);
/*
 * The device is busy: by the descriptor of a `hold` of ours, with its lock for
 * a command that writes. -ENOENT, *error untouched: no such hold has it.
 */
int cli_attach_hold(struct cli_session *session);

/* attach_which.c: the descriptor by which this holder has the device; -errno with *error. */
int cli_attach_which(struct cli_session *session, const struct mig_holders *holders,
		     const struct mig_holder *holder);
/* Duplicates it, and checks that it is the device's as surely as that. */
int cli_attach_fd(struct cli_session *session, pid_t pid, int fd, enum mig_fd_match least);

/*
 * debugfs.c: the state of a v2 device as VFIO's debugfs shows it (Linux 6.8,
 * VFIO_DEBUGFS); a driver is asked for it. -ENOENT: it shows none. Opening the
 * file, and taking what it said, are also had alone.
 */
#define CLI_DEBUGFS_TEXT \
	24 /* "RUNNING_P2P", its line feed and NUL: the kernel's longest word for a state, and \
	      more */
int cli_debugfs_open(const struct mig_host *host, struct mig_sys *sys,
		     const struct mig_target *target);
/* The kernel maps the numbers to words (drivers/vfio/debugfs.c). False: no word of a state. */
bool cli_debugfs_parse(const char *text, struct mig_reading *reading);
int cli_debugfs_state(const struct mig_host *host, struct mig_sys *sys,
		      const struct mig_target *target, struct mig_reading *reading);

/* fault.c: what the machine can add to a failed opening. */
void cli_fault_explain(const struct mig_host *host, struct mig_target *target,
		       struct mig_error *error);
/* The hint about a word that names no device: the one bound to VFIO that is near, if any. */
void cli_fault_suggest(const struct mig_host *host, const char *word, struct mig_error *error);

/* interrupt.c: SIGINT, SIGTERM and SIGHUP set a flag; a second one kills. */
extern volatile sig_atomic_t cli_interrupted; /* the signal, 0: none */
extern bool cli_interrupt_mute; /* --quiet or --json: it is not told that a driver is waited for */
void cli_interrupt_catch(void);

/*
 * complete.c: --list-commands and kin. -1: argv asks for none of them; else the
 * status. *stuck: a driver was asked for its state and did not answer.
 */
int cli_complete(int argc, char **argv, bool *stuck);

extern const struct cli_command cli_cmd_bench;
extern const struct cli_command cli_cmd_list;
extern const struct cli_command cli_cmd_show;
extern const struct cli_command cli_cmd_get;
extern const struct cli_command cli_cmd_set;
extern const struct cli_command cli_cmd_reset;
extern const struct cli_command cli_cmd_table;
extern const struct cli_command cli_cmd_explain;
extern const struct cli_command cli_cmd_save;
extern const struct cli_command cli_cmd_restore;
extern const struct cli_command cli_cmd_inspect;
extern const struct cli_command cli_cmd_check;
extern const struct cli_command cli_cmd_conform;
extern const struct cli_command cli_cmd_set_migratable;
extern const struct cli_command cli_cmd_watch;
extern const struct cli_command cli_cmd_dirty;
extern const struct cli_command cli_cmd_hold;

#endif
