// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * storm SECONDS SEED PROGRAM...: eight at a time of the commands of PROGRAM
 * (one of several builds of it) on simulated devices, whose drivers meanwhile
 * fail, hang, lie, go away and come back at random. Every process has to end
 * in time, with a status of its command's contract or by the signal it was
 * sent, and what it prints under -j has to be JSON that says the same. Exits 1
 * at the first that does not, and tells all about it. Its working directory is
 * filled with files. One seed gives the same commands and faults, but not the
 * same moments.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define SLOTS 8
#define WORDS_MAX 16
/* For a driver's call, of --timeout; and what a process may take beside it under TCG, with seven
 * others. */
#define TIMEOUT "1"
#define GRACE_MS 15000

extern char **environ;

#define BIT(n) (1u << (n))
/* Whatever needs a device may find none, a busy one, one without migration, or one that does not
 * answer. */
#define OPENS (BIT(0) | BIT(1) | BIT(3) | BIT(4) | BIT(5) | BIT(10))
#define MOVES (OPENS | BIT(6) | BIT(7) | BIT(8) | BIT(9))

/*
 * D a device, S a state, F this slot's file, X another's. What goes on by
 * itself, or may (a stream that never ends), is ended by a signal.
 */
static const struct command {
	const char *words;
	unsigned statuses;
	int goes_on;
} commands[] = {
	{ "list -j", BIT(0), 0 },
	{ "list --all", BIT(0), 0 },
	{ "show D -j", OPENS | BIT(9), 0 },
	{ "show D", OPENS | BIT(9), 0 },
	{ "get D -j", OPENS | BIT(9), 0 },
	{ "get D --attach -j", OPENS | BIT(9), 0 },
	{ "get D --trace", OPENS | BIT(9), 0 },
	{ "set D S -j", MOVES, 0 },
	{ "set D S S running -j", MOVES, 0 },
	{ "set D S S --reset-on-error -j", MOVES, 0 },
	{ "set D S running --force --table open -j", MOVES, 0 },
	{ "set D S --direct --force", MOVES, 0 },
	{ "set D stop S --dry-run -j", OPENS | BIT(6) | BIT(9), 0 },
	{ "reset D -j", MOVES, 0 },
	{ "reset D", MOVES, 0 },
	{ "save D F --force --rate 4M -j", MOVES, 1 },
	{ "save D F --force --rate 4M --no-precopy -j", MOVES, 1 },
	{ "save D F --force --rate 4M --compress --reset-on-error", MOVES, 1 },
	{ "restore D F -j", MOVES | BIT(11), 1 },
	{ "restore D X -j", MOVES | BIT(11), 1 },
	{ "restore D X --force --reset-on-error", MOVES | BIT(11), 1 },
	{ "inspect F -j", BIT(0) | BIT(1) | BIT(11), 0 },
	{ "inspect X --for=D -j", BIT(0) | BIT(1) | BIT(3) | BIT(11), 0 },
	{ "check D -j", BIT(0) | BIT(3) | BIT(12), 0 },
	{ "check --open D D -j", BIT(0) | BIT(3) | BIT(10) | BIT(12), 0 },
	{ "conform D --only open,arcs,data -j", MOVES | BIT(12), 1 },
	{ "conform D --walk 20", MOVES | BIT(12), 1 },
	{ "bench D --cycles 1 -j", MOVES, 1 },
	{ "bench D --cycles 5 --read-only", OPENS | BIT(9), 0 },
	{ "dirty D start 0x100000+64K report stop -j", MOVES, 0 },
	{ "dirty D", OPENS | BIT(9), 0 },
	{ "watch -j", 0, 1 },
	{ "watch --attach D -j", BIT(3), 1 },
	{ "watch --until S --timeout 2 D", BIT(0) | BIT(3) | BIT(10), 1 },
	{ "hold D --reset-at-end", MOVES, 1 },
	{ "hold D -- sleep 1", MOVES, 1 },
};

static const char *const words_of_status[] = {
	NULL,  "failed", "usage",   "no-device", "busy",      "no-migration", "refused",
	"nak", "astray", "faulted", "timeout",   "bad-state", "check-failed",
};

struct slot {
	pid_t pid;
	const struct command *command;
	char line[256]; /* the words, as told */
	char *argv[WORDS_MAX + 1];
	int64_t begun, strike_at; /* ms; when it is sent `with` */
	int with, sent;           /* signals; 0 none yet */
};

static struct slot slots[SLOTS];
static unsigned long by_status[16], by_signal, run;

static void show_file(const char *name)
{
	char line[4096];
	FILE *file = fopen(name, "re");

	printf("--- %s\n", name);
	while (file && fgets(line, sizeof(line), file))
		fputs(line, stdout);
	if (file)
		fclose(file);
}

static void __attribute__((format(printf, 2, 3), noreturn))
fail(const struct slot *slot, const char *fmt, ...)
{
	char name[32];
	va_list args;

	va_start(args, fmt);
	printf("storm: seed %llu, process %d, slot %d: vfio-migctl %s\n  ",
	       (unsigned long long)seed, (int)slot->pid, (int)(slot - slots), slot->line);
	vprintf(fmt, args);
	va_end(args);
	printf("\n  after %lld ms, sent signal %d\n--- what became of the devices before that\n",
	       (long long)(now_ms() - slot->begun), slot->sent);
	weather_tell();
	snprintf(name, sizeof(name), "out.%d", (int)(slot - slots));
	show_file(name);
	snprintf(name, sizeof(name), "err.%d", (int)(slot - slots));
	show_file(name);
	if (slot->pid && !kill(slot->pid, 0)) {
		snprintf(name, sizeof(name), "/proc/%d/stack", (int)slot->pid);
		show_file(name);
	}
	fflush(stdout);
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].pid)
			kill(slots[i].pid, SIGKILL);
	exit(1);
}

/* The words of its command with devices, states and files for the capitals; in strings of their
 * own. */
static void compose(struct slot *slot, char *program)
{
	char words[128], *rest = words, *word, text[32];
	const unsigned at = slot - slots;
	unsigned n = 0, device = below(DEVICES);
	size_t used = 0;

	snprintf(words, sizeof(words), "%s", slot->command->words);
	slot->argv[n++] = strdup(program);
	/* Of watch it is how long it goes on. */
	if (strncmp(words, "watch", 5)) {
		slot->argv[n++] = strdup("--timeout");
		slot->argv[n++] = strdup(TIMEOUT);
	}
	while ((word = strsep(&rest, " "))) {
		const size_t last = strlen(word) - 1;

		if (word[last] == 'D' && (!last || word[last - 1] == '=')) {
			snprintf(text, sizeof(text), "%.*smigsim-s%u", (int)last, word, device);
			device = below(DEVICES);
		} else if (!strcmp(word, "S")) {
			snprintf(text, sizeof(text), "%s", any_state());
		} else if (!strcmp(word, "F") || !strcmp(word, "X")) {
			snprintf(text, sizeof(text), "s%u.state",
				 *word == 'F' ? at : (unsigned)below(SLOTS));
		} else {
			snprintf(text, sizeof(text), "%s", word);
		}
		slot->argv[n++] = strdup(text);
	}
	slot->argv[n] = NULL;
	for (unsigned i = 1; i < n; i++)
		used += snprintf(slot->line + used, sizeof(slot->line) - used, "%s%s",
				 i > 1 ? " " : "", slot->argv[i]);
}

static void begin(struct slot *slot, char *program)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGTERM, SIGHUP, SIGKILL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char out[16], err[16];
	sigset_t set;
	int bad;

	slot->command = &commands[below(COUNT(commands))];
	compose(slot, program);
	snprintf(out, sizeof(out), "out.%d", (int)(slot - slots));
	snprintf(err, sizeof(err), "err.%d", (int)(slot - slots));
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&files, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawnattr_init(&attributes);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attributes, &set);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	slot->begun = now_ms();
	slot->strike_at = slot->command->goes_on ? slot->begun + 500 + (int64_t)below(4000)
			  : below(12)            ? INT64_MAX
						 : slot->begun + (int64_t)below(400);
	slot->with = signals[below(COUNT(signals))];
	slot->sent = 0;
	bad = posix_spawnp(&slot->pid, program, &files, &attributes, slot->argv, environ);
	if (bad)
		fail(slot, "%s: %s", program, strerror(bad));
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	run++;
}

/* One object after another, to the end; the last has the error. */
static void check_json(const struct slot *slot, const char *text, size_t length, int status)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = NULL, *last = NULL, *value, *kind = NULL;
	const size_t name = strcspn(slot->command->words, " ");
	size_t at = 0;

	while (at < length) {
		object = json_tokener_parse_ex(tokener, text + at, (int)(length - at));
		if (!object)
			break;
		at += json_tokener_get_parse_end(tokener);
		at += strspn(text + at, "\n");
		if (!json_object_object_get_ex(object, "schema", &value) ||
		    json_object_get_int(value) != 1 ||
		    !json_object_object_get_ex(object, "command", &value) ||
		    strncmp(json_object_get_string(value), slot->command->words, name))
			fail(slot, "the JSON lacks schema 1 or its command");
		if (last)
			json_object_put(last);
		last = object;
	}
	if (at < length || (!last && !slot->sent))
		fail(slot, "stdout is no JSON: %s",
		     json_tokener_error_desc(json_tokener_get_error(tokener)));
	if (last && json_object_object_get_ex(last, "error", &value))
		json_object_object_get_ex(value, "kind", &kind);
	if (!slot->sent && (kind ? !words_of_status[status] || strcmp(json_object_get_string(kind),
								      words_of_status[status])
				 : status))
		fail(slot, "exit status %d, and the JSON says %s", status,
		     kind ? json_object_get_string(kind) : "no error");
	json_object_put(last);
	json_tokener_free(tokener);
}

static char *slurp(const struct slot *slot, const char *what, size_t *length)
{
	static char text[1 << 20];
	char name[16];
	ssize_t got;
	int fd;

	snprintf(name, sizeof(name), "%s.%d", what, (int)(slot - slots));
	fd = open(name, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (got < 0)
		fail(slot, "%s: %s", name, strerror(errno));
	close(fd);
	text[got] = '\0';
	*length = (size_t)got;
	return text;
}

static void ended(struct slot *slot, int status)
{
	const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	char *text;
	size_t length;

	text = slurp(slot, "err", &length);
	if (strstr(text, "Sanitizer") || strstr(text, "runtime error:"))
		fail(slot, "a sanitizer found something");
	if (WIFSIGNALED(status) && WTERMSIG(status) != slot->sent)
		fail(slot, "signal %d, which nobody sent", WTERMSIG(status));
	if (code >= 0 && !(code < 16 && slot->command->statuses & BIT(code)) &&
	    !(slot->sent && code == 128 + slot->sent))
		fail(slot, "exit status %d is not one of its contract's", code);
	if (strstr(slot->command->words, " -j") && slot->sent != SIGKILL) {
		text = slurp(slot, "out", &length);
		check_json(slot, text, length, code < 0 ? 0 : code);
	}
	if (code >= 0 && code < 16)
		by_status[code]++;
	else
		by_signal++;
	for (char **word = slot->argv; *word; word++)
		free(*word);
	slot->pid = 0;
}

/* Sends what is due, and fails what is overdue. */
static void look_at(struct slot *slot)
{
	const int64_t now = now_ms();
	const int64_t due = slot->command->goes_on ? slot->strike_at : slot->begun;

	if (!slot->sent && now >= slot->strike_at) {
		slot->sent = slot->with;
		kill(slot->pid, slot->with);
	}
	if (now > due + GRACE_MS)
		fail(slot, "it does not end");
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < SLOTS; i++)
			if (slots[i].pid == pid)
				ended(&slots[i], status);
}

static int busy(void)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].pid)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const struct timespec nap = { .tv_nsec = 20000000 };
	int64_t end, next = 0;
	sigset_t child;

	if (argc < 4)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	chance_begin(strtoull(argv[2], NULL, 0));
	printf("storm: seed %llu\n", (unsigned long long)seed);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	end = now_ms() + strtoll(argv[1], NULL, 0) * 1000;
	while (now_ms() < end || busy()) {
		for (int i = 0; i < SLOTS; i++) {
			if (slots[i].pid)
				look_at(&slots[i]);
			else if (now_ms() < end)
				begin(&slots[i], argv[3 + below(argc - 3)]);
		}
		if (now_ms() >= next) {
			now_ms() < end ? weather_change() : weather_calm();
			next = now_ms() + 20 + (int64_t)below(80);
		}
		sigtimedwait(&child, NULL, &nap);
		reap();
	}
	weather_calm();
	printf("storm: %lu processes, %lu ended by a signal; by status:", run, by_signal);
	for (unsigned i = 0; i < COUNT(by_status); i++)
		if (by_status[i])
			printf(" %u: %lu", i, by_status[i]);
	printf("; %lu changes of the drivers, %lu refused\n", written, not_taken);
	return 0;
}
