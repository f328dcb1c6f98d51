/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_sdpweb.c  What Chromium offers, what we answer, and what others might
 * offer.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/sdpweb.h"
#include "oom.h"


/* of Chromium, without access to a microphone */
static const char offer[] =
	"v=0\r\n"
	"o=- 2585529047784524490 2 IN IP4 127.0.0.1\r\n"
	"s=-\r\n"
	"t=0 0\r\n"
	"a=group:BUNDLE 0\r\n"
	"a=extmap-allow-mixed\r\n"
	"a=msid-semantic: WMS\r\n"
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"
	"c=IN IP4 0.0.0.0\r\n"
	"a=rtcp:9 IN IP4 0.0.0.0\r\n"
	"a=candidate:3670078862 1 udp 2113937151 "
	"8f7eac23-7e00-42d6-92e2-bceead6437d8.local 36445 typ host "
	"generation 0 network-cost 999\r\n"
	"a=ice-ufrag:wHCh\r\n"
	"a=ice-pwd:k+DK4MxY6IqUHd9xwy+f5s7q\r\n"
	"a=ice-options:trickle\r\n"
	"a=fingerprint:sha-256 EB:44:82:15:8C:6A:FB:48:44:BC:10:A8:5B:D6:E2:"
	"E3:82:C9:74:3C:8B:CD:E0:78:75:55:29:9A:96:96:34:AC\r\n"
	"a=setup:actpass\r\n"
	"a=mid:0\r\n"
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
	"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
	"a=sendrecv\r\n"
	"a=msid:- ff713870-1ea9-42d8-b050-4972292ffaa6\r\n"
	"a=rtcp-mux\r\n"
	"a=rtcp-rsize\r\n"
	"a=rtpmap:111 opus/48000/2\r\n"
	"a=rtcp-fb:111 transport-cc\r\n"
	"a=fmtp:111 minptime=10;useinbandfec=1\r\n"
	"a=rtpmap:63 red/48000/2\r\n"
	"a=fmtp:63 111/111\r\n"
	"a=rtpmap:9 G722/8000\r\n"
	"a=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:8 PCMA/8000\r\n"
	"a=rtpmap:13 CN/8000\r\n"
	"a=rtpmap:110 telephone-event/48000\r\n"
	"a=rtpmap:126 telephone-event/8000\r\n"
	"a=ssrc:1642071053 cname:qv3tFgkErF1KGiNB\r\n";


/* the offer with one text in place of another */
static char *changed(const char *from, const char *to)
{
	const char *at = strstr(offer, from);
	char *text = NULL;

	assert_non_null(at);
	assert_int_equal(re_sdprintf(&text, "%b%s%s", offer,
				     (size_t)(at - offer), to,
				     at + strlen(from)), 0);

	return text;
}


static int read_text(const char *text, struct sdpweb_peer *peer,
		     const enum codec *like)
{
	struct sdp_session *s = NULL;
	int err;

	err = sdpweb_offer_read(&s, peer, like, (const uint8_t *)text,
				strlen(text));
	mem_deref(s);

	return err;
}


static void test_chromium(void **state)
{
	const enum codec pcma = CODEC_PCMA;
	struct sdpweb_peer p;
	(void)state;

	assert_int_equal(read_text(offer, &p, NULL), 0);
	assert_string_equal(p.mid, "0");
	assert_string_equal(p.ufrag, "wHCh");
	assert_int_equal(p.fingerprint[0], 0xeb);
	assert_int_equal(p.fingerprint[31], 0xac);
	assert_int_equal(p.sound.n_rx, 1);
	assert_int_equal(p.sound.codec, CODEC_PCMU);
	assert_int_equal(p.sound.pt, 0);
	assert_int_equal(p.sound.event_pt, 126);
	assert_int_equal(p.sound.dir, SDP_SENDRECV);

	assert_int_equal(read_text(offer, &p, &pcma), 0);
	assert_int_equal(p.sound.n_rx, 1);
	assert_int_equal(p.sound.codec, CODEC_PCMA);
	assert_int_equal(p.sound.pt, 8);
}


static void test_others(void **state)
{
	static const struct {
		const char *from, *to;
		int err;
	} rows[] = {
		{"a=rtcp-mux\r\n", "", ENOTSUP},
		{"a=setup:actpass", "a=setup:active", 0},
		{"a=setup:actpass", "a=setup:passive", ENOTSUP},
		{"a=setup:actpass\r\n", "", ENOTSUP},
		{"UDP/TLS/RTP/SAVPF", "RTP/AVP", ENOTSUP},
		{"m=audio 9", "m=audio 0", ENOTSUP},
		{" 0 8 ", " ", ENOTSUP},
		{"sha-256 EB", "sha-1 EB", ENOTSUP},
		{"sha-256 EB", "SHA-256 eb", 0},
		{"sha-256 EB:", "sha-256 EB", ENOTSUP},
		{"sha-256 EB:", "sha-256 EBA", ENOTSUP},
		{":34:AC", ":34", ENOTSUP},
		{":34:AC", ":34:AC:00", ENOTSUP},
		{":34:AC", ":34::C", ENOTSUP},
		{"a=ice-ufrag:wHCh\r\n", "", EPROTO},
		{"wHCh", "wHC", EPROTO},
		{"wHCh", "wH\"h", EPROTO},
		{"a=mid:0", "a=mid:0 1", EPROTO},
		{"a=mid:0", "a=mid:" "0123456789012345678901234567890123",
		 EPROTO},
		{"a=mid:0\r\n", "", EPROTO},
		{"v=0", "v=1", EPROTO},
	};
	struct sdpweb_peer p;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = changed(rows[i].from, rows[i].to);

		if (read_text(text, &p, NULL) != rows[i].err)
			fail_msg("\"%s\" for \"%s\"", rows[i].to,
				 rows[i].from);
		mem_deref(text);
	}
}


static int answer_try(void *arg)
{
	struct sdp_session *s = NULL;
	struct mbuf **mbp = arg;
	struct sdpweb_peer peer;
	struct sa local, outside[3];
	struct sdpweb_ours ours = {
		.local = &local, .outside = outside, .n_outside = 3,
		.ufrag = "ourufrag", .pwd = "ourpwd", .fingerprint = "AA:BB",
		.cname = "ourname", .ssrc = 77,
	};
	int err;

	(void)sa_set_str(&local, "192.0.2.1", 20000);
	(void)sa_set_str(&outside[0], "203.0.113.5", 0);
	(void)sa_set_str(&outside[1], "2001:db8::5", 0);
	(void)sa_set_str(&outside[2], "203.0.113.6", 0);
	err = sdpweb_offer_read(&s, &peer, NULL, (const uint8_t *)offer,
				sizeof(offer) - 1);
	if (!err)
		err = sdpweb_answer_write(mbp, s, &peer, &ours);
	mem_deref(s);

	return err;
}


static int answer_drop(void *arg)
{
	struct mbuf *mb = NULL;
	int err;
	(void)arg;

	err = answer_try(&mb);
	mem_deref(mb);

	return err;
}


static void test_answer(void **state)
{
	static const char *const rows[] = {
		"c=IN IP4 192.0.2.1\r\n",
		"m=audio 20000 UDP/TLS/RTP/SAVPF 0 126\r\n",
		"a=group:BUNDLE 0\r\n", "a=ice-lite\r\n", "a=mid:0\r\n",
		"a=ice-ufrag:ourufrag\r\n", "a=ice-pwd:ourpwd\r\n",
		"a=fingerprint:sha-256 AA:BB\r\n", "a=setup:passive\r\n",
		"a=rtcp-mux\r\n", "a=end-of-candidates\r\n",
		"a=candidate:1 1 udp 2130706431 192.0.2.1 20000 typ host\r\n",
		"a=candidate:2 1 udp 2130706175 203.0.113.5 20000 typ host\r\n",
		"a=candidate:3 1 udp 2130705919 203.0.113.6 20000 typ host\r\n",
		"a=ssrc:77 cname:ourname\r\n", "a=sendrecv\r\n",
	};
	struct mbuf *mb = NULL;
	char *text;
	(void)state;

	assert_int_equal(answer_try(&mb), 0);
	mb->pos = 0;
	assert_int_equal(mbuf_strdup(mb, &text, mb->end), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!strstr(text, rows[i]))
			fail_msg("no %s in %s", rows[i], text);
	}
	assert_null(strstr(text, "opus"));
	assert_null(strstr(text, "extmap"));
	assert_null(strstr(text, ".local"));
	/* of the other family nobody listens there */
	assert_null(strstr(text, "2001:db8"));
	mem_deref(text);
	mem_deref(mb);
}


static void test_no_memory(void **state)
{
	(void)state;
	assert_true(oom_loop(answer_drop, NULL) > 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chromium),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
