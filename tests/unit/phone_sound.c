/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone_sound.c  Keys as they leave the phone (RFC 4733): caught by a socket
 * on the loopback.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>
#include <re.h>

#include "phone/keys.h"
#include "phone/sound.h"


enum {
	EVENT_PT = 101,
	PATIENCE_MS = 20000,
	KEYS_MAX = 4,
};

/* one key, as a receiver sees it */
struct seen {
	uint8_t code;
	uint32_t ts;
	uint32_t n_begun;   /* packets before the end */
	uint32_t n_ends;
	uint16_t span;
	uint64_t at_ms;
};

struct fixture {
	struct udp_sock *us;
	struct sound *sound;
	struct tmr guard;
	struct seen seen[KEYS_MAX];
	size_t n_seen;
	size_t n_wanted;
	uint64_t started;
	uint32_t speech_ts; /* of the last packet of speech */
	uint16_t seq;
	bool any;
	bool timed_out;
};


static void guard_handler(void *arg)
{
	struct fixture *f = arg;

	f->timed_out = true;
	re_cancel();
}


static struct seen *seen_of(struct fixture *f, const struct rtp_header *hdr)
{
	struct seen *s;

	if (f->n_seen && f->seen[f->n_seen - 1].ts == hdr->ts) {
		assert_false(hdr->m);
		return &f->seen[f->n_seen - 1];
	}

	/* a new key: only after the last one's three ends, and marked */
	assert_true(hdr->m);
	if (f->n_seen)
		assert_int_equal(f->seen[f->n_seen - 1].n_ends, 3);
	assert_true(f->n_seen < KEYS_MAX);

	s = &f->seen[f->n_seen++];
	s->ts = hdr->ts;
	s->at_ms = tmr_jiffies() - f->started;

	return s;
}


static void event_seen(struct fixture *f, const struct rtp_header *hdr,
		       struct mbuf *mb)
{
	struct seen *s = seen_of(f, hdr);
	struct telev_ev {
		uint8_t code, flags;
		uint16_t span;
	} ev;

	assert_int_equal(mbuf_get_left(mb), 4);
	ev.code = mbuf_read_u8(mb);
	ev.flags = mbuf_read_u8(mb);
	ev.span = ntohs(mbuf_read_u16(mb));

	if (s->n_begun)
		assert_int_equal(ev.code, s->code);
	s->code = ev.code;
	if (ev.flags & 0x80) {
		/* all three say the same, and no less than before */
		if (s->n_ends)
			assert_int_equal(ev.span, s->span);
		++s->n_ends;
	}
	else {
		assert_int_equal(s->n_ends, 0);
		++s->n_begun;
	}
	assert_true(ev.span >= s->span);
	s->span = ev.span;

	if (f->n_seen == f->n_wanted && s->n_ends == 3)
		re_cancel();
}


static void recv_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct fixture *f = arg;
	struct rtp_header hdr;
	(void)src;

	assert_int_equal(rtp_hdr_decode(&hdr, mb), 0);
	if (f->any)
		assert_int_equal(hdr.seq, (uint16_t)(f->seq + 1));
	f->any = true;
	f->seq = hdr.seq;

	if (hdr.pt == EVENT_PT)
		event_seen(f, &hdr, mb);
	else
		f->speech_ts = hdr.ts;
}


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || libre_init())
		return -1;
	tmr_start(&f->guard, PATIENCE_MS, guard_handler, f);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	tmr_cancel(&f->guard);
	mem_deref(f->sound);
	mem_deref(f->us);
	free(f);
	libre_close();

	return 0;
}


static void run(struct fixture *f, const char *text, int event_pt)
{
	struct sound_peer peer = {
		.pt = SOUND_PCMU, .event_pt = event_pt, .send = true,
	};
	struct sound_prm prm = {.keys = NULL};
	struct sa laddr;

	assert_int_equal(sa_set_str(&laddr, "127.0.0.1", 0), 0);
	assert_int_equal(udp_listen(&f->us, &laddr, recv_handler, f), 0);
	assert_int_equal(udp_local_get(f->us, &peer.addr), 0);

	assert_int_equal(keys_decode(&prm.keys, text), 0);
	assert_int_equal(sound_alloc(&f->sound, &laddr, &prm), 0);
	mem_deref(prm.keys); /* the sound keeps its own */

	f->started = tmr_jiffies();
	assert_int_equal(sound_start(f->sound, &peer), 0);
	assert_int_equal(re_main(NULL), 0);
}


static void test_keys(void **state)
{
	static const uint8_t codes[] = {1, 10, 13};
	struct fixture *f = *state;

	f->n_wanted = 3;
	run(f, "0.1:1*,1.5:B", EVENT_PT);

	assert_false(f->timed_out);
	for (size_t i = 0; i < f->n_wanted; i++) {
		assert_int_equal(f->seen[i].code, codes[i]);
		assert_int_equal(f->seen[i].n_ends, 3);
		/* 40 ms is the shortest key that counts (RFC 4733, 2.3) */
		assert_true(f->seen[i].n_begun >= 2);
		assert_true(f->seen[i].span >= 320);
	}
	/* a key that speaks of time after its own would overlap the next */
	assert_true((int32_t)(f->seen[1].ts - f->seen[0].ts) >
		    f->seen[0].span);
	assert_true(f->seen[0].at_ms >= 100);
	assert_true(f->seen[2].at_ms >= 1500);
	assert_int_equal((f->seen[2].ts - f->seen[0].ts) / 8, 1400);
	assert_int_equal(sound_count(f->sound).n_keys, 3);
}


static void stop_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


/* nobody there understands them: none is sent, none is counted */
static void test_no_keys_agreed(void **state)
{
	struct fixture *f = *state;
	struct tmr tmr = {0};

	tmr_start(&tmr, 200, stop_handler, NULL);
	run(f, "0:1", -1);
	tmr_cancel(&tmr);

	assert_false(f->timed_out);
	assert_true(f->any);
	assert_int_equal(f->n_seen, 0);
	assert_int_equal(sound_count(f->sound).n_keys, 0);
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_keys),
		WITH(test_no_keys_agreed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
