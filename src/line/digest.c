/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * digest.c  Computes and answers digest challenges. Must not know whose
 * credentials they are, nor keep any.
 */
#include <sodium.h>
#include <re.h>

#include "digest.h"


typedef void(hash_h)(char hex[DIGEST_HEX], const struct mbuf *mb);

static void hash_sha256(char hex[DIGEST_HEX], const struct mbuf *mb)
{
	uint8_t md[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(md, mb->buf, mb->end);
	sodium_bin2hex(hex, DIGEST_HEX, md, sizeof(md));
}


static void hash_md5(char hex[DIGEST_HEX], const struct mbuf *mb)
{
	uint8_t md[MD5_SIZE];

	md5(mb->buf, mb->end, md);
	sodium_bin2hex(hex, DIGEST_HEX, md, sizeof(md));
}


static const struct {
	const char *name;
	hash_h *h;
} algs[DIGEST_ALGS] = {
	[DIGEST_SHA256] = {"SHA-256", hash_sha256},
	[DIGEST_MD5]    = {"MD5", hash_md5},
};


/* hash of formatted text; the buffer holds a password: it is large enough
 * never to be moved, and wiped */
static int hash_text(char hex[DIGEST_HEX], enum digest_alg alg, size_t size,
		     const char *fmt, ...)
{
	struct mbuf *mb = mbuf_alloc(size);
	va_list ap;
	int err;

	if (!mb)
		return ENOMEM;

	va_start(ap, fmt);
	err = mbuf_vprintf(mb, fmt, ap);
	va_end(ap);

	if (!err)
		algs[alg].h(hex, mb);
	sodium_memzero(mb->buf, mb->size);
	mem_deref(mb);

	return err;
}


const char *digest_name(enum digest_alg alg)
{
	return algs[alg].name;
}


int digest_ha1(char hex[DIGEST_HEX], enum digest_alg alg, const struct pl *user,
	       const struct pl *realm, const struct pl *pass)
{
	if ((unsigned)alg >= DIGEST_ALGS)
		return EINVAL;

	return hash_text(hex, alg, 8 + user->l + realm->l + pass->l,
			 "%r:%r:%r", user, realm, pass);
}


static int ha1_of(char hex[DIGEST_HEX], const struct digest_in *in)
{
	if (!pl_isset(&in->ha1))
		return digest_ha1(hex, in->alg, &in->user, &in->realm,
				  &in->pass);

	return pl_strcpy(&in->ha1, hex, DIGEST_HEX);
}


bool digest_is_meant(const struct pl *val)
{
	struct pl scheme = PL_INIT;

	return !re_regex(val->p, val->l, "[^ \t\r\n]+", &scheme) &&
	       !pl_strcasecmp(&scheme, "Digest");
}


int digest_response(char hex[DIGEST_HEX], const struct digest_in *in)
{
	const size_t size = 2 * DIGEST_HEX + 16 + in->nonce.l + in->method.l +
			    in->uri.l + in->nc.l + in->cnonce.l + in->qop.l;
	char ha1[DIGEST_HEX], ha2[DIGEST_HEX];
	int err;

	if ((unsigned)in->alg >= DIGEST_ALGS)
		return EINVAL;

	err = ha1_of(ha1, in);
	if (!err)
		err = hash_text(ha2, in->alg, size, "%r:%r", &in->method,
				&in->uri);
	if (!err && pl_isset(&in->qop))
		err = hash_text(hex, in->alg, size, "%s:%r:%r:%r:%r:%s", ha1,
				&in->nonce, &in->nc, &in->cnonce, &in->qop,
				ha2);
	else if (!err)
		err = hash_text(hex, in->alg, size, "%s:%r:%s", ha1,
				&in->nonce, ha2);

	sodium_memzero(ha1, sizeof(ha1));
	return err;
}


static bool alg_find(enum digest_alg *algp, const struct pl *name)
{
	if (!pl_isset(name)) {
		*algp = DIGEST_MD5; /* RFC 7616, 3.3: the default */
		return true;
	}

	for (int i = 0; i < DIGEST_ALGS; i++) {
		if (!pl_strcasecmp(name, algs[i].name)) {
			*algp = (enum digest_alg)i;
			return true;
		}
	}

	return false;
}


/* "auth,auth-int" has auth; "auth-int" alone has not */
static bool qop_has_auth(const struct pl *qop)
{
	struct pl left = *qop, word;

	while (!re_regex(left.p, left.l, "[^, \t]+", &word)) {
		if (!pl_strcasecmp(&word, "auth"))
			return true;
		pl_advance(&left, word.p + word.l - left.p);
	}

	return false;
}


struct search {
	struct digest_challenge best;
	bool seen;
	bool found;
};

static bool challenge_look(const struct sip_hdr *hdr,
			   const struct sip_msg *msg, void *arg)
{
	struct httpauth_digest_chall c;
	struct search *s = arg;
	enum digest_alg alg;
	(void)msg;

	s->seen = true;
	if (httpauth_digest_challenge_decode(&c, &hdr->val))
		return false;
	if (!alg_find(&alg, &c.algorithm))
		return false;
	if (pl_isset(&c.qop) && !qop_has_auth(&c.qop))
		return false;
	if (s->found && s->best.alg <= alg)
		return false;

	s->found = true;
	s->best = (struct digest_challenge){
		.alg = alg,
		.realm = c.realm,
		.nonce = c.nonce,
		.opaque = c.opaque,
		.qop_auth = pl_isset(&c.qop),
		.stale = pl_isset(&c.stale) && !pl_strcasecmp(&c.stale, "true"),
		.proxy = hdr->id == SIP_HDR_PROXY_AUTHENTICATE,
	};

	return false;
}


int digest_challenge_find(struct digest_challenge *ch,
			  const struct sip_msg *msg)
{
	const enum sip_hdrid id = msg->scode == 407
					  ? SIP_HDR_PROXY_AUTHENTICATE
					  : SIP_HDR_WWW_AUTHENTICATE;
	struct search s = {.found = false};

	(void)sip_msg_hdr_apply(msg, true, id, challenge_look, &s);
	if (!s.found)
		return s.seen ? ENOTSUP : ENOENT;

	*ch = s.best;
	return 0;
}


int digest_authorize(struct mbuf *mb, const struct digest_challenge *ch,
		     const char *user, const char *pass, const char *method,
		     const char *uri)
{
	struct digest_in in = {
		.alg = ch->alg, .realm = ch->realm, .nonce = ch->nonce};
	char hex[DIGEST_HEX], cnonce[33];
	uint8_t noise[16];
	int err;

	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(cnonce, sizeof(cnonce), noise, sizeof(noise));

	pl_set_str(&in.user, user);
	pl_set_str(&in.pass, pass);
	pl_set_str(&in.method, method);
	pl_set_str(&in.uri, uri);
	if (ch->qop_auth) {
		pl_set_str(&in.qop, "auth");
		pl_set_str(&in.nc, "00000001");
		pl_set_str(&in.cnonce, cnonce);
	}

	err = digest_response(hex, &in);
	if (err)
		return err;

	err = mbuf_printf(mb, "%s: Digest username=\"%s\", realm=\"%r\", "
			  "nonce=\"%r\", uri=\"%s\", response=\"%s\", "
			  "algorithm=%s",
			  ch->proxy ? "Proxy-Authorization" : "Authorization",
			  user, &ch->realm, &ch->nonce, uri, hex,
			  algs[ch->alg].name);
	if (pl_isset(&ch->opaque))
		err |= mbuf_printf(mb, ", opaque=\"%r\"", &ch->opaque);
	if (ch->qop_auth)
		err |= mbuf_printf(mb, ", qop=auth, nc=00000001, cnonce=\"%s\"",
				   cnonce);
	err |= mbuf_write_str(mb, "\r\n");

	return err;
}
