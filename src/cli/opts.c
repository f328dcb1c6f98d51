/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * opts.c  Reads options by table. Must not know any command, and does not
 * repeat a value in an error: it may be a number or a name.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "nearest.h"
#include "opts.h"


enum {
	SECONDS_MAX = 24 * 3600,
	SEEN_MAX = 32, /* rows of one command */
};


int opts_wrong(const struct opts *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("ringback: ", stderr);
	vfprintf(stderr, fmt, ap);
	va_end(ap);

	fprintf(stderr, "\nusage: %s\n", o->usage);
	return EINVAL;
}


int opts_exit(int err)
{
	return err == ECANCELED ? EXIT_DONE : EXIT_USAGE;
}


static void help_print(const struct opts *o)
{
	printf("usage: %s\n\n%s\n\n", o->usage, o->about);

	for (size_t i = 0; i < o->n; i++) {
		const struct opt *row = &o->rows[i];
		char left[64];

		(void)snprintf(left, sizeof(left), "%s%s%s", row->name,
			       row->value ? " " : "",
			       row->value ? row->value : "");
		printf("  %-22s %s\n", left, row->help);
	}
}


static const struct opt *row_find(const struct opts *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->rows[i].kind != OPT_PLACE &&
		    strcmp(o->rows[i].name, name) == 0)
			return &o->rows[i];
	}

	return NULL;
}


static int unknown(const struct opts *o, const char *name)
{
	const char *names[SEEN_MAX];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < o->n && n < SEEN_MAX; i++) {
		if (o->rows[i].kind != OPT_PLACE)
			names[n++] = o->rows[i].name;
	}

	near = nearest(name, names, n);
	if (near)
		return opts_wrong(o, "there is no option %s; did you mean"
				     " %s?", name, near);

	return opts_wrong(o, "there is no option %s", name);
}


static int number_set(const struct opts *o, const struct opt *row,
		      const char *value, void *to)
{
	unsigned long n;
	uint32_t n32;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno || end == value || *end || *value == '-' ||
	    n < row->low || n > row->high)
		return opts_wrong(o, "%s takes a number from %u to %u",
				  row->name, row->low, row->high);

	n32 = (uint32_t)n;
	memcpy(to, &n32, sizeof(n32));
	return 0;
}


static int seconds_set(const struct opts *o, const struct opt *row,
		       const char *value, void *to)
{
	char *end;
	uint32_t ms;
	double s;

	s = strtod(value, &end);
	if (end == value || *end || !(s > 0.0) || s > SECONDS_MAX)
		return opts_wrong(o, "%s takes seconds, as 10 or 2.5",
				  row->name);

	ms = (uint32_t)(s * 1000.0 + 0.5);
	ms = ms ? ms : 1;
	memcpy(to, &ms, sizeof(ms));
	return 0;
}


static int word_set(const struct opts *o, const struct opt *row,
		    const char *value, void *to)
{
	char all[128] = "";
	size_t n = 0;

	for (int i = 0; row->words[i]; i++) {
		if (strcmp(row->words[i], value) == 0) {
			memcpy(to, &i, sizeof(i));
			return 0;
		}
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
				      i ? " or " : "", row->words[i]);
	}

	return opts_wrong(o, "%s takes %s", row->name, all);
}


static int text_set(const struct opts *o, const struct opt *row,
		    const char *value, void *to)
{
	if (!*value)
		return opts_wrong(o, "%s must not be empty", row->name);

	memcpy(to, &value, sizeof(value));
	return 0;
}


static int flag_set(const struct opts *o, const struct opt *row,
		    const char *value, void *to)
{
	const bool on = true;
	(void)o;
	(void)row;
	(void)value;

	memcpy(to, &on, sizeof(on));
	return 0;
}


typedef int(set_h)(const struct opts *o, const struct opt *row,
		   const char *value, void *to);

static set_h *const setters[] = {
	[OPT_FLAG] = flag_set,
	[OPT_TEXT] = text_set,
	[OPT_NUMBER] = number_set,
	[OPT_SECONDS] = seconds_set,
	[OPT_WORD] = word_set,
	[OPT_PLACE] = text_set,
};


static int row_set(const struct opts *o, const struct opt *row,
		   const char *value, void *to)
{
	return setters[row->kind](o, row, value, (char *)to + row->where);
}


/* "--name VALUE" or "--name=VALUE"; *usedp is how many arguments it took */
static int option_read(const struct opts *o, int argc, char *argv[],
		       bool *seen, void *to, int *usedp)
{
	const char *equals = strchr(argv[0], '=');
	char name[64];
	const struct opt *row;
	const char *value = NULL;

	(void)snprintf(name, sizeof(name), "%.*s",
		       equals ? (int)(equals - argv[0]) : 60, argv[0]);
	row = row_find(o, name);
	if (!row)
		return unknown(o, name);
	if (seen[row - o->rows])
		return opts_wrong(o, "%s is given twice", row->name);
	seen[row - o->rows] = true;

	*usedp = 1;
	if (row->kind == OPT_FLAG) {
		if (equals)
			return opts_wrong(o, "%s takes no value", row->name);
	}
	else if (equals) {
		value = equals + 1;
	}
	else {
		if (argc < 2)
			return opts_wrong(o, "%s needs %s after it",
					  row->name, row->value);
		value = argv[1];
		*usedp = 2;
	}

	return row_set(o, row, value, to);
}


static const struct opt *place_next(const struct opts *o, size_t *ip)
{
	while (*ip < o->n) {
		const struct opt *row = &o->rows[(*ip)++];

		if (row->kind == OPT_PLACE)
			return row;
	}

	return NULL;
}


static bool help_asked(int argc, char *argv[])
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return true;
	}

	return false;
}


int opts_read(const struct opts *o, int argc, char *argv[], void *to)
{
	bool seen[SEEN_MAX] = {false};
	const struct opt *row;
	size_t place = 0;

	if (!o || !to || o->n > SEEN_MAX)
		return EINVAL;

	if (help_asked(argc, argv)) {
		help_print(o);
		return ECANCELED;
	}

	for (int i = 0; i < argc;) {
		int used = 1, err;

		if (strncmp(argv[i], "--", 2) == 0) {
			err = option_read(o, argc - i, argv + i, seen, to,
					  &used);
		}
		else {
			row = place_next(o, &place);
			err = row ? row_set(o, row, argv[i], to)
				  : opts_wrong(o, "one word too many");
		}
		if (err)
			return err;
		i += used;
	}

	row = place_next(o, &place);
	if (row)
		return opts_wrong(o, "%s is missing", row->name);

	return 0;
}
