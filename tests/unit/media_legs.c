/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_legs.c  Legs come and go, also when memory is short.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "media/media.h"
#include "oom.h"
#include "tmpdir.h"


enum { LEG_A = 1, LEG_B = 2, LEG_C = 3 };

#define SDP(port)                                                             \
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"    \
	"t=0 0\r\nm=audio " port " RTP/AVP 0 101\r\n"                         \
	"a=rtpmap:101 telephone-event/8000\r\n"

static const char sdp[] = SDP("6000");
static const char sdp_moved[] = SDP("6002");

static const struct config cfg = {
	.n_media = 1,
	.media = {{"127.0.0.1", 25000, 25999}},
};


static int answer(struct media *m, const char *text)
{
	const struct wire_leg_open open = {.leg = LEG_A};
	struct mbuf *mb;
	int err;

	err = media_answer(m, &open, (const uint8_t *)text, strlen(text), &mb);
	if (!err)
		mem_deref(mb);

	return err;
}


static int offer(struct media *m, uint64_t id)
{
	const struct wire_leg_open open = {
		.leg = id, .like = LEG_A, .family = 4,
	};
	struct mbuf *mb;
	int err;

	err = media_offer(m, &open, &mb);
	if (!err)
		mem_deref(mb);

	return err;
}


static int call(struct media *m)
{
	const struct wire_leg_play play = {.leg = LEG_A};
	const struct wire_leg_record record = {.leg = LEG_A, .name = 1,
					       .public = {9}};
	const struct wire_leg_hear hear = {
		.leg = LEG_A, .from = {LEG_B, LEG_C}, .n = 2,
	};
	const struct wire_leg_send_key key = {.leg = LEG_A, .code = 1};
	struct wire_leg_stats stats;
	int err;

	err = answer(m, sdp);
	if (!err)
		err = media_play(m, &play);
	if (!err)
		err = media_record(m, &record);
	if (!err)
		err = media_send_key(m, &key);
	if (!err)
		err = media_stop(m, LEG_A);
	if (!err)
		err = offer(m, LEG_B);
	if (!err)
		err = media_accept(m, LEG_B, (const uint8_t *)sdp,
				   strlen(sdp));
	if (!err)
		err = media_bridge(m, LEG_A, LEG_B);
	if (!err)
		err = offer(m, LEG_C);
	if (!err)
		err = media_hear(m, &hear);
	if (!err)
		err = answer(m, sdp_moved);
	if (!err)
		err = media_close(m, LEG_A, &stats);

	return err;
}


static int life(void *arg)
{
	struct prompts *prompts = NULL;
	struct media *m = NULL;
	int err;
	(void)arg;

	err = prompts_alloc(&prompts, NULL, 0);
	if (!err)
		err = media_alloc(&m, &cfg, prompts, NULL, NULL);
	if (!err)
		err = call(m);
	mem_deref(m);
	mem_deref(prompts);

	return err;
}


static void test_oom(void **state)
{
	(void)state;

	assert_true(oom_loop(life, NULL) >= 20);
}


/* a refused new leg leaves nothing; a refused old one stays */
static void test_counts(void **state)
{
	struct prompts *prompts;
	struct media *m;
	(void)state;

	assert_int_equal(prompts_alloc(&prompts, NULL, 0), 0);
	assert_int_equal(media_alloc(&m, &cfg, prompts, NULL, NULL), 0);
	assert_int_equal(answer(m, "v=0\r\n"), EPROTO);
	assert_int_equal(media_count(m), 0);
	assert_int_equal(answer(m, sdp), 0);
	assert_int_equal(answer(m, "v=0\r\n"), EPROTO);
	assert_int_equal(media_count(m), 1);
	assert_int_equal(offer(m, LEG_B), 0);
	assert_int_equal(media_count(m), 2);
	media_reset(m);
	assert_int_equal(media_count(m), 0);
	assert_int_equal(call(m), 0);
	mem_deref(m);
	mem_deref(prompts);
}


static void test_wrong_address(void **state)
{
	const struct config wrong = {
		.n_media = 1,
		.media = {{"192.0.2.1", 25000, 25999}},
	};
	struct prompts *prompts;
	struct media *m;
	(void)state;

	assert_int_equal(prompts_alloc(&prompts, NULL, 0), 0);
	assert_int_equal(media_alloc(&m, &wrong, prompts, NULL, NULL),
			 EADDRNOTAVAIL);
	mem_deref(prompts);
}


/* nothing is said, so nothing is left on disk but the folder */
static int go_there(void **state)
{
	static char dir[TMPDIR_SIZE];

	tmpdir_make(dir, "legs");
	*state = dir;

	return chdir(dir);
}


static int come_back(void **state)
{
	(void)rmdir("messages");
	if (chdir("/"))
		return -1;
	tmpdir_remove(*state);

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oom),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_wrong_address),
	};
	int n;

	if (libre_init())
		return 1;
	log_level_set(LOG_ERROR);
	n = cmocka_run_group_tests(tests, go_there, come_back);
	libre_close();

	return n;
}
