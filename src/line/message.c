/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message.c  The strict reading of SIP requests. Must not answer, log or
 * remember anything.
 */
#include <string.h>
#include <re.h>

#include "base/limits.h"
#include "message.h"


enum { CSEQ_MAX = 0x7fffffff, MAXFWD_MAX = 255, MAX_METHOD = 64 };

typedef bool(check_h)(const struct sip_msg *msg);


int message_number(uint32_t *np, const struct pl *pl, uint32_t max)
{
	uint64_t n = 0;

	if (!pl || !pl->l)
		return EINVAL;

	for (size_t i = 0; i < pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return EINVAL;
		n = n * 10 + (uint64_t)(pl->p[i] - '0');
		if (n > max)
			return EINVAL;
	}

	*np = (uint32_t)n;
	return 0;
}


static bool lacks_via(const struct sip_msg *msg)
{
	return !pl_isset(&msg->via.sentby) || !pl_isset(&msg->via.branch);
}


/* RFC 3261, 18.2.2 sends the answer wherever maddr says: an open reflector */
static bool wants_answers_elsewhere(const struct sip_msg *msg)
{
	struct pl maddr;

	return !msg_param_decode(&msg->via.params, "maddr", &maddr);
}


static bool is_response_to_nothing(const struct sip_msg *msg)
{
	return !pl_isset(&msg->met) || msg->met.l > MAX_METHOD;
}


static bool is_control(uint8_t ch)
{
	return (ch < 0x20 && ch != '\r' && ch != '\n' && ch != '\t') ||
	       ch == 0x7f;
}


/* Between quotes nearly everything may follow a backslash (RFC 3261, 25.1).
 * Not NUL where a dialog comes of it: it keeps names as C strings. */
static bool may_escape(const struct sip_msg *msg, uint8_t ch)
{
	return ch != '\r' && ch != '\n' &&
	       (ch || pl_strcmp(&msg->met, "INVITE"));
}


static bool has_control_characters(const struct sip_msg *msg)
{
	const uint8_t *p = msg->mb->buf;
	const size_t n = msg->mb->pos;
	bool quoted = false;

	/* the head ends where the body starts */
	for (size_t i = 0; i < n; i++) {
		if (quoted && p[i] == '\\' && i + 1 < n &&
		    may_escape(msg, p[i + 1]))
			++i;
		else if (is_control(p[i]))
			return true;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (p[i] == '\n')
			quoted = false;
	}

	return false;
}


static bool has_too_many_headers(const struct sip_msg *msg)
{
	return list_count(&msg->hdrl) > LIMIT_SIP_HEADERS;
}


static bool lacks_or_doubles_headers(const struct sip_msg *msg)
{
	static const enum sip_hdrid once[] = {
		SIP_HDR_FROM, SIP_HDR_TO, SIP_HDR_CALL_ID, SIP_HDR_CSEQ};
	static const enum sip_hdrid at_most_once[] = {
		SIP_HDR_MAX_FORWARDS, SIP_HDR_CONTENT_LENGTH,
		SIP_HDR_CONTENT_TYPE, SIP_HDR_SESSION_EXPIRES, SIP_HDR_MIN_SE};

	for (size_t i = 0; i < ARRAY_SIZE(once); i++) {
		if (sip_msg_hdr_count(msg, once[i]) != 1)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(at_most_once); i++) {
		if (sip_msg_hdr_count(msg, at_most_once[i]) > 1)
			return true;
	}

	return false;
}


static bool has_bad_call_id(const struct sip_msg *msg)
{
	const struct pl *id = &msg->callid;

	if (!id->l || id->l >= LIMIT_URI)
		return true;
	for (size_t i = 0; i < id->l; i++) {
		if (id->p[i] == ' ' || id->p[i] == '\t' || id->p[i] == '\r' ||
		    id->p[i] == '\n')
			return true;
	}

	return false;
}


static bool has_open_quote(const struct pl *val)
{
	bool quoted = false;

	for (size_t i = 0; i < val->l; i++) {
		if (quoted && val->p[i] == '\\')
			++i;
		else if (val->p[i] == '"')
			quoted = !quoted;
	}

	return quoted;
}


static bool has_bad_from(const struct sip_msg *msg)
{
	return has_open_quote(&msg->from.val) ||
	       has_open_quote(&msg->to.val) || !pl_isset(&msg->from.tag) || msg->from.tag.l >= LIMIT_URI ||
	       msg->to.tag.l >= LIMIT_URI;
}


static bool has_bad_cseq(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CSEQ);
	struct pl num, met, rest = PL_INIT;
	uint32_t n;

	if (!hdr || re_regex(hdr->val.p, hdr->val.l,
			     "[^ \t\r\n]+[ \t\r\n]+[^ \t\r\n]+[^]*", &num,
			     NULL, &met, &rest))
		return true;

	return num.p != hdr->val.p || pl_isset(&rest) ||
	       message_number(&n, &num, CSEQ_MAX) || pl_cmp(&met, &msg->met);
}


static bool has_bad_max_forwards(const struct sip_msg *msg)
{
	uint32_t n;

	return pl_isset(&msg->maxfwd) &&
	       message_number(&n, &msg->maxfwd, MAXFWD_MAX);
}


static bool has_bad_length(const struct sip_msg *msg)
{
	uint32_t n;

	return pl_isset(&msg->clen) &&
	       (message_number(&n, &msg->clen, LIMIT_SIP_MESSAGE) ||
		n > mbuf_get_left(msg->mb));
}


static bool has_foreign_uri(const struct sip_msg *msg)
{
	return pl_strcasecmp(&msg->uri.scheme, "sip") &&
	       pl_strcasecmp(&msg->uri.scheme, "sips");
}


/* What stands behind the host: libre takes "2001:db8::1" for host 2001 */
static bool has_bad_authority(const struct sip_msg *msg)
{
	const struct pl *host = &msg->uri.host;
	struct pl rest = {host->p + host->l, 0};

	if (!pl_isset(host) || pl_isset(&msg->uri.headers))
		return true;
	rest.l = (size_t)(msg->ruri.p + msg->ruri.l - rest.p);
	/* nor does it know IPv4 at the end of IPv6 */
	while (host->p[0] == '[' && rest.l &&
	       memchr("0123456789abcdefABCDEF:.", rest.p[0], 24))
		pl_advance(&rest, 1);
	if (rest.l && rest.p[0] == ']')
		pl_advance(&rest, 1);
	if (rest.l && rest.p[0] == ':') {
		pl_advance(&rest, 1);
		while (rest.l && rest.p[0] >= '0' && rest.p[0] <= '9')
			pl_advance(&rest, 1);
	}

	return rest.l && rest.p[0] != ';' && rest.p[0] != '?';
}


static bool has_gone_far_enough(const struct sip_msg *msg)
{
	return pl_isset(&msg->maxfwd) && pl_u32(&msg->maxfwd) == 0 &&
	       pl_strcmp(&msg->met, "ACK");
}


static bool lacks_contact(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;
	struct sip_addr addr;

	if (pl_strcmp(&msg->met, "INVITE"))
		return false;
	if (sip_msg_hdr_count(msg, SIP_HDR_CONTACT) != 1)
		return true;

	hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	return sip_addr_decode(&addr, &hdr->val) ||
	       addr.auri.l >= LIMIT_URI ||
	       pl_strcasecmp(&addr.uri.scheme, "sip");
}


static bool is_unroutable(const struct sip_hdr *hdr, const struct sip_msg *msg,
			  void *arg)
{
	struct sip_addr addr;
	(void)msg;
	(void)arg;

	return sip_addr_decode(&addr, &hdr->val) ||
	       pl_strcasecmp(&addr.uri.scheme, "sip");
}


static bool has_bad_record_route(const struct sip_msg *msg)
{
	return sip_msg_hdr_apply(msg, true, SIP_HDR_RECORD_ROUTE,
				 is_unroutable, NULL) != NULL;
}


/* in the order of looking; the first four leave nobody to answer */
static const struct {
	check_h *is;
	struct message_fault fault;
} faults[] = {
	{lacks_via, {0, NULL}},
	{wants_answers_elsewhere, {0, NULL}},
	{is_response_to_nothing, {0, NULL}},
	{has_too_many_headers, {0, NULL}},
	{has_control_characters, {400, "Control Character In Header"}},
	{lacks_or_doubles_headers, {400, "Missing Or Doubled Header"}},
	{has_bad_call_id, {400, "Bad Call-ID"}},
	{has_bad_from, {400, "Bad From Or To"}},
	{has_bad_cseq, {400, "Bad CSeq"}},
	{has_bad_max_forwards, {400, "Bad Max-Forwards"}},
	{has_bad_length, {400, "Bad Content-Length"}},
	{has_foreign_uri, {416, "Unsupported URI Scheme"}},
	{has_bad_authority, {400, "Bad Request-URI"}},
	{has_gone_far_enough, {483, "Too Many Hops"}},
	{lacks_contact, {400, "Missing Or Bad Contact"}},
	{has_bad_record_route, {400, "Bad Record-Route"}},
};


/* "[::ffff:192.0.2.1]:5062" has a port, too, which libre does not find: the
 * answer would go to the usual one */
static void mend_port(const struct sip_msg *msg)
{
	const struct pl *by = &msg->via.sentby;
	struct sip_via *via = (struct sip_via *)&msg->via;
	struct pl port;
	uint32_t n;

	if (!pl_isset(by) || by->p[0] != '[' || sa_isset(&via->addr, SA_ADDR) ||
	    re_regex(by->p, by->l, "\\]:[0-9]+", &port) ||
	    message_number(&n, &port, 65535))
		return;

	sa_init(&via->addr, AF_INET);
	sa_set_port(&via->addr, (uint16_t)n);
}


int message_check(const struct sip_msg *msg, struct message_fault *fault)
{
	mend_port(msg);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (faults[i].is(msg)) {
			*fault = faults[i].fault;
			return EBADMSG;
		}
	}

	/* over TCP libre has cut it already */
	if (msg->tp == SIP_TRANSP_UDP && pl_isset(&msg->clen))
		msg->mb->end = msg->mb->pos + pl_u32(&msg->clen);

	return 0;
}


bool message_is_endless(const struct sip_msg *msg)
{
	return sip_msg_hdr_count(msg, SIP_HDR_CONTENT_LENGTH) > 1 ||
	       has_bad_length(msg);
}


bool message_lists(const struct sip_msg *msg, enum sip_hdrid id,
		   const char *word)
{
	return sip_msg_hdr_has_value(msg, id, word);
}


bool message_has_sdp(const struct sip_msg *msg)
{
	return message_has_body(msg) &&
	       msg_ctype_cmp(&msg->ctyp, "application", "sdp");
}


bool message_has_body(const struct sip_msg *msg)
{
	return mbuf_get_left(msg->mb) > 0;
}
