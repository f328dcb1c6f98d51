/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * telephone.c  Reads where a counsellor is rung. What it says never holds a
 * part of it.
 */
#include <string.h>

#include "line/number.h"
#include "store/store.h"
#include "sipuri.h"
#include "telephone.h"


static bool is_none(const char *text)
{
	return strcmp(text, "none") == 0;
}


bool telephone_is_number(const char *text)
{
	return *text && strchr("+0123456789", *text);
}


const char *telephone_wrong(const char *text)
{
	struct secret_text number;
	struct pl pl;
	int err;

	if (is_none(text))
		return NULL;
	if (!telephone_is_number(text))
		return sipuri_wrong(NULL, text);

	pl_set_str(&pl, text);
	err = strchr(text, ';') ? EINVAL : number_read(&number, &pl);
	secret_wipe(&number);

	return err ? "it must be a telephone number as it is dialled, for"
		     " example with + and the country's code, or read"
		     " sip:USER@HOST"
		   : NULL;
}


static bool some_line_may_ring(const struct config *cfg,
			       const struct secret_text *number)
{
	for (uint16_t i = 0; i < cfg->n_lines; i++) {
		if (number_may_ring(cfg, i, number))
			return true;
	}

	return false;
}


static const char *number_take(struct secret_text *phone, const char *text,
			       const struct config *cfg)
{
	struct secret_text number;
	const char *why = NULL;
	struct pl pl;

	pl_set_str(&pl, text);
	if (number_read(&number, &pl))
		why = "it is no telephone number";
	else if (!some_line_may_ring(cfg, &number))
		why = "no line may ring this number: it is one for emergencies,"
		      " too short,\none of the hotline's own, or not among"
		      " those that may_ring in ringback.conf allows";
	else if (re_snprintf(phone->hidden, sizeof(phone->hidden),
			     STORE_PHONE_NUMBER "%s", secret_reveal(&number)) < 0)
		why = "it is too long";
	secret_wipe(&number);

	return why;
}


const char *telephone_read(struct secret_text *phone, const char *text,
			   const struct config *cfg)
{
	secret_wipe(phone);
	if (is_none(text))
		return NULL;
	if (telephone_is_number(text))
		return number_take(phone, text, cfg);

	return secret_set(phone, text, strlen(text)) ? "it is too long" : NULL;
}
