/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdpcheck.c  Reads SDP line by line without storing any of it (RFC 8866).
 * Must not decide what we like: only what is well-formed and bounded.
 */
#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <re.h>

#include "sdpcheck.h"
#include "base/limits.h"


enum {
	MAX_PT    = 127,
	MAX_TOKEN = 31, /* media, protocol: the longest registered is 25 */
};

struct check {
	unsigned n_lines;
	unsigned n_media;
	bool version;
	bool origin;
	bool connection; /* one was seen in this section              */
	bool everywhere; /* one was seen before the first m-line      */
	bool unplaced;   /* this m-line wants one, and has none so far */
};

typedef int(line_h)(struct check *c, struct pl value);


/* the next word; words are separated by exactly one space */
static bool word(struct pl *w, struct pl *rest)
{
	const char *space = memchr(rest->p, ' ', rest->l);

	w->p = rest->p;
	w->l = space ? (size_t)(space - rest->p) : rest->l;
	rest->p += w->l + (space ? 1 : 0);
	rest->l -= w->l + (space ? 1 : 0);

	return w->l > 0;
}


/* @return true if it is decimal digits, and not more than max */
static bool number(const struct pl *w, uint32_t max)
{
	if (!w->l || w->l > 5)
		return false;
	for (size_t i = 0; i < w->l; i++) {
		if (w->p[i] < '0' || w->p[i] > '9')
			return false;
	}

	return pl_u32(w) <= max;
}


static int check_version(struct check *c, struct pl value)
{
	if (c->version || pl_strcmp(&value, "0"))
		return EPROTO;
	c->version = true;

	return 0;
}


static int check_origin(struct check *c, struct pl value)
{
	struct pl w;

	if (c->origin || c->n_media)
		return EPROTO;
	for (unsigned i = 0; i < 6; i++) {
		if (!word(&w, &value))
			return EPROTO;
	}
	c->origin = true;

	return value.l ? EPROTO : 0;
}


static bool is_v4_mapped(const uint8_t ip[16])
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(ip, prefix, sizeof(prefix)) == 0;
}


static int check_connection(struct check *c, struct pl value)
{
	struct pl net, type, host;
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16];
	int af;

	if (c->connection || !word(&net, &value) || !word(&type, &value) ||
	    !word(&host, &value) || value.l)
		return EPROTO;
	c->connection = true;
	c->unplaced = false;
	c->everywhere |= !c->n_media;

	if (pl_strcmp(&net, "IN"))
		return ENOTSUP;
	if (!pl_strcmp(&type, "IP4"))
		af = AF_INET;
	else if (!pl_strcmp(&type, "IP6"))
		af = AF_INET6;
	else
		return ENOTSUP;

	/* a host name, or a multicast group with its reach */
	if (pl_strcpy(&host, text, sizeof(text)) ||
	    inet_pton(af, text, ip) != 1)
		return ENOTSUP;

	/* libre takes IPv4 in IPv6 dress for IPv4 */
	return af == AF_INET6 && is_v4_mapped(ip) ? ENOTSUP : 0;
}


static bool is_rtp(const struct pl *proto)
{
	return proto->l >= 4 && memcmp(proto->p, "RTP/", 4) == 0;
}


static bool is_letters(const struct pl *w)
{
	for (size_t i = 0; i < w->l; i++) {
		if (w->p[i] < 'a' || w->p[i] > 'z')
			return false;
	}

	return true;
}


static int check_media(struct check *c, struct pl value)
{
	struct pl kind, port, proto, fmt;

	if (++c->n_media > LIMIT_SDP_MEDIA || c->unplaced)
		return EPROTO;
	c->connection = false;

	if (!word(&kind, &value) || !word(&port, &value) ||
	    !word(&proto, &value) || !value.l)
		return EPROTO;
	if (kind.l > MAX_TOKEN || proto.l > MAX_TOKEN || !is_letters(&kind))
		return EPROTO;
	if (memchr(port.p, '/', port.l))
		return ENOTSUP;
	if (!number(&port, 65535))
		return EPROTO;
	c->unplaced = pl_u32(&port) && !c->everywhere;

	while (value.l) {
		if (!word(&fmt, &value))
			return EPROTO;
		if (is_rtp(&proto) && !number(&fmt, MAX_PT))
			return EPROTO;
	}

	return 0;
}


static const struct {
	char type;
	line_h *h;
} line_types[] = {
	{'v', check_version},
	{'o', check_origin},
	{'c', check_connection},
	{'m', check_media},
};


static int check_line(struct check *c, const struct pl *line)
{
	const struct pl value = {line->p + 2, line->l - 2};

	if (++c->n_lines > LIMIT_SDP_LINES)
		return EPROTO;
	if (line->l < 2 || line->p[1] != '=')
		return EPROTO;
	if (c->n_lines == 1 && line->p[0] != 'v')
		return EPROTO;

	for (size_t i = 0; i < ARRAY_SIZE(line_types); i++) {
		if (line_types[i].type == line->p[0])
			return line_types[i].h(c, value);
	}

	return 0;
}


static bool has_controls(const char *sdp, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned char ch = (unsigned char)sdp[i];

		if (ch == '\r' && i + 1 < n && sdp[i + 1] == '\n')
			continue;
		if (ch != '\n' && ch != '\t' && (ch < 0x20 || ch == 0x7f))
			return true;
	}

	return false;
}


int sdpcheck(const char *sdp, size_t n)
{
	struct check c = {0};
	int worst = 0;

	if (!sdp || !n || n > LIMIT_SDP || has_controls(sdp, n))
		return EPROTO;

	/* broken outweighs unsupported, wherever it stands */
	for (const char *p = sdp, *end = sdp + n; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		struct pl line = {p, (size_t)((nl ? nl : end) - p)};
		int err;

		p = nl ? nl + 1 : end;
		if (line.l && line.p[line.l - 1] == '\r')
			--line.l;
		if (!line.l && p == end)
			break;
		err = check_line(&c, &line);
		if (err == EPROTO)
			return err;
		if (err)
			worst = err;
	}

	return c.origin && c.n_media && !c.unplaced ? worst : EPROTO;
}


static bool begins(const struct pl *line, const char *with)
{
	const size_t n = strlen(with);

	return line->l >= n && memcmp(line->p, with, n) == 0;
}


/* What is sound: we refuse the others unread, and libre would refuse all for
 * an attribute of theirs (video as in RFC 4475 has no clock rate). */
static int load(struct mbuf *mb, const char *p, const char *end)
{
	bool ours = true;
	int err = 0;

	while (p < end && !err) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const struct pl line = {p, (size_t)((nl ? nl + 1 : end) - p)};

		p += line.l;
		if (begins(&line, "m="))
			ours = begins(&line, "m=audio ");
		if (ours || !begins(&line, "a=") || begins(&line, "a=mid:"))
			err = mbuf_write_pl(mb, &line);
	}

	return err ? err : mbuf_write_str(mb, "\r\n");
}


int sdpcheck_load(struct mbuf **mbp, const uint8_t *sdp, size_t n)
{
	struct mbuf *mb;
	int err;

	err = sdpcheck((const char *)sdp, n);
	if (err)
		return err;

	mb = mbuf_alloc(n + 2);
	if (!mb)
		return ENOMEM;
	err = load(mb, (const char *)sdp, (const char *)sdp + n);
	mb->pos = 0;
	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}
