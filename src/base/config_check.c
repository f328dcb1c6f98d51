/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_check.c  What no value has wrong by itself: two lines that want the
 * same number, options that do not go together, too much of something. Ports:
 * config_clash.c. A message never repeats a telephone number.
 */
#include <inttypes.h>
#include <string.h>

#include "config_option.h"


/* the line of a value, or of the end if it is a default */
static int line_at(cfg_t *cfg, const struct config_option *o, uint32_t i)
{
	const unsigned n = cfg_opt_size(cfg_getopt(cfg, o->name));

	return i < n ? config_value_at(cfg, o, i)->line : cfg->line;
}


int config_check_clash(const struct config *c, cfg_t *cfg)
{
	const struct config_option *o;
	struct config_why why;
	uint32_t i = 0;

	o = config_clash(c, &i, &why);
	if (!o)
		return 0;

	return config_complain(cfg->filename, line_at(cfg, o, i), "%s: %s",
			       o->name, why.text);
}


static const struct config_line *line_of(const struct config *c,
					 const char *number)
{
	for (uint32_t i = 0; i < c->n_lines; i++) {
		const struct config_line *l = &c->lines[i];

		for (uint32_t k = 0; k < l->n_numbers; k++) {
			if (strcmp(l->numbers[k], number) == 0)
				return l;
		}
	}

	return NULL;
}


/* a number leads to one line only */
static int numbers_check(const struct config *c, cfg_t *sec,
			 const struct config_line *line)
{
	const struct config_option *o =
		config_option_find(&config_lines, "numbers");

	for (uint32_t i = 0; i < line->n_numbers; i++) {
		const struct config_line *l = line_of(c, line->numbers[i]);

		if (l)
			return config_complain(
				sec->filename,
				config_value_at(sec, o, i)->line,
				"numbers: value %" PRIu32 " reaches "
				"line \"%s\" already; keep it in one "
				"of the two",
				i + 1, l->name);
	}

	return 0;
}


/* ---- what goes with which kind of line ---- */

/* NULL, or what is wrong */
typedef const char *(fits_h)(const struct config_line *line, bool set);


static const char *languages_fit(const struct config_line *line, bool set)
{
	(void)set;
	if (line->kind != CONFIG_KIND_DETENTION || line->n_languages == 1)
		return NULL;

	return "callers from detention cannot be asked to choose one; keep "
	       "one here, and make a line for each of the others";
}


static const char *ring_back_fits(const struct config_line *line, bool set)
{
	if (line->kind != CONFIG_KIND_DETENTION || !line->ring_back || !set)
		return NULL;

	return "nobody can be rung back in detention; write no here, or "
	       "remove it";
}


static const char *accept_key_fits(const struct config_line *line, bool set)
{
	(void)set;
	if (line->kind == CONFIG_KIND_DETENTION || !line->accept_key)
		return NULL;

	return "only a detention line has an announcement to answer; write "
	       "\"\" here, or \"detention\" as its kind";
}


static bool is_number(const char *text)
{
	text += *text == '+';

	return *text && !text[strspn(text, "0123456789")];
}


/* what a telephone network could show */
static bool shown_fits(const struct config_line *line, const char *text)
{
	if (!*text || is_number(text))
		return true;
	for (uint32_t i = 0; i < line->n_numbers; i++) {
		if (strcmp(line->numbers[i], text) == 0)
			return true;
	}

	return false;
}


static const char *shows_fits(const struct config_line *line, bool set)
{
	(void)set;

	return shown_fits(line, line->shows)
		       ? NULL
		       : "write one of this line's numbers, or digits with a "
			 "+ before them or none";
}


static const char *neutral_fits(const struct config_line *line, bool set)
{
	(void)set;

	if (!shown_fits(line, line->neutral))
		return "write digits, with a + before them or none";
	if (*line->neutral && strcmp(line->neutral, line->shows) == 0)
		return "this is the number that shows whose line it is; "
		       "write another one, or \"\"";

	return NULL;
}


static const char *transfer_fits(const struct config_line *line, bool set)
{
	if (line->kind != CONFIG_KIND_DETENTION || !line->transfer || !set)
		return NULL;

	return "calls from detention are cut off when another party joins; "
	       "write no here, or remove it";
}


static bool same_name(const struct config_line *line)
{
	for (uint32_t i = 0; i < line->n_third; i++) {
		for (uint32_t k = 0; k < i; k++) {
			if (strcmp(line->third[i].name, line->third[k].name) ==
			    0)
				return true;
		}
	}

	return false;
}


static const char *third_fits(const struct config_line *line, bool set)
{
	(void)set;
	if (line->n_third && line->kind == CONFIG_KIND_DETENTION)
		return "calls from detention are cut off when another party "
		       "joins; write {} here, or remove it";
	if (line->n_third && !line->transfer)
		return "nobody can be brought in while transfer is no; write "
		       "{} here, or transfer = yes";
	if (same_name(line))
		return "two have the same name; give each its own";

	return NULL;
}


static const char *listen_fits(const struct config_line *line, bool set)
{
	(void)set;
	if (line->kind != CONFIG_KIND_DETENTION || !line->listen)
		return NULL;

	return "nobody else may be in a call from detention; write no here, "
	       "or remove it";
}


static const char *keep_calls_fits(const struct config_line *line, bool set)
{
	(void)set;
	if (line->keep_calls >= line->keep_notes)
		return NULL;

	return "notes would be there for longer than the call that they "
	       "belong to; write at least as many months as keep_notes says";
}


static const struct {
	const char *option;
	fits_h *fits;
} fits[] = {
	{"languages", languages_fit},
	{"ring_back", ring_back_fits},
	{"accept_key", accept_key_fits},
	{"shows", shows_fits},
	{"neutral", neutral_fits},
	{"transfer", transfer_fits},
	{"third", third_fits},
	{"listen", listen_fits},
	{"keep_calls", keep_calls_fits},
};


static int options_check(cfg_t *sec, const struct config_line *line)
{
	for (size_t i = 0; i < CONFIG_COUNT(fits); i++) {
		const struct config_option *o =
			config_option_find(&config_lines, fits[i].option);
		const bool set = cfg_opt_size(cfg_getopt(sec, o->name));
		const char *wrong = fits[i].fits(line, set);

		if (wrong)
			return config_complain(sec->filename,
					       line_at(sec, o, 0), "%s: %s",
					       o->name, wrong);
	}

	return 0;
}


/* ---- words of the whole installation ---- */

static const char *language_at(const struct config_line *line, uint32_t i)
{
	return i < line->n_languages ? line->languages[i] : NULL;
}


static const char *skill_at(const struct config_line *line, uint32_t i)
{
	return i < line->n_skills ? line->skills[i] : NULL;
}


static const struct words {
	const char *option;
	const char *(*at)(const struct config_line *line, uint32_t i);
	unsigned max;
} words[] = {
	{"languages", language_at, LIMIT_TONGUES},
	{"skills", skill_at, LIMIT_SKILLS},
};


static bool has_word(const struct words *w, const struct config_line *line,
		     const char *word)
{
	const char *other;

	for (uint32_t i = 0; (other = w->at(line, i)); i++) {
		if (strcmp(other, word) == 0)
			return true;
	}

	return false;
}


/* words of a line that no line before it has */
static unsigned n_new(const struct words *w, const struct config *c,
		      uint32_t n_before, const struct config_line *line)
{
	const char *word;
	unsigned n = 0;

	for (uint32_t i = 0; (word = w->at(line, i)); i++) {
		bool known = false;

		for (uint32_t k = 0; k < n_before && !known; k++)
			known = has_word(w, &c->lines[k], word);
		n += !known;
	}

	return n;
}


static int words_check(const struct config *c, cfg_t *sec,
		       const struct config_line *line)
{
	for (size_t i = 0; i < CONFIG_COUNT(words); i++) {
		const struct words *w = &words[i];
		unsigned n = n_new(w, c, c->n_lines, line);

		for (uint32_t k = 0; k < c->n_lines; k++)
			n += n_new(w, c, k, &c->lines[k]);
		if (n > w->max)
			return config_complain(
				sec->filename,
				line_at(sec,
					config_option_find(&config_lines,
							   w->option),
					0),
				"%s: all lines together have %u different "
				"ones at most; remove some",
				w->option, w->max);
	}

	return 0;
}


int config_check_line(const struct config *c, cfg_t *sec,
		      const struct config_line *line)
{
	int err;

	err = numbers_check(c, sec, line);
	if (!err)
		err = options_check(sec, line);
	if (!err)
		err = words_check(c, sec, line);

	return err;
}
