/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people_form.c  From what a coordinator filled in to a person's entry. A
 * language that no line speaks is refused: callers would be left without
 * anybody. Must not answer requests.
 */
#include <stdio.h>
#include <string.h>

#include "accounts_parts.h"


/* JSON is UTF-8 already */
static bool is_name(const char *text)
{
	const size_t n = strlen(text);

	if (n == 0 || n >= LIMIT_NAME || text[0] == ' ' || text[n - 1] == ' ')
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	}

	return true;
}


static bool line_speaks(const struct config_line *line, const char *word)
{
	for (uint32_t i = 0; i < line->n_languages; i++) {
		if (strcmp(line->languages[i], word) == 0)
			return true;
	}

	return false;
}


static bool is_spoken(const struct config *cfg, const char *word)
{
	for (uint32_t i = 0; i < cfg->n_lines; i++) {
		if (line_speaks(&cfg->lines[i], word))
			return true;
	}

	return false;
}


/* @param cfg Languages: a line must speak them; NULL for other words */
static const char *word_add(char to[LIMIT_WORDS], const json_t *word,
			    const struct config *cfg)
{
	const char *text = json_string_value(word);
	const size_t used = strlen(to);
	int n;

	if (!text || !is_name(text) || strchr(text, ','))
		return "Languages and skills are lists of words without"
		       " commas.";
	if (cfg && !is_spoken(cfg, text))
		return "No line speaks one of these languages.";
	n = snprintf(to + used, LIMIT_WORDS - used, "%s%s", used ? "," : "",
		     text);

	return n < 0 || used + (size_t)n >= LIMIT_WORDS
		       ? "Languages or skills are too many." : NULL;
}


static const char *words_take(char to[LIMIT_WORDS], const json_t *list,
			      const struct config *cfg)
{
	char text[LIMIT_WORDS] = "";
	const char *why = NULL;
	const json_t *word;
	size_t i;

	if (!json_is_array(list))
		return "Languages and skills are lists of words.";
	for (i = 0; !why && i < json_array_size(list); i++) {
		word = json_array_get(list, i);
		why = word_add(text, word, cfg);
	}
	if (!why && cfg && !text[0])
		why = "Who answers speaks at least one language.";
	if (!why)
		memcpy(to, text, sizeof(text));

	return why;
}


static const char *circle_take(char to[LIMIT_NAME], const char *text)
{
	if (text[0] && !is_name(text))
		return "Organisation and region have at most 63 bytes, and no"
		       " blank at either end.";
	memset(to, 0, LIMIT_NAME);
	memcpy(to, text, strlen(text));

	return NULL;
}


const char *people_form_take(struct store_person *p,
			     const struct people_form *form,
			     const struct config *cfg)
{
	const char *why = NULL;

	if (form->name && !is_name(form->name))
		return "A name has 1 to 63 bytes, and no blank at either end.";
	if (form->name)
		(void)snprintf(p->name, sizeof(p->name), "%s", form->name);
	if (form->languages)
		why = words_take(p->languages, form->languages, cfg);
	if (!why && form->skills)
		why = words_take(p->skills, form->skills, NULL);
	if (!why && form->organisation)
		why = circle_take(p->organisation, form->organisation);
	if (!why && form->region)
		why = circle_take(p->region, form->region);

	return why;
}


static const char *role_take(struct store_role *role, json_t *row)
{
	const char *line, *name;

	memset(role, 0, sizeof(*role));
	if (json_unpack_ex(row, NULL, JSON_STRICT, "{s:s, s:s}", "line", &line,
			   "role", &name) ||
	    strlen(line) >= sizeof(role->line) ||
	    strlen(name) >= sizeof(role->role))
		return "A role is {\"line\", \"role\"}.";
	memcpy(role->line, line, strlen(line));
	memcpy(role->role, name, strlen(name));

	return NULL;
}


static bool is_twice(const struct store_role *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].line, v[n].line) == 0)
			return true;
	}

	return false;
}


const char *people_form_roles(struct store_role *v, size_t *n,
			      const json_t *roles)
{
	const size_t n_roles = json_array_size(roles);
	const char *why;

	if (!json_is_array(roles) || n_roles > *n)
		return "Roles are a list, at most one for each line and one"
		       " for all.";
	for (size_t i = 0; i < n_roles; i++) {
		why = role_take(&v[i], json_array_get(roles, i));
		if (!why && is_twice(v, i))
			why = "There are two roles for one line.";
		if (why)
			return why;
	}
	*n = n_roles;

	return NULL;
}
