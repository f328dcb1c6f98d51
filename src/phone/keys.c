/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keys.c  Reads what keys to press and when. Must not print them: they may be
 * a telephone number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>

#include "keys.h"


enum {
	PLAIN_AFTER_MS = 500,
	PAUSE_MS = 1000,
	WAIT_MAX_S = 3600,
};


/* there are never more keys than letters */
static struct keys *keys_new(const char *text)
{
	struct keys *k;

	return mem_zalloc(sizeof(*k) + strlen(text) * sizeof(k->v[0]), NULL);
}


static int key_add(struct keys *k, uint32_t at_ms, char key)
{
	if (telev_digit2code(key) < 0)
		return EINVAL;

	k->v[k->n].at_ms = at_ms;
	k->v[k->n].key = key;
	++k->n;

	return 0;
}


/* "2.5:" */
static int wait_read(uint32_t *msp, const char **textp)
{
	const char *text = *textp;
	char *end;
	double s;

	if (text[strspn(text, "0123456789.")] != ':')
		return EINVAL;
	s = strtod(text, &end);
	if (end == text || *end != ':' || !(s >= 0.0 && s <= WAIT_MAX_S))
		return EINVAL;

	*msp = (uint32_t)(s * 1000.0 + 0.5);
	*textp = end + 1;

	return 0;
}


static int group_read(struct keys *k, uint32_t *msp, const char **textp)
{
	const uint32_t before_ms = *msp;
	const char *text;
	int err;

	err = wait_read(msp, textp);
	if (err || *msp < before_ms)
		return EINVAL;

	text = *textp;
	if (!*text || *text == ',')
		return EINVAL;
	while (*text && *text != ',') {
		err = key_add(k, *msp, *text++);
		if (err)
			return err;
	}
	*textp = text;

	return 0;
}


int keys_decode(struct keys **kp, const char *text)
{
	uint32_t at_ms = 0;
	struct keys *k;
	int err;

	if (!kp || !text)
		return EINVAL;
	k = keys_new(text);
	if (!k)
		return ENOMEM;

	do {
		err = group_read(k, &at_ms, &text);
	} while (!err && *text++ == ',');

	if (err)
		mem_deref(k);
	else
		*kp = k;

	return err;
}


int keys_plain(struct keys **kp, const char *text)
{
	uint32_t at_ms = PLAIN_AFTER_MS;
	struct keys *k;
	int err = 0;

	if (!kp || !text)
		return EINVAL;
	k = keys_new(text);
	if (!k)
		return ENOMEM;

	for (; *text && !err; text++) {
		if (*text == ',')
			at_ms += PAUSE_MS;
		else
			err = key_add(k, at_ms, *text);
	}

	if (err)
		mem_deref(k);
	else
		*kp = k;

	return err;
}
