/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * websrtp.c  Seals and opens packets with libsrtp2. Must not know where they
 * come from or go to.
 */
#include <errno.h>
#include <string.h>
#include <srtp2/srtp.h>
#include <re.h>

#include "websrtp.h"


enum {
	WINDOW    = 256, /* packets that may come late */
	SSRCS     = 8,   /* a peer has one, another after a collision */
	RTP_SSRC  = 8,
	RTP_LEAST = 12, /* a packet without sound */
	RTCP_SSRC = 4,
	LEAST     = 8,
};

struct websrtp {
	srtp_t in, out;
	uint32_t ssrcs[SSRCS];
	unsigned n_ssrcs;
};

typedef void(policy_h)(srtp_crypto_policy_t *p);

/* RFC 4568, 6.2.2: a short tag is for sound alone */
static const struct {
	enum srtp_suite suite;
	policy_h *rtp, *rtcp;
} suites[] = {
	{SRTP_AES_256_GCM, srtp_crypto_policy_set_aes_gcm_256_16_auth,
	 srtp_crypto_policy_set_aes_gcm_256_16_auth},
	{SRTP_AES_128_GCM, srtp_crypto_policy_set_aes_gcm_128_16_auth,
	 srtp_crypto_policy_set_aes_gcm_128_16_auth},
	{SRTP_AES_CM_128_HMAC_SHA1_80, srtp_crypto_policy_set_rtp_default,
	 srtp_crypto_policy_set_rtcp_default},
	{SRTP_AES_CM_128_HMAC_SHA1_32,
	 srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
	 srtp_crypto_policy_set_rtcp_default},
};


int websrtp_init(void)
{
	return srtp_init() == srtp_err_status_ok ? 0 : ENOMEM;
}


void websrtp_close(void)
{
	(void)srtp_shutdown();
}


static void websrtp_destructor(void *data)
{
	struct websrtp *s = data;

	if (s->in)
		(void)srtp_dealloc(s->in);
	if (s->out)
		(void)srtp_dealloc(s->out);
}


static int session_new(srtp_t *sp, enum srtp_suite suite,
		       srtp_ssrc_type_t type, const uint8_t *key)
{
	size_t i;
	uint8_t copy[WEBSRTP_KEY];
	srtp_policy_t policy = {
		.ssrc.type   = type,
		.key         = copy,
		.window_size = WINDOW,
	};
	srtp_err_status_t st;

	for (i = 0; i < ARRAY_SIZE(suites) && suites[i].suite != suite; i++)
		;
	if (i == ARRAY_SIZE(suites))
		return ENOTSUP;

	memcpy(copy, key, sizeof(copy));
	suites[i].rtp(&policy.rtp);
	suites[i].rtcp(&policy.rtcp);
	st = srtp_create(sp, &policy);
	explicit_bzero(copy, sizeof(copy));

	return st == srtp_err_status_ok ? 0 : ENOMEM;
}


int websrtp_alloc(struct websrtp **sp, enum srtp_suite suite,
		  const uint8_t *theirs, const uint8_t *ours)
{
	struct websrtp *s;
	int err;

	if (!sp || !theirs || !ours)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), websrtp_destructor);
	if (!s)
		return ENOMEM;
	err = session_new(&s->in, suite, ssrc_any_inbound, theirs);
	if (!err)
		err = session_new(&s->out, suite, ssrc_any_outbound, ours);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


int websrtp_rekey(struct websrtp *s, enum srtp_suite suite,
		  const uint8_t *theirs)
{
	srtp_t in;
	int err;

	err = session_new(&in, suite, ssrc_any_inbound, theirs);
	if (err)
		return err;

	(void)srtp_dealloc(s->in);
	s->in = in;
	s->n_ssrcs = 0;

	return 0;
}


static bool ssrc_known(const struct websrtp *s, uint32_t ssrc)
{
	for (unsigned i = 0; i < s->n_ssrcs; i++) {
		if (s->ssrcs[i] == ssrc)
			return true;
	}

	return false;
}


static int status(srtp_err_status_t st)
{
	switch (st) {
	case srtp_err_status_ok:
		return 0;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return EALREADY;
	default:
		return EBADMSG;
	}
}


int websrtp_open(struct websrtp *s, bool control, uint8_t *buf, size_t *n)
{
	const size_t at = control ? RTCP_SSRC : RTP_SSRC;
	uint32_t ssrc;
	int len, err;
	bool known;

	if (*n < LEAST || *n < at + sizeof(ssrc) || *n > INT32_MAX)
		return EBADMSG;
	memcpy(&ssrc, buf + at, sizeof(ssrc));
	known = ssrc_known(s, ssrc);
	if (!known && s->n_ssrcs == SSRCS)
		return EBADMSG;

	len = (int)*n;
	err = status(control ? srtp_unprotect_rtcp(s->in, buf, &len)
			     : srtp_unprotect(s->in, buf, &len));
	if (err)
		return err;

	if (!known)
		s->ssrcs[s->n_ssrcs++] = ssrc;
	*n = (size_t)len;

	return 0;
}


int websrtp_seal(struct websrtp *s, bool control, uint8_t *buf, size_t *n)
{
	int len = (int)*n;
	int err;

	err = status(control ? srtp_protect_rtcp(s->out, buf, &len)
			     : srtp_protect(s->out, buf, &len));
	if (!err)
		*n = (size_t)len;

	return err;
}


int websrtp_warm(struct websrtp **sp)
{
	static const uint8_t key[WEBSRTP_KEY] = {0};
	uint8_t packet[RTP_LEAST + WEBSRTP_ROOM]
		__attribute__((aligned(4))) = {0x80};
	struct websrtp *s;
	size_t n = RTP_LEAST;
	int err;

	err = websrtp_alloc(&s, suites[0].suite, key, key);
	if (err)
		return err;
	err = websrtp_seal(s, false, packet, &n);
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}
