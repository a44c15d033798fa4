// SPDX-License-Identifier: GPL-2.0-or-later
/* The storm's weather: see storm.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define SIMS "/sys/kernel/config/migsim"

uint64_t seed;
unsigned long written, not_taken;
static uint64_t state;
static char latest[64][128];
static unsigned changes;

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* xorshift64* */
uint64_t below(uint64_t bound)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545F4914F6CDD1Dull >> 33) % bound;
}

void chance_begin(uint64_t from)
{
	seed = from;
	state = seed * 2 + 1;
}

static const char *const states[] = { "stop",     "running",     "stop-copy",   "pre-copy",
				      "resuming", "running-p2p", "pre-copy-p2p" };

const char *any_state(void)
{
	return states[below(COUNT(states))];
}

/* Of the four devices two are v1's, whatever they are made anew with: the words of states are a
 * protocol's. */
static const char *state_of(unsigned device)
{
	return states[below(device % 2 ? COUNT(states) : 5)];
}

static int put(unsigned device, const char *attribute, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int put(unsigned device, const char *attribute, const char *fmt, ...)
{
	char path[96], *told = latest[changes++ % COUNT(latest)], text[80];
	va_list args;
	int fd, bad;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(path, sizeof(path), SIMS "/s%u/%s", device, attribute);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	bad = fd < 0 || write(fd, text, strlen(text)) < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	snprintf(told, sizeof(*latest), "%lld ms: s%u %s %.60s%s%.24s", (long long)now_ms(), device,
		 attribute, text, bad ? ": " : "", bad ? strerror(bad) : "");
	bad ? not_taken++ : written++;
	return bad;
}

static void make(unsigned device)
{
	static const char *const profiles[2][4] = { { "spec", "mlx5", "hisi", "i40e" },
						    { "spec", "spec", "spec", "mtty" } };
	static const char *const chains[] = { "loop",        "self",      "out-of-range",
					      "unaligned",   "truncated", "huge-argsz",
					      "no-caps-flag" };
	char path[64];

	snprintf(path, sizeof(path), SIMS "/s%u", device);
	if (mkdir(path, 0755))
		return;
	put(device, "protocol", "%s", below(16) ? device % 2 ? "v2" : "v1" : "none");
	put(device, "profile", "%s", profiles[device % 2][below(4)]);
	put(device, "state_size", "%llu", (unsigned long long)below(200000));
	if (device % 2 == 0 && !below(8))
		put(device, "chain", "%s", chains[below(COUNT(chains))]);
	if (device % 2 == 0 && below(2))
		put(device, "mmap", "1");
	if (!below(4))
		put(device, "keep_state", "1");
	if (!below(8))
		put(device, "reset", "0");
	/* Its name is taken until its last user closes it. */
	if (put(device, "live", "1"))
		rmdir(path);
}

static void fault(unsigned device)
{
	static const char *const calls[] = { "get",          "reset",     "info",
					     "region-info",  "pending",   "data-offset",
					     "data-size",    "data-read", "data-write",
					     "precopy-info", "open",      "get" };
	static const char *const actions[] = { "nak",   "nak",    "error", "error-ok",
					       "delay", "delay",  "zero",  "short",
					       "hang",  "hang-d", "lie",   "nak-lie" };
	static const char *const errnos[] = { "EIO",    "EINVAL", "EBUSY",  "ENODEV",
					      "ENOMEM", "EINTR",  "EAGAIN", "ENOTCONN" };
	const char *action = actions[below(COUNT(actions))],
		   *from = below(3) ? "*" : state_of(device);
	const int lies = !!strstr(action, "lie"), arc = lies || below(2);
	const char *to = state_of(device);
	char where[48], more[64] = "";

	if (arc)
		snprintf(where, sizeof(where), "%s->%s", from, to);
	else
		snprintf(where, sizeof(where), "%s", calls[below(COUNT(calls))]);
	if (lies)
		snprintf(more, sizeof(more), "=%s", state_of(device));
	else if (!strcmp(action, "nak"))
		snprintf(more, sizeof(more), " errno=%s", errnos[below(COUNT(errnos))]);
	else if (!strcmp(action, "delay"))
		snprintf(more, sizeof(more), " ms=%u", (unsigned)below(700));
	else if (!arc && below(2))
		snprintf(more, sizeof(more), " at=%u", (unsigned)below(100000));
	put(device, "faults", "%s %s%s times=%u", where, action, more, 1 + (unsigned)below(3));
}

void weather_change(void)
{
	static const char *const data[] = { "pending-forever",
					    "bad-offset=0",
					    "bad-offset=100000",
					    "bad-size=1",
					    "bad-size=0xffffffffffffffff",
					    "offset-moves",
					    "unaligned",
					    "corrupt=77" };
	const unsigned device = below(DEVICES), what = below(32);
	char path[64];

	if (what < 16) {
		fault(device);
	} else if (what < 19) {
		put(device, "faults", "clear");
	} else if (what < 21) {
		put(device, "data_faults", "%s", data[below(COUNT(data))]);
	} else if (what < 24) {
		put(device, "data_faults", "clear");
	} else if (what < 26) {
		put(device, "state", "%s", below(3) ? state_of(device) : "error");
	} else if (what < 30) {
		put(device, "release", "1");
	} else {
		snprintf(path, sizeof(path), SIMS "/s%u", device);
		snprintf(latest[changes++ % COUNT(latest)], sizeof(*latest), "%lld ms: s%u goes",
			 (long long)now_ms(), device);
		rmdir(path);
	}
	/* One that went comes back when its name is free. */
	for (unsigned i = 0; i < DEVICES; i++)
		make(i);
}

void weather_calm(void)
{
	for (unsigned device = 0; device < DEVICES; device++) {
		put(device, "faults", "clear");
		put(device, "data_faults", "clear");
		put(device, "release", "1");
	}
}

void weather_tell(void)
{
	for (unsigned i = changes > COUNT(latest) ? changes - COUNT(latest) : 0; i < changes; i++)
		puts(latest[i % COUNT(latest)]);
}
