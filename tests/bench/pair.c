// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times two commands as whole processes, in turn, so that a machine whose
 * speed drifts treats both alike. FRESH is a file that one of them makes (or
 * "", none): it is removed before every run, so that neither pays for taking
 * an older one apart.
 * usage: pair RUNS FRESH A [ARG...] -- FRESH B [ARG...]
 * Prints the medians in microseconds, and the median of the ratios A/B.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double run(char **words)
{
	char **argv = words + 1;
	posix_spawn_file_actions_t actions;
	struct timespec begin, end;
	int status;
	pid_t pid;

	if (*words[0])
		unlink(words[0]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) ||
	    waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "pair: %s failed\n", argv[0]);
		exit(1);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	posix_spawn_file_actions_destroy(&actions);
	return (double)(end.tv_sec - begin.tv_sec) * 1e6 +
	       (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

int main(int argc, char **argv)
{
	size_t runs = argc > 6 ? strtoul(argv[1], NULL, 10) : 0;
	double *a = calloc(runs + 1, sizeof(*a)), *b = calloc(runs + 1, sizeof(*b));
	double *ratio = calloc(runs + 1, sizeof(*ratio));
	char **second = argv + 2;

	while (runs && *second && strcmp(*second, "--"))
		second++;
	if (!runs || !a || !b || !ratio || !*second || !second[1] || !second[2]) {
		fprintf(stderr, "usage: pair RUNS FRESH A [ARG...] -- FRESH B [ARG...]\n");
		return 2;
	}
	*second++ = NULL;
	run(argv + 2);
	run(second);
	for (size_t i = 0; i < runs; i++) {
		a[i] = run(argv + 2);
		b[i] = run(second);
		ratio[i] = a[i] / b[i];
	}
	printf("%.0f %.0f %.2f\n", median(a, runs), median(b, runs), median(ratio, runs));
	return 0;
}
