/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * door.c  Lets callers in by the peer that brings them. Must not look at who
 * the caller says to be.
 */
#include <sodium.h>

#include "bucket.h"
#include "digest.h"
#include "door.h"

#define LOG_MODULE "door"
#include "base/log.h"


enum { NONCE_LIFE_S = 60, MAC_BYTES = 16, QUIET_MS = 10000 };

#define REALM "ringback"

struct door {
	struct buckets buckets;
	struct sip *sip;
	const struct trunks *trunks;
	uint8_t key[crypto_generichash_KEYBYTES];
	uint64_t told; /* when strangers were last mentioned in the log */
	uint32_t n_refused;
};

/* hex(alg, time, mac(alg, time, address)): nothing to remember */
struct nonce {
	uint8_t alg;
	uint8_t spare[3];
	uint32_t at_s;
	uint8_t mac[MAC_BYTES];
};

enum { NONCE_HEX = 2 * sizeof(struct nonce) + 1 };


static void door_destructor(void *data)
{
	struct door *d = data;

	sodium_memzero(d->key, sizeof(d->key));
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
	randombytes_buf(d->key, sizeof(d->key));
	buckets_init(&d->buckets, tmr_jiffies(), randombytes_random());
	*dp = d;

	return 0;
}


static void nonce_seal(const struct door *d, struct nonce *n,
		       const struct sa *addr)
{
	crypto_generichash_state st;
	char text[64];

	(void)re_snprintf(text, sizeof(text), "%j", addr);
	(void)crypto_generichash_init(&st, d->key, sizeof(d->key), MAC_BYTES);
	(void)crypto_generichash_update(&st, (const uint8_t *)n,
					offsetof(struct nonce, mac));
	(void)crypto_generichash_update(&st, (const uint8_t *)text,
					strlen(text));
	(void)crypto_generichash_final(&st, n->mac, MAC_BYTES);
}


static void nonce_make(const struct door *d, char hex[NONCE_HEX],
		       enum digest_alg alg, const struct sa *addr)
{
	struct nonce n = {.alg = (uint8_t)alg,
			  .at_s = (uint32_t)(tmr_jiffies() / 1000)};

	nonce_seal(d, &n, addr);
	sodium_bin2hex(hex, NONCE_HEX, (const uint8_t *)&n, sizeof(n));
}


/* @return 0, ENOENT not ours, ESTALE ours but old */
static int nonce_check(const struct door *d, const struct pl *hex,
		       enum digest_alg *algp, const struct sa *addr)
{
	struct nonce n, ours;
	size_t len;

	if (sodium_hex2bin((uint8_t *)&n, sizeof(n), hex->p, hex->l, NULL,
			   &len, NULL) || len != sizeof(n))
		return ENOENT;

	ours = n;
	nonce_seal(d, &ours, addr);
	if (sodium_memcmp(ours.mac, n.mac, MAC_BYTES) || n.alg >= DIGEST_ALGS)
		return ENOENT;
	if ((uint32_t)(tmr_jiffies() / 1000) - n.at_s > NONCE_LIFE_S)
		return ESTALE;

	*algp = (enum digest_alg)n.alg;
	return 0;
}


static void challenge(struct door *d, const struct sip_msg *msg, bool stale)
{
	char sha[NONCE_HEX], md[NONCE_HEX];
	const char *also = stale ? ", stale=true" : "";

	nonce_make(d, sha, DIGEST_SHA256, &msg->src);
	nonce_make(d, md, DIGEST_MD5, &msg->src);
	(void)sip_replyf(d->sip, msg, 401, "Unauthorized",
			 "WWW-Authenticate: Digest realm=\"" REALM "\", "
			 "nonce=\"%s\", algorithm=SHA-256, qop=\"auth\"%s\r\n"
			 "WWW-Authenticate: Digest realm=\"" REALM "\", "
			 "nonce=\"%s\", algorithm=MD5, qop=\"auth\"%s\r\n"
			 "Content-Length: 0\r\n\r\n",
			 sha, also, md, also);
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

	if (pl_strcmp(&resp->realm, REALM) || pl_cmp(&resp->uri, &msg->ruri))
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

	if (!hdr) {
		mention(d);
		challenge(d, msg, false);
		return false;
	}
	if (httpauth_digest_response_decode(&resp, &hdr->val))
		return refuse(d, msg);

	err = nonce_check(d, &resp.nonce, &alg, &msg->src);
	if (err == ESTALE) {
		challenge(d, msg, true);
		return false;
	}
	if (err || !proven(d, msg, &resp, alg))
		return refuse(d, msg);

	return true;
}


bool door_may_answer(struct door *d, const struct sa *addr)
{
	return trunks_has(d->trunks, addr) ||
	       buckets_take(&d->buckets, addr, tmr_jiffies());
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
