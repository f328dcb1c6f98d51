/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * garbled.c  Answers what libre cannot read. Must not act on anything that it
 * says.
 */
#include <string.h>

#include "base/limits.h"
#include "garbled.h"


enum { MOST_VIAS = 64 };

/* headers that an answer repeats (RFC 3261, 8.2.6.2), each once but Via */
static const struct {
	const char *name;
	char brief;
	unsigned most;
} repeated[] = {
	{"Via", 'v', MOST_VIAS},
	{"From", 'f', 1},
	{"To", 't', 1},
	{"Call-ID", 'i', 1},
	{"CSeq", 0, 1},
};


/* one line with those that continue it, and their ends */
static bool line_take(struct pl *line, struct pl *rest)
{
	const char *end = rest->p + rest->l;
	const char *p = rest->p;

	do {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : end;
	} while (p < end && (*p == ' ' || *p == '\t'));

	line->p = rest->p;
	line->l = (size_t)(p - rest->p);
	pl_advance(rest, (ssize_t)line->l);

	return line->l > 0;
}


static bool is_named(const struct pl *line, size_t i)
{
	struct pl name = {line->p, 0};

	while (name.l < line->l && name.p[name.l] != ':')
		++name.l;
	if (name.l == line->l)
		return false;
	while (name.l && (name.p[name.l - 1] == ' ' ||
			  name.p[name.l - 1] == '\t'))
		--name.l;

	return !pl_strcasecmp(&name, repeated[i].name) ||
	       (repeated[i].brief && name.l == 1 &&
		(name.p[0] | 0x20) == repeated[i].brief);
}


static bool is_plain(const struct pl *line)
{
	for (size_t i = 0; i < line->l; i++) {
		const unsigned char c = (unsigned char)line->p[i];

		if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') ||
		    c == 0x7f)
			return false;
	}

	return line->l >= 2 && line->p[line->l - 2] == '\r';
}


static int headers_repeat(struct mbuf *mb, struct pl rest)
{
	unsigned n[ARRAY_SIZE(repeated)] = {0};
	struct pl line;
	int err = 0;

	/* up to the empty line */
	while (!err && line_take(&line, &rest) && line.p[0] != '\r' &&
	       line.p[0] != '\n') {
		for (size_t i = 0; i < ARRAY_SIZE(repeated); i++) {
			if (!is_named(&line, i))
				continue;
			if (++n[i] > repeated[i].most || !is_plain(&line))
				return EBADMSG;
			err = mbuf_write_pl(mb, &line);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(repeated); i++) {
		if (!n[i])
			return EBADMSG;
	}

	return err;
}


/* what is wrong with the first line; NULL it is no request */
static const char *first_line_status(const struct pl *line)
{
	struct pl method = {line->p, 0}, version;

	while (method.l < line->l && method.p[method.l] != ' ')
		++method.l;
	if (!method.l || !pl_strcmp(&method, "ACK") ||
	    re_regex(method.p + method.l, line->l - method.l,
		     " SIP/[0-9.]+", &version))
		return NULL;

	return pl_strcmp(&version, "2.0") ? "505 Version Not Supported"
					  : "400 Bad Request";
}


struct mbuf *garbled_answer(const struct mbuf *mb)
{
	const size_t n = mbuf_get_left(mb);
	struct pl rest = {(const char *)mbuf_buf(mb), n};
	const char *status;
	struct mbuf *reply;
	struct pl line;
	int err;

	if (n > LIMIT_SIP_MESSAGE || !line_take(&line, &rest))
		return NULL;
	status = first_line_status(&line);
	if (!status)
		return NULL;

	reply = mbuf_alloc(n + 64);
	if (!reply)
		return NULL;
	err  = mbuf_printf(reply, "SIP/2.0 %s\r\n", status);
	err |= headers_repeat(reply, rest);
	err |= mbuf_write_str(reply, "Content-Length: 0\r\n\r\n");
	reply->pos = 0;

	return err || reply->end > n ? mem_deref(reply) : reply;
}
