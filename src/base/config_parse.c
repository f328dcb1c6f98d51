/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_parse.c  libconfuse behind our tables. It does the grammar only:
 * every value is kept as text with its line, and its messages are turned into
 * ours. Must not know what any option means, nor repeat a telephone number.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config_option.h"


enum {
	OPTIONS = 32,   /* room for the rows of one table               */
	NAME_LIKE = 3,  /* edits between a wrong name and the one meant */
	SEEN = 1 << 24, /* our own bit in cfg_opt_t.flags: was set      */
};


static const struct config_table *table_of(const cfg_t *cfg)
{
	return strcmp(cfg->name, CONFIG_LINE) == 0 ? &config_lines
						   : &config_root;
}


const char *config_shown(char buf[CONFIG_SHOWN + 1], const char *text)
{
	size_t n = 0;

	for (; text[n] && n < CONFIG_SHOWN; n++)
		buf[n] = iscntrl((unsigned char)text[n]) ? '?' : text[n];
	buf[n] = '\0';

	return buf;
}


int config_complain(const char *file, int line, const char *fmt, ...)
{
	char text[2 * CONFIG_WHY];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, text);

	return EINVAL;
}


int config_complain_value(const cfg_t *cfg, const struct config_option *o,
			  const struct config_value *v,
			  const struct config_why *why)
{
	char buf[CONFIG_SHOWN + 1];

	if (o->type->hidden)
		return config_complain(cfg->filename, v->line, "%s: %s",
				       o->name, why->text);

	return config_complain(cfg->filename, v->line, "%s \"%s\": %s",
			       o->name, config_shown(buf, v->text), why->text);
}


static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}


/* Levenshtein's distance, of names no longer than CONFIG_SHOWN */
static size_t distance(const char *a, const char *b)
{
	size_t row[CONFIG_SHOWN + 1];
	const size_t n = least(strlen(b), CONFIG_SHOWN);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;

	for (; *a; a++) {
		size_t corner = row[0]++;

		for (size_t j = 1; j <= n; j++) {
			const size_t above = row[j];
			const size_t change = corner + (*a != b[j - 1]);

			row[j] = least(change, least(above, row[j - 1]) + 1);
			corner = above;
		}
	}

	return row[n];
}


static const char *nearest(const cfg_t *cfg, const char *name)
{
	const struct config_table *t = table_of(cfg);
	const char *best = NULL;
	size_t best_d = NAME_LIKE + 1;

	for (size_t i = 0; i <= t->n; i++) {
		const char *known = i < t->n ? t->v[i].name : CONFIG_LINE;
		const size_t d = distance(known, name);

		if (i == t->n && t == &config_lines)
			break;
		if (d < best_d && d < strlen(known)) {
			best_d = d;
			best = known;
		}
	}

	return best;
}


static void unknown_option(const cfg_t *cfg, const char *name)
{
	const char *in = table_of(cfg) == &config_lines ? " of a line" : "";
	const char *known = nearest(cfg, name);
	const struct config_table *other =
		table_of(cfg) == &config_lines ? &config_root : &config_lines;
	char buf[CONFIG_SHOWN + 1];

	if (strcmp(name, CONFIG_LINE) == 0)
		(void)config_complain(cfg->filename, cfg->line,
				      "a } is missing before "
				      "this: the line above does not end");
	else if (known)
		(void)config_complain(cfg->filename, cfg->line,
				      "unknown option%s \"%s\"; did "
				      "you mean \"%s\"?",
				      in, config_shown(buf, name), known);
	else if (config_option_find(other, name))
		(void)config_complain(
			cfg->filename, cfg->line,
			"\"%s\" belongs %s the braces "
			"of line \"...\" { }",
			name, other == &config_lines ? "inside" : "outside");
	else
		(void)config_complain(cfg->filename, cfg->line,
				      "unknown option%s \"%s\"; "
				      "remove it, or comment it out with #",
				      in, config_shown(buf, name));
}


/* libconfuse's messages and ours, which may name what theirs names */
static const struct grammar {
	const char *theirs;
	const char *before;
	const char *after;
} grammar[] = {
	{"found duplicate title '%s'", "there is a line \"",
	 "\" already; give this one another name"},
	{"premature end of file",
	 "the file ends in the middle of something; "
	 "a value or a } is missing",
	 NULL},
	{"unexpected closing brace", "this } closes nothing; remove it", NULL},
	{"unexpected token '%s'", "\"",
	 "\" does not belong here; write  option = \"value\"  or, for "
	 "several,  option = {\"a\", \"b\"}"},
	{"attempt to append to non-list option '%s'", "",
	 " takes one value; write = instead of +="},
	{"missing equal sign after option '%s'", "an = is missing after \"",
	 "\"; write  option = \"value\""},
	{"missing opening brace for section '%s'",
	 "a { is missing after the "
	 "name; write  ",
	 " \"main\" { ... }"},
	{"missing title for section '%s'", "a name is missing; write  ",
	 " \"main\" { ... }"},
	{"bad escape sequence '%s'", "\"",
	 "\" means nothing in a text; write \\\\ for a backslash"},
	{"invalid octal number '%s'", "\"",
	 "\" means nothing in a text; write \\\\ for a backslash"},
};


static void grammar_error(cfg_t *cfg, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void grammar_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[CONFIG_WHY], buf[CONFIG_SHOWN + 1];
	const struct grammar *g = NULL;

	if (strcmp(fmt, "no such option '%s'") == 0) {
		unknown_option(cfg, va_arg(ap, const char *));
		goto out;
	}

	for (size_t i = 0; i < CONFIG_COUNT(grammar); i++) {
		if (strcmp(fmt, grammar[i].theirs) == 0)
			g = &grammar[i];
	}
	if (!g) {
		(void)vsnprintf(text, sizeof(text), fmt, ap);
		(void)config_complain(cfg->filename, cfg->line,
				      "cannot be understood: %s", text);
	}
	else if (g->after)
		(void)config_complain(
			cfg->filename, cfg->line, "%s%s%s", g->before,
			config_shown(buf, va_arg(ap, const char *)), g->after);
	else
		(void)config_complain(cfg->filename, cfg->line, "%s",
				      g->before);

out:
	errno = EINVAL; /* it has been said: anything but ENOMEM */
}


static int value_keep(cfg_t *cfg, cfg_opt_t *opt, const char *text,
		      void *result)
{
	const size_t n = strlen(text) + 1;
	struct config_value *v;

	/* libconfuse would let the later one win in silence */
	if (opt->nvalues == 1 && (opt->flags & SEEN)) {
		errno = config_complain(cfg->filename, cfg->line,
					"%s is set twice; keep one "
					"of the two",
					opt->name);
		return -1;
	}
	opt->flags |= SEEN;

	v = malloc(sizeof(*v) + n);
	if (!v) {
		errno = ENOMEM;
		return -1;
	}
	v->line = cfg->line;
	memcpy(v->text, text, n);
	*(void **)result = v;

	return 0;
}


static cfg_opt_t confuse_option(const struct config_option *o)
{
	const cfg_opt_t opt = CFG_PTR_CB(
		o->name, NULL,
		CFGF_NODEFAULT | (o->n_offset ? CFGF_LIST : CFGF_NONE),
		value_keep, free);

	return opt;
}


/* opts has room for all rows and the end */
static void confuse_options(cfg_opt_t *opts, const struct config_table *t)
{
	const cfg_opt_t end = CFG_END();

	for (size_t i = 0; i < t->n; i++)
		opts[i] = confuse_option(&t->v[i]);
	opts[t->n] = end;
}


static cfg_t *confuse_alloc(void)
{
	cfg_opt_t root[OPTIONS + 2], line[OPTIONS + 1];
	const cfg_opt_t section =
		CFG_SEC(CONFIG_LINE, line,
			CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);

	confuse_options(line, &config_lines);
	confuse_options(root + 1, &config_root);
	root[0] = section;

	return cfg_init(root, CFGF_NONE);
}


const struct config_value *config_value_at(cfg_t *cfg,
					   const struct config_option *o,
					   unsigned i)
{
	return cfg_opt_getnptr(cfg_getopt(cfg, o->name), i);
}


static int text_parse(cfg_t *cfg, const char *path, const char *text)
{
	FILE *f;
	int err = 0;

	(void)cfg_set_error_function(cfg, grammar_error);
	cfg->filename = strdup(path);
	if (!cfg->filename)
		return ENOMEM;

	/* libconfuse ends the whole process when reading fails; reading from
	 * memory does not */
	f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	if (!f)
		return ENOMEM;

	errno = 0;
	if (cfg_parse_fp(cfg, f) != CFG_SUCCESS)
		err = errno == ENOMEM ? ENOMEM : EINVAL;
	(void)fclose(f);

	return err;
}


int config_parse(cfg_t **cfgp, const char *path)
{
	char *text = NULL;
	cfg_t *cfg;
	int err;

	err = config_text_read(&text, path);
	if (err)
		return err;

	cfg = confuse_alloc();
	err = cfg ? text_parse(cfg, path, text) : ENOMEM;

	free(text);
	if (err && cfg)
		(void)cfg_free(cfg);
	if (!err)
		*cfgp = cfg;

	return err;
}
