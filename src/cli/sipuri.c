/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sipuri.c  Checks SIP URIs on top of libre's uri_decode(), which lets much
 * through. What it says never holds a part of the URI.
 */
#include <string.h>
#include <re.h>

#include "base/limits.h"
#include "sipuri.h"


static const char host_chars[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-.";
/* unreserved, escaped, user-unreserved (RFC 3261, 25.1) */
static const char user_chars[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_.!~*'()%&=+$,;?/";


static bool made_of(const struct pl *pl, const char *chars)
{
	for (size_t i = 0; i < pl->l; i++) {
		if (!pl->p[i] || !strchr(chars, pl->p[i]))
			return false;
	}

	return pl->l > 0;
}


static bool is_graphic(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}

	return true;
}


/* the port as it was typed: libre cuts it to 16 bits */
static bool port_fits(const struct uri *uri, const char *text)
{
	const char *p = uri->host.p + uri->host.l;
	const char *end = text + strlen(text);
	unsigned long n = 0;

	if (p < end && *p == ']')
		++p;
	if (p == end || *p != ':')
		return true;

	for (++p; p < end && *p >= '0' && *p <= '9'; ++p) {
		n = n * 10 + (unsigned)(*p - '0');
		if (n > 65535)
			return false;
	}

	return n > 0 && (p == end || *p == ';');
}


/* "1.2.3" and "1.2.3.999" are typing errors, no names */
static bool looks_like_ip(const struct pl *host)
{
	return made_of(host, "0123456789.");
}


static const char *user_wrong(const struct uri *uri)
{
	if (!pl_isset(&uri->user) || !made_of(&uri->user, user_chars))
		return "it needs a user part before the @";
	if (pl_isset(&uri->password))
		return "a password does not belong into it";

	return NULL;
}


static const char *host_wrong(const struct uri *uri, const char *text)
{
	if (pl_isset(&uri->headers) || pl_isset(&uri->path))
		return "nothing may follow the host and port";
	if (!port_fits(uri, text))
		return "the port must be a number from 1 to 65535";
	if (uri->af == AF_UNSPEC &&
	    (!made_of(&uri->host, host_chars) || looks_like_ip(&uri->host)))
		return "the host must be a name or an IP address";

	return NULL;
}


static const char *text_wrong(const char *text)
{
	if (strlen(text) >= LIMIT_URI)
		return "it is too long";
	if (!is_graphic(text))
		return "it must not have blanks or letters beyond ASCII";
	if (strncmp(text, "sip:", 4) != 0)
		return "it must begin with sip:";

	return NULL;
}


const char *sipuri_wrong(struct uri *uri, const char *text)
{
	const char *why = text_wrong(text);
	struct uri own;
	struct pl pl;

	uri = uri ? uri : &own;
	pl_set_str(&pl, text);
	if (why)
		return why;
	if (uri_decode(uri, &pl))
		return "it must read sip:USER@HOST or sip:USER@HOST:PORT, an"
		       " IPv6 address in [brackets]";

	why = user_wrong(uri);
	return why ? why : host_wrong(uri, text);
}


const char *sipuri_host_wrong(struct uri *uri, const char *text)
{
	const char *why = text_wrong(text);
	struct uri own;
	struct pl pl;

	uri = uri ? uri : &own;
	pl_set_str(&pl, text);
	if (why)
		return why;
	if (uri_decode(uri, &pl))
		return "it must read sip:HOST or sip:HOST:PORT, an IPv6"
		       " address in [brackets]";
	if (strchr(text, '@'))
		return "it must not have a user part: just sip:HOST";

	return host_wrong(uri, text);
}


const char *sipuri_host(const char *text, size_t *n)
{
	const char *at = strchr(text, '@');
	const char *host = at ? at + 1 : text + strlen("sip:");

	*n = strcspn(host, ";");
	return host;
}
