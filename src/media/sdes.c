/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sdes.c  Reads, draws and chooses keys. Must not seal packets, nor log a key.
 */
#include <errno.h>
#include <string.h>
#include <sodium.h>

#include "sdes.h"


enum { TAG_DIGITS = 9 };

static const char savp[] = "RTP/SAVP";
static const char avp[] = "RTP/AVP";

/* the best first */
static const struct {
	const char *name;
	enum srtp_suite suite;
	size_t n;    /* bytes of key and salt */
} suites[SDES_SUITES] = {
	{"AEAD_AES_256_GCM",        SRTP_AES_256_GCM,             44},
	{"AEAD_AES_128_GCM",        SRTP_AES_128_GCM,             28},
	{"AES_CM_128_HMAC_SHA1_80", SRTP_AES_CM_128_HMAC_SHA1_80, 30},
	{"AES_CM_128_HMAC_SHA1_32", SRTP_AES_CM_128_HMAC_SHA1_32, 30},
};


/* @return where it stands in the table; SDES_SUITES: nowhere */
static size_t row_of(enum srtp_suite suite)
{
	size_t i;

	for (i = 0; i < SDES_SUITES && suites[i].suite != suite; i++)
		;

	return i;
}


void sdes_wipe(struct sdes *s)
{
	sodium_memzero(s->offered, sizeof(s->offered));
	sodium_memzero(&s->now, sizeof(s->now));
	sodium_memzero(&s->next, sizeof(s->next));
}


bool sdes_same(const struct sdes_key *a, const struct sdes_key *b)
{
	if (!a->tag || !b->tag)
		return !a->tag && !b->tag;

	return a->suite == b->suite &&
	       !sodium_memcmp(a->key, b->key, sizeof(a->key));
}


/* ---- text ---------------------------------------------------------------- */

/* the next word; what separates them may be several spaces */
static bool word(struct pl *w, struct pl *rest)
{
	while (rest->l && *rest->p == ' ') {
		++rest->p;
		--rest->l;
	}
	w->p = rest->p;
	w->l = 0;
	while (w->l < rest->l && rest->p[w->l] != ' ')
		++w->l;
	rest->p += w->l;
	rest->l -= w->l;

	return w->l > 0;
}


static bool tag_read(uint32_t *tag, const struct pl *w)
{
	if (w->l > TAG_DIGITS)
		return false;
	for (size_t i = 0; i < w->l; i++) {
		if (w->p[i] < '0' || w->p[i] > '9')
			return false;
	}
	*tag = pl_u32(w);

	return *tag != 0;
}


static bool suite_read(size_t *row, const struct pl *w)
{
	for (*row = 0; *row < SDES_SUITES; ++*row) {
		if (!pl_strcasecmp(w, suites[*row].name))
			return true;
	}

	return false;
}


static bool base64_read(uint8_t *key, size_t n, const struct pl *text)
{
	static const int variants[] = {
		sodium_base64_VARIANT_ORIGINAL,
		sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
	};
	size_t got;

	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		if (!sodium_base642bin(key, n, text->p, text->l, NULL, &got,
				       NULL, variants[i]) && got == n)
			return true;
	}

	return false;
}


/* "inline:KEY" or "inline:KEY|LIFETIME"; not several keys, nor an MKI, which
 * would stand in each packet */
static bool key_read(struct sdes_key *k, size_t row, const struct pl *w)
{
	static const char method[] = "inline:";
	const size_t n = sizeof(method) - 1;
	struct pl text;
	const char *bar;

	if (w->l <= n || strncasecmp(w->p, method, n) != 0)
		return false;
	text.p = w->p + n;
	text.l = w->l - n;
	if (memchr(text.p, ';', text.l) || memchr(text.p, ':', text.l))
		return false;
	bar = memchr(text.p, '|', text.l);
	if (bar)
		text.l = (size_t)(bar - text.p);

	return base64_read(k->key, suites[row].n, &text);
}


/* a window size is a hint; "-..." may be ignored, all others may not */
static bool parameter_fits(const struct pl *w)
{
	return *w->p == '-' || (w->l > 4 && !memcmp(w->p, "WSH=", 4));
}


int sdes_decode(struct sdes_key *k, const struct pl *value)
{
	struct pl rest = *value, tag, suite, key, parameter;
	size_t row;
	bool ok;

	memset(k, 0, sizeof(*k));
	ok = word(&tag, &rest) && word(&suite, &rest) && word(&key, &rest) &&
	     suite_read(&row, &suite) && key_read(k, row, &key);
	while (ok && word(&parameter, &rest))
		ok = parameter_fits(&parameter);
	if (ok)
		k->suite = suites[row].suite;
	if (!ok || !tag_read(&k->tag, &tag)) {
		sodium_memzero(k, sizeof(*k));
		return ENOTSUP;
	}

	return 0;
}


int sdes_print(struct re_printf *pf, const struct sdes_key *k)
{
	const size_t row = row_of(k->suite);
	char text[sodium_base64_ENCODED_LEN(WEBSRTP_KEY,
					    sodium_base64_VARIANT_ORIGINAL)];
	int err;

	if (row == SDES_SUITES)
		return EINVAL;
	(void)sodium_bin2base64(text, sizeof(text), k->key, suites[row].n,
				sodium_base64_VARIANT_ORIGINAL);
	err = re_hprintf(pf, "%u %s inline:%s", k->tag, suites[row].name,
			 text);
	sodium_memzero(text, sizeof(text));

	return err;
}


/* ---- offer and answer ---------------------------------------------------- */

static void draw(struct sdes_key *k, size_t row, uint32_t tag)
{
	memset(k, 0, sizeof(*k));
	k->suite = suites[row].suite;
	k->tag = tag;
	randombytes_buf(k->key, suites[row].n);
}


static int line_add(struct sdp_media *m, const struct sdes_key *k)
{
	return sdp_media_set_lattr(m, false, "crypto", "%H", sdes_print, k);
}


const char *sdes_proto(const struct sdes *s)
{
	return s->use == WIRE_SRTP_MUST || (s->now.ours.tag && s->savp)
		       ? savp
		       : avp;
}


int sdes_offer(struct sdes *s, struct sdp_media *m)
{
	int err = 0;

	if (s->use == WIRE_SRTP_NEVER)
		return 0;
	/* what is in use is not to change by an offer of ours */
	if (s->now.ours.tag)
		return line_add(m, &s->now.ours);

	for (size_t i = 0; i < SDES_SUITES && !err; i++) {
		if (!s->offered[i].tag)
			draw(&s->offered[i], i, (uint32_t)i + 1);
		err = line_add(m, &s->offered[i]);
	}

	return err;
}


static bool is_savp(const struct sdp_media *m)
{
	return strcmp(sdp_media_proto(m), savp) == 0;
}


/* is it all right for sound to be plain? */
static int plain(struct sdes *s, const struct sdp_media *m)
{
	sodium_memzero(&s->next, sizeof(s->next));

	return is_savp(m) || s->use == WIRE_SRTP_MUST ? ENOTSUP : 0;
}


/* the key of ours that was offered under this tag, for this suite */
static const struct sdes_key *offered(const struct sdes *s,
				      const struct sdes_key *theirs)
{
	const struct sdes_key *k = &s->now.ours;

	for (size_t i = 0; i <= SDES_SUITES; i++) {
		if (k->tag == theirs->tag && k->suite == theirs->suite)
			return k;
		if (i < SDES_SUITES)
			k = &s->offered[i];
	}

	return NULL;
}


static bool first(const char *name, const char *value, void *arg)
{
	const char **text = arg;
	(void)name;

	*text = value;

	return true;
}


int sdes_answered(struct sdes *s, const struct sdp_media *m)
{
	const char *text = NULL;
	const struct sdes_key *ours;
	struct sdes_key theirs;
	struct pl pl;
	int err;

	(void)sdp_media_rattr_apply(m, "crypto", first, &text);
	if (s->use == WIRE_SRTP_NEVER || !text)
		return plain(s, m);

	pl_set_str(&pl, text);
	err = sdes_decode(&theirs, &pl);
	ours = err ? NULL : offered(s, &theirs);
	if (ours) {
		s->next.ours = *ours;
		s->next.theirs = theirs;
		s->savp = is_savp(m);
	}
	sodium_memzero(&theirs, sizeof(theirs));

	return ours ? 0 : ENOTSUP;
}


/* keeps the better one of those seen so far */
static bool better(const char *name, const char *value, void *arg)
{
	struct sdes_key *best = arg, k;
	struct pl pl;
	(void)name;

	pl_set_str(&pl, value);
	if (!sdes_decode(&k, &pl) &&
	    (!best->tag || row_of(k.suite) < row_of(best->suite)))
		*best = k;
	sodium_memzero(&k, sizeof(k));

	return false;
}


/* the one in use, if the peer still offers it */
static bool still(const char *name, const char *value, void *arg)
{
	const struct sdes_key *now = arg;
	struct sdes_key k;
	struct pl pl;
	bool same;
	(void)name;

	pl_set_str(&pl, value);
	same = now->tag && !sdes_decode(&k, &pl) && k.tag == now->tag &&
	       sdes_same(&k, now);
	sodium_memzero(&k, sizeof(k));

	return same;
}


int sdes_answer(struct sdes *s, struct sdp_media *m)
{
	struct sdes_key theirs = {.tag = 0};

	if (s->use == WIRE_SRTP_NEVER)
		return plain(s, m);
	if (sdp_media_rattr_apply(m, "crypto", still, &s->now.theirs)) {
		s->next = s->now;
	}
	else {
		(void)sdp_media_rattr_apply(m, "crypto", better, &theirs);
		if (!theirs.tag)
			return plain(s, m);
		s->next.theirs = theirs;
		draw(&s->next.ours, row_of(theirs.suite), theirs.tag);
		sodium_memzero(&theirs, sizeof(theirs));
	}
	s->savp = is_savp(m);

	return line_add(m, &s->next.ours);
}


void sdes_take(struct sdes *s)
{
	s->now = s->next;
	sodium_memzero(&s->next, sizeof(s->next));
	sodium_memzero(s->offered, sizeof(s->offered));
}
