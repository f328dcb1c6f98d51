/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sip_peer.c  Both ends of SIP in one process, over loopback UDP.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "clock.h"
#include "sip_peer.h"


enum { PATIENCE_MS = 5000, STEP_MS = 1 };

struct got {
	struct le le;
	struct sip_msg *msg;
};


/* ---- the loop ----------------------------------------------------------- */

struct waiting {
	struct tmr step, end;
	bool (*done)(void *arg);
	void *arg;
	bool late;
};


static void look(void *arg)
{
	struct waiting *w = arg;

	if (w->done(w->arg))
		re_cancel();
	else
		clock_real_start(&w->step, STEP_MS, look, w);
}


static void give_up(void *arg)
{
	struct waiting *w = arg;

	w->late = true;
	re_cancel();
}


void sip_loop(bool (*done)(void *arg), void *arg, const char *what)
{
	struct waiting w = {.done = done, .arg = arg};

	clock_real_start(&w.end, PATIENCE_MS, give_up, &w);
	clock_real_start(&w.step, 0, look, &w);
	(void)re_main(NULL);
	tmr_cancel(&w.step);
	tmr_cancel(&w.end);
	if (w.late)
		fail_msg("waited in vain: %s", what);
}


/* ---- the stack ---------------------------------------------------------- */

static bool is_sync(const struct sip_msg *msg)
{
	return msg->callid.l > 4 && !memcmp(msg->callid.p, "sync", 4);
}


static bool request(const struct sip_msg *msg, void *arg)
{
	struct sip_bench *b = arg;

	if (is_sync(msg))
		(void)sip_reply(b->sip, msg, 200, "OK");
	else
		b->requesth(msg, b->arg);

	return true;
}


static bool response(const struct sip_msg *msg, void *arg)
{
	struct sip_bench *b = arg;

	if (b->responseh)
		b->responseh(msg, b->arg);

	return true;
}


void sip_bench_open(struct sip_bench *b, sip_bench_h *requesth,
		    sip_bench_h *responseh, void *arg)
{
	struct sa any;

	memset(b, 0, sizeof(*b));
	b->requesth = requesth;
	b->responseh = responseh;
	b->arg = arg;
	assert_int_equal(sip_alloc(&b->sip, NULL, 32, 32, 32, NULL, NULL,
				   NULL), 0);
	assert_int_equal(sa_set_str(&any, "127.0.0.1", 0), 0);
	assert_int_equal(sip_transp_add(b->sip, SIP_TRANSP_UDP, &any), 0);
	assert_int_equal(sip_transp_laddr(b->sip, &b->laddr, SIP_TRANSP_UDP,
					  &any), 0);
	sip_bench_listen(b);
}


void sip_bench_listen(struct sip_bench *b)
{
	assert_int_equal(sip_listen(&b->requests, b->sip, true, request, b),
			 0);
	assert_int_equal(sip_listen(&b->responses, b->sip, false, response,
				    b), 0);
}


void sip_bench_close(struct sip_bench *b)
{
	b->requests = mem_deref(b->requests);
	b->responses = mem_deref(b->responses);
	sip_close(b->sip, true);
	b->sip = mem_deref(b->sip);
}


/* ---- the peer ----------------------------------------------------------- */

static void got_destructor(void *data)
{
	struct got *got = data;

	list_unlink(&got->le);
	mem_deref(got->msg);
}


static void received(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct sip_peer *p = arg;
	struct got *got = mem_zalloc(sizeof(*got), got_destructor);

	assert_non_null(got);
	assert_int_equal(sip_msg_decode(&got->msg, mb), 0);
	got->msg->src = *src;
	got->msg->tp = SIP_TRANSP_UDP;
	list_append(&p->newl, &got->le, got);
}


void sip_peer_open(struct sip_peer *p, const char *ip, const struct sa *to)
{
	memset(p, 0, sizeof(*p));
	p->to = *to;
	assert_int_equal(sa_set_str(&p->laddr, ip, 0), 0);
	assert_int_equal(udp_listen(&p->us, &p->laddr, received, p), 0);
	assert_int_equal(udp_local_get(p->us, &p->laddr), 0);
}


void sip_peer_close(struct sip_peer *p)
{
	list_flush(&p->newl);
	list_flush(&p->seenl);
	p->us = mem_deref(p->us);
}


void sip_peer_send(struct sip_peer *p, const char *text)
{
	struct mbuf *mb = mbuf_alloc(strlen(text) + 1);

	assert_non_null(mb);
	assert_int_equal(mbuf_write_str(mb, text), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(p->us, &p->to, mb), 0);
	mem_deref(mb);
}


static bool is_what(const struct sip_msg *msg, const char *what)
{
	char text[64];

	if (msg->req)
		return !pl_strcmp(&msg->met, what);

	(void)re_snprintf(text, sizeof(text), "%u %r", msg->scode,
			  &msg->cseq.met);
	return !strcmp(text, what);
}


struct wanted {
	struct sip_peer *p;
	const char *what;
	struct got *got;
};


static bool has_come(void *arg)
{
	struct wanted *w = arg;
	struct le *le;

	LIST_FOREACH(&w->p->newl, le)
	{
		struct got *got = le->data;

		if (is_what(got->msg, w->what)) {
			w->got = got;
			return true;
		}
	}

	return false;
}


const struct sip_msg *sip_peer_await(struct sip_peer *p, const char *what)
{
	struct wanted w = {p, what, NULL};

	sip_loop(has_come, &w, what);
	list_unlink(&w.got->le);
	list_append(&p->seenl, &w.got->le, w.got);

	return w.got->msg;
}


static bool is_back(void *arg)
{
	struct wanted *w = arg;
	struct le *le;

	LIST_FOREACH(&w->p->newl, le)
	{
		struct got *got = le->data;

		if (!got->msg->req && is_sync(got->msg) &&
		    !pl_strcmp(&got->msg->callid, w->what)) {
			w->got = got;
			return true;
		}
	}

	return false;
}


void sip_peer_sync(struct sip_peer *p)
{
	struct wanted w = {p, NULL, NULL};
	char text[512], id[32];

	(void)re_snprintf(id, sizeof(id), "sync%u", ++p->n_sent);
	(void)re_snprintf(text, sizeof(text),
			  "OPTIONS sip:line@%J SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP %J;branch=z9hG4bK%s%J;rport\r\n"
			  "From: <sip:sync@%J>;tag=sync\r\n"
			  "To: <sip:line@%J>\r\n"
			  "Call-ID: %s\r\n"
			  "CSeq: 1 OPTIONS\r\n\r\n",
			  &p->to, &p->laddr, id, &p->laddr, &p->laddr, &p->to,
			  id);
	w.what = id;
	sip_peer_send(p, text);
	sip_loop(is_back, &w, "a round trip");
	mem_deref(w.got);
}


unsigned sip_peer_count(struct sip_peer *p, const char *what)
{
	struct le *le;
	unsigned n = 0;

	sip_peer_sync(p);
	LIST_FOREACH(&p->newl, le)
	{
		const struct got *got = le->data;

		n += is_what(got->msg, what);
	}

	return n;
}


/* ---- dialogs ------------------------------------------------------------ */

void sip_call_begin(struct sip_call *c, struct sip_peer *p)
{
	memset(c, 0, sizeof(*c));
	c->peer = p;
	c->cseq = 100;
	(void)re_snprintf(c->target, sizeof(c->target), "sip:line@%J", &p->to);
	(void)re_snprintf(c->callid, sizeof(c->callid), "call%u@%J",
			  ++p->n_sent, &p->laddr);
	(void)re_snprintf(c->ltag, sizeof(c->ltag), "caller%u", p->n_sent);
}


void sip_call_of(struct sip_call *c, struct sip_peer *p,
		 const struct sip_msg *invite, const char *ltag)
{
	memset(c, 0, sizeof(*c));
	c->peer = p;
	c->cseq = 500;
	(void)re_snprintf(c->target, sizeof(c->target), "sip:line@%J", &p->to);
	(void)pl_strcpy(&invite->callid, c->callid, sizeof(c->callid));
	(void)pl_strcpy(&invite->from.tag, c->rtag, sizeof(c->rtag));
	str_ncpy(c->ltag, ltag, sizeof(c->ltag));
}


static void call_number(struct sip_call *c, const char *method,
			uint32_t *cseqp, unsigned *branchp)
{
	const bool ack = !strcmp(method, "ACK");
	const bool cancel = !strcmp(method, "CANCEL");

	*cseqp = ack || cancel ? c->invite_cseq : ++c->cseq;
	*branchp = cancel || (ack && c->refused) ? c->invite_branch
						 : ++c->peer->n_sent;
	if (!strcmp(method, "INVITE")) {
		c->refused = false;
		c->invite_cseq = *cseqp;
		c->invite_branch = *branchp;
	}
}


void sip_call_request(struct sip_call *c, const char *method,
		      const char *headers, const char *body)
{
	const struct sip_peer *p = c->peer;
	const bool typed = headers && strstr(headers, "Content-Type:");
	const bool tagged = c->rtag[0] && strcmp(method, "CANCEL");
	char text[4096], contact[128] = "";
	uint32_t cseq;
	unsigned branch;

	if (!headers || !strstr(headers, "Contact:"))
		(void)re_snprintf(contact, sizeof(contact),
				  "Contact: <sip:peer@%J>\r\n", &p->laddr);
	call_number(c, method, &cseq, &branch);
	assert_true(re_snprintf(
		text, sizeof(text),
		"%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bK%u-%J;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:peer@%J>;tag=%s\r\n"
		"To: <%s>%s%s\r\n"
		"Call-ID: %s\r\n"
		"CSeq: %u %s\r\n"
		"%s%s%sContent-Length: %zu\r\n\r\n%s",
		method, c->target, &p->laddr, branch, &p->laddr, &p->laddr,
		c->ltag, c->target, tagged ? ";tag=" : "",
		tagged ? c->rtag : "", c->callid, cseq, method, contact,
		headers ? headers : "",
		body && !typed ? "Content-Type: application/sdp\r\n" : "",
		body ? strlen(body) : (size_t)0, body ? body : "") > 0);
	sip_peer_send(c->peer, text);
}


const struct sip_msg *sip_call_await(struct sip_call *c, const char *what)
{
	const struct sip_msg *msg = sip_peer_await(c->peer, what);

	assert_int_equal(pl_strcmp(&msg->callid, c->callid), 0);
	if (msg->scode > 100)
		(void)pl_strcpy(&msg->to.tag, c->rtag, sizeof(c->rtag));
	if (msg->scode >= 300 && !pl_strcmp(&msg->cseq.met, "INVITE"))
		c->refused = true;

	return msg;
}


void sip_peer_reply(struct sip_peer *p, const struct sip_msg *req,
		    unsigned scode, const char *tag, const char *headers,
		    const char *body)
{
	const bool tagged = pl_isset(&req->to.tag) || !tag;
	const bool reachable = !headers || !strstr(headers, "Contact:");
	char text[4096], contact[128] = "";

	if (reachable)
		(void)re_snprintf(contact, sizeof(contact),
				  "Contact: <sip:%s@%J>\r\n",
				  tag ? tag : "peer", &p->laddr);

	assert_true(re_snprintf(
		text, sizeof(text),
		"SIP/2.0 %u Whatever\r\n"
		"Via: %r\r\n"
		"From: %r\r\n"
		"To: %r%s%s\r\n"
		"Call-ID: %r\r\n"
		"CSeq: %u %r\r\n"
		"%s%s%sContent-Length: %zu\r\n\r\n%s",
		scode, &req->via.val, &req->from.val, &req->to.val,
		tagged ? "" : ";tag=", tagged ? "" : tag, &req->callid,
		req->cseq.num, &req->cseq.met, contact,
		headers ? headers : "",
		body ? "Content-Type: application/sdp\r\n" : "",
		body ? strlen(body) : (size_t)0, body ? body : "") > 0);
	sip_peer_send(p, text);
}


bool sip_msg_has(const struct sip_msg *msg, const char *text)
{
	return memmem(msg->mb->buf, msg->mb->end, text, strlen(text)) != NULL;
}
