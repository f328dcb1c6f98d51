/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * words.c  Lists of words. Must not know what they mean.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "words.h"


bool words_next(char word[LIMIT_NAME], const char **listp)
{
	const size_t n = strcspn(*listp, ",");

	if (!**listp)
		return false;

	(void)snprintf(word, LIMIT_NAME, "%.*s", (int)n, *listp);
	*listp += n + ((*listp)[n] == ',');

	return true;
}


bool words_has(const char *list, const char *word)
{
	char one[LIMIT_NAME];

	while (words_next(one, &list)) {
		if (strcmp(one, word) == 0)
			return true;
	}

	return false;
}


/* one typed word, without the blanks around it */
static int word_take(char word[LIMIT_NAME], const char *text, size_t n)
{
	while (n && *text == ' ') {
		++text;
		--n;
	}
	while (n && text[n - 1] == ' ')
		--n;
	if (n == 0 || n >= LIMIT_NAME)
		return EINVAL;

	memcpy(word, text, n);
	word[n] = '\0';

	return name_wrong(word) ? EINVAL : 0;
}


static int word_add(char to[LIMIT_WORDS], const char *word)
{
	const size_t used = strlen(to);
	int n;

	if (words_has(to, word))
		return 0;
	n = snprintf(to + used, LIMIT_WORDS - used, "%s%s", used ? "," : "",
		     word);

	return n < 0 || used + (size_t)n >= LIMIT_WORDS ? ENOSPC : 0;
}


int words_take(char to[LIMIT_WORDS], const char *text)
{
	char word[LIMIT_NAME];

	to[0] = '\0';
	if (strcmp(text, "none") == 0)
		return 0;

	for (;;) {
		const size_t n = strcspn(text, ",");
		int err = word_take(word, text, n);

		if (!err)
			err = word_add(to, word);
		if (err || !text[n])
			return err;
		text += n + 1;
	}
}


json_t *words_json(const char *list)
{
	json_t *array = json_array();
	char word[LIMIT_NAME];

	while (array && words_next(word, &list)) {
		if (json_array_append_new(array, json_string(word))) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}
