/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_process.c  The media server over a real unix socket, with real
 * phones on loopback: what they hear, from whom, and what they never hear.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "media/codec.h"
#include "media/rtp.h"
#include "media/server.h"
#include "wire/conn.h"
#include "loopback.h"
#include "wavfile.h"


enum {
	GREETING = 8000,   /* the prompts are one value from end to end */
	HOLD     = -8000,
	BYE      = 4000,
	GREETING_FRAMES = 10,
	BYE_FRAMES = 5,
	HEARD    = 4096,
	DIGITS   = 64,
	LIMIT_MS = 20000,  /* then a test has failed */
	SSRC     = 0x5151,
	EVENT    = 101,
	LEG_A    = 1,
	LEG_B    = 2,
};

struct fixture;

struct heard {
	uint32_t ssrc;
	uint32_t ts;
	uint16_t seq;
	uint8_t pt;
	bool marker;
	uint8_t first; /* of the payload */
	size_t n;
	struct sa from;
};

/* somebody with a socket */
struct phone {
	struct fixture *f;
	struct sa addr;
	struct sa to;   /* where the server wants to hear it */
	int fd;
	uint16_t seq;
	uint32_t ts;
	uint8_t pt;
	unsigned n;
	struct heard v[HEARD];
};

typedef bool(until_h)(struct fixture *f);

struct fixture {
	char dir[64];
	char socket[96];
	struct config cfg;
	struct prompts *prompts;
	struct server *server;
	struct wire_conn *conn;
	struct phone *a, *b, *c;
	struct tmr limit;
	until_h *until;
	struct phone *watched;
	unsigned wanted;
	bool too_late;
	bool closed;

	bool replied;
	enum wire_type type;
	int err;
	char sdp[LIMIT_SDP];
	struct wire_leg_stats stats;
	struct wire_leg_digit digit[DIGITS];
	unsigned n_digits;
	struct wire_leg_played played;
	unsigned n_played;
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


static void run_until(struct fixture *f, until_h *until)
{
	if (until(f))
		return;
	f->until = until;
	f->too_late = false;
	tmr_start(&f->limit, LIMIT_MS, limit_reached, f);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&f->limit);
	assert_false(f->too_late);
}


/* ------------------------------------------------------------------------
 * phones
 */

static void phone_readable(int flags, void *arg)
{
	struct phone *p = arg;
	struct rtp_packet pkt;
	struct sa from;
	uint8_t buf[LIMIT_RTP];
	ssize_t n;
	(void)flags;

	from.len = sizeof(from.u);
	n = recvfrom(p->fd, buf, sizeof(buf), 0, &from.u.sa, &from.len);
	if (n < 0 || p->n >= HEARD)
		return;
	assert_int_equal(rtp_packet_decode(&pkt, buf, (size_t)n), 0);
	assert_ptr_equal(pkt.payload, buf + RTP_HEAD);
	p->v[p->n++] = (struct heard){
		.ssrc = pkt.ssrc, .ts = pkt.ts, .seq = pkt.seq, .pt = pkt.pt,
		.marker = pkt.marker, .first = pkt.payload[0], .n = pkt.n,
		.from = from,
	};
	progress(p->f);
}


static struct phone *phone_new(struct fixture *f, const char *host)
{
	struct phone *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->f = f;
	p->seq = 65500;
	p->ts = 0xffff0000;
	assert_int_equal(sa_set_str(&p->addr, host, 0), 0);
	p->fd = socket(sa_af(&p->addr), SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(p->fd >= 0);
	assert_int_equal(bind(p->fd, &p->addr.u.sa, p->addr.len), 0);
	p->addr.len = sizeof(p->addr.u);
	assert_int_equal(getsockname(p->fd, &p->addr.u.sa, &p->addr.len), 0);
	assert_int_equal(fd_listen(p->fd, FD_READ, phone_readable, p), 0);

	return p;
}


static void phone_free(struct phone *p)
{
	if (!p)
		return;
	fd_close(p->fd);
	(void)close(p->fd);
	free(p);
}


static void phone_send_raw(struct phone *p, const struct rtp_packet *pkt,
			   const uint8_t *payload)
{
	uint8_t buf[LIMIT_RTP];

	assert_int_equal(rtp_packet_head(buf, pkt), 0);
	memcpy(buf + RTP_HEAD, payload, pkt->n);
	assert_true(sendto(p->fd, buf, RTP_HEAD + pkt->n, 0, &p->to.u.sa,
			   p->to.len) > 0);
}


/* one frame of one value */
static void phone_say_n(struct phone *p, uint8_t value, size_t n)
{
	const struct rtp_packet pkt = {
		.ssrc = SSRC, .seq = p->seq++, .ts = p->ts, .pt = p->pt,
		.n = n,
	};
	uint8_t payload[400];

	memset(payload, value, sizeof(payload));
	phone_send_raw(p, &pkt, payload);
	p->ts += (uint32_t)n;
}


static void phone_say(struct phone *p, uint8_t value)
{
	phone_say_n(p, value, CODEC_FRAME);
}


/* one packet of a key: code, "end" and how long it has been held */
static void phone_key(struct phone *p, uint32_t ts, uint8_t code, bool end,
		      uint16_t span)
{
	const struct rtp_packet pkt = {
		.ssrc = SSRC, .seq = p->seq++, .ts = ts, .pt = EVENT, .n = 4,
	};
	const uint8_t payload[] = {
		code, (uint8_t)(end ? 0x8a : 0x0a), (uint8_t)(span >> 8),
		(uint8_t)span,
	};

	phone_send_raw(p, &pkt, payload);
}


static bool heard_enough(struct fixture *f)
{
	return f->watched->n >= f->wanted;
}


/* until the phone has heard n packets more */
static void listen_more(struct phone *p, unsigned n)
{
	p->f->watched = p;
	p->f->wanted = p->n + n;
	run_until(p->f, heard_enough);
}


static bool heard_value(struct fixture *f)
{
	const struct phone *p = f->watched;

	return p->n && p->v[p->n - 1].first == (uint8_t)f->wanted;
}


/* until it hears this value */
static void listen_for(struct phone *p, uint8_t value)
{
	p->f->watched = p;
	p->f->wanted = value;
	run_until(p->f, heard_value);
}


static bool hears(const struct phone *p, unsigned from, uint8_t value)
{
	for (unsigned i = from; i < p->n; i++) {
		if (p->v[i].first == value)
			return true;
	}

	return false;
}


/* one SSRC, sequence numbers one by one, time never back */
static void assert_unbroken(const struct phone *p)
{
	for (unsigned i = 1; i < p->n; i++) {
		const struct heard *was = &p->v[i - 1], *is = &p->v[i];

		assert_int_equal(is->ssrc, was->ssrc);
		assert_int_equal((uint16_t)(is->seq - was->seq), 1);
		assert_true((int32_t)(is->ts - was->ts) >= 0);
		if (was->pt != EVENT && is->pt != EVENT)
			assert_true(is->ts - was->ts >= was->n);
	}
}


/* a byte of one codec as it arrives in the other */
static uint8_t turned(enum codec from, uint8_t byte)
{
	return codec_encode(from == CODEC_PCMU ? CODEC_PCMA : CODEC_PCMU,
			    codec_decode(from, byte));
}


static int level(const struct phone *p, unsigned i)
{
	return codec_decode(p->v[i].pt == 8 ? CODEC_PCMA : CODEC_PCMU,
			    p->v[i].first);
}


/* ------------------------------------------------------------------------
 * the line's end of the wire
 */

static void replied(const struct wire_msg *msg, void *arg)
{
	struct fixture *f = arg;

	f->replied = true;
	f->type = msg ? msg->type : WIRE_TYPES;
	f->err = 0;
	if (f->type == WIRE_REFUSED)
		f->err = ((const struct wire_refused *)msg->payload)->err;
	if (f->type == WIRE_LEG_STATS)
		memcpy(&f->stats, msg->payload, sizeof(f->stats));
	if (f->type == WIRE_LEG_SDP) {
		assert_true(msg->n_blob < sizeof(f->sdp));
		memcpy(f->sdp, msg->blob, msg->n_blob);
		f->sdp[msg->n_blob] = '\0';
	}
	progress(f);
}


static bool has_reply(struct fixture *f)
{
	return f->replied;
}


/* @return 0, or the error of REFUSED */
static int ask(struct fixture *f, enum wire_type type, const void *payload,
	       const char *blob)
{
	f->replied = false;
	assert_int_equal(wire_ask(f->conn, type, payload, blob,
				  blob ? strlen(blob) : 0, replied, f), 0);
	run_until(f, has_reply);

	return f->err;
}


static void event(struct wire_conn *conn, const struct wire_msg *msg,
		  void *arg)
{
	struct fixture *f = arg;
	(void)conn;

	if (msg->type == WIRE_LEG_PLAYED) {
		memcpy(&f->played, msg->payload, sizeof(f->played));
		++f->n_played;
	}
	else {
		assert_int_equal(msg->type, WIRE_LEG_DIGIT);
		assert_true(f->n_digits < DIGITS);
		memcpy(&f->digit[f->n_digits++], msg->payload,
		       sizeof(f->digit[0]));
	}
	progress(f);
}


static void ended(struct wire_conn *conn, void *arg)
{
	struct fixture *f = arg;
	(void)conn;

	f->closed = true;
	progress(f);
}


static void line_connect(struct fixture *f)
{
	assert_int_equal(wire_connect(&f->conn, f->socket, WIRE_LINE,
				      WIRE_MEDIA, event, ended, f), 0);
}


/* the SDP of a phone, as an offer or an answer */
static const char *sdp_of(const struct phone *p, const char *formats,
			  const char *more, char *text, size_t size)
{
	assert_true(re_snprintf(text, size,
				"v=0\r\no=- 1 1 IN IP%d %j\r\ns=-\r\n"
				"c=IN IP%d %j\r\nt=0 0\r\n"
				"m=audio %u RTP/AVP %s\r\n"
				"a=rtpmap:101 telephone-event/8000\r\n%s",
				sa_af(&p->addr) == AF_INET6 ? 6 : 4, &p->addr,
				sa_af(&p->addr) == AF_INET6 ? 6 : 4, &p->addr,
				sa_port(&p->addr), formats, more) > 0);

	return text;
}


/* where the server's last SDP says */
static void sdp_target(const struct fixture *f, struct phone *p)
{
	struct pl addr, port, pt;

	assert_int_equal(re_regex(f->sdp, strlen(f->sdp),
				  "c=IN IP[46]1 [^\r]+", NULL, &addr), 0);
	assert_int_equal(re_regex(f->sdp, strlen(f->sdp),
				  "m=audio [0-9]+ RTP/AVP [0-9]+", &port,
				  &pt), 0);
	assert_int_equal(sa_set(&p->to, &addr, (uint16_t)pl_u32(&port)), 0);
	p->pt = (uint8_t)pl_u32(&pt);
}


static int answer_nets(struct phone *p, uint64_t id, const char *formats,
		       const char *more, const struct wire_addr *net)
{
	struct wire_leg_open open = {.leg = id};
	char text[1024];
	int err;

	if (net) {
		open.n_nets = 1;
		open.nets[0] = *net;
	}
	err = ask(p->f, WIRE_LEG_ANSWER, &open,
		  sdp_of(p, formats, more, text, sizeof(text)));
	if (err)
		return err;
	assert_int_equal(p->f->type, WIRE_LEG_SDP);
	sdp_target(p->f, p);

	return 0;
}


static int answer(struct phone *p, uint64_t id, const char *formats,
		  const char *more)
{
	return answer_nets(p, id, formats, more, NULL);
}


static int play(struct fixture *f, uint64_t id, const char *first,
		const char *second, bool loop)
{
	struct wire_leg_play msg = {
		.leg = id, .language = "en", .loop = loop,
		.n_prompts = second ? 2 : first ? 1 : 0,
	};

	if (first)
		str_ncpy(msg.prompt[0], first, sizeof(msg.prompt[0]));
	if (second)
		str_ncpy(msg.prompt[1], second, sizeof(msg.prompt[1]));

	return ask(f, WIRE_LEG_PLAY, &msg, NULL);
}


static int bridge(struct fixture *f, uint64_t a, uint64_t b)
{
	const struct wire_bridge msg = {.a = a, .b = b};

	return ask(f, WIRE_LEG_BRIDGE, &msg, NULL);
}


static int close_leg(struct fixture *f, uint64_t id)
{
	const struct wire_leg msg = {.leg = id};

	return ask(f, WIRE_LEG_CLOSE, &msg, NULL);
}


static int reset(struct fixture *f)
{
	const struct wire_none none = {0};

	return ask(f, WIRE_MEDIA_RESET, &none, NULL);
}


/* ------------------------------------------------------------------------
 * a media server with two lines of prompts
 */

static int prompt(struct fixture *f, const char *name, int16_t value,
		  uint32_t n)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/prompts/%s.wav", f->dir, name);

	return wavfile_flat(path, value, n);
}


static int folders(struct fixture *f)
{
	char path[160];

	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/ringback-XXXXXX");
	if (!mkdtemp(f->dir))
		return errno;
	(void)snprintf(path, sizeof(path), "%s/prompts", f->dir);
	if (mkdir(path, 0700))
		return errno;
	(void)snprintf(path, sizeof(path), "%s/prompts/en", f->dir);
	if (mkdir(path, 0700))
		return errno;
	(void)snprintf(path, sizeof(path), "%s/prompts/es", f->dir);

	return mkdir(path, 0700) ? errno : 0;
}


static int setup_ports(void **state, uint16_t n_ports)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char path[160];
	const struct prompts_place place = {path, false};

	if (!f || libre_init() || folders(f))
		return -1;
	if (prompt(f, "en/greeting", GREETING,
		   GREETING_FRAMES * CODEC_FRAME) ||
	    prompt(f, "en/hold", HOLD, 1234) ||
	    prompt(f, "es/bye_bye", BYE, BYE_FRAMES * CODEC_FRAME))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/prompts", f->dir);
	(void)snprintf(f->socket, sizeof(f->socket), "%s/media.sock", f->dir);

	f->cfg.n_media = 2;
	f->cfg.media[0].low = 24000;
	f->cfg.media[0].high = (uint16_t)(24000 + 2 * n_ports - 1);
	loopback_own(f->cfg.media[0].host, sizeof(f->cfg.media[0].host));
	f->cfg.media[1] = (struct config_media){"::1", 24000, 24999};
	f->cfg.n_lines = 1;
	f->cfg.lines[0].n_languages = 1;
	str_ncpy(f->cfg.lines[0].languages[0], "en", LIMIT_LANGUAGE);

	if (prompts_alloc(&f->prompts, &place, 1) ||
	    server_alloc(&f->server, f->socket, &f->cfg, f->prompts))
		return -1;
	line_connect(f);
	f->a = phone_new(f, "127.0.0.1");
	f->b = phone_new(f, "127.0.0.1");
	*state = f;

	return 0;
}


static int setup(void **state)
{
	return setup_ports(state, 500);
}


static int setup_two_ports(void **state)
{
	return setup_ports(state, 2);
}


static int teardown(void **state)
{
	struct fixture *f = *state;
	char cmd[128];

	tmr_cancel(&f->limit);
	phone_free(f->a);
	phone_free(f->b);
	phone_free(f->c);
	mem_deref(f->conn);
	mem_deref(f->server);
	mem_deref(f->prompts);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", f->dir);
	if (system(cmd))
		return -1;
	free(f);
	libre_close();

	return 0;
}


/* two legs that hear each other, both latched */
static void talk(struct fixture *f, const char *fa, const char *fb)
{
	assert_int_equal(answer(f->a, LEG_A, fa, ""), 0);
	assert_int_equal(answer(f->b, LEG_B, fb, ""), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	phone_say(f->a, 0x11);
	listen_more(f->b, 1);
	phone_say(f->b, 0x22);
	listen_more(f->a, 1);
}


/* ------------------------------------------------------------------------
 * the tests
 */

static void test_greeting_then_hold(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a;

	assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
	listen_more(a, 3);
	assert_int_equal(play(f, LEG_A, "greeting", "hold", true), 0);
	listen_more(a, GREETING_FRAMES + 30);

	assert_unbroken(a);
	for (unsigned i = 0; i < a->n; i++) {
		assert_int_equal(a->v[i].pt, 0);
		assert_int_equal(a->v[i].n, CODEC_FRAME);
		assert_true(sa_cmp(&a->v[i].from, &a->to, SA_ALL));
	}
	/* noise, greeting, and hold for ever */
	assert_true(abs(level(a, 0)) < 80);
	for (unsigned i = a->n - 10; i < a->n; i++)
		assert_true(level(a, i) < -7000);
	for (unsigned i = 0, n = 0; i < a->n; i++) {
		n += level(a, i) > 7000;
		if (i == a->n - 1)
			assert_int_equal(n, GREETING_FRAMES);
	}
	assert_true(a->v[0].marker);
}


static void test_noise_after_the_prompt(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a;

	assert_int_equal(answer(a, LEG_A, "8 101", ""), 0);
	assert_int_equal(play(f, LEG_A, "greeting", NULL, false), 0);
	listen_more(a, GREETING_FRAMES + 20);
	assert_true(abs(level(a, a->n - 1)) < 80);
	assert_unbroken(a);
}


static void test_missing_prompt(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(play(f, LEG_A, "song", NULL, true), 0);
	listen_more(f->a, 5);
	assert_true(abs(level(f->a, f->a->n - 1)) < 80);
	/* what there is, is played */
	assert_int_equal(play(f, LEG_A, "song", "hold", true), 0);
	listen_more(f->a, 10);
	assert_true(level(f->a, f->a->n - 1) < -7000);
	/* but what was not to be looped is not */
	assert_int_equal(play(f, LEG_A, "greeting", "song", true), 0);
	listen_more(f->a, GREETING_FRAMES + 5);
	assert_true(abs(level(f->a, f->a->n - 1)) < 80);
}


/* three prompts of two languages, one of which is there in neither */
static struct wire_leg_play three(uint32_t serial)
{
	struct wire_leg_play msg = {
		.leg = LEG_A, .language = "en", .n_prompts = 3,
		.prompt = {"greeting", "song", "es/bye_bye"},
		.serial = serial,
	};

	return msg;
}


static bool one_played(struct fixture *f)
{
	return f->n_played >= 1;
}


static void test_played(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = three(77);
	unsigned n = 0;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	assert_int_equal(f->played.leg, LEG_A);
	assert_int_equal(f->played.serial, 77);
	listen_more(f->a, 10);
	for (unsigned i = 0; i < f->a->n; i++)
		n += abs(level(f->a, i)) > 3000;
	assert_int_equal(n, GREETING_FRAMES + BYE_FRAMES);
	assert_int_equal(f->n_played, 1);
	assert_unbroken(f->a);
}


/* the Spanish one is not there in Mexican, the English one in neither */
static void test_languages(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = {
		.leg = LEG_A, .language = "fr", .n_prompts = 3, .serial = 5,
		.prompt = {"es-mx/bye_bye", "de/greeting", "es/hold"},
	};
	unsigned v[3] = {0};

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	listen_more(f->a, 3);
	for (unsigned i = 0; i < f->a->n; i++) {
		v[0] += abs(level(f->a, i) - BYE) < 300;
		v[1] += abs(level(f->a, i) - GREETING) < 300;
		v[2] += abs(level(f->a, i) - HOLD) < 300;
	}
	assert_int_equal(v[0], BYE_FRAMES);
	assert_int_equal(v[1], GREETING_FRAMES);
	assert_in_range(v[2], 7, 8);
}


/* what is replaced, looped, or not asked about is not told of */
static void test_not_played(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = three(1);

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	msg = three(0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	listen_more(f->a, 40);
	msg = three(2);
	msg.loop = 1;
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	listen_more(f->a, 40);
	msg = three(3);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	listen_more(f->a, 40);
	assert_int_equal(f->n_played, 0);

	/* and nothing at all is heard to its end at once */
	msg = three(4);
	msg.n_prompts = 0;
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	assert_int_equal(f->played.serial, 4);
}


/* on hold the list goes on, so that whoever waits for its end goes on too */
static void test_played_on_hold(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_play msg = three(9);

	assert_int_equal(answer(f->a, LEG_A, "0 101", "a=sendonly\r\n"), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	run_until(f, one_played);
	assert_int_equal(f->a->n, 0);
}


static void test_talk_both_ways(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 100; i++) {
		phone_say(f->a, (uint8_t)(0x30 + i % 16));
		listen_for(f->b, (uint8_t)(0x30 + i % 16));
		phone_say(f->b, (uint8_t)(0x50 + i % 16));
		listen_for(f->a, (uint8_t)(0x50 + i % 16));
	}
	assert_unbroken(f->a);
	assert_unbroken(f->b);
	assert_int_not_equal(f->a->v[0].ssrc, SSRC);
	assert_int_not_equal(f->a->v[0].ssrc, f->b->v[0].ssrc);
}


static void test_from_one_codec_to_the_other(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "8 101");
	for (unsigned b = 1; b < 256; b += 7) {
		phone_say(f->a, (uint8_t)b);
		listen_for(f->b, turned(CODEC_PCMU, (uint8_t)b));
		assert_int_equal(f->b->v[f->b->n - 1].pt, 8);
	}
	assert_unbroken(f->b);
}


static void test_other_frame_lengths(void **state)
{
	static const size_t frames[] = {80, 240, 320, 160};
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 40; i++) {
		const size_t n = frames[i % 4];

		phone_say_n(f->a, (uint8_t)(0x40 + i), n);
		listen_for(f->b, (uint8_t)(0x40 + i));
		assert_int_equal(f->b->v[f->b->n - 1].n, n);
	}
	assert_unbroken(f->b);
}


/* prompt, talk, noise while the other is silent, talk, prompt */
static void test_one_stream_through_all(void **state)
{
	struct fixture *f = *state;
	struct phone *b = f->b;
	unsigned n;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(b, LEG_B, "0 101", ""), 0);
	assert_int_equal(play(f, LEG_B, "hold", NULL, true), 0);
	listen_more(b, 5);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	for (uint8_t i = 0; i < 20; i++) {
		phone_say(f->a, (uint8_t)(0x30 + i));
		listen_for(b, (uint8_t)(0x30 + i));
	}
	n = b->n;
	listen_more(b, 10);
	for (unsigned i = n; i < b->n; i++)
		assert_true(abs(level(b, i)) < 80);
	assert_true(b->v[n].marker);
	phone_say(f->a, 0x54);
	listen_for(b, 0x54);
	assert_true(b->v[b->n - 1].marker);
	assert_int_equal(play(f, LEG_B, "greeting", NULL, false), 0);
	listen_more(b, 5);
	assert_true(level(b, b->n - 1) > 7000);
	assert_unbroken(b);
}


/* csrc list, extension and padding do not get through; the payload does */
static void test_stripped(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[] = {
		0xb1, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x51, 0x51, /* head    */
		1, 2, 3, 4,                                     /* csrc    */
		0xbe, 0xde, 0, 1, 9, 9, 9, 9,                   /* ext     */
		0x66, 0x66, 0x66, 0x66,                         /* payload */
		0, 0, 3,                                        /* padding */
	};

	talk(f, "0 101", "0 101");
	assert_true(sendto(f->a->fd, buf, sizeof(buf), 0, &f->a->to.u.sa,
			   f->a->to.len) > 0);
	listen_for(f->b, 0x66);
	assert_int_equal(f->b->v[f->b->n - 1].n, 4);
	assert_unbroken(f->b);
}


static void test_new_source_numbers(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 10; i++) {
		struct rtp_packet pkt = {
			.ssrc = 1000u + i, .seq = (uint16_t)(i * 7777),
			.ts = i * 0x22222222u, .n = CODEC_FRAME,
		};
		uint8_t payload[CODEC_FRAME];

		memset(payload, 0x70 + i, sizeof(payload));
		phone_send_raw(f->a, &pkt, payload);
		listen_for(f->b, (uint8_t)(0x70 + i));
	}
	assert_unbroken(f->b);
}


/* a stranger before, during and after the peer's first packet */
static void test_strangers_are_never_heard(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a, *b = f->b, *c;

	c = f->c = phone_new(f, "127.0.0.2");
	assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(b, LEG_B, "0 101", ""), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	c->to = a->to;

	for (int i = 0; i < 20; i++)
		phone_say(c, 0x77);
	phone_say(a, 0x11);
	listen_for(b, 0x11);
	for (int i = 0; i < 20; i++) {
		phone_say(c, 0x77);
		phone_say(a, (uint8_t)(0x12 + i));
		listen_for(b, (uint8_t)(0x12 + i));
	}
	assert_false(hears(b, 0, 0x77));

	/* nor does anything go to the stranger */
	phone_say(b, 0x44);
	listen_for(a, 0x44);
	listen_more(a, 10);
	assert_int_equal(c->n, 0);

	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_LEG_STATS);
	assert_int_equal(f->stats.n_received, 21);
	assert_int_equal(f->stats.n_dropped, 40);
	assert_int_equal(f->stats.n_lost, 0);
	assert_true(f->stats.n_sent >= 11);
}


/* same host as the peer, other port: too late once the peer was heard */
static void test_another_port_of_the_peer(void **state)
{
	struct fixture *f = *state;
	struct phone *c;

	talk(f, "0 101", "0 101");
	c = f->c = phone_new(f, "127.0.0.1");
	c->to = f->a->to;
	for (int i = 0; i < 10; i++)
		phone_say(c, 0x77);
	phone_say(f->a, 0x13);
	listen_for(f->b, 0x13);
	assert_false(hears(f->b, 0, 0x77));
	phone_say(f->b, 0x24);
	listen_for(f->a, 0x24);
	assert_int_equal(c->n, 0);
}


/* a phone behind address translation: it sends from another port than its
 * SDP says, and hears us there */
static void test_latching(void **state)
{
	const struct wire_addr net = {
		.ip = {127}, .family = 4, .bits = 8,
	};
	struct fixture *f = *state;
	struct phone *a = f->a, *c;

	assert_int_equal(answer_nets(a, LEG_A, "0 101", "", &net), 0);
	listen_more(a, 2);
	c = f->c = phone_new(f, "127.0.0.2");
	c->to = a->to;
	phone_say(c, 0x11);
	listen_more(c, 5);

	/* the same offer again changes nothing; */
	assert_int_equal(answer_nets(a, LEG_A, "0 101", "", &net), 0);
	phone_say(a, 0x11);
	listen_more(c, 5);
	/* one that names another address does */
	assert_int_equal(answer_nets(f->b, LEG_A, "0 101", "", &net), 0);
	listen_more(f->b, 5);
	phone_say(f->b, 0x11);
	listen_more(f->b, 5);
}


static void test_garbage_does_not_latch(void **state)
{
	static const uint8_t bad[][16] = {
		{0}, {0x40, 0, 0, 1}, {0x80, 9}, {0x80, 72},
		{0x8f, 0}, {0x90, 0, [14] = 0xff},
		{0xa0, 0, [15] = 200},
	};
	const struct wire_addr net = {
		.ip = {127}, .family = 4, .bits = 8,
	};
	struct fixture *f = *state;
	struct phone *a = f->a, *c;

	assert_int_equal(answer_nets(a, LEG_A, "0 101", "", &net), 0);
	c = f->c = phone_new(f, "127.0.0.2");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(sendto(c->fd, bad[i], sizeof(bad[i]), 0,
				   &a->to.u.sa, a->to.len) > 0);
	phone_say(a, 0x11);
	listen_more(a, 10);
	assert_int_equal(c->n, 0);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->stats.n_received, 1);
	assert_int_equal(f->stats.n_dropped, ARRAY_SIZE(bad));
}


static void test_hold_and_back(void **state)
{
	static const char *const holds[] = {"a=sendonly\r\n",
					    "a=inactive\r\n"};
	static const char *const answers[] = {"a=recvonly\r\n",
					      "a=inactive\r\n"};
	struct fixture *f = *state;
	struct phone *a = f->a, *b = f->b;

	assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(b, LEG_B, "0 101", ""), 0);
	for (unsigned i = 0; i < 2; i++) {
		unsigned n;

		listen_more(a, 3);
		assert_int_equal(answer(a, LEG_A, "0 101", holds[i]), 0);
		assert_non_null(strstr(f->sdp, answers[i]));
		/* what was on its way arrives before b's next ones */
		listen_more(b, 2);
		n = a->n;
		listen_more(b, 15);
		assert_int_equal(a->n, n);

		assert_int_equal(answer(a, LEG_A, "0 101", ""), 0);
		assert_non_null(strstr(f->sdp, "a=sendrecv\r\n"));
	}
	listen_more(a, 3);
	assert_unbroken(a);
}


/* to hold a caller with music of one's own: we hear it and pass it on */
static void test_sendonly_is_heard(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	assert_int_equal(answer(f->a, LEG_A, "0 101", "a=sendonly\r\n"), 0);
	phone_say(f->a, 0x19);
	listen_for(f->b, 0x19);

	assert_int_equal(answer(f->a, LEG_A, "0 101", "a=inactive\r\n"), 0);
	phone_say(f->a, 0x1a);
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	phone_say(f->a, 0x1b);
	listen_for(f->b, 0x1b);
	assert_false(hears(f->b, 0, 0x1a));
}


static void test_ipv6_and_ipv4(void **state)
{
	struct fixture *f = *state;
	struct phone *c = f->c = phone_new(f, "::1");

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(answer(c, LEG_B, "8 101", ""), 0);
	assert_int_equal(sa_af(&c->to), AF_INET6);
	assert_int_equal(bridge(f, LEG_B, LEG_A), 0);
	phone_say(c, 0x91);
	listen_for(f->a, turned(CODEC_PCMA, 0x91));
	phone_say(f->a, 0x12);
	listen_for(c, turned(CODEC_PCMU, 0x12));
	assert_unbroken(c);

	/* and one leg may move from one to the other */
	assert_int_equal(answer(f->b, LEG_B, "0 101", ""), 0);
	assert_int_equal(sa_af(&f->b->to), AF_INET);
	phone_say(f->b, 0x2a);
	listen_for(f->a, 0x2a);
	assert_unbroken(f->a);
}


static bool two_digits(struct fixture *f)
{
	return f->n_digits >= 2;
}


static void test_keys(void **state)
{
	struct fixture *f = *state;
	struct phone *a = f->a, *b = f->b;
	unsigned n, n_events = 0;
	uint32_t ts = 0;

	talk(f, "0 101", "0 101");
	n = b->n;
	for (uint16_t i = 1; i <= 6; i++)
		phone_key(a, a->ts, 11, i > 3, (uint16_t)(160 * i));
	a->ts += 1600;
	for (int i = 0; i < 3; i++)
		phone_key(a, a->ts, 5, true, 800);
	run_until(f, two_digits);
	phone_say(a, 0x15);
	listen_for(b, 0x15);

	assert_int_equal(f->n_digits, 2);
	assert_int_equal(f->digit[0].leg, LEG_A);
	assert_int_equal(f->digit[0].code, 11);
	assert_int_equal(f->digit[1].code, 5);

	/* b hears all nine packets, each key at one time */
	for (unsigned i = n; i < b->n; i++) {
		if (b->v[i].pt != EVENT)
			continue;
		if (++n_events == 1)
			ts = b->v[i].ts;
		assert_int_equal(b->v[i].ts, n_events <= 6 ? ts : ts + 1600);
		assert_int_equal(b->v[i].n, 4);
	}
	assert_int_equal(n_events, 9);
	assert_unbroken(b);
}


static void test_keys_for_who_has_none(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0");
	phone_key(f->a, f->a->ts, 1, true, 800);
	f->a->ts += 1600;
	phone_key(f->a, f->a->ts, 2, true, 800);
	run_until(f, two_digits);
	phone_say(f->a, 0x15);
	listen_for(f->b, 0x15);
	for (unsigned i = 0; i < f->b->n; i++)
		assert_int_equal(f->b->v[i].pt, 0);
}


static void test_offer_and_accept(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_open open = {
		.leg = LEG_B, .like = LEG_A, .family = 4,
	};
	const struct wire_leg leg = {.leg = LEG_B};
	char text[1024], first[LIMIT_SDP];

	assert_int_equal(answer(f->a, LEG_A, "8 101", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), 0);
	assert_non_null(strstr(f->sdp, "RTP/AVP 8 0 101\r\n"));
	assert_non_null(strstr(f->sdp, "a=fmtp:101 0-15\r\n"));
	sdp_target(f, f->b);
	str_ncpy(first, f->sdp, sizeof(first));

	/* asked again, the same offer */
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), 0);
	assert_string_equal(f->sdp, first);

	/* nothing is heard from it before its answer */
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	phone_say(f->b, 0x71);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->b, "0 101", "", text, sizeof(text))),
			 0);
	assert_int_equal(f->type, WIRE_DONE);
	f->b->pt = 0;
	phone_say(f->b, 0x91);
	listen_for(f->a, turned(CODEC_PCMU, 0x91));
	assert_false(hears(f->a, 0, turned(CODEC_PCMU, 0x71)));
	phone_say(f->a, 0x12);
	listen_for(f->b, turned(CODEC_PCMA, 0x12));

	/* repeated, it is no harm */
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->b, "0 101", "", text, sizeof(text))),
			 0);
}


static void test_accept_refused(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_open open = {.leg = LEG_B, .family = 4};
	const struct wire_leg leg = {.leg = LEG_B}, none = {.leg = 99};
	char text[1024];

	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &none, "v=0\r\n"), ENOENT);
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), 0);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg, "v=0\r\n"), EPROTO);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg, NULL), EPROTO);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->b, "9", "", text, sizeof(text))),
			 ENOTSUP);
	f->c = phone_new(f, "::1");
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT, &leg,
			     sdp_of(f->c, "0", "", text, sizeof(text))),
			 ENOTSUP);
	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_ACCEPT,
			     &(struct wire_leg){.leg = LEG_A},
			     sdp_of(f->a, "0", "", text, sizeof(text))),
			 EPROTO);
}


static void test_refusals(void **state)
{
	const struct wire_addr odd = {.family = 4, .bits = 77};
	struct wire_leg_open open = {.leg = LEG_A};
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "9", ""), ENOTSUP);
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, "hello"), EPROTO);
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, NULL), EPROTO);
	assert_int_equal(answer_nets(f->a, LEG_A, "0", "", &odd), EINVAL);
	open.n_nets = WIRE_NETS + 1;
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, "v=0\r\n"), EINVAL);
	open = (struct wire_leg_open){.leg = 0, .family = 4};
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), EINVAL);
	open = (struct wire_leg_open){.leg = LEG_A, .family = 5};
	assert_int_equal(ask(f, WIRE_LEG_OFFER, &open, NULL), EINVAL);

	/* none of it left a leg behind */
	assert_int_equal(play(f, LEG_A, "hold", NULL, true), ENOENT);
	assert_int_equal(bridge(f, LEG_A, LEG_B), ENOENT);
	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_A), EINVAL);
	assert_int_equal(bridge(f, LEG_A, LEG_B), ENOENT);
}


static void test_play_that_makes_no_sense(void **state)
{
	struct fixture *f = *state;
	struct wire_leg_play msg = {.leg = LEG_A, .n_prompts = 200};

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), EINVAL);
	msg.n_prompts = 1;
	memset(msg.language, 'e', sizeof(msg.language));
	memset(msg.prompt, 'x', sizeof(msg.prompt));
	assert_int_equal(ask(f, WIRE_LEG_PLAY, &msg, NULL), 0);
	assert_int_equal(play(f, LEG_A, "../en/hold", NULL, true), 0);
	listen_more(f->a, 5);
	assert_true(abs(level(f->a, f->a->n - 1)) < 80);
	assert_int_equal(play(f, LEG_A, NULL, NULL, false), 0);
}


/* a refused re-offer leaves the talk as it was */
static void test_refused_reoffer(void **state)
{
	struct fixture *f = *state;
	const struct wire_leg_open open = {.leg = LEG_A};

	talk(f, "0 101", "0 101");
	assert_int_equal(answer(f->a, LEG_A, "9", ""), ENOTSUP);
	assert_int_equal(ask(f, WIRE_LEG_ANSWER, &open, "v=0"), EPROTO);
	phone_say(f->a, 0x19);
	listen_for(f->b, 0x19);
	phone_say(f->b, 0x29);
	listen_for(f->a, 0x29);
}


static void test_same_answer_twice(void **state)
{
	struct fixture *f = *state;
	char first[LIMIT_SDP];

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	str_ncpy(first, f->sdp, sizeof(first));
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_string_equal(f->sdp, first);
}


/* two legs sent to each other's ports would never be silent again */
static void test_not_to_ourselves(void **state)
{
	struct fixture *f = *state;
	struct phone liar;

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	liar = *f->a;
	liar.addr = f->a->to;
	assert_int_equal(answer(&liar, LEG_B, "0", ""), ENOTSUP);
}


/* nor by a port that becomes ours only after it was named */
static void test_not_latched_to_ourselves(void **state)
{
	struct fixture *f = *state;
	struct phone liar;

	assert_int_equal(answer(f->a, LEG_A, "0", ""), 0);
	liar = *f->a;
	liar.addr = f->a->to;
	sa_set_port(&liar.addr, sa_port(&f->a->to) ^ 2);
	assert_int_equal(answer(&liar, LEG_A, "0", ""), 0);

	/* the only port left is the one that leg A now sends to */
	assert_int_equal(answer(f->b, LEG_B, "0", ""), 0);
	assert_true(sa_cmp(&f->b->to, &liar.addr, SA_ALL));
	listen_more(f->b, 10);
	assert_int_equal(close_leg(f, LEG_B), 0);
	assert_int_equal(f->stats.n_received, 0);
	assert_true(f->stats.n_dropped > 0);
}


/* the process was held up: a few frames at once, then it goes on in time */
static void test_held_up(void **state)
{
	const struct timespec held = {.tv_nsec = 500000000};
	struct fixture *f = *state;
	struct phone *a = f->a;
	unsigned gaps = 0;

	assert_int_equal(answer(a, LEG_A, "0", ""), 0);
	listen_more(a, 3);
	(void)nanosleep(&held, NULL);
	listen_more(a, 10);
	assert_unbroken(a);
	for (unsigned i = 1; i < a->n; i++)
		gaps += a->v[i].ts - a->v[i - 1].ts > 10 * CODEC_FRAME;
	assert_true(gaps >= 1);
}


static void test_no_port_left(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, 1, "0", ""), 0);
	assert_int_equal(answer(f->a, 2, "0", ""), 0);
	assert_int_equal(answer(f->a, 3, "0", ""), ENOSPC);
	assert_int_equal(close_leg(f, 1), 0);
	assert_int_equal(answer(f->a, 3, "0", ""), 0);
}


static void test_close_is_repeatable(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_LEG_STATS);
	assert_int_equal(f->stats.leg, LEG_A);
	assert_int_equal(close_leg(f, LEG_A), 0);
	assert_int_equal(f->type, WIRE_DONE);

	/* who stays hears noise */
	listen_more(f->b, 10);
	assert_true(abs(level(f->b, f->b->n - 1)) < 80);
}


static void test_bridge_to_a_third(void **state)
{
	struct fixture *f = *state;
	struct phone *c = f->c = phone_new(f, "127.0.0.1");

	talk(f, "0 101", "0 101");
	assert_int_equal(bridge(f, LEG_B, LEG_A), 0);
	assert_int_equal(answer(c, 3, "0 101", ""), 0);
	assert_int_equal(bridge(f, LEG_A, 3), 0);
	phone_say(f->a, 0x17);
	listen_for(c, 0x17);
	phone_say(f->b, 0x27);
	phone_say(c, 0x37);
	listen_for(f->a, 0x37);
	assert_false(hears(f->b, 0, 0x17));
	assert_false(hears(f->a, 0, 0x27));
	assert_unbroken(f->a);
}


static void test_the_talk_goes_on(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	f->conn = mem_deref(f->conn);
	for (uint8_t i = 0; i < 10; i++) {
		phone_say(f->a, (uint8_t)(0x60 + i));
		listen_for(f->b, (uint8_t)(0x60 + i));
		phone_key(f->a, f->a->ts, 1, true, 160);
		f->a->ts += 160;
	}

	line_connect(f);
	assert_int_equal(reset(f), 0);
	assert_int_equal(play(f, LEG_A, "hold", NULL, true), ENOENT);
	assert_int_equal(reset(f), 0);
	assert_int_equal(f->n_digits, 0);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_greeting_then_hold),
		T(test_noise_after_the_prompt),
		T(test_missing_prompt),
		T(test_played),
		T(test_languages),
		T(test_not_played),
		T(test_played_on_hold),
		T(test_talk_both_ways),
		T(test_from_one_codec_to_the_other),
		T(test_other_frame_lengths),
		T(test_one_stream_through_all),
		T(test_stripped),
		T(test_new_source_numbers),
		T(test_strangers_are_never_heard),
		T(test_another_port_of_the_peer),
		T(test_latching),
		T(test_garbage_does_not_latch),
		T(test_hold_and_back),
		T(test_sendonly_is_heard),
		T(test_ipv6_and_ipv4),
		T(test_keys),
		T(test_keys_for_who_has_none),
		T(test_offer_and_accept),
		T(test_accept_refused),
		T(test_refusals),
		T(test_play_that_makes_no_sense),
		T(test_refused_reoffer),
		T(test_same_answer_twice),
		T(test_not_to_ourselves),
		cmocka_unit_test_setup_teardown(test_not_latched_to_ourselves,
						setup_two_ports, teardown),
		T(test_held_up),
		cmocka_unit_test_setup_teardown(test_no_port_left,
						setup_two_ports, teardown),
		T(test_close_is_repeatable),
		T(test_bridge_to_a_third),
		T(test_the_talk_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
