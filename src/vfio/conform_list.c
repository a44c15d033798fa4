// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

/* In the order in which they run: what the later ones build on comes first. */
static const struct conform_group *const groups[] = {
	&conform_open,        &conform_arcs,   &conform_refusals, &conform_data,    &conform_resume,
	&conform_reset_group, &conform_errors, &conform_region,   &conform_logging, &conform_walk,
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct conform_list {
	enum mig_protocol protocol;
	unsigned int caps;
	const struct mig_conform_options *options;
	const char *group;
	struct mig_conform_test *tests;
	size_t count;
	bool failed; /* no memory */
};

enum mig_protocol conform_list_protocol(const struct conform_list *list)
{
	return list->protocol;
}

unsigned int conform_list_caps(const struct conform_list *list)
{
	return list->caps;
}

const struct mig_conform_options *conform_list_options(const struct conform_list *list)
{
	return list->options;
}

void conform_add(struct conform_list *list, const struct conform_test *test, const char *name,
		 enum mig_state from, enum mig_state to)
{
	struct mig_conform_test *tests;

	if (test->protocol != MIG_PROTOCOL_NONE && test->protocol != list->protocol)
		return;
	tests = reallocarray(list->tests, list->count + 1, sizeof(*tests));
	if (!tests) {
		list->failed = true;
		return;
	}
	list->tests = tests;
	tests = &tests[list->count++];
	*tests = (struct mig_conform_test){
		.authority = test->authority,
		.protocol = list->protocol,
		.caps = test->caps,
		.needs_reset = test->needs_reset,
		.illegal = test->illegal,
		.inside = test,
		.from = from,
		.to = to,
	};
	snprintf(tests->name, sizeof(tests->name), "%s/%s", list->group, name);
}

void conform_add_all(struct conform_list *list, const struct conform_test *tests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		conform_add(list, &tests[i], tests[i].name, MIG_STATE_INVALID, MIG_STATE_INVALID);
}

/* Does a word of the comma list name the test, its group, or match either? */
static bool named(const char *words, const char *name, size_t length)
{
	char word[MIG_CONFORM_NAME], group[MIG_CONFORM_NAME];

	if (length >= sizeof(word))
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)length, words);
	snprintf(group, sizeof(group), "%.*s", (int)strcspn(name, "/"), name);
	return !fnmatch(word, name, 0) || !fnmatch(word, group, 0);
}

static bool any_named(const char *words, const char *name)
{
	for (const char *at = words; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (named(at, name, strcspn(at, ",")))
			return true;
	return false;
}

/* A word that names nothing is a mistake, not a wish for nothing. */
static int check_words(const struct conform_list *list, const char *option, const char *words,
		       struct mig_error *error)
{
	for (const char *at = words; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		size_t length = strcspn(at, ",");
		bool found = false;

		for (size_t i = 0; i < list->count && !found; i++)
			found = named(at, list->tests[i].name, length);
		if (found)
			continue;
		mig_error_set(error, MIG_KIND_USAGE, 0, "%s: no test of %s is called \"%.*s\"",
			      option, mig_protocol_name(list->protocol),
			      length > 60 ? 60 : (int)length, at);
		mig_error_hint(error, "vfio-migctl conform --list names them all");
		return -EINVAL;
	}
	return 0;
}

static void select_wanted(struct conform_list *list)
{
	const struct mig_conform_options *options = list->options;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->tests[i].name;

		if ((!options->only || any_named(options->only, name)) &&
		    (!options->skip || !any_named(options->skip, name)))
			list->tests[kept++] = list->tests[i];
	}
	list->count = kept;
}

int mig_conform_list(enum mig_protocol protocol, unsigned int caps,
		     const struct mig_conform_options *options, struct mig_conform_test **tests,
		     size_t *count, struct mig_error *error)
{
	struct conform_list list = { .protocol = protocol, .caps = caps, .options = options };
	int ret;

	for (size_t i = 0; i < COUNT(groups); i++) {
		list.group = groups[i]->name;
		groups[i]->list(&list);
	}
	if (list.failed)
		ret = mig_error_set(error, MIG_KIND_FAILED, ENOMEM, "out of memory for the tests");
	else
		ret = check_words(&list, "--only", options->only, error);
	if (!ret)
		ret = check_words(&list, "--skip", options->skip, error);
	if (ret) {
		free(list.tests);
		return ret;
	}
	select_wanted(&list);
	*tests = list.tests;
	*count = list.count;
	return 0;
}
