/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * prove.c  Who sends a REGISTER? Must not treat names that exist otherwise than
 * names that do not, nor log either.
 */
#include <sodium.h>

#include "registrar_parts.h"

#define LOG_MODULE "registrar"
#include "base/log.h"


/* what one message offers as proof */
struct proof {
	struct httpauth_digest_resp resp;
	struct account *account; /* NULL: there is none of this name */
	enum digest_alg alg;
	uint32_t name, peer; /* places of guesses */
};


/* ---- accounts ------------------------------------------------------------ */

static struct account *account_find(const struct registrar *r,
				    const struct pl *user)
{
	struct le *le;

	LIST_FOREACH(&r->accountl, le)
	{
		struct account *a = le->data;

		if (!pl_strcmp(user, a->row.user))
			return a;
	}

	return NULL;
}


static enum digest_alg account_alg(const struct account *a)
{
	return sodium_is_zero(a->row.md5, sizeof(a->row.md5)) ? DIGEST_SHA256
							      : DIGEST_MD5;
}


/* ---- answers ------------------------------------------------------------- */

/* Some telephones that know MD5 alone stumble over anything besides: an account
 * has one algorithm. */
static void challenge(struct registrar *r, const struct sip_msg *msg,
		      bool stale)
{
	const struct account *a = account_find(r, &msg->to.uri.user);
	const enum digest_alg alg = a ? account_alg(a) : DIGEST_SHA256;
	const struct nonce_challenge c = {
		.nonces = &r->nonces,
		.addr = &msg->src,
		.with = {[DIGEST_SHA256] = alg == DIGEST_SHA256,
			 [DIGEST_MD5] = alg == DIGEST_MD5},
		.stale = stale,
	};

	(void)nonce_reply(r->sip, msg, &c);
}


static void refuse(struct registrar *r, const struct sip_msg *msg)
{
	const uint64_t now = tmr_jiffies();

	(void)sip_reply(r->sip, msg, 403, "Forbidden");
	++r->n_refused;
	if (r->told && now - r->told < REGISTRAR_QUIET_MS)
		return;

	log_warn("telephones that could not prove who they are: %u answers "
		 "since last told", r->n_refused);
	r->told = now;
	r->n_refused = 0;
}


/* ---- guesses ------------------------------------------------------------- */

/* what shares a place is nobody's to know */
static uint32_t place_of(const struct registrar *r, const void *data, size_t n)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint32_t place;

	(void)crypto_generichash(hash, sizeof(hash), data, n, r->nonces.key,
				 sizeof(r->nonces.key));
	memcpy(&place, hash, sizeof(place));

	return place;
}


/* IPv6: of its /64, which is one customer */
static uint32_t place_of_peer(const struct registrar *r, const struct sa *addr)
{
	return sa_af(addr) == AF_INET6
		       ? place_of(r, addr->u.in6.sin6_addr.s6_addr, 8)
		       : place_of(r, &addr->u.in.sin_addr, 4);
}


/* somebody else's guesses do not keep a telephone out that is known here */
static bool must_wait(const struct registrar *r, const struct proof *p,
		      const struct sip_msg *msg)
{
	const uint64_t now = tmr_jiffies();

	return signin_limit_wait(r->peers, p->peer, now) ||
	       (signin_limit_wait(r->names, p->name, now) &&
		!(p->account && account_is_at(p->account, &msg->src)));
}


static void guessed(struct registrar *r, const struct proof *p)
{
	const uint64_t now = tmr_jiffies();

	signin_limit_failed(r->names, p->name, now);
	signin_limit_failed(r->peers, p->peer, now);
}


/* ---- proof --------------------------------------------------------------- */

/* of nobody: of no use to anybody */
static void ha1_of(char hex[DIGEST_HEX], const struct registrar *r,
		   const struct proof *p)
{
	const struct account *a = p->account;
	const uint8_t *bytes = r->nonces.key;
	const size_t n = p->alg == DIGEST_MD5 ? STORE_PHONE_MD5
					      : STORE_PHONE_SHA256;

	if (a)
		bytes = p->alg == DIGEST_MD5 ? a->row.md5 : a->row.sha256;
	sodium_bin2hex(hex, DIGEST_HEX, bytes, n);
}


static bool is_right(const struct registrar *r, const struct proof *p,
		     const struct sip_msg *msg)
{
	const struct httpauth_digest_resp *resp = &p->resp;
	char ha1[DIGEST_HEX], hex[DIGEST_HEX];
	struct digest_in in = {
		.alg = p->alg, .nonce = resp->nonce, .method = msg->met,
		.uri = resp->uri, .nc = resp->nc, .cnonce = resp->cnonce,
		.qop = resp->qop,
	};
	bool same = false;

	if ((p->account && p->alg != account_alg(p->account)) ||
	    pl_strcmp(&resp->realm, NONCE_REALM) ||
	    pl_strcasecmp(&resp->qop, "auth") || !pl_isset(&resp->cnonce) ||
	    pl_cmp(&resp->uri, &msg->ruri))
		return false;

	ha1_of(ha1, r, p);
	pl_set_str(&in.ha1, ha1);
	if (!digest_response(hex, &in))
		same = strlen(hex) == resp->response.l &&
		       !sodium_memcmp(hex, resp->response.p, strlen(hex));
	sodium_memzero(ha1, sizeof(ha1));

	return same && p->account;
}


/* RFC 7616, 3.4: a count that grows, in eight hexadecimal digits */
static uint32_t count_of(const struct pl *nc)
{
	return nc->l == 8 ? pl_x32(nc) : 0;
}


/* What was overheard proves nothing: each proof is good once. */
static bool is_fresh(struct account *a, const struct httpauth_digest_resp *resp)
{
	const char *mark = resp->nonce.p + resp->nonce.l - REGISTRAR_MARK;
	const uint32_t nc = count_of(&resp->nc);
	const uint64_t now = tmr_jiffies();
	struct used_nonce *free_one = NULL;

	for (size_t i = 0; i < REGISTRAR_USED; i++) {
		struct used_nonce *u = &a->used[i];

		if (u->until <= now) {
			free_one = u;
		}
		else if (!memcmp(u->mark, mark, REGISTRAR_MARK)) {
			if (nc <= u->nc)
				return false;
			u->nc = nc;
			return true;
		}
	}
	if (!free_one || !nc)
		return false;

	memcpy(free_one->mark, mark, REGISTRAR_MARK);
	free_one->nc = nc;
	/* its age is counted in whole seconds */
	free_one->until = now + (NONCE_LIFE_S + 2) * 1000ull;
	return true;
}


/* their name, in the account's letters: nothing else is served here */
static bool is_their_own(const struct account *a, const struct sip_msg *msg)
{
	return !pl_strcmp(&msg->to.uri.user, a->row.user);
}


static struct account *judge(struct registrar *r, struct proof *p,
			     const struct sip_msg *msg)
{
	if (!is_right(r, p, msg)) {
		guessed(r, p);
		refuse(r, msg);
		return NULL;
	}
	signin_limit_passed(r->names, p->name);
	if (!is_fresh(p->account, &p->resp)) {
		challenge(r, msg, true);
		return NULL;
	}
	if (!is_their_own(p->account, msg)) {
		refuse(r, msg);
		return NULL;
	}

	return p->account;
}


struct account *prove(struct registrar *r, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_AUTHORIZATION);
	struct proof p;

	/* a scheme that we do not know is none (RFC 4475, 3.3.7) */
	if (!hdr || !digest_is_meant(&hdr->val)) {
		challenge(r, msg, false);
		return NULL;
	}
	p.peer = place_of_peer(r, &msg->src);
	if (httpauth_digest_response_decode(&p.resp, &hdr->val)) {
		refuse(r, msg);
		return NULL;
	}
	p.name = place_of(r, p.resp.username.p, p.resp.username.l);
	p.account = account_find(r, &p.resp.username);
	if (must_wait(r, &p, msg)) {
		refuse(r, msg);
		return NULL;
	}
	/* also of an earlier life of this process: no fault of theirs */
	if (nonce_check(&r->nonces, &p.resp.nonce, &p.alg, &msg->src)) {
		challenge(r, msg, true);
		return NULL;
	}

	return judge(r, &p, msg);
}
