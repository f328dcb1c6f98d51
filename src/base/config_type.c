/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_type.c  The types of an option's value: how each is written, checked
 * and explained; those that are words are in config_word.c. Must not know any
 * option.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config_option.h"


enum {
	LEG_PORTS = 2, /* RTP on an even port, RTCP on the next */
	CALL_LEGS = 2,
};


int config_because(struct config_why *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);

	return EINVAL;
}


/* ---- types of values ---- */

/* names stand in quotes in this file, where "\" and "$" mean something */
static bool name_char(unsigned char c)
{
	return c >= 0x20 && c != 0x7f && !strchr("\"\\$", c);
}


static bool number_char(unsigned char c)
{
	return isalnum(c) || strchr("+-_.*#!~()", c);
}


static bool all_chars(const char *text, bool (*fits)(unsigned char c))
{
	for (const char *p = text; *p; p++) {
		if (!fits((unsigned char)*p))
			return false;
	}

	return true;
}


static int name_decode(void *field, const char *text,
		       const struct config_option *o, struct config_why *why)
{
	(void)o;

	if (!*text)
		return config_because(why,
				      "a name is missing; write for example "
				      "\"Night line\"");
	if (strlen(text) >= LIMIT_NAME)
		return config_because(why, "a name has %d bytes at most",
				      LIMIT_NAME - 1);
	if (!all_chars(text, name_char))
		return config_because(
			why, "a name takes no quotes, backslashes, "
			     "dollar or control characters; write for "
			     "example \"Night line\"");

	strcpy(field, text);
	return 0;
}


/* a name, or none */
static int label_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	if (*text)
		return name_decode(field, text, o, why);

	*(char *)field = '\0';
	return 0;
}


/* people's skills are listed with commas between them */
static int skill_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	if (strchr(text, ',') || *text == ' ')
		return config_because(why,
				      "a skill takes no comma and no blank "
				      "before it; write several as "
				      "{\"legal\", \"military\"}");

	return name_decode(field, text, o, why);
}


static int number_decode(void *field, const char *text,
			 const struct config_option *o, struct config_why *why)
{
	(void)o;

	if (!*text || strlen(text) >= LIMIT_NAME ||
	    !all_chars(text, number_char))
		return config_because(
			why, "this is no number as dialled; write the "
			     "part of the SIP address before the @, for "
			     "example \"100\" or \"help\", without spaces");

	strcpy(field, text);
	return 0;
}


/* whether it fits is for config_check.c: it knows the line's numbers */
static int shown_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	if (*text)
		return number_decode(field, text, o, why);

	*(char *)field = '\0';
	return 0;
}


static int beginning_decode(void *field, const char *text,
			    const struct config_option *o,
			    struct config_why *why)
{
	const char *digits = text + (*text == '+');
	const size_t n = strspn(digits, "0123456789");

	(void)o;
	if (!*text || digits[n] || n > LIMIT_DIGITS)
		return config_because(
			why, "write the first digits of the numbers, with a "
			     "+ before them or none, for example \"+1\" or "
			     "\"0\"");

	strcpy(field, text);
	return 0;
}


/* "+49 0", "+34": one to three digits each, and one space between */
static int home_decode(void *field, const char *text,
		       const struct config_option *o, struct config_why *why)
{
	const char *country = text + 1, *prefix;
	struct config_home home = {"", ""};
	size_t n, k;

	(void)o;
	if (*text) {
		n = *text == '+' ? strspn(country, "0123456789") : 0;
		prefix = country + n + (n && country[n] == ' ');
		k = strspn(prefix, "0123456789");
		if (!n || n >= sizeof(home.country) || *country == '0' ||
		    k >= sizeof(home.prefix) || prefix[k] ||
		    (prefix != country + n) != (k > 0))
			return config_because(
				why, "write the code of the country, and what "
				     "is dialled before an area code, for "
				     "example \"+49 0\", \"+1 1\" or \"+34\"");
		memcpy(home.country, country, n);
		memcpy(home.prefix, prefix, k);
	}

	*(struct config_home *)field = home;
	return 0;
}


/* "en", "gsw", "es-mx": also the name of a folder of prompts */
static bool language_fits(const char *text)
{
	const size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");
	size_t rest;

	if (n < 2 || n > 3)
		return false;
	if (!text[n])
		return true;

	rest = strspn(text + n + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
	return text[n] == '-' && rest >= 2 && !text[n + 1 + rest] &&
	       n + 1 + rest < LIMIT_LANGUAGE;
}


static int language_decode(void *field, const char *text,
			   const struct config_option *o,
			   struct config_why *why)
{
	(void)o;

	if (!language_fits(text))
		return config_because(
			why, "this is no language tag; write two or "
			     "three small letters, for example \"en\", "
			     "\"es\" or \"es-mx\"");

	strcpy(field, text);
	return 0;
}


static int path_decode(void *field, const char *text,
		       const struct config_option *o, struct config_why *why)
{
	(void)o;

	if (strlen(text) >= LIMIT_PATH)
		return config_because(why, "a path has %d bytes at most",
				      LIMIT_PATH - 1);
	if (!all_chars(text, name_char))
		return config_because(
			why, "a path takes no quotes, backslashes, "
			     "dollar or control characters; write for "
			     "example \"/srv/recordings\"");

	strcpy(field, text);
	return 0;
}


/* plain decimal digits, nothing around them. @return false if not */
static bool digits_decode(uint32_t *vp, const char *text, size_t n)
{
	uint32_t v = 0;

	if (n < 1 || n > 9)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		v = v * 10 + (uint32_t)(text[i] - '0');
	}

	*vp = v;
	return true;
}


static int number_in(void *field, const char *text,
		     const struct config_option *o, struct config_why *why,
		     const char *unit)
{
	uint32_t v;

	if (!digits_decode(&v, text, strlen(text)) || v < o->min || v > o->max)
		return config_because(why,
				      "write a whole number%s from %" PRIu32
				      " to %" PRIu32 ", for example %s",
				      unit, o->min, o->max, o->preset[0]);

	*(uint32_t *)field = v;
	return 0;
}


static int seconds_decode(void *field, const char *text,
			  const struct config_option *o,
			  struct config_why *why)
{
	return number_in(field, text, o, why, " of seconds");
}


static int minutes_decode(void *field, const char *text,
			  const struct config_option *o,
			  struct config_why *why)
{
	return number_in(field, text, o, why, " of minutes");
}


static int count_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	return number_in(field, text, o, why, "");
}


static bool port_decode(uint16_t *portp, const char *text, size_t n)
{
	uint32_t v;

	if (!digits_decode(&v, text, n) || v < 1 || v > UINT16_MAX)
		return false;

	*portp = (uint16_t)v;
	return true;
}


/* "1.2.3.4:REST" or "[::1]:REST" */
static int host_decode(char *host, size_t size, const char *text,
		       const char **restp)
{
	const bool six = text[0] == '[';
	const char *start = text + six;
	const char *end = strchr(start, six ? ']' : ':');
	uint8_t ip[16];
	size_t n;

	if (!end || (six && end[1] != ':'))
		return EINVAL;
	n = (size_t)(end - start);
	if (n >= size)
		return EINVAL;

	memcpy(host, start, n);
	host[n] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, host, ip) != 1)
		return EINVAL;

	*restp = end + six + 1;
	return 0;
}


int config_addr_decode(struct config_addr *a, const char *text)
{
	struct config_addr addr;
	const char *rest;

	if (!a || !text)
		return EINVAL;

	memset(&addr, 0, sizeof(addr));
	if (host_decode(addr.host, sizeof(addr.host), text, &rest) ||
	    !port_decode(&addr.port, rest, strlen(rest)))
		return EINVAL;

	*a = addr;
	return 0;
}


int config_media_decode(struct config_media *m, const char *text)
{
	struct config_media media;
	const char *rest, *dash;

	if (!m || !text)
		return EINVAL;

	memset(&media, 0, sizeof(media));
	if (host_decode(media.host, sizeof(media.host), text, &rest))
		return EINVAL;
	dash = strchr(rest, '-');
	if (!dash || !port_decode(&media.low, rest, (size_t)(dash - rest)) ||
	    !port_decode(&media.high, dash + 1, strlen(dash + 1)))
		return EINVAL;

	*m = media;
	return 0;
}


static bool any_host(const char *host)
{
	uint8_t ip[16] = {0};
	const uint8_t zero[16] = {0};

	(void)inet_pton(strchr(host, ':') ? AF_INET6 : AF_INET, host, ip);
	return memcmp(ip, zero, sizeof(ip)) == 0;
}


static int addr_decode(void *field, const char *text,
		       const struct config_option *o, struct config_why *why)
{
	/* an option that is empty unless it is set has none */
	const char *preset = o->preset[0] && *o->preset[0] ? o->preset[0]
							   : "127.0.0.1:5061";

	if (config_addr_decode(field, text))
		return config_because(
			why,
			"write an IP address and a port from 1 to "
			"65535, for example \"%s\" or \"[::1]:%s\"",
			preset, strrchr(preset, ':') + 1);

	return 0;
}


/* SIP and SDP tell the other side where to answer: "anywhere" is no place */
static int own_addr_decode(void *field, const char *text,
			   const struct config_option *o,
			   struct config_why *why)
{
	struct config_addr a;

	if (addr_decode(&a, text, o, why))
		return EINVAL;
	if (any_host(a.host))
		return config_because(
			why, "phones could not answer there; name the "
			     "machine's own address, for example "
			     "\"192.0.2.7:5060\"");

	*(struct config_addr *)field = a;
	return 0;
}


static uint32_t media_calls(const struct config_media *m)
{
	const uint32_t first = m->low + (m->low & 1u);

	if (first >= m->high)
		return 0;
	return ((uint32_t)m->high - first + 1) / LEG_PORTS / CALL_LEGS;
}


static int media_decode(void *field, const char *text,
			const struct config_option *o, struct config_why *why)
{
	struct config_media m;

	if (config_media_decode(&m, text))
		return config_because(why,
				      "write an IP address and a range of "
				      "ports, for example \"%s\"",
				      o->preset[0]);
	if (any_host(m.host))
		return config_because(
			why, "phones could not send sound there; name "
			     "the machine's own address, for example "
			     "\"192.0.2.7:20000-29999\"");
	if (m.low > m.high)
		return config_because(why,
				      "the lower port comes first; write "
				      "%d-%d",
				      m.high, m.low);
	if (!media_calls(&m))
		return config_because(
			why,
			"these ports are too few for one call, "
			"which takes %d from an even one on; write "
			"for example 20000-29999",
			LEG_PORTS * CALL_LEGS);

	*(struct config_media *)field = m;
	return 0;
}


/* what others are told: an address that can be somebody's */
static int ip_decode(void *field, const char *text,
		     const struct config_option *o, struct config_why *why)
{
	const bool six = strchr(text, ':') != NULL;
	uint8_t ip[16];

	if (inet_pton(six ? AF_INET6 : AF_INET, text, ip) != 1 ||
	    any_host(text) || (!six && ip[0] >= 224) ||
	    (six && ip[0] == 0xff) || strlen(text) >= o->type->size)
		return config_because(
			why, "write the IP address of one host, without a "
			     "port, for example \"203.0.113.5\"");

	strcpy(field, text);
	return 0;
}


#define FIELD(s, f) sizeof(((struct s *)0)->f)

const struct config_type config_type_name = {name_decode, FIELD(config, name),
					     true, false};
const struct config_type config_type_number = {
	number_decode, FIELD(config_line, numbers[0]), true, true};
const struct config_type config_type_language = {
	language_decode, FIELD(config_line, languages[0]), true, false};
const struct config_type config_type_path = {
	path_decode, FIELD(config, prompts), true, false};
const struct config_type config_type_seconds = {
	seconds_decode, FIELD(config, ring_s), false, false};
const struct config_type config_type_count = {
	count_decode, FIELD(config, ring_at_once), false, false};
const struct config_type config_type_addr = {addr_decode, FIELD(config, http),
					     true, false};
const struct config_type config_type_own_addr = {
	own_addr_decode, FIELD(config, sip[0]), true, false};
const struct config_type config_type_media = {
	media_decode, FIELD(config, media[0]), true, false};
const struct config_type config_type_ip = {
	ip_decode, FIELD(config, media_public[0]), true, false};
const struct config_type config_type_minutes = {
	minutes_decode, FIELD(config_line, climb_minutes), false, false};
const struct config_type config_type_label = {
	label_decode, FIELD(config_line, trunk), true, false};
const struct config_type config_type_skill = {
	skill_decode, FIELD(config_line, skills[0]), true, false};
const struct config_type config_type_shown = {
	shown_decode, FIELD(config_line, shows), true, true};
const struct config_type config_type_home = {home_decode,
					     FIELD(config, home), true, false};
const struct config_type config_type_beginning = {
	beginning_decode, FIELD(config_line, may_ring[0]), true, true};
