/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone_offer.c  The phone's SDP, both ways.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "phone/offer.h"
#include "oom.h"


static struct mbuf *text(const char *media, const char *rest)
{
	struct mbuf *mb = mbuf_alloc(512);

	assert_non_null(mb);
	assert_int_equal(mbuf_printf(mb,
				     "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"
				     "s=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
				     "m=audio %s\r\n%s", media, rest), 0);
	mb->pos = 0;

	return mb;
}


static int decode(struct sound_peer *peer, unsigned codecs, bool is_offer,
		  const char *media, const char *rest)
{
	struct offer *o;
	struct mbuf *mb;
	struct sa laddr;
	int err;

	assert_int_equal(sa_set_str(&laddr, "127.0.0.1", 4000), 0);
	assert_int_equal(offer_alloc(&o, &laddr, codecs), 0);
	if (!is_offer) { /* an answer is to an offer */
		assert_int_equal(offer_encode(&mb, o, true), 0);
		mem_deref(mb);
	}
	mb = text(media, rest);
	err = offer_decode(peer, o, mb, is_offer);
	mem_deref(mb);
	mem_deref(o);

	return err;
}


static void test_theirs_first(void **state)
{
	struct sound_peer peer;
	struct sa there;
	(void)state;

	assert_int_equal(decode(&peer, OFFER_BOTH, true,
				"5000 RTP/AVP 96 8 0 100",
				"a=rtpmap:96 opus/48000/2\r\n"
				"a=rtpmap:100 telephone-event/8000\r\n"), 0);
	assert_int_equal(peer.pt, SOUND_PCMA);
	assert_int_equal(peer.event_pt, 100);
	assert_true(peer.send);
	assert_int_equal(sa_set_str(&there, "192.0.2.1", 5000), 0);
	assert_true(sa_cmp(&peer.addr, &there, SA_ALL));
}


static void test_no_event(void **state)
{
	struct sound_peer peer;
	(void)state;

	assert_int_equal(decode(&peer, OFFER_PCMU, true, "5000 RTP/AVP 8 0",
				""), 0);
	assert_int_equal(peer.pt, SOUND_PCMU);
	assert_int_equal(peer.event_pt, -1);
}


static void test_hold(void **state)
{
	struct sound_peer peer;
	(void)state;

	assert_int_equal(decode(&peer, OFFER_BOTH, true, "5000 RTP/AVP 0",
				"a=sendonly\r\n"), 0);
	assert_false(peer.send);
	assert_int_equal(decode(&peer, OFFER_BOTH, true, "5000 RTP/AVP 0",
				"a=recvonly\r\n"), 0);
	assert_true(peer.send);
	assert_int_equal(decode(&peer, OFFER_BOTH, true, "5000 RTP/AVP 0",
				"a=inactive\r\n"), 0);
	assert_false(peer.send);
}


static void test_nothing_in_common(void **state)
{
	struct sound_peer peer;
	(void)state;

	assert_int_equal(decode(&peer, OFFER_BOTH, true, "5000 RTP/AVP 9 18",
				""), ENOTSUP);
	assert_int_equal(decode(&peer, OFFER_PCMA, false, "5000 RTP/AVP 0",
				""), ENOTSUP);
	assert_int_equal(decode(&peer, OFFER_BOTH, true, "0 RTP/AVP 0", ""),
			 ENOTSUP);
}


static void test_broken(void **state)
{
	struct sound_peer peer;
	(void)state;

	assert_int_equal(decode(&peer, OFFER_BOTH, true, "5000 RTP/AVP 0",
				"rubbish\r\n"), EBADMSG);
}


static void test_ours(void **state)
{
	struct offer *o;
	struct mbuf *mb;
	struct sa laddr;
	char *s;
	(void)state;

	assert_int_equal(sa_set_str(&laddr, "::1", 4000), 0);
	assert_int_equal(offer_alloc(&o, &laddr, OFFER_PCMA), 0);
	assert_int_equal(offer_encode(&mb, o, true), 0);
	assert_int_equal(mbuf_strdup(mb, &s, mb->end), 0);
	assert_non_null(strstr(s, "c=IN IP6 ::1\r\n"));
	assert_non_null(strstr(s, "m=audio 4000 RTP/AVP 8 101\r\n"));
	assert_non_null(strstr(s, "a=ptime:20\r\n"));
	mem_deref(s);
	mem_deref(mb);
	mem_deref(o);

	assert_int_equal(offer_alloc(&o, &laddr, 0), EINVAL);
}


static int exchange(void *arg)
{
	struct offer *a = NULL, *b = NULL;
	struct mbuf *mb = NULL;
	struct sound_peer peer;
	struct sa laddr;
	int err;
	(void)arg;

	(void)sa_set_str(&laddr, "127.0.0.1", 4000);
	err = offer_alloc(&a, &laddr, OFFER_BOTH);
	if (err)
		goto out;
	err = offer_alloc(&b, &laddr, OFFER_BOTH);
	if (err)
		goto out;
	err = offer_encode(&mb, a, true);
	if (err)
		goto out;
	err = offer_decode(&peer, b, mb, true);
	if (err)
		goto out;
	mb = mem_deref(mb);
	err = offer_encode(&mb, b, false);
	if (err)
		goto out;
	err = offer_decode(&peer, a, mb, false);

out:
	mem_deref(mb);
	mem_deref(a);
	mem_deref(b);

	return err;
}


static void test_oom(void **state)
{
	(void)state;
	assert_true(oom_loop(exchange, NULL) >= 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_theirs_first),
		cmocka_unit_test(test_no_event),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_nothing_in_common),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
