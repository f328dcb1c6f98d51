/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file media_bench.h  The media server over a real unix socket, with real
 *                      phones on loopback
 *
 * The current folder is one of the test's own.
 */
#ifndef RINGBACK_TEST_MEDIA_BENCH_H
#define RINGBACK_TEST_MEDIA_BENCH_H

#include <re.h>

#include "media/codec.h"
#include "media/rtp.h"
#include "media/server.h"
#include "wire/conn.h"

enum {
	GREETING = 8000,   /* the prompts are one value from end to end */
	HOLD     = -8000,
	BYE      = 4000,
	GREETING_FRAMES = 10,
	BYE_FRAMES = 5,
	HEARD    = 4096,
	DIGITS   = 64,
	RECORDED = 64,
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
	uint8_t event[4];
	size_t n;
	uint64_t ms; /* when */
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
	struct wire_leg_recorded recorded[RECORDED];
	unsigned n_recorded;
	unsigned n_leaves; /* MEDIA_LEAVES                 */
	bool gone;         /* bench_gone() was called      */
	char before[512]; /* the folder we came from */
	pid_t child;      /* setup_child() */
};

int setup(void **state);
int setup_two_ports(void **state);

/** The server is a process of its own, which bench_kill() kills (-9). */
int setup_child(void **state);
void bench_kill(struct fixture *f);
int teardown(void **state);

/** A handler for server_leave(). */
void bench_gone(void *arg);

/** Run the loop until so; 20 s at most. */
void run_until(struct fixture *f, until_h *until);

struct phone *phone_new(struct fixture *f, const char *host);
void phone_free(struct phone *p);
void phone_send_raw(struct phone *p, const struct rtp_packet *pkt,
		    const uint8_t *payload);

/** One packet of one value, of 20 ms or of n samples. */
void phone_say(struct phone *p, uint8_t value);
void phone_say_n(struct phone *p, uint8_t value, size_t n);

/** One packet of sound, or of a key. */
void phone_talk(struct phone *p, const uint8_t frame[CODEC_FRAME]);
void phone_key(struct phone *p, uint32_t ts, uint8_t code, bool end,
	       uint16_t span);

/** Until the phone has heard n packets more, or this value. */
void listen_more(struct phone *p, unsigned n);
void listen_for(struct phone *p, uint8_t value);

/** Did it hear that from its packet `from` on? */
bool hears(const struct phone *p, unsigned from, uint8_t value);

/** One SSRC, sequence numbers one by one, time never back. */
void assert_unbroken(const struct phone *p);

/** A byte of one codec as it arrives in the other. */
uint8_t turned(enum codec from, uint8_t byte);

/** The first sample of its packet i. */
int level(const struct phone *p, unsigned i);

/** Ask the server. @return 0, or the error of REFUSED */
int ask(struct fixture *f, enum wire_type type, const void *payload,
	const char *blob);
void line_connect(struct fixture *f);

/** The SDP of a phone, as an offer or an answer. */
const char *sdp_of(const struct phone *p, const char *formats,
		   const char *more, char *text, size_t size);

/** Send to where the server's last SDP says. */
void sdp_target(const struct fixture *f, struct phone *p);
int answer_nets(struct phone *p, uint64_t id, const char *formats,
		const char *more, const struct wire_addr *net);
int answer(struct phone *p, uint64_t id, const char *formats,
	   const char *more);
int play(struct fixture *f, uint64_t id, const char *first,
	 const char *second, bool loop);
int bridge(struct fixture *f, uint64_t a, uint64_t b);
int close_leg(struct fixture *f, uint64_t id);
int reset(struct fixture *f);

/** Two legs that hear each other, both latched. */
void talk(struct fixture *f, const char *fa, const char *fb);

#endif
