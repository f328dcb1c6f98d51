/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_bench.c  The media server over a real unix socket, and real phones on
 * loopback. Must not know what is tested.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "media_bench.h"
#include "loopback.h"
#include "wavfile.h"


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


void run_until(struct fixture *f, until_h *until)
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
		.from = from, .ms = tmr_jiffies(),
	};
	memcpy(p->v[p->n - 1].event, pkt.payload,
	       pkt.n < 4 ? pkt.n : 4);
	progress(p->f);
}


struct phone *phone_new(struct fixture *f, const char *host)
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


void phone_free(struct phone *p)
{
	if (!p)
		return;
	fd_close(p->fd);
	(void)close(p->fd);
	free(p);
}


void phone_send_raw(struct phone *p, const struct rtp_packet *pkt,
		    const uint8_t *payload)
{
	uint8_t buf[LIMIT_RTP];

	assert_int_equal(rtp_packet_head(buf, pkt), 0);
	memcpy(buf + RTP_HEAD, payload, pkt->n);
	assert_true(sendto(p->fd, buf, RTP_HEAD + pkt->n, 0, &p->to.u.sa,
			   p->to.len) > 0);
}


/* one frame of one value */
void phone_say_n(struct phone *p, uint8_t value, size_t n)
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


void phone_say(struct phone *p, uint8_t value)
{
	phone_say_n(p, value, CODEC_FRAME);
}


void phone_talk(struct phone *p, const uint8_t frame[CODEC_FRAME])
{
	const struct rtp_packet pkt = {
		.ssrc = SSRC, .seq = p->seq++, .ts = p->ts, .pt = p->pt,
		.n = CODEC_FRAME,
	};

	phone_send_raw(p, &pkt, frame);
	p->ts += CODEC_FRAME;
}


/* one packet of a key: code, "end" and how long it has been held */
void phone_key(struct phone *p, uint32_t ts, uint8_t code, bool end,
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
void listen_more(struct phone *p, unsigned n)
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
void listen_for(struct phone *p, uint8_t value)
{
	p->f->watched = p;
	p->f->wanted = value;
	run_until(p->f, heard_value);
}


bool hears(const struct phone *p, unsigned from, uint8_t value)
{
	for (unsigned i = from; i < p->n; i++) {
		if (p->v[i].first == value)
			return true;
	}

	return false;
}


/* one SSRC, sequence numbers one by one, time never back */
void assert_unbroken(const struct phone *p)
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
uint8_t turned(enum codec from, uint8_t byte)
{
	return codec_encode(from == CODEC_PCMU ? CODEC_PCMA : CODEC_PCMU,
			    codec_decode(from, byte));
}


int level(const struct phone *p, unsigned i)
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
int ask(struct fixture *f, enum wire_type type, const void *payload,
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
	else if (msg->type == WIRE_LEG_RECORDED) {
		assert_true(f->n_recorded < RECORDED);
		memcpy(&f->recorded[f->n_recorded++], msg->payload,
		       sizeof(f->recorded[0]));
	}
	else if (msg->type == WIRE_MEDIA_LEAVES) {
		++f->n_leaves;
	}
	else {
		assert_int_equal(msg->type, WIRE_LEG_DIGIT);
		assert_true(f->n_digits < DIGITS);
		memcpy(&f->digit[f->n_digits++], msg->payload,
		       sizeof(f->digit[0]));
	}
	progress(f);
}


void bench_gone(void *arg)
{
	struct fixture *f = arg;

	f->gone = true;
	progress(f);
}


static void ended(struct wire_conn *conn, void *arg)
{
	struct fixture *f = arg;
	(void)conn;

	f->closed = true;
	progress(f);
}


void line_connect(struct fixture *f)
{
	assert_int_equal(wire_connect(&f->conn, f->socket, WIRE_LINE,
				      WIRE_MEDIA, event, ended, f), 0);
}


/* the SDP of a phone, as an offer or an answer */
const char *sdp_of(const struct phone *p, const char *formats,
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
void sdp_target(const struct fixture *f, struct phone *p)
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


int answer_nets(struct phone *p, uint64_t id, const char *formats,
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


int answer(struct phone *p, uint64_t id, const char *formats,
	   const char *more)
{
	return answer_nets(p, id, formats, more, NULL);
}


int play(struct fixture *f, uint64_t id, const char *first,
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


int bridge(struct fixture *f, uint64_t a, uint64_t b)
{
	const struct wire_bridge msg = {.a = a, .b = b};

	return ask(f, WIRE_LEG_BRIDGE, &msg, NULL);
}


int close_leg(struct fixture *f, uint64_t id)
{
	const struct wire_leg msg = {.leg = id};

	return ask(f, WIRE_LEG_CLOSE, &msg, NULL);
}


int reset(struct fixture *f)
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


static int files(struct fixture *f)
{
	if (folders(f) || !getcwd(f->before, sizeof(f->before)) ||
	    chdir(f->dir))
		return -1;

	return prompt(f, "en/greeting", GREETING,
		      GREETING_FRAMES * CODEC_FRAME) ||
	       prompt(f, "en/hold", HOLD, 1234) ||
	       prompt(f, "es/bye_bye", BYE, BYE_FRAMES * CODEC_FRAME);
}


static void configure(struct fixture *f, uint16_t n_ports)
{
	(void)snprintf(f->socket, sizeof(f->socket), "%s/media.sock", f->dir);
	f->cfg.n_media = 2;
	f->cfg.media[0].low = 24000;
	f->cfg.media[0].high = (uint16_t)(24000 + 2 * n_ports - 1);
	loopback_own(f->cfg.media[0].host, sizeof(f->cfg.media[0].host));
	f->cfg.media[1] = (struct config_media){"::1", 24000, 24999};
	f->cfg.n_lines = 1;
	f->cfg.lines[0].n_languages = 1;
	str_ncpy(f->cfg.lines[0].languages[0], "en", LIMIT_LANGUAGE);
}


static int server_open(struct fixture *f)
{
	const struct prompts_place place = {"prompts", false};

	if (prompts_alloc(&f->prompts, &place, 1))
		return -1;

	return server_alloc(&f->server, f->socket, &f->cfg, f->prompts);
}


static struct fixture *fixture_new(uint16_t n_ports)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || files(f))
		return NULL;
	configure(f, n_ports);

	return f;
}


static void join(struct fixture *f)
{
	line_connect(f);
	f->a = phone_new(f, "127.0.0.1");
	f->b = phone_new(f, "127.0.0.1");
}


static int setup_ports(void **state, uint16_t n_ports)
{
	struct fixture *f = fixture_new(n_ports);

	if (!f || libre_init() || server_open(f))
		return -1;
	join(f);
	*state = f;

	return 0;
}


static void child_run(struct fixture *f, int ready)
{
	if (libre_init() || server_open(f) || write(ready, "", 1) != 1)
		_exit(1);
	(void)re_main(NULL);
	_exit(0);
}


int setup_child(void **state)
{
	struct fixture *f = fixture_new(500);
	int fds[2];
	char c;

	if (!f || pipe(fds))
		return -1;
	f->child = fork();
	if (f->child == 0)
		child_run(f, fds[1]);
	(void)close(fds[1]);
	if (f->child < 0 || read(fds[0], &c, 1) != 1 || libre_init())
		return -1;
	(void)close(fds[0]);
	join(f);
	*state = f;

	return 0;
}


void bench_kill(struct fixture *f)
{
	if (f->child > 0) {
		(void)kill(f->child, SIGKILL);
		(void)waitpid(f->child, NULL, 0);
	}
	f->child = 0;
}


int setup(void **state)
{
	return setup_ports(state, 500);
}


int setup_two_ports(void **state)
{
	return setup_ports(state, 2);
}


int teardown(void **state)
{
	struct fixture *f = *state;
	char cmd[128];

	bench_kill(f);
	tmr_cancel(&f->limit);
	phone_free(f->a);
	phone_free(f->b);
	phone_free(f->c);
	mem_deref(f->conn);
	mem_deref(f->server);
	mem_deref(f->prompts);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", f->dir);
	if (chdir(f->before) || system(cmd))
		return -1;
	free(f);
	libre_close();

	return 0;
}


/* two legs that hear each other, both latched */
void talk(struct fixture *f, const char *fa, const char *fb)
{
	assert_int_equal(answer(f->a, LEG_A, fa, ""), 0);
	assert_int_equal(answer(f->b, LEG_B, fb, ""), 0);
	assert_int_equal(bridge(f, LEG_A, LEG_B), 0);
	phone_say(f->a, 0x11);
	listen_more(f->b, 1);
	phone_say(f->b, 0x22);
	listen_more(f->a, 1);
}
