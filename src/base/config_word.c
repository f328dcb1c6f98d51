/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_word.c  The types of an option that is one of a few words, or days
 * and hours, a zone, a key, an origin, a name with its number. Must not know
 * any option.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config_option.h"


enum {
	THIRD_DIGITS_MIN = 3,                /* 112, 988 */
	THIRD_DIGITS_MAX = LIMIT_DIGITS + 2, /* with + or 00 */
};


/* one of some words, by its place. @return -1 if none; why lists them */
static int word_find(const char *const *words, int n, const char *text,
		     const char *what, struct config_why *why)
{
	size_t len;

	for (int i = 0; i < n; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}

	(void)config_because(why, "no such %s; write", what);
	for (int i = 0; i < n; i++) {
		len = strlen(why->text);
		(void)snprintf(why->text + len, sizeof(why->text) - len,
			       "%s\"%s\"",
			       i == 0      ? " "
			       : i < n - 1 ? ", "
					   : " or ",
			       words[i]);
	}

	return -1;
}


static int level_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	(void)o;

	if (log_level_decode(field, text))
		return config_because(why, "no such level; write \"error\", "
					   "\"warn\", \"note\" or \"debug\"");

	return 0;
}


static int strategy_decode(void *field, const char *text,
			   const struct config_option *o,
			   struct config_why *why)
{
	static const char *const words[CONFIG_STRATEGIES] = {
		[CONFIG_STRATEGY_ALL] = "all",
		[CONFIG_STRATEGY_LONGEST_IDLE] = "longest_idle",
		[CONFIG_STRATEGY_ROUND_ROBIN] = "round_robin",
		[CONFIG_STRATEGY_TIERS] = "tiers",
	};
	const int i =
		word_find(words, CONFIG_STRATEGIES, text, "strategy", why);

	(void)o;
	if (i < 0)
		return EINVAL;

	*(enum config_strategy *)field = (enum config_strategy)i;
	return 0;
}


static int srtp_decode(void *field, const char *text,
		       const struct config_option *o, struct config_why *why)
{
	static const char *const words[CONFIG_SRTPS] = {
		[CONFIG_SRTP_OFF] = "off",
		[CONFIG_SRTP_OFFER] = "offer",
		[CONFIG_SRTP_REQUIRE] = "require",
	};
	const int i = word_find(words, CONFIG_SRTPS, text, "use of SRTP", why);

	(void)o;
	if (i < 0)
		return EINVAL;

	*(enum config_srtp *)field = (enum config_srtp)i;
	return 0;
}


static int kind_decode(void *field, const char *text,
		       const struct config_option *o, struct config_why *why)
{
	static const char *const words[CONFIG_KINDS] = {
		[CONFIG_KIND_ORDINARY] = "ordinary",
		[CONFIG_KIND_DETENTION] = "detention",
		[CONFIG_KIND_AFTER_HOURS] = "after_hours",
	};
	const int i =
		word_find(words, CONFIG_KINDS, text, "kind of line", why);

	(void)o;
	if (i < 0)
		return EINVAL;

	*(enum config_kind *)field = (enum config_kind)i;
	return 0;
}


static int tells_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	static const char *const words[CONFIG_TELLS] = {
		[CONFIG_TELLS_NOTHING] = "nothing",
		[CONFIG_TELLS_POSITION] = "position",
		[CONFIG_TELLS_WAIT] = "wait",
	};
	const int i =
		word_find(words, CONFIG_TELLS, text, "thing to tell", why);

	(void)o;
	if (i < 0)
		return EINVAL;

	*(enum config_tells *)field = (enum config_tells)i;
	return 0;
}


static int yes_decode(void *field, const char *text,
		      const struct config_option *o, struct config_why *why)
{
	const bool yes = strcmp(text, "yes") == 0;

	(void)o;
	if (!yes && strcmp(text, "no") != 0)
		return config_because(why, "write yes or no");

	*(bool *)field = yes;
	return 0;
}


static int hours_type_decode(void *field, const char *text,
			     const struct config_option *o,
			     struct config_why *why)
{
	(void)o;

	if (hours_decode(field, text))
		return config_because(
			why, "write days and hours, for example "
			     "\"Mon-Fri 09:00-17:00\", \"Sat,Sun "
			     "22:00-02:00\" or \"daily 00:00-24:00\"");

	return 0;
}


static int zone_decode(void *field, const char *text,
		       const struct config_option *o, struct config_why *why)
{
	(void)o;

	if (*text && !hours_zone_known(text))
		return config_because(
			why, "this machine knows no such time zone; write "
			     "for example \"Europe/Berlin\" (the package "
			     "tzdata brings them), or \"\" for the "
			     "machine's own");

	strcpy(field, text);
	return 0;
}


static int key_decode(void *field, const char *text,
		      const struct config_option *o, struct config_why *why)
{
	(void)o;

	if (*text && (text[1] || !strchr("0123456789*#", *text)))
		return config_because(why, "write one key of a telephone, "
					   "for example \"5\", or \"\"");

	*(char *)field = *text;
	return 0;
}


/* as a browser says it (RFC 6454): small letters, no path, no usual port */
static bool is_origin(const char *text)
{
	static const char *const begins[] = {"https://", "http://"};
	static const char *const ports[] = {":443", ":80"};

	for (size_t i = 0; i < CONFIG_COUNT(begins); i++) {
		const size_t n = strlen(begins[i]), len = strlen(text);
		const size_t k = strlen(ports[i]);

		if (strncmp(text, begins[i], n) != 0)
			continue;
		if (len >= k && strcmp(text + len - k, ports[i]) == 0)
			return false;
		return text[n] && text[n + strspn(text + n,
						  "abcdefghijklmnopqrstuvwxyz"
						  "0123456789.-:[]")] == '\0';
	}

	return false;
}


static int origin_decode(void *field, const char *text,
			 const struct config_option *o, struct config_why *why)
{
	(void)o;

	if (strlen(text) >= LIMIT_URI || (*text && !is_origin(text)))
		return config_because(
			why, "write what browsers show up to the first "
			     "slash, in small letters, for example "
			     "\"https://hotline.example\"");

	strcpy(field, text);
	return 0;
}


/* what people write between digits is left out */
static bool third_number(char *number, const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		if (strchr(" -.()/", *text))
			continue;
		if (!isdigit((unsigned char)*text) && !(*text == '+' && !n))
			return false;
		if (n == THIRD_DIGITS_MAX)
			return false;
		number[n++] = *text;
	}
	number[n] = '\0';

	return n >= THIRD_DIGITS_MIN + (number[0] == '+');
}


/* "Interpreter: +1 202 555 0143" */
static int third_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	const char *colon = strrchr(text, ':');
	const size_t n = colon ? (size_t)(colon - text) : 0;
	struct config_third third = {.name = ""};
	char name[LIMIT_NAME] = "";

	if (!n || n >= LIMIT_NAME || !third_number(third.number, colon + 1))
		return config_because(
			why, "write a name, a colon and a telephone number, "
			     "for example \"Interpreter: +1 202 555 0143\"");
	memcpy(name, text, n);
	if (config_type_name.decode(third.name, name, o, why))
		return EINVAL;

	*(struct config_third *)field = third;
	return 0;
}


#define FIELD(s, f) sizeof(((struct s *)0)->f)

const struct config_type config_type_third = {
	third_decode, FIELD(config_line, third[0]), true, true};
const struct config_type config_type_level = {level_decode, FIELD(config, log),
					      true, false};
const struct config_type config_type_strategy = {
	strategy_decode, FIELD(config, strategy), true, false};
const struct config_type config_type_srtp = {
	srtp_decode, FIELD(config, sip_srtp), true, false};
const struct config_type config_type_kind = {
	kind_decode, FIELD(config_line, kind), true, false};
const struct config_type config_type_tells = {
	tells_decode, FIELD(config_line, tells), true, false};
const struct config_type config_type_yes = {
	yes_decode, FIELD(config_line, notice), false, false};
const struct config_type config_type_hours = {
	hours_type_decode, FIELD(config_line, hours[0]), true, false};
const struct config_type config_type_zone = {
	zone_decode, FIELD(config, timezone), true, false};
const struct config_type config_type_key = {
	key_decode, FIELD(config_line, accept_key), true, false};
const struct config_type config_type_origin = {
	origin_decode, FIELD(config, http_origin), true, false};
