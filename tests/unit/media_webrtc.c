/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_webrtc.c  A browser in the same process: it connects, talks, moves and
 * leaves; others try to be heard, or to lead its sound elsewhere.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "media/ports.h"
#include "media/rtp.h"
#include "media/webrtc.h"
#include "media/websrtp.h"


enum { LIMIT_MS = 5000, SSRC_OURS = 77, SSRC_THEIRS = 88, PACKET = 400 };

struct buffer {
	_Alignas(8) uint8_t b[1500 + WEBSRTP_ROOM];
	size_t n;
};

/* the other end: libre's DTLS as a client, on a udp_sock of its own */
struct browser {
	struct webkey *key;
	struct udp_sock *us;
	struct dtls_sock *ds;
	struct tls_conn *tc;
	struct websrtp *srtp;
	struct sa addr;
	struct buffer got;
	uint16_t seq;
	unsigned n_stun, n_rtp, n_rtcp;
	bool up, closed;
};

struct fixture {
	struct webkey *key;
	struct ports *ports;
	struct port *port;
	struct webrtc *w;
	struct sdpweb_ours ours;
	struct sdpweb_peer peer;
	struct browser b, other; /* other: a stranger, or its next address */
	struct buffer in;
	struct tmr limit;
	uint64_t tick;
	unsigned n_up, n_dead, n_quality, n_heard, n_dropped;
	bool too_late;
	bool (*until)(struct fixture *f);
};


static void progress(struct fixture *f)
{
	if (f->until && f->until(f)) {
		f->until = NULL;
		re_cancel();
	}
}


static void limit_reached(void *arg)
{
	struct fixture *f = arg;

	f->too_late = true;
	re_cancel();
}


static void run_until(struct fixture *f, bool (*until)(struct fixture *f))
{
	if (until(f))
		return;
	f->until = until;
	tmr_start(&f->limit, LIMIT_MS, limit_reached, f);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&f->limit);
	assert_false(f->too_late);
}


/* ---- our end -------------------------------------------------------------- */

static void up(void *arg)
{
	struct fixture *f = arg;

	++f->n_up;
}


static void dead(const char *why, void *arg)
{
	struct fixture *f = arg;

	assert_non_null(why);
	++f->n_dead;
}


static void quality(struct wire_leg_quality *q, void *arg)
{
	struct fixture *f = arg;

	assert_int_equal(q->lost_here, 0);
	++f->n_quality;
}


static const struct webrtc_handlers handlers = {up, dead, quality};


static void readable(int flags, void *arg)
{
	struct fixture *f = arg;
	struct sa src;
	ssize_t n;
	int err;
	(void)flags;

	src.len = sizeof(src.u);
	n = recvfrom(f->port->fd, f->in.b, 1500, 0, &src.u.sa, &src.len);
	assert_true(n >= 0);
	f->in.n = (size_t)n;
	err = webrtc_take(f->w, f->tick, &src, f->in.b, &f->in.n);
	f->n_heard += !err;
	f->n_dropped += err == EBADMSG;
	progress(f);
}


/* ---- the browser's -------------------------------------------------------- */

static void browser_estab(void *arg)
{
	struct browser *b = arg;
	uint8_t ours[WEBSRTP_KEY] = {0}, theirs[WEBSRTP_KEY] = {0};
	enum srtp_suite suite;

	assert_int_equal(tls_srtp_keyinfo(b->tc, &suite, ours, sizeof(ours),
					  theirs, sizeof(theirs)), 0);
	assert_int_equal(suite, SRTP_AES_128_GCM);
	assert_int_equal(websrtp_alloc(&b->srtp, suite, theirs, ours), 0);
	b->up = true;
}


static void browser_data(struct mbuf *mb, void *arg)
{
	(void)mb;
	(void)arg;
}


static void browser_closed(int err, void *arg)
{
	struct browser *b = arg;
	(void)err;

	b->closed = true;
}


static void browser_heard(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct browser *b = arg;
	const uint8_t *p = mbuf_buf(mb);
	bool control;
	(void)src;

	if (p[0] < 2) {
		++b->n_stun;
		return;
	}
	if (!b->srtp)
		return;
	control = p[1] >= 192 && p[1] <= 223;
	b->got.n = mbuf_get_left(mb);
	memcpy(b->got.b, p, b->got.n);
	assert_int_equal(websrtp_open(b->srtp, control, b->got.b, &b->got.n),
			 0);
	b->n_rtcp += control;
	b->n_rtp += !control;
}


static void browser_open(struct browser *b)
{
	assert_int_equal(webkey_alloc(&b->key), 0);
	assert_int_equal(sa_set_str(&b->addr, "127.0.0.1", 0), 0);
	assert_int_equal(udp_listen(&b->us, &b->addr, browser_heard, b), 0);
	assert_int_equal(udp_local_get(b->us, &b->addr), 0);
	assert_int_equal(dtls_listen(&b->ds, NULL, b->us, 2, 20, NULL, NULL),
			 0);
}


static void browser_close(struct browser *b)
{
	mem_deref(b->tc);
	mem_deref(b->ds);
	mem_deref(b->us);
	mem_deref(b->srtp);
	mem_deref(b->key);
}


static void send_bytes(struct fixture *f, struct browser *b, const void *p,
		       size_t n)
{
	struct mbuf *mb = mbuf_alloc(n);

	assert_int_equal(mbuf_write_mem(mb, p, n), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(b->us, &f->port->local, mb), 0);
	mem_deref(mb);
}


static void send_check(struct fixture *f, struct browser *b, const char *pwd,
		       bool chosen)
{
	const uint8_t tid[STUN_TID_SIZE] = {1};
	const uint64_t tie = 1;
	struct mbuf *mb = mbuf_alloc(128);
	char user[64];

	(void)re_snprintf(user, sizeof(user), "%s:theirs", f->ours.ufrag);
	assert_int_equal(stun_msg_encode(
		mb, STUN_METHOD_BINDING, STUN_CLASS_REQUEST, tid, NULL,
		(const uint8_t *)pwd, strlen(pwd), true, 0, 3,
		STUN_ATTR_USERNAME, user, STUN_ATTR_CONTROLLING, &tie,
		STUN_ATTR_USE_CAND, chosen ? &tie : NULL), 0);
	send_bytes(f, b, mb->buf, mb->end);
	mem_deref(mb);
}


static void call(struct fixture *f, struct browser *b)
{
	assert_int_equal(dtls_connect(&b->tc, b->key->tls, b->ds,
				      &f->port->local, browser_estab,
				      browser_data, browser_closed, b), 0);
}


static void frame(struct buffer *p, uint32_t ssrc, uint16_t seq)
{
	const struct rtp_packet rtp = {.ssrc = ssrc, .seq = seq};

	memset(p->b, 0x55, PACKET);
	assert_int_equal(rtp_packet_head(p->b, &rtp), 0);
	p->n = RTP_HEAD + 160;
}


/* keys of one, socket of another */
static void say(struct fixture *f, struct browser *keys, struct browser *from,
		struct buffer *kept)
{
	struct buffer p;

	frame(&p, SSRC_THEIRS, ++keys->seq);
	assert_int_equal(websrtp_seal(keys->srtp, false, p.b, &p.n), 0);
	send_bytes(f, from, p.b, p.n);
	if (kept)
		*kept = p;
}


/* ---- the fixture ---------------------------------------------------------- */

static int setup(void **state)
{
	const struct config_media media = {"127.0.0.1", 29000, 29398};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(libre_init(), 0);
	assert_int_equal(webkey_alloc(&f->key), 0);
	assert_int_equal(ports_alloc(&f->ports, &media, 1), 0);
	assert_int_equal(ports_open(f->ports, &f->port, AF_INET), 0);
	browser_open(&f->b);
	browser_open(&f->other);

	str_ncpy(f->peer.ufrag, "theirs", sizeof(f->peer.ufrag));
	assert_int_equal(tls_fingerprint(f->b.key->tls, TLS_FINGERPRINT_SHA256,
					 f->peer.fingerprint,
					 WEBKEY_SHA256), 0);
	f->tick = 1000;
	assert_int_equal(webrtc_alloc(&f->w, f->key, f->port, &f->peer,
				      SSRC_OURS, f->tick, &handlers, f), 0);
	webrtc_ours(f->w, &f->ours);
	assert_int_equal(fd_listen(f->port->fd, FD_READ, readable, f), 0);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	fd_close(f->port->fd);
	mem_deref(f->w);
	browser_close(&f->b);
	browser_close(&f->other);
	mem_deref(f->port);
	mem_deref(f->ports);
	mem_deref(f->key);
	free(f);
	libre_close();

	return 0;
}


/* polled: what changes on the browser's side has no handler here */
static void again(void *arg);


struct poll {
	struct tmr tmr;
	struct fixture *f;
};


static void again(void *arg)
{
	struct poll *p = arg;

	progress(p->f);
	tmr_start(&p->tmr, 5, again, p);
}


static void wait_for(struct fixture *f, bool (*until)(struct fixture *f))
{
	struct poll p = {.f = f};

	tmr_init(&p.tmr);
	tmr_start(&p.tmr, 5, again, &p);
	run_until(f, until);
	tmr_cancel(&p.tmr);
}


static bool one_checked(struct fixture *f) { return f->b.n_stun > 0; }
static bool other_checked(struct fixture *f) { return f->other.n_stun > 0; }
static bool both_up(struct fixture *f) { return f->n_up && f->b.up; }
static bool is_dead(struct fixture *f) { return f->n_dead > 0; }
static bool one_heard(struct fixture *f) { return f->n_heard > 0; }
static bool one_dropped(struct fixture *f) { return f->n_dropped > 0; }
static bool one_got(struct fixture *f) { return f->b.n_rtp > 0; }
static bool one_told(struct fixture *f) { return f->b.n_rtcp > 0; }
static bool one_left(struct fixture *f) { return f->b.closed; }


static void connect_browser(struct fixture *f)
{
	send_check(f, &f->b, f->ours.pwd, true);
	wait_for(f, one_checked);
	call(f, &f->b);
	wait_for(f, both_up);
}


static int send_frame(struct fixture *f, uint16_t seq)
{
	struct buffer p;

	frame(&p, SSRC_OURS, seq);

	return webrtc_send(f->w, p.b, p.n);
}


/* ---- cases ---------------------------------------------------------------- */

static void test_talk(void **state)
{
	struct fixture *f = *state;

	assert_false(webrtc_is_up(f->w));
	assert_int_equal(send_frame(f, 1), ENOTCONN);
	connect_browser(f);
	assert_true(webrtc_is_up(f->w));

	assert_int_equal(send_frame(f, 1), 0);
	wait_for(f, one_got);
	assert_int_equal(f->b.got.n, RTP_HEAD + 160);
	say(f, &f->b, &f->b, NULL);
	wait_for(f, one_heard);
	assert_int_equal(f->in.n, RTP_HEAD + 160);
	assert_int_equal(f->in.b[RTP_HEAD], 0x55);

	f->tick += WEBRTC_QUALITY_TICKS;
	webrtc_tick(f->w, f->tick);
	wait_for(f, one_told);
	assert_int_equal(f->n_quality, 1);
	assert_int_equal(f->n_dead, 0);
	assert_int_equal(f->n_dropped, 0);
}


static void test_says_goodbye(void **state)
{
	struct fixture *f = *state;

	connect_browser(f);
	fd_close(f->port->fd);
	f->w = mem_deref(f->w);
	wait_for(f, one_left);
	assert_int_equal(f->n_dead, 0);
}


static void test_browser_leaves(void **state)
{
	struct fixture *f = *state;

	connect_browser(f);
	f->b.tc = mem_deref(f->b.tc);
	wait_for(f, is_dead);
	assert_int_equal(send_frame(f, 1), ENOTCONN);
	say(f, &f->b, &f->b, NULL);
	wait_for(f, one_dropped);
	assert_int_equal(f->n_heard, 0);
	assert_int_equal(f->n_dead, 1);
}


/* a certificate of somebody else's */
static void test_wrong_fingerprint(void **state)
{
	struct fixture *f = *state;

	send_check(f, &f->other, f->ours.pwd, true);
	wait_for(f, other_checked);
	call(f, &f->other);
	wait_for(f, is_dead);
	assert_int_equal(f->n_up, 0);
	assert_false(webrtc_is_up(f->w));
	assert_int_equal(send_frame(f, 1), ENOTCONN);
}


/* DTLS of who has not passed ICE is not even looked at */
static void test_unproven_address(void **state)
{
	struct fixture *f = *state;

	call(f, &f->b);
	wait_for(f, one_dropped);
	send_check(f, &f->other, f->ours.pwd, true);
	wait_for(f, other_checked);
	f->n_dropped = 0;
	f->b.tc = mem_deref(f->b.tc);
	call(f, &f->b);
	wait_for(f, one_dropped);
	assert_int_equal(f->n_up, 0);
	assert_int_equal(f->n_dead, 0);
}


static void test_wrong_password(void **state)
{
	struct fixture *f = *state;

	send_check(f, &f->b, "wrongwrongwrongwrongwron", true);
	wait_for(f, one_dropped);
	assert_int_equal(f->b.n_stun, 0);
}


static void test_third_party(void **state)
{
	struct fixture *f = *state;
	struct buffer kept;

	connect_browser(f);
	say(f, &f->b, &f->b, &kept);
	wait_for(f, one_heard);

	/* fresh and authentic, but from elsewhere */
	say(f, &f->b, &f->other, NULL);
	wait_for(f, one_dropped);
	/* the browser's own once more */
	f->n_dropped = 0;
	send_bytes(f, &f->b, kept.b, kept.n);
	wait_for(f, one_dropped);
	/* not sealed at all */
	f->n_dropped = 0;
	frame(&kept, SSRC_THEIRS, 100);
	send_bytes(f, &f->b, kept.b, kept.n);
	wait_for(f, one_dropped);

	assert_int_equal(f->n_heard, 1);
	assert_int_equal(send_frame(f, 1), 0);
	wait_for(f, one_got);
}


/* a check that was recorded, sent from elsewhere, redirects nothing; sound
 * that can only be the browser's does */
static void test_moves(void **state)
{
	struct fixture *f = *state;
	struct buffer kept;

	connect_browser(f);
	say(f, &f->b, &f->b, &kept);
	wait_for(f, one_heard);
	send_check(f, &f->other, f->ours.pwd, true);
	wait_for(f, other_checked);
	send_bytes(f, &f->other, kept.b, kept.n);
	wait_for(f, one_dropped);
	assert_int_equal(send_frame(f, 1), 0);
	wait_for(f, one_got);

	f->n_heard = 0;
	say(f, &f->b, &f->other, NULL);
	wait_for(f, one_heard);
	f->n_dropped = 0;
	say(f, &f->b, &f->b, NULL);
	wait_for(f, one_dropped);
}


static void test_silence(void **state)
{
	struct fixture *f = *state;

	connect_browser(f);
	for (unsigned i = 1; i < WEBRTC_WAIT_TICKS; i++)
		webrtc_tick(f->w, ++f->tick);
	assert_int_equal(f->n_dead, 0);
	webrtc_tick(f->w, ++f->tick);
	assert_int_equal(f->n_dead, 1);
	webrtc_tick(f->w, f->tick + WEBRTC_WAIT_TICKS);
	assert_int_equal(f->n_dead, 1);
}


/* neither does knocking keep a leg for ever that never comes up */
static void test_never_up(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i < WEBRTC_WAIT_TICKS; i++)
		webrtc_tick(f->w, ++f->tick);
	send_check(f, &f->b, f->ours.pwd, true);
	wait_for(f, one_checked);
	assert_int_equal(f->n_dead, 0);
	webrtc_tick(f->w, ++f->tick);
	assert_int_equal(f->n_dead, 1);
	assert_int_equal(f->n_up, 0);
}


static void test_same_peer(void **state)
{
	struct fixture *f = *state;
	struct sdpweb_peer p = f->peer;

	assert_true(webrtc_is_peer(f->w, &p));
	p.fingerprint[31] ^= 1;
	assert_false(webrtc_is_peer(f->w, &p));
	p = f->peer;
	p.ufrag[0] = 'x';
	assert_false(webrtc_is_peer(f->w, &p));
}


static int init(void **state)
{
	(void)state;

	return websrtp_init();
}


static int done(void **state)
{
	(void)state;
	websrtp_close();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_talk),
		T(test_says_goodbye),
		T(test_browser_leaves),
		T(test_wrong_fingerprint),
		T(test_unproven_address),
		T(test_wrong_password),
		T(test_third_party),
		T(test_moves),
		T(test_silence),
		T(test_never_up),
		T(test_same_peer),
#undef T
	};

	return cmocka_run_group_tests(tests, init, done);
}
