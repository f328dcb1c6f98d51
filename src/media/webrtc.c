/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * webrtc.c  Joins ICE, DTLS, SRTP and RTCP on one port. Must not know what is
 * said, nor what a leg is.
 *
 * libre's DTLS wants a udp_sock to send through. A leg's socket is its own, so
 * DTLS gets one that never hears anything, and a helper in front of it takes
 * all it would send to the leg's.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <re.h>

#include "webrtc.h"
#include "ice.h"
#include "report.h"
#include "websrtp.h"


enum {
	CONNS = 2,       /* hash buckets: there is one */
	MTU   = 1200,
	STUN_REPLY = 128, /* bytes; more if an address is long */
	LAYER_PORT = 10,
	LAYER_DTLS = 20,
	RTCP_LOW = 192, RTCP_HIGH = 223, /* second byte (RFC 5761, 4) */
};

enum state {
	STATE_CONNECTING = 0,
	STATE_UP,
	STATE_DEAD,
};

struct webrtc {
	struct ice ice;
	struct report report;
	struct webkey *key;
	struct port *port;
	struct udp_sock *us;
	struct udp_helper *uh;
	struct dtls_sock *ds;
	struct tls_conn *tc;
	struct websrtp *srtp;
	struct webrtc_handlers h;
	void *arg;
	uint64_t tick;         /* now                                     */
	uint64_t heard_tick;   /* when it was last heard, or was opened    */
	uint64_t report_tick;  /* when the next ones are due               */
	uint64_t quality_tick;
	uint8_t fingerprint[WEBKEY_SHA256];
	enum state state;
};

typedef int(take_h)(struct webrtc *w, const struct sa *src, uint8_t *buf,
		    size_t *n);


static uint64_t now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}


static int port_send(const struct webrtc *w, const struct sa *dst,
		     const uint8_t *buf, size_t n)
{
	return sendto(w->port->fd, buf, n, MSG_NOSIGNAL, &dst->u.sa,
		      dst->len) < 0 ? errno : 0;
}


static void die(struct webrtc *w, const char *why)
{
	if (w->state == STATE_DEAD)
		return;
	w->state = STATE_DEAD;
	w->h.deadh(why, w->arg);
}


/* ------------------------------------------------------------------------
 * DTLS
 */

static bool dtls_out(int *err, struct sa *dst, struct mbuf *mb, void *arg)
{
	struct webrtc *w = arg;

	*err = port_send(w, dst, mbuf_buf(mb), mbuf_get_left(mb));

	return true;
}


/* is it the certificate that its SDP promised? */
static bool peer_genuine(const struct webrtc *w)
{
	uint8_t md[WEBKEY_SHA256];

	return !tls_peer_fingerprint(w->tc, TLS_FINGERPRINT_SHA256, md,
				     sizeof(md)) &&
	       !memcmp(md, w->fingerprint, sizeof(md));
}


static int keys_take(struct webrtc *w)
{
	uint8_t theirs[WEBSRTP_KEY] = {0}, ours[WEBSRTP_KEY] = {0};
	enum srtp_suite suite;
	int err;

	err = tls_srtp_keyinfo(w->tc, &suite, theirs, sizeof(theirs), ours,
			       sizeof(ours));
	if (!err)
		err = websrtp_alloc(&w->srtp, suite, theirs, ours);
	explicit_bzero(theirs, sizeof(theirs));
	explicit_bzero(ours, sizeof(ours));

	return err;
}


static void dtls_up(void *arg)
{
	struct webrtc *w = arg;

	if (w->state != STATE_CONNECTING)
		return;
	if (!peer_genuine(w)) {
		die(w, "its certificate is not the one its SDP names");
		return;
	}
	if (keys_take(w)) {
		die(w, "no keys for its sound could be agreed");
		return;
	}

	ice_settle(&w->ice);
	w->state = STATE_UP;
	w->heard_tick = w->tick;
	w->report_tick = w->tick + WEBRTC_REPORT_TICKS;
	w->quality_tick = w->tick + WEBRTC_QUALITY_TICKS;
	w->h.uph(w->arg);
}


static void dtls_closed(int err, void *arg)
{
	die(arg, err == ECONNRESET ? "the browser closed it"
				   : "DTLS came to an end");
}


static void dtls_heard(struct mbuf *mb, void *arg)
{
	/* no data channel was negotiated */
	(void)mb;
	(void)arg;
}


/* a refused ClientHello may be followed by a better one */
static void dtls_called(const struct sa *src, void *arg)
{
	struct webrtc *w = arg;
	(void)src;

	if (!w->tc && w->state == STATE_CONNECTING)
		(void)dtls_accept(&w->tc, w->key->tls, w->ds, dtls_up,
				  dtls_heard, dtls_closed, w);
}


static int dtls_open(struct webrtc *w)
{
	struct sa inside;
	int err;

	err = sa_set_str(&inside, "127.0.0.1", 0);
	if (!err)
		err = udp_listen(&w->us, &inside, NULL, NULL);
	if (err)
		return err;
	udp_thread_detach(w->us);

	err = udp_register_helper(&w->uh, w->us, LAYER_PORT, dtls_out, NULL,
				  w);
	if (!err)
		err = dtls_listen(&w->ds, NULL, w->us, CONNS, LAYER_DTLS,
				  dtls_called, w);
	if (!err)
		dtls_set_mtu(w->ds, MTU);

	return err;
}


/* ------------------------------------------------------------------------
 * packets
 */

static void moved(struct webrtc *w)
{
	if (w->tc)
		dtls_set_peer(w->tc, &w->ice.peer);
}


static void heard(struct webrtc *w, const struct sa *src)
{
	w->heard_tick = w->tick;
	if (ice_heard(&w->ice, src))
		moved(w);
}


/* libre keeps what it is given for a while: sound must not pay for that */
static struct mbuf *copy(const uint8_t *buf, size_t n)
{
	struct mbuf *mb = mbuf_alloc(n);

	if (!mb)
		return NULL;
	memcpy(mb->buf, buf, n);
	mb->end = n;

	return mb;
}


static int stun_take(struct webrtc *w, const struct sa *src, uint8_t *buf,
		     size_t *n)
{
	const struct sa before = w->ice.peer;
	struct mbuf *in = copy(buf, *n);
	struct mbuf *reply = mbuf_alloc(STUN_REPLY);
	int err;

	err = in && reply ? ice_take(&w->ice, src, in, reply) : ENOMEM;
	if (err)
		goto out;

	(void)port_send(w, src, reply->buf, reply->end);
	/* checks alone are no connection: it has its time to come up */
	if (w->state == STATE_UP && sa_cmp(&w->ice.peer, src, SA_ALL))
		w->heard_tick = w->tick;
	if (!sa_cmp(&w->ice.peer, &before, SA_ALL))
		moved(w);

out:
	mem_deref(reply);
	mem_deref(in);

	return err == EBADMSG ? err : EAGAIN;
}


static int dtls_take(struct webrtc *w, const struct sa *src, uint8_t *buf,
		     size_t *n)
{
	struct mbuf *mb;

	if (!sa_isset(&w->ice.peer, SA_ALL) ||
	    !sa_cmp(&w->ice.peer, src, SA_ALL))
		return EBADMSG;
	mb = copy(buf, *n);
	if (mb)
		dtls_recv_packet(w->ds, src, mb);
	mem_deref(mb);

	return EAGAIN;
}


static int rtcp_take(struct webrtc *w, const struct sa *src, uint8_t *buf,
		     size_t *n)
{
	int err;

	err = websrtp_open(w->srtp, true, buf, n);
	if (err)
		return EBADMSG;
	heard(w, src);

	return report_take(&w->report, buf, *n, now_us()) ? EBADMSG : EAGAIN;
}


static int rtp_take(struct webrtc *w, const struct sa *src, uint8_t *buf,
		    size_t *n)
{
	struct rtp_packet p;
	int err;

	err = websrtp_open(w->srtp, false, buf, n);
	if (err || rtp_packet_decode(&p, buf, *n))
		return EBADMSG;
	heard(w, src);
	report_heard(&w->report, &p, now_us());

	return 0;
}


static int srtp_take(struct webrtc *w, const struct sa *src, uint8_t *buf,
		     size_t *n)
{
	take_h *h = rtp_take;

	if (w->state != STATE_UP || !ice_allows(&w->ice, src) || *n < 2)
		return EBADMSG;
	if (buf[1] >= RTCP_LOW && buf[1] <= RTCP_HIGH)
		h = rtcp_take;

	return h(w, src, buf, n);
}


/* by the first byte (RFC 7983) */
static const struct {
	uint8_t low, high;
	take_h *h;
} kinds[] = {
	{0,   3,   stun_take},
	{20,  63,  dtls_take},
	{128, 191, srtp_take},
};


int webrtc_take(struct webrtc *w, uint64_t tick, const struct sa *src,
		uint8_t *buf, size_t *n)
{
	w->tick = tick;
	if (!*n || w->state == STATE_DEAD)
		return EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (buf[0] >= kinds[i].low && buf[0] <= kinds[i].high)
			return kinds[i].h(w, src, buf, n);
	}

	return EBADMSG;
}


bool webrtc_is_up(const struct webrtc *w)
{
	return w->state == STATE_UP;
}


static uint32_t timestamp(const uint8_t *head)
{
	return (uint32_t)head[4] << 24 | (uint32_t)head[5] << 16 |
	       (uint32_t)head[6] << 8 | head[7];
}


int webrtc_send(struct webrtc *w, uint8_t *buf, size_t n)
{
	const uint32_t ts = timestamp(buf);
	const size_t payload = n - RTP_HEAD;
	int err;

	if (w->state != STATE_UP)
		return ENOTCONN;
	err = websrtp_seal(w->srtp, false, buf, &n);
	if (err)
		return err;
	report_sent(&w->report, ts, payload, now_us());

	return port_send(w, &w->ice.peer, buf, n);
}


/* ------------------------------------------------------------------------
 * beats
 */

static void report_send(struct webrtc *w)
{
	/* libsrtp2 reads words */
	_Alignas(8) uint8_t buf[REPORT_MAX + WEBSRTP_ROOM];
	size_t n;

	n = report_write(&w->report, buf, now_us());
	if (!websrtp_seal(w->srtp, true, buf, &n))
		(void)port_send(w, &w->ice.peer, buf, n);
}


static void quality_tell(struct webrtc *w)
{
	struct wire_leg_quality q = {0};

	report_quality(&w->report, &q);
	w->h.qualityh(&q, w->arg);
}


void webrtc_tick(struct webrtc *w, uint64_t tick)
{
	w->tick = tick;
	if (w->state == STATE_DEAD)
		return;
	if (tick - w->heard_tick >= WEBRTC_WAIT_TICKS) {
		die(w, w->state == STATE_UP
			       ? "nothing comes from the browser any more"
			       : "the browser did not connect");
		return;
	}
	if (w->state != STATE_UP)
		return;

	if (tick >= w->report_tick) {
		w->report_tick = tick + WEBRTC_REPORT_TICKS;
		report_send(w);
	}
	if (tick >= w->quality_tick) {
		w->quality_tick = tick + WEBRTC_QUALITY_TICKS;
		quality_tell(w);
	}
}


/* ------------------------------------------------------------------------ */

static void webrtc_destructor(void *data)
{
	struct webrtc *w = data;

	/* in this order: the end of a connection is still sent */
	mem_deref(w->tc);
	mem_deref(w->ds);
	mem_deref(w->uh);
	mem_deref(w->us);
	mem_deref(w->srtp);
	mem_deref(w->port);
	mem_deref(w->key);
	explicit_bzero(&w->ice, sizeof(w->ice));
}


int webrtc_alloc(struct webrtc **wp, struct webkey *key, struct port *port,
		 const struct sdpweb_peer *peer, uint32_t ssrc, uint64_t tick,
		 const struct webrtc_handlers *h, void *arg)
{
	struct webrtc *w;
	int err;

	if (!wp || !key || !port || !peer || !h)
		return EINVAL;

	w = mem_zalloc(sizeof(*w), webrtc_destructor);
	if (!w)
		return ENOMEM;
	ice_init(&w->ice, peer->ufrag);
	w->report.ssrc = ssrc;
	rand_str(w->report.cname, sizeof(w->report.cname));
	memcpy(w->fingerprint, peer->fingerprint, sizeof(w->fingerprint));
	w->key = mem_ref(key);
	w->port = mem_ref(port);
	w->h = *h;
	w->arg = arg;
	w->tick = w->heard_tick = tick;

	err = dtls_open(w);

	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


void webrtc_ours(const struct webrtc *w, struct sdpweb_ours *ours)
{
	ours->local = &w->port->local;
	ours->ufrag = w->ice.ufrag;
	ours->pwd = w->ice.pwd;
	ours->fingerprint = w->key->fingerprint;
	ours->cname = w->report.cname;
	ours->ssrc = w->report.ssrc;
}


bool webrtc_is_peer(const struct webrtc *w, const struct sdpweb_peer *peer)
{
	return !strcmp(w->ice.peer_ufrag, peer->ufrag) &&
	       !memcmp(w->fingerprint, peer->fingerprint,
		       sizeof(w->fingerprint));
}
