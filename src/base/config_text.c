/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_text.c  Reads the file and blanks its comments, before libconfuse
 * sees it: libconfuse 3.3 counts a line with a comment two or three times and
 * refuses comments within lists. Finds texts and braces that do not end,
 * which libconfuse notices late or never. Must not know any option.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config_option.h"


/* where we are in the text */
struct place {
	const char *file;
	char *p;
	int line;
	int depth;  /* of braces                     */
	int opened; /* line of the last outer brace  */
};


static bool starts(const struct place *at, const char *what)
{
	return strncmp(at->p, what, strlen(what)) == 0;
}


/* blank up to, and not including, the end; what stays is the lines */
static void blank(struct place *at, const char *end)
{
	for (; *at->p && !starts(at, end); at->p++) {
		if (*at->p == '\n')
			++at->line;
		else
			*at->p = ' ';
	}
}


static int comment_blank(struct place *at)
{
	const int line = at->line;

	at->p[0] = at->p[1] = ' ';
	blank(at, "*/");
	if (!*at->p)
		return config_complain(at->file, line,
				       "this comment does not "
				       "end; close it with */");
	at->p[0] = at->p[1] = ' ';

	return 0;
}


/* a text in quotes, on one line */
static int text_skip(struct place *at)
{
	const char quote = *at->p++;

	for (; *at->p && *at->p != '\n'; at->p++) {
		if (*at->p == quote) {
			++at->p;
			return 0;
		}
		if (*at->p == '\\' && at->p[1] && at->p[1] != '\n')
			++at->p;
	}

	return config_complain(at->file, at->line,
			       "this text does not end; a "
			       "closing %c is missing",
			       quote);
}


static void brace_count(struct place *at)
{
	if (*at->p == '{' && ++at->depth == 1)
		at->opened = at->line;
	else if (*at->p == '}')
		--at->depth;
}


static int token_handle(struct place *at, bool word)
{
	if (*at->p == '"' || *at->p == '\'')
		return text_skip(at);
	if (!word && starts(at, "/*"))
		return comment_blank(at);
	if (*at->p == '#' || (!word && starts(at, "//"))) {
		blank(at, "\n");
		return 0;
	}

	if (*at->p == '\n')
		++at->line;
	else if (*at->p == '\r')
		*at->p = ' ';
	else
		brace_count(at);
	++at->p;

	return 0;
}


static int text_clean(const char *file, char *text)
{
	struct place at = {file, text, 1, 0, 1};
	bool word = false; /* in the middle of one, "//" is no comment */
	int err;

	while (*at.p) {
		err = token_handle(&at, word);
		if (err)
			return err;
		word = at.p > text && !strchr(" \t\n={},()+", at.p[-1]);
	}
	if (at.depth > 0)
		return config_complain(file, at.opened,
				       "a } is missing; the "
				       "{ here is not closed");

	return 0;
}


static int file_size(FILE *f, size_t *np)
{
	struct stat st;

	if (fstat(fileno(f), &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EISDIR;
	if (st.st_size > LIMIT_CONFIG)
		return EFBIG;

	*np = (size_t)st.st_size;
	return 0;
}


static int file_read(FILE *f, char **textp)
{
	size_t n = 0;
	char *text;
	int err;

	err = file_size(f, &n);
	if (err)
		return err;
	text = calloc(1, n + 2);
	if (!text)
		return ENOMEM;

	errno = 0;
	n = fread(text, 1, n, f);
	if (ferror(f))
		err = errno ? errno : EIO;
	else if (strlen(text) != n)
		err = EBADMSG;
	else if (!n)
		text[0] = '\n'; /* fmemopen() takes nothing for an error */

	if (err)
		free(text);
	else
		*textp = text;

	return err;
}


static const char *words_of(int err)
{
	switch (err) {

	case ENOENT:
		return "there is none; `ringback init` writes one";
	case EISDIR:
		return "this is no file";
	case EFBIG:
		return "too long for a configuration";
	case EBADMSG:
		return "this is no text";
	default:
		return strerror(err);
	}
}


int config_text_read(char **textp, const char *path)
{
	char *text = NULL;
	FILE *f;
	int err;

	f = fopen(path, "re");
	err = f ? file_read(f, &text) : errno;
	if (f)
		(void)fclose(f);

	if (err) {
		fprintf(stderr, "%s: %s\n", path, words_of(err));
		return err;
	}

	err = text_clean(path, text);
	if (err)
		free(text);
	else
		*textp = text;

	return err;
}
