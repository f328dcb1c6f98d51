/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * digest.c  Tests of digest authentication: the examples of RFC 2617 and
 * RFC 7616, the choice among challenges, and what is written as an answer.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>
#include <re.h>

#include "line/digest.h"
#include "oom.h"
#include "sip_text.h"


#define SHA "WWW-Authenticate: Digest realm=\"r\", nonce=\"ns\", " \
	    "algorithm=SHA-256, qop=\"auth\"\r\n"
#define MD "WWW-Authenticate: Digest realm=\"r\", nonce=\"nm\", " \
	   "algorithm=MD5, qop=\"auth\"\r\n"
#define PLAIN "WWW-Authenticate: Digest realm=\"r\", nonce=\"np\"\r\n"
#define SHA512 "WWW-Authenticate: Digest realm=\"r\", nonce=\"nx\", " \
	       "algorithm=SHA-512-256, qop=\"auth\"\r\n"
#define INT "WWW-Authenticate: Digest realm=\"r\", nonce=\"ni\", " \
	    "algorithm=SHA-256, qop=\"auth-int\"\r\n"
#define BASIC "WWW-Authenticate: Basic realm=\"r\"\r\n"
#define PROXY "Proxy-Authenticate: Digest realm=\"r\", nonce=\"nq\", " \
	      "algorithm=MD5\r\n"


/* ---- the examples of the standards -------------------------------------- */

static const struct example {
	enum digest_alg alg;
	const char *realm, *pass, *nonce, *nc, *cnonce, *qop;
	const char *response;
} examples[] = {
	/* RFC 7616, 3.9.1 */
	{DIGEST_MD5, "http-auth@example.org", "Circle of Life",
	 "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "00000001",
	 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth",
	 "8ca523f5e9506fed4657c9700eebdbec"},
	{DIGEST_SHA256, "http-auth@example.org", "Circle of Life",
	 "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "00000001",
	 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth",
	 "753927fa0e85d155564e2e272a28d180"
	 "2ca10daf4496794697cf8db5856cb6c1"},
	/* RFC 2617, 3.5 */
	{DIGEST_MD5, "testrealm@host.com", "Circle Of Life",
	 "dcd98b7102dd2f0e8b11d0f600bfb0c093", "00000001", "0a4f113b", "auth",
	 "6629fae49393a05397450978507c4ef1"},
	/* RFC 2069, 2.4, with its erratum 749 */
	{DIGEST_MD5, "testrealm@host.com", "CircleOfLife",
	 "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", "", "",
	 "1949323746fe6a43ef61f9606e7febea"},
};


static struct digest_in input(const struct example *ex)
{
	struct digest_in in = {.alg = ex->alg};

	pl_set_str(&in.user, "Mufasa");
	pl_set_str(&in.method, "GET");
	pl_set_str(&in.uri, "/dir/index.html");
	pl_set_str(&in.realm, ex->realm);
	pl_set_str(&in.pass, ex->pass);
	pl_set_str(&in.nonce, ex->nonce);
	pl_set_str(&in.nc, ex->nc);
	pl_set_str(&in.cnonce, ex->cnonce);
	pl_set_str(&in.qop, ex->qop);

	return in;
}


static int respond(void *arg)
{
	const struct example *ex = arg;
	const struct digest_in in = input(ex);
	char hex[DIGEST_HEX] = "";
	int err;

	err = digest_response(hex, &in);
	if (!err)
		assert_string_equal(hex, ex->response);

	return err;
}


static void responses_are_those_of_the_standards(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		assert_int_equal(respond((void *)&examples[i]), 0);
		assert_true(oom_loop(respond, (void *)&examples[i]) > 0);
	}
}


static void an_unknown_algorithm_is_refused(void **state)
{
	struct digest_in in = input(&examples[0]);
	char hex[DIGEST_HEX];

	(void)state;
	in.alg = DIGEST_ALGS;
	assert_int_equal(digest_response(hex, &in), EINVAL);
}


/* ---- the choice --------------------------------------------------------- */

static struct sip_msg *challenged(unsigned scode, const char *headers)
{
	struct sip_msg *msg;
	char text[2048];
	int n;

	n = re_snprintf(text, sizeof(text),
			"SIP/2.0 %u No\r\n"
			"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:a@b.invalid>;tag=1\r\n"
			"To: <sip:a@b.invalid>;tag=2\r\n"
			"Call-ID: c\r\n"
			"CSeq: 1 REGISTER\r\n"
			"%sContent-Length: 0\r\n\r\n",
			scode, headers);
	assert_true(n > 0);
	assert_int_equal(sip_text_decode(&msg, text, (size_t)n), 0);

	return msg;
}


static const struct choice {
	unsigned scode;
	const char *headers;
	int err;
	enum digest_alg alg;
	const char *nonce;
	bool qop_auth;
	bool proxy;
} choices[] = {
	{401, SHA MD, 0, DIGEST_SHA256, "ns", true, false},
	{401, MD SHA, 0, DIGEST_SHA256, "ns", true, false},
	{401, PLAIN MD SHA512 SHA, 0, DIGEST_SHA256, "ns", true, false},
	{401, MD, 0, DIGEST_MD5, "nm", true, false},
	{401, PLAIN, 0, DIGEST_MD5, "np", false, false},
	{401, SHA512 MD, 0, DIGEST_MD5, "nm", true, false},
	{401, INT MD, 0, DIGEST_MD5, "nm", true, false},
	{401, BASIC SHA, 0, DIGEST_SHA256, "ns", true, false},
	{401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"ab\", "
	      "algorithm=sha-256, qop=\"auth-int,auth\"\r\n",
	 0, DIGEST_SHA256, "ab", true, false},
	{401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"ac\", "
	      "algorithm=\"md5\", qop=auth\r\n",
	 0, DIGEST_MD5, "ac", true, false},
	{407, PROXY, 0, DIGEST_MD5, "nq", false, true},
	{407, SHA PROXY, 0, DIGEST_MD5, "nq", false, true},
	{401, PROXY SHA, 0, DIGEST_SHA256, "ns", true, false},

	{401, INT, ENOTSUP, DIGEST_ALGS, NULL, false, false},
	{401, SHA512, ENOTSUP, DIGEST_ALGS, NULL, false, false},
	{401, SHA512 INT, ENOTSUP, DIGEST_ALGS, NULL, false, false},
	{401, BASIC, ENOTSUP, DIGEST_ALGS, NULL, false, false},
	{401, "WWW-Authenticate: Digest realm=\"r\"\r\n", ENOTSUP,
	 DIGEST_ALGS, NULL, false, false},
	{401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
	      "qop=\"author\"\r\n", ENOTSUP, DIGEST_ALGS, NULL, false, false},

	{401, "", ENOENT, DIGEST_ALGS, NULL, false, false},
	{401, PROXY, ENOENT, DIGEST_ALGS, NULL, false, false},
	{407, SHA, ENOENT, DIGEST_ALGS, NULL, false, false},
};


static void the_best_challenge_is_chosen(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct choice *c = &choices[i];
		struct sip_msg *msg = challenged(c->scode, c->headers);
		struct digest_challenge ch = {.alg = DIGEST_ALGS};

		assert_int_equal(digest_challenge_find(&ch, msg), c->err);
		assert_int_equal(ch.alg, c->alg);
		if (!c->err) {
			assert_int_equal(pl_strcmp(&ch.nonce, c->nonce), 0);
			assert_int_equal(pl_strcmp(&ch.realm, "r"), 0);
			assert_int_equal(ch.qop_auth, c->qop_auth);
			assert_int_equal(ch.proxy, c->proxy);
			assert_false(ch.stale);
			assert_false(pl_isset(&ch.opaque));
		}
		mem_deref(msg);
	}
}


static void stale_and_opaque_are_read(void **state)
{
	struct digest_challenge ch;
	struct sip_msg *msg;

	(void)state;
	msg = challenged(401, "WWW-Authenticate: Digest realm=\"a b\", "
			      "nonce=\"n\", stale=TRUE, opaque=\"o,p\"\r\n");
	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	assert_true(ch.stale);
	assert_int_equal(pl_strcmp(&ch.opaque, "o,p"), 0);
	assert_int_equal(pl_strcmp(&ch.realm, "a b"), 0);
	mem_deref(msg);

	msg = challenged(401, "WWW-Authenticate: Digest realm=\"r\", "
			      "nonce=\"n\", stale=false\r\n");
	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	assert_false(ch.stale);
	mem_deref(msg);
}


/* ---- the answer --------------------------------------------------------- */

struct answering {
	const char *headers;
	unsigned scode;
	const char *name; /* of the header that answers */
	char cnonce[64];  /* of the last answer         */
};


static void pl_set_hex(struct pl *pl, char *hex, const struct digest_in *in)
{
	assert_int_equal(digest_response(hex, in), 0);
	pl_set_str(pl, hex);
}


/* what a server would compute from the header that we wrote */
static void check_header(struct answering *a, const struct mbuf *mb,
			 const struct digest_challenge *ch)
{
	struct digest_in in = {.alg = ch->alg};
	struct httpauth_digest_resp resp;
	char hex[DIGEST_HEX];
	struct pl text, name, val, want;

	text.p = (const char *)mb->buf;
	text.l = mb->end;
	assert_true(text.l > 2);
	assert_memory_equal(text.p + text.l - 2, "\r\n", 2);
	assert_int_equal(re_regex(text.p, text.l - 2, "[^:]+: [^]*", &name,
				  &val), 0);
	assert_int_equal(pl_strcmp(&name, a->name), 0);
	assert_null(pl_strchr(&val, '\r'));
	assert_int_equal(httpauth_digest_response_decode(&resp, &val), 0);

	assert_int_equal(pl_strcmp(&resp.username, "me"), 0);
	assert_int_equal(pl_strcmp(&resp.uri, "sip:b.invalid"), 0);
	assert_int_equal(pl_cmp(&resp.nonce, &ch->nonce), 0);
	assert_int_equal(pl_cmp(&resp.realm, &ch->realm), 0);
	assert_int_equal(pl_isset(&resp.qop), ch->qop_auth);

	in.user = resp.username;
	in.realm = resp.realm;
	in.nonce = resp.nonce;
	in.uri = resp.uri;
	in.nc = resp.nc;
	in.cnonce = resp.cnonce;
	in.qop = resp.qop;
	pl_set_str(&in.pass, "secret");
	pl_set_str(&in.method, "REGISTER");
	pl_set_hex(&want, hex, &in);
	assert_int_equal(pl_cmp(&resp.response, &want), 0);

	(void)pl_strcpy(&resp.cnonce, a->cnonce, sizeof(a->cnonce));
}


static void authorize(struct answering *a)
{
	struct sip_msg *msg = challenged(a->scode, a->headers);
	struct digest_challenge ch;
	struct mbuf *mb;

	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	mb = mbuf_alloc(512);
	assert_non_null(mb);
	assert_int_equal(digest_authorize(mb, &ch, "me", "secret", "REGISTER",
					  "sip:b.invalid"), 0);
	check_header(a, mb, &ch);
	mem_deref(mb);
	mem_deref(msg);
}


static void the_answer_is_what_a_server_computes(void **state)
{
	struct answering a[] = {
		{SHA, 401, "Authorization", ""},
		{MD, 401, "Authorization", ""},
		{PLAIN, 401, "Authorization", ""},
		{PROXY, 407, "Proxy-Authorization", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		authorize(&a[i]);
}


static void the_client_nonce_is_new_each_time(void **state)
{
	struct answering a = {SHA, 401, "Authorization", ""};
	char first[sizeof(a.cnonce)];

	(void)state;
	authorize(&a);
	assert_int_equal(strlen(a.cnonce), 32);
	memcpy(first, a.cnonce, sizeof(first));
	authorize(&a);
	assert_string_not_equal(first, a.cnonce);
}


static void the_names_of_the_algorithm_and_opaque_are_given_back(void **state)
{
	struct sip_msg *msg;
	struct digest_challenge ch;
	struct mbuf *mb = mbuf_alloc(512);
	struct pl val;

	(void)state;
	msg = challenged(401, "WWW-Authenticate: Digest realm=\"r\", "
			      "nonce=\"n\", algorithm=sha-256, "
			      "opaque=\"opq\"\r\n");
	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	assert_int_equal(digest_authorize(mb, &ch, "me", "secret", "INVITE",
					  "sip:b.invalid"), 0);
	assert_int_equal(re_regex((char *)mb->buf, mb->end,
				  "algorithm=[^,]+", &val), 0);
	assert_int_equal(pl_strcmp(&val, "SHA-256"), 0);
	assert_int_equal(re_regex((char *)mb->buf, mb->end,
				  "opaque=\"[^\"]+\"", &val), 0);
	assert_int_equal(pl_strcmp(&val, "opq"), 0);
	assert_int_not_equal(re_regex((char *)mb->buf, mb->end, "secret"), 0);
	mem_deref(mb);
	mem_deref(msg);
}


static int authorize_oom(void *arg)
{
	const struct digest_challenge *ch = arg;
	struct mbuf *mb = mbuf_alloc(512);
	int err;

	if (!mb)
		return ENOMEM;
	err = digest_authorize(mb, ch, "me", "secret", "REGISTER",
			       "sip:b.invalid");
	if (err)
		assert_int_equal(mb->end, 0);
	mem_deref(mb);

	return err;
}


static void no_memory_is_no_answer(void **state)
{
	struct sip_msg *msg = challenged(401, SHA);
	struct digest_challenge ch;

	(void)state;
	assert_int_equal(digest_challenge_find(&ch, msg), 0);
	assert_true(oom_loop(authorize_oom, &ch) >= 4);
	mem_deref(msg);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_are_those_of_the_standards),
		cmocka_unit_test(an_unknown_algorithm_is_refused),
		cmocka_unit_test(the_best_challenge_is_chosen),
		cmocka_unit_test(stale_and_opaque_are_read),
		cmocka_unit_test(the_answer_is_what_a_server_computes),
		cmocka_unit_test(the_client_nonce_is_new_each_time),
		cmocka_unit_test(
			the_names_of_the_algorithm_and_opaque_are_given_back),
		cmocka_unit_test(no_memory_is_no_answer),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
