/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * nonce.c  Makes and checks what a digest is challenged with. Must not know
 * whose credentials are asked for.
 */
#include <string.h>
#include <sodium.h>

#include "nonce.h"


/* hex(alg, noise, time, mac(all of it, address)): nothing to remember */
struct nonce {
	uint8_t alg;
	uint8_t noise[3]; /* two of one second are two */
	uint32_t at_s;
	uint8_t mac[NONCE_MAC];
};

_Static_assert(NONCE_HEX == 2 * sizeof(struct nonce) + 1, "hex of a nonce");
_Static_assert(NONCE_KEY == crypto_generichash_KEYBYTES, "key of a hash");


void nonces_init(struct nonces *n)
{
	randombytes_buf(n->key, sizeof(n->key));
}


static uint32_t now_s(void)
{
	return (uint32_t)(tmr_jiffies() / 1000);
}


static void seal(const struct nonces *nonces, struct nonce *n,
		 const struct sa *addr)
{
	crypto_generichash_state st;
	char text[64];

	(void)re_snprintf(text, sizeof(text), "%j", addr);
	(void)crypto_generichash_init(&st, nonces->key, sizeof(nonces->key),
				      NONCE_MAC);
	(void)crypto_generichash_update(&st, (const uint8_t *)n,
					offsetof(struct nonce, mac));
	(void)crypto_generichash_update(&st, (const uint8_t *)text,
					strlen(text));
	(void)crypto_generichash_final(&st, n->mac, NONCE_MAC);
}


static int print(struct re_printf *pf, const struct nonce_challenge *c,
		 enum digest_alg alg)
{
	struct nonce n = {.alg = (uint8_t)alg, .at_s = now_s()};
	char hex[NONCE_HEX];

	randombytes_buf(n.noise, sizeof(n.noise));
	seal(c->nonces, &n, c->addr);
	sodium_bin2hex(hex, sizeof(hex), (const uint8_t *)&n, sizeof(n));

	return re_hprintf(pf,
			  "WWW-Authenticate: Digest realm=\"" NONCE_REALM
			  "\", nonce=\"%s\", algorithm=%s, qop=\"auth\"%s\r\n",
			  hex, digest_name(alg), c->stale ? ", stale=true" : "");
}


int nonce_challenge_print(struct re_printf *pf,
			  const struct nonce_challenge *c)
{
	int err = 0;

	for (int i = 0; i < DIGEST_ALGS && !err; i++) {
		if (c->with[i])
			err = print(pf, c, (enum digest_alg)i);
	}

	return err;
}


int nonce_reply(struct sip *sip, const struct sip_msg *msg,
		const struct nonce_challenge *c)
{
	return sip_replyf(sip, msg, 401, "Unauthorized", "%H%s\r\n",
			  nonce_challenge_print, c,
			  msg->tp == SIP_TRANSP_UDP
				  ? "" : "Content-Length: 0\r\n");
}


int nonce_check(const struct nonces *nonces, const struct pl *hex,
		enum digest_alg *algp, const struct sa *addr)
{
	struct nonce n, ours;
	size_t len;

	if (sodium_hex2bin((uint8_t *)&n, sizeof(n), hex->p, hex->l, NULL,
			   &len, NULL) || len != sizeof(n))
		return ENOENT;

	ours = n;
	seal(nonces, &ours, addr);
	if (sodium_memcmp(ours.mac, n.mac, NONCE_MAC) || n.alg >= DIGEST_ALGS)
		return ENOENT;
	if (now_s() - n.at_s > NONCE_LIFE_S)
		return ESTALE;

	*algp = (enum digest_alg)n.alg;
	return 0;
}
