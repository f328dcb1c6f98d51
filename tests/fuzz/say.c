/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * say.c  Bytes into SIP. Must not judge what comes of it.
 */
#include "line/digest.h"
#include "loop.h"
#include "say.h"

enum { MOST_STEPS = 48, MOST_CALLS = 8, SDP_RAW = 2, SDP_LONG = 3 };

#define SDP                                                                   \
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"     \
	"t=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n"

static const char *const methods[] = {
	"INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "OPTIONS",
	"REFER", "INFO", "NOTIFY", "MESSAGE", "SUBSCRIBE", "REGISTER",
	"PUBLISH", "invite", "FOO",
};

static const uint16_t codes[] = {
	100, 180, 183, 199, 200, 202, 204, 299, 300, 301, 302, 305, 380, 400,
	401, 403, 404, 405, 406, 407, 408, 410, 413, 415, 420, 421, 422, 423,
	480, 481, 482, 483, 484, 486, 487, 488, 491, 493, 500, 501, 503, 504,
	505, 513, 600, 603, 606, 699,
};

static const char *const headers[] = {
	"",
	"P-Asserted-Identity: <sip:+15550142@p.invalid>\r\n",
	"P-Asserted-Identity: <tel:+15550142>\r\nPrivacy: id\r\n",
	"Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n"
	"Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n",
	"Supported: timer\r\nSession-Expires: 3600;refresher=uas\r\n"
	"Min-SE: 90\r\n",
	"Require: timer\r\nSession-Expires: 1800;refresher=uac\r\n",
	"Session-Expires: 10\r\nSupported: timer\r\n",
	"Min-SE: 1800\r\n",
	"Require: 100rel\r\nRSeq: 1\r\n",
	"RAck: 1 101 INVITE\r\n",
	"Refer-To: <sip:+15550199@127.0.0.2>\r\nReferred-By: <sip:a@b>\r\n",
	"Replaces: call1;to-tag=a;from-tag=b\r\n",
	"Contact: <sip:evil@127.0.0.2:9>\r\n",
	"Contact: <sip:ana@127.0.0.2>;expires=3600, <sip:+15550199@p>\r\n",
	"Contact: *\r\nExpires: 0\r\n",
	"No-Contact:\r\n",
	"Record-Route: <sip:127.0.0.2:9;lr>, <sip:[::1];lr>\r\n",
	"Route: <sip:127.0.0.2:9;lr>\r\n",
	"Event: refer\r\nSubscription-State: active\r\n",
	"Content-Type: multipart/mixed;boundary=x\r\n",
	"Content-Encoding: gzip\r\n",
	"Content-Disposition: session;handling=required\r\n",
	"Retry-After: 3\r\n",
	"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n",
	"Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", "
	"qop=\"auth,auth-int\", algorithm=SHA-256, stale=true\r\n",
	"Reason: Q.850;cause=17\r\n",
	"Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
	"Unsupported: timer\r\n",
	"Diversion: <sip:+15550100@p>;reason=unconditional\r\n",
	"From: <sip:other@127.0.0.1>;tag=other\r\n",
	"Expires: 1\r\nMax-Forwards: 0\r\n",
	"Via: SIP/2.0/UDP 127.0.0.2:9;branch=z9hG4bKx;maddr=127.0.0.2\r\n",
};

static const char *const contacts[] = {
	NULL, /* its own */
	"<sip:ben@192.0.2.9>",
	"<sip:ben@127.0.0.2:5070;transport=tcp>;q=0.5",
	"*",
	"<sips:ben@h.invalid>, <sip:ben@127.0.0.1:1>, <sip:c@127.0.0.1:2>",
	"\"B, en\" <sip:%62en@127.0.0.1;x=\"y\">;expires=99;+sip.instance=\"x\"",
	"<tel:+15550199>",
	"",
};


/* ---- pieces --------------------------------------------------------------- */

static void put(struct mbuf *mb, const char *text)
{
	HOLDS(!mbuf_write_str(mb, text));
}


static void put_raw(struct mbuf *mb, struct food *f)
{
	const struct food piece = food_piece(f);

	HOLDS(!piece.n || !mbuf_write_mem(mb, piece.p, piece.n));
}


/* a part of it is taken out, and any other bytes put in its place */
static void spoil(struct mbuf *mb, struct food *f)
{
	uint8_t where[3];
	struct food piece;
	size_t at, out;
	struct mbuf *rest = mbuf_alloc(mb->end + 1);

	food_take(f, where, sizeof(where));
	piece = food_piece(f);
	at = mb->end ? (size_t)(where[0] << 8 | where[1]) % mb->end : 0;
	out = where[2];
	HOLDS(rest);
	if (at + out < mb->end)
		HOLDS(!mbuf_write_mem(rest, mb->buf + at + out,
				      mb->end - at - out));
	mb->pos = mb->end = at;
	HOLDS(!piece.n || !mbuf_write_mem(mb, piece.p, piece.n));
	HOLDS(!rest->end || !mbuf_write_mem(mb, rest->buf, rest->end));
	mem_deref(rest);
}


static void put_body(struct mbuf *mb, uint8_t kind, bool typed,
		     struct food *f)
{
	struct mbuf *body = mbuf_alloc(1024);

	HOLDS(body);
	switch (kind % 5) {
	case 0:
		break;
	case SDP_RAW:
		put_raw(body, f);
		break;
	case SDP_LONG:
		HOLDS(!mbuf_fill(body, 'a', 9000));
		break;
	case 4:
		put(body, SDP "a=sendonly\r\n");
		break;
	default:
		put(body, SDP);
		break;
	}
	if (body->end && !typed)
		put(mb, "Content-Type: application/sdp\r\n");
	HOLDS(!mbuf_printf(mb, "Content-Length: %zu\r\n\r\n", body->end));
	HOLDS(!body->end || !mbuf_write_mem(mb, body->buf, body->end));
	mem_deref(body);
}


/* the rest of a message: @return its headers */
static void put_rest(struct mbuf *mb, const struct peer *p, uint8_t header,
		     uint8_t body, struct food *f)
{
	const char *more = headers[header % ARRAY_SIZE(headers)];

	if (!strstr(more, "Contact:"))
		HOLDS(!mbuf_printf(mb, "Contact: <sip:peer@%J>\r\n",
				   &p->laddr));
	put(mb, more);
	if (body & 0x20)
		put_raw(mb, f);
	put_body(mb, body & 0x0f, strstr(more, "Content-Type:"), f);
	if (body & 0x40)
		spoil(mb, f);
}


/* ---- requests ------------------------------------------------------------- */

static struct talk *talk_new(struct world *w, unsigned peer)
{
	struct talk *t = &w->talk[w->n_talks++ % WORLD_TALKS];

	memset(t, 0, sizeof(*t));
	t->peer = peer;
	t->cseq = 100;
	(void)re_snprintf(t->callid, sizeof(t->callid), "call%u",
			  ++w->n_calls);
	(void)re_snprintf(t->ltag, sizeof(t->ltag), "caller%u", w->n_calls);

	return t;
}


/* the one that was k dialogs ago, or a new one */
static struct talk *talk_of(struct world *w, uint8_t which)
{
	const unsigned back = (which >> 2) & 7;

	if ((!back && w->n_calls < MOST_CALLS) || !w->n_talks)
		return talk_new(w, which % WORLD_PEERS);

	return &w->talk[(w->n_talks + WORLD_TALKS - (back ? back : 1)) %
			WORLD_TALKS];
}


static uint32_t cseq_of(struct talk *t, const char *method, uint8_t how)
{
	if (!how && (!strcmp(method, "ACK") || !strcmp(method, "CANCEL")))
		return t->invite_cseq;
	switch (how) {
	case 1:
		return t->cseq;
	case 2:
		return t->cseq - 1;
	case 3:
		return t->cseq += 1000;
	case 4:
		return 0x7fffffff;
	default:
		return ++t->cseq;
	}
}


/* a CANCEL, and the ACK of a refusal, are of their INVITE's branch */
static uint32_t branch_of(struct world *w, struct talk *t, const char *method,
			  bool same)
{
	if (strcmp(method, "CANCEL") && !same)
		t->branch = ++w->n_sent;
	else
		t->branch = t->invite_branch;
	if (!strcmp(method, "INVITE")) {
		t->invite_branch = t->branch;
		t->invite_cseq = t->cseq;
	}

	return t->branch;
}


/* tags: 0 right, 1 none in To, 2 wrong there, 3 wrong in From, 4 another
 * Call-ID, 5 the INVITE's branch, 6 no right target */
static void put_request(struct mbuf *mb, struct world *w, struct talk *t,
			const char *method, uint8_t tags, uint8_t cseq)
{
	const struct peer *p = &w->peer[t->peer];
	const uint32_t number = cseq_of(t, method, cseq);
	const char *rtag = tags == 1 || !strcmp(method, "CANCEL") ? "" :
			   tags == 2 ? "wrong" : t->rtag;

	HOLDS(!mbuf_printf(
		mb,
		"%s sip:%s@%J SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bK%u;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:peer@127.0.0.1>;tag=%s\r\n"
		"To: <sip:line@127.0.0.1>%s%s\r\n"
		"Call-ID: %s%s\r\n"
		"CSeq: %u %s\r\n",
		method, tags == 6 ? "+15550199" : "line", &w->h->bench.laddr,
		&p->laddr, branch_of(w, t, method, tags == 5),
		tags == 3 ? "wrong" : t->ltag, *rtag ? ";tag=" : "", rtag,
		t->callid, tags == 4 ? "x" : "", number, method));
}


void say_request(struct world *w, struct food *f)
{
	const uint8_t whose = food_byte(f), what = food_byte(f);
	const uint8_t header = food_byte(f), body = food_byte(f);
	const char *method = methods[what % ARRAY_SIZE(methods)];
	struct talk *t = talk_of(w, whose);
	struct mbuf *mb = mbuf_alloc(2048);

	HOLDS(mb);
	put_request(mb, w, t, method, (what >> 4) & 7, whose >> 5);
	put_rest(mb, &w->peer[t->peer], header, body, f);
	world_send(w, t->peer, mb);
	if (body & 0x80)
		world_send(w, t->peer, mb);
	mem_deref(mb);
}


/* ---- answers -------------------------------------------------------------- */

static void put_answer(struct mbuf *mb, const struct sip_msg *req,
		       unsigned code, uint8_t how)
{
	static const char *const tags[] = {"phone", "other", "", "phone"};
	const char *tag = tags[how % 4];
	const bool tagged = pl_isset(&req->to.tag) || !*tag;

	HOLDS(!mbuf_printf(mb,
			   "SIP/2.0 %u Whatever\r\nVia: %r\r\nFrom: %r\r\n"
			   "To: %r%s%s\r\nCall-ID: %r\r\nCSeq: %u %r\r\n",
			   code, &req->via.val, &req->from.val, &req->to.val,
			   tagged ? "" : ";tag=", tagged ? "" : tag,
			   &req->callid, req->cseq.num + (how == 3),
			   &req->cseq.met));
}


void say_answer(struct world *w, struct food *f)
{
	const uint8_t whose = food_byte(f), code = food_byte(f);
	const uint8_t header = food_byte(f), body = food_byte(f);
	const unsigned peer = whose % WORLD_PEERS;
	const struct peer *p = &w->peer[peer];
	const struct sip_msg *req = p->asked[(p->n_asked + WORLD_HEARD - 1 -
					      ((whose >> 2) & 7)) %
					     WORLD_HEARD];
	struct mbuf *mb;

	if (!req)
		return;
	mb = mbuf_alloc(2048);
	HOLDS(mb);
	put_answer(mb, req, codes[code % ARRAY_SIZE(codes)],
		   (whose >> 5) & 3);
	put_rest(mb, p, header, body, f);
	world_send(w, peer, mb);
	if (body & 0x80)
		world_send(w, peer, mb);
	mem_deref(mb);
}


/* ---- a telephone that registers ------------------------------------------- */

/* 0 none, 1 right, 2 of another secret, 3 the one before, 4 another user, 5 for
 * another method, 6 another scheme, 7 any bytes */
static void put_proof(struct mbuf *mb, struct world *w, struct peer *p,
		      uint8_t how, struct food *f)
{
	const size_t start = mb->end;
	struct digest_challenge ch;

	if (how == 3)
		put(mb, p->proof);
	else if (how == 6)
		put(mb, "Authorization: Basic YmVuOng=\r\n");
	else if (how == 7)
		put_raw(mb, f);
	else if (how && p->challenge &&
		 !digest_challenge_find(&ch, p->challenge))
		HOLDS(!digest_authorize(mb, &ch, how == 4 ? "ana" : "ben",
					how == 2 ? "wrong" : WORLD_SECRET,
					how == 5 ? "INVITE" : "REGISTER",
					"sip:h.invalid"));
	/* whoever has the proof may change all that it does not cover, and
	 * send it from elsewhere */
	for (unsigned i = 0; how == 1 && i < WORLD_PEERS; i++)
		w->peer[i].proven = true;
	if (how == 1 && mb->end - start < sizeof(p->proof)) {
		memcpy(p->proof, mb->buf + start, mb->end - start);
		p->proof[mb->end - start] = '\0';
	}
}


static void put_register(struct mbuf *mb, struct world *w,
			 const struct peer *p, uint8_t what, uint8_t contact)
{
	static const char *const users[] = {"ben", "ana", "eve", "ben%00"};
	const char *where = contacts[contact % ARRAY_SIZE(contacts)];
	const char *user = users[(what >> 3) % 4];
	const unsigned number = ++w->n_sent;

	HOLDS(!mbuf_printf(mb,
			   "REGISTER sip:h.invalid SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP %J;branch=z9hG4bK%u;rport\r\n"
			   "Max-Forwards: 70\r\n"
			   "From: <sip:%s@h.invalid>;tag=t%u\r\n"
			   "To: <sip:%s@h.invalid>\r\n"
			   "Call-ID: reg\r\nCSeq: %u REGISTER\r\n",
			   &p->laddr, number, user, number, user,
			   what & 0x40 ? 1 : number));
	if (where)
		HOLDS(!mbuf_printf(mb, "Contact: %s\r\n", where));
	else
		HOLDS(!mbuf_printf(mb, "Contact: <sip:ben@%J>\r\n",
				   &p->laddr));
}


void say_register(struct world *w, struct food *f)
{
	static const char *const expires[] = {"300", "0", "60", "7",
					      "4294967296", "-1", "x", ""};
	const uint8_t whose = food_byte(f), what = food_byte(f);
	const uint8_t contact = food_byte(f), header = food_byte(f);
	struct peer *p = &w->peer[whose % WORLD_PEERS];
	struct mbuf *mb = mbuf_alloc(2048);

	HOLDS(mb);
	put_register(mb, w, p, what, contact & 0x0f);
	put_proof(mb, w, p, what & 7, f);
	HOLDS(!mbuf_printf(mb, "Expires: %s\r\n",
			   expires[(contact >> 4) & 7]));
	if (header & 0x80)
		put(mb, headers[header % ARRAY_SIZE(headers)]);
	if (header & 0x40)
		put_raw(mb, f);
	put(mb, "Content-Length: 0\r\n\r\n");
	if (whose & 0x40)
		spoil(mb, f);
	world_send(w, whose, mb);
	mem_deref(mb);
}


/* ---- and all else ---------------------------------------------------------- */

void say_raw(struct world *w, struct food *f)
{
	const uint8_t whose = food_byte(f);
	struct mbuf *mb = mbuf_alloc(512);

	HOLDS(mb);
	put_raw(mb, f);
	if (mb->end)
		world_send(w, whose, mb);
	mem_deref(mb);
}


void say_again(struct world *w, struct food *f)
{
	static const uint32_t ms[] = {100, 500, 4000, 10000,
				      21000, 33000, 100, 130000};
	const uint8_t b = food_byte(f);

	(void)w;
	loop_run(ms[b % ARRAY_SIZE(ms)]);
}


void say_key(struct world *w, struct food *f)
{
	const uint8_t b = food_byte(f);
	const struct wire_leg_digit digit = {
		.leg = b & 0x10 ? w->h->media.out : w->h->media.in,
		.code = b & 0x0f,
	};

	if (!w->h->media.conn)
		return;
	HOLDS(!wire_event(w->h->media.conn, WIRE_LEG_DIGIT, &digit));
	loop_run(0);
}


void say_all(struct world *w, struct food *f, say_h *const *v, size_t n)
{
	unsigned most = MOST_STEPS;

	while (f->n && most--)
		v[food_byte(f) % n](w, f);
}
