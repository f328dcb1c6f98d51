/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_sdp.c  Offers and answers, a folder each under sdp/: offer.sdp with
 * what the peer is told and what we answer, or answer.sdp to an offer of
 * ours. The first line of "expect" is the error, or what was understood:
 * codec and payload type we send, that of keys, our direction, where to.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/sdpneg.h"
#include "oom.h"


enum { TEXT = 16384 };

struct text {
	char p[TEXT];
	size_t n;
};


static bool text_read(struct text *t, const char *name, const char *file)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", SDP_CASES, name,
		       file);
	f = fopen(path, "rb");
	if (!f)
		return false;
	t->n = fread(t->p, 1, sizeof(t->p) - 1, f);
	t->p[t->n] = '\0';
	(void)fclose(f);

	return true;
}


/* line ends as they are on the wire */
static void text_crlf(struct text *to, const struct text *from)
{
	to->n = 0;
	for (size_t i = 0; i < from->n; i++) {
		if (from->p[i] == '\n')
			to->p[to->n++] = '\r';
		assert_true(to->n < sizeof(to->p) - 1);
		to->p[to->n++] = from->p[i];
	}
	to->p[to->n] = '\0';
}


static struct sa here(int af)
{
	struct sa sa;

	assert_int_equal(sa_set_str(&sa, af == AF_INET6 ? "2001:db8::1"
							: "192.0.2.1",
				    20000), 0);
	return sa;
}


static void peer_tell(struct text *t, const struct sdpneg_peer *peer)
{
	static const char *const dirs[] = {
		"inactive", "recvonly", "sendonly", "sendrecv",
	};
	char event[8] = "none";

	if (peer->event_pt != SDPNEG_NO_PT)
		(void)re_snprintf(event, sizeof(event), "%u", peer->event_pt);
	t->n = (size_t)re_snprintf(t->p, sizeof(t->p),
				   "peer %s %u event %s %s %J\n",
				   codec_name(peer->codec), peer->pt, event,
				   dirs[peer->dir], &peer->addr);
}


/* our SDP, with plain line ends and without random numbers */
static void sdp_tell(struct text *t, const struct mbuf *mb)
{
	char *o;
	size_t skip;

	for (size_t i = 0; i < mb->end; i++) {
		if (mb->buf[i] != '\r')
			t->p[t->n++] = (char)mb->buf[i];
	}
	t->p[t->n] = '\0';

	o = strstr(t->p, "\no=- ");
	assert_non_null(o);
	o += strlen("\no=- ");
	skip = strcspn(o, " ") + 1;
	skip += strcspn(o + skip, " ");
	memmove(o + strlen("ID VERSION"), o + skip, strlen(o + skip) + 1);
	memcpy(o, "ID VERSION", strlen("ID VERSION"));
}


static int offer_take(struct text *got, const struct text *sdp)
{
	struct sdpneg *n = NULL;
	struct sdp_session *s = NULL;
	struct sdpneg_peer peer;
	struct mbuf *mb = NULL;
	struct sa local;
	int err;

	err = sdpneg_alloc(&n);
	if (!err)
		err = sdpneg_offer_read(n, &s, &peer, (const uint8_t *)sdp->p,
					sdp->n);
	if (err)
		goto out;

	local = here(sa_af(&peer.addr));
	peer_tell(got, &peer);
	err = sdpneg_answer_write(n, &mb, s, &peer, &local);
	if (!err)
		sdp_tell(got, mb);

out:
	mem_deref(mb);
	mem_deref(s);
	mem_deref(n);

	return err;
}


static int answer_take(struct text *got, const struct text *sdp)
{
	const struct sa local = here(AF_INET);
	struct sdpneg *n = NULL;
	struct sdpneg_peer peer;
	struct mbuf *mb = NULL;
	int err;

	err = sdpneg_alloc(&n);
	if (!err)
		err = sdpneg_offer_write(n, &mb, &local, CODEC_PCMU);
	if (!err)
		err = sdpneg_answer_read(n, &peer, (const uint8_t *)sdp->p,
					 sdp->n);
	if (!err)
		peer_tell(got, &peer);
	mem_deref(mb);
	mem_deref(n);

	return err;
}


static int take(struct text *got, const struct text *sdp, bool offer)
{
	int err = offer ? offer_take(got, sdp) : answer_take(got, sdp);

	if (err)
		(void)snprintf(got->p, sizeof(got->p), "%s\n",
			       err == EPROTO ? "EPROTO" :
			       err == ENOTSUP ? "ENOTSUP" : strerror(err));

	return err;
}


/* exactly as long as the SDP, so that a sanitizer sees each slip */
static void case_run(const char *name)
{
	struct text *plain = calloc(1, sizeof(*plain));
	struct text *crlf = calloc(1, sizeof(*crlf));
	struct text *got = calloc(1, sizeof(*got));
	struct text *expect = calloc(1, sizeof(*expect));
	bool offer;

	assert_true(plain && crlf && got && expect);
	offer = text_read(plain, name, "offer.sdp");
	if (!offer && !text_read(plain, name, "answer.sdp"))
		fail_msg("%s: no offer.sdp, no answer.sdp", name);
	if (!text_read(expect, name, "expect"))
		fail_msg("%s: no expect", name);
	text_crlf(crlf, plain);

	(void)take(got, plain, offer);
	if (strcmp(got->p, expect->p) != 0)
		fail_msg("%s, expected:\n%s\ngot:\n%s", name, expect->p,
			 got->p);

	memset(got, 0, sizeof(*got));
	(void)take(got, crlf, offer);
	if (strcmp(got->p, expect->p) != 0)
		fail_msg("%s with CRLF, expected:\n%s\ngot:\n%s", name,
			 expect->p, got->p);

	free(plain);
	free(crlf);
	free(got);
	free(expect);
}


static void test_folders(void **state)
{
	unsigned n = 0;
	struct dirent *de;
	DIR *dir;
	(void)state;

	dir = opendir(SDP_CASES);
	assert_non_null(dir);
	while ((de = readdir(dir))) {
		if (de->d_name[0] == '.')
			continue;
		case_run(de->d_name);
		++n;
	}
	(void)closedir(dir);
	assert_true(n >= 100);
}


/* every part of a good offer cut off, and every byte of it changed */
static void test_cut_and_changed(void **state)
{
	struct text *sdp = calloc(1, sizeof(*sdp));
	struct text *got = calloc(1, sizeof(*got));
	struct sdpneg *neg;
	(void)state;

	assert_true(sdp && got);
	assert_int_equal(sdpneg_alloc(&neg), 0);
	assert_true(text_read(sdp, "bandwidth-and-more", "offer.sdp"));
	for (size_t n = sdp->n; n > 0; n--) {
		const char was = sdp->p[n - 1];
		struct sdp_session *s;
		struct sdpneg_peer peer;
		uint8_t *copy = malloc(n);

		assert_non_null(copy);
		memcpy(copy, sdp->p, n);
		if (!sdpneg_offer_read(neg, &s, &peer, copy, n))
			mem_deref(s);
		free(copy);

		for (unsigned i = 0; i < 8; i++) {
			sdp->p[n - 1] = (char)(was ^ (1 << i));
			(void)take(got, sdp, true);
		}
		sdp->p[n - 1] = was;
	}
	mem_deref(neg);
	free(sdp);
	free(got);
}


/* the text of an SDP of ours from the o= line on */
static uint32_t version(const struct mbuf *mb, uint32_t *id)
{
	struct pl i, v;

	assert_int_equal(re_regex((const char *)mb->buf, mb->end,
				  "o=- [0-9]+ [0-9]+ IN", &i, &v), 0);
	*id = pl_u32(&i);

	return pl_u32(&v);
}


static void test_version(void **state)
{
	struct sa local = here(AF_INET);
	struct sdpneg *n;
	struct mbuf *mb;
	uint32_t id, first, again, changed;
	(void)state;

	assert_int_equal(sdpneg_alloc(&n), 0);
	assert_int_equal(sdpneg_offer_write(n, &mb, &local, CODEC_PCMU), 0);
	first = version(mb, &id);
	mem_deref(mb);

	assert_int_equal(sdpneg_offer_write(n, &mb, &local, CODEC_PCMU), 0);
	assert_int_equal(version(mb, &again), first);
	assert_int_equal(again, id);
	mem_deref(mb);

	sa_set_port(&local, 20002);
	assert_int_equal(sdpneg_offer_write(n, &mb, &local, CODEC_PCMU), 0);
	assert_int_equal(version(mb, &changed), first + 1);
	assert_int_equal(changed, id);
	mem_deref(mb);
	mem_deref(n);
}


static void test_offer(void **state)
{
	static const char expect[] =
		"v=0\no=- ID VERSION IN IP6 2001:db8::1\ns=-\n"
		"c=IN IP6 2001:db8::1\nt=0 0\n"
		"m=audio 20000 RTP/AVP 8 0 101\n"
		"a=rtpmap:8 PCMA/8000\na=rtpmap:0 PCMU/8000\n"
		"a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
		"a=sendrecv\na=ptime:20\n";
	const struct sa local = here(AF_INET6);
	struct text *got = calloc(1, sizeof(*got));
	struct sdpneg *n;
	struct mbuf *mb;
	(void)state;

	assert_non_null(got);
	assert_int_equal(sdpneg_alloc(&n), 0);
	assert_int_equal(sdpneg_offer_write(n, &mb, &local, CODEC_PCMA), 0);
	sdp_tell(got, mb);
	assert_string_equal(got->p, expect);
	mem_deref(mb);
	mem_deref(n);
	free(got);
}


/* RFC 3264, 8: a later offer has the m-lines of before, in their order */
static void test_offer_after_video(void **state)
{
	const struct sa local = here(AF_INET);
	struct text *sdp = calloc(1, sizeof(*sdp));
	struct text *got = calloc(1, sizeof(*got));
	struct sdp_session *s;
	struct sdpneg_peer peer;
	struct sdpneg *n;
	struct mbuf *mb;
	(void)state;

	assert_true(sdp && got);
	assert_true(text_read(sdp, "video-first", "offer.sdp"));
	assert_int_equal(sdpneg_alloc(&n), 0);
	assert_int_equal(sdpneg_offer_read(n, &s, &peer, (uint8_t *)sdp->p,
					   sdp->n), 0);
	assert_int_equal(sdpneg_answer_write(n, &mb, s, &peer, &local), 0);
	mem_deref(mb);
	mem_deref(s);

	assert_int_equal(sdpneg_offer_write(n, &mb, &local, CODEC_PCMU), 0);
	sdp_tell(got, mb);
	assert_non_null(strstr(got->p, "m=video 0 RTP/AVP 0\n"
				       "m=audio 20000 RTP/AVP 0 8 101\n"));
	mem_deref(mb);

	/* and its answer is read by place */
	assert_int_equal(sdpneg_answer_read(n, &peer, (uint8_t *)sdp->p,
					    sdp->n), 0);
	assert_int_equal(sa_port(&peer.addr), 5004);
	mem_deref(n);
	free(sdp);
	free(got);
}


struct oom {
	struct text sdp;
	struct text got;
	bool offer;
};


static int take_again(void *arg)
{
	struct oom *o = arg;

	return take(&o->got, &o->sdp, o->offer);
}


static void test_oom(void **state)
{
	struct oom *o = calloc(1, sizeof(*o));
	(void)state;

	assert_non_null(o);
	o->offer = true;
	assert_true(text_read(&o->sdp, "video-too", "offer.sdp"));
	assert_true(oom_loop(take_again, o) > 0);
	o->offer = false;
	assert_true(text_read(&o->sdp, "answer-plain", "answer.sdp"));
	assert_true(oom_loop(take_again, o) > 0);
	free(o);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_cut_and_changed),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_offer_after_video),
		cmocka_unit_test(test_oom),
	};
	int n;

	if (libre_init())
		return 1;
	n = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return n;
}
