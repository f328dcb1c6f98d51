/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * door.c  Lets callers in by the peer that brings them. Must not look at who
 * the caller says to be.
 */
#include <sodium.h>

#include "bucket.h"
#include "digest.h"
#include "door.h"
#include "nonce.h"

#define LOG_MODULE "door"
#include "base/log.h"


enum { QUIET_MS = 10000 };

struct door {
	struct buckets buckets;
	struct sip *sip;
	const struct trunks *trunks;
	struct nonces nonces;
	uint64_t told; /* when strangers were last mentioned in the log */
	uint32_t n_refused;
};

static void door_destructor(void *data)
{
	struct door *d = data;

	sodium_memzero(&d->nonces, sizeof(d->nonces));
}


int door_alloc(struct door **dp, struct sip *sip, const struct trunks *trunks)
{
	struct door *d;

	if (!dp || !sip || !trunks)
		return EINVAL;

	d = mem_zalloc(sizeof(*d), door_destructor);
	if (!d)
		return ENOMEM;
	d->sip = sip;
	d->trunks = trunks;
	nonces_init(&d->nonces);
	buckets_init(&d->buckets, tmr_jiffies(), randombytes_random());
	*dp = d;

	return 0;
}


/* Two challenges may be more than a short INVITE is worth (sieve.h): then it
 * gets the better one. */
static void challenge(struct door *d, const struct sip_msg *msg, bool stale)
{
	struct nonce_challenge c = {
		.nonces = &d->nonces,
		.addr = &msg->src,
		.with = {[DIGEST_SHA256] = true, [DIGEST_MD5] = true},
		.stale = stale,
	};

	if (nonce_reply(d->sip, msg, &c) != EMSGSIZE)
		return;
	c.with[DIGEST_MD5] = false;
	(void)nonce_reply(d->sip, msg, &c);
}


/* compares what they sent with what the account's secret gives */
static bool proven(const struct door *d, const struct sip_msg *msg,
		   const struct httpauth_digest_resp *resp,
		   enum digest_alg alg)
{
	struct secret_text secret;
	struct digest_in in = {
		.alg = alg, .user = resp->username, .realm = resp->realm,
		.nonce = resp->nonce, .method = msg->met, .uri = resp->uri,
		.nc = resp->nc, .cnonce = resp->cnonce, .qop = resp->qop,
	};
	char hex[DIGEST_HEX];
	bool same = false;

	if (pl_strcmp(&resp->realm, NONCE_REALM) || pl_cmp(&resp->uri, &msg->ruri))
		return false;
	if (trunks_secret(d->trunks, &resp->username, &secret))
		return false;

	pl_set_str(&in.pass, secret_reveal(&secret));
	if (!digest_response(hex, &in))
		same = strlen(hex) == resp->response.l &&
		       !sodium_memcmp(hex, resp->response.p, strlen(hex));
	secret_wipe(&secret);

	return same;
}


static void mention(struct door *d)
{
	const uint64_t now = tmr_jiffies();

	++d->n_refused;
	if (d->told && now - d->told < QUIET_MS)
		return;

	log_warn("strangers were turned away: %u since last told",
		 d->n_refused);
	d->told = now;
	d->n_refused = 0;
}


static bool refuse(struct door *d, const struct sip_msg *msg)
{
	mention(d);
	(void)sip_reply(d->sip, msg, 403, "Forbidden");

	return false;
}


/* an INVITE from an address that is no trunk's */
static bool stranger_proves(struct door *d, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_AUTHORIZATION);
	struct httpauth_digest_resp resp;
	enum digest_alg alg;
	int err;

	if (!hdr || !digest_is_meant(&hdr->val)) {
		mention(d);
		challenge(d, msg, false);
		return false;
	}
	if (httpauth_digest_response_decode(&resp, &hdr->val))
		return refuse(d, msg);

	err = nonce_check(&d->nonces, &resp.nonce, &alg, &msg->src);
	if (err == ESTALE) {
		challenge(d, msg, true);
		return false;
	}
	if (err || !proven(d, msg, &resp, alg))
		return refuse(d, msg);

	return true;
}


bool door_knows(const struct door *d, const struct sa *addr)
{
	return trunks_has(d->trunks, addr);
}


bool door_may_answer(struct door *d, const struct sa *addr)
{
	return trunks_has(d->trunks, addr) ||
	       buckets_take(&d->buckets, addr, tmr_jiffies());
}


bool door_may_answer_known(struct door *d, const struct sa *addr)
{
	return trunks_has(d->trunks, addr) ||
	       buckets_take_own(&d->buckets, addr, tmr_jiffies());
}


bool door_admit(struct door *d, const struct sip_msg *msg)
{
	if (trunks_has(d->trunks, &msg->src))
		return true;

	if (!buckets_take(&d->buckets, &msg->src, tmr_jiffies())) {
		++d->n_refused;
		return false;
	}
	if (pl_strcmp(&msg->met, "INVITE"))
		return refuse(d, msg);

	return stranger_proves(d, msg);
}
