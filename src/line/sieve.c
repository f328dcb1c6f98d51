/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sieve.c  A helper on each UDP socket of the SIP stack. Must not allocate for
 * an address, nor log one.
 */
#include <string.h>
#include <sodium.h>

#include "allowance.h"
#include "garbled.h"
#include "sieve.h"

#define LOG_MODULE "sieve"
#include "base/log.h"


enum { LAYER = 0, SOCKETS = 8, STUN_FIRST = 3, KEEPALIVE = 4, KNOCK = 17 };

/* a socket of the stack's */
struct watched {
	struct sieve *s;
	void *sock; /* the stack's: it outlives us */
	struct udp_helper *uh;
};

struct proven {
	struct sa addr;
	uint64_t until; /* 0: none */
};

struct sieve {
	struct watched watched[SOCKETS];
	struct proven proven[SIEVE_PROVEN];
	struct allowance budget; /* of datagrams, by address */
	struct sieve_count count;
	struct sieve_count told;
	struct sip_lsnr *requests;
	struct sip_lsnr *responses;
	sieve_known_h *h;
	void *arg;
	struct sa asker;  /* of the datagram in hand, unless it is known */
	size_t asked;     /* its bytes */
	uint64_t told_at;
	char knock[KNOCK];
};


static void destructor(void *data)
{
	struct sieve *s = data;

	mem_deref(s->requests);
	mem_deref(s->responses);
	for (size_t i = 0; i < SOCKETS; i++)
		mem_deref(s->watched[i].uh);
}


/* ---- who is known -------------------------------------------------------- */

static struct proven *proven_of(struct sieve *s, const struct sa *addr)
{
	const uint64_t now = tmr_jiffies();

	for (size_t i = 0; i < SIEVE_PROVEN; i++) {
		struct proven *p = &s->proven[i];

		if (p->until > now && sa_cmp(&p->addr, addr, SA_ALL))
			return p;
	}

	return NULL;
}


static bool is_known(struct sieve *s, const struct sa *addr)
{
	return (s->h && s->h(addr, s->arg)) || proven_of(s, addr);
}


void sieve_prove(struct sieve *s, const struct sip_msg *msg)
{
	struct proven *p;

	if (!s || msg->tp != SIP_TRANSP_UDP)
		return;

	p = proven_of(s, &msg->src);
	if (!p) {
		p = &s->proven[0];
		for (size_t i = 1; i < SIEVE_PROVEN; i++) {
			if (s->proven[i].until < p->until)
				p = &s->proven[i];
		}
	}
	p->addr = msg->src;
	p->until = tmr_jiffies() + SIEVE_PROVEN_MS;
	sa_init(&s->asker, AF_UNSPEC);
}


/* ---- datagrams ----------------------------------------------------------- */

static void mention(struct sieve *s)
{
	const uint64_t now = tmr_jiffies();
	const struct sieve_count *c = &s->count;

	if (s->told_at && now - s->told_at < SIEVE_QUIET_MS)
		return;

	log_warn("datagrams that nobody asked for: %llu too many of one "
		 "address, %llu that are no SIP, %llu of STUN, and %llu "
		 "answers not given since last told",
		 (unsigned long long)(c->over_budget - s->told.over_budget),
		 (unsigned long long)(c->undecodable - s->told.undecodable),
		 (unsigned long long)(c->stun - s->told.stun),
		 (unsigned long long)(c->too_large - s->told.too_large));
	s->told = *c;
	s->told_at = now;
}


static bool drop(struct sieve *s, uint64_t *counter)
{
	++*counter;
	mention(s);

	return true;
}


static bool is_sip(struct mbuf *mb)
{
	const size_t pos = mb->pos;
	struct sip_msg *msg = NULL;
	const int err = sip_msg_decode(&msg, mb);

	mem_deref(msg);
	mb->pos = pos;

	return !err;
}


/* strangers are not told: to them silence is enough */
static void tell(const struct watched *w, const struct sa *src,
		 const struct mbuf *mb)
{
	struct mbuf *reply = garbled_answer(mb);

	if (reply)
		(void)udp_send(w->sock, src, reply);
	mem_deref(reply);
}


/* @return true: libre does not see it */
static bool heard(struct sa *src, struct mbuf *mb, void *arg)
{
	const struct watched *w = arg;
	struct sieve *s = w->s;
	const size_t n = mbuf_get_left(mb);
	const bool known = is_known(s, src);

	sa_init(&s->asker, AF_UNSPEC);
	if (n <= KEEPALIVE)
		return true;
	if (!known && !allowance_take_addr(&s->budget, src, tmr_jiffies()))
		return drop(s, &s->count.over_budget);
	if (mbuf_buf(mb)[0] <= STUN_FIRST)
		return known ? false : drop(s, &s->count.stun);
	if (!is_sip(mb)) {
		if (known)
			tell(w, src, mb);
		return drop(s, &s->count.undecodable);
	}
	if (!known) {
		s->asker = *src;
		s->asked = n;
	}

	return false;
}


/* an answer to what is in hand; what we ask ourselves is none */
static bool sent(int *err, struct sa *dst, struct mbuf *mb, void *arg)
{
	const struct watched *w = arg;
	struct sieve *s = w->s;

	if (!sa_isset(&s->asker, SA_ADDR) ||
	    !sa_cmp(&s->asker, dst, SA_ADDR) ||
	    mbuf_get_left(mb) <= s->asked ||
	    memcmp(mbuf_buf(mb), "SIP/2.0", 7))
		return false;

	*err = EMSGSIZE;
	return drop(s, &s->count.too_large);
}


/* ---- sockets ------------------------------------------------------------- */

static void watch(struct sieve *s, const struct sip_msg *msg)
{
	for (size_t i = 0; i < SOCKETS; i++) {
		struct watched *w = &s->watched[i];

		if (w->sock == msg->sock)
			return;
		if (w->sock)
			continue;
		w->s = s;
		if (!udp_register_helper(&w->uh, msg->sock, LAYER, sent,
					 heard, w))
			w->sock = msg->sock;
		return;
	}
}


/* our own knock ends here, everything else goes on to whom it concerns */
static bool on_message(const struct sip_msg *msg, void *arg)
{
	struct sieve *s = arg;

	if (msg->tp == SIP_TRANSP_UDP)
		watch(s, msg);

	return !msg->req && !pl_strcmp(&msg->callid, s->knock);
}


int sieve_alloc(struct sieve **sp, struct sip *sip, sieve_known_h *h,
		void *arg)
{
	static const struct allowance_terms terms = {SIEVE_BURST,
						     60 * SIEVE_RATE};
	struct sieve *s;
	uint8_t noise[KNOCK / 2];
	int err;

	if (!sp || !sip)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;
	s->h = h;
	s->arg = arg;
	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(s->knock, sizeof(s->knock), noise, sizeof(noise));
	allowance_init(&s->budget, &terms, tmr_jiffies());

	err = sip_listen(&s->requests, sip, true, on_message, s);
	if (!err)
		err = sip_listen(&s->responses, sip, false, on_message, s);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


void sieve_open(struct sieve *s, const struct sa *laddrs, size_t n)
{
	struct mbuf *mb = mbuf_alloc(512);

	if (mb && mbuf_printf(mb, "SIP/2.0 200 OK\r\n"
			      "Via: SIP/2.0/UDP local;branch=z9hG4bK%s\r\n"
			      "From: <sip:sieve>;tag=sieve\r\n"
			      "To: <sip:sieve>;tag=sieve\r\n"
			      "Call-ID: %s\r\n"
			      "CSeq: 1 OPTIONS\r\n"
			      "Content-Length: 0\r\n\r\n", s->knock, s->knock))
		mb = mem_deref(mb);
	for (size_t i = 0; mb && i < n; i++) {
		mb->pos = 0;
		(void)udp_send_anon(&laddrs[i], mb);
	}
	mem_deref(mb);
}


const struct sieve_count *sieve_counted(const struct sieve *s)
{
	return &s->count;
}
