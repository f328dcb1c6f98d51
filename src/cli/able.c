/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * able.c  A person's languages, skills, organisation and region. A typing
 * error here would leave callers without anybody: languages must be spoken by
 * a line, the rest is compared and warned about.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "able.h"
#include "name.h"
#include "nearest.h"
#include "words.h"


/* all languages of all lines, each once */
struct spoken {
	const char *v[LIMIT_LINES * LIMIT_LANGUAGES];
	size_t n;
};


static bool speaks(const struct spoken *all, const char *language)
{
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->v[i], language) == 0)
			return true;
	}

	return false;
}


static void spoken_collect(struct spoken *all, const struct config *cfg)
{
	all->n = 0;
	for (uint32_t i = 0; i < cfg->n_lines; i++) {
		const struct config_line *line = &cfg->lines[i];

		for (uint32_t k = 0; k < line->n_languages; k++) {
			if (!speaks(all, line->languages[k]))
				all->v[all->n++] = line->languages[k];
		}
	}
}


static int not_spoken(const struct spoken *all, const char *word)
{
	const char *near = nearest(word, all->v, all->n);

	fprintf(stderr, "ringback: no line speaks \"%s\"", word);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fprintf(stderr, "\nThe lines speak:");
	for (size_t i = 0; i < all->n; i++)
		fprintf(stderr, "%s %s", i ? "," : "", all->v[i]);
	fprintf(stderr, ". More are added to \"languages\" in"
			" ringback.conf.\n");

	return EINVAL;
}


static int list_take(char to[LIMIT_WORDS], const char *option,
		     const char *text)
{
	int err = words_take(to, text);

	if (err)
		fprintf(stderr, "ringback: %s takes words with commas between"
				" them, %d bytes at most\n", option,
			LIMIT_WORDS - 1);
	return err ? EINVAL : 0;
}


static int languages_take(struct store_person *p, const char *text,
			  const struct config *cfg)
{
	struct spoken all;
	char word[LIMIT_NAME];
	const char *rest = p->languages;
	int err;

	err = list_take(p->languages, "--languages", text);
	if (err)
		return err;
	if (!p->languages[0]) {
		fprintf(stderr, "ringback: --languages: who answers speaks at"
				" least one\n");
		return EINVAL;
	}

	spoken_collect(&all, cfg);
	while (words_next(word, &rest)) {
		if (!speaks(&all, word))
			return not_spoken(&all, word);
	}

	return 0;
}


static bool asks_skill(const struct config_line *line, const char *skill)
{
	for (uint32_t i = 0; i < line->n_skills; i++) {
		if (strcmp(line->skills[i], skill) == 0)
			return true;
	}

	return false;
}


static bool is_organisation(const struct config_line *line, const char *name)
{
	return strcmp(line->organisation, name) == 0;
}


static bool is_region(const struct config_line *line, const char *name)
{
	return strcmp(line->region, name) == 0;
}


typedef bool(asks_h)(const struct config_line *line, const char *word);

static void warn_unasked(const struct config *cfg, asks_h *h,
			 const char *noun, const char *word)
{
	for (uint32_t i = 0; i < cfg->n_lines; i++) {
		if (h(&cfg->lines[i], word))
			return;
	}

	fprintf(stderr, "ringback: warning: no line of ringback.conf has the"
			" %s \"%s\"; it is stored all the same\n", noun,
		word);
}


static int skills_take(struct store_person *p, const char *text,
		       const struct config *cfg)
{
	const char *rest = p->skills;
	char word[LIMIT_NAME];
	int err;

	err = list_take(p->skills, "--skills", text);
	if (err)
		return err;

	while (words_next(word, &rest))
		warn_unasked(cfg, asks_skill, "skill", word);

	return 0;
}


static int circle_take(char to[LIMIT_NAME], const char *text,
		       const struct config *cfg, asks_h *h, const char *noun)
{
	to[0] = '\0';
	if (strcmp(text, "none") == 0)
		return 0;
	if (name_check(text))
		return EINVAL;

	(void)snprintf(to, LIMIT_NAME, "%s", text);
	warn_unasked(cfg, h, noun, text);

	return 0;
}


int able_take(struct store_person *p, const struct able *able,
	      const struct config *cfg)
{
	int err = 0;

	if (able->languages)
		err = languages_take(p, able->languages, cfg);
	if (!err && able->skills)
		err = skills_take(p, able->skills, cfg);
	if (!err && able->organisation)
		err = circle_take(p->organisation, able->organisation, cfg,
				  is_organisation, "organisation");
	if (!err && able->region)
		err = circle_take(p->region, able->region, cfg, is_region,
				  "region");

	return err;
}
