/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * command.c  Finds the command that is meant. Must not know any.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "exit.h"
#include "nearest.h"


enum { COMMANDS_MAX = 32 };


static int list(const struct commands *c)
{
	printf("usage: %s COMMAND ...\n\n%s\n\n", c->noun, c->about);

	for (size_t i = 0; i < c->n; i++)
		printf("  %-9s %s\n", c->rows[i].name, c->rows[i].about);

	printf("\n%s COMMAND --help says more about each.\n", c->noun);
	if (c->more)
		printf("%s", c->more);

	return EXIT_DONE;
}


static int unknown(const struct commands *c, const char *word)
{
	const char *names[COMMANDS_MAX];
	const char *near;
	size_t n;

	for (n = 0; n < c->n && n < COMMANDS_MAX; n++)
		names[n] = c->rows[n].name;
	near = nearest(word, names, n);

	fprintf(stderr, "%s: there is no command \"%s\"", c->noun, word);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fprintf(stderr, "\n%s --help lists them.\n", c->noun);

	return EXIT_USAGE;
}


static int missing(const struct commands *c)
{
	fprintf(stderr, "%s: what to do? ", c->noun);
	for (size_t i = 0; i < c->n; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", c->rows[i].name);
	fprintf(stderr, "\n%s --help says more.\n", c->noun);

	return EXIT_USAGE;
}


int command_run(const struct commands *c, int argc, char *argv[])
{
	if (argc < 1)
		return missing(c);
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
	    strcmp(argv[0], "help") == 0)
		return list(c);

	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->rows[i].name, argv[0]) == 0)
			return c->rows[i].h(argc - 1, argv + 1);
	}

	return unknown(c, argv[0]);
}
